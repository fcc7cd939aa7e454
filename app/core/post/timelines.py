"""Timelines out: chosen clips or marked ranges as OpenTimelineIO, written for every program that reads it.

Frames are whole numbers at exact rates. Each clip keeps its source timecode, the original and the proxy
as media references, and its notes as markers.
"""

import dataclasses
import os
import re
import tempfile
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, unquote

from app.core.catalog import library, logs, notes, projects
from app.core.catalog.database import Catalog
from app.core.files import publish
from app.core.model.entities import Clip, Note
from app.core.model.errors import Missing, Refused
from app.core.model.media import ClipKind, FileRole, RenditionKind
from app.core.model.timecode import rate_text
from app.core.post import output_place
from app.core.post.store import ProxyStore

FORMATS: Final = ("otio", "otioz")
_SPACE: Final = "rushes"
"""The one key that our data stands under in OTIO metadata."""
_SAFE: Final = re.compile(r"[^A-Za-z0-9._-]+")
_COLOURS: Final = {"open": "RED", "resolved": "GREEN"}


@dataclasses.dataclass(frozen=True, slots=True)
class Choice:
    """One clip, or a range of it, for a timeline. Frames from 0, end exclusive."""

    clip_id: str
    start: int | None = None
    end: int | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Exported:
    """What was written, and what was left out."""

    path: Path
    clips: int
    markers: int
    left_out: tuple[str, ...]


class Timelines:
    """Exports timelines."""

    def __init__(self, catalog: Catalog, store: ProxyStore) -> None:
        self._catalog = catalog
        self._store = store

    def export(
        self,
        choices: Sequence[Choice],
        out: Path,
        *,
        form: str = "otio",
        name: str = "",
        marked: bool = True,
        replace: bool = False,
    ) -> Exported:
        """Writes a timeline of these clips, one after the other.

        Args:
            choices: clips or ranges, in order; a clip without a range uses its in and out where `marked`, else the whole.
            out: the file; nothing of this name is overwritten half: it is written beside and renamed.
            form: `otio` (links) or `otioz` (with the media of the proxies, where they are ready).
            name: the timeline's name; the file's when left out.
            marked: take in and out into account.
            replace: a file of this name may be replaced; a file of a clip never is.

        Raises:
            Refused: nothing that can stand on a timeline, an unknown form, or a name that is taken.
            Missing: the folder is not there, or media for a package.
        """
        if form not in FORMATS:
            raise Refused(
                "Unknown format", f"{form!r} cannot be written yet.", subject=form, choices=FORMATS
            )
        output_place.checked(self._catalog, out, replace=replace)
        timeline, markers, left_out = self._build(choices, name or out.stem, marked=marked)
        count = sum(
            1 for track in timeline.tracks for item in track if hasattr(item, "media_references")
        )
        if form == "otioz":
            self._package(timeline, out)
        else:
            publish.atomic_write(out, str(timeline.to_json_string()).encode("utf-8"))
        return Exported(out, count, markers, tuple(left_out))

    def _build(
        self, choices: Sequence[Choice], name: str, *, marked: bool
    ) -> tuple[Any, int, list[str]]:
        otio = _otio()

        timeline = otio.schema.Timeline(name)
        video = otio.schema.Track("V1", kind=otio.schema.TrackKind.Video)
        audio = otio.schema.Track("A1", kind=otio.schema.TrackKind.Audio)
        left_out: list[str] = []
        markers = 0
        for choice in choices:
            with self._catalog.read() as reader:
                project, actor = projects.current(reader), projects.current_actor(reader)
                clip = library.get(reader, choice.clip_id, project)
                said = notes.of_clip(reader, choice.clip_id, project)
                logged = logs.of_clip(reader, choice.clip_id, project, actor)
            if (
                clip is None
                or clip.rate is None
                or not clip.frames
                or clip.kind in (ClipKind.STILL, ClipKind.DOCUMENT)
            ):
                left_out.append(clip.name if clip else choice.clip_id)
                continue
            start, end = _range(
                choice, clip, (logged.mark_in, logged.mark_out) if marked else (None, None)
            )
            item = self._item(clip, start, end, said)
            markers += len(item.markers)
            (audio if clip.kind is ClipKind.AUDIO else video).append(item)
        for track in (video, audio):
            if len(track):
                timeline.tracks.append(track)
        if not len(timeline.tracks):
            raise Refused(
                "Nothing to put on a timeline",
                "None of the chosen clips has picture or sound with a known length.",
                choices=tuple(left_out),
            )
        return timeline, markers, left_out

    def _item(self, clip: Clip, start: int, end: int, said: Sequence[Note]) -> Any:
        otio = _otio()

        rate = clip.rate or Fraction(25)
        first = _first(clip)
        available = _span(first, clip.frames or 0, rate)
        references = self._references(clip, available)
        item = otio.schema.Clip(
            name=clip.name,
            source_range=_span(first + start, end - start, rate),
            metadata={_SPACE: _metadata(clip)},
        )
        item.set_media_references(references, "DEFAULT_MEDIA")
        for note in said:
            if note.parent is None and note.start_frame < end and note.end_frame > start:
                item.markers.append(
                    _marker(note, [n for n in said if n.parent == note.id], first, rate)
                )
        return item

    def _references(self, clip: Clip, available: Any) -> dict[str, Any]:
        otio = _otio()

        references: dict[str, Any] = {}
        original = next((f for f in clip.files if f.role is FileRole.ESSENCE and f.absolute), None)
        if original is not None and original.absolute:
            references["DEFAULT_MEDIA"] = otio.schema.ExternalReference(
                target_url=url_of(Path(original.absolute)),
                available_range=available,
                metadata={_SPACE: {"volume": original.volume, "path": _safe(original.path)}},
            )
            references["DEFAULT_MEDIA"].name = _safe(Path(original.path).name)
        else:
            known = next((f for f in clip.files if f.role is FileRole.ESSENCE), None)
            references["DEFAULT_MEDIA"] = otio.schema.MissingReference(
                name=_safe(Path(known.path).name) if known else clip.name,
                available_range=available,
                metadata={
                    _SPACE: {"volume": known.volume, "path": _safe(known.path)} if known else {}
                },
            )
        proxy = self._store.file_of(clip, RenditionKind.PROXY)
        if proxy is not None:
            references["proxy"] = otio.schema.ExternalReference(
                target_url=url_of(proxy), available_range=available
            )
            references["proxy"].name = _safe(Path(original.path).name) if original else clip.name
        return references

    def _package(self, timeline: Any, out: Path) -> None:
        """A package with the proxies inside: small enough to send, whole enough to cut with."""
        otio = _otio()

        with tempfile.TemporaryDirectory(prefix="rushes-otioz-") as folder:
            for number, item in enumerate(timeline.find_clips()):
                references = dict(item.media_references())
                if "proxy" not in references:
                    raise Missing(
                        "No proxy for the package",
                        f"{item.name} has no proxy yet.",
                        subject=str(item.name),
                        todo="Wait until its proxy is made, or export .otio.",
                    )
                # Every proxy file is called alike, and a package needs names of its own for each.
                proxy = Path(unquote(str(references["proxy"].target_url).removeprefix("file://")))
                link = Path(
                    folder, f"{number + 1:04d}_{_SAFE.sub('_', str(item.name))[:100]}{proxy.suffix}"
                )
                link.symlink_to(proxy)
                references["proxy"].target_url = url_of(link)
                item.set_media_references({"DEFAULT_MEDIA": references["proxy"]}, "DEFAULT_MEDIA")
            temporary = out.with_name(f".{out.stem[:100]}.{os.getpid()}.otioz")
            try:
                otio.adapters.write_to_file(timeline, str(temporary))
                publish.publish_file(temporary, out)
            finally:
                temporary.unlink(missing_ok=True)


def _otio() -> Any:
    """The library, which publishes no types; imported when a timeline is written, not before."""
    import opentimelineio

    return opentimelineio


def _range(choice: Choice, clip: Clip, logged: tuple[int | None, int | None]) -> tuple[int, int]:
    frames = clip.frames or 0
    start = (
        choice.start
        if choice.start is not None
        else logged[0]
        if choice.end is None and logged[0] is not None
        else 0
    )
    end = (
        choice.end
        if choice.end is not None
        else logged[1]
        if choice.start is None and logged[1] is not None
        else frames
    )
    if not 0 <= start < end <= frames:
        raise Refused(
            "Outside the media",
            f"{clip.name}: frames {start} to {end} do not lie within its {frames}.",
            subject=clip.name,
        )
    return start, end


def _first(clip: Clip) -> int:
    """The source time of the first frame at the clip's own rate: timecode where there is one."""
    if clip.kind is ClipKind.AUDIO and clip.rate and clip.label_rate:
        return int(Fraction(clip.start_frame or 0) / clip.label_rate * clip.rate)
    return clip.start_frame or 0


def _span(start: int, frames: int, rate: Fraction) -> Any:
    otio = _otio()

    # OTIO holds rates as doubles; whole frames stay whole.
    return otio.opentime.TimeRange(
        otio.opentime.RationalTime(start, float(rate)),
        otio.opentime.RationalTime(frames, float(rate)),
    )


def _metadata(clip: Clip) -> dict[str, Any]:
    return {
        key: value
        for key, value in {
            "clip": clip.id,
            "content": clip.hash,
            "reel": clip.reel,
            "camera": clip.camera,
            "scene": clip.scene,
            "take": clip.take,
            "rate": rate_text(clip.rate) if clip.rate else None,
            "drop": clip.drop,
            "start": clip.timebase.label(clip.start_frame)
            if clip.start_frame is not None
            else None,
        }.items()
        if value is not None
    }


def _marker(note: Note, replies: Sequence[Note], first: int, rate: Fraction) -> Any:
    otio = _otio()

    text = "\n".join([note.text, *(f"{reply.author_name}: {reply.text}" for reply in replies)])
    return otio.schema.Marker(
        name=note.text.splitlines()[0][:80],
        marked_range=_span(first + note.start_frame, note.end_frame - note.start_frame, rate),
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
