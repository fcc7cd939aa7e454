"""Timelines out: chosen clips or marked ranges as OpenTimelineIO, written for every program that reads it.

Frames are whole numbers at exact rates. Each clip keeps its source timecode, as a person corrected it, the
original and the proxy as media references, and its notes as markers. `string_out` lays the tracks.
"""

import dataclasses
import os
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

from app.core.catalog import library, logs, notes, output_place, projects
from app.core.catalog.database import Catalog
from app.core.catalog.rows import Reader
from app.core.files import publish
from app.core.model.entities import Clip
from app.core.model.errors import Missing, Refused
from app.core.model.media import ClipKind, RenditionKind
from app.core.post import string_out, timeline_parts
from app.core.post.store import ProxyStore
from app.core.post.timeline_items import Pick, otio, url_of
from app.core.post.timeline_parts import Part

FORMATS: Final = ("otio", "otioz")
_SAFE: Final = re.compile(r"[^A-Za-z0-9._-]+")


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
        picks, left_out = self._picks(choices, marked=marked, packaged=form == "otioz")
        timeline = string_out.timeline(picks, name or out.stem, packaged=form == "otioz")
        markers = sum(len(item.markers) for item in timeline.find_clips())
        if form == "otioz":
            self._package(timeline, out)
        else:
            publish.atomic_write(out, str(timeline.to_json_string()).encode("utf-8"))
        return Exported(out, len(picks), markers, tuple(left_out))

    def _picks(
        self, choices: Sequence[Choice], *, marked: bool, packaged: bool
    ) -> tuple[list[Pick], list[str]]:
        """(what can stand on a timeline, the names of what cannot)."""
        picks: list[Pick] = []
        left_out: list[str] = []
        for choice in choices:
            with self._catalog.read() as reader:
                project, actor = projects.current(reader), projects.current_actor(reader)
                clip = library.get(reader, choice.clip_id, project)
                said = notes.of_clip(reader, choice.clip_id, project)
                logged = logs.of_clip(reader, choice.clip_id, project, actor)
                parts = self._parts(reader, clip, packaged=packaged)
            if (
                clip is None
                or clip.rate is None
                or not clip.frames
                or clip.kind in (ClipKind.STILL, ClipKind.DOCUMENT)
                or not parts
            ):
                left_out.append(clip.name if clip else choice.clip_id)
                continue
            marks = (logged.mark_in, logged.mark_out) if marked else (None, None)
            start, end = _range(choice, clip, marks)
            proxy = self._store.file_of(clip, RenditionKind.PROXY)
            picks.append(Pick(clip, start, end, said, proxy, parts))
        if not picks:
            raise Refused(
                "Nothing to put on a timeline",
                "None of the chosen clips has picture or sound with a known length.",
                choices=tuple(left_out),
            )
        return picks, left_out

    @staticmethod
    def _parts(reader: Reader, clip: Clip | None, *, packaged: bool) -> Sequence[Part]:
        """None of them where a reference could only be wrong: it is not known which frames a file holds."""
        if clip is None:
            return ()
        return timeline_parts.whole(clip) if packaged else timeline_parts.of_clip(reader, clip)

    def _proxy_todo(self) -> str:
        with self._catalog.read() as reader:
            short = self._store.room.short(reader)
        if short is not None:
            return f"{short.words}. {short.todo} Or export .otio."
        return "Wait until its proxy is made, or export .otio."

    def _package(self, timeline: Any, out: Path) -> None:
        """A package with the proxies inside: small enough to send, whole enough to cut with."""
        with tempfile.TemporaryDirectory(prefix="rushes-otioz-") as folder:
            links: dict[str, str] = {}
            for item in timeline.find_clips():
                references = dict(item.media_references())
                if "proxy" not in references:
                    raise Missing(
                        "No proxy for the package",
                        f"{item.name} has no proxy yet.",
                        subject=str(item.name),
                        todo=self._proxy_todo(),
                    )
                proxy = str(references["proxy"].target_url)
                if proxy not in links:
                    links[proxy] = _link(proxy, Path(folder), len(links) + 1, str(item.name))
                references["proxy"].target_url = links[proxy]
                item.set_media_references({"DEFAULT_MEDIA": references["proxy"]}, "DEFAULT_MEDIA")
            temporary = out.with_name(f".{out.stem[:100]}.{os.getpid()}.otioz")
            try:
                otio().adapters.write_to_file(timeline, str(temporary))
                publish.publish_file(temporary, out)
            finally:
                temporary.unlink(missing_ok=True)


def _link(url: str, folder: Path, number: int, name: str) -> str:
    """Every proxy file is called alike, and a package needs a name of its own for each."""
    proxy = Path(unquote(url.removeprefix("file://")))
    link = folder / f"{number:04d}_{_SAFE.sub('_', name)[:100]}{proxy.suffix}"
    link.symlink_to(proxy)
    return url_of(link)


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
