"""What is done right after a seek is meant for the frame that was asked for, not for the one still on screen."""

import contextlib
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from app.ui.library.feeding import Feed
from app.ui.player.engine import PlayerEngine
from app.ui.player.source import PlayerSource
from app.ui.player.states import PlayerState
from tests.ui.bench import Bench, bench
from tests.ui.player.conftest import PATIENCE_MS
from tests.ui.player.test_panel import Desk, desk

__all__ = ["bench", "desk"]

pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")

LAST = 49


@contextlib.contextmanager
def _held(engine: PlayerEngine) -> Iterator[list[Fraction]]:
    """The decoder is given no seek until the end of this; the newest one then."""
    core = engine._core
    assert core is not None
    sent: list[Fraction] = []
    real, core.seek = core.seek, sent.append
    try:
        yield sent
    finally:
        core.seek = real
        if sent and engine.state is PlayerState.READY:
            core.seek(sent[-1])


def _source(path: Path, *, proxy: bool = False) -> PlayerSource:
    return PlayerSource(path, Fraction(25), 50, is_proxy=proxy)


def _open_both(desk: Desk, path: Path, frame: int) -> None:
    with desk.qtbot.waitSignal(desk.panel.frame_shown, timeout=PATIENCE_MS):
        desk.panel.show_clip(proxy=_source(path, proxy=True), original=_source(path), frame=frame)


def test_in_and_out_stand_where_the_seek_goes(desk: Desk, clip25: Path) -> None:
    desk.open(clip25, frame=10)
    engine = desk.panel.engine
    with _held(engine):
        desk.key(Qt.Key.Key_Home)
        desk.type("i")
        desk.key(Qt.Key.Key_End)
        desk.type("o")
        assert engine.frame == 10
        assert engine.range == (0, 50)
    desk.arrives(LAST)
    assert engine.range == (0, 50)


def test_while_a_file_opens_the_frame_asked_for_counts(desk: Desk, clip25: Path) -> None:
    engine, told = desk.panel.engine, []
    engine.opened.connect(lambda _info: told.append(engine.wanted_frame))
    with desk.qtbot.waitSignal(desk.panel.frame_shown, timeout=PATIENCE_MS):
        desk.panel.show_clip(proxy=None, original=_source(clip25), frame=10)
        desk.panel.trigger("last-frame")
        desk.panel.trigger("out")
        desk.panel.trigger("first-frame")
        desk.panel.trigger("in")
        assert engine.state is PlayerState.LOADING
        assert engine.range == (0, 50)
    assert told == [0]
    assert engine.frame == 0


@pytest.mark.parametrize("stuck", [False, True], ids=["on its way", "never answered"])
def test_the_other_file_opens_where_the_seek_goes(desk: Desk, clip25: Path, *, stuck: bool) -> None:
    _open_both(desk, clip25, 10)
    engine = desk.panel.engine
    with desk.qtbot.waitSignal(desk.panel.frame_shown, timeout=PATIENCE_MS), _held(engine):
        desk.key(Qt.Key.Key_End)
        if stuck:
            assert engine._seeker is not None
            engine._seeker._give_up()
            assert engine.state is PlayerState.FAILED
        desk.panel.trigger("switch-source")
    assert engine.source == _source(clip25)
    assert engine.frame == LAST
    desk.qtbot.waitUntil(lambda: desk.picture() == LAST, timeout=PATIENCE_MS)


def test_a_file_that_does_not_open_gives_its_frame_to_the_other(
    desk: Desk, clip25: Path, tmp_path: Path
) -> None:
    engine, panel = desk.panel.engine, desk.panel
    with desk.qtbot.waitSignal(panel.failed, timeout=PATIENCE_MS):
        panel.show_clip(proxy=_source(tmp_path / "gone.mp4", proxy=True), original=_source(clip25))
        panel.trigger("last-frame")
    with desk.qtbot.waitSignal(panel.frame_shown, timeout=PATIENCE_MS):
        panel.trigger("switch-source")
    assert engine.frame == LAST


def test_a_switch_while_a_file_opens_keeps_that_it_is_to_play(desk: Desk, clip25: Path) -> None:
    engine, panel = desk.panel.engine, desk.panel
    panel.show_clip(proxy=_source(clip25, proxy=True), original=_source(clip25))
    panel.trigger("play-pause")
    panel.trigger("switch-source")
    desk.qtbot.waitUntil(lambda: engine.speed == 1, timeout=PATIENCE_MS)
    assert engine.source == _source(clip25)


def test_backwards_begins_where_the_seek_goes(desk: Desk, clip25: Path) -> None:
    desk.open(clip25, frame=10)
    engine = desk.panel.engine
    with _held(engine):
        desk.key(Qt.Key.Key_End)
        engine.jkl("j")
        assert engine._reverse._from == LAST
        assert engine.wanted_frame == 10, "while it runs by itself, what is seen counts"
        engine.pause()


def test_another_way_to_draw_the_frame_leaves_the_seek_its_way(desk: Desk, clip25: Path) -> None:
    desk.open(clip25, frame=10)
    engine = desk.panel.engine
    with _held(engine):
        desk.key(Qt.Key.Key_End)
        engine.fields.changed.emit()
        assert engine.wanted_frame == LAST
    desk.arrives(LAST)


@pytest.mark.parametrize("alone", [False, True])
def test_an_end_that_is_dropped_is_said(desk: Desk, clip25: Path, *, alone: bool) -> None:
    desk.open(clip25, frame=20)
    panel = desk.panel
    panel.viewer.set_picture_only(alone)
    told = panel.viewer.told
    panel.trigger("in")
    panel.trigger("first-frame")
    panel.trigger("out")
    assert panel.engine.range == (None, 1)
    assert told.isVisible()
    assert told.text().startswith("In dropped: it lay after the out")
    panel.trigger("last-frame")
    panel.trigger("in")
    assert panel.engine.range == (LAST, None)
    assert told.text().startswith("Out dropped: it lay before the in")
    assert ("[" in told.text()) is alone, "else the transport shows what stands now"


@pytest.fixture
def playing(bench: Bench, clip25: Path) -> Bench:
    """The window with a clip in hand that plays, at frame 10."""
    bench.choose(0)
    player = bench.library.stage.player
    with bench.qtbot.waitSignal(player.frame_shown, timeout=PATIENCE_MS):
        player.show_clip(proxy=None, original=_source(clip25), frame=10)
    bench.settle()
    return bench


def _marker(bench: Bench) -> int:
    bench.library.stage.marking.do("marker")
    bench.settle()
    (mark,) = bench.library.stage.detail.marks
    return mark.start_frame


def _note(bench: Bench) -> int:
    bench.library.stage.noting.begin()
    line = bench.library.stage.inspector.notes.entry.line
    line.insertPlainText("too dark")
    line.written.emit("too dark")
    line.clear()
    bench.settle()
    (note,) = bench.library.stage.detail.notes
    return note.start_frame


@pytest.mark.parametrize("say", [_marker, _note])
def test_markers_and_notes_stand_where_the_seek_goes(
    playing: Bench, say: Callable[[Bench], int]
) -> None:
    detail, engine = playing.library.stage.detail, playing.library.stage.player.engine
    assert detail is not None
    assert not detail.notes
    assert not detail.marks
    with _held(engine):
        engine.seek_frame(30)
        assert say(playing) == 30
        assert engine.frame == 10


@pytest.mark.parametrize(("same", "frame"), [(True, 10), (False, 0)])
def test_what_is_said_of_a_clip_that_cannot_be_seen(
    playing: Bench, *, same: bool, frame: int
) -> None:
    """Where the clip went offline in hand: on its frame; never on that of the clip before it."""
    stage = playing.library.stage
    stage._show_feed(stage.clip, Feed(None, None, "", None, None), same_clip=same)
    assert stage.inspector.notes.entry.stamp.start == frame
    assert _marker(playing) == frame


def test_leaping_twice_goes_two_markers_on(playing: Bench) -> None:
    stage = playing.library.stage
    for frame in (20, 30, 40):
        playing.services.marks.add(stage.clip.id, frame)
    playing.settle()
    with _held(stage.player.engine):
        stage.marking.do("next-marker")
        stage.marking.do("next-marker")
        assert stage.player.engine.wanted_frame == 30


def test_a_clip_whose_files_changed_goes_on_to_where_the_seek_goes(
    playing: Bench, clip25: Path
) -> None:
    stage = playing.library.stage
    engine = stage.player.engine
    with _held(engine):
        engine.seek_frame(30)
        feed = Feed(_source(clip25, proxy=True), _source(clip25), "", None, None)
        stage._show_feed(stage.clip, feed, same_clip=True)
    playing.qtbot.waitUntil(lambda: engine.frame == 30, timeout=PATIENCE_MS)
    assert engine.source.is_proxy
