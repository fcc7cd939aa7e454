"""Asks ffprobe about one file, and reads its answer: confined, bounded, and believed with care.

It may open the file with the demuxers that fit what the file was recognised as, from the disk only, in a
sandbox that shows it nothing else. Its JSON is foreign data: any field may be missing or absurd.
"""

import dataclasses
import json
import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import cast

from app.core.media import command
from app.core.media.facts_building import LONGEST_DURATION
from app.core.model.media import AudioStream, VideoStream
from app.core.platform.processes import Finished, Limits, Sandbox, run

SECONDS = 40
LIMITS = Limits(seconds=SECONDS, cpu_seconds=30, memory_mb=3072)
ANSWER_BYTES = 4 << 20
COUNTED_BYTES = 96 << 20
"""Files up to this size are read whole to count frames where no index has them."""
LARGEST_RATE = 1_000_000

_EXACT_SOUND = ("pcm_", "flac", "alac", "wavpack")
_PATH = re.compile(r"^file:.*?: (?=[A-Z])|\[[^\]]*@ 0x[0-9a-f]+\] ", re.DOTALL)

Json = Mapping[str, object]


@dataclasses.dataclass(frozen=True, slots=True)
class Probed:
    """What ffprobe says about a file."""

    error: str = ""
    """Why it could not open it, in its words; empty where it could."""
    timed_out: bool = False
    container: str | None = None
    duration: Fraction | None = None
    video: VideoStream | None = None
    real_rate: Fraction | None = None
    """`r_frame_rate`: the lowest rate that could show every frame at its time."""
    mean_rate: Fraction | None = None
    """`avg_frame_rate`."""
    packets: int | None = None
    """Packets of the picture, where they were counted."""
    listed: int | None = None
    """Frames of the picture that the container claims."""
    audio: tuple[AudioStream, ...] = ()
    samples: int | None = None
    """Samples of the first sound stream, where its length is exact."""
    picture_only_attached: bool = False
    """The only picture is a cover."""
    timecode: str | None = None
    reel: str | None = None
    tags: Mapping[str, str] = dataclasses.field(default_factory=dict[str, str])

    @property
    def has_streams(self) -> bool:
        """True where there is anything to see or hear."""
        return self.video is not None or bool(self.audio)


def arguments(program: Path, path: Path, demuxers: Sequence[str], *, count: bool) -> list[str]:
    """The command that asks about one file.

    Args:
        program: ffprobe.
        path: the file; its name is never option, protocol or pattern.
        demuxers: the only ones that may open it.
        count: read the whole file and count its packets.
    """
    return [
        str(program),
        *("-hide_banner", "-v", "error", "-of", "json=c=1", "-show_format", "-show_streams"),
        *(["-count_packets"] if count else []),
        *("-max_alloc", str(command.MAX_ALLOCATION), "-max_pixels", str(command.MAX_PIXELS)),
        *("-protocol_whitelist", "file", "-format_whitelist", ",".join(demuxers)),
        *("-i", command.file_url(path)),
    ]


def ask(program: Path, path: Path, demuxers: Sequence[str], size: int, *, count: bool) -> Probed:
    """Asks about one file. A file that ffprobe cannot read is an answer too.

    Args:
        program: ffprobe.
        path: the file.
        demuxers: the only ones that may open it.
        size: its length: large files are not read whole.
        count: frames must be counted, for nothing lists them.

    Raises:
        Missing: ffprobe is not there.
    """
    words = arguments(program, path, demuxers, count=count and size <= COUNTED_BYTES)
    finished = _run(words, path)
    # It may have been killed for the memory of others: the file is blamed when it happens again.
    return read(_run(words, path) if finished.crashed else finished)


def _run(words: Sequence[str], path: Path) -> Finished:
    return run(words, limits=LIMITS, sandbox=Sandbox(read=(path,)), stdout_limit=ANSWER_BYTES)


def read(finished: Finished) -> Probed:
    """Reads ffprobe's answer."""
    if finished.timed_out:
        return Probed(error=f"It took longer than {SECONDS} seconds", timed_out=True)
    if finished.returncode != 0:
        return Probed(error=_reason(finished))
    try:
        document = _mapping(json.loads(finished.stdout))
    except (ValueError, RecursionError):
        return Probed(error="Its answer makes no sense")
    return _read_document(document)


def _reason(finished: Finished) -> str:
    """The last thing it said, without paths and addresses in memory."""
    lines = [line for line in finished.stderr_tail.splitlines() if line.strip()]
    if finished.returncode < 0:
        return f"ffprobe was ended by signal {-finished.returncode}"
    words = _PATH.sub("", lines[-1]).strip() if lines else f"exit code {finished.returncode}"
    return words[:200]


def _read_document(document: Json) -> Probed:
    form = _mapping(document.get("format"))
    streams = [_mapping(one) for one in _items(document.get("streams"))]
    pictures = [one for one in streams if one.get("codec_type") == "video"]
    moving = [one for one in pictures if not _flag(one, "attached_pic")]
    sounds = [one for one in streams if one.get("codec_type") == "audio"]
    shown = moving[0] if moving else None
    tags = _tags([form, *streams])
    return Probed(
        container=_text(form.get("format_name")),
        duration=_duration(form, streams),
        video=_video(shown) if shown else None,
        real_rate=_rate(shown, "r_frame_rate") if shown else None,
        mean_rate=_rate(shown, "avg_frame_rate") if shown else None,
        packets=_count(shown, "nb_read_packets") if shown else None,
        listed=_count(shown, "nb_frames") if shown else None,
        audio=tuple(_audio(one) for one in sounds),
        samples=_samples(sounds[0]) if sounds else None,
        picture_only_attached=bool(pictures) and not moving,
        timecode=tags.pop("timecode", None),
        reel=tags.pop("reel_name", None),
        tags=tags,
    )


def _mapping(value: object) -> Json:
    return cast("Json", value) if isinstance(value, dict) else {}


def _items(value: object) -> list[object]:
    return cast("list[object]", value) if isinstance(value, list) else []


def _text(value: object) -> str | None:
    return value.strip()[:1000] or None if isinstance(value, str) else None


def _number(value: object) -> int:
    if isinstance(value, int):
        return value if abs(value) < 1 << 63 else 0
    text = value.strip() if isinstance(value, str) else ""
    return int(text) if re.fullmatch(r"-?[0-9]{1,18}", text) else 0


def _count(stream: Json, name: str) -> int | None:
    return _number(stream.get(name)) or None


def _flag(stream: Json, name: str) -> bool:
    return _number(_mapping(stream.get("disposition")).get(name)) == 1


def _rate(stream: Json, name: str) -> Fraction | None:
    above, _, below = (_text(stream.get(name)) or "").partition("/")
    numbers = _number(above), _number(below)
    if numbers[0] <= 0 or numbers[1] <= 0:
        return None
    rate = Fraction(*numbers)
    return rate if rate <= LARGEST_RATE else None


def _seconds(value: object) -> Fraction | None:
    text = _text(value) or ""
    if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", text):
        return None
    seconds = Fraction(text)
    return seconds if 0 < seconds <= LONGEST_DURATION else None


def _duration(form: Json, streams: list[Json]) -> Fraction | None:
    whole = _seconds(form.get("duration"))
    single = [found for one in streams if (found := _seconds(one.get("duration")))]
    return whole or max(single, default=None)


def _tags(sources: list[Json]) -> dict[str, str]:
    """All tags by lower-case name; the first value of a name stays."""
    found: dict[str, str] = {}
    for source in sources:
        for name, value in _mapping(source.get("tags")).items():
            text = _text(value)
            if text is not None and len(found) < 200:
                found.setdefault(name.lower(), text)
    return found


def _video(stream: Json) -> VideoStream:
    tag = _text(stream.get("codec_tag_string"))
    return VideoStream(
        index=_number(stream.get("index")),
        codec=_text(stream.get("codec_name")) or (tag or "").lower(),
        width=max(0, _number(stream.get("width"))),
        height=max(0, _number(stream.get("height"))),
        pix_fmt=_text(stream.get("pix_fmt")),
        profile=_text(stream.get("profile")),
        rotation=_rotation(stream),
        sample_aspect=_aspect(stream),
        field_order=_field_order(stream),
        colour_range=_colour(stream, "color_range"),
        colour_matrix=_colour(stream, "color_space"),
        colour_primaries=_colour(stream, "color_primaries"),
        colour_transfer=_colour(stream, "color_transfer"),
        bit_rate=_count(stream, "bit_rate"),
    )


def _rotation(stream: Json) -> int:
    """Clockwise; ffprobe counts the other way round, and gives rubbish for a broken matrix."""
    for one in _items(stream.get("side_data_list")):
        turn = _mapping(one).get("rotation")
        if isinstance(turn, int) and abs(turn) <= 360 and turn % 90 == 0:
            return -turn % 360
    return 0


def _aspect(stream: Json) -> Fraction:
    across, _, down = (_text(stream.get("sample_aspect_ratio")) or "").partition(":")
    numbers = _number(across), _number(down)
    return Fraction(*numbers) if numbers[0] > 0 and numbers[1] > 0 else Fraction(1)


def _field_order(stream: Json) -> str:
    order = _text(stream.get("field_order"))
    return order if order in ("tt", "bb", "tb", "bt") else "progressive"


def _colour(stream: Json, name: str) -> str | None:
    value = _text(stream.get(name))
    return None if value in ("unknown", "unspecified", "reserved") else value


def _audio(stream: Json) -> AudioStream:
    depth = _number(stream.get("bits_per_raw_sample")) or _number(stream.get("bits_per_sample"))
    return AudioStream(
        index=_number(stream.get("index")),
        codec=_text(stream.get("codec_name")) or "",
        channels=max(0, _number(stream.get("channels"))),
        sample_rate=max(0, _number(stream.get("sample_rate"))),
        name=_text(_mapping(stream.get("tags")).get("title")),
        bit_depth=depth or None,
    )


def _samples(stream: Json) -> int | None:
    """Exact only where sound is stored sample by sample and the time base counts samples."""
    codec = _text(stream.get("codec_name")) or ""
    rate = _number(stream.get("sample_rate"))
    if not codec.startswith(_EXACT_SOUND) or _text(stream.get("time_base")) != f"1/{rate}":
        return None
    return _count(stream, "duration_ts")
