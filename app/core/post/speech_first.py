"""First words of a clip whose sound the decode pass has not read yet: of the clip in hand alone."""

import logging
from collections.abc import Callable
from pathlib import Path

from app.core.catalog import transcripts as rows
from app.core.catalog.database import Catalog
from app.core.catalog.rows import Tx
from app.core.media import tools
from app.core.media.derived import DeriveJob, Source
from app.core.media.first_sound import first_sound
from app.core.model.errors import BadData
from app.core.platform import preferences
from app.core.post import transcribe
from app.core.post.joined_speech import join_speech
from app.core.post.material import Material
from app.core.post.speech_memory import Listening
from app.core.post.store import ProxyStore
from app.core.post.transcribe import SpeechOptions, SpeechSource, TranscriptResult
from app.core.work.read_caps import ReadCaps

log = logging.getLogger(__name__)
_SECONDS = 60


class FirstWords:
    """Reads the beginning of the sound, listens to it, and keeps what is said as a part."""

    def __init__(
        self,
        catalog: Catalog,
        store: ProxyStore,
        programs: preferences.Tools,
        index: Callable[[Tx, str], None],
    ) -> None:
        self._catalog = catalog
        self._store = store
        self._programs = programs
        self.caps = ReadCaps()
        """What may be read of each volume."""
        self._index = index

    def hear(
        self,
        material: Material,
        names: tuple[str | None, ...],
        options: SpeechOptions,
        worker: Listening,
        model: str,
        cancelled: Callable[[], bool],
    ) -> None:
        """Stores the first words, or that there are none to be had this way: it is not tried again.

        Raises:
            Missing: ffmpeg is not there.
            Cancelled: asked for.
        """
        try:
            found = self._found(material, names, options, worker, cancelled)
        except BadData as error:
            log.info("no first words: %s", error)
            found = None
        content, clip = material.clip.content_id, material.clip.id

        def act(tx: Tx) -> None:
            if rows.exists(tx, content):
                return
            rows.remember(tx, content, model, {})
            if found is not None:
                segments = [spoken.segment for spoken in found.spoken]
                facts = f'{{"reached":{found.reached}}}'
                rows.put(tx, content, model, rows.PART, found.language, segments, facts)
                self._index(tx, clip)

        self._catalog.write(act)

    def _found(
        self,
        material: Material,
        names: tuple[str | None, ...],
        options: SpeechOptions,
        worker: Listening,
        cancelled: Callable[[], bool],
    ) -> TranscriptResult | None:
        with self._store.workshop() as folder:
            joined = join_speech(
                first_sound(
                    self._job(material),
                    folder,
                    _SECONDS,
                    cancelled,
                    self.caps.of(material.volume_id),
                ),
                folder,
            )
            if joined is None:
                return None
            source = SpeechSource((Path(folder, joined),), names)
            return transcribe.first_words(source, options, worker=worker, cancelled=cancelled)

    def _job(self, material: Material) -> DeriveJob:
        sources = (Source(material.spans), *(Source((path,)) for path in material.together))
        return DeriveJob(
            sources, material.facts, tools.programs(self._programs.ffmpeg), threads=1, nice=5
        )
