"""The picture alone: what keys do there is said on it, and what is typed there is seen."""

from fractions import Fraction
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from app.ui.player.source import PlayerSource
from app.ui.player.strip_painting import HEIGHT, THIN
from tests.ui.player import clips
from tests.ui.player.conftest import PATIENCE_MS
from tests.ui.player.test_panel import Desk, desk

__all__ = ["desk"]

pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")


def test_what_keys_did_is_said_on_the_picture_that_stands_alone(desk: Desk, clip25: Path) -> None:
    desk.open(clip25)
    told = desk.panel.viewer.told
    desk.type("i")
    assert not told.isVisible(), "the transport shows it"
    desk.type("p")
    desk.key(Qt.Key.Key_Right)
    desk.arrives(1)
    desk.type("o")
    assert told.isVisible()
    assert told.text() == "[ 01:00:00:00 – 01:00:00:01 ]"
    assert desk.panel.viewer.rect().contains(told.geometry())
    for keys, words in (
        (("x", Qt.KeyboardModifier.AltModifier), "In and out cleared"),
        (("l", Qt.KeyboardModifier.ControlModifier), "Loop"),
        (("m", Qt.KeyboardModifier.AltModifier), "Sound is off"),
    ):
        desk.type(*keys)
        assert told.text() == words
    desk.qtbot.waitUntil(lambda: not told.isVisible(), timeout=PATIENCE_MS)


@pytest.mark.parametrize("still", [False, True])
def test_a_timecode_is_typed_in_sight_and_rates_nothing(
    desk: Desk, clip25: Path, tmp_path: Path, *, still: bool
) -> None:
    asked: list[str] = []
    desk.panel.action_triggered.connect(asked.append)
    if still:
        path = tmp_path / "still.png"
        clips.run("-i", str(clip25), "-frames:v", "1", str(path))
        source = PlayerSource(path, Fraction(25), 1, picture="png")
        with desk.qtbot.waitSignal(desk.panel.frame_shown, timeout=PATIENCE_MS):
            desk.panel.show_clip(proxy=None, original=source)
    else:
        desk.open(clip25)
    desk.type("p")
    transport = desk.panel.transport
    assert not transport.isVisible()
    desk.type("t")
    assert transport.timecode.isVisible()
    assert transport.timecode.hasFocus()
    desk.type("3")
    assert transport.timecode.text() == "3"
    assert asked == []
    desk.key(Qt.Key.Key_Escape)
    assert not transport.isVisible(), "the picture is alone again"
    desk.type("3")
    assert asked == ["rate-3"]


def test_without_a_clip_the_timecode_key_says_why_it_does_nothing(desk: Desk) -> None:
    desk.panel.show_clip(proxy=None, original=None)
    desk.type("t")
    assert "no timecode" in desk.panel.viewer.told.text()


def test_in_a_low_place_the_picture_comes_first(desk: Desk, clip25: Path) -> None:
    desk.open(clip25)
    panel = desk.panel
    desk.search.hide()
    desk.note.hide()
    desk.qtbot.waitUntil(lambda: desk.window.height() - panel.height() < 40)
    for height, thin, folded in ((480, False, False), (340, True, False), (290, True, True)):
        desk.window.resize(500, height + desk.window.height() - panel.height())
        desk.qtbot.waitUntil(lambda height=height: panel.height() == height)
        desk.qtbot.waitUntil(lambda: panel.strip.geometry().bottom() < panel.height())
        assert panel.strip.height() == (THIN if thin else HEIGHT)
        assert panel.transport.second.isVisible() is not folded
        assert panel.viewer.height() >= 200
        assert panel.viewer.geometry().bottom() < panel.transport.y()
        assert panel.transport.geometry().bottom() < panel.strip.y()
    panel.transport.more.click()
    assert panel.transport.channels.isVisible()
    panel.transport.more.click()
    assert not panel.transport.channels.isVisible()
    desk.type("t")
    desk.type("99999999")
    desk.key(Qt.Key.Key_Return)
    assert panel.transport.refusal.isVisible(), "why not is said, also folded"


def test_a_folded_strip_scrubs(desk: Desk, clip25: Path) -> None:
    desk.open(clip25)
    strip = desk.panel.strip
    strip.set_thin(True)
    strip.grab()
    spot = strip.rect().center()
    desk.qtbot.mouseClick(strip, Qt.MouseButton.LeftButton, pos=spot)
    desk.arrives(strip.view.frame_at(spot.x()))


def test_the_player_is_as_narrow_as_it_can_be_in_every_form(desk: Desk, clip25: Path) -> None:
    """Else the divider beside it would jump when the picture is to stand alone."""
    desk.open(clip25)
    panel = desk.panel
    least = panel.minimumSizeHint().width()
    assert least >= panel.transport.minimumSizeHint().width()
    desk.type("p")
    assert panel.minimumSizeHint().width() == least
    desk.type("p")
    panel.transport.set_folded(True)
    assert panel.minimumSizeHint().width() == least
