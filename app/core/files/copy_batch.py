"""Files on their way to their legs together: written one after another, made durable and told as done at once.

A folder then takes one fsync for all of them, and the disk works on the first while the last is still read.
"""

import contextlib
import dataclasses
import io
import os
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from app.core.files import opening
from app.core.files.copy_back import Buffers, read_back, read_source
from app.core.files.copy_folders import make_missing
from app.core.files.copy_halves import Half
from app.core.files.copy_legs import Leg, folder_of, stops, taken, told
from app.core.files.copy_result import CopyResult
from app.core.files.copy_sums import Sums
from app.core.files.digests import SLOW, HashName
from app.core.files.hashing import PIECE, Identity, OnProgress, changing
from app.core.model.errors import Away, Cancelled, RushesError
from app.core.model.names import compare_key, display
from app.core.platform import entries
from app.core.platform.entries import Place
from app.core.platform.pacing import IsCancelled, Limiter, never

_TOGETHER: Final = 4
"""Files from which one call for the whole filesystem is quicker than one for each."""
_SMALL: Final = PIECE
"""Bytes; a larger file waits for no other."""
_HANDLES: Final = 128
"""Files that are open at most, over all legs."""
_BYTES: Final = 8 << 20
"""Of small files: so much waits at most to be made durable, and is copied again after a kill."""


@dataclasses.dataclass(frozen=True, slots=True)
class Reading:
    """How files are read: what is the same for all of a batch."""

    hashes: Sequence[HashName]
    cancel: IsCancelled = never
    progress: OnProgress | None = None
    cap: Limiter | None = None


@dataclasses.dataclass(slots=True)
class _Staged:
    """A file that was read, and lies under temporary names or was found there."""

    rel: str
    identity: Identity
    hashes: dict[HashName, str]
    halves: dict[str, Half]
    errors: dict[str, RushesError | None]
    there: set[str]
    problem: RushesError | None = None


class Batch:
    """`with Batch(...) as batch`; then `stage` for each file, and `settle` now and at the end."""

    def __init__(self, source: Path, legs: Sequence[Leg], how: Reading) -> None:
        self._source, self._legs, self._how = source, {leg.id: leg for leg in legs}, how
        self._buffers = Buffers()
        self._staged: list[_Staged] = []
        self._bytes = 0
        self._lost: dict[str, RushesError] = {}
        self._places: dict[tuple[str, str], Place] = {}
        """Folders held open, by leg and path below its root."""
        self._sources: dict[str, Place] = {}
        self._open = contextlib.ExitStack()

    def __enter__(self) -> "Batch":
        return self

    def __exit__(self, *_: object) -> None:
        for staged in self._staged:
            _discard(staged)
        self._close()

    @property
    def full(self) -> bool:
        """Whether what was staged is to be settled now."""
        held = len(self._staged) * (len(self._legs) or 1)
        large = bool(self._staged) and self._staged[-1].identity.size > _SMALL
        return large or self._bytes >= _BYTES or held >= _HANDLES

    def stage(self, rel: str) -> None:
        """Reads one file, writes it on every leg that is still there. What is wrong is told by `settle`.

        Raises:
            Cancelled: nothing of this file stays.
        """
        staged = _Staged(rel, Identity(0, 0, 0), {}, {}, dict.fromkeys(self._legs), set())
        self._staged.append(staged)
        try:
            self._read(staged)
        except Cancelled:
            raise
        except RushesError as problem:
            staged.problem = problem
            _discard(staged)

    def settle(self) -> list[CopyResult]:
        """Makes all that was staged durable under its names; what became of each file, in their order."""
        for leg in self._legs.values():
            self._settle_on(leg)
        self._sync_folders()
        self._close()
        for leg in self._legs.values():
            self._still_there(leg)
        results = [_result(staged) for staged in self._staged]
        self._staged.clear()
        self._bytes = 0
        return results

    def _read(self, staged: _Staged) -> None:
        place = self._source_place(staged.rel.rpartition("/")[0])
        with opening.open_held(place, staged.rel) as stream:
            entries.leave_no_trace(stream.fileno())
            staged.identity = Identity.of(stream)
            self._bytes += staged.identity.size
            for leg in self._legs.values():
                try:
                    self._begin(leg, staged)
                except (OSError, RushesError) as problem:
                    self._fail(staged, leg.id, problem)
            if not staged.halves and not staged.there:
                return
            with Sums(self._how.hashes, staged.identity.size) as sums:
                if not self._pour(staged, sums, stream):
                    return
                staged.hashes = sums.texts()
            found = opening.lstat_held(place, staged.rel)
            if Identity(found.st_size, found.st_mtime_ns, found.st_ino) != staged.identity:
                raise changing(stream)
        for leg_id in tuple(staged.there):
            try:
                self._compare(self._legs[leg_id], staged)
            except (OSError, RushesError) as problem:
                self._fail(staged, leg_id, problem)

    def _begin(self, leg: Leg, staged: _Staged) -> None:
        if lost := self._lost.get(leg.id):
            raise lost
        folder, _, name = leg.below(staged.rel).rpartition("/")
        place = self._place(leg, folder)
        found = entries.look(place, name)
        if found is None:
            staged.halves[leg.id] = Half(leg, place, name, staged.identity.size)
        elif _may_be_it(found.st_mode, found.st_size, staged) and _so_named(place, name):
            staged.there.add(leg.id)
        else:
            raise taken(leg, display(leg.below(staged.rel)))

    def _pour(self, staged: _Staged, sums: Sums, stream: io.FileIO) -> bool:
        """Reads it to its end, or until nobody takes it any more (false)."""
        found = read_source(
            stream,
            staged.rel,
            self._buffers.take(sums.buffers),
            cancel=self._how.cancel,
            progress=self._how.progress,
            cap=self._how.cap,
        )
        for piece in found:
            sums.update(piece)
            for leg_id, half in tuple(staged.halves.items()):
                try:
                    half.write(piece)
                except OSError as problem:
                    self._fail(staged, leg_id, problem)
            if not staged.halves and not staged.there:
                return False
        for leg_id, half in tuple(staged.halves.items()):
            try:
                half.written(staged.identity.mtime_ns)
            except OSError as problem:
                self._fail(staged, leg_id, problem)
        return True

    def _compare(self, leg: Leg, staged: _Staged) -> None:
        """What has the name already is the same content, or it is refused."""
        names: list[HashName] = [name for name in staged.hashes if name not in SLOW]
        names = (names or [*staged.hashes])[:1]
        back = read_back(
            leg.root,
            leg.below(staged.rel),
            names,
            cancel=self._how.cancel,
            buffers=self._buffers,
            durable=True,
        )
        if any(back.hashes[name] != staged.hashes[name] for name in names):
            raise taken(leg, display(leg.below(staged.rel)))

    def _settle_on(self, leg: Leg) -> None:
        waiting = [(one, one.halves[leg.id]) for one in self._staged if leg.id in one.halves]
        durable = False
        if len(waiting) >= _TOGETHER:
            # What failed shows again in the fsync of the file that it was.
            with contextlib.suppress(OSError):
                durable = entries.sync_all(waiting[0][1].place, leg.guard.fs_type)
        for staged, half in waiting:
            try:
                half.settle(durable=durable)
            except OSError as problem:
                self._fail(staged, leg.id, problem)

    def _place(self, leg: Leg, folder: str) -> Place:
        """A folder on a leg, held open: whatever is mounted there meanwhile, this is the disk that was looked at."""
        key = (leg.id, folder)
        if key not in self._places:
            leg.guard.check()
            try:
                place = self._open.enter_context(folder_of(leg, folder))
            except Away:
                make_missing(leg, folder)
                place = self._open.enter_context(folder_of(leg, folder))
            leg.guard.check()
            self._places[key] = place
        return self._places[key]

    def _source_place(self, folder: str) -> Place:
        if folder not in self._sources:
            place = self._open.enter_context(opening.open_folder(self._source, folder))
            self._sources[folder] = place
        return self._sources[folder]

    def _sync_folders(self) -> None:
        for (leg_id, folder), place in self._places.items():
            waiting = self._in_folder(leg_id, folder)
            if not waiting:
                continue
            try:
                entries.sync_place(place)
            except OSError as problem:
                for staged in waiting:
                    self._fail(staged, leg_id, problem)

    def _in_folder(self, leg_id: str, folder: str) -> list[_Staged]:
        leg = self._legs[leg_id]
        return [
            staged
            for staged in self._staged
            if staged.errors[leg_id] is None and leg.below(staged.rel).rpartition("/")[0] == folder
        ]

    def _still_there(self, leg: Leg) -> None:
        """What was written into a disk that is no longer at its place is not told as done."""
        try:
            leg.guard.check()
        except RushesError as problem:
            for staged in self._staged:
                if staged.errors[leg.id] is None:
                    self._fail(staged, leg.id, problem)

    def _close(self) -> None:
        self._places.clear()
        self._sources.clear()
        with contextlib.suppress(OSError):
            self._open.close()

    def _fail(self, staged: _Staged, leg_id: str, problem: OSError | RushesError) -> None:
        """What goes wrong on one leg stops that leg: for this file, and for all where the whole disk is meant."""
        if isinstance(problem, Cancelled):
            raise problem
        error = told(self._legs[leg_id], staged.rel, problem)
        staged.errors[leg_id] = error
        staged.there.discard(leg_id)
        if half := staged.halves.pop(leg_id, None):
            half.discard()
        if stops(error):
            self._lost.setdefault(leg_id, error)


def _may_be_it(mode: int, size: int, staged: _Staged) -> bool:
    return stat.S_ISREG(mode) and size == staged.identity.size


def _so_named(place: Place, name: str) -> bool:
    """Whether it has this very name, and was not found by a filesystem that takes `clip` for `Clip`."""
    with os.scandir(place) as found:
        return any(compare_key(entry.name) == compare_key(name) for entry in found)


def _discard(staged: _Staged) -> None:
    for half in staged.halves.values():
        half.discard()
    staged.halves.clear()


def _result(staged: _Staged) -> CopyResult:
    spent = {leg_id: half.spent_ns for leg_id, half in staged.halves.items()}
    return CopyResult(
        rel=staged.rel,
        size=staged.identity.size,
        mtime_ns=staged.identity.mtime_ns,
        hashes=staged.hashes,
        legs={leg_id: error or staged.problem for leg_id, error in staged.errors.items()},
        already=frozenset(staged.there),
        problem=staged.problem,
        spent_ns=spent,
    )
