"""The cards that are in now, and folders that a person offloads like one: found, read and watched in the background.

A card's verdict lives here, and only as long as the card is in and unchanged: when it goes or another is in its place,
nothing is known any more.
"""

import dataclasses
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Signal

from app.core.ingest import offload_naming, offload_plan
from app.core.ingest.card_reading import fileset_digest, read_card
from app.core.ingest.card_values import CardContents
from app.core.ingest.verdict import Policy, Verdict
from app.core.model.errors import RushesError
from app.core.model.names import display
from app.core.platform import clock, devices, grounds, removable
from app.ui import tasks
from app.ui.tasks import Lane

if TYPE_CHECKING:
    from app.ui.desk import Desk

_AGAIN_NS: Final = 10_000_000_000
"""A card on show is looked through again after so long: it may be changed while it is in."""


@dataclasses.dataclass(frozen=True, slots=True)
class Place:
    """A folder that may be a card."""

    path: str
    label: str
    serial: str
    added: bool
    """A person named it: it is offered whatever it holds."""
    lasting: str
    """Tells this card from another at the same place."""
    device: str
    """The key of the device it lies on."""


@dataclasses.dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict, and on what."""

    verdict: Verdict
    digest: str
    at_ms: int


@dataclasses.dataclass(frozen=True, slots=True)
class Seat:
    """A card that is in."""

    place: Place
    contents: CardContents | None = None
    """None: it is being read, or could not be."""
    digest: str = ""
    error: RushesError | None = None
    judged: Judgement | None = None
    withdrawn: bool = False
    """It was changed after it was read in full."""
    read_ns: int = 0

    @property
    def key(self) -> str:
        """What it is chosen by."""
        return f"seat:{self.place.path}"

    @property
    def name(self) -> str:
        """What people call it: the reel, else the volume's or folder's name."""
        clips = [clip.name for clip in self.contents.clips] if self.contents else []
        return offload_naming.reel_of(clips) or self.place.label

    @property
    def is_card(self) -> bool:
        """Whether it is to be shown: a card, or named by a person."""
        known = self.contents is not None and self.contents.type is not None
        return self.place.added or known


@dataclasses.dataclass(slots=True)
class Reading:
    """A card that is being read in full."""

    path: str
    cancelled: threading.Event = dataclasses.field(default_factory=threading.Event)
    done: int = 0
    total: int = 0

    def told(self, done: int, total: int) -> None:
        """How far it is; on whatever thread."""
        self.done, self.total = done, total

    def off(self) -> bool:
        """Whether it is to end."""
        return self.cancelled.is_set() or tasks.closing()


class Seats(QObject):
    """Finds cards and keeps what is known of them."""

    changed = Signal()

    def __init__(self, desk: "Desk", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._added: list[str] = []
        self._seats: dict[str, Seat] = {}
        self._looking = False
        self._being_read = ""
        self.reading: Reading | None = None
        """The one card that is being read in full now."""
        self.free: dict[str, int | None] = {}
        """Free bytes of destinations; None where nothing answers."""

    def shown(self) -> list[Seat]:
        """The cards, in the order they came."""
        return [seat for seat in self._seats.values() if seat.is_card]

    def get(self, path: str) -> Seat | None:
        """One by its path."""
        return self._seats.get(path)

    def holds(self, lasting: str) -> bool:
        """Whether that card is in."""
        return any(seat.place.lasting == lasting for seat in self._seats.values())

    def add(self, path: str) -> None:
        """A folder that a person wants to offload."""
        if path not in self._added:
            self._added.append(path)
        self.look()

    def remove(self, path: str) -> None:
        """It is no longer offered."""
        self._added = [one for one in self._added if one != path]
        if self._seats.pop(path, None):
            self.changed.emit()

    def look(self, destinations: tuple[str, ...] = ()) -> None:
        """Asks in the background what is in; one question at a time, for a dead disk may not answer."""
        if self._looking:
            return
        self._looking = True
        added = tuple(self._added)

        def find() -> tuple[list[Place], dict[str, int | None]]:
            return _places(added), {one: _free(one) for one in destinations}

        tasks.run_query(self, find, self._found, self._not_found, lane=Lane.PROBE)

    def _not_found(self, _error: RushesError) -> None:
        self._looking = False

    def _found(self, both: tuple[list[Place], dict[str, int | None]]) -> None:
        self._looking = False
        places, free = both
        wanted = {one.path: one for one in places}
        before = (tuple(self._seats.values()), dict(self.free))
        self._seats = {
            path: seat for path, seat in self._seats.items() if wanted.get(path) == seat.place
        } | {
            path: Seat(one)
            for path, one in wanted.items()
            if path not in self._seats or self._seats[path].place != one
        }
        self.free |= free
        if self.reading and self.reading.path not in self._seats:
            self.reading.cancelled.set()
        self._read_next()
        if before != (tuple(self._seats.values()), self.free):
            self.changed.emit()

    # What is on them

    def refresh(self, path: str) -> None:
        """Looks through a card again, now and then: what was said of it holds for what is on it now."""
        seat = self._seats.get(path)
        busy = self.reading is not None and self.reading.path == path
        if seat is None or busy or self._being_read:
            return
        if clock.monotonic_ns() - seat.read_ns > _AGAIN_NS:
            self._read(seat)

    def _read_next(self) -> None:
        fresh = next((s for s in self._seats.values() if not s.read_ns), None)
        if fresh is not None and not self._being_read:
            self._read(fresh)

    def _read(self, seat: Seat) -> None:
        place = seat.place
        self._being_read = place.path

        def work() -> tuple[CardContents, str]:
            contents = read_card(Path(place.path), cancel=tasks.closing)
            return contents, fileset_digest(contents)

        tasks.run_query(
            self,
            work,
            lambda both: self._take(place, *both),
            lambda error: self._failed(place, error),
            lane=Lane.CARD,
        )

    def _take(self, place: Place, contents: CardContents, digest: str) -> None:
        def put(seat: Seat) -> Seat:
            changed = seat.judged is not None and seat.judged.digest != digest
            return dataclasses.replace(
                seat,
                contents=contents,
                digest=digest,
                error=None,
                judged=None if changed else seat.judged,
                withdrawn=seat.withdrawn or changed,
                read_ns=clock.monotonic_ns(),
            )

        self._change(place, put)

    def _failed(self, place: Place, error: RushesError) -> None:
        self._change(
            place,
            lambda seat: dataclasses.replace(
                seat, error=error, judged=None, read_ns=clock.monotonic_ns()
            ),
        )

    def _change(self, place: Place, put: Callable[[Seat], Seat]) -> None:
        """Changes a seat, where the same card is still in it."""
        self._being_read = ""
        seat = self._seats.get(place.path)
        if seat is not None and seat.place == place:
            self._seats[place.path] = put(seat)
            self.changed.emit()
        self._read_next()

    # The verdict

    def judge(self, path: str, policy: Policy) -> None:
        """Reads a card and its copies in full; one card at a time."""
        seat = self._seats.get(path)
        if seat is None or self.reading is not None:
            return
        reading = self.reading = Reading(path)
        place, source, service = seat.place, Path(path), self._desk.services.offloads

        def work() -> Judgement:
            # What is on it before: what changes later is seen then.
            digest = fileset_digest(read_card(source, cancel=reading.off))
            found = service.verdict(source, policy, cancel=reading.off, told=reading.told)
            return Judgement(found, digest, clock.now_ms())

        tasks.run_query(
            self,
            work,
            lambda judged: self._judged(place, judged),
            self._not_judged,
            lane=Lane.CARD,
        )
        self.changed.emit()

    def forget(self, path: str) -> None:
        """The verdict does not hold any more: something was begun."""
        seat = self._seats.get(path)
        if seat is not None and seat.judged is not None:
            self._seats[path] = dataclasses.replace(seat, judged=None)
            self.changed.emit()

    def stop_reading(self) -> None:
        """Calls the reading off."""
        if self.reading is not None:
            self.reading.cancelled.set()

    def _judged(self, place: Place, judged: Judgement) -> None:
        self.reading = None
        seat = self._seats.get(place.path)
        if seat is not None and seat.place == place:
            self._seats[place.path] = dataclasses.replace(seat, judged=judged, withdrawn=False)
        self.changed.emit()

    def _not_judged(self, error: RushesError) -> None:
        called_off = self.reading is not None and self.reading.cancelled.is_set()
        self.reading = None
        if not called_off:
            tasks.report(error)
        self.changed.emit()


def _places(added: tuple[str, ...]) -> list[Place]:
    found = [
        Place(
            str(one.path),
            one.label or display(one.path.name),
            one.serial or "",
            added=str(one.path) in added,
            lasting=_lasting(one.path),
            device=_device(one.path),
        )
        for one in removable.removable_mounts()
    ]
    there = {one.path for one in found}
    for path in added:
        folder = Path(path)
        if path not in there and folder.is_dir():
            label = display(folder.name) or path
            lasting, device = _lasting(folder), _device(folder)
            found.append(Place(path, label, "", added=True, lasting=lasting, device=device))
    return found


def _lasting(folder: Path) -> str:
    try:
        return offload_plan.source_id(folder.resolve())
    except RushesError:
        return ""


def _device(folder: Path) -> str:
    try:
        return devices.device_of(folder).key
    except RushesError:
        return ""


def _free(folder: str) -> int | None:
    try:
        return grounds.facts_of(Path(folder)).free
    except RushesError:
        return None
