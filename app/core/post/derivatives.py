"""Posters at once, then everything a clip needs in one decode pass, recorded when it is whole."""

import dataclasses
import os
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

from app.core.catalog import attempts, clips, renditions, unreadable
from app.core.catalog.clips import Measured, MeasuredStart
from app.core.catalog.ports import ArtifactKey
from app.core.catalog.renditions import Made
from app.core.catalog.rows import Reader, Tx
from app.core.files import hashing
from app.core.media import complaints, tools
from app.core.media.derive import EVERYTHING, Derived, DeriveJob, Source, derive
from app.core.media.frame_client import FrameWorker
from app.core.media.late_start import put_start
from app.core.media.poster import poster
from app.core.model.errors import BadData
from app.core.model.media import ClipKind, ClipState, RenditionKind
from app.core.platform import preferences, reads
from app.core.post import sound_timecode
from app.core.post.joined_speech import join_speech
from app.core.post.material import Material, material_of
from app.core.post.store import ProxyStore
from app.core.work.read_caps import ReadCaps
from app.core.work.recipes import ENCODE, QUICK, Context, Recipe, Subject

POSTER_VERSION: Final = 1
VERSION: Final = 1
"""Of the decode pass: raised when its outputs change for the same parameters."""
_PICTURES: Final = (ClipKind.VIDEO.value, ClipKind.STILL.value, ClipKind.SEQUENCE.value)
_ALL: Final = (*_PICTURES, ClipKind.AUDIO.value)
_NAMED_SIZES: Final = 5


class Derivatives:
    """The recipes `poster` and `derive`."""

    def __init__(
        self, store: ProxyStore, settings: preferences.Derivatives, programs: preferences.Tools
    ) -> None:
        self.settings = settings
        self.hold: Callable[[], bool] = lambda: False
        """Asked while a pass runs: true makes it stand still (playback, an NLE in front, pause)."""
        self.caps = ReadCaps()
        """What may be read of each volume."""
        self._store = store
        self._programs = programs
        self._worker = FrameWorker(nice=5)

    def recipes(self) -> list[Recipe]:
        """What this service derives."""
        return [
            Recipe(
                "poster",
                "Posters",
                self._due_posters,
                self._poster,
                version=POSTER_VERSION,
                priority=15,
                again=unreadable.again,
            ),
            Recipe(
                "derive",
                "Proxies",
                self._due,
                self._derive_in_room,
                version=VERSION,
                priority=50,
                polite=True,
                again=unreadable.again,
            ),
        ]

    def widths(self) -> dict[str, int]:
        """How many clips are worked on at once: several with few threads beat one with many."""
        return {ENCODE: self.settings.workers or max(1, min(4, os.cpu_count() or 1))}

    def close(self) -> None:
        """Ends the decoding child."""
        self._worker.close()

    def _params(self) -> str:
        return f"{self.settings.proxy_height}p {self.settings.preset}"

    def _due_posters(self, reader: Reader, limit: int, focus: Sequence[str]) -> list[Subject]:
        return self._subjects(
            reader, "poster", POSTER_VERSION, "", _PICTURES, "any", QUICK, limit, focus
        )

    def _due(self, reader: Reader, limit: int, focus: Sequence[str]) -> list[Subject]:
        return self._subjects(
            reader, "derive", VERSION, self._params(), _ALL, "wanted", ENCODE, limit, focus
        )

    def _subjects(
        self,
        reader: Reader,
        recipe: str,
        version: int,
        params: str,
        kinds: Sequence[str],
        policy: str,
        lane: str,
        limit: int,
        focus: Sequence[str],
    ) -> list[Subject]:
        first = (
            renditions.due(
                reader, recipe, version, params, kinds, policy=policy, limit=limit, only=focus
            )
            if focus
            else []
        )
        rest = renditions.due(reader, recipe, version, params, kinds, policy=policy, limit=limit)
        order = {clip: n for n, clip in enumerate(focus)}
        first.sort(key=lambda clip: order.get(clip, 0))
        wanted = list(dict.fromkeys([*first, *rest]))[:limit]
        places = renditions.names_and_volumes(reader, wanted)
        return [
            Subject(clip, lane, places[clip][0], places[clip][1])
            for clip in wanted
            if clip in places
        ]

    def _poster(self, context: Context, subject: Subject) -> None:
        with context.catalog.read() as reader:
            material = material_of(reader, subject.id)
        clip = material.clip
        key = ArtifactKey(clip.content_id, "poster", POSTER_VERSION)
        final = self._store.folder(key)
        facts = dataclasses.replace(material.facts, kind=clip.kind)
        with self._store.workshop() as folder:
            made = poster(
                (material.shown or material.spans)[0],
                facts,
                folder / "poster.jpg",
                worker=self._worker,
                cancel=context.cancelled,
                cap=self.caps.of(material.volume_id),
            )
            size = (folder / "poster.jpg").stat().st_size if made else 0
            if made:
                self._store.put(key, folder)
        found = [
            Made(
                RenditionKind.POSTER,
                self._store.relative(final / "poster.jpg") if made else None,
                size,
            )
        ]
        context.catalog.write(
            lambda tx: renditions.put(tx, clip.content_id, "poster", POSTER_VERSION, "", found)
        )

    def _derive_in_room(self, context: Context, subject: Subject) -> None:
        with self._store.room.kept(context.catalog, subject.id):
            self._derive(context, subject)

    def _derive(self, context: Context, subject: Subject) -> None:
        with context.catalog.read() as reader:
            material = material_of(reader, subject.id)
        clip, params = material.clip, self._params()
        cap = self.caps.of(material.volume_id)
        key = ArtifactKey(clip.content_id, "derive", VERSION, params)
        final = self._store.folder(key)
        try:
            with self._store.workshop() as folder:
                derived = derive(
                    self._job(material, None if reads.told() else _pace(material, cap.rate)),
                    folder,
                    cancel=context.cancelled,
                    hold=self.hold,
                    progress=context.progress,
                    cap=cap,
                )
                start = sound_timecode.start_of(clip, derived.channels, folder)
                if start is not None:
                    derived = self._labelled(context, material, derived, start, folder)
                speech = join_speech(
                    [channel.speech for channel in derived.channels if channel.speech], folder
                )
                made = self._made(derived, folder, final, speech)
                size = sum(one.size for one in made)
                with context.catalog.read() as reader:
                    # Before anything has its place: what does not fit goes with its folder.
                    self._store.room.leaving(reader, clip.content_id, size)
                self._store.put(key, folder)
        except BadData as error:
            if isinstance(error, tools.Crashed) and self._is_first_try(context, clip.id):
                raise
            problem = _problem(error.message, error.detail)
            found = Measured(state=ClipState.BAD, problem=problem, tried=material.place)
            context.catalog.write(lambda tx: clips.set_measured(tx, clip.id, found))
            raise

        def act(tx: Tx) -> list[str]:
            old = self._store.leaving(tx, clip.content_id, size)
            old += renditions.put(tx, clip.content_id, "derive", VERSION, params, made)
            clips.set_measured(tx, clip.id, _measured(material, derived, start))
            return old

        self._store.remove(context.catalog.write(act))

    def _is_first_try(self, context: Context, clip_id: str) -> bool:
        """Whether nothing failed yet: a decoder that dies a second time condemns the file."""
        with context.catalog.read() as reader:
            return not attempts.exists(reader, "derive", clip_id)

    def _labelled(
        self,
        context: Context,
        material: Material,
        derived: Derived,
        start: MeasuredStart,
        folder: Path,
    ) -> Derived:
        """With the start that the sound told in the proxy, where it counts."""
        with context.catalog.read() as reader:
            if not sound_timecode.counts(reader, material.clip):
                return derived
        facts = sound_timecode.with_start(material.facts, start)
        programs = tools.programs(self._programs.ffmpeg)
        return put_start(derived, facts, folder, programs, cancel=context.cancelled)

    def _job(self, material: Material, pace: Fraction | None) -> DeriveJob:
        cores = os.cpu_count() or 1
        sources = (
            Source(material.shown or material.spans),
            *(Source((path,)) for path in material.together),
        )
        return DeriveJob(
            sources,
            dataclasses.replace(material.facts, kind=material.clip.kind),
            tools.programs(self._programs.ffmpeg),
            EVERYTHING,
            self.settings.proxy_height,
            self.settings.preset,
            self.settings.hardware_encoder,
            max(1, cores // self.widths()[ENCODE]),
            pace=pace,
        )

    def _made(self, derived: Derived, folder: Path, final: Path, speech: str | None) -> list[Made]:
        found: list[Made] = []
        for one in derived.made:
            if one.kind is RenditionKind.SPEECH:
                continue
            found.append(
                Made(
                    one.kind,
                    self._store.relative(final / one.name),
                    (folder / one.name).stat().st_size,
                    hash=_hash(folder / one.name) if one.kind is RenditionKind.PROXY else None,
                    facts=_facts(one.kind, derived),
                )
            )
        if speech is not None:
            found.append(
                Made(
                    RenditionKind.SPEECH,
                    self._store.relative(final / speech),
                    (folder / speech).stat().st_size,
                )
            )
        if derived.loudness:
            found.append(
                Made(
                    RenditionKind.LOUDNESS,
                    None,
                    facts={"streams": [_loudness(entry) for entry in derived.loudness]},
                )
            )
        return found


def _measured(material: Material, derived: Derived, start: MeasuredStart | None) -> Measured:
    clip = material.clip
    exact = material.facts.frames_exact and clip.frames is not None
    counted = (
        derived.frames if clip.kind is ClipKind.VIDEO and derived.complete and not exact else None
    )
    sizes = _sizes(derived)
    if derived.complete:
        return Measured(frames=counted, problem=sizes, essence=derived.essence, start=start)
    words = f"Part of it does not decode: {_how_much(material, derived)}."
    if why := complaints.meaning(derived.first_errors):
        words = f"{words} {why}"
    if sizes:
        words = f"{words} {sizes}"
    return Measured(
        frames=counted,
        state=ClipState.DAMAGED,
        problem=_problem(words, complaints.technical(derived.first_errors)),
        essence=derived.essence,
        start=start,
    )


def _sizes(derived: Derived) -> str | None:
    """What is worth knowing of pictures that are not all alike; None where they are."""
    others = derived.other_sizes
    if not others:
        return None
    named = ", ".join(f"{wide} × {high}" for wide, high in others[:_NAMED_SIZES])
    more = len(others) - _NAMED_SIZES
    words = f"{named} and {more} more" if more > 0 else named
    return f"Its frames differ in size: {words}. The proxy shows them as large as the first."


def _how_much(material: Material, derived: Derived) -> str:
    expected = material.facts.frames
    if derived.frames is None or not expected:
        return "less than its header promises"
    if derived.frames >= expected:
        return "some of it is damaged"
    what = "samples" if material.clip.kind is ClipKind.AUDIO else "frames"
    return f"{derived.frames:,} of {expected:,} {what} decode".replace(",", "\u202f")


def _problem(words: str, detail: str) -> str:
    """What is wrong, for people; what ffmpeg said stands at the end, for a vendor's support."""
    return f"{words} (ffmpeg: {detail})" if detail else words


def _facts(kind: RenditionKind, derived: Derived) -> dict[str, Any]:
    if kind is RenditionKind.PROXY:
        parity = (
            [dataclasses.asdict(check) for check in derived.parity.checks] if derived.parity else []
        )
        return {
            "parity": parity,
            "parity_ok": derived.parity.ok if derived.parity else None,
            "size": derived.size,
            "encoder": derived.encoder,
            "deinterlaced": derived.deinterlaced,
            "frames": derived.frames,
            "errors": derived.errors,
        }
    if kind is RenditionKind.FILMSTRIP and derived.filmstrip is not None:
        return dataclasses.asdict(derived.filmstrip)
    if kind is RenditionKind.POSTER:
        return {"frame": derived.poster_frame}
    return {}


def _loudness(entry: Any) -> dict[str, Any]:
    """In tenths of a LUFS, LU and dBTP, as whole numbers."""

    def tenths(value: float | None) -> int | None:
        return None if value is None else round(value * 10)

    return {
        "stream": entry.stream,
        "integrated": tenths(entry.integrated),
        "range": tenths(entry.span),
        "true_peak": tenths(entry.true_peak),
    }


def _hash(path: Path) -> str:
    with path.open("rb", buffering=0) as stream:
        return hashing.full_hash(stream)


def _pace(material: Material, cap: int) -> Fraction | None:
    """How fast material may be read, in its own seconds a second, so that it costs at most `cap` bytes a second.

    For systems that do not tell what a child has read: it is said when the pass begins, and holds for that pass alone.
    """
    duration, size = material.facts.duration, material.size
    return Fraction(cap, size) * duration if cap and size and duration else None
