"""The picture alone and in low windows: acts are said on it, entries are in sight, and it keeps its height."""

from itertools import pairwise

import pytest
from PySide6.QtCore import Qt

from tests.ui.bench import Bench, bench

__all__ = ["bench"]

STILL = 2


def rating(bench: Bench, position: int) -> int:
    bench.settle()
    card = bench.clips.card(position)
    assert card is not None
    return bench.services.log.of_clip(card.id).rating


def press(
    bench: Bench, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
) -> None:
    bench.qtbot.keyClick(bench.window, key, modifier)
    bench.settle()


def fill_screen(bench: Bench) -> None:
    press(bench, Qt.Key.Key_F11)
    bench.qtbot.waitUntil(bench.library.stage.inspector.isHidden)


@pytest.mark.parametrize("position", [0, STILL])
def test_a_rating_of_the_picture_alone_is_said_and_undone(bench: Bench, position: int) -> None:
    bench.choose(position)
    player = bench.library.stage.player
    player.viewer.setFocus()
    press(bench, Qt.Key.Key_P)
    assert player.viewer.picture_only
    press(bench, Qt.Key.Key_3)
    assert rating(bench, position) == 3
    card = bench.clips.card(position)
    assert card is not None
    assert player.viewer.told.isVisible()
    assert card.name in player.viewer.told.text()
    assert "★★★" in player.viewer.told.text()
    press(bench, Qt.Key.Key_C)
    assert "circled" in player.viewer.told.text()
    press(bench, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    press(bench, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert rating(bench, position) == 0
    assert "Undone" in player.viewer.told.text()


def test_full_screen_says_acts_on_the_picture_and_not_twice(bench: Bench) -> None:
    bench.choose(0)
    fill_screen(bench)
    press(bench, Qt.Key.Key_2)
    assert "★★" in bench.library.stage.player.viewer.told.text()
    assert bench.library.stage.player.viewer.hasFocus()
    assert not bench.library.stage.player.viewer._ring.isVisible()
    assert bench.window.toasts.count() == 0
    press(bench, Qt.Key.Key_F11)
    press(bench, Qt.Key.Key_4)
    assert bench.window.toasts.count() == 1
    assert rating(bench, 0) == 4


def test_a_note_on_full_screen_is_typed_in_sight(bench: Bench) -> None:
    bench.choose(0)
    stage = bench.library.stage
    fill_screen(bench)
    press(bench, Qt.Key.Key_Semicolon)
    line = stage.log_bar.entry.line
    assert line.isVisible()
    assert line.hasFocus()
    bench.qtbot.keyClicks(line, "c 3 focus late")
    bench.qtbot.keyClick(line, Qt.Key.Key_Return)
    bench.settle()
    assert not stage.log_bar.isVisible()
    assert stage.detail is not None
    assert [note.text for note in stage.detail.notes] == ["c 3 focus late"]
    assert rating(bench, 0) == 0


@pytest.mark.parametrize("full", [False, True])
def test_a_keyword_is_typed_in_sight_where_the_tabs_are_away(bench: Bench, *, full: bool) -> None:
    bench.choose(0)
    stage = bench.library.stage
    fill_screen(bench) if full else bench.library.turn_logging()
    press(bench, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    line = stage.words.line
    assert line is not None
    assert line.isVisible()
    assert line.hasFocus()
    bench.qtbot.keyClicks(line, "sunset")
    bench.qtbot.keyClick(line, Qt.Key.Key_Return)
    bench.settle()
    assert stage.words.line is None
    assert stage.detail is not None
    assert stage.detail.log.tags == ("sunset",)


def test_searching_leaves_full_screen(bench: Bench) -> None:
    fill_screen(bench)
    press(bench, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert bench.window.header.search.isVisible()
    assert bench.window.header.search.hasFocus()


@pytest.mark.parametrize("size", [(960, 500), (900, 480)])
def test_a_low_window_keeps_the_picture_large(bench: Bench, size: tuple[int, int]) -> None:
    """As on a screen of 1080 lines at 200 %."""
    bench.choose(0)
    stage = bench.library.stage
    bench.window.resize(*size)
    bench.qtbot.waitUntil(lambda: stage.player.viewer.height() >= 200)
    assert bench.window.size().toTuple() == size
    before = stage.split.sizes()
    press(bench, Qt.Key.Key_P)
    bench.qtbot.waitUntil(lambda: stage.player.viewer.height() > 250)
    press(bench, Qt.Key.Key_P)
    bench.qtbot.waitUntil(lambda: stage.split.sizes() == before)


@pytest.mark.parametrize("size", [(1600, 1000), (1280, 800), (1100, 700), (1100, 640)])
@pytest.mark.parametrize("from_higher", [False, True])
def test_the_strip_is_whole_but_in_low_windows(
    bench: Bench, size: tuple[int, int], *, from_higher: bool
) -> None:
    """Its filmstrip and waveform show without a drag of the divider, wherever that was before."""
    bench.choose(0)
    stage = bench.library.stage
    if from_higher:
        bench.window.resize(1600, 1400)
        bench.settle()
        stage.split.setSizes([280, 0, 1000])
        kept = stage.split.saveState()
    bench.window.resize(*size)
    bench.settle()
    if from_higher:
        assert stage.split.restoreState(kept)
        bench.settle()
    player = stage.player
    assert bench.window.size().toTuple() == size
    assert not player.strip.thin
    assert player.strip.height() == player.strip.FULL_PX
    assert player.strip.geometry().bottom() < player.height()
    assert player.transport.second.isVisible()
    assert player.viewer.height() >= 160
    assert stage.inspector.height() >= 150
    bench.window.resize(960, 540)
    bench.qtbot.waitUntil(lambda: player.strip.thin and player.viewer.height() >= 200)
    bench.window.resize(*size)
    bench.qtbot.waitUntil(lambda: not player.strip.thin and player.viewer.height() >= 160)


def test_just_above_a_low_window_the_picture_gives_way_to_the_strip(bench: Bench) -> None:
    bench.choose(0)
    bench.window.resize(1100, 590)
    bench.settle()
    stage = bench.library.stage
    assert not stage.player.strip.thin
    assert 160 <= stage.player.viewer.height() < 200
    assert stage.inspector.height() >= 150


def test_the_logging_layout_fits_a_low_window(bench: Bench) -> None:
    bench.choose(0)
    bench.window.resize(960, 500)
    bench.library.turn_logging()
    stage, player = bench.library.stage, bench.library.stage.player
    bench.qtbot.waitUntil(lambda: player.viewer.height() >= 150)
    parts = [player.viewer, player.transport, player.strip]
    edges = [(part.y(), part.geometry().bottom()) for part in parts]
    assert all(end < begin for (_, end), (begin, _) in pairwise(edges)), edges
    assert edges[-1][1] < player.height()
    assert player.geometry().bottom() < stage.log_bar.y()
    assert stage.log_bar.geometry().bottom() <= stage.split.height()
    assert bench.library.browser.geometry().bottom() <= bench.library.split.height()
