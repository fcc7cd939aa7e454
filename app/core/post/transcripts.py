"""What was said: made by the speech model in a child, put right by people, read with both together.

A transcript is stored part by part while it is made, and what the model has answered is kept with it, so
that a run which was cut off goes on. The clip in hand goes first: another one stands aside for it.
"""

import dataclasses
import functools
import logging
import threading
from collections.abc import Sequence
from typing import Final

from app.core.catalog import library, projects, renditions
from app.core.catalog import transcripts as rows
from app.core.catalog.database import Catalog
from app.core.catalog.events import Draft
from app.core.catalog.rows import Reader, Tx
from app.core.catalog.speaking import Here, Speaker
from app.core.model.entities import Clip, Project, Transcript
from app.core.model.errors import Cancelled, Refused
from app.core.model.events import Entity, Kind
from app.core.model.ids import new_id
from app.core.platform import clock, preferences
from app.core.platform.pacing import SECOND
from app.core.post import speech_run, transcribe
from app.core.post.corrections import Correction, apply_corrections
from app.core.post.material import material_of
from app.core.post.models.store import Located, ModelStore, open_store
from app.core.post.speech_client import SpeechWorker
from app.core.post.speech_first import FirstWords
from app.core.post.speech_memory import SpeechMemory
from app.core.post.speech_run import Shown, SpeechRun
from app.core.post.speech_turns import Turns
from app.core.post.store import ProxyStore
from app.core.post.timing import Timing
from app.core.work.recipes import MODEL, Context, Recipe, Subject

log = logging.getLogger(__name__)
_HURRY_NS: Final = 20 * SECOND
"""Decode passes stand still no longer than this for first words, whatever holds those up."""


class Transcripts(Speaker):
    """The recipe `transcribe`, reading with corrections applied, and correcting."""

    def __init__(
        self,
        catalog: Catalog,
        store: ProxyStore,
        settings: preferences.Transcripts,
        models: ModelStore | None = None,
        programs: preferences.Tools | None = None,
    ) -> None:
        super().__init__(catalog)
        self._store = store
        self._settings = settings
        self.timing = Timing(store)
        self.models = models or open_store()
        self._worker: SpeechWorker | None = None
        self._loaded: Located | None = None
        self._lock = threading.Lock()
        self._turns = Turns()
        self._hurry_ends = 0
        self.first = FirstWords(catalog, store, programs or preferences.Tools(), self._index)

    def recipes(self) -> list[Recipe]:
        """What this service derives."""
        return [
            Recipe(
                "first-words",
                "First words",
                self._due_first,
                self._run_first,
                priority=59,
                polite=True,
            ),
            Recipe(
                "transcribe",
                "Transcripts",
                self._due,
                self._run,
                version=transcribe.VERSION,
                priority=60,
                polite=True,
            ),
        ]

    def close(self) -> None:
        """Ends the speech child."""
        if self._worker is not None:
            self._worker.close()

    def hurries(self) -> bool:
        """Whether somebody waits for first words that are listened for just now: decode passes stand still meanwhile."""
        return clock.monotonic_ns() < self._hurry_ends

    def of_clip(self, clip_id: str) -> Transcript | None:
        """What was said, corrections applied; None while the clip has not been transcribed."""
        with self.catalog.read() as reader:
            return _corrected(reader, clip_id)

    def correct(
        self,
        clip_id: str,
        start: int,
        end: int,
        was: str,
        *,
        text: str | None = None,
        speaker: str | None = None,
    ) -> None:
        """A person's word over a stretch of a transcript (16 kHz samples); it survives a new run of the model."""
        if text is None and speaker is None:
            raise Refused("Nothing to correct", "Give the right words or the speaker.")

        def drafts(reader: Reader, who: Here) -> list[Draft]:
            known = rows.correction_id(reader, clip_id, start, end) or new_id()
            body = {
                "clip": clip_id,
                "start": start,
                "end": end,
                "was": was,
                "text": text,
                "speaker": speaker,
            }
            return [Draft(who.project_id, Entity.SEGMENT, known, Kind.SEGMENT_CORRECTED, body)]

        self.say(drafts, lambda tx, _: self._index(tx, clip_id))

    def _due(self, reader: Reader, limit: int, focus: Sequence[str]) -> list[Subject]:
        if not self._settings.enabled:
            return []
        ask = functools.partial(rows.due, reader, transcribe.VERSION, self._settings.model, limit)
        order = {clip: n for n, clip in enumerate(focus)}
        first = sorted(ask(only=focus), key=lambda clip: order[clip]) if focus else []
        if focus:
            self._note_hand(reader, focus[0], due=focus[0] in first)
        wanted = list(dict.fromkeys([*first, *ask()]))[:limit]
        places = renditions.names_and_volumes(reader, wanted)
        return [Subject(clip, MODEL, *places[clip]) for clip in wanted if clip in places]

    def _note_hand(self, reader: Reader, clip_id: str, *, due: bool) -> None:
        content = renditions.content_of(reader, clip_id)
        wordless = due and content is not None and not rows.has_words(reader, content)
        waits = wordless or rows.awaits_sound(reader, clip_id)
        self._turns.note_hand(clip_id if waits else "")

    def _due_first(self, reader: Reader, _limit: int, focus: Sequence[str]) -> list[Subject]:
        if not self._settings.enabled or not focus or not rows.awaits_sound(reader, focus[0]):
            return []
        clip = library.get(reader, focus[0])
        if clip is None or not clip.audio:
            return []
        (place,) = renditions.names_and_volumes(reader, [clip.id]).values()
        return [Subject(clip.id, MODEL, *place)]

    def _run_first(self, context: Context, subject: Subject) -> None:
        with context.catalog.read() as reader:
            material = material_of(reader, subject.id)
            project = projects.get(reader, projects.current(reader))
        if project is None:
            return
        with self._lock:
            self._hurry_ends = clock.monotonic_ns() + _HURRY_NS
            try:
                worker, located = self._ready(context)
                self.first.hear(
                    material,
                    _channel_names(material.clip),
                    self._options(located, project),
                    worker,
                    self._settings.model,
                    context.cancelled,
                )
            finally:
                self._hurry_ends = 0

    def _options(self, located: Located, project: Project) -> transcribe.SpeechOptions:
        languages = self._settings.languages or project.languages
        return transcribe.SpeechOptions(located.identity, languages, project.glossary)

    def _run(self, context: Context, subject: Subject) -> None:
        with context.catalog.read() as reader:
            clip = library.get(reader, subject.id)
            project = projects.get(reader, projects.current(reader))
            speech = rows.speech_of(reader, subject.id)
            if clip is None or speech is None or project is None:
                return
            kept = rows.heard(reader, clip.content_id)
            shown = Shown(
                rows.whole(reader, clip.content_id), rows.has_words(reader, clip.content_id)
            )
        path = self._store.absolute(speech)
        with self._lock:
            worker, located = self._ready(context)
            about = speech_run.about(path, located.identity, self._settings.threads)
            run = SpeechRun(
                context,
                clip,
                self._settings.model,
                SpeechMemory(worker, about, kept),
                self._turns,
                shown,
                lambda tx: self._index(tx, clip.id),
            )
            source = transcribe.SpeechSource((path,), _channel_names(clip))
            run.through(source, self._options(located, project))

    def _index(self, tx: Tx, clip_id: str) -> None:
        transcript, clip = _corrected(tx, clip_id), library.get(tx, clip_id)
        if transcript is not None and clip is not None:
            rows.index(tx, clip_id, transcript.segments, self.timing.clock(clip).frames)

    def _ready(self, context: Context) -> tuple[SpeechWorker, Located]:
        if self._worker is None or self._loaded is None:
            self._loaded = self.models.resolve(self._settings.model, context.cancelled)
            self._worker = SpeechWorker(
                self._loaded.folder, threads=self._settings.threads, readable=(self._store.root,)
            )
        if context.cancelled():
            raise Cancelled("Called off", subject=context.job.subject.name)
        return self._worker, self._loaded


def _corrected(reader: Reader, clip_id: str) -> Transcript | None:
    heard = rows.machine(reader, clip_id)
    if heard is None:
        return None
    said = [
        Correction(start, end, was, text, speaker)
        for start, end, was, text, speaker in rows.corrections(reader, clip_id)
    ]
    return (
        dataclasses.replace(heard, segments=tuple(apply_corrections(heard.segments, said)))
        if said
        else heard
    )


def _channel_names(clip: Clip) -> tuple[str | None, ...]:
    """A name for every channel of the clip, in order, as far as they are known."""
    found: list[str | None] = []
    for stream in clip.audio:
        told = [part.strip() for part in (stream.name or "").split(" / ")] if stream.name else []
        found += [told[n] if n < len(told) and told[n] else None for n in range(stream.channels)]
    return tuple(found)
