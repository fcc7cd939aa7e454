"""The table of files: where each of them is, a column for each destination. What changes is repainted; nothing jumps."""

from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import Qt
from typing_extensions import override

from app.core.model.names import display
from app.ui.ingest.standing import FileRow
from app.ui.widgets import wording
from app.ui.widgets.core_words import core
from app.ui.widgets.tables import Column, RowsModel, RowsTable
from app.ui.widgets.wording import translate

_SIZE: Final = 76
_NARROW: Final = 110
_WIDE: Final = 132


class _Live(RowsModel[FileRow]):
    """Keeps its place while the same files go on."""

    @override
    def show_items(self, items: Sequence[FileRow]) -> None:
        known = [one.path for one in self.items]
        if [one.path for one in items] != known:
            super().show_items(items)
            return
        changed = [
            n for n, (old, new) in enumerate(zip(self.items, items, strict=True)) if old != new
        ]
        self.items = items
        if changed:
            last = self.index(changed[-1], len(self.columns) - 1)
            self.dataChanged.emit(self.index(changed[0], 0), last)


class FileTable(RowsTable[FileRow]):
    """Files of one card; made anew for other destinations."""

    def __init__(self, legs: Sequence[str]) -> None:
        columns = _columns(legs)
        super().__init__(translate("FileTable", "Files of the card"), columns, stretch=0)
        self.legs = tuple(legs)
        self.rows = _Live(columns, self)
        self.setModel(self.rows)
        for number, column in enumerate(columns):
            self.setColumnWidth(number, column.width)
        self.horizontalHeader().setMinimumSectionSize(60)
        self.horizontalHeader().setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.horizontalHeader().setSectionResizeMode(0, self.horizontalHeader().ResizeMode.Stretch)
        self.setMinimumHeight(180)


def _columns(legs: Sequence[str]) -> list[Column[FileRow]]:
    made: list[Column[FileRow]] = [
        Column(translate("FileTable", "File"), 300, _name, mono=True),
        Column(translate("FileTable", "Size"), _SIZE, _size),
        Column(translate("FileTable", "Source"), _NARROW, _source),
    ]
    for n, leg in enumerate(legs):
        made.append(Column(display(leg), _WIDE, _leg(n)))
    made.append(Column(translate("FileTable", "State"), _NARROW, _state, colour=_colour))
    return made


def _name(row: FileRow) -> str:
    return display(row.path)


def _size(row: FileRow) -> str:
    return wording.size(row.size)


def _source(row: FileRow) -> str:
    return row.source


def _leg(n: int) -> Callable[[FileRow], str]:
    return lambda row: row.legs[n] if n < len(row.legs) else "–"


def _colour(row: FileRow) -> str:
    return row.colour


def _state(row: FileRow) -> str:
    return f"{row.state}: {core(row.why)}" if row.why else row.state
