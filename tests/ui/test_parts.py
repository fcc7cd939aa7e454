import threading
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.core.catalog import library
from app.core.model.media import ClipState
from app.core.work.recipes import Job, Recipe, Subject
from app.ui import tasks
from app.ui.inspector.note_entry import LineOfWords, NoteEntry, Stamp
from app.ui.library import cells
from app.ui.library.clips import ClipSet
from app.ui.library.filters import FilterBar
from app.ui.library.list import ClipList
from app.ui.library.sidebar_rows import tree
from app.ui.shell.toasts import Toasts
from app.ui.shell.workload import ReadyBy
from app.ui.widgets.pictures import PictureCache
from app.ui.widgets.words import NameLabel, elided, label
from tests.support.fake_cards import FakeCardProvider, card


def test_folders_become_a_tree_that_counts_what_is_below() -> None:
    roots = tree("v", [("Day 3/A cam", 71), ("Day 3/B cam", 44), ("Day 2", 160), ("", 5)])
    assert [(n.title, n.count) for n in roots] == [("Day 2", "160"), ("Day 3", "115")]
    assert [(n.title, n.count) for n in roots[1].children] == [("A cam", "71"), ("B cam", "44")]


def test_ready_by_learns_from_what_was_done_and_lanes_run_side_by_side() -> None:
    ready = ReadyBy()
    recipe = Recipe("derive", "Proxies", lambda *_: [], lambda *_: None)
    due = {"derive": [Subject(str(n), "encode", "c") for n in range(10)]}
    assert ready.seconds(due, {"encode": 2}) is None
    job = Job(recipe, Subject("x", "encode", "c"), threading.Event(), started_ns=1)
    ready.see([job], 1)
    ready.see([], 4_000_000_001)
    assert ready.seconds(due, {"encode": 2}) == 20
    assert ready.seconds(due, {"encode": 1}) == 40
    assert ready.seconds({"scan": due["derive"]}, {}) == 0


def test_badges_name_state_notes_and_decision() -> None:
    words = [b.text for b in cells.badges(card(1, open_notes=3, approved=True), cells.CellState())]
    assert words == ["3", "approved"]
    offline = card(1, state=ClipState.OFFLINE, approved=False, open_notes=0)
    assert [b.text for b in cells.badges(offline, cells.CellState(work="Proxies 62 %"))] == [
        "offline",
        "Proxies 62 %",
    ]
    assert "offline" in cells.spoken(offline)


def test_a_tile_is_found_by_its_place() -> None:
    facts = {"columns": 4, "rows": 2, "tile_width": 160, "tile_height": 90, "frames": [*range(7)]}
    assert cells.tile_rect(facts, 0) == QRect(0, 0, 160, 90)
    assert cells.tile_rect(facts, 1000) == QRect(320, 90, 160, 90)
    assert cells.tile_rect({}, 500) is None


def test_of_one_field_one_filter_holds(qtbot: QtBot) -> None:
    bar = FilterBar()
    qtbot.addWidget(bar)
    bar._flip("rating>=3")
    bar._flip("has:notes")
    bar._flip("rating>=5")
    assert bar.terms == ("has:notes", "rating>=5")
    bar._flip("has:notes")
    assert bar.terms == ("rating>=5",)


def test_a_stamp_takes_the_range_the_frame_lies_in() -> None:
    assert Stamp.at(10, None, None) == Stamp(10, 11)
    assert Stamp.at(10, 5, 20) == Stamp(5, 20)
    assert Stamp.at(20, 5, 20) == Stamp(20, 21)


def test_a_note_is_sent_with_enter_and_kept_with_escape(qtbot: QtBot) -> None:
    entry = NoteEntry()
    qtbot.addWidget(entry)
    began: list[None] = []
    written: list[str] = []
    entry.typing_began.connect(lambda: began.append(None))
    entry.written.connect(written.append)
    qtbot.keyClicks(entry.line, "two")
    qtbot.keyClick(entry.line, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClicks(entry.line, "lines")
    entry.show_stamp(Stamp(7, 8), "later")
    assert entry.stamp == Stamp(0, 1)
    qtbot.keyClick(entry.line, Qt.Key.Key_Escape)
    assert entry.line.toPlainText() == "two\nlines"
    qtbot.keyClick(entry.line, Qt.Key.Key_Return)
    assert written == ["two\nlines"]
    assert began == [None]
    entry.show_stamp(Stamp(7, 8), "later")
    assert entry.stamp == Stamp(7, 8)


def test_a_line_of_words_grows_and_stops_growing(qtbot: QtBot) -> None:
    host = QWidget()
    qtbot.addWidget(host)
    host.resize(400, 600)
    line = LineOfWords("Note")
    line.setParent(host)
    line.resize(300, 30)
    host.show()
    one = line.height()
    line.setPlainText("\n".join("line" for _ in range(4)))
    four = line.height()
    line.setPlainText("\n".join("line" for _ in range(40)))
    assert one < four < line.height() < one * 8


def _poster(path: Path, size: int = 64) -> str:
    image = QImage(size, size, QImage.Format.Format_RGB32)
    image.fill(QColor("#80ff20"))
    assert image.save(str(path))
    return str(path)


@pytest.mark.usefixtures("qapp")
def test_pictures_keep_to_their_budget_and_the_newest_wish_comes_first(tmp_path: Path) -> None:
    cache = PictureCache(budget=64 * 64 * 4 * 3)
    paths = [_poster(tmp_path / f"{n}.png") for n in range(8)]
    for path in paths:
        assert cache.get(path, QSize(64, 64)) is None
    assert tasks.wait()
    there = [p for p in paths if (p, 64, 64, False) in cache._ready]
    assert len(there) == 3
    assert cache._used <= cache._budget


@pytest.mark.usefixtures("qapp")
def test_a_picture_that_cannot_be_read_is_not_asked_for_again_until_told(tmp_path: Path) -> None:
    cache = PictureCache()
    path = str(tmp_path / "late.png")
    cache.get(path, QSize(10, 10))
    assert tasks.wait()
    assert cache.get(path, QSize(10, 10)) is None
    assert not tasks.busy()
    _poster(Path(path))
    cache.forget_failures()
    cache.get(path, QSize(10, 10))
    assert tasks.wait()
    assert cache.get(path, QSize(10, 10)) is not None


def test_long_and_hostile_names_are_cut_in_the_middle_and_made_visible(qtbot: QtBot) -> None:
    name = NameLabel("A" * 120 + "\u202e" + "B" * 130)
    qtbot.addWidget(name)
    name.resize(120, 20)
    shown = elided(name.text(), name.fontMetrics(), 120)
    assert "…" in shown
    assert "\u202e" not in name.accessibleName()
    assert "\\u202e" in name.accessibleName()
    name.grab()


def test_labels_never_take_markup(qtbot: QtBot) -> None:
    made = label("<b>bold</b>")
    qtbot.addWidget(made)
    assert made.textFormat() is Qt.TextFormat.PlainText


def test_messages_pile_up_only_so_far(qtbot: QtBot) -> None:
    host = QWidget()
    qtbot.addWidget(host)
    host.resize(800, 600)
    host.show()
    toasts = Toasts(host)
    for number in range(9):
        toasts.tell(f"done {number}")
    assert toasts.count() == 4
    assert toasts.isVisible()
    assert all(one.height() >= 30 for one in toasts._toasts())
    assert toasts.geometry().bottom() < host.height()


class _Sorting:
    """A list of two clips in a table, and what its head asks for."""

    def __init__(self, qtbot: QtBot) -> None:
        clips = ClipSet(FakeCardProvider())
        self.list = ClipList(clips)
        clips.setParent(self.list)
        self.list.resize(1800, 300)
        self.head = self.list.horizontalHeader()
        self.asked: list[tuple[str, bool]] = []
        self.list.sort_wanted.connect(self._wanted)
        qtbot.addWidget(self.list)
        self.list.show()

    def _wanted(self, sort: str, descending: bool) -> None:
        self.asked.append((sort, descending))
        self.list.show_sort(sort, descending=descending)

    def click(self, key: str) -> None:
        section = [column.key for column in self.list.table.columns].index(key)
        at = QPoint(self.head.sectionViewportPosition(section) + 20, self.head.height() // 2)
        QTest.mouseMove(self.head.viewport(), at)
        QTest.mouseClick(self.head.viewport(), Qt.MouseButton.LeftButton, pos=at)


def test_a_head_sorts_or_does_not_answer(qtbot: QtBot) -> None:
    made = _Sorting(qtbot)
    for column in made.list.table.columns:
        made.asked.clear()
        marked = made.head.sortIndicatorSection()
        made.click(column.key)
        tip = made.list.table.headerData(
            made.list.table.columns.index(column),
            Qt.Orientation.Horizontal,
            int(Qt.ItemDataRole.ToolTipRole),
        )
        if column.sort:
            assert made.asked == [(column.sort, False)]
            made.click(column.key)
            assert made.asked[-1] == (column.sort, True)
            assert column.title in tip
        else:
            assert (made.asked, tip) == ([], None)
            assert made.head.sortIndicatorSection() == marked
            assert not made.head.sectionsClickable()


def test_every_sort_of_the_list_is_one_the_catalog_has(qtbot: QtBot) -> None:
    for column in _Sorting(qtbot).list.table.columns:
        assert not column.sort or column.sort in library.SORTS
