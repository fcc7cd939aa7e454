"""The columns of the library: the clips keep room for three cards, what a person sets holds and comes back."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.ui.library import widths
from app.ui.library.layout import USUAL, grid_layout
from app.ui.library.widths import GOOD, Wish, shares
from app.ui.shell.layout import layout_of
from tests.ui.bench import Bench, bench

__all__ = ["bench"]
WISHES = st.builds(
    Wish,
    st.integers(1, 900),
    st.integers(1, GOOD),
    st.integers(1, 1600),
    st.sampled_from([None, True, False]),
    st.booleans(),
)


@given(st.integers(600, 4000), WISHES, st.integers(300, 500))
def test_columns_share_all_the_room_and_only_that(room: int, wish: Wish, least: int) -> None:
    places, clips, stage = shares(room, wish, least)
    assert places >= 0 <= clips
    assert stage == 0 if not wish.show_stage else stage >= least
    if room >= places + stage:
        assert places + clips + stage == room
    if wish.show_places is not None:
        assert (places > 0) == wish.show_places


def test_wide_windows_give_every_column_what_it_wishes() -> None:
    assert shares(1598, Wish(), 408) == (220, 754, 624)


def test_the_stage_gives_way_first_then_the_places_get_narrow_then_they_go() -> None:
    assert shares(1398, Wish(), 408) == (220, GOOD, 1398 - 220 - GOOD)
    assert shares(1230, Wish(), 408) == (230 - 20, GOOD, 408)
    assert shares(1098, Wish(), 408) == (160, 530, 408)
    assert shares(1000, Wish(), 408) == (0, 592, 408)
    assert shares(1000, Wish(show_places=True), 408) == (160, 432, 408)


def test_narrow_grids_have_three_usable_columns() -> None:
    assert grid_layout(12, 520, USUAL).columns == 3
    assert grid_layout(12, 520, USUAL + 24).columns == 2
    assert grid_layout(12, 450, USUAL).columns == 2
    assert grid_layout(12, 1100, USUAL).columns == 5


def _columns(bench: Bench) -> tuple[int, int, int]:
    return tuple(bench.library.split.sizes())


def _size(bench: Bench, width: int, height: int) -> None:
    bench.window.resize(width, height)
    bench.qtbot.waitUntil(lambda: bench.window.width() == width)
    bench.settle()


def _whole(bench: Bench, part: QWidget) -> bool:
    inside = part.mapTo(bench.window, QPoint(0, 0))
    return part.isVisible() and inside.x() + part.width() <= bench.window.width()


@pytest.mark.parametrize(("width", "height"), [(1100, 700), (1280, 800)])
def test_a_laptop_shows_three_clips_the_count_and_the_slider(
    bench: Bench, width: int, height: int
) -> None:
    bench.choose(0)
    _size(bench, width, height)
    grid, bar = bench.library.browser.grid, bench.library.browser.bar
    assert grid.cell_layout.columns >= 3
    assert grid.cell_layout.cell_width >= 144
    assert _whole(bench, bar._size)
    assert bar._size.width() >= 48
    assert _whole(bench, bar._count)
    assert bar._count.width() >= bar._count.fontMetrics().horizontalAdvance("412 clips · 6 h 12 m")
    player = bench.library.stage.player
    assert all(_whole(bench, part) for part in (player.viewer, player.transport, player.strip))
    assert bench.library.widths.places_shown


def test_a_window_that_gets_wide_again_has_its_columns_again(bench: Bench) -> None:
    _size(bench, 1600, 900)
    before = _columns(bench)
    assert before[0] == 220
    _size(bench, 960, 600)
    assert not bench.library.widths.places_shown
    assert not bench.library.browser.bar._places.isChecked()
    _size(bench, 1600, 900)
    assert _columns(bench) == before
    assert bench.library.browser.bar._places.isChecked()


def test_keys_and_buttons_hide_and_show_the_columns(bench: Bench, qtbot: QtBot) -> None:
    _size(bench, 1400, 900)
    page, bar = bench.library, bench.library.browser.bar
    before = _columns(bench)
    qtbot.keyClick(bench.window, Qt.Key.Key_F7)
    assert not page.widths.places_shown
    assert _columns(bench)[0] == 0
    qtbot.keyClick(bench.window, Qt.Key.Key_F8)
    assert not page.widths.stage_shown
    bench.settle()
    assert page.browser.width() == page.width()
    assert (bar._places.isChecked(), bar._stage.isChecked()) == (False, False)
    _size(bench, 1300, 900)
    assert not page.widths.places_shown, "a wish holds when the window changes"
    qtbot.mouseClick(bar._places, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(bar._stage, Qt.MouseButton.LeftButton)
    assert (bar._places.isChecked(), bar._stage.isChecked()) == (True, True)
    _size(bench, 1400, 900)
    assert _columns(bench) == before


def test_what_a_person_drags_holds_in_the_next_window(bench: Bench) -> None:
    _size(bench, 1600, 900)
    memory = layout_of(bench.services.home)
    bench.library.widths.remember(memory)
    bench.library.split.moveSplitter(300, 1)
    wished = _columns(bench)
    assert wished[0] == 300
    _size(bench, 1100, 700)
    assert _columns(bench)[0] < 300
    other = widths.Widths(bench.library.split, *(bench.library.split.widget(n) for n in range(3)))
    other.remember(memory)
    assert other.wish == bench.library.widths.wish
    _size(bench, 1600, 900)
    assert _columns(bench) == wished


def test_opening_a_clip_brings_the_clip_in_hand_back(bench: Bench, qtbot: QtBot) -> None:
    bench.choose(0)
    bench.library.widths.toggle_stage()
    assert not bench.library.widths.stage_shown
    bench.library.browser.grid.setFocus()
    qtbot.keyClick(bench.library.browser.grid, Qt.Key.Key_Return)
    assert bench.library.widths.stage_shown
    bench.library.widths.toggle_stage()
    bench.library.stage.player.trigger("note")
    assert bench.library.widths.stage_shown


def test_logging_and_full_screen_bring_the_columns_back(bench: Bench) -> None:
    _size(bench, 1400, 900)
    page = bench.library
    page.widths.toggle_places()
    bench.settle()
    before = _columns(bench)
    page.turn_logging()
    bench.settle()
    assert page.browser.bar._places.isHidden()
    page.widths.toggle_places()
    assert not page.widths.places_shown
    page.turn_logging()
    bench.settle()
    assert _columns(bench) == before
    page.widths.toggle_stage()
    page.set_alone(alone=True)
    assert page.stage.isVisible()
    page.set_alone(alone=False)
    assert not page.widths.places_shown
    assert not page.widths.stage_shown


def test_names_of_the_buttons_and_a_kept_layout_that_is_nonsense(tmp_path: Path) -> None:
    memory = layout_of(tmp_path)
    for name in ("places", "clips", "stage"):
        memory.setValue(f"library/{name}", "-3 x")
    assert [widths._number(memory, n, 7) for n in ("places", "clips", "stage")] == [7, 7, 7]
