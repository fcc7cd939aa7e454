"""Single frames: that exact one of the original, or of the proxy."""

import dataclasses
from pathlib import Path

from app.core.catalog import library, output_place
from app.core.catalog.database import Catalog
from app.core.media import frame as pictures
from app.core.media.frame import FrameSource
from app.core.media.frame_client import FrameWorker
from app.core.model.entities import Clip
from app.core.model.errors import Missing, Refused
from app.core.model.media import ClipKind, MediaFacts, RenditionKind
from app.core.post.material import Material, material_of
from app.core.post.store import ProxyStore


class Frames:
    """Takes frames out of clips."""

    def __init__(self, catalog: Catalog, store: ProxyStore) -> None:
        self._catalog = catalog
        self._store = store
        self._worker: FrameWorker | None = None

    def close(self) -> None:
        """Ends the decoding child."""
        if self._worker is not None:
            self._worker.close()

    def png(
        self, clip_id: str, number: int, out: Path, *, proxy: bool = False, replace: bool = False
    ) -> None:
        """Writes frame `number` (from 0) as a full-size, upright PNG.

        Raises:
            Refused: no such frame, no picture, or a name that is taken. Missing: offline, or no proxy yet. BadData: it does not decode.
        """
        output_place.checked(self._catalog, out, replace=replace)
        with self._catalog.read() as reader:
            clip = library.get(reader, clip_id)
            material = None if proxy else material_of(reader, clip_id)
        if clip is None:
            raise Refused("Unknown clip", f"No clip has the id {clip_id!r}.", subject=clip_id)
        source, index = (
            self._of_proxy(clip, number) if material is None else _of_original(material, number)
        )
        if self._worker is None:
            self._worker = FrameWorker()
        pictures.frame_png(source, index, out, worker=self._worker)

    def _of_proxy(self, clip: Clip, number: int) -> tuple[FrameSource, int]:
        path = self._store.file_of(clip, RenditionKind.PROXY)
        if path is None:
            raise Missing(
                "No proxy yet",
                f"{clip.name} has no proxy.",
                subject=clip.name,
                todo="“rushes run --until-idle” makes it.",
            )
        kind = ClipKind.STILL if clip.kind is ClipKind.STILL else ClipKind.VIDEO
        return FrameSource(
            (path,),
            MediaFacts(
                kind=kind, rate=None if clip.vfr else clip.rate, vfr=clip.vfr, frames=clip.frames
            ),
        ), number


def _of_original(material: Material, number: int) -> tuple[FrameSource, int]:
    index = number
    if material.numbers:
        wanted = material.numbers[0] + number
        if number < 0 or wanted > material.numbers[-1]:
            raise _outside(material, number)
        if wanted not in material.numbers:
            raise Refused(
                "This frame is missing",
                f"{material.clip.name}: picture {wanted} is not there.",
                subject=material.clip.name,
                todo="With --proxy the picture before it is shown: the proxy holds it.",
            )
        index = material.numbers.index(wanted)
    elif (
        material.clip.frames is not None
        and number >= material.clip.frames
        and material.clip.kind is not ClipKind.STILL
    ):
        raise _outside(material, number)
    facts = dataclasses.replace(material.facts, kind=material.clip.kind)
    return FrameSource(material.spans, facts, material.counts), index


def _outside(material: Material, number: int) -> Refused:
    frames = material.facts.frames if material.numbers else material.clip.frames
    return Refused(
        "Outside the clip",
        f"{material.clip.name} has {frames} frames; {number} is none of them.",
        subject=material.clip.name,
    )
