"""Carries an offload out, from wherever it stands: copies, reads back, reads the source again, writes the hash lists.

It may be cut off anywhere and begun again: a row is written once the file is durable, and what has no row is compared
with what lies there before anything is copied. A destination that fails is parked; the others go on without it.
"""

import dataclasses
import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from app.core.catalog import offloads
from app.core.files import copy_back, copying, digests, mhl_history
from app.core.files.copying import CopyResult, Leg, RootGuard
from app.core.files.digests import HashName
from app.core.ingest import offload_source
from app.core.ingest.offload_judging import HASH, copy_state, listed, plain, source_state
from app.core.ingest.offload_source import Reference
from app.core.ingest.offload_standing import CARD, COPYING, Copy, Read, Standing
from app.core.model.errors import Away, Cancelled, RushesError
from app.core.model.offloads import (
    CopyState,
    EntryState,
    LegState,
    OffloadEntry,
    OffloadState,
    Verify,
)
from app.core.work.parallel import Parallel

_TOGETHER: Final = 64
_FLUSH_SECONDS: Final = 0.5
_THERE: Final = frozenset((CopyState.COPIED, CopyState.VERIFIED))


class Run(Standing):
    """One offload under way."""

    def go(self) -> None:
        """Everything that can be done now. What cannot is parked, or stands with its file, in words.

        Raises:
            Away: neither the source is there, nor a destination that has what another one lacks.
            Refused: the card in its place is another one, or was changed since.
            Cancelled: called off.
        """
        guarded = self._guard()
        self._count()
        first = {leg: one for leg, one in guarded.items() if not self._follows(leg)}
        self._carry(first, self._origins)
        for leg in [one for one in guarded.values() if one.id not in first]:
            self._carry({leg.id: leg}, self._after if self._follows(leg.id) else self._origins)
        self._end()

    def _follows(self, leg_id: str) -> bool:
        """Whether a leg is copied from another one, once that is proven; not where that one was lost."""
        place = next(one.after for one in self.offload.legs if one.id == leg_id)
        return place >= 0 and self.offload.legs[place].state is not LegState.PARKED

    def _carry(self, legs: dict[str, Leg], origins: "_Origins") -> None:
        """Everything for these legs: copied, read back, and closed with their hash lists."""
        lost: Away | None = None
        if legs and self._lacking(legs):
            try:
                self._copy(legs, origins)
            except Away as away:
                lost = away
            self._load()
        self._read_again(legs)
        if lost is not None:
            # What is read back now may have what another one lacks.
            if not (self._lacking(legs) and self._donors(legs)):
                raise lost
            self._copy(legs, self._origins)
            self._load()
            self._read_again(legs)
        for leg in legs.values():
            if leg.id in self._legs:
                self._close(leg)
        self._load()

    def _guard(self) -> dict[str, Leg]:
        """The destinations that are there and are the same as at the beginning; the others are parked."""
        found: dict[str, Leg] = {}
        for one in self._legs.copy().values():
            try:
                guard = RootGuard.of(Path(one.root), one.lasting)
            except RushesError as problem:
                self._park(one.id, problem)
                continue
            found[one.id] = Leg(one.id, guard, one.folder, one.name)
        return found

    def _lacking(self, legs: dict[str, Leg]) -> bool:
        folders = any(not (leg.root / leg.folder).is_dir() for leg in legs.values())
        return folders or any(self._wanted(one, legs) for one in self._entries.values())

    # Copying

    def _copy(self, legs: dict[str, Leg], origins: "_Origins") -> None:
        for origin in origins(legs):
            for leg in legs.values():
                if leg.id in self._legs and leg != origin.donor:
                    self._make_folders(leg)
            for wanted, entries in self._groups(legs, origin):
                self._copy_some(origin, [legs[one] for one in wanted], entries)

    def _origins(self, legs: dict[str, Leg]) -> Iterator["_Origin"]:
        """Where to read from: the card, as long as it is there; else destinations that are proven."""
        try:
            root = offload_source.there(self.offload, self._cancel)
        except Away as away:
            donors = self._donors(legs)
            if not donors:
                raise
            reason = away
        else:
            yield _Origin(root, None, Reference.of(root))
            return
        for donor in donors:
            yield _Origin(donor.root / donor.folder, donor, Reference.nothing())
            self._load()
        for leg in [leg.id for leg in legs.values() if self._open_files(leg.id)]:
            self._park(leg, reason)

    def _after(self, legs: dict[str, Leg]) -> Iterator["_Origin"]:
        """The destination that a leg follows: the card may go meanwhile, and the slow disk does not hold up the fast one."""
        (leg_id,) = legs
        place = next(one.after for one in self.offload.legs if one.id == leg_id)
        if (before := self.offload.legs[place]).state is LegState.OPEN:
            return  # it is not proven yet
        for donor in self._donors(legs):
            if donor.id == before.id:
                yield _Origin(donor.root / donor.folder, donor, Reference.nothing())
                self._load()
        if self._open_files(leg_id):
            yield from self._origins(legs)

    def _donors(self, legs: dict[str, Leg]) -> list[Leg]:
        """Destinations with files that were read back, done ones too, which are there now."""
        found: list[Leg] = []
        for one in self.offload.legs:
            if not any(
                e.copies.get(one.id, ("",))[0] is CopyState.VERIFIED for e in self._entries.values()
            ):
                continue
            try:
                guard = RootGuard.of(Path(one.root), one.lasting)
            except RushesError:
                continue  # another one may have them
            found.append(legs.get(one.id) or Leg(one.id, guard, one.folder, one.name))
        return found

    def _open_files(self, leg_id: str) -> bool:
        return leg_id in self._legs and any(leg_id not in e.copies for e in self._entries.values())

    def _make_folders(self, leg: Leg) -> None:
        try:
            copying.make_folders(leg, self.offload.folders)
        except RushesError as problem:
            self._park(leg.id, problem)

    def _groups(
        self, legs: dict[str, Leg], origin: "_Origin"
    ) -> Iterator[tuple[frozenset[str], list[OffloadEntry]]]:
        """Files in the order of the card with the legs they lack, those together that lack the same."""

        def lacks(entry: OffloadEntry) -> frozenset[str]:
            if (
                origin.donor
                and entry.copies.get(origin.donor.id, ("",))[0] is not CopyState.VERIFIED
            ):
                return frozenset()
            return self._wanted(entry, legs)

        for wanted, entries in itertools.groupby(list(self._entries.values()), key=lacks):
            still = frozenset(one for one in wanted if one in self._legs)
            if still:
                yield still, list(entries)

    def _copy_some(
        self, origin: "_Origin", legs: Sequence[Leg], entries: Sequence[OffloadEntry]
    ) -> None:
        results = copying.copy_files(
            origin.root,
            [one.path for one in entries],
            legs,
            hashes=self._hashes() if origin.donor is None else (HASH,),
            cancel=self._cancel,
            progress=self._pieces(COPYING),
        )
        kept: list[CopyResult] = []
        since = time.monotonic()
        try:
            for result in results:
                kept.append(result)
                self._forward(result.size, COPYING)
                if len(kept) >= _TOGETHER or time.monotonic() - since > _FLUSH_SECONDS:
                    self._keep(origin, kept)
                    since = time.monotonic()
        finally:
            # What is durable is noted, whatever ended the rest.
            self._keep(origin, kept)

    def _hashes(self) -> list[HashName]:
        return [name for name in digests.NAMES if name in self.offload.hashes]

    def _keep(self, origin: "_Origin", results: list[CopyResult]) -> None:
        """Writes down what became of files; a source that is gone ends the run, a leg that failed is parked."""
        taken, results[:] = list(results), []
        read: list[Read] = []
        copies: list[Copy] = []
        for result in taken:
            entry = self._entries[self._numbers[result.rel]]
            if result.problem is not None:
                if origin.donor is None and not isinstance(result.problem, Away):
                    read.append((entry.n, EntryState.UNREADABLE, {}, str(result.problem)))
                continue
            if origin.donor is None:
                state, said = source_state(entry, result, origin.reference)
                read.append((entry.n, state, plain(result.hashes), said))
            for leg_id, error in result.legs.items():
                found = copy_state(entry, result, leg_id, error)
                if found is not None:
                    copies.append((leg_id, entry.n, *found))
                elif error is not None:
                    self._park(leg_id, error)
        if read or copies:
            self._write(read, copies)
        gone = next((r.problem for r in taken if isinstance(r.problem, Away)), None)
        if gone is not None and origin.donor is None:
            # One file that went, or the whole card?
            offload_source.there(self.offload, self._cancel)
            raise gone

    # Reading again

    def _read_again(self, legs: dict[str, Leg]) -> None:
        if self.offload.verify is Verify.NOTHING:
            return
        self._load()
        readers: list[Callable[[], None]] = [
            lambda leg=leg: self._read_back(leg) for leg in legs.values() if leg.id in self._legs
        ]
        if self.offload.verify is Verify.TWICE and self._once():
            readers.append(self._read_source)
        # A device each: none waits for another.
        for _ in Parallel(len(readers))(lambda act: act(), readers):
            pass
        self._load()

    def _once(self) -> list[OffloadEntry]:
        return [one for one in self._entries.values() if one.state is EntryState.READ]

    def _read_back(self, leg: Leg) -> None:
        entries = [
            one
            for one in self._entries.values()
            if one.copies.get(leg.id, ("", ""))[0] is CopyState.COPIED
            and one.copies[leg.id][1] != copy_back.UNSURE
        ]
        rows: list[Copy] = []
        since = time.monotonic()
        try:
            for entry in entries:
                row = self._back(leg, entry)
                if row is None:
                    return
                rows.append(row)
                self._forward(entry.size, leg.id)
                if len(rows) >= _TOGETHER or time.monotonic() - since > _FLUSH_SECONDS:
                    self._write([], rows)
                    rows, since = [], time.monotonic()
        finally:
            if rows:
                self._write([], rows)

    def _back(self, leg: Leg, entry: OffloadEntry) -> Copy | None:
        """How a copy is when it is read from its disk; None where the whole destination is lost."""
        rel, told = leg.below(entry.path), self._pieces(leg.id)
        try:
            leg.guard.check()
            found = copy_back.read_back(leg.root, rel, (HASH,), cancel=self._cancel, progress=told)
        except Cancelled:
            raise
        except RushesError as problem:
            if self._lost(leg, problem):
                return None
            return leg.id, entry.n, CopyState.FAILED, problem.message
        if found.hashes[HASH] != entry.hashes.get(HASH):
            words = "read back, it is not what was read from the source"
            return leg.id, entry.n, CopyState.DIFFERS, words
        sure = found.how != copy_back.UNSURE
        return leg.id, entry.n, CopyState.VERIFIED if sure else CopyState.COPIED, found.how

    def _lost(self, leg: Leg, problem: RushesError) -> bool:
        try:
            leg.guard.check()
        except Away as away:
            self._park(leg.id, away)
            return True
        if isinstance(problem, Away):
            return False  # this one file
        if copying.stops(problem):
            self._park(leg.id, problem)
            return True
        return False

    def _read_source(self) -> None:
        """Every file of the card once more, from the card itself."""
        try:
            root = offload_source.there(self.offload, self._cancel)
        except Away:
            return  # the destinations are proven meanwhile; `_end` says what is still to be read
        rows: list[Read] = []
        since = time.monotonic()
        try:
            for entry in self._once():
                rows.append(self._again(root, entry))
                self._forward(entry.size, CARD)
                if len(rows) >= _TOGETHER or time.monotonic() - since > _FLUSH_SECONDS:
                    self._write(rows, [])
                    rows, since = [], time.monotonic()
        finally:
            if rows:
                self._write(rows, [])

    def _again(self, root: Path, entry: OffloadEntry) -> Read:
        """What a file of the card is when it is read a second time."""
        try:
            found = copy_back.read_back(
                root, entry.path, (HASH,), cancel=self._cancel, progress=self._pieces(CARD)
            )
        except Cancelled:
            raise
        except RushesError as problem:
            # This one file, or the whole card?
            offload_source.there(self.offload, self._cancel)
            return entry.n, EntryState.UNREADABLE, {}, problem.message
        if found.hashes[HASH] == entry.hashes.get(HASH):
            return entry.n, EntryState.TWICE, {}, ""
        words = (
            "read again, the card gave other bytes: its reader, cable or the card itself is failing"
        )
        return entry.n, EntryState.DIFFERS, {}, words

    # The end

    def _close(self, leg: Leg) -> None:
        """The hash list of a destination, and whether all is well there."""
        wrong = [
            (one, one.copies.get(leg.id))
            for one in self._entries.values()
            if one.state in (EntryState.DIFFERS, EntryState.UNREADABLE)
            or one.copies.get(leg.id, (None,))[0] not in _THERE
        ]
        lists = [listed(one, leg.id) for one in self._entries.values() if leg.id in one.copies]
        try:
            leg.guard.check()
            made = mhl_history.write_generation(
                leg.root / leg.folder,
                hashes=[one for one in lists if one.hashes],
                process="transfer",
                cancel=self._cancel,
            )
        except Cancelled:
            raise
        except RushesError as problem:
            self._park(leg.id, problem)
            return
        name = made.relative_to(leg.root / leg.folder).as_posix()
        self._set(lambda tx: offloads.set_manifest(tx, self._id, leg.id, name))
        if wrong:
            words = f"{len(wrong)} of {len(self._entries)} files are not as they should be there"
            self._set(lambda tx: offloads.set_leg(tx, self._id, leg.id, LegState.PARKED, words))
            self._legs.pop(leg.id, None)
            return
        self._set(lambda tx: offloads.set_leg(tx, self._id, leg.id, LegState.DONE))

    def _end(self) -> None:
        """Done is what was promised, and nothing less.

        Raises:
            Away: all that is left is to read the card a second time, and it is not in.
        """
        self._load()
        if self.offload.verify is Verify.TWICE and self._once():
            offload_source.there(self.offload, self._cancel)
        elif all(leg.state is LegState.DONE for leg in self.offload.legs):
            self._set(lambda tx: offloads.set_state(tx, self._id, OffloadState.DONE))


_Origins = Callable[[dict[str, Leg]], Iterator["_Origin"]]


@dataclasses.dataclass(frozen=True, slots=True)
class _Origin:
    """What is read: the card, or a destination that is proven."""

    root: Path
    donor: Leg | None
    """None: the card itself."""
    reference: Reference
