"""`MediaFacts` to JSON and back, exactly: fractions as text, nothing as a float."""

import json
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from app.core.model.media import (
    AudioStream,
    ClipKind,
    MediaFacts,
    Problem,
    StartTimecode,
    VideoStream,
)
from app.core.model.timecode import rate_text

_PLAIN = (
    "container",
    "vfr",
    "frames",
    "frames_exact",
    "reel",
    "camera",
    "scene",
    "take",
    "shot",
    "circled",
    "recorded_at",
    "clip_name",
    "closed",
    "decodable",
)
_START = ("frame", "drop", "source")
_PROBLEM = ("code", "text", "fatal")
_AUDIO = ("index", "codec", "channels", "sample_rate", "name", "bit_depth")
_VIDEO = (
    "index",
    "codec",
    "width",
    "height",
    "pix_fmt",
    "profile",
    "rotation",
    "field_order",
    "colour_range",
    "colour_matrix",
    "colour_primaries",
    "colour_transfer",
    "bit_rate",
)


def dump(facts: MediaFacts) -> str:
    """One line of JSON."""
    value: dict[str, Any] = {name: getattr(facts, name) for name in _PLAIN}
    value["kind"] = facts.kind.value
    value["duration"] = _fraction_text(facts.duration)
    value["rate"] = _fraction_text(facts.rate)
    value["video"] = (
        _pick(facts.video, _VIDEO) | {"sample_aspect": rate_text(facts.video.sample_aspect)}
        if facts.video
        else None
    )
    value["audio"] = [
        _pick(stream, _AUDIO) | {"channel_names": list(stream.channel_names)}
        for stream in facts.audio
    ]
    value["start"] = _pick(facts.start, _START) if facts.start else None
    value["problems"] = [_pick(problem, _PROBLEM) for problem in facts.problems]
    value["tags"], value["origins"] = dict(facts.tags), dict(facts.origins)
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"))


def load(text: str) -> MediaFacts:
    """Reads what `dump` wrote."""
    value: dict[str, Any] = json.loads(text)
    video: dict[str, Any] | None = value["video"]
    start: dict[str, Any] | None = value["start"]
    return MediaFacts(
        kind=ClipKind(value["kind"]),
        duration=_fraction(value["duration"]),
        rate=_fraction(value["rate"]),
        video=_video(video) if video else None,
        audio=tuple(_audio(stream) for stream in value["audio"]),
        start=StartTimecode(**start) if start else None,
        problems=tuple(Problem(**problem) for problem in value["problems"]),
        tags=value["tags"],
        origins=value["origins"],
        **{name: value[name] for name in _PLAIN},
    )


def _video(stream: Mapping[str, Any]) -> VideoStream:
    fields: dict[str, Any] = {**stream, "sample_aspect": Fraction(stream["sample_aspect"])}
    return VideoStream(**fields)


def _audio(stream: Mapping[str, Any]) -> AudioStream:
    fields: dict[str, Any] = {**stream, "channel_names": tuple(stream["channel_names"])}
    return AudioStream(**fields)


def _pick(source: object, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(source, name) for name in names}


def _fraction_text(value: Fraction | None) -> str | None:
    return None if value is None else rate_text(value)


def _fraction(text: str | None) -> Fraction | None:
    return None if text is None else Fraction(text)
