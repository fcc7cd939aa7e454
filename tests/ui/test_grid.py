import threading
from array import array
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from app.core.model.ids import ClipRow
from app.core.model.media import ClipState
from app.ui import tasks
from app.ui.library.clips import WINDOW, ClipSet
from app.ui.library.grid import ClipGrid
from app.ui.widgets import pictures
from app.ui.widgets.pictures import PictureCache
from tests.support.fake_cards import FakeCardProvider, rows

MILLION = 1_000_000


@pytest.fixture
def provider() -> FakeCardProvider:
    return FakeCardProvider()


@pytest.fixture
def grid(qtbot: QtBot, provider: FakeCardProvider) -> ClipGrid:
    clips = ClipSet(provider)
    made = ClipGrid(clips, PictureCache(clips))
    clips.setParent(made)
    made.resize(1000, 800)
    qtbot.addWidget(made)
    made.show()
    return made


@pytest.fixture
def hundred(grid: ClipGrid) -> ClipGrid:
    grid.clips.set_rows(rows(100))
    assert tasks.wait()
    return grid


def test_a_million_clips_paint_and_fetch_only_what_shows(
    grid: ClipGrid, provider: FakeCardProvider
) -> None:
    grid.clips.set_rows(rows(MILLION))
    grid.viewport().repaint()
    in_view = len(grid.visible())
    assert in_view < 40
    assert grid.painted_cells <= in_view * 2
    assert tasks.wait()
    assert sum(map(len, provider.asked)) <= 2 * WINDOW
    assert grid.clips.card(0) is not None

    provider.asked.clear()
    grid.painted_cells = 0
    grid.verticalScrollBar().setValue(grid.verticalScrollBar().maximum() // 2)
    grid.viewport().repaint()
    assert tasks.wait()
    assert sum(map(len, provider.asked)) <= 3 * WINDOW
    assert grid.painted_cells <= 4 * in_view


def test_scrolling_fast_does_not_queue_a_fetch_for_every_step(
    grid: ClipGrid, provider: FakeCardProvider
) -> None:
    grid.clips.set_rows(rows(MILLION))
    bar = grid.verticalScrollBar()
    for step in range(500):
        bar.setValue(bar.maximum() * step // 500)
    assert tasks.wait()
    assert len(provider.asked) < 20


@pytest.mark.usefixtures("hundred")
def test_cards_are_fetched_off_the_main_thread(provider: FakeCardProvider) -> None:
    assert provider.threads
    assert threading.get_ident() not in provider.threads


def test_one_arriving_card_repaints_one_cell(qtbot: QtBot, hundred: ClipGrid) -> None:
    hundred.viewport().repaint()
    hundred.painted_cells = 0
    hundred.clips.make_stale(["clip-3"])
    assert tasks.wait()
    qtbot.waitUntil(lambda: hundred.painted_cells > 0)
    assert hundred.painted_cells < 8


def test_a_clip_that_is_gone_stays_a_skeleton_and_is_not_asked_for_again(qtbot: QtBot) -> None:
    provider = FakeCardProvider(gone=frozenset({2}))
    clips = ClipSet(provider)
    grid = ClipGrid(clips, PictureCache(clips))
    qtbot.addWidget(grid)
    clips.setParent(grid)
    clips.set_rows(rows(10))
    assert tasks.wait()
    asked = len(provider.asked)
    grid.ask_for_visible()
    grid.grab()
    assert tasks.wait()
    assert len(provider.asked) == asked


def _centre(grid: ClipGrid, position: int) -> QPoint:
    return grid.rect_of(position).center()


def test_click_ctrl_click_and_shift_click_choose(qtbot: QtBot, hundred: ClipGrid) -> None:
    view, left = hundred.viewport(), Qt.MouseButton.LeftButton
    control, shift = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
    qtbot.mouseClick(view, left, pos=_centre(hundred, 1))
    assert hundred.clips.chosen_rows() == [1]
    qtbot.mouseClick(view, left, control, _centre(hundred, 4))
    assert hundred.clips.chosen_rows() == [1, 4]
    qtbot.mouseClick(view, left, shift, _centre(hundred, 6))
    assert hundred.clips.chosen_rows() == [4, 5, 6]
    qtbot.mouseClick(view, left, control, _centre(hundred, 5))
    assert hundred.clips.chosen_rows() == [4, 6]
    assert hundred.clips.current_row() == 5


def test_rubber_band_chooses_the_cells_it_touches(qtbot: QtBot, hundred: ClipGrid) -> None:
    view, left = hundred.viewport(), Qt.MouseButton.LeftButton
    qtbot.mousePress(view, left, pos=QPoint(2, 2))
    qtbot.mouseMove(view, _centre(hundred, 1))
    qtbot.mouseRelease(view, left, pos=_centre(hundred, 1))
    assert hundred.clips.chosen_rows() == [0, 1]


def test_keys_move_extend_and_choose_all(qtbot: QtBot, hundred: ClipGrid) -> None:
    columns = hundred.cell_layout.columns
    key: Callable[..., None] = lambda *a: qtbot.keyClick(hundred, *a)  # noqa: E731
    key(Qt.Key.Key_Right)
    assert hundred.clips.current_row() == 0
    key(Qt.Key.Key_Down)
    assert hundred.clips.current_row() == columns
    key(Qt.Key.Key_Up)
    key(Qt.Key.Key_Up)
    assert hundred.clips.current_row() == 0
    key(Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert hundred.clips.chosen_rows() == [0, 1]
    key(Qt.Key.Key_End)
    assert hundred.clips.current_row() == 99
    assert hundred.top > 0
    key(Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert len(hundred.clips.chosen_rows()) == 100


def test_choosing_all_of_a_million_costs_one_run(qtbot: QtBot, grid: ClipGrid) -> None:
    grid.clips.set_rows(rows(MILLION))
    qtbot.keyClick(grid, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert len(grid.clips.selection) == MILLION
    assert grid.clips.selection.runs == ((0, MILLION),)


def test_letters_after_an_apostrophe_find_and_the_player_keeps_its_keys(
    qtbot: QtBot, hundred: ClipGrid
) -> None:
    found: list[str] = []
    hundred.find_typed.connect(found.append)
    qtbot.keyClick(hundred, Qt.Key.Key_J)
    assert found == []
    qtbot.keyClicks(hundred, "'A0")
    assert found == ["", "A", "A0"]
    qtbot.keyClick(hundred, Qt.Key.Key_Escape)
    qtbot.keyClick(hundred, Qt.Key.Key_K)
    assert found == ["", "A", "A0"]


def test_enter_and_double_click_open(qtbot: QtBot, hundred: ClipGrid) -> None:
    opened: list[int] = []
    hundred.opened.connect(opened.append)
    qtbot.mouseDClick(hundred.viewport(), Qt.MouseButton.LeftButton, pos=_centre(hundred, 2))
    hundred.clips.choose_row(ClipRow(5))
    qtbot.keyClick(hundred, Qt.Key.Key_Return)
    assert opened == [2, 5]


def test_what_is_chosen_survives_another_order(hundred: ClipGrid) -> None:
    hundred.clips.choose(lambda s: s.replace([(2, 4)]))
    hundred.clips.choose(lambda s: setattr(s, "current", 3))
    backwards = rows(100)
    backwards.reverse()
    hundred.clips.set_rows(backwards)
    assert hundred.clips.chosen_rows() == [3, 2]
    assert hundred.clips.current_row() == 3


def test_the_current_clip_comes_back_when_a_search_is_cleared(hundred: ClipGrid) -> None:
    hundred.clips.choose_row(ClipRow(7))
    hundred.clips.set_rows(array("q", [1, 2]))
    assert hundred.clips.current_row() is None
    hundred.clips.set_rows(array("q", []))
    hundred.clips.set_rows(rows(100))
    assert hundred.clips.current_row() == 7
    assert hundred.clips.chosen_rows() == [7]


def test_the_current_cell_has_a_name_for_screen_readers(hundred: ClipGrid) -> None:
    hundred.clips.choose_row(ClipRow(7))
    assert hundred.accessibleName().startswith("A000C007_260514_R2EC, 0:08")


def test_posters_are_decoded_to_the_size_shown_and_painted(
    tmp_path: Path, provider: FakeCardProvider, grid: ClipGrid
) -> None:
    poster = tmp_path / "poster.png"
    image = QImage(320, 180, QImage.Format.Format_RGB32)
    image.fill(QColor("#2040ff"))
    assert image.save(str(poster))
    provider.changes = {"poster": str(poster)}
    grid.clips.set_rows(rows(1))
    assert tasks.wait()
    grid.grab()
    assert tasks.wait()
    place = grid.rect_of(0)
    picture = QPoint(place.center().x(), place.top() + grid.cell_layout.picture_height // 3)
    assert grid.grab().toImage().pixelColor(picture) == QColor("#2040ff")
    size = QSize(grid.cell_layout.cell_width, grid.cell_layout.picture_height)
    kept = grid.pictures.get(str(poster), size)
    assert kept is not None
    assert kept.width() <= grid.cell_layout.cell_width

    provider.changes = {"poster": str(poster), "state": ClipState.OFFLINE}
    grid.clips.make_stale()
    assert tasks.wait()
    grid.grab()
    assert tasks.wait()
    shown = grid.grab().toImage().pixelColor(picture)
    assert shown.red() == shown.green() == shown.blue()


def test_painting_reads_nothing_itself(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    hundred: ClipGrid,
    provider: FakeCardProvider,
) -> None:
    provider.changes = {"poster": str(tmp_path / "slow.jpg")}
    hundred.clips.make_stale()
    assert tasks.wait()
    readers: set[int] = set()

    def decode(_path: str, _size: QSize, *, grey: bool = False) -> QImage:
        assert not grey
        readers.add(threading.get_ident())
        return QImage(1, 1, QImage.Format.Format_RGB32)

    monkeypatch.setattr(pictures, "decode", decode)
    hundred.pictures.forget_failures()
    asked = len(provider.asked)
    hundred.viewport().repaint()
    assert not readers & {threading.get_ident()}
    assert tasks.wait()
    assert readers
    assert threading.get_ident() not in readers
    assert len(provider.asked) == asked
