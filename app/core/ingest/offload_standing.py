"""How an offload that is under way stands: its journal in memory, what is written to it, and how far it is."""

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from app.core.catalog import offloads
from app.core.catalog.database import Catalog
from app.core.catalog.rows import Tx
from app.core.files.hashing import OnProgress
from app.core.model.errors import Away, Bug, Passing, RushesError
from app.core.model.offloads import (
    CopyState,
    EntryState,
    LegState,
    Offload,
    OffloadEntry,
    Verify,
)
from app.core.platform.pacing import IsCancelled, never

Told = Callable[[int, int], None]
"""Told (bytes done, bytes in all) of the whole offload: reading, reading back and reading again count alike."""

Read = tuple[int, EntryState, Mapping[str, str], str]
"""(number, state, hashes, what is wrong) of a file of the source."""
Copy = tuple[str, int, CopyState, str]
"""(leg, number, state, how that was found or what is wrong)."""

COPYING: Final = "copying"
CARD: Final = "card"


def not_told(_done: int, _total: int) -> None:
    """Nobody wants to know."""


class Standing:
    """The journal of one offload, and how far it is."""

    def __init__(
        self,
        catalog: Catalog,
        offload_id: str,
        *,
        cancel: IsCancelled = never,
        told: Told = not_told,
    ) -> None:
        self._catalog = catalog
        self._id = offload_id
        self._cancel = cancel
        self._told = told
        self._lock = threading.Lock()
        self._done = self._total = 0
        self.in_hand: dict[str, int] = {}
        """Bytes so far of the file in hand: copied (`COPYING`), read again on the card (`CARD`), read back on a leg, by its id."""
        self._load()

    def _load(self) -> None:
        with self._catalog.read() as reader:
            found = offloads.get(reader, self._id)
            self._entries = {one.n: one for one in offloads.entries(reader, self._id)}
        if found is None:
            raise Bug("No such offload", self._id, subject=self._id)
        self.offload: Offload = found
        self._numbers = {one.path: one.n for one in self._entries.values()}
        self._legs = {leg.id: leg for leg in found.legs if leg.state is LegState.OPEN}

    def _wanted(self, entry: OffloadEntry, legs: Iterable[str]) -> frozenset[str]:
        """The open legs on which a file is not."""
        return frozenset(leg for leg in legs if leg in self._legs and leg not in entry.copies)

    def _park(self, leg_id: str, problem: RushesError) -> None:
        with self._lock:
            if self._legs.pop(leg_id, None) is None:
                return
        words = f"{problem.title}: {problem.message}"
        away = isinstance(problem, (Away, Passing))
        self._set(
            lambda tx: offloads.set_leg(tx, self._id, leg_id, LegState.PARKED, words, away=away)
        )

    def _write(
        self,
        read: Sequence[Read],
        copies: Sequence[Copy],
    ) -> None:
        def act(tx: Tx) -> None:
            offloads.set_read(tx, self._id, read)
            offloads.set_copies(tx, self._id, copies)

        self._set(act)

    def _set(self, act: Callable[[Tx], None]) -> None:
        self._catalog.write(act, durable=True)

    def _count(self) -> None:
        """What is still to be read in all."""
        # Those that are copied together take one read, those that follow another one a read each.
        later = {leg for leg, one in self._legs.items() if one.after >= 0}
        copies = sum(
            one.size * (len(wanted & later) + bool(wanted - later))
            for one in self._entries.values()
            if (wanted := self._wanted(one, self._legs))
        )
        back = again = 0
        if self.offload.verify is not Verify.NOTHING:
            back = sum(
                one.size
                for one in self._entries.values()
                for leg in self._legs
                if one.copies.get(leg, (None,))[0] is not CopyState.VERIFIED
            )
        if self.offload.verify is Verify.TWICE:
            states = (EntryState.WAITING, EntryState.READ)
            again = sum(one.size for one in self._entries.values() if one.state in states)
        self._total = copies + back + again

    def _forward(self, size: int, place: str) -> None:
        with self._lock:
            self._done += size
            self.in_hand.pop(place, None)
        self._tell()

    def _pieces(self, place: str) -> OnProgress:
        """Takes the bytes of the file in hand at one place; several places have one at a time."""

        def piece(done: int, _total: int) -> None:
            with self._lock:
                self.in_hand[place] = done
            self._tell()

        return piece

    def _tell(self) -> None:
        with self._lock:
            done = self._done + sum(self.in_hand.values())
        self._told(min(done, self._total), self._total)
