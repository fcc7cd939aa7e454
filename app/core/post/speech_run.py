"""One clip's way to its transcript: the first words where somebody waits, the parts, the whole; each stored at once."""

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path

from app.core.catalog import transcripts as rows
from app.core.catalog.rows import Tx
from app.core.model.entities import Clip
from app.core.model.errors import BadData, RushesError
from app.core.post import transcribe
from app.core.post.speech_memory import SpeechMemory
from app.core.post.speech_turns import Turns
from app.core.post.transcribe import Part, SpeechOptions, SpeechSource, TranscriptResult
from app.core.work.recipes import Context


@dataclasses.dataclass(frozen=True, slots=True)
class Shown:
    """How the clip stands in the catalog when a run begins."""

    whole: bool
    """An older transcript of all of it: it stays until the new one is whole, too."""
    words: bool


class SpeechRun:
    """Transcribes one clip, from where an earlier run was cut off."""

    def __init__(
        self,
        context: Context,
        clip: Clip,
        model: str,
        memory: SpeechMemory,
        turns: Turns,
        shown: Shown,
        index: Callable[[Tx], None],
    ) -> None:
        """Begins nothing yet.

        Args:
            context: of the job.
            clip: what is transcribed.
            model: id of the model, stored with the words.
            memory: the worker, and what it has answered before.
            turns: who goes first.
            shown: what people see of this clip now.
            index: makes the stored words findable.
        """
        self._context = context
        self._clip = clip
        self._model = model
        self._memory = memory
        self._turns = turns
        self._shown = shown
        self._index = index
        self._looks = not shown.words and turns.is_in_hand(clip.id)
        self._stands_aside = False

    def through(self, source: SpeechSource, options: SpeechOptions) -> None:
        """Listens to the clip and stores what is said.

        Raises:
            Cancelled: called off, or another clip goes first; what was done is kept.
            RushesError: as `transcribe`.
        """
        try:
            if self._looks:
                self._look(source, options)
            result = transcribe.transcribe(
                source,
                options,
                worker=self._memory,
                cancelled=self._cancelled,
                progress=self._context.progress,
                tell=self._tell,
            )
        except RushesError:
            self._remember()
            raise
        self._store(result, transcribe.VERSION, result.facts)

    def _cancelled(self) -> bool:
        if not self._stands_aside:
            self._stands_aside = self._turns.stands_aside(self._clip.id, looked=self._looks)
        return self._stands_aside or self._context.cancelled()

    def _look(self, source: SpeechSource, options: SpeechOptions) -> None:
        found = transcribe.first_words(
            source, options, worker=self._memory, cancelled=self._cancelled
        )
        if found is not None:
            self._store_part(found)

    def _tell(self, part: Part) -> None:
        if not self._memory.fresh:
            return
        if self._shown.whole:
            self._remember()
        else:
            self._store_part(part())

    def _store_part(self, part: TranscriptResult) -> None:
        self._store(part, rows.PART, {"reached": part.reached, "heard": self._memory.kept()})

    def _store(self, result: TranscriptResult, version: int, facts: dict[str, object]) -> None:
        segments = [spoken.segment for spoken in result.spoken]
        told = json.dumps(facts, ensure_ascii=False, separators=(",", ":"))

        def act(tx: Tx) -> None:
            content = self._clip.content_id
            rows.put(tx, content, self._model, version, result.language, segments, told)
            self._index(tx)

        self._context.catalog.write(act)

    def _remember(self) -> None:
        if self._memory.fresh:
            kept = self._memory.kept()
            self._context.catalog.write(
                lambda tx: rows.remember(tx, self._clip.content_id, self._model, kept)
            )


def about(path: Path, identity: str, threads: int) -> str:
    """What answers about speech depend on: the sound, the model, how it counts, and our own way.

    Raises:
        BadData: the sound is not there.
    """
    try:
        found = path.stat()
    except OSError as error:
        raise BadData(
            "Speech audio not readable", f"{path.name}: {error.strerror}.", subject=str(path)
        ) from error
    return f"{transcribe.VERSION} {identity} {threads} {path} {found.st_size} {found.st_mtime_ns}"
