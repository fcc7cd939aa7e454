"""The window on small screens, and bars that fold instead of growing."""

import itertools

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QWidget

from tests.ui.bench import Bench, bench

__all__ = ["bench"]
CHIPS = ("rating>=3", "is:circled", "is:approved", "has:notes", "has:transcript", "kind:video")
SMALL = (800, 480)


def _size(bench: Bench, width: int, height: int) -> None:
    bench.window.resize(width, height)
    bench.settle()


def _inside(bench: Bench, part: QWidget) -> bool:
    left = part.mapTo(bench.window, QPoint(0, 0)).x()
    return left >= 0 and left + part.width() <= bench.window.width()


def _apart(parts: list[QWidget]) -> bool:
    spans = sorted((part.x(), part.x() + part.width()) for part in parts if part.isVisible())
    return all(end <= begin for (_, end), (begin, _) in itertools.pairwise(spans))


@pytest.mark.parametrize("page", ["plan", "ingest", "library", "review", "deliver", "settings"])
def test_a_small_screen_holds_the_window(bench: Bench, page: str) -> None:
    bench.work.switch_project(bench.desk.project_id)
    bench.services.projects.change("name", "A long name of a long project")
    bench.library.browser.bar.filters.set_terms(CHIPS)
    bench.work.show_page(page)
    _size(bench, *SMALL)
    assert (bench.window.width(), bench.window.height()) == SMALL
    header = bench.window.header
    bar = [header._project, *header._pages.values(), header.search, header.work, header._more]
    assert all(_inside(bench, part) for part in (*bar, bench.window.status))
    assert _apart(bar)
    folded = bench.library.browser.bar
    if page == "library":
        bar = [folded._list, folded._sort, folded.filters, folded._count, folded._stage]
        assert all(_inside(bench, part) for part in bar)
        assert _apart(bar)
    shown = bench.window.stack.currentWidget()
    assert shown.minimumSizeHint().width() <= SMALL[0]


def test_chips_fold_where_they_have_no_room_and_unfold_again(bench: Bench) -> None:
    _size(bench, 1600, 900)
    browser = bench.library.browser
    filters = browser.bar.filters
    columns = bench.library.split.sizes()
    filters.set_terms(CHIPS)
    bench.settle()
    assert bench.library.split.sizes() == columns
    _size(bench, 1100, 700)
    shown = [chip for chip in filters._shown if chip.isVisible()]
    assert len(shown) < len(CHIPS)
    assert filters._folded.isVisible()
    assert filters._folded.text() == f"+{len(CHIPS) - len(shown)}"
    assert filters._more.isVisible()
    assert filters._more.x() + filters._more.width() <= filters.width()
    assert _inside(bench, browser.bar._stage)
    filters.set_terms(CHIPS[:1])
    bench.settle()
    assert not filters._folded.isVisible()
    assert [chip.isVisible() for chip in filters._shown] == [True]


@pytest.mark.parametrize(("width", "height", "rows"), [(1280, 800, 6), (1600, 1000, 6)])
def test_the_logging_layout_leaves_room_for_clips(
    bench: Bench, width: int, height: int, rows: int
) -> None:
    _size(bench, width, height)
    bench.choose(0)
    bench.work.do("log-layout")
    bench.settle()
    lines = bench.library.browser.list
    assert lines.viewport().height() >= rows * lines.rowHeight(0)
    assert bench.library.stage.player.viewer.height() > 200
