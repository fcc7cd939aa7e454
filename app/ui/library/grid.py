"""The clip grid: an own scroll area that computes its cells by arithmetic, so that a million clips open at once.

Painting looks nothing up but what is in memory: cards from the `ClipSet`, pictures from the
`PictureCache`. Neither waits. What is missing is drawn as a skeleton and repainted when it comes.
"""

from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QWidget
from typing_extensions import override

from app.core.model.entities import ClipCard
from app.core.model.media import ClipState
from app.ui.library import cells
from app.ui.library.clips import ClipSet
from app.ui.library.drawn import DrawnCards
from app.ui.library.grid_keys import GridKeys
from app.ui.library.grid_mouse import GridMouse
from app.ui.library.layout import USUAL, GridLayout, grid_layout
from app.ui.theme import tokens
from app.ui.widgets.pictures import PictureCache

SMALLEST: Final = 120
LARGEST: Final = 480
_SCREENS: Final = 3
"""Screens of cards that are kept as they were drawn."""


class ClipGrid(QAbstractScrollArea):
    """Clips as cards."""

    opened = Signal(int)
    """Enter or double click on this row."""
    menu_asked = Signal(QPoint)
    """A context menu for the selection, at this point of the screen."""
    find_typed = Signal(str)
    """Letters typed after an apostrophe: go to the clip whose name starts so."""
    drag_wanted = Signal()
    """The selection is being dragged out of the window."""

    def __init__(
        self, clips: ClipSet, pictures: PictureCache, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.clips = clips
        self.pictures = pictures
        self.wanted_width = USUAL
        self.density = "normal"
        self.look = cells.CellLook()
        self.painted_cells = 0
        """Cells painted so far: what the tests count instead of time."""
        self._drawn = DrawnCards()
        self._progress: Mapping[str, tuple[str, int]] = {}
        self._loading = False
        self._layout = grid_layout(0, 1, self.wanted_width)
        self._mouse = GridMouse(self)
        self._keys = GridKeys(self)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setMouseTracking(True)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName(self.tr("Clips"))
        self.verticalScrollBar().valueChanged.connect(self._scrolled)
        clips.reset.connect(self.relayout)
        clips.arrived.connect(self._cards_came)
        clips.staled.connect(self.ask_for_visible)
        clips.selection_changed.connect(self.viewport().update)
        clips.current_changed.connect(self._current_moved)
        pictures.arrived.connect(self._picture_came)

    @property
    def cell_layout(self) -> GridLayout:
        """Where the cells are now."""
        return self._layout

    @property
    def finding(self) -> bool:
        """Whether letters go to the finder now."""
        return self._keys.finding()

    @property
    def top(self) -> int:
        """How far the view is scrolled down."""
        return self.verticalScrollBar().value()

    def set_cell_width(self, wanted: int) -> None:
        """About this wide; the current clip stays in sight."""
        self.wanted_width = min(max(wanted, SMALLEST), LARGEST)
        self.relayout()
        self._show_current()

    def set_density(self, density: str) -> None:
        """`dense`, `normal` or `comfortable`."""
        self.density = density
        self.relayout()

    def set_progress(self, progress: Mapping[str, tuple[str, int]]) -> None:
        """What is being made of which clip (by id): words and how much of it, 0..1000."""
        if progress != self._progress:
            self._progress = progress
            self.viewport().update()

    def set_loading(self, loading: bool) -> None:
        """While the first clips are asked for, skeletons stand in their places."""
        if loading != self._loading:
            self._loading = loading
            self.viewport().update()

    def restyle(self) -> None:
        """After a change of theme or of the grey toggle."""
        grey = self.look.grey_all
        self.look = cells.CellLook()
        self.look.grey_all = grey
        self._drawn.clear()
        self.viewport().update()

    def visible(self) -> range:
        """The positions in view."""
        return self._layout.visible(self.top, self.viewport().height())

    def rect_of(self, position: int) -> QRect:
        """A cell in the viewport's coordinates."""
        return self._layout.rect(position).translated(0, -self.top)

    def position_at(self, point: QPoint) -> int | None:
        """The cell under a point of the viewport."""
        return self._layout.at(point + QPoint(0, self.top))

    def show_position(self, position: int) -> None:
        """Scrolls as little as needed to bring a cell into view."""
        rect, bar = self._layout.rect(position), self.verticalScrollBar()
        gap = self._layout.gap
        if rect.top() - gap < self.top:
            bar.setValue(rect.top() - gap)
        elif rect.bottom() + gap > self.top + self.viewport().height():
            bar.setValue(rect.bottom() + gap - self.viewport().height())

    def relayout(self) -> None:
        """Places everything anew: other clips, another width, another size of cells."""
        height = self.viewport().height()
        self._layout = grid_layout(
            len(self.clips), self.viewport().width(), self.wanted_width, self.density
        )
        bar = self.verticalScrollBar()
        bar.setRange(0, max(0, self._layout.height - height))
        bar.setPageStep(height)
        bar.setSingleStep(max(1, self._layout.pitch // 3))
        self.ask_for_visible()
        self.viewport().update()

    def ask_for_visible(self) -> None:
        """Has the cards in view, and a screen beyond, fetched where they are missing."""
        height = self.viewport().height()
        self.clips.want(self._layout.visible(max(0, self.top - height // 2), height * 2))

    def update_position(self, position: int) -> None:
        """Repaints one cell."""
        self.viewport().update(self.rect_of(position).adjusted(-1, -1, 1, 1))

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        dirty = event.rect()
        painter.fillRect(dirty, tokens.colour(self.look.tokens.bg0))
        if not len(self.clips):
            if self._loading:
                self._paint_waiting(painter)
            return
        for position in self._layout.visible(self.top + dirty.top(), dirty.height() + 1):
            rect = self.rect_of(position)
            if rect.intersects(dirty):
                self._paint_cell(painter, position, rect)
        self._mouse.paint(painter)
        self._drawn.keep(_SCREENS * len(self.visible()))

    def _paint_waiting(self, painter: QPainter) -> None:
        place = grid_layout(60, self.viewport().width(), self.wanted_width, self.density)
        for position in place.visible(0, self.viewport().height()):
            cells.paint_skeleton(painter, place.rect(position), place.picture_height, self.look)

    def _paint_cell(self, painter: QPainter, position: int, rect: QRect) -> None:
        self.painted_cells += 1
        card = self.clips.card(position)
        if card is None:
            cells.paint_skeleton(painter, rect, self._layout.picture_height, self.look)
            return
        state, height = self._state(position, card), self._layout.picture_height
        picture = self._scrubbed(card, state) or self._poster(card)
        ratio = self.devicePixelRatioF()
        if state.work or state.scrub is not None or not ratio.is_integer():
            cells.paint_card(painter, rect, height, card, picture, state, self.look)
        else:
            made = self._drawn.get(rect.size(), height, card, picture, self.look, int(ratio))
            painter.drawPixmap(rect.topLeft(), made)
        cells.paint_state(painter, rect, height, state, self.look.tokens)

    def _state(self, position: int, card: ClipCard) -> cells.CellState:
        work, permille = self._progress.get(card.id, ("", 0))
        return cells.CellState(
            selected=position in self.clips.selection,
            current=position == self.clips.selection.current,
            focused=self.hasFocus(),
            scrub=self._mouse.scrub_at(position),
            work=work,
            permille=permille,
        )

    def _poster(self, card: ClipCard) -> QPixmap | None:
        if card.poster is None:
            return None
        ratio = self.devicePixelRatioF()
        size = QSize(int(self._layout.cell_width * ratio), int(self._layout.picture_height * ratio))
        return self.pictures.get(card.poster, size, grey=self._is_grey(card))

    def _scrubbed(self, card: ClipCard, state: cells.CellState) -> QPixmap | None:
        if state.scrub is None or card.filmstrip is None:
            return None
        sprite = self.pictures.get(card.filmstrip, QSize(0, 0), grey=self._is_grey(card))
        if sprite is None:
            return None
        tile = cells.tile_rect(card.filmstrip_facts, state.scrub)
        return None if tile is None else sprite.copy(tile)

    def _is_grey(self, card: ClipCard) -> bool:
        return self.look.grey_all or card.state in (ClipState.OFFLINE, ClipState.MISSING)

    def _scrolled(self) -> None:
        self.ask_for_visible()
        self._mouse.leave()
        self.viewport().update()

    def _cards_came(self, rows: frozenset[int]) -> None:
        for position in self.visible():
            if self.clips.rows[position] in rows:
                self.update_position(position)
        self._say_current()

    def _picture_came(self, path: str) -> None:
        for position in self.visible():
            card = self.clips.card(position)
            if card is not None and path in (card.poster, card.filmstrip):
                self.update_position(position)

    def _current_moved(self) -> None:
        self._show_current()
        self._say_current()

    def _show_current(self) -> None:
        current = self.clips.selection.current
        if current is not None:
            self.show_position(current)

    def _say_current(self) -> None:
        card = self.clips.current_card()
        words = cells.spoken(card) if card else self.tr("Clips")
        if words != self.accessibleName():
            self.setAccessibleName(words)
            if QAccessible.isActive():
                QAccessible.updateAccessibility(
                    QAccessibleEvent(self, QAccessible.Event.NameChanged)
                )

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        self.relayout()

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self._keys.press(event):
            super().keyPressEvent(event)

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._mouse.press(event)

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._mouse.move(event)

    @override
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._mouse.release(event)

    @override
    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._mouse.double_click(event)

    @override
    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self._mouse.leave()
        return super().viewportEvent(event)

    @override
    def focusInEvent(self, event: QFocusEvent) -> None:
        self.viewport().update()
        super().focusInEvent(event)

    @override
    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.viewport().update()
        super().focusOutEvent(event)
