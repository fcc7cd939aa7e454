"""What the speech worker and its client say to each other: one JSON object a line, each way.

A request is `{"op", "paths", ...}`; the answer is `{"ok": ...}` or `{"error": {"title", "message"}}`.
Lists instead of named fields where there are many of a kind. Reading checks every type: what comes
from the worker is data from a process that may have gone wrong.
"""

import json
from collections.abc import Mapping, Sequence
from typing import cast

from app.core.model.errors import BadData
from app.core.post.channels import ChannelKind, HeardChannel, Span, Utterance
from app.core.post.speech_engine import Chunk, Passage, SpokenWord

Json = Mapping[str, object]


def written(message: Json) -> str:
    """One line, without the line end."""
    return json.dumps(message, ensure_ascii=True, separators=(",", ":"))


def read(line: str) -> Json:
    """The object of a line.

    Raises:
        BadData: it is none.
    """
    try:
        value = cast("object", json.loads(line))
    except (ValueError, RecursionError) as error:
        raise BadData(
            "Not a message", "The speech worker and Rushes do not understand each other."
        ) from error
    if not isinstance(value, dict):
        raise BadData("Not a message", "The speech worker and Rushes do not understand each other.")
    return cast("Json", value)


def span_list(spans: Sequence[Span]) -> list[list[int]]:
    """Spans as JSON."""
    return [[start, end] for start, end in spans]


def spans_from(value: object) -> tuple[Span, ...]:
    """Spans from JSON."""
    return tuple((int(start), int(end)) for start, end in cast("list[list[int]]", value))


def chunk_json(chunk: Chunk) -> Json:
    """A chunk as JSON."""
    return {
        "channel": chunk.channel,
        "pieces": span_list(chunk.pieces),
        "language": chunk.language,
        "hint": chunk.hint,
        "beam": chunk.beam,
    }


def chunk_from(value: object) -> Chunk:
    """A chunk from JSON."""
    fields = cast("Json", value)
    return Chunk(
        channel=int(str(fields["channel"])),
        pieces=spans_from(fields["pieces"]),
        language=str(fields["language"]),
        hint=str(fields["hint"]),
        beam=int(str(fields["beam"])),
    )


def channel_json(channel: HeardChannel) -> Json:
    """A classified channel as JSON."""
    return {
        "kind": channel.kind.value,
        "level": channel.level,
        "clipped": channel.clipped,
        "source": channel.source,
        "utterances": [
            [each.start, each.end, list(each.heard_from)] for each in channel.utterances
        ],
    }


def channel_from(value: object) -> HeardChannel:
    """A classified channel from JSON."""
    fields = cast("Json", value)
    utterances = cast("list[tuple[int, int, list[int]]]", fields["utterances"])
    return HeardChannel(
        kind=ChannelKind(str(fields["kind"])),
        level=int(str(fields["level"])),
        clipped=fields["clipped"] is True,
        source=int(str(fields["source"])),
        utterances=tuple(
            Utterance(int(start), int(end), tuple(map(int, sources)))
            for start, end, sources in utterances
        ),
    )


def passage_json(passage: Passage) -> Json:
    """A passage as JSON."""
    return {
        "logprob": passage.logprob,
        "silence": passage.silence,
        "ratio": passage.ratio,
        "words": [[w.start, w.end, w.permille, w.text, list(w.levels)] for w in passage.words],
    }


def passage_from(value: object) -> Passage:
    """A passage from JSON."""
    fields = cast("Json", value)
    words = cast("list[tuple[int, int, int, str, list[int]]]", fields["words"])
    return Passage(
        words=tuple(
            SpokenWord(int(start), int(end), int(permille), str(text), tuple(map(int, levels)))
            for start, end, permille, text, levels in words
        ),
        logprob=int(str(fields["logprob"])),
        silence=int(str(fields["silence"])),
        ratio=int(str(fields["ratio"])),
    )
