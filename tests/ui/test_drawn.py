"""Cards that are kept as they were drawn look as they would if they were drawn each time."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from app.ui import tasks
from app.ui.library import cells
from app.ui.library.clips import ClipSet
from app.ui.library.drawn import DrawnCards
from app.ui.library.grid import ClipGrid
from app.ui.theme import tokens
from app.ui.widgets.pictures import PictureCache
from tests.support.fake_cards import FakeCardProvider, rows


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
    clips.set_rows(rows(400))
    assert tasks.wait()
    return made


@pytest.fixture
def drawn(grid: ClipGrid, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The rows of the cards that are drawn from now on."""
    seen(grid)
    made: list[int] = []
    draw: Callable[..., None] = cells.paint_card

    def counted(painter, rect, height, card, *more):
        made.append(card.row)
        draw(painter, rect, height, card, *more)

    monkeypatch.setattr(cells, "paint_card", counted)
    return made


def seen(grid: ClipGrid) -> QImage:
    return grid.viewport().grab().toImage()


def test_scrolling_draws_what_comes_into_view(grid: ClipGrid, drawn: list[int]) -> None:
    bar, columns = grid.verticalScrollBar(), grid.cell_layout.columns
    for step in range(1, 11):
        bar.setValue(step * grid.cell_layout.pitch // 5)
        seen(grid)
    assert len(drawn) == len(set(drawn))
    assert len(drawn) <= 3 * columns


def test_kept_cards_look_as_drawn_anew(grid: ClipGrid, drawn: list[int]) -> None:
    grid.clips.choose(lambda selection: selection.only(2))
    kept = seen(grid)
    assert not drawn
    grid.restyle()
    assert seen(grid) == kept
    assert drawn


def test_a_card_that_says_something_else_is_drawn_anew(
    grid: ClipGrid, provider: FakeCardProvider, drawn: list[int], qtbot: QtBot
) -> None:
    before = seen(grid)
    provider.changes = {"name": "Another name"}
    grid.clips.make_stale(["clip-3"])
    assert tasks.wait()
    qtbot.waitUntil(lambda: bool(drawn))
    after = seen(grid)
    assert drawn == [3]
    assert after.copy(grid.rect_of(3)) != before.copy(grid.rect_of(3))
    assert after.copy(grid.rect_of(4)) == before.copy(grid.rect_of(4))


def test_another_size_of_cells_is_drawn_anew(grid: ClipGrid, drawn: list[int]) -> None:
    grid.set_cell_width(300)
    seen(grid)
    assert set(grid.visible()) <= set(drawn)


def test_the_ground_around_the_corners_is_the_grid_s(grid: ClipGrid) -> None:
    corner: QRect = grid.rect_of(0)
    found = seen(grid).pixelColor(corner.topLeft())
    assert found.name() == QColor(tokens.current().bg0).name()


def test_work_in_hand_is_drawn_each_time_and_not_kept(grid: ClipGrid, drawn: list[int]) -> None:
    idle = seen(grid).copy(grid.rect_of(0))
    grid.set_progress({"clip-0": ("Proxies 62 %", 620)})
    assert seen(grid).copy(grid.rect_of(0)) != idle
    grid.set_progress({})
    assert seen(grid).copy(grid.rect_of(0)) == idle
    assert set(drawn) == {0}


def test_no_more_than_a_few_screens_are_kept(grid: ClipGrid) -> None:
    bar = grid.verticalScrollBar()
    for part in range(21):
        bar.setValue(bar.maximum() * part // 20)
        seen(grid)
        assert isinstance(grid._drawn, DrawnCards)
        assert len(grid._drawn) <= 3 * len(grid.visible())
