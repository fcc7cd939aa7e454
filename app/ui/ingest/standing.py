"""How an offload stands, as values for the page: what the catalog says of it, counted and put into words."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, Final

from app.core.catalog import attempts, offloads
from app.core.catalog.rows import Reader
from app.core.files import copy_back
from app.core.ingest.offload_standing import CARD, COPYING
from app.core.model.offloads import (
    CopyState,
    EntryState,
    LegState,
    Offload,
    OffloadEntry,
    OffloadLeg,
    OffloadState,
    Verify,
)
from app.ui.widgets.wording import fill, translate

RECIPE: Final = "offload"
Judged = tuple[str, str, str, bool, str, int]
"""A verdict of the past: (lasting, digest, name, safe, words, when in ms)."""


@dataclasses.dataclass(frozen=True, slots=True)
class Known:
    """What the catalog knows of all offloads."""

    offloads: tuple[Offload, ...] = ()
    """Newest first."""
    verdicts: tuple[Judged, ...] = ()
    """Newest first."""
    failures: Mapping[str, Mapping[str, Any]] = dataclasses.field(default_factory=dict[str, Any])
    """By offload: the error that it stands still on."""
    entries: Mapping[str, tuple[OffloadEntry, ...]] = dataclasses.field(
        default_factory=dict[str, tuple[OffloadEntry, ...]]
    )
    """Files of those offloads that were asked about."""

    def get(self, offload_id: str) -> Offload | None:
        """One by its id."""
        return next((one for one in self.offloads if one.id == offload_id), None)

    def last_verdict(self, lasting: str) -> Judged | None:
        """The newest verdict on a card. History."""
        return next((one for one in self.verdicts if one[0] == lasting), None)


def read(reader: Reader, wanted: Sequence[str]) -> Known:
    """One snapshot, with the files of these offloads."""
    failures = {one.subject: one.error for one in attempts.every(reader) if one.recipe == RECIPE}
    return Known(
        tuple(offloads.every(reader)),
        tuple(offloads.verdicts(reader)),
        failures,
        {one: tuple(offloads.entries(reader, one)) for one in wanted},
    )


def under_way(one: Offload) -> bool:
    """Whether it goes on by itself, or would if it were not paused."""
    wanted = one.state in (OffloadState.WANTED, OffloadState.PAUSED)
    return wanted and any(leg.state is LegState.OPEN for leg in one.legs)


def parked(one: Offload) -> list[OffloadLeg]:
    """The destinations that wait for somebody, of an offload that is not given up."""
    if one.state in (OffloadState.DONE, OffloadState.STOPPED):
        return []
    return [leg for leg in one.legs if leg.state is LegState.PARKED]


def is_verified(entry: OffloadEntry, leg_id: str) -> bool:
    """Whether a file was read back there, and that was from its disk or server."""
    return entry.copies.get(leg_id, (None,))[0] is CopyState.VERIFIED


@dataclasses.dataclass(frozen=True, slots=True)
class Stage:
    """Bytes that are still to be read for destinations that go together; the next stage begins behind it."""

    legs: tuple[str, ...]
    copy: int = 0
    places: Mapping[str, int] = dataclasses.field(default_factory=dict[str, int])
    """To be read back by leg, to be read again on the card under `CARD`: side by side."""

    @property
    def left(self) -> bool:
        """Whether anything is."""
        return bool(self.copy or any(self.places.values()))


@dataclasses.dataclass(frozen=True, slots=True)
class Amounts:
    """What is left of an offload: first the fast destinations, then each that is copied from one of them."""

    stages: tuple[Stage, ...] = ()

    @property
    def now(self) -> Stage:
        """The stage that is under way."""
        return next((one for one in self.stages if one.left), Stage(()))

    def at(self, place: str) -> int:
        """Bytes to be read back there, or to be read again."""
        return sum(one.places.get(place, 0) for one in self.stages)

    def copying(self, leg: str) -> int:
        """Bytes that go there."""
        return sum(one.copy for one in self.stages if leg in one.legs)


def amounts(one: Offload, entries: Sequence[OffloadEntry], in_hand: Mapping[str, int]) -> Amounts:
    """What is left of an offload."""
    read = [entry for entry in entries if entry.state is not EntryState.UNREADABLE]
    once = (EntryState.WAITING, EntryState.READ)
    made: list[Stage] = []
    for legs in _together(one):
        copy = sum(e.size for e in read if any(leg not in e.copies for leg in legs))
        places: dict[str, int] = {}
        if one.verify is not Verify.NOTHING:
            places = {leg: sum(e.size for e in read if _unproven(e, leg)) for leg in legs}
        if one.verify is Verify.TWICE and not made:
            places[CARD] = sum(entry.size for entry in read if entry.state in once)
        if copy and not any(stage.left for stage in made):
            copy = max(0, copy - in_hand.get(COPYING, 0))
        places = {place: max(0, left - in_hand.get(place, 0)) for place, left in places.items()}
        made.append(Stage(legs, copy, places))
    return Amounts(tuple(made))


def _together(one: Offload) -> list[tuple[str, ...]]:
    """Open destinations that are copied in one read, in the order in which they come."""
    legs = [leg for leg in one.legs if leg.state is LegState.OPEN]
    later = {
        leg.id
        for leg in legs
        if leg.after >= 0 and one.legs[leg.after].state is not LegState.PARKED
    }
    first = tuple(leg.id for leg in legs if leg.id not in later)
    return [first, *((leg.id,) for leg in legs if leg.id in later)]


def _unproven(entry: OffloadEntry, leg: str) -> bool:
    return entry.copies.get(leg, (CopyState.COPIED,))[0] is CopyState.COPIED


@dataclasses.dataclass(frozen=True, slots=True)
class FileRow:
    """One line of the table."""

    path: str
    size: int
    source: str
    legs: tuple[str, ...]
    state: str
    colour: str
    """A token's name."""
    why: str = ""
    """What is wrong with it, in words of the core."""


def bare_rows(files: Sequence[tuple[str, int]]) -> tuple[FileRow, ...]:
    """Files of a card that is not offloaded."""
    state = translate("OffloadWords", "not copied")
    return tuple(FileRow(path, size, "–", (), state, "text2") for path, size in files)


def rows(
    one: Offload, entries: Sequence[OffloadEntry], in_hand: Mapping[str, int]
) -> tuple[FileRow, ...]:
    """Every file of an offload, as it stands now."""
    legs = amounts(one, entries, {}).now.legs
    hand: dict[str, int] = {}
    """The file in hand by place: the first that is not done yet."""
    for n, entry in enumerate(entries):
        if any(leg not in entry.copies for leg in legs):
            hand.setdefault(COPYING, n)
        if entry.state is EntryState.READ:
            hand.setdefault(CARD, n)
        for leg in legs:
            if entry.copies.get(leg, ("",))[0] is CopyState.COPIED:
                hand.setdefault(leg, n)
    # While something is copied, nothing is read back yet.
    busy = [COPYING] if COPYING in in_hand else [CARD, *legs]
    at = {
        (place, hand[place]): in_hand[place] for place in busy if place in in_hand and place in hand
    }
    return tuple(_row(one, entry, at, (n, legs)) for n, entry in enumerate(entries))


def _row(
    one: Offload,
    entry: OffloadEntry,
    at: Mapping[tuple[str, int], int],
    here: tuple[int, tuple[str, ...]],
) -> FileRow:
    n, now = here
    copying = at.get((COPYING, n))
    legs = tuple(
        _copy_words(one, leg, entry, copying if leg.id in now else None, at.get((leg.id, n)))
        for leg in one.legs
    )
    state, colour = _state_words(one, entry, copying)
    said = [said for how, said in entry.copies.values() if how in _WRONG]
    return FileRow(
        entry.path,
        entry.size,
        _source_words(entry, copying, at.get((CARD, n))),
        legs,
        state,
        colour,
        entry.problem or next(iter(said), ""),
    )


_WRONG: Final = (CopyState.DIFFERS, CopyState.FAILED)
_BAD: Final = (EntryState.DIFFERS, EntryState.UNREADABLE)


def _part(size: int, done: int) -> str:
    return f"{100 * done // size if size else 0} %"


def _source_words(entry: OffloadEntry, copying: int | None, again: int | None) -> str:
    if again is not None:
        part = _part(entry.size, again)
        return fill("◔ " + translate("OffloadWords", "reading again {0}"), part)
    if copying is not None and entry.state is EntryState.WAITING:
        return f"◔ {_part(entry.size, copying)}"
    return {
        EntryState.WAITING: "–",
        EntryState.READ: translate("OffloadWords", "read once"),
        EntryState.TWICE: "✓ " + translate("OffloadWords", "read twice"),
        EntryState.DIFFERS: "◆ " + translate("OffloadWords", "differs"),
        EntryState.UNREADABLE: "◆ " + translate("OffloadWords", "cannot be read"),
    }[entry.state]


def _copy_words(
    one: Offload, leg: OffloadLeg, entry: OffloadEntry, copying: int | None, back: int | None
) -> str:
    if leg.id not in entry.copies:
        if leg.state is LegState.PARKED:
            return translate("OffloadWords", "parked")
        if copying is not None:
            return f"◔ {_part(entry.size, copying)}"
        if leg.after >= 0 and one.legs[leg.after].state is LegState.OPEN:
            return fill(translate("OffloadWords", "waits for {0}"), one.legs[leg.after].name)
        return "–"
    if back is not None:
        return fill("◔ " + translate("OffloadWords", "reading back {0}"), _part(entry.size, back))
    state, said = entry.copies[leg.id]
    if state is CopyState.VERIFIED:
        server = said == copy_back.SERVER
        read_back = translate("OffloadWords", "read back")
        from_server = translate("OffloadWords", "read back from the server")
        return f"✓ {from_server if server else read_back}"
    if state is CopyState.COPIED and said == copy_back.UNSURE:
        return translate("OffloadWords", "copied; read back, perhaps from memory")
    return {
        CopyState.COPIED: translate("OffloadWords", "copied"),
        CopyState.DIFFERS: "◆ " + translate("OffloadWords", "differs"),
        CopyState.FAILED: "◆ " + translate("OffloadWords", "not copied"),
    }[state]


def _state_words(one: Offload, entry: OffloadEntry, copying: int | None) -> tuple[str, str]:
    """(words, colour) of the last column: only what was read back everywhere, and twice on the card, is verified."""
    states = [entry.copies.get(leg.id, (None,))[0] for leg in one.legs]
    if entry.state in _BAD or any(state in _WRONG for state in states):
        differs = entry.state is EntryState.DIFFERS or CopyState.DIFFERS in states
        wrong = translate("OffloadWords", "differs")
        return "◆ " + (wrong if differs else translate("OffloadWords", "not copied")), "bad"
    if all(state is CopyState.VERIFIED for state in states):
        if entry.state is EntryState.TWICE:
            return "✓ " + translate("OffloadWords", "verified"), "ok"
        if one.verify is Verify.COPIES:
            return "✓ " + translate("OffloadWords", "copies read back"), "ok"
    if copying is not None:
        return translate("OffloadWords", "copying"), ""
    if all(state is not None for state in states):
        return translate("OffloadWords", "copied"), "text2"
    return translate("OffloadWords", "waiting"), "text2"
