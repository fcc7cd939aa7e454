"""Facts of files: each probed once for its present bytes, in a child that may crash."""

import threading
import time
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Final

from app.core.catalog import attempts, files
from app.core.catalog.files import FileRef
from app.core.catalog.rows import Reader, Tx
from app.core.files import hashing, opening
from app.core.media import complaints
from app.core.media.probe import Prober
from app.core.model.errors import Missing, Passing, RushesError, as_json
from app.core.model.media import ClipKind, FileState, MediaFacts, Problem
from app.core.platform.preferences import Ingest, Tools
from app.core.work.patience import Patience
from app.core.work.recipes import QUICK, Context, Recipe, Subject

_SHARDS: Final = 2
"""Files of one volume are probed by so many at once: probing waits for the disk more than for the processor."""
_BATCH: Final = 24
_ANSWER_SECONDS: Final = 20
"""How long the first look into a file may take."""
_AGAIN_MS: Final = 60_000
"""Between two looks at a file whose structure is still open."""


Found = tuple[FileRef, MediaFacts | None, str | None, str]
"""(file, its facts, quick id, why it could not be opened)."""


class Probing:
    """The recipe `probe`."""

    def __init__(self, ingest: Ingest, tools: Tools) -> None:
        self._ingest = ingest
        self._tools = tools
        self._probers: list[Prober] = []
        self._free: list[Prober] = []
        self._lock = threading.Lock()
        self._patience = Patience(_ANSWER_SECONDS)

    def recipes(self) -> list[Recipe]:
        """What this service derives."""
        return [Recipe("probe", "Facts", self._due, self._run, priority=10)]

    def close(self) -> None:
        """Ends the children."""
        for prober in self._probers:
            prober.close()

    def _due(self, reader: Reader, _limit: int, _focus: Sequence[str]) -> list[Subject]:
        return [
            Subject(f"{volume}:{shard}", QUICK, name)
            for volume, name in files.volumes_to_probe(reader)
            for shard in range(_SHARDS)
            if files.due_probe(reader, volume, shard, _SHARDS, 1)
        ]

    def _run(self, context: Context, subject: Subject) -> None:
        volume, _, shard = subject.id.partition(":")
        prober = self._take()
        try:
            while True:
                context.check()
                with context.catalog.read() as reader:
                    refs = files.due_probe(reader, volume, int(shard), _SHARDS, _BATCH)
                if not refs:
                    return
                with context.catalog.read() as reader:
                    known = {ref.id for ref in refs if attempts.exists(reader, "probe", ref.id)}
                found, late = self._look_at(prober, refs, known)
                context.catalog.write(lambda tx, f=found, la=late: self._store(tx, f, la))
        finally:
            with self._lock:
                self._free.append(prober)

    def _take(self) -> Prober:
        with self._lock:
            if self._free:
                return self._free.pop()
        prober = Prober(self._tools.ffprobe)
        with self._lock:
            self._probers.append(prober)
        return prober

    def _look_at(
        self, prober: Prober, refs: Sequence[FileRef], known: Collection[str]
    ) -> tuple[list[Found], list[tuple[FileRef, Passing]]]:
        """What was found, and what does not answer now: one bad sector must not hold up a whole volume.

        `known` failed before: of them it is believed that they do not read.
        """
        found: list[Found] = []
        late: list[tuple[FileRef, Passing]] = []
        for ref in refs:
            try:
                told = self._look(prober, ref)
                if ref.id not in known:
                    _doubt(ref, told[0])
                found.append((ref, *told))
            except Passing as error:
                late.append((ref, error))
        return found, late

    def _look(self, prober: Prober, ref: FileRef) -> tuple[MediaFacts | None, str | None, str]:
        """(facts, quick id, why it could not be opened)."""
        root = Path(ref.mount)
        try:
            quick = self._patience.ask(ref.shown, lambda: _quick_id(root, ref))
        except Passing:
            raise
        except RushesError as error:
            return None, None, error.message
        try:
            return prober.probe(root / ref.path, root=root), quick, ""
        except Missing as error:
            if _is_there(root, ref.path):
                raise
            # It went away meanwhile; the next scan says so.
            return None, None, error.message

    def _store(
        self, tx: Tx, found: Sequence[Found], late: Sequence[tuple[FileRef, Passing]]
    ) -> None:
        for ref, error in late:
            attempts.failed(tx, "probe", ref.id, as_json(error), passing=True)
        for ref, *_ in found:
            attempts.succeeded(tx, "probe", ref.id)
        for ref, facts, quick, why in found:
            if facts is None:
                unread = MediaFacts(
                    kind=_kind_of(ref),
                    problems=(Problem("unreadable", why, fatal=True),),
                    decodable=True,
                )
                files.set_facts(tx, ref, unread, None, FileState.UNREADABLE)
                continue
            growing = not facts.closed and self._may_grow(ref)
            state = FileState.GROWING if growing else FileState.PRESENT
            files.set_facts(tx, ref, facts, quick, state, _now() + _AGAIN_MS if growing else 0)

    def _may_grow(self, ref: FileRef) -> bool:
        """A structure that stays open for an hour is damaged, not growing."""
        return (
            time.time_ns() - ref.mtime_ns < self._ingest.open_structure_minutes * 60 * 1_000_000_000
        )


def _doubt(ref: FileRef, facts: MediaFacts | None) -> None:
    """A disk that is pulled out fails like one with a bad sector: nothing is called bad for that before it fails again."""
    said = [problem.text for problem in facts.problems if problem.fatal] if facts else []
    if complaints.is_silent(said):
        raise Passing("The disk could not read it", said[0], subject=ref.shown)


def _quick_id(root: Path, ref: FileRef) -> str | None:
    with opening.open_regular(root, ref.path) as stream:
        return hashing.quick_id(stream, ref.size) if ref.size else None


_KINDS: Final = {"media_sound": ClipKind.AUDIO, "image": ClipKind.STILL, "raw": ClipKind.STILL}


def _kind_of(ref: FileRef) -> ClipKind:
    return _KINDS.get(ref.sort, ClipKind.VIDEO)


def _is_there(root: Path, path: str) -> bool:
    try:
        opening.lstat(root, path)
    except Missing:
        return False
    return True


def _now() -> int:
    return time.time_ns() // 1_000_000
