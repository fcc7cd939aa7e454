"""Where messages stand: over the clips, beside the sidebar where it shows, never over the clip in hand."""

from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import QWidget

from app.ui.theme import tokens
from tests.ui.bench import Bench, bench

__all__ = ["bench"]


def _place(bench: Bench, part: QWidget) -> QRect:
    """Where a part lies in the window's inside."""
    return QRect(part.mapTo(bench.window.body, QPoint(0, 0)), part.size())


def test_messages_stand_beside_the_sidebar_while_it_shows(bench: Bench) -> None:
    page, toasts = bench.library, bench.window.toasts
    sidebar = page.widths.places
    toasts.tell("done")
    assert page.widths.places_shown
    assert toasts.x() == sidebar.width() + tokens.SPACE_L
    page.widths.toggle_places()
    bench.settle()
    assert toasts.x() == tokens.SPACE_L
    page.widths.toggle_places()
    bench.settle()
    assert toasts.x() == sidebar.width() + tokens.SPACE_L
    page.split.setSizes([sidebar.width() + 60, 600, 400])
    bench.settle()
    assert toasts.x() == sidebar.width() + tokens.SPACE_L


def test_in_a_small_window_messages_leave_the_clip_in_hand_free(bench: Bench) -> None:
    bench.window.resize(1000, 620)
    bench.settle()
    bench.choose(0)
    page, toasts = bench.library, bench.window.toasts
    assert not page.widths.places_shown
    assert page.widths.stage_shown
    toasts.tell(
        "Approved: a clip with a name that is rather long, so that its line is as wide as it may be"
    )
    assert toasts.isVisible()
    assert not toasts.geometry().intersects(_place(bench, page.stage))
