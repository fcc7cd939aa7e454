"""What the Ingest page knows: cards that are in, offloads of the catalog, how far those go that are under way."""

import json
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, cast

from PySide6.QtCore import QObject, QSettings, Signal

from app.core.catalog.rows import Reader
from app.core.ingest.offload_standing import CARD
from app.core.model.changes import Aspect, ChangeSet
from app.core.model.offloads import Offload
from app.ui.ingest import standing
from app.ui.ingest.card_view import Shown
from app.ui.ingest.pace import Pace
from app.ui.ingest.seats import Seat, Seats
from app.ui.ingest.standing import FileRow, Known
from app.ui.shell.layout import layout_of
from app.ui.widgets.timers import single_shot

if TYPE_CHECKING:
    from app.ui.desk import Desk

_SOON_MS: Final = 400
_SPEEDS: Final = "ingest/speeds"


class CardsModel(QObject):
    """One reading of the catalog at a time, with the files of what is on show and of what is under way."""

    changed = Signal()

    def __init__(self, desk: "Desk", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self.seats = Seats(desk, self)
        self.known = Known()
        self.read = False
        """The catalog was read once."""
        self._rows: dict[str, tuple[FileRow, ...]] = {}
        self._hands: dict[str, dict[str, int] | None] = {}
        self._paces: dict[str, Pace] = {}
        self._memory = layout_of(desk.services.home)
        self._speeds = _speeds(self._memory)
        self._chosen = ""
        self._asking = False
        self._soon = single_shot(self, _SOON_MS, self.ask)
        self.seats.changed.connect(self.changed)
        desk.changed.connect(self._on_changed)

    def choose(self, key: str) -> None:
        """What is on show: its files are read as well."""
        if key != self._chosen:
            self._chosen = key
            self.ask()

    def of_seat(self, seat: Seat) -> Offload | None:
        """The newest offload of a card in the state it is in."""
        if not seat.place.lasting or not seat.digest:
            return None
        return next(
            (
                one
                for one in self.known.offloads
                if one.lasting == seat.place.lasting and one.digest == seat.digest
            ),
            None,
        )

    def changed_since(self, seat: Seat) -> Offload | None:
        """An offload of it from before it was changed, where there is none since."""
        if not seat.place.lasting or not seat.digest or self.of_seat(seat) is not None:
            return None
        return next((o for o in self.known.offloads if o.lasting == seat.place.lasting), None)

    def permille(self, offload_id: str) -> int | None:
        """How far the engine is with an offload; None while it is not at it."""
        for job in self._desk.services.engine.jobs():
            if job.recipe.name == standing.RECIPE and job.subject.id == offload_id:
                return min(1000, 1000 * job.done // job.total) if job.total else 0
        return None

    def pace(self, offload_id: str) -> Pace:
        """Its speeds."""
        return self._paces.setdefault(offload_id, Pace())

    def in_hand(self, offload_id: str) -> dict[str, int] | None:
        """Bytes of the files in hand, as they were when the catalog was read; None where it is not under way."""
        return self._hands.get(offload_id)

    def chosen(self) -> tuple[Seat | None, Offload | None]:
        """What is on show."""
        kind, _, rest = self._chosen.partition(":")
        if kind == "seat":
            seat = self.seats.get(rest)
            return seat, self.of_seat(seat) if seat else None
        return None, self.known.get(rest) if kind == "offload" else None

    def shown(self) -> Shown | None:
        """Everything about what is on show; None where it is gone."""
        seat, one = self.chosen()
        if seat is None and one is None:
            return None
        entries = self.known.entries.get(one.id, ()) if one else ()
        rows = self._rows.get(one.id, ()) if one else ()
        if one is None and seat is not None and seat.contents is not None:
            rows = standing.bare_rows([(e.rel, e.size) for e in seat.contents.files])
        reading = self.seats.reading
        mine = reading is not None and seat is not None and reading.path == seat.place.path
        free: Mapping[str, int | None] = self.seats.free
        return Shown(
            seat=seat,
            offload=one,
            changed_since=self.changed_since(seat) if seat else None,
            entries=entries,
            rows=rows,
            known=self.known,
            in_hand=self.in_hand(one.id) if one else None,
            pace=self.pace(one.id) if one else Pace(),
            free=free,
            reading=(reading.done, reading.total) if reading and mine else None,
            may_read=reading is None,
        )

    def ask(self) -> None:
        """Reads the catalog again; one question at a time."""
        if self._asking:
            if not self._soon.isActive():
                self._soon.start()
            return
        self._asking = True
        _, one = self.chosen()
        service = self._desk.services.offloads
        wanted = {one.id} if one else set[str]()
        wanted |= {o.id for o in self.known.offloads if service.in_hand(o.id) is not None}

        def read(reader: Reader) -> tuple[Known, dict[str, dict[str, int] | None], int]:
            begun = time.monotonic_ns()
            # Before the catalog: a file that was noted meanwhile is not counted twice for long.
            hands = {one: service.in_hand(one) for one in wanted}
            known = standing.read(reader, sorted(wanted))
            return known, hands, (time.monotonic_ns() - begun) // 1_000_000

        self._desk.query(self, read, self._take, lambda _error: self._missed(), key="cards")

    def _missed(self) -> None:
        self._asking = False

    def _take(self, answer: tuple[Known, dict[str, dict[str, int] | None], int]) -> None:
        self._asking = False
        self.known, self._hands, took_ms = answer
        self.read = True
        # What costs much is asked for the less often.
        self._soon.setInterval(max(_SOON_MS, 10 * took_ms))
        self._withdraw()
        now = time.monotonic_ns()
        self._rows = {}
        for offload_id, entries in self.known.entries.items():
            one, hand = self.known.get(offload_id), self._hands.get(offload_id)
            if one is None:
                continue
            self._rows[offload_id] = standing.rows(one, entries, hand or {})
            if hand is not None:
                self._measure(one, now, standing.amounts(one, entries, hand))
        _, one = self.chosen()
        if one is not None and one.id not in self.known.entries:
            self.ask()  # it came into being meanwhile: without its files it would look empty
            return
        self.changed.emit()

    def _withdraw(self) -> None:
        """What was said of a card ends where a copy was found damaged since, as by the reading at night."""
        for seat in self.seats.shown():
            last = self.known.last_verdict(seat.place.lasting)
            later = seat.judged is not None and last is not None and last[5] > seat.judged.at_ms
            if later and last is not None and not last[3]:
                self.seats.forget(seat.place.path)

    def _measure(self, one: Offload, now_ns: int, left: standing.Amounts) -> None:
        """Takes the speeds, and keeps how quickly each place is read: for the next time, from one day to the next."""
        pace = self.pace(one.id)
        roots = {leg.id: leg.root for leg in one.legs} | {CARD: CARD}
        pace.known = {
            place: self._speeds[root] for place, root in roots.items() if root in self._speeds
        }
        pace.see(now_ns, left)
        if learned := {roots[place]: rate for place, rate in pace.learned().items()}:
            self._speeds |= learned
            self._memory.setValue(_SPEEDS, json.dumps(self._speeds))

    def _on_changed(self, changes: ChangeSet) -> None:
        wanted = changes.touches(Aspect.OFFLOAD, Aspect.ATTEMPT)
        if wanted and not self._soon.isActive():
            self._soon.start()


def _speeds(memory: QSettings) -> dict[str, int]:
    """Bytes a second by destination, and of cards, as they were last time."""
    try:
        kept = json.loads(str(memory.value(_SPEEDS, "") or "{}"))
    except ValueError:
        return {}  # somebody wrote into the file
    if not isinstance(kept, dict):
        return {}
    every = cast("dict[str, object]", kept)
    return {root: rate for root, rate in every.items() if isinstance(rate, int) and rate > 0}
