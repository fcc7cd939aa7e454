"""The clip in hand stays in view where the list gets another height."""

from app.ui.library.list import ClipList
from tests.ui.bench import Bench, bench

__all__ = ["bench"]


def _seen(lines: ClipList) -> bool:
    top = lines.rowViewportPosition(lines.currentIndex().row())
    return 0 <= top <= lines.viewport().height() - lines.rowHeight(0)


def test_the_clip_in_hand_is_in_view_in_the_logging_layout(bench: Bench) -> None:
    last = len(bench.clips) - 1
    bench.choose(last)
    bench.work.do("log-layout")
    bench.settle()
    lines = bench.library.browser.list
    assert lines.isVisible()
    assert lines.rowAt(0) > 0, "not all lines have room"
    assert lines.currentIndex().row() == last
    assert _seen(lines)
    bench.choose(0)
    bench.work.do("log-layout")
    bench.settle()
    grid = bench.library.browser.grid
    assert grid.viewport().rect().intersects(grid.rect_of(0))


def test_what_was_scrolled_away_from_stays_away(bench: Bench) -> None:
    bench.choose(0)
    bench.work.do("log-layout")
    bench.settle()
    lines = bench.library.browser.list
    assert _seen(lines)
    lines.verticalScrollBar().setValue(lines.verticalScrollBar().maximum())
    assert not _seen(lines)
    bench.window.resize(1400, 860)
    bench.settle()
    assert not _seen(lines)
