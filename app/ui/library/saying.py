"""What is said in the clip in hand: read in the background, with what goes on while it is being made."""

import dataclasses
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.core.catalog import attempts
from app.core.catalog.attempts import Attempt
from app.core.model.entities import Clip, Transcript
from app.core.model.errors import Family
from app.core.model.media import ClipState, Derive
from app.core.post.subtitle_clock import Clock
from app.ui import tasks
from app.ui.inspector.detail import ClipDetail
from app.ui.inspector.panel import Inspector
from app.ui.inspector.transcript_page import Making
from app.ui.widgets.core_words import core

if TYPE_CHECKING:
    from app.ui.desk import Desk

_SOURCES = ("transcribe", "derive")
"""The recipes that words come from; the first one that failed is told of."""
_SOUND = "derive"
_WORK = ("transcribe", "first-words", _SOUND)
"""What may be going on for the words of a clip; the first that runs is told of."""


@dataclasses.dataclass(frozen=True, slots=True)
class _Read:
    transcript: Transcript | None
    clock: Clock
    failed: Attempt | None


class Saying(QObject):
    """Keeps the Transcript tab up to date."""

    def __init__(self, desk: "Desk", inspector: Inspector, parent: QObject) -> None:
        super().__init__(parent)
        self._desk = desk
        self._inspector = inspector
        self._clip: Clip | None = None
        self._failed: Attempt | None = None
        desk.jobs_changed.connect(self._show_making)
        inspector.said.retry_wanted.connect(self._retry)

    def show(self, detail: ClipDetail | None) -> None:
        """Reads and shows the words of this clip."""
        clip = detail.clip if detail else None
        if (clip and clip.id) != (self._clip and self._clip.id):
            self._failed = None
            self._inspector.show_transcript(clip, None, "")
        self._clip = clip
        if detail is None or clip is None:
            self._inspector.show_transcript(
                None, None, self.tr("Choose a clip to read what is said in it.")
            )
            return
        transcripts, catalog = self._desk.services.transcripts, self._desk.catalog

        def read() -> _Read:
            with catalog.read() as reader:
                tried = [attempts.of(reader, recipe, clip.id) for recipe in _SOURCES]
            stopped = next((one for one in tried if one is not None and one.stopped), None)
            return _Read(transcripts.of_clip(clip.id), transcripts.timing.clock(clip), stopped)

        def take(found: _Read) -> None:
            if self._clip is not None and self._clip.id == clip.id:
                self._failed = found.failed
                why = self._why_silent(detail, found.transcript)
                self._inspector.show_transcript(
                    clip, found.transcript, why, found.clock, self._making(clip)
                )

        tasks.run_query(self, read, take, key="transcript")

    def _show_making(self) -> None:
        if self._clip is not None:
            self._inspector.said.show_making(self._making(self._clip))

    def _making(self, clip: Clip) -> Making:
        services = self._desk.services
        jobs = {job.key: job for job in services.engine.jobs()}
        job = next((jobs[key] for recipe in _WORK if (key := f"{recipe}:{clip.id}") in jobs), None)
        if job is not None:
            return Making(
                runs=job.recipe.name != _SOUND,
                sound_runs=job.recipe.name == _SOUND,
                permille=min(1000, job.done * 1000 // job.total) if job.total else None,
            )
        if self._failed is not None:
            words = str(self._failed.error.get("message") or self._failed.error.get("title") or "")
            # What passes is tried for ever, unless a person called it off.
            called_off = self._failed.error.get("family") == Family.PASSING.value
            return Making(failure=core(words) or self.tr("It failed."), called_off=called_off)
        playing = services.courtesy.reason() == "playing"
        return Making(waits=self.tr("It goes on when nothing plays.") if playing else "")

    def _why_silent(self, detail: ClipDetail, found: Transcript | None) -> str:
        if found is not None and found.reached is None:
            return self.tr("The speech model heard no words.")
        if not detail.clip.audio:
            return self.tr("This clip has no sound.")
        if detail.clip.state is ClipState.OFFLINE:
            return self.tr("It is made when its volume is back.")
        if detail.derive is Derive.POSTERS:
            return self.tr("On this volume only names, facts and posters are made by themselves.")
        return self.tr("It is made in the background; you can look on meanwhile.")

    def _retry(self) -> None:
        if self._failed is not None:
            self._desk.retry(self._failed.key)
