"""What ffmpeg itself sees in a file, before it is asked to decode it.

The facts of a clip come from the prober; this says under which stream numbers, from which time on
and in which orientation ffmpeg will deliver the same material.
"""

import dataclasses
import json
from collections.abc import Callable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import cast

from app.core.media import complaints, tools
from app.core.media.command import MAX_PIXELS, file_url, reading
from app.core.model.errors import BadData, Passing, RushesError
from app.core.model.names import display
from app.core.platform.processes import Finished, Limits, Sandbox, run

_LIMITS = Limits(seconds=120, cpu_seconds=60, memory_mb=4096)
_ENTRIES = (
    "stream=index,codec_type,codec_name,width,height,pix_fmt,sample_aspect_ratio,color_range,"
    "color_space,field_order,has_b_frames,time_base,start_pts,duration_ts,r_frame_rate,avg_frame_rate,nb_frames,"
    "channels,channel_layout,sample_rate:stream_disposition=attached_pic:"
    "stream_tags=timecode,reel_name:stream_side_data=rotation:format=start_time,duration"
)
_FIRST_PACKETS = "%+#60"
"""Of these it is looked whether pictures come before the one that the stream is said to start with."""


@dataclasses.dataclass(frozen=True, slots=True)
class Picture:
    """The picture stream that is shown."""

    index: int
    codec: str
    width: int
    height: int
    pix_fmt: str
    sample_aspect: Fraction
    colour_range: str | None
    colour_matrix: str | None
    field_order: str | None
    quarter_turned: bool
    """Shown upright, width and height change places."""
    time_base: Fraction
    start: Fraction
    """Seconds, on the file's own clock."""
    duration: Fraction | None
    rate: Fraction | None
    """Frames a second on average."""
    frames: int | None
    """As the container says."""
    reordered: bool
    """Whether pictures are stored in another order than they are shown."""

    @property
    def shown_size(self) -> tuple[Fraction, Fraction]:
        """Width and height upright, with square pixels of the coded height."""
        wide, high = self.width * self.sample_aspect, Fraction(self.height)
        return (high, wide) if self.quarter_turned else (wide, high)


@dataclasses.dataclass(frozen=True, slots=True)
class Sound:
    """One sound stream."""

    index: int
    codec: str
    channels: int
    layout: str
    rate: int


@dataclasses.dataclass(frozen=True, slots=True)
class Survey:
    """What ffmpeg sees in one file."""

    picture: Picture | None
    sounds: tuple[Sound, ...]
    start: Fraction
    """Where the file's clock starts: ffmpeg makes this zero."""
    duration: Fraction | None
    timecode: str | None
    reel: str | None


def survey(
    path: Path,
    ffprobe: Path,
    *,
    still: bool = False,
    cancel: Callable[[], bool] | None = None,
) -> Survey:
    """Looks into a file.

    Raises:
        BadData: ffmpeg cannot open it.
        Passing: its volume does not answer.
        Cancelled: `cancel` said so.
    """

    def asked(*words: str) -> bytes:
        options = {**reading(), "max_pixels": str(MAX_PIXELS)}
        if still:
            options |= {"f": "image2", "pattern_type": "none"}
        named = [word for name, value in options.items() for word in (f"-{name}", value)]
        done = run(
            [str(ffprobe), "-v", "error", "-of", "json", *words, *named, file_url(path)],
            limits=_LIMITS,
            sandbox=Sandbox(read=(path.absolute(),)),
            cancel=cancel,
        )
        if done.returncode != 0:
            raise tools.crashed(ffprobe, str(path), "") if done.crashed else _unreadable(path, done)
        return done.stdout

    found = _read(asked("-show_entries", _ENTRIES))
    picture = found.picture
    if picture is None or not picture.reordered:
        return found
    one = ("-select_streams", str(picture.index), "-read_intervals", _FIRST_PACKETS)
    stored = _first(asked(*one, "-show_entries", "packet=pts"), "packets", picture)
    if stored is None or stored >= picture.start:
        return found
    # A stream that begins in the middle of a group: only the decoder knows whether its first pictures show.
    shown = _first(asked(*one, "-show_entries", "frame=pts"), "frames", picture)
    if shown is None:
        return found
    return dataclasses.replace(found, picture=dataclasses.replace(picture, start=shown))


def _first(output: bytes, listed: str, picture: Picture) -> Fraction | None:
    """The earliest time among these packets or frames, in seconds."""
    report = cast("dict[str, list[dict[str, object]]]", json.loads(output or b"{}"))
    times = [_number(entry.get("pts")) for entry in report.get(listed, [])]
    known = [time for time in times if time is not None]
    return min(known) * picture.time_base if known else None


def _unreadable(path: Path, done: Finished) -> RushesError:
    said = done.stderr_tail.splitlines() or ["it took too long"]
    if complaints.is_silent(said):
        return Passing(
            "The volume does not answer",
            f"{display(path.name)} could not be read.",
            subject=str(path),
        )
    words = complaints.meaning(said) or "ffmpeg makes nothing of it."
    return BadData("Not readable", words, subject=str(path), detail=complaints.technical(said[-1:]))


def _read(output: bytes) -> Survey:
    report = cast("dict[str, object]", json.loads(output or b"{}"))
    streams = cast("list[dict[str, object]]", report.get("streams", []))
    overall = cast("dict[str, object]", report.get("format", {}))
    pictures = [_picture(s) for s in streams if s.get("codec_type") == "video" and not _cover(s)]
    sounds = [_sound(s) for s in streams if s.get("codec_type") == "audio" and s.get("channels")]
    tags = [cast("Mapping[str, str]", s.get("tags", {})) for s in streams]
    return Survey(
        picture=next((picture for picture in pictures if picture is not None), None),
        sounds=tuple(sounds),
        start=_seconds(overall.get("start_time")) or Fraction(0),
        duration=_seconds(overall.get("duration")),
        timecode=next((t["timecode"] for t in tags if "timecode" in t), None),
        reel=next((t["reel_name"] for t in tags if "reel_name" in t), None),
    )


def _cover(stream: Mapping[str, object]) -> bool:
    disposition = cast("Mapping[str, int]", stream.get("disposition", {}))
    return bool(disposition.get("attached_pic"))


def _picture(stream: Mapping[str, object]) -> Picture | None:
    width, height = _number(stream.get("width")), _number(stream.get("height"))
    if not width or not height:
        return None
    base = _ratio(stream.get("time_base")) or Fraction(1, 90000)
    turn = next(
        (
            _number(data.get("rotation")) or 0
            for data in cast("list[Mapping[str, object]]", stream.get("side_data_list", []))
        ),
        0,
    )
    return Picture(
        index=_number(stream.get("index")) or 0,
        codec=str(stream.get("codec_name", "")),
        width=width,
        height=height,
        pix_fmt=str(stream.get("pix_fmt", "")),
        sample_aspect=_ratio(stream.get("sample_aspect_ratio"), ":") or Fraction(1),
        colour_range=_word(stream.get("color_range")),
        colour_matrix=_word(stream.get("color_space")),
        field_order=_word(stream.get("field_order")),
        quarter_turned=turn % 180 != 0,
        time_base=base,
        start=(_number(stream.get("start_pts")) or 0) * base,
        duration=ticks * base if (ticks := _number(stream.get("duration_ts"))) else None,
        rate=_ratio(stream.get("avg_frame_rate")) or _ratio(stream.get("r_frame_rate")),
        frames=_number(stream.get("nb_frames")),
        reordered=bool(_number(stream.get("has_b_frames"))),
    )


def _sound(stream: Mapping[str, object]) -> Sound:
    return Sound(
        index=_number(stream.get("index")) or 0,
        codec=str(stream.get("codec_name", "")),
        channels=_number(stream.get("channels")) or 0,
        layout=str(stream.get("channel_layout", "")),
        rate=_number(stream.get("sample_rate")) or 0,
    )


def _word(value: object) -> str | None:
    return value if isinstance(value, str) and value not in ("unknown", "N/A") else None


def _number(value: object) -> int | None:
    try:
        return int(value) if isinstance(value, int | str) else None
    except ValueError:
        return None


def _ratio(value: object, mark: str = "/") -> Fraction | None:
    above, _, below = value.partition(mark) if isinstance(value, str) else ("", "", "")
    over, under = _number(above), _number(below)
    return Fraction(over, under) if over and under and over > 0 and under > 0 else None


def _seconds(value: object) -> Fraction | None:
    try:
        return Fraction(value) if isinstance(value, str) else None
    except ValueError:
        return None
