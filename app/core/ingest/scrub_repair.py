"""Puts a good copy in the place of a damaged one, and back. Nothing is overwritten, and nothing is thrown away but what is half written.

What a kill or a pulled disk leaves, step by step, and what the same command does then:

1. noted in the catalog: the damaged file has its name. It begins anew.
2. the good bytes are written beside it (`name.repairing-DATE`), hashed on the way, made durable, read back from the disk: the damaged file has its name,
   beside it lies a half or whole file. A whole one is taken, any other is written anew.
3. both names change places in one step: the good file has the name, the damaged one is `name.repairing-DATE`. It goes on with the next.
4. the damaged one is renamed `name.damaged-DATE`: the good file has the name. The hash lists get a new generation, then the catalog is told.
   Cut off before that, the same command tells it, perhaps in a second generation.

Where a filesystem cannot let two names change places (FAT, exFAT, some shares), step 3 is two renames, and between them nothing has the name: the damaged file
is `name.damaged-DATE`, the good one `name.repairing-DATE`. The catalog has it as a repair that was cut short, and every `scrub` and `check` says so
until it is finished.
"""

import contextlib
import dataclasses
import datetime
import io
from collections.abc import Callable, Generator, Sequence
from pathlib import Path

from app.core.catalog import offloads, scrubs
from app.core.catalog.database import Catalog
from app.core.catalog.rows import Tx
from app.core.files import copy_back, mhl_history, opening
from app.core.files.copy_folders import make_folders
from app.core.files.copy_legs import Leg, RootGuard, on_leg
from app.core.files.copy_sums import Sums
from app.core.files.digests import HashName
from app.core.files.hashing import Identity
from app.core.files.mhl_values import FORMATS, Action, Creator, MhlHash
from app.core.files.set_aside import PATTERNS, Word, aside_name
from app.core.ingest.offload_judging import HASH
from app.core.ingest.offload_standing import Told, not_told
from app.core.model.errors import Away, Bug, Cancelled, Damage, Refused, RushesError
from app.core.model.names import display
from app.core.model.offloads import CopyState
from app.core.model.scrubs import GoodCopy, Repair, RepairState, Rotten, ScrubCopy
from app.core.platform import entries
from app.core.platform.entries import Place
from app.core.platform.pacing import IsCancelled, never


@dataclasses.dataclass(frozen=True, slots=True)
class RepairPlan:
    """What is to be confirmed."""

    rotten: Rotten
    sources: tuple[GoodCopy, ...]
    """Copies that can be reached now, best first: each is read and compared before it counts."""


@dataclasses.dataclass(frozen=True, slots=True)
class Repaired:
    """What was done."""

    id: str
    path: str
    """The file that is good again, or damaged again."""
    beside: str
    """Where the other one is now; empty where there was none."""
    source: str
    """Where the good bytes came from."""
    manifest: str
    """The generation that tells it, below the card's folder; empty where none could be written."""
    not_recorded: str
    """Why."""


def plan(catalog: Catalog, rotten: Rotten) -> RepairPlan:
    """What a repair would take. Nothing is read but whether files are there.

    Raises:
        Away: the damaged copy's disk is not there.
        Damage: no other copy can be reached.
    """
    RootGuard.of(Path(rotten.copy.root), rotten.copy.lasting)
    with catalog.read() as reader:
        known = [*scrubs.others(reader, rotten.copy), *scrubs.sources(reader, rotten.copy)]
    there = tuple(one for one in known if _there(one))
    finished = rotten.unfinished is not None and rotten.unfinished.state is RepairState.BEGUN
    if not there and not finished:
        raise _no_copy(catalog, rotten.copy)
    return RepairPlan(rotten, there)


def repair(
    catalog: Catalog, wanted: RepairPlan, *, cancel: IsCancelled = never, told: Told = not_told
) -> Repaired:
    """Carries a repair out, or finishes one that was cut short.

    Raises:
        Damage: no other copy has the right bytes any more; nothing was changed.
        Refused: the file is as it must be; nothing was changed.
        Away, NoRoom, Missing, Passing: a disk fails or is gone; the same command goes on.
        Cancelled: called off; nothing was changed.
    """
    return _Mending(catalog, wanted.rotten.copy, cancel, told).go(wanted)


def undo(catalog: Catalog, done: Repair, *, cancel: IsCancelled = never) -> Repaired:
    """Puts the damaged file back under its name; the good one stays beside it as `name.repaired-DATE`.

    Raises:
        Refused: it was changed since, or is not there any more; nothing was changed.
        Away, Missing, Passing: the disk fails or is gone; the same command goes on.
    """
    return _Mending(catalog, done.copy, cancel, not_told).back(done)


class _Mending:
    """One file."""

    def __init__(self, catalog: Catalog, copy: ScrubCopy, cancel: IsCancelled, told: Told) -> None:
        self._catalog, self._copy, self._cancel, self._told = catalog, copy, cancel, told
        guard = RootGuard.of(Path(copy.root), copy.lasting)
        self._leg = Leg(copy.leg_id, guard, copy.folder, copy.place)
        folder, _, self._name = copy.path.rpartition("/")
        self._folder = self._leg.below(folder)

    # There

    def go(self, wanted: RepairPlan) -> Repaired:
        if not (self._leg.root / self._folder).is_dir():
            make_folders(self._leg, [self._copy.path.rpartition("/")[0]])
        with self._open() as place:
            short, good = wanted.rotten.unfinished, self._is_good(self._name)
            if short is None or short.state is not RepairState.BEGUN:
                short = self._begin(place, good=good)
            if not good:
                source = self._write(place, short, wanted)
                self._set(lambda tx: scrubs.set_repair(tx, short, RepairState.BEGUN, source=source))
                self._leg.guard.check()
                self._put(place, short)
            if entries.look(place, short.work):
                self._put_aside(place, short)
            aside = short.aside if entries.look(place, short.aside) else ""
        comment = f"{self._copy.path} was damaged, and replaced by a good copy"
        made, why = self._record(self._held(), "new", comment)
        self._set(lambda tx: self._good_again(tx, short))
        now = self._row(short.id)
        return Repaired(short.id, self._copy.absolute, self._beside(aside), now.source, made, why)

    def _put(self, place: Place, short: Repair) -> None:
        """The good file gets the name. Nothing is overwritten; where names can change places, the name is never without a file."""
        if entries.look(place, self._name) is None:
            entries.rename_new(place, short.work, self._name)
        elif not entries.exchange(place, short.work, self._name):
            self._rename(place, self._name, short.aside)
            entries.sync_place(place)
            entries.rename_new(place, short.work, self._name)
        entries.sync_place(place)

    def _put_aside(self, place: Place, short: Repair) -> None:
        """The name has the good file; what has the working name is the damaged one, or the good one once more."""
        if self._is_good(short.work):
            entries.remove(place, short.work)
        else:
            self._rename(place, short.work, short.aside)
        entries.sync_place(place)

    def _rename(self, place: Place, old: str, new: str) -> None:
        """Overwrites nothing. A rename by links that was cut short has left one file under both names: the old one goes."""
        try:
            entries.rename_new(place, old, new)
        except FileExistsError:
            if not self._hash(old) or self._hash(old) != self._hash(new):
                raise
            entries.remove(place, old)

    def _begin(self, place: Place, *, good: bool) -> Repair:
        if good:
            self._set(lambda tx: self._noted(tx, CopyState.VERIFIED, copy_back.PAST))
            raise Refused(
                "Nothing to repair",
                f"{display(self._copy.absolute)} is what was copied: read now, it has the right bytes.",
                subject=display(self._copy.absolute),
            )
        work = self._free(place, "repairing")
        aside = self._free(place, "damaged") if entries.look(place, self._name) else ""
        found = self._catalog.write(
            lambda tx: scrubs.begin(tx, self._copy, work, aside), durable=True
        )
        return self._row(found)

    def _write(self, place: Place, short: Repair, wanted: RepairPlan) -> str:
        """The good bytes, durable and read back, under the working name; returns where they came from."""
        if entries.look(place, short.work):
            if self._is_good(short.work):
                return short.source
            entries.remove(place, short.work)
        try:
            return self._first_good(place, short.work, wanted.sources)
        except BaseException as problem:
            self._give_up(place, short, problem)
            raise

    def _first_good(self, place: Place, work: str, sources: Sequence[GoodCopy]) -> str:
        for source in sources:
            if self._written(place, work, source):
                return f"{source.place}: {source.absolute}"
        raise _no_copy(self._catalog, self._copy)

    def _give_up(self, place: Place, short: Repair, problem: BaseException) -> None:
        """Takes away what is half written. Where the disk is gone the repair stays open, and the same command goes on."""
        try:
            if entries.look(place, short.work):
                entries.remove(place, short.work)
            self._leg.guard.check()
        except (OSError, RushesError):
            return
        said = problem.message if isinstance(problem, RushesError) else str(problem)
        self._set(lambda tx: scrubs.set_repair(tx, short, RepairState.STOPPED, said=said))

    def _written(self, place: Place, work: str, source: GoodCopy) -> bool:
        """Whether a copy could be read, had the right bytes, and is on the disk."""
        self._leg.guard.check()
        root = Path(source.root)
        try:
            if source.lasting:
                RootGuard.of(root, source.lasting)
            stream = opening.open_regular(root, source.rel)
        except RushesError:
            return False
        with stream:
            found = self._copied(place, work, stream, source)
        if found is None:
            entries.remove(place, work)
            return False
        if found != self._copy.hash:
            entries.remove(place, work)
            self._doubt(source)
            return False
        entries.sync_place(place)
        if not self._is_good(work):
            entries.remove(place, work)
            raise Damage(
                "The disk does not keep what is written to it",
                f"{self._copy.place}: read back, the good copy of {display(self._copy.path)} is not what was written.",
                subject=self._copy.place,
                todo="Nothing was changed. Take this disk out of use, and copy the card to another one.",
            )
        return True

    def _copied(self, place: Place, work: str, stream: io.FileIO, source: GoodCopy) -> str | None:
        """The hash of what was read and written; None where the source cannot be read."""
        size = Identity.of(stream).size
        handle = entries.create(place, work)
        try:
            entries.preallocate(handle, size)
            with Sums((HASH,), size) as sums:
                pieces = copy_back.read_source(
                    stream,
                    source.rel,
                    copy_back.Buffers().take(sums.buffers),
                    cancel=self._cancel,
                    progress=self._told,
                    cap=None,
                )
                while True:
                    try:
                        piece = next(pieces, None)
                    except Cancelled:
                        raise
                    except RushesError:
                        return None
                    if piece is None:
                        break
                    sums.update(piece)
                    entries.write_all(handle, piece)
                text = sums.texts()[HASH]
            entries.set_time(place, work, handle, self._copy.mtime_ns)
            entries.sync_handle(handle)
        finally:
            entries.close(handle)
        return text

    def _doubt(self, source: GoodCopy) -> None:
        """A copy that was taken for good is not."""
        if source.copy is None:
            return
        copy, said = source.copy, "read to repair another one, it is not what was copied"

        def act(tx: Tx) -> None:
            scrubs.note(tx, copy, CopyState.DIFFERS, said)
            scrubs.withdraw(tx, copy)

        self._set(act)

    def _good_again(self, tx: Tx, short: Repair) -> None:
        scrubs.set_repair(tx, short, RepairState.DONE)
        scrubs.note(tx, self._copy, CopyState.VERIFIED, copy_back.PAST)

    # Back

    def back(self, done: Repair) -> Repaired:
        with self._open() as place:
            kept = done.kept or self._free(place, "repaired")
            self._set(lambda tx: scrubs.set_repair(tx, done, RepairState.UNDOING, kept=kept))
            try:
                self._put_back(place, done, kept)
            except Refused:
                self._set(lambda tx: scrubs.set_repair(tx, done, RepairState.DONE))
                raise
            entries.sync_place(place)
        said = "the damaged file was put back" if done.aside else "its repair was undone"
        comment = f"{self._copy.path}: its repair was undone, the damaged file is in its place"
        made, why = self._record(self._found() if done.aside else {}, "failed", comment)
        self._set(lambda tx: self._bad_again(tx, done, said))
        return Repaired(done.id, self._copy.absolute, self._beside(kept), done.source, made, why)

    def _put_back(self, place: Place, done: Repair, kept: str) -> None:
        """Every state that a cut leaves goes on from what lies there: see the head of this file, from its end."""
        name, aside = self._name, done.aside
        there = entries.look(place, name) is not None
        if not aside or not entries.look(place, aside):
            if there and self._is_good(name) and not aside:
                self._rename(place, name, kept)
            elif not entries.look(place, kept):
                raise self._changed()
        elif not there:
            entries.rename_new(place, aside, name)
        elif self._is_good(name):
            if entries.exchange(place, aside, name):
                entries.sync_place(place)
                self._rename(place, aside, kept)
            else:
                self._rename(place, name, kept)
                entries.sync_place(place)
                entries.rename_new(place, aside, name)
        elif self._is_good(aside):
            self._rename(place, aside, kept)
        elif (text := self._hash(name)) and text == self._hash(aside):
            entries.remove(place, aside)
        else:
            raise self._changed()

    def _changed(self) -> Refused:
        shown = display(self._copy.absolute)
        return Refused(
            "It was changed since",
            f"{shown} is not what the repair put there, or the damaged file is gone.",
            subject=shown,
            todo="Nothing was put back.",
        )

    def _bad_again(self, tx: Tx, done: Repair, said: str) -> None:
        scrubs.set_repair(tx, done, RepairState.UNDONE, said=said)
        state = CopyState.DIFFERS if done.aside else CopyState.FAILED
        scrubs.note(tx, self._copy, state, said)
        scrubs.withdraw(tx, self._copy)

    # Both

    @contextlib.contextmanager
    def _open(self) -> Generator[Place]:
        """The folder of the file, held open; what fails in it is said in words."""
        with (
            on_leg(self._leg, self._copy.path),
            opening.open_folder(self._leg.root, self._folder) as place,
        ):
            yield place

    def _is_good(self, name: str) -> bool:
        """Whether a file beside is read from its disk with the right bytes; false where none is there."""
        return self._hash(name) == self._copy.hash

    def _hash(self, name: str) -> str:
        """Of a file beside, read from its disk; empty where it is not there, or cannot be read."""
        rel = f"{self._folder}/{name}" if self._folder else name
        try:
            found = copy_back.read_back(self._leg.root, rel, (HASH,), cancel=self._cancel)
        except Cancelled:
            raise
        except RushesError:
            self._leg.guard.check()
            return ""
        return found.hashes[HASH]

    def _free(self, place: Place, word: Word) -> str:
        day = datetime.datetime.now().astimezone().date().isoformat()
        return aside_name(self._name, word, day, frozenset(entries.names(place)))

    def _record(self, hashes: dict[HashName, str], action: Action, comment: str) -> tuple[str, str]:
        """(the new generation below the card's folder, why there is none)."""
        root, copy = self._leg.root / self._copy.folder, self._copy
        listed = [MhlHash(copy.path, copy.size, copy.mtime_ns, hashes, action)] if hashes else []
        try:
            self._leg.guard.check()
            made = mhl_history.write_generation(
                root,
                hashes=listed,
                process="in-place",
                creator=Creator(comment=comment),
                ignore=PATTERNS,
            )
        except RushesError as problem:
            return "", problem.message
        name = made.relative_to(root).as_posix()
        with self._catalog.read() as reader:
            legs = scrubs.legs_of(reader, copy)

        def act(tx: Tx) -> None:
            for offload_id, leg_id in legs:
                offloads.set_manifest(tx, offload_id, leg_id, name)

        self._set(act)
        return name, ""

    def _held(self) -> dict[HashName, str]:
        return {name: self._copy.hashes[name] for name in FORMATS if name in self._copy.hashes}

    def _found(self) -> dict[HashName, str]:
        """The hashes of what lies there now."""
        try:
            found = copy_back.read_back(self._leg.root, self._copy.rel, tuple(self._held()))
        except RushesError:
            return {}
        return dict(found.hashes)

    def _noted(self, tx: Tx, state: CopyState, said: str) -> None:
        scrubs.note(tx, self._copy, state, said)

    def _beside(self, name: str) -> str:
        return f"{self._copy.absolute.rpartition('/')[0]}/{name}" if name else ""

    def _row(self, repair_id: str) -> Repair:
        with self._catalog.read() as reader:
            for one in scrubs.repairs(reader):
                if one.id == repair_id:
                    return one
        raise Bug("No such repair", repair_id, subject=repair_id)

    def _set(self, act: Callable[[Tx], None]) -> None:
        self._catalog.write(act, durable=True)


def _there(one: GoodCopy) -> bool:
    try:
        if one.lasting:
            RootGuard.of(Path(one.root), one.lasting)
        opening.lstat(Path(one.root), one.rel)
    except RushesError:
        return False
    return True


def _no_copy(catalog: Catalog, copy: ScrubCopy) -> RushesError:
    shown = display(copy.absolute)
    with catalog.read() as reader:
        copies, cards = scrubs.others(reader, copy), scrubs.sources(reader, copy)
    if away := [one.place for one in copies if not _there(one)]:
        return Away(
            "No good copy is there",
            f"{shown}: no other copy that can be reached has the right bytes.",
            subject=shown,
            todo=f"Nothing was changed. Connect one of these, and try again: {', '.join(dict.fromkeys(away))}.",
        )
    names = ", ".join(dict.fromkeys(one.place for one in cards))
    return Damage(
        "No good copy is left",
        f"{shown}: no other copy that is known has the right bytes.",
        subject=shown,
        todo=f"Nothing was changed. Where {names} still has its recordings, put it in and try again.",
    )
