"""What the mouse does in the grid: choosing, rubber band, hover scrub, dragging out, context menu."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QApplication

from app.ui.theme import tokens

if TYPE_CHECKING:
    from app.ui.library.grid import ClipGrid

_CTRL = Qt.KeyboardModifier.ControlModifier
_SHIFT = Qt.KeyboardModifier.ShiftModifier


class GridMouse:
    """The state of one gesture."""

    def __init__(self, grid: "ClipGrid") -> None:
        self._grid = grid
        self._pressed: QPoint | None = None
        self._choose_on_release: int | None = None
        self._band: QRect | None = None
        self._before: tuple[tuple[int, int], ...] = ()
        self._hover: int | None = None
        self._scrub = 0

    def scrub_at(self, position: int) -> int | None:
        """Where the pointer is over this cell's picture, 0..1000; None where it is not."""
        return self._scrub if position == self._hover else None

    def press(self, event: QMouseEvent) -> None:
        """Chooses, or begins a rubber band in a gap."""
        grid, point = self._grid, event.position().toPoint()
        position = grid.position_at(point)
        if event.button() == Qt.MouseButton.RightButton:
            self._ask_menu(position, event.globalPosition().toPoint())
            return
        if event.button() != Qt.MouseButton.LeftButton:
            return
        self._pressed = point
        if position is None:
            self._begin_band(point, keep=bool(event.modifiers() & (_CTRL | _SHIFT)))
        else:
            self._choose(position, event.modifiers())

    def _choose(self, position: int, modifiers: Qt.KeyboardModifier) -> None:
        clips = self._grid.clips
        if modifiers & _SHIFT:
            clips.choose(lambda s: s.extend(position, keep=bool(modifiers & _CTRL)))
        elif modifiers & _CTRL:
            clips.choose(lambda s: s.toggle(position))
        elif position in clips.selection:
            # Perhaps several are about to be dragged: one alone is chosen when the button comes up.
            self._choose_on_release = position
        else:
            clips.choose(lambda s: s.only(position))

    def _ask_menu(self, position: int | None, where: QPoint) -> None:
        clips = self._grid.clips
        if position is not None and position not in clips.selection:
            clips.choose(lambda s: s.only(position))
        self._grid.menu_asked.emit(where)

    def _begin_band(self, point: QPoint, *, keep: bool) -> None:
        clips = self._grid.clips
        self._before = clips.selection.runs if keep else ()
        if not keep:
            clips.choose(lambda s: s.replace(()))
        self._band = QRect(point + QPoint(0, self._grid.top), point + QPoint(0, self._grid.top))

    def move(self, event: QMouseEvent) -> None:
        """Scrubs, stretches the band, or starts a drag."""
        point = event.position().toPoint()
        if self._band is not None:
            self._stretch(point)
        elif self._pressed is not None and event.buttons() & Qt.MouseButton.LeftButton:
            if (point - self._pressed).manhattanLength() >= QApplication.startDragDistance():
                self._pressed = self._choose_on_release = None
                self._grid.drag_wanted.emit()
        elif not event.buttons():
            self._hover_at(point)

    def _stretch(self, point: QPoint) -> None:
        grid = self._grid
        if self._band is None:
            return
        if point.y() < 0 or point.y() > grid.viewport().height():
            step = point.y() if point.y() < 0 else point.y() - grid.viewport().height()
            bar = grid.verticalScrollBar()
            bar.setValue(bar.value() + step)
        self._band.setBottomRight(point + QPoint(0, grid.top))
        spans = grid.cell_layout.touched(self._band.normalized())
        runs = [*self._before, *((span.start, span.stop) for span in spans)]
        grid.clips.choose(lambda s: s.replace(runs))

    def _hover_at(self, point: QPoint) -> None:
        grid = self._grid
        position = grid.position_at(point)
        if position is None:
            self.leave()
            return
        rect = grid.rect_of(position)
        over = point.y() < rect.top() + grid.cell_layout.picture_height
        card = grid.clips.card(position)
        if not over or card is None or card.filmstrip is None:
            self.leave()
            return
        if self._hover != position:
            self.leave()
        self._hover = position
        self._scrub = min(1000, max(0, (point.x() - rect.left()) * 1000 // rect.width()))
        grid.update_position(position)

    def leave(self) -> None:
        """The pointer is over no picture."""
        if self._hover is not None:
            position, self._hover = self._hover, None
            if position < len(self._grid.clips):
                self._grid.update_position(position)

    def release(self, event: QMouseEvent) -> None:
        """Ends the gesture."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        position, self._choose_on_release = self._choose_on_release, None
        if position is not None and position < len(self._grid.clips):
            self._grid.clips.choose(lambda s: s.only(position))
        self._pressed = None
        if self._band is not None:
            self._band = None
            self._grid.viewport().update()

    def double_click(self, event: QMouseEvent) -> None:
        """Opens a clip."""
        position = self._grid.position_at(event.position().toPoint())
        if position is not None and event.button() == Qt.MouseButton.LeftButton:
            self._grid.opened.emit(self._grid.clips.rows[position])

    def paint(self, painter: QPainter) -> None:
        """Draws the rubber band."""
        if self._band is None or self._band.normalized().width() < 2:
            return
        look = tokens.current()
        painter.setPen(QPen(tokens.colour(look.accent), 1))
        painter.setBrush(tokens.colour(look.accent, 24))
        painter.drawRect(self._band.normalized().translated(0, -self._grid.top))
