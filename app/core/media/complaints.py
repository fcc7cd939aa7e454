"""What ffmpeg complains about, in the words of the trade.

Its own lines say which function met what; they are kept as the technical detail, for a vendor's support.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Final

NO_DECODER: Final = "This ffmpeg has no decoder for it."

_MEANINGS: Final[Sequence[tuple[re.Pattern[str], str]]] = tuple(
    (re.compile(pattern, re.IGNORECASE), words)
    for pattern, words in (
        (
            r"moov atom not found",
            "The recording stops in the middle: its index (moov) is missing, as when a camera loses power or a copy breaks off.",
        ),
        (
            r"partial file|truncat|ends prematurely|end of file|packet (is )?too small|packet corrupt|overread",
            "It ends in the middle, as when a copy breaks off.",
        ),
        (
            r"(unknown|unsupported|no) (de)?coder|decoder .*not found|codec not currently supported|unsupported codec"
            r"|is not implemented|not yet implemented",
            NO_DECODER,
        ),
        (r"cannot allocate memory", "Its header promises more than any file holds."),
        (r"header|codec parameters|extradata|avcC|hvcC|sps|pps", "Its header is damaged."),
        (
            r"channel element|invalid band|aac|mp3|pcm|sample rate|exceeds limit|audio",
            "Parts of the sound are damaged.",
        ),
        (
            r"decod|conceal|MB \d|macroblock|slice|nal|reference|cabac|cavlc|vlc|bitstream|marker|frame num|mmco|poc",
            "Parts of the picture are damaged.",
        ),
        (
            r"invalid data|misdetection|could not find|no such demuxer|not allowed|whitelist|probe",
            "What it holds is not what its name and kind promise.",
        ),
        (r"timed? ?out|too long", "Decoding it did not come to an end."),
    )
)
_NAME: Final = re.compile(r"file:/.*: |file:/.*")
"""A file as ffmpeg names it: what it is called says nothing about what is in it."""
_FULL: Final = re.compile(r"no space left on device|disk quota exceeded", re.IGNORECASE)
_SILENT: Final = re.compile(
    r"input/output error|stale file handle|transport endpoint|no such device|connection timed out",
    re.IGNORECASE,
)


def meaning(lines: Iterable[str]) -> str:
    """What is wrong, in one or two sentences; "" where no line is understood."""
    found = [words for line in _unnamed(lines) for words in [_meaning(line)] if words]
    return " ".join(list(dict.fromkeys(found))[:2])


def technical(lines: Iterable[str]) -> str:
    """The first lines as ffmpeg said them, each once, on one line, without the names of files."""
    said = [line.strip() for line in _unnamed(lines) if line.strip()]
    return "; ".join(list(dict.fromkeys(said))[:3])[:300]


def is_full(lines: Iterable[str]) -> bool:
    """Whether the disk that was written to is full: nothing is wrong with the media."""
    return any(_FULL.search(line) for line in _unnamed(lines))


def is_silent(lines: Iterable[str]) -> bool:
    """Whether the disk that was read did not answer."""
    return any(_SILENT.search(line) for line in _unnamed(lines))


def _unnamed(lines: Iterable[str]) -> Iterable[str]:
    return (_NAME.sub("", line) for line in lines)


def _meaning(line: str) -> str:
    return next((words for pattern, words in _MEANINGS if pattern.search(line)), "")
