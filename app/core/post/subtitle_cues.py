"""Cuts a transcript into what fits on screen. Pure functions.

Two lines of 42 characters at most, about equally long; a clause rather than a word ends a cue; no
cue runs into the next. Where two speak at once, one cue holds a line of each; where that does not
fit, the later one waits until the earlier could be read.
"""

import dataclasses
import unicodedata
from collections.abc import Iterator, Sequence

from app.core.model.entities import Segment, Word
from app.core.post.speech_audio import SAMPLE_RATE
from app.core.post.speech_lines import joined

LINE_LENGTH = 42
"""Characters of a subtitle line: what broadcasters and streaming services agree on."""
LINES = 2
_LONGEST = 7 * SAMPLE_RATE
_SHORTEST = SAMPLE_RATE * 5 // 6
"""Samples a cue stays, if the next one leaves the time: five sixths of a second, and seven at most."""
_LETTERS_A_SECOND = 20
"""As fast as adults read subtitles."""
_DASH = "- "
"""Before each line where two speak."""
_WIDE = frozenset("WF")


@dataclasses.dataclass(frozen=True, slots=True)
class Cue:
    """What is shown at once. Times in samples."""

    start: int
    end: int
    lines: tuple[str, ...]
    speaker: str | None
    voices: tuple[str | None, ...] = ()
    """Who speaks each line, where two speak at once."""


def cues(segments: Sequence[Segment], *, named: bool = False) -> list[Cue]:
    """Segments cut into what fits on screen, in order, none running into the next.

    Args:
        segments: of a transcript.
        named: put the speaker before the words where somebody else begins to speak.
    """
    cut: list[Cue] = []
    before: str | None = None
    for each in sorted(segments, key=lambda s: (s.start, s.end)):
        name = each.speaker if named and each.speaker != before else None
        before = each.speaker
        cut += _cut(each, name)
    cut.sort(key=lambda cue: cue.start)
    cut = _one_after_the_other(cut)
    placed: list[Cue] = []
    for number, cue in enumerate(cut):
        end = min(max(cue.end, cue.start + _SHORTEST), cue.start + 2 * _LONGEST)
        later = next(
            (each.start for each in cut[number + 1 : number + 2] if each.start > cue.start), end
        )
        placed.append(dataclasses.replace(cue, end=min(end, later)))
    return placed


def _one_after_the_other(cut: Sequence[Cue]) -> list[Cue]:
    """Cues whose words overlap, so that each can be read."""
    placed: list[Cue] = []
    for cue in cut:
        before = placed[-1] if placed else None
        if before is None or cue.start >= before.start + _to_read(before):
            placed.append(cue)
        elif (both := _both(before, cue)) is not None:
            placed[-1] = both
        else:
            start = before.start + _to_read(before)
            placed.append(dataclasses.replace(cue, start=start, end=max(start, cue.end)))
    return placed


def _to_read(cue: Cue) -> int:
    """Samples that a cue needs; no more than its words take."""
    letters = sum(len(line) for line in cue.lines)
    needed = max(_SHORTEST, letters * SAMPLE_RATE // _LETTERS_A_SECOND)
    return min(needed, cue.end - cue.start)


def _both(first: Cue, second: Cue) -> Cue | None:
    """One cue with a line of each speaker; None where they are one, or it does not fit."""
    lines = (*first.lines, *second.lines)
    fits = len(lines) == LINES and all(_width(line) + len(_DASH) <= LINE_LENGTH for line in lines)
    if not fits or first.voices or first.speaker == second.speaker:
        return None
    return Cue(
        first.start,
        max(first.end, second.end),
        tuple(_DASH + line for line in lines),
        None,
        (first.speaker, second.speaker),
    )


def _cut(segment: Segment, name: str | None) -> Iterator[Cue]:
    words = list(segment.words or (Word(segment.start, segment.end, 0, segment.text),))
    if name:
        words.insert(0, Word(words[0].start, words[0].start, 0, f"{name}:"))
    words = list(_pieces(words))
    at = 0
    while at < len(words):
        size = _fitting(words[at:], segment.language)
        part = words[at : at + size]
        lines = _lines([word.text for word in part], segment.language)
        yield Cue(part[0].start, max(part[-1].end, part[0].start), tuple(lines), segment.speaker)
        at += size


def _pieces(words: Sequence[Word]) -> Iterator[Word]:
    """Words, those longer than a line cut (a segment without word times is one long word)."""
    for word in words:
        parts = _broken(word.text)
        for n, part in enumerate(parts):
            span = word.end - word.start
            start = word.start + span * n // len(parts)
            yield Word(start, word.start + span * (n + 1) // len(parts), word.permille, part)


def _broken(text: str) -> list[str]:
    parts: list[str] = []
    for word in text.split():
        parts += (
            [word[n : n + LINE_LENGTH // 2] for n in range(0, len(word), LINE_LENGTH // 2)]
            if (_width(word) > LINE_LENGTH)
            else [word]
        )
    return parts


def _fitting(words: Sequence[Word], language: str) -> int:
    """How many of the first words make the next cue: as many as fit, to the end of a clause if near."""
    size = 1
    while size < len(words) and words[size].end - words[0].start <= _LONGEST:
        if len(_lines([word.text for word in words[: size + 1]], language)) > LINES:
            break
        size += 1
    if size < len(words):
        return next(
            (n for n in range(size, size // 2, -1) if words[n - 1].text[-1:] in ",.;:?!…。、"), size
        )
    return size


def _lines(words: Sequence[str], language: str) -> list[str]:
    """Words in lines no longer than allowed; two lines are made about equally long."""
    greedy = _wrapped(words, language, LINE_LENGTH)
    if len(greedy) != LINES:
        return greedy
    narrower = (_wrapped(words, language, width) for width in range(LINE_LENGTH // 2, LINE_LENGTH))
    return next((lines for lines in narrower if len(lines) == LINES), greedy)


def _wrapped(words: Sequence[str], language: str, width: int) -> list[str]:
    lines: list[str] = []
    for word in words:
        longer = joined([lines[-1], word], language) if lines else word
        if lines and _width(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _width(text: str) -> int:
    """Columns: East Asian wide letters count twice."""
    return sum(2 if unicodedata.east_asian_width(letter) in _WIDE else 1 for letter in text)
