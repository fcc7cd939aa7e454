"""A table of values: each row one object, each column a way to say something of it. Nothing is read while painting."""

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any, Final, Generic, TypeVar

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget
from typing_extensions import override

from app.ui.theme import style, tokens
from app.ui.widgets.words import plain_tip

T = TypeVar("T")
AnyIndex = QModelIndex | QPersistentModelIndex
_DISPLAY: Final = int(Qt.ItemDataRole.DisplayRole)


@dataclasses.dataclass(frozen=True, slots=True)
class Column(Generic[T]):
    """One column: its title, its width, what it says of a row."""

    title: str
    width: int
    text: Callable[[T], str]
    mono: bool = False
    colour: Callable[[T], str] | str = ""
    """A token's name (`ok`, `warn`, `bad`, `text2`), or what says it of a row; "" is the usual."""


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
        self.setWordWrap(False)
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
        self.clicked.connect(self._open)
        self.activated.connect(self._open)

    def show_items(self, items: Sequence[T]) -> None:
        """Other rows."""
        self.rows.show_items(items)

    def _open(self, index: QModelIndex) -> None:
        self.item_opened.emit(self.rows.items[index.row()])
