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
from app.core.post.timeline_parts import Numbers, Part

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
    parts: Sequence[Part]
    """Of the whole clip, one after the other."""

    @property
    def rate(self) -> Fraction:
        """What its frames count at; whoever picks it has seen that there is one."""
        return self.clip.rate or Fraction(25)

    @property
    def seconds(self) -> Fraction:
        """How long it is, exactly."""
        return (self.end - self.start) / self.rate

    @property
    def touched(self) -> list[Part]:
        """The parts that something of the range lies in."""
        return [part for part in self.parts if part.start < self.end and part.end > self.start]

    @property
    def has_picture(self) -> bool:
        """Whether it stands on a picture track."""
        return self.clip.kind is not ClipKind.AUDIO

    @property
    def sounds(self) -> int:
        """How many sound tracks it takes: one a stream."""
        return max(len(self.clip.audio), int(not self.has_picture))


def items(pick: Pick, group: int, stream: int | None, *, packaged: bool) -> list[Any]:
    """Clip items, one for each part it touches: its picture, or one of its sound streams over the very same source ranges.

    Args:
        pick: what of which clip.
        group: the number that all items of its first part share, so that they stay linked; the next part has the next.
        stream: of its sound, counted from 0; None for the picture.
        packaged: the media are proxies, which hold every stream in one file.
    """
    touched = enumerate(pick.touched, group)
    return [_item(pick, part, number, stream, packaged=packaged) for number, part in touched]


def _item(pick: Pick, part: Part, group: int, stream: int | None, *, packaged: bool) -> Any:
    clip, first = pick.clip, _first(pick.clip)
    place, number = _media(clip, part, stream)
    start, end = max(pick.start, part.start), min(pick.end, part.end)
    made = otio().schema.Clip(
        name=clip.name,
        source_range=span(first + start, end - start, pick.rate),
        metadata={_SPACE: _metadata(clip, part, stream)},
    )
    linked: dict[str, Any] = {"Link Group ID": group}
    if stream is not None and stream < len(clip.audio):
        linked["Channels"] = _channels(clip.audio[stream], stream if packaged else number)
    made.metadata[_RESOLVE] = linked
    made.set_media_references(_references(pick, part, place, first), "DEFAULT_MEDIA")
    if stream is None or (not pick.has_picture and stream == 0):
        made.markers.extend(_markers(pick, part, first))
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


def _media(clip: Clip, part: Part, stream: int | None) -> tuple[FilePlace | None, int]:
    """(the file that holds the picture or a sound stream of a part, the stream's number in it).

    P2 and recorders that write a file a track have each stream in a file of its own.
    """
    lead = next((f for f in part.files if f.role is not FileRole.AUDIO), None)
    parts = {f.part: f for f in reversed(part.files) if f.role is FileRole.AUDIO}
    beside = [parts[n] for n in sorted(parts)]
    own = len(clip.audio) - len(beside)
    if stream is not None and beside and 0 <= own <= stream < len(clip.audio):
        return beside[stream - own], 0
    return lead, stream or 0


def _references(pick: Pick, part: Part, place: FilePlace | None, first: int) -> dict[str, Any]:
    schema = otio().schema
    name = _safe(Path(place.path).name) if place else pick.clip.name
    known = {_SPACE: {"volume": place.volume, "path": _safe(place.path)} if place else {}}
    available = span(first + part.start, part.frames, pick.rate)
    media: dict[str, Any] = {"available_range": available, "metadata": known}
    references: dict[str, Any] = {}
    pictures = pick.clip.kind is ClipKind.SEQUENCE and place in part.files[:1]
    if pictures and part.numbers:
        references["DEFAULT_MEDIA"] = _pictures(pick, part.numbers, media)
        references["DEFAULT_MEDIA"].name = name
    elif place is not None and place.absolute and not pictures:
        url = url_of(Path(place.absolute))
        references["DEFAULT_MEDIA"] = schema.ExternalReference(target_url=url, **media)
        references["DEFAULT_MEDIA"].name = name
    else:
        references["DEFAULT_MEDIA"] = schema.MissingReference(name=name, **media)
    if pick.proxy is not None:
        references["proxy"] = schema.ExternalReference(
            target_url=url_of(pick.proxy),
            available_range=span(first, pick.clip.frames or 0, pick.rate),
        )
        references["proxy"].name = name
    return references


def _pictures(pick: Pick, numbers: Numbers, media: dict[str, Any]) -> Any:
    """Numbered pictures: what stands before a missing one is held, as in the proxy."""
    kind = otio().schema.ImageSequenceReference
    policies = kind.MissingFramePolicy
    return kind(
        target_url_base=url_of(numbers.folder).rstrip("/") + "/",
        name_prefix=quote(os.fsencode(numbers.prefix)),
        name_suffix=quote(os.fsencode(numbers.suffix)),
        start_frame=numbers.first,
        frame_step=1,
        rate=float(pick.rate),
        frame_zero_padding=numbers.width,
        missing_frame_policy=policies.hold if pick.clip.gaps else policies.error,
        **media,
    )


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


def _metadata(clip: Clip, part: Part, stream: int | None) -> dict[str, Any]:
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
        "part": part.number if part.of > 1 else None,
        "parts": part.of if part.of > 1 else None,
        "stream": stream,
        "stream_name": sound.name if sound else None,
    }
    return {key: value for key, value in told.items() if value is not None}


def _markers(pick: Pick, part: Part, first: int) -> list[Any]:
    """Its notes, cut at the borders of the part: one that runs over a border stands on both sides."""
    start, end = max(pick.start, part.start), min(pick.end, part.end)
    return [
        _marker(note, [n for n in pick.notes if n.parent == note.id], part, first, pick.rate)
        for note in pick.notes
        if note.parent is None and note.start_frame < end and note.end_frame > start
    ]


def _marker(note: Note, replies: Sequence[Note], part: Part, first: int, rate: Fraction) -> Any:
    text = "\n".join([note.text, *(f"{reply.author_name}: {reply.text}" for reply in replies)])
    start, end = max(note.start_frame, part.start), min(note.end_frame, part.end)
    return otio().schema.Marker(
        name=note.text.splitlines()[0][:80],
        marked_range=span(first + start, end - start, rate),
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
