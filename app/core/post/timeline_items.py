"""What stands on a timeline: one clip's picture or sound as OpenTimelineIO has it, with media, notes and source time."""

import dataclasses
import os
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from app.core.model.entities import Audio, Clip, FilePlace, Note
from app.core.model.media import ClipKind, FileRole
from app.core.model.timecode import rate_text

_SPACE: Final = "rushes"
"""The one key that our data stands under in OTIO metadata."""
_RESOLVE: Final = "Resolve_OTIO"
"""What DaVinci Resolve writes of its own: which items move together, and which channels of the media an item plays."""
_COLOURS: Final = {"open": "RED", "resolved": "GREEN"}


@dataclasses.dataclass(frozen=True, slots=True)
class Pick:
    """A range of a clip that goes onto a timeline. Frames from 0, end exclusive; samples of sound alone."""

    clip: Clip
    start: int
    end: int
    notes: Sequence[Note]
    proxy: Path | None

    @property
    def rate(self) -> Fraction:
        """What its frames count at; whoever picks it has seen that there is one."""
        return self.clip.rate or Fraction(25)

    @property
    def seconds(self) -> Fraction:
        """How long it is, exactly."""
        return (self.end - self.start) / self.rate

    @property
    def has_picture(self) -> bool:
        """Whether it stands on a picture track."""
        return self.clip.kind is not ClipKind.AUDIO

    @property
    def sounds(self) -> int:
        """How many sound tracks it takes: one a stream."""
        return max(len(self.clip.audio), int(not self.has_picture))


def item(pick: Pick, group: int, stream: int | None, *, packaged: bool) -> Any:
    """A clip item: its picture, or one of its sound streams over the very same source range.

    Args:
        pick: what of which clip.
        group: a number that the items of one pick share, so that they stay linked.
        stream: of its sound, counted from 0; None for the picture.
        packaged: the media are proxies, which hold every stream in one file.
    """
    clip, first = pick.clip, _first(pick.clip)
    place, number = _media(clip, stream)
    made = otio().schema.Clip(
        name=clip.name,
        source_range=span(first + pick.start, pick.end - pick.start, pick.rate),
        metadata={_SPACE: _metadata(clip, stream)},
    )
    linked: dict[str, Any] = {"Link Group ID": group}
    if stream is not None and stream < len(clip.audio):
        linked["Channels"] = _channels(clip.audio[stream], stream if packaged else number)
    made.metadata[_RESOLVE] = linked
    available = span(first, clip.frames or 0, pick.rate)
    made.set_media_references(_references(pick, place, available), "DEFAULT_MEDIA")
    if stream is None or (not pick.has_picture and stream == 0):
        made.markers.extend(_markers(pick, first))
    return made


def gap(length: Fraction, rate: Fraction) -> Any:
    """Nothing for so many seconds, counted at a rate, or at a multiple of it where that gives no whole number."""
    count = length * rate
    whole = span(0, count.numerator, rate * count.denominator)
    return otio().schema.Gap(source_range=whole)


def span(start: int, frames: int, rate: Fraction) -> Any:
    """A range of whole frames."""
    times = otio().opentime
    # OTIO holds rates as doubles; whole frames stay whole.
    return times.TimeRange(
        times.RationalTime(start, float(rate)), times.RationalTime(frames, float(rate))
    )


def _media(clip: Clip, stream: int | None) -> tuple[FilePlace | None, int]:
    """(the file that holds the picture or a sound stream, the stream's number in it).

    P2 and recorders that write a file a track have each stream in a file of its own.
    """
    pictures = [f for f in clip.files if f.role is FileRole.ESSENCE]
    lead = next((f for f in pictures if f.absolute), pictures[0] if pictures else None)
    same = [f for f in clip.files if lead and (f.volume_id, f.copy) == (lead.volume_id, lead.copy)]
    parts = {f.part: f for f in reversed(same) if f.role is FileRole.AUDIO}
    beside = [parts[part] for part in sorted(parts)]
    own = len(clip.audio) - len(beside)
    if stream is not None and beside and 0 <= own <= stream < len(clip.audio):
        return beside[stream - own], 0
    return lead, stream or 0


def _references(pick: Pick, place: FilePlace | None, available: Any) -> dict[str, Any]:
    schema = otio().schema
    name = _safe(Path(place.path).name) if place else pick.clip.name
    known = {_SPACE: {"volume": place.volume, "path": _safe(place.path)} if place else {}}
    media: dict[str, Any] = {"available_range": available, "metadata": known}
    references: dict[str, Any] = {}
    if place is not None and place.absolute:
        url = url_of(Path(place.absolute))
        references["DEFAULT_MEDIA"] = schema.ExternalReference(target_url=url, **media)
        references["DEFAULT_MEDIA"].name = name
    else:
        references["DEFAULT_MEDIA"] = schema.MissingReference(name=name, **media)
    if pick.proxy is not None:
        references["proxy"] = schema.ExternalReference(
            target_url=url_of(pick.proxy), available_range=available
        )
        references["proxy"].name = name
    return references


def _channels(sound: Audio, track: int) -> list[dict[str, int]]:
    return [{"Source Channel ID": n, "Source Track ID": track} for n in range(sound.channels)]


def _first(clip: Clip) -> int:
    """The source time of the first frame at the clip's own rate: timecode, with what a person corrected, where there is one."""
    if clip.kind is not ClipKind.AUDIO or not clip.rate or not clip.label_rate:
        return clip.start_frame or 0
    first = Fraction(clip.start_frame or 0) / clip.label_rate * clip.rate
    reference = clip.tags.get("time_reference", "")
    if reference.isdigit() and clip.origins.get("start", "").startswith("bext"):
        # Recorders count samples; the label is that of the frame in which the first one lies.
        into = int(reference) / clip.rate * clip.label_rate
        first += (into - int(into)) / clip.label_rate * clip.rate
    return round(first)


def _metadata(clip: Clip, stream: int | None) -> dict[str, Any]:
    start = clip.timebase.label(clip.start_frame) if clip.start_frame is not None else None
    sound = clip.audio[stream] if stream is not None and stream < len(clip.audio) else None
    told: dict[str, Any] = {
        "clip": clip.id,
        "content": clip.hash,
        "reel": clip.reel,
        "camera": clip.camera,
        "scene": clip.scene,
        "take": clip.take,
        "rate": rate_text(clip.rate) if clip.rate else None,
        "drop": clip.drop,
        "start": start,
        "stream": stream,
        "stream_name": sound.name if sound else None,
    }
    return {key: value for key, value in told.items() if value is not None}


def _markers(pick: Pick, first: int) -> list[Any]:
    return [
        _marker(note, [n for n in pick.notes if n.parent == note.id], first, pick.rate)
        for note in pick.notes
        if note.parent is None and note.start_frame < pick.end and note.end_frame > pick.start
    ]


def _marker(note: Note, replies: Sequence[Note], first: int, rate: Fraction) -> Any:
    text = "\n".join([note.text, *(f"{reply.author_name}: {reply.text}" for reply in replies)])
    return otio().schema.Marker(
        name=note.text.splitlines()[0][:80],
        marked_range=span(first + note.start_frame, note.end_frame - note.start_frame, rate),
        color=_COLOURS.get(note.state, "RED"),
        comment=text,
        metadata={
            _SPACE: {"note": note.id, "author": note.author_name, "state": note.state, "text": text}
        },
    )


def url_of(path: Path) -> str:
    """A `file://` address, every awkward byte percent-encoded."""
    return "file://" + quote(os.fsencode(path.absolute()))


def _safe(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode()


def otio() -> Any:
    """OpenTimelineIO, which publishes no types; imported when a timeline is written, not before."""
    import opentimelineio

    return opentimelineio
