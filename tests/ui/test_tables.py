"""Tables of values: what does not fit into a line is still to be read."""

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QStyleOptionViewItem, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from app.ui.widgets.tables import Column, RowsTable

LONG = "it is reached through a link that leads out of the volume: what lies there is looked at when its own folder is added"


@pytest.fixture
def table(qtbot: QtBot) -> RowsTable[tuple[str, str]]:
    made = RowsTable[tuple[str, str]](
        "Left alone",
        [
            Column("Left alone", 300, lambda row: row[0], mono=True),
            Column("Why", 300, lambda row: row[1], wrap=True),
        ],
        stretch=0,
    )
    qtbot.addWidget(made)
    made.resize(600, 300)
    made.show()
    return made


def _fits(table: RowsTable[tuple[str, str]], row: int, text: str) -> bool:
    cell = table.visualRect(table.rows.index(row, 1)).adjusted(6, 0, -6, 0)
    need = table.fontMetrics().boundingRect(
        QRect(0, 0, cell.width(), 10_000), int(Qt.TextFlag.TextWordWrap), text
    )
    return need.height() <= cell.height() and need.width() <= cell.width()


def test_a_row_is_as_high_as_its_reason_needs(table: RowsTable[tuple[str, str]]) -> None:
    table.show_items([("a.tmp", "a cache"), ("b", LONG), ("c", "a cache")])
    assert _fits(table, 1, LONG)
    assert table.rowHeight(0) == table.rowHeight(2) < table.rowHeight(1)
    assert table.wordWrap()


def test_rows_follow_the_width_of_their_column(table: RowsTable[tuple[str, str]]) -> None:
    table.show_items([("b", LONG)])
    before = table.rowHeight(0)
    table.setColumnWidth(1, 160)
    assert table.rowHeight(0) > before
    assert _fits(table, 0, LONG)
    table.show_items([("b", "a cache")])
    assert table.rowHeight(0) < before


def test_many_rows_measure_each_text_once(
    table: RowsTable[tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    measured: list[str] = []
    known = table._height_of
    monkeypatch.setattr(
        table, "_height_of", lambda number, text: measured.append(text) or known(number, text)
    )
    table.show_items([(str(n), "a cache" if n % 2 else LONG) for n in range(5_000)])
    assert sorted(measured) == ["a cache", LONG]


def test_a_name_stays_on_one_line_beside_a_reason_of_three(
    table: RowsTable[tuple[str, str]],
) -> None:
    name = "a name that is long enough for three lines of this column/" + "x" * 40
    table.show_items([(name, LONG)])
    features = QStyleOptionViewItem.ViewItemFeature.WrapText
    wraps: list[bool] = []
    for column in (0, 1):
        option = QStyleOptionViewItem()
        table.initViewItemOption(option)
        table.itemDelegate().initStyleOption(option, table.rows.index(0, column))
        wraps.append(bool(option.features & features))
    assert wraps == [False, True]


def test_a_table_is_as_high_as_its_rows_where_it_is_to_be(
    qtbot: QtBot, table: RowsTable[tuple[str, str]]
) -> None:
    host = QWidget()
    qtbot.addWidget(host)
    column = QVBoxLayout(host)
    column.addWidget(table)
    column.addStretch(1)
    host.resize(600, 500)
    host.show()
    table.keep_as_high_as_rows(220)
    table.show_items([("a", LONG), ("b", "a cache")])
    qtbot.wait(50)
    assert table.verticalScrollBar().maximum() == 0
    assert table.height() < 200
    before = table.height()
    table.setColumnWidth(1, 160)
    qtbot.waitUntil(lambda: table.height() > before)
    assert table.verticalScrollBar().maximum() == 0
    table.show_items([("a", LONG)] * 50)
    qtbot.waitUntil(lambda: table.height() >= 220)
    assert table.verticalScrollBar().maximum() > 0
    table.keep_as_high_as_rows(0)
    assert table.maximumHeight() > 10_000
    table.setParent(None)
