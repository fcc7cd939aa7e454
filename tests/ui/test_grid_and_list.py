"""Grid and list answer the same acts alike, and a panel goes with the page it was opened on."""

import pytest
from PySide6.QtCore import Qt

from app.core.catalog.places import Place
from app.ui.library.finding import EVERYWHERE
from tests.support import ui_library
from tests.ui.bench import Bench, bench

__all__ = ["bench"]


@pytest.mark.parametrize("at_once", [False, True])
@pytest.mark.parametrize("view", ["grid", "list"])
def test_a_clip_found_by_name_is_chosen_and_logged(bench: Bench, view: str, at_once: bool) -> None:
    bench.work.do(view)
    bench.settle()
    search = bench.window.header.search
    bench.work.do("search")
    bench.qtbot.keyClicks(search, "B002C002")
    if not at_once:
        bench.qtbot.waitUntil(lambda: len(bench.clips) == 1)
        bench.settle()
    bench.qtbot.keyClick(search, Qt.Key.Key_Return)
    bench.settle()
    assert bench.clips.chosen_rows() == [bench.clips.rows[0]]
    keys = bench.window.focusWidget()
    bench.qtbot.keyClick(keys, Qt.Key.Key_Return)
    bench.settle()
    assert len(bench.clips.chosen_rows()) == 1
    bench.qtbot.keyClick(keys, Qt.Key.Key_4)
    bench.settle()
    assert bench.clips.current_card().rating == 4


@pytest.mark.parametrize("view", ["grid", "list"])
def test_the_keyboard_alone_makes_no_clip_current(bench: Bench, view: str) -> None:
    bench.work.do(view)
    bench.settle()
    assert bench.clips.selection.current is None
    bench.work.show_page("plan")
    bench.work.show_page("library")
    bench.settle()
    browser = bench.library.browser
    shown = browser.list if view == "list" else browser.grid
    assert bench.window.focusWidget() is shown
    assert bench.clips.selection.current is None
    bench.qtbot.keyClick(shown, Qt.Key.Key_Down)
    assert bench.clips.selection.current == 0
    assert bench.clips.chosen_rows() == [bench.clips.rows[0]]


def test_a_panel_closes_with_the_page_it_was_opened_on(bench: Bench) -> None:
    for panel in bench.work.panels.all:
        bench.work.show_page("library")
        panel.open()
        bench.work.show_page("library")
        assert panel.isVisible(), "the same page"
        bench.work.show_page("plan")
        assert not panel.isVisible()


def test_a_search_in_a_bin_leads_to_what_is_found_elsewhere(bench: Bench) -> None:
    ui_library.say(bench.services, bench.ids[2])
    made = bench.services.bins.create("Selects")
    bench.settle()
    bench.library.browser.visit(Place("bin", made), "Selects")
    bench.window.header.search.setText("tide comes")
    bench.settle()
    browser = bench.library.browser
    assert browser.wanted.place.kind == "bin"
    assert len(bench.clips) == 0
    assert browser.empty.isVisible()
    assert browser.empty.heading.text() == "Nothing found here"
    assert "1 moment, 1 clip" in browser.empty.words.text()
    bench.qtbot.mouseClick(browser.empty.button, Qt.MouseButton.LeftButton)
    bench.settle()
    assert browser.wanted.place == EVERYWHERE
    assert browser.wanted.text == "tide comes"
    assert len(bench.clips) == 1
    bench.window.header.search.setText("said by nobody")
    bench.library.browser.visit(Place("bin", made), "Selects")
    bench.settle()
    assert browser.empty.heading.text() == "Nothing found"
