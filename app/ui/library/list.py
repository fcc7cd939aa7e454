"""The clip list: one line a clip, columns that can be moved and sorted, the same selection as the grid."""

from typing import Final

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget
from typing_extensions import override

from app.ui.library.clips import ClipSet
from app.ui.library.list_header import ListHeader
from app.ui.library.list_model import ClipTable
from app.ui.theme import style

_MOST_RUNS: Final = 2_000


class ClipList(QTableView):
    """Clips as lines."""

    opened = Signal(int)
    menu_asked = Signal(QPoint)
    sort_wanted = Signal(str, bool)
    """A key the catalog sorts by, and whether the other way round."""
    drag_wanted = Signal()

    def __init__(self, clips: ClipSet, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.clips = clips
        self.table = ClipTable(clips, self)
        self.setModel(self.table)
        self._echo = False
        self.setAccessibleName(self.tr("Clips"))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setTabKeyNavigation(False)
        self.setDragEnabled(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._ask_menu)
        self.doubleClicked.connect(self._open)
        self._set_up_headers()
        self.verticalScrollBar().valueChanged.connect(self.ask_for_visible)
        self.selectionModel().selectionChanged.connect(self._selected_here)
        self.selectionModel().currentRowChanged.connect(self._current_here)
        clips.reset.connect(self._show_selection)
        clips.arrived.connect(self.viewport().update)
        clips.staled.connect(self.ask_for_visible)
        clips.selection_changed.connect(self._show_selection)

    def _set_up_headers(self) -> None:
        lines = self.verticalHeader()
        lines.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        lines.setDefaultSectionSize(style.ROW_HEIGHTS["normal"])
        lines.hide()
        heads = ListHeader(self.table, self)
        self.setHorizontalHeader(heads)
        heads.sectionClicked.connect(self._sort_by)
        for number, column in enumerate(self.table.columns):
            self.setColumnWidth(number, column.width)
        heads.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)

    def _ask_menu(self, point: QPoint) -> None:
        self.menu_asked.emit(self.viewport().mapToGlobal(point))

    def _open(self, index: QModelIndex) -> None:
        self.opened.emit(self.clips.rows[index.row()])

    def set_density(self, density: str) -> None:
        """Row height by the density setting."""
        self.verticalHeader().setDefaultSectionSize(style.ROW_HEIGHTS.get(density, 28))

    def show_sort(self, sort: str, *, descending: bool) -> None:
        """Marks the column that is sorted by."""
        order = Qt.SortOrder.DescendingOrder if descending else Qt.SortOrder.AscendingOrder
        found = [n for n, column in enumerate(self.table.columns) if column.sort == sort]
        self.horizontalHeader().setSortIndicator(found[0] if found else -1, order)

    def ask_for_visible(self) -> None:
        """Has the cards of the lines in view fetched."""
        if not self.isVisible() or not len(self.clips):
            return
        first = max(0, self.rowAt(0))
        height = self.verticalHeader().defaultSectionSize()
        count = self.viewport().height() // max(1, height) + 2
        self.clips.want(range(max(0, first - count), min(len(self.clips), first + 2 * count)))

    def _sort_by(self, section: int) -> None:
        sort = self.table.columns[section].sort
        if sort:
            heads = self.horizontalHeader()
            same = heads.sortIndicatorSection() == section
            up = heads.sortIndicatorOrder() is Qt.SortOrder.AscendingOrder
            self.sort_wanted.emit(sort, same and not up)

    def _selected_here(self) -> None:
        if self._echo:
            return
        selection = self.selectionModel().selection()
        spans = [selection.at(number) for number in range(selection.count())]
        runs = [(one.top(), one.bottom() + 1) for one in spans if one.isValid()]
        self._echo = True
        self.clips.choose(lambda s: s.replace(runs))
        self._echo = False

    def _current_here(self, index: QModelIndex) -> None:
        if self._echo or not index.isValid():
            return
        place = index.row()
        self._echo = True
        self.clips.choose(lambda s: setattr(s, "current", place))
        self._echo = False

    def _show_selection(self) -> None:
        if self._echo:
            return
        self._echo = True
        last = len(self.table.columns) - 1
        chosen = QItemSelection()
        for start, stop in self.clips.selection.runs[:_MOST_RUNS]:
            chosen.select(self.table.index(start, 0), self.table.index(stop - 1, last))
        flags = QItemSelectionModel.SelectionFlag
        self.selectionModel().select(chosen, flags.ClearAndSelect)
        current = self.clips.selection.current
        if current is not None and current != self.currentIndex().row():
            index = self.table.index(current, max(0, self.currentIndex().column()))
            self.selectionModel().setCurrentIndex(index, flags.NoUpdate)
            self.scrollTo(index)
        self._echo = False
        self.ask_for_visible()

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.opened.emit(self.clips.rows[self.currentIndex().row()])
            return
        # Letters belong to the player, not to Qt's search in the table.
        if event.text() and event.text().isprintable() and not event.modifiers():
            event.ignore()
            return
        super().keyPressEvent(event)

    @override
    def focusInEvent(self, event: QFocusEvent) -> None:
        # Qt makes the first line current, without choosing it, where none is: that is nobody's wish.
        was, self._echo = self._echo, True
        super().focusInEvent(event)
        if self.clips.selection.current is None:
            self.selectionModel().clearCurrentIndex()
        self._echo = was

    @override
    def startDrag(self, supportedActions: Qt.DropAction) -> None:
        if supportedActions & Qt.DropAction.CopyAction:
            self.drag_wanted.emit()

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        at = self.rowViewportPosition(self.currentIndex().row())
        was_in_view = 0 <= at < event.oldSize().height()
        super().resizeEvent(event)
        if was_in_view:
            self.scrollTo(self.currentIndex())
        self.ask_for_visible()
