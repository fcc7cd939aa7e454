"""What keys do in the grid: moving, extending, choosing all, opening, finding by the first letters."""

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence

from app.ui.widgets.timers import single_shot

if TYPE_CHECKING:
    from app.ui.library.grid import ClipGrid

_QUIET_MS: Final = 1_500


class GridKeys:
    """Keys of one grid.

    Single letters belong to the player (J K L, I O, M …), so finding by letters starts with an
    apostrophe and ends after a pause or with Escape.
    """

    def __init__(self, grid: "ClipGrid") -> None:
        self._grid = grid
        self._typed: str | None = None
        self._quiet = single_shot(grid, _QUIET_MS, self._stop_finding)

    def press(self, event: QKeyEvent) -> bool:
        """Handles a key; False where it is not ours."""
        return self._find(event) or self._move(event) or self._other(event)

    def _find(self, event: QKeyEvent) -> bool:
        if self._typed is None:
            if event.text() != "'":
                return False
            self._typed = ""
        elif event.key() == Qt.Key.Key_Escape:
            self._stop_finding()
            return True
        elif event.key() == Qt.Key.Key_Backspace:
            self._typed = self._typed[:-1]
        elif event.text() and event.text().isprintable():
            self._typed += event.text()
        else:
            return False
        self._quiet.start()
        self._grid.find_typed.emit(self._typed)
        return True

    def _stop_finding(self) -> None:
        self._typed = None
        self._quiet.stop()

    def finding(self) -> bool:
        """Whether letters go to the finder now."""
        return self._typed is not None

    def _move(self, event: QKeyEvent) -> bool:
        grid = self._grid
        count = len(grid.clips)
        step = self._step(Qt.Key(event.key()))
        if step is None or not count:
            return False
        current = grid.clips.selection.current
        target = 0 if current is None else self._kept_inside(current, current + step)
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            grid.clips.choose(lambda s: s.extend(target))
        elif event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            return False
        else:
            grid.clips.choose(lambda s: s.only(target))
        return True

    def _kept_inside(self, current: int, target: int) -> int:
        """At the upper and lower edge the column stays; only the last, short row is entered aside."""
        columns, count = self._grid.cell_layout.columns, len(self._grid.clips)
        if target >= count:
            last_row = (count - 1) // columns
            short = current // columns < last_row and target // columns == last_row
            return count - 1 if short or target - current != columns else current
        if target < 0:
            return current if current - target == columns else 0
        return target

    def _step(self, key: Qt.Key) -> int | None:
        place, count = self._grid.cell_layout, len(self._grid.clips)
        page = max(1, self._grid.viewport().height() // place.pitch) * place.columns
        return {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Up: -place.columns,
            Qt.Key.Key_Down: place.columns,
            Qt.Key.Key_PageUp: -page,
            Qt.Key.Key_PageDown: page,
            Qt.Key.Key_Home: -count,
            Qt.Key.Key_End: count,
        }.get(key)

    def _other(self, event: QKeyEvent) -> bool:
        grid = self._grid
        if event.matches(QKeySequence.StandardKey.SelectAll):
            grid.clips.choose(lambda s: s.everything(len(grid.clips)))
            return True
        current = grid.clips.selection.current
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and current is not None:
            grid.opened.emit(grid.clips.rows[current])
            return True
        if event.key() == Qt.Key.Key_Menu and current is not None:
            grid.menu_asked.emit(grid.viewport().mapToGlobal(grid.rect_of(current).center()))
            return True
        return False
