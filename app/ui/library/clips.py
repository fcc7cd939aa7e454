"""The clips that are shown, and which of them are chosen: what grid, list and inspector share.

Holds row numbers only, eight bytes a clip, and fetches cards in windows of 200 as they come into
view. Cards may be stale for a moment; they are shown all the same until the fresh ones arrive.
"""

from array import array
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Final, Protocol

from PySide6.QtCore import QObject, Signal

from app.core.model.entities import ClipCard
from app.core.model.ids import ClipRow
from app.ui import tasks
from app.ui.library.selection import Selection, runs_of
from app.ui.widgets.timers import single_shot

WINDOW: Final = 200
_KEPT: Final = 8_000
_IN_FLIGHT: Final = 2


class CardProvider(Protocol):
    """Where cards come from. Called on worker threads."""

    def fetch(self, rows: Sequence[ClipRow]) -> list[ClipCard]:
        """The cards of these rows, in any order; rows that are gone are left out."""
        ...

    def paths(self, rows: Sequence[ClipRow]) -> list[str]:
        """Absolute paths of the essence files that can be reached now."""
        ...


class ClipSet(QObject):
    """Clips in the order they are shown."""

    reset = Signal()
    """Other clips, or another order."""
    arrived = Signal(object)
    """Cards came for this `frozenset` of rows."""
    staled = Signal()
    """Some cards on hand are out of date: ask for what is visible again."""
    selection_changed = Signal()
    current_changed = Signal()

    def __init__(self, provider: CardProvider, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.provider = provider
        self.rows: array[int] = array("q")
        self.selection = Selection()
        self._cards: OrderedDict[int, ClipCard] = OrderedDict()
        self._row_of: dict[str, int] = {}
        self._stale: set[int] = set()
        self._gone: set[int] = set()
        self._asked: set[int] = set()
        self._wanted: list[list[int]] = []
        self._in_flight = 0
        self._hidden = -1
        """The row that was current when it left the rows that are shown."""
        self._pump = single_shot(self, 0, self._fetch)

    def __len__(self) -> int:
        return len(self.rows)

    def set_rows(self, rows: "array[int]") -> None:
        """Shows these clips; what was chosen stays chosen where it is still there."""
        if rows == self.rows:
            return
        chosen, current = self._chosen(), self.current_row()
        self.rows = rows
        self._gone.clear()
        self._choose_again(chosen, current)
        self.reset.emit()
        self.selection_changed.emit()
        if self.current_row() != current:
            self.current_changed.emit()

    def card(self, position: int) -> ClipCard | None:
        """The card at a position as far as it is known; never fetches."""
        row = self.rows[position]
        card = self._cards.get(row)
        if card is not None:
            self._cards.move_to_end(row)
        return card

    def want(self, positions: range) -> None:
        """These positions are in view: fetches what is missing or stale, in whole windows."""
        if not positions or not self.rows:
            return
        windows: list[list[int]] = []
        for number in range(positions.start // WINDOW, (positions.stop - 1) // WINDOW + 1):
            window = self.rows[number * WINDOW : (number + 1) * WINDOW]
            lacking = [row for row in window if self._lacks(row)]
            if lacking:
                windows.append(lacking)
        self._wanted = windows
        if windows and not self._pump.isActive():
            self._pump.start()

    def current_card(self) -> ClipCard | None:
        """The card of the current clip."""
        current = self.selection.current
        return None if current is None else self.card(current)

    def current_row(self) -> ClipRow | None:
        """The row of the current clip."""
        current = self.selection.current
        return None if current is None else ClipRow(self.rows[current])

    def chosen_rows(self) -> list[ClipRow]:
        """The rows of all chosen clips, in the order shown."""
        return [
            ClipRow(row) for start, stop in self.selection.runs for row in self.rows[start:stop]
        ]

    def choose(self, change: Callable[[Selection], None]) -> None:
        """Changes the selection and tells the views."""
        current = self.selection.current
        change(self.selection)
        self.selection_changed.emit()
        if self.selection.current != current:
            self.current_changed.emit()

    def choose_row(self, row: ClipRow) -> bool:
        """Makes a clip the current one by its row; False where it is not shown."""
        try:
            position = self.rows.index(row)
        except ValueError:
            return False
        self.choose(lambda selection: selection.only(position))
        return True

    def make_stale(
        self, clip_ids: Iterable[str] | None = None, *, rows: Collection[int] | None = None
    ) -> None:
        """These clips, or rows, changed (neither: any may have). They are fetched again when they are in view."""
        if rows is not None:
            self._stale.update(rows)
        elif clip_ids is None:
            self._stale.update(self._cards)
        else:
            self._stale.update(row for row in map(self._row_of.get, clip_ids) if row is not None)
        self._gone.clear()
        self.staled.emit()

    def _lacks(self, row: int) -> bool:
        if row in self._asked or row in self._gone:
            return False
        return row in self._stale or row not in self._cards

    def _fetch(self) -> None:
        while self._wanted and self._in_flight < _IN_FLIGHT:
            rows = [ClipRow(row) for row in self._wanted.pop(0)]
            self._asked.update(rows)
            self._stale.difference_update(rows)
            self._in_flight += 1
            tasks.run_query(
                self,
                lambda rows=rows: self.provider.fetch(rows),
                lambda cards, rows=rows: self._take(rows, cards),
                lambda error, rows=rows: self._miss(rows, error),
            )

    def _take(self, rows: list[ClipRow], cards: list[ClipCard]) -> None:
        self._landed(rows)
        for card in cards:
            self._cards[card.row] = card
            self._cards.move_to_end(card.row)
            self._row_of[card.id] = card.row
        self._gone.update(set(rows) - {card.row for card in cards})
        while len(self._cards) > _KEPT:
            row, card = self._cards.popitem(last=False)
            self._row_of.pop(card.id, None)
            self._stale.discard(row)
        self.arrived.emit(frozenset(rows))

    def _miss(self, rows: list[ClipRow], error: tasks.RushesError) -> None:
        self._landed(rows)
        self._gone.update(rows)
        tasks.report(error)

    def _landed(self, rows: list[ClipRow]) -> None:
        self._in_flight -= 1
        self._asked.difference_update(rows)
        if self._wanted:
            self._pump.start()

    def _chosen(self) -> set[int]:
        return {row for start, stop in self.selection.runs for row in self.rows[start:stop]}

    def _choose_again(self, chosen: set[int], current: int | None) -> None:
        """Chooses the same clips at their new places. The current one that a search hides comes back with it."""
        self.selection.clear()
        if current is None and not chosen and self._hidden in self.rows:
            current, chosen = self._hidden, {self._hidden}
        if current is not None:
            self._hidden = -1 if current in self.rows else current
        if chosen:
            self.selection.replace(
                runs_of(place for place, row in enumerate(self.rows) if row in chosen)
            )
        if current is not None and current in self.rows:
            self.selection.current = self.selection.anchor = self.rows.index(current)
