"""The Undo of a line takes back what the line names, and goes when that was taken back in another way."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from tests.ui.bench import Bench, bench

__all__ = ["bench"]


def _lines(bench: Bench) -> dict[str, QWidget]:
    """What each line on show says."""
    bench.settle()
    return {line.findChild(QLabel).text(): line for line in bench.window.toasts._toasts()}


def _undo_of(bench: Bench, words: str) -> QPushButton:
    line = next(line for said, line in _lines(bench).items() if words in said)
    return next(b for b in line.findChildren(QPushButton) if b.text() == "Undo")


def _click(bench: Bench, button: QWidget) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    bench.settle()


def _approved(bench: Bench, place: int) -> bool:
    return bool(bench.services.decisions.of_clip(_id(bench, place)))


def _id(bench: Bench, place: int) -> str:
    card = bench.clips.card(place)
    assert card is not None
    return card.id


def test_undo_of_a_line_takes_back_what_it_names(bench: Bench) -> None:
    bench.choose(0)
    bench.work.do("approve")
    bench.choose(1)
    entry = bench.library.stage.inspector.notes.entry
    bench.library.stage.inspector.show_tab("notes")
    QTest.keyClicks(entry.line, "soft")
    QTest.keyClick(entry.line, Qt.Key.Key_Return)
    bench.settle()
    assert _approved(bench, 0)
    _click(bench, _undo_of(bench, "approved"))
    assert not _approved(bench, 0)
    with bench.services.catalog.read() as reader:
        notes = reader.column("SELECT text FROM note WHERE clip_id = ?", _id(bench, 1))
    assert notes == ["soft"]
    assert not [words for words in _lines(bench) if "approved" in words and "Undone" not in words]


def test_a_line_goes_when_its_act_is_undone_by_key(bench: Bench) -> None:
    bench.choose(0)
    bench.library.acts.rate(3)
    bench.settle()
    bench.work.do("approve")
    assert [words for words in _lines(bench) if words.endswith(": approved")]
    bench.work.do("undo")
    lines = _lines(bench)
    assert not [words for words in lines if words.endswith(": approved")]
    assert [words for words in lines if words.endswith("★★★")], "the other act holds"
    assert bench.services.log.of_clip(_id(bench, 0)).rating == 3


def test_a_line_of_nothing_said_offers_no_undo(bench: Bench) -> None:
    bench.choose(0)
    bench.library.acts.untag("never there")
    lines = _lines(bench)
    line = next(line for words, line in lines.items() if "never there" in words)
    assert not [b for b in line.findChildren(QPushButton) if b.text() == "Undo"]


def test_a_message_that_goes_hands_the_keyboard_to_the_clips(bench: Bench) -> None:
    bench.choose(0)
    bench.library.acts.rate(3)
    undo = _undo_of(bench, "★★★")
    undo.setFocus(Qt.FocusReason.TabFocusReason)
    assert undo.hasFocus()
    QTest.keyClick(undo, Qt.Key.Key_Space)
    bench.settle()
    assert bench.library.browser.grid.hasFocus()
    assert bench.services.log.of_clip(_id(bench, 0)).rating == 0


def test_clicks_leave_the_keyboard_with_the_clips(bench: Bench) -> None:
    bench.choose(0)
    grid = bench.library.browser.grid
    grid.setFocus()
    approval = bench.library.stage.inspector.approval
    _click(bench, approval._approve)
    assert _approved(bench, 0)
    assert grid.hasFocus()
    _click(bench, _undo_of(bench, "approved"))
    assert grid.hasFocus()
    bench.library.new_bin()
    line = bench.window.focusWidget()
    assert line is not grid
    QTest.keyClicks(line, "Selects")
    QTest.keyClick(line, Qt.Key.Key_Return)
    bench.settle()
    assert [made.name for made in bench.services.bins.every()] == ["Selects"]
    assert grid.hasFocus()
    bench.work.do("activity")
    assert not grid.hasFocus()
    bench.work.do("activity")
    assert grid.hasFocus()


def test_a_button_that_was_pressed_by_key_hands_the_keyboard_on(bench: Bench) -> None:
    bench.choose(0)
    stage = bench.library.stage
    approve = stage.inspector.approval._approve
    approve.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(approve, Qt.Key.Key_Space)
    bench.settle()
    assert _approved(bench, 0)
    assert stage.player.viewer.hasFocus()


def test_space_plays_after_approving_by_click(bench: Bench) -> None:
    bench.choose(0)
    bench.library.browser.grid.setFocus()
    asked: list[str] = []
    bench.library.stage.player.trigger = asked.append
    _click(bench, bench.library.stage.inspector.approval._approve)
    QTest.keySequence(bench.window.focusWidget(), QKeySequence("Space"))
    assert asked == ["play-pause"]


def test_the_buttons_of_the_decision_keep_their_places(bench: Bench) -> None:
    bench.choose(0)
    bar = bench.library.stage.inspector.approval
    places = [(b.geometry(), b.isVisible()) for b in (bar._changes, bar._approve)]
    for verdict in ("approved", "rejected"):
        bench.library.acts.decide(verdict)
        bench.settle()
        assert [(b.geometry(), b.isVisible()) for b in (bar._changes, bar._approve)] == places
        assert bar._approve.isEnabled() == (verdict != "approved")
        assert bar._changes.isEnabled() == (verdict != "rejected")
        assert bar._back.isVisible()
    bar._back.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(bar._back, Qt.Key.Key_Space)
    bench.settle()
    assert bench.library.stage.player.viewer.hasFocus()
    assert [(b.geometry(), b.isVisible()) for b in (bar._changes, bar._approve)] == places


def test_a_bin_that_is_undone_leaves_all_clips_in_its_place(bench: Bench) -> None:
    page, bins = bench.library, bench.services.bins
    made = bins.create("Selects")
    bins.add(made, bench.ids[:2])
    bench.qtbot.waitUntil(lambda: page.shelves is not None and bool(page.shelves.bins))
    page.show_place(f"bin:{made}:")
    bench.settle()
    assert len(bench.clips) == 2
    for _ in range(2):
        bench.work.do("undo")
        bench.settle()
    bench.qtbot.waitUntil(lambda: page.shelves is not None and not page.shelves.bins)
    bench.settle()
    assert len(bench.clips) == len(bench.ids)
    node = page.sidebar.current_node()
    assert node is not None
    assert node.key == "all::"
    assert page.browser.wanted.place == node.place
    for _ in range(2):
        bench.work.do("redo")
        bench.settle()
    bench.qtbot.waitUntil(lambda: page.shelves is not None and bool(page.shelves.bins))
    bench.settle()
    assert len(bench.clips) == len(bench.ids), "the place that is marked is the one that is shown"
    page.show_place(f"bin:{made}:")
    bench.settle()
    assert len(bench.clips) == 2
