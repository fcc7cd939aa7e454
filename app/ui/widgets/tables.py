"""A table of values: each row one object, each column a way to say something of it. Nothing is read while painting."""

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any, Final, Generic, TypeVar

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    Qt,
    Signal,
)
from PySide6.QtGui import QFont, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)
from typing_extensions import override

from app.ui.theme import style, tokens
from app.ui.widgets.controls import bare
from app.ui.widgets.words import plain_tip

T = TypeVar("T")
AnyIndex = QModelIndex | QPersistentModelIndex
_DISPLAY: Final = int(Qt.ItemDataRole.DisplayRole)
_ANY: Final = 16_777_215
"""No limit to a widget's height: Qt's own number for it."""
_CELL_MARGIN: Final = 8
"""Pixels around the text of a cell."""


@dataclasses.dataclass(frozen=True, slots=True)
class Column(Generic[T]):
    """One column: its title, its width, what it says of a row."""

    title: str
    width: int
    text: Callable[[T], str]
    mono: bool = False
    colour: Callable[[T], str] | str = ""
    """A token's name (`ok`, `warn`, `bad`, `text2`), or what says it of a row; "" is the usual."""
    wrap: bool = False
    """Whether a row grows until all of this text is seen; such a column is meant for few different texts."""


class RowsModel(QAbstractTableModel, Generic[T]):
    """Rows by position."""

    def __init__(self, columns: Sequence[Column[T]], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.columns = columns
        self.items: Sequence[T] = ()
        self._mono: QFont = tokens.mono()

    def show_items(self, items: Sequence[T]) -> None:
        """Other rows."""
        if items != self.items:
            self.beginResetModel()
            self.items = items
            self.endResetModel()

    @override
    def rowCount(self, parent: AnyIndex = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self.items)

    @override
    def columnCount(self, parent: AnyIndex = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self.columns)

    @override
    def data(self, index: AnyIndex, role: int = _DISPLAY) -> Any:
        column, item = self.columns[index.column()], self.items[index.row()]
        if role == _DISPLAY:
            return column.text(item)
        if role == int(Qt.ItemDataRole.FontRole):
            return self._mono if column.mono else None
        if role == int(Qt.ItemDataRole.ForegroundRole) and column.colour:
            name = column.colour if isinstance(column.colour, str) else column.colour(item)
            return tokens.colour(getattr(tokens.current(), name)) if name else None
        if role == int(Qt.ItemDataRole.ToolTipRole):
            return plain_tip(column.text(item))
        return None

    @override
    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _DISPLAY) -> Any:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == _DISPLAY:
            return self.columns[section].title
        if role == int(Qt.ItemDataRole.TextAlignmentRole):
            return int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        return None


class RowsTable(QTableView, Generic[T]):
    """The table on screen."""

    item_opened = Signal(object)
    """The object of a row that was clicked or opened by key."""

    def __init__(
        self, name: str, columns: Sequence[Column[T]], stretch: int, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.rows = RowsModel[T](columns, self)
        self.setModel(self.rows)
        self.setAccessibleName(name)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setShowGrid(False)
        self._wrapped = [number for number, column in enumerate(columns) if column.wrap]
        self._as_high = 0
        self.setWordWrap(bool(self._wrapped))
        self.setItemDelegate(_Cells(frozenset(self._wrapped), self))
        self.setTabKeyNavigation(False)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(style.ROW_HEIGHTS["comfortable"])
        heads = self.horizontalHeader()
        heads.setHighlightSections(False)
        for number, column in enumerate(columns):
            self.setColumnWidth(number, column.width)
        heads.setSectionResizeMode(stretch, QHeaderView.ResizeMode.Stretch)
        if self._wrapped:
            heads.sectionResized.connect(bare(self._fit_rows))
        self.clicked.connect(self._open)
        self.activated.connect(self._open)

    def show_items(self, items: Sequence[T]) -> None:
        """Other rows."""
        self.rows.show_items(items)
        self._fit_rows()

    def keep_as_high_as_rows(self, most: int) -> None:
        """Takes the room of its rows and no more; above so many pixels it scrolls where there is no more room. 0: as usual."""
        self._as_high = most
        self._fit_height()

    def _fit_height(self) -> None:
        if not self._as_high:
            self.setMinimumHeight(0)
            self.setMaximumHeight(_ANY)
            return
        heads = self.horizontalHeader().sizeHint().height()
        high = heads + self.verticalHeader().length() + 2 * self.frameWidth() + 1
        self.setMinimumHeight(min(high, self._as_high))
        self.setMaximumHeight(high)

    def _fit_rows(self) -> None:
        """Makes rows as high as their wrapped texts need; each different text is measured once."""
        if not self._wrapped:
            return
        heads, usual = self.verticalHeader(), style.ROW_HEIGHTS["comfortable"]
        known: dict[tuple[int, str], int] = {}
        blocked = heads.blockSignals(True)
        for row, item in enumerate(self.rows.items):
            high = usual
            for number in self._wrapped:
                key = (number, self.rows.columns[number].text(item))
                if key not in known:
                    known[key] = self._height_of(*key)
                high = max(high, known[key])
            if heads.sectionSize(row) != high:
                heads.resizeSection(row, high)
        heads.blockSignals(blocked)
        self.updateGeometries()
        self.viewport().update()
        self._fit_height()

    def _height_of(self, number: int, text: str) -> int:
        """Pixels that a text needs in its column."""
        room = QRect(0, 0, max(40, self.columnWidth(number) - 2 * _CELL_MARGIN), 10_000)
        flags = int(Qt.TextFlag.TextWordWrap)
        return self.fontMetrics().boundingRect(room, flags, text).height() + 2 * _CELL_MARGIN

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_rows()

    def _open(self, index: QModelIndex) -> None:
        self.item_opened.emit(self.rows.items[index.row()])


class _Cells(QStyledItemDelegate):
    """Wraps the text of some columns; in the others a name stays on its line and is cut in the middle."""

    def __init__(self, wrapped: frozenset[int], parent: QObject) -> None:
        super().__init__(parent)
        self._wrapped = wrapped

    @override
    def initStyleOption(self, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        super().initStyleOption(option, index)
        if index.column() not in self._wrapped:
            option.features &= ~QStyleOptionViewItem.ViewItemFeature.WrapText
