"""The player as a person has it: panel, keys, timecode entry, marks, states of the viewer."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app.ui import tasks
from app.ui.player import actions
from app.ui.player.core import CoreOptions
from app.ui.player.panel import PlayerPanel
from app.ui.player.soft_surface import SoftSurface
from app.ui.player.source import PlayerSource
from app.ui.player.surfaces import SurfaceKind
from app.ui.player.viewer import Surround, ViewerState
from tests.ui.player import clips
from tests.ui.player.conftest import PATIENCE_MS

# The offscreen platform says so whenever a window has a least size; no screen, no hints.
pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")


class Desk:
    """A window with a panel and a text field in it."""

    def __init__(self, qtbot: QtBot) -> None:
        self.qtbot = qtbot
        self.window = QWidget()
        self.panel = PlayerPanel(CoreOptions(audio_device=False), SurfaceKind.SOFTWARE)
        self.note = QPlainTextEdit()
        self.search = QLineEdit()
        column = QVBoxLayout(self.window)
        for part in (self.panel, self.search, self.note):
            column.addWidget(part)
        self.window.resize(660, 640)
        actions.bind(self.window, self.panel.keymap, self.panel.trigger)
        with qtbot.waitActive(self.window):
            self.window.show()
            self.window.activateWindow()
        self.panel.viewer.setFocus()

    @property
    def frame(self) -> int:
        return self.panel.engine.frame

    def open(self, path: Path, *, frame: int = 0, **more: object) -> PlayerSource:
        source = PlayerSource(path, Fraction(25), 50, start_frame=25 * 3600, **more)  # type: ignore[arg-type]
        with self.qtbot.waitSignal(self.panel.frame_shown, timeout=PATIENCE_MS):
            self.panel.show_clip(proxy=None, original=source, frame=frame)
        return source

    def type(
        self, text: str, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
    ) -> None:
        for letter in text:
            QTest.keyClick(self.window.windowHandle(), letter, modifier)

    def key(
        self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
    ) -> None:
        QTest.keyClick(self.window.windowHandle(), key, modifier)

    def arrives(self, frame: int) -> None:
        self.qtbot.waitUntil(lambda: self.frame == frame, timeout=PATIENCE_MS)

    def picture(self) -> int:
        surface = self.panel.viewer.surface
        assert isinstance(surface, SoftSurface)
        return clips.frame_of(surface.picture())


@pytest.fixture
def desk(qtbot: QtBot) -> Iterator[Desk]:
    made = Desk(qtbot)
    yield made
    made.panel.close_player()
    tasks.wait()
    made.window.close()
    made.window.deleteLater()
    QApplication.processEvents()


def test_keys_step_jump_and_mark(desk: Desk, clip25: Path) -> None:
    desk.open(clip25)
    desk.key(Qt.Key.Key_Right)
    desk.arrives(1)
    desk.type(".")
    desk.arrives(2)
    desk.key(Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    desk.arrives(27)
    desk.type("i")
    desk.key(Qt.Key.Key_End)
    desk.arrives(49)
    desk.type("o")
    assert desk.panel.engine.range == (27, 50)
    assert desk.panel.transport.marked.text() == "[ 01:00:01:02 – 01:00:01:24 ]"
    assert desk.panel.transport.length.text() == "0:23 / 2:00"
    desk.type("I", Qt.KeyboardModifier.ShiftModifier)
    desk.arrives(27)
    desk.key(Qt.Key.Key_Home)
    desk.arrives(0)
    desk.type("o")  # an out before the in clears the in
    assert desk.panel.engine.range == (None, 1)
    desk.type("x")
    assert desk.panel.engine.range == (0, 50)
    desk.type("x", Qt.KeyboardModifier.AltModifier)
    assert desk.panel.engine.range == (None, None)


def test_space_and_shuttle_keys(desk: Desk, clip25: Path) -> None:
    desk.open(clip25)
    engine = desk.panel.engine
    desk.key(Qt.Key.Key_Space)
    assert engine.speed == 1
    desk.type("k")
    desk.qtbot.waitUntil(lambda: not engine.playing, timeout=PATIENCE_MS)
    desk.type("ll")
    assert engine.speed == 2
    assert desk.panel.transport.speed.text() == "2×"
    desk.type("j")
    assert engine.speed == 1
    desk.type("jj")
    assert engine.speed == -2
    desk.type("k")
    assert engine.speed == 0


def test_stop_held_makes_taps_frames_and_holding_slow(desk: Desk, clip25: Path) -> None:
    desk.open(clip25, frame=10)
    handle = desk.window.windowHandle()
    QTest.keyPress(handle, Qt.Key.Key_K)
    desk.key(Qt.Key.Key_L)
    desk.arrives(11)
    desk.key(Qt.Key.Key_J)
    desk.arrives(10)
    QApplication.sendEvent(handle, clips.repeated_key(Qt.Key.Key_L))
    assert desk.panel.engine.speed == Fraction(1, 4)
    QTest.keyRelease(handle, Qt.Key.Key_L)
    assert desk.panel.engine.speed == 0
    QTest.keyRelease(handle, Qt.Key.Key_K)


def test_a_text_field_keeps_every_letter(desk: Desk, clip25: Path) -> None:
    desk.open(clip25)
    letters = "jkl io xm ;[] 0123 s d c p t g ., JKL IOX"
    for field in (desk.note, desk.search):
        field.setFocus()
        desk.type(letters)
        desk.key(Qt.Key.Key_Space)
    assert desk.note.toPlainText() == letters + " "
    assert desk.search.text() == letters + " "
    assert desk.frame == 0
    assert not desk.panel.engine.playing
    assert desk.panel.engine.range == (None, None)


def test_other_actions_are_handed_to_the_page(desk: Desk, clip25: Path) -> None:
    desk.open(clip25)
    told: list[str] = []
    desk.panel.action_triggered.connect(told.append)
    desk.type("m;3c")
    desk.key(Qt.Key.Key_F11)
    assert told == ["marker", "note", "rate-3", "circle", "full-screen"]


def test_timecode_is_typed(desk: Desk, clip25: Path) -> None:
    desk.open(clip25)
    field = desk.panel.transport.timecode
    assert field.text() == "01:00:00:00"
    desk.type("t")
    assert field.hasFocus()
    desk.type("+12")
    desk.key(Qt.Key.Key_Return)
    desk.arrives(12)
    assert field.text() == "01:00:00:12"
    desk.type("t")
    desk.type("@7")
    desk.key(Qt.Key.Key_Return)
    desk.arrives(7)
    assert desk.picture() == 7


@pytest.mark.parametrize(
    ("typed", "words"),
    [("01:00:00:99", "no such time"), ("@400", "Outside the clip"), ("banana", "only digits")],
)
def test_an_illegal_timecode_is_refused_inline(
    desk: Desk, clip25: Path, typed: str, words: str
) -> None:
    desk.open(clip25, frame=5)
    desk.type("t")
    desk.type(typed)
    desk.key(Qt.Key.Key_Return)
    transport = desk.panel.transport
    assert transport.refusal.isVisible()
    assert words in transport.refusal.text()
    assert desk.frame == 5
    desk.key(Qt.Key.Key_Escape)
    assert not transport.refusal.isVisible()
    assert transport.timecode.text() == "01:00:00:05"


def test_displays_change_what_positions_look_like(desk: Desk, clip25: Path) -> None:
    desk.open(clip25, frame=33)
    seen = []
    for _ in range(4):
        desk.type("T", Qt.KeyboardModifier.ShiftModifier)
        seen.append(desk.panel.transport.timecode.text())
    assert seen == ["33", "1.320", "2+01", "01:00:01:08"]


def test_proxy_and_original_at_the_same_frame(desk: Desk, clip25: Path, tmp_path: Path) -> None:
    proxy = clips.numbered(tmp_path / "proxy.mp4", size=(320, 180))
    sources = [
        PlayerSource(proxy, Fraction(25), 50, is_proxy=True, label="proxy 720p"),
        PlayerSource(clip25, Fraction(25), 50, label="original"),
    ]
    with desk.qtbot.waitSignal(desk.panel.frame_shown, timeout=PATIENCE_MS):
        desk.panel.show_clip(proxy=sources[0], original=sources[1], frame=21)
    assert desk.panel.viewer.badge.text() == "proxy 720p · 601 · video range · no LUT"
    with desk.qtbot.waitSignal(desk.panel.frame_shown, timeout=PATIENCE_MS) as seen:
        desk.panel.transport.original.click()
    assert seen.args == [21]
    assert desk.picture() == 21
    assert desk.panel.viewer.badge.text().startswith("original")
    assert desk.panel.viewer.state is ViewerState.PICTURE


def test_the_strip_scrubs_and_marks(desk: Desk, clip25: Path) -> None:
    desk.open(clip25)
    strip = desk.panel.strip
    at = QPoint(strip.view.middle_of(30), 40)
    QTest.mouseClick(strip, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)
    desk.arrives(30)
    assert strip.frame == 30
    chosen: list[tuple[int, int]] = []
    desk.panel.range_changed.connect(lambda first, end: chosen.append((first, end)))
    shift = Qt.KeyboardModifier.ShiftModifier
    left, right = (QPoint(strip.view.middle_of(n), 40) for n in (10, 19))
    QTest.mousePress(strip, Qt.MouseButton.LeftButton, shift, left)
    clips.drag(strip, right, shift)
    QTest.mouseRelease(strip, Qt.MouseButton.LeftButton, shift, right)
    assert chosen[-1] == (10, 20)
    assert desk.panel.engine.range == (10, 20)
    desk.arrives(19)


def test_states_of_the_viewer(desk: Desk, clip25: Path, tmp_path: Path) -> None:
    viewer = desk.panel.viewer
    assert viewer.state is ViewerState.EMPTY
    desk.open(clip25)
    assert viewer.state is ViewerState.PICTURE
    assert not viewer.cover.isVisible()
    desk.panel.show_clip(proxy=None, original=None, caption="B002C021")
    assert viewer.state is ViewerState.OFFLINE
    assert viewer.badge.text() == "offline"
    assert viewer.cover.title.text() == "Offline"
    gone = PlayerSource(tmp_path / "gone.mov", Fraction(25), 50)
    with desk.qtbot.waitSignal(desk.panel.failed, timeout=PATIENCE_MS):
        desk.panel.show_clip(proxy=None, original=gone)
    assert viewer.state is ViewerState.ERROR
    assert "gone.mov" in viewer.cover.words.text()
    sound = PlayerSource(
        clips.tone(tmp_path / "tone.wav"), Fraction(48000), 96_000, has_video=False
    )
    with desk.qtbot.waitSignal(desk.panel.frame_shown, timeout=PATIENCE_MS):
        desk.panel.show_clip(proxy=None, original=sound)
    assert viewer.state is ViewerState.SOUND
    viewer.show_undecodable("RED R3D needs the maker's software.")
    assert viewer.state is ViewerState.UNDECODABLE
    desk.open(clip25, frame=4)
    assert viewer.state is ViewerState.PICTURE
    assert desk.picture() == 4


def test_sound_with_a_cover_picture_is_sound(desk: Desk, clip25: Path, tmp_path: Path) -> None:
    clips.run("-i", str(clip25), "-frames:v", "1", str(tmp_path / "cover.jpg"))
    path = tmp_path / "song.mp3"
    clips.run(
        *("-i", str(clips.tone(tmp_path / "tone.wav")), "-i", str(tmp_path / "cover.jpg")),
        *(
            "-map",
            "0:a",
            "-map",
            "1:v",
            "-c:v",
            "copy",
            "-disposition:v",
            "attached_pic",
            str(path),
        ),
    )
    sound = PlayerSource(path, Fraction(48000), 96_000, has_video=False)
    with desk.qtbot.waitSignal(desk.panel.frame_shown, timeout=PATIENCE_MS):
        desk.panel.show_clip(proxy=None, original=sound)
    assert desk.panel.viewer.state is ViewerState.SOUND


def test_the_poster_stands_in_and_is_dimmed_offline(desk: Desk, tmp_path: Path) -> None:
    poster = QImage(64, 36, QImage.Format.Format_RGB32)
    poster.fill(Qt.GlobalColor.red)
    poster.save(str(tmp_path / "poster.png"))
    desk.panel.show_clip(proxy=None, original=None, poster=str(tmp_path / "poster.png"))
    tasks.wait()
    cover = desk.panel.viewer.cover
    corner = cover.grab().toImage().pixelColor(cover.width() // 2, cover.height() // 4)
    assert corner.saturation() == 0
    assert 0 < corner.lightness() < 80


def test_the_surround_is_neutral(desk: Desk, clip25: Path) -> None:
    desk.open(clip25)
    viewer = desk.panel.viewer
    viewer.resize(600, 600)
    for surround, lightness in ((Surround.BLACK, 0), (Surround.GREY, 118)):
        viewer.set_surround(surround)
        colour = viewer.grab().toImage().pixelColor(300, 4)
        assert colour.red() == colour.green() == colour.blue() == lightness


def test_the_picture_alone(desk: Desk, clip25: Path) -> None:
    desk.open(clip25)
    desk.type("p")
    assert not desk.panel.transport.isVisible()
    assert not desk.panel.viewer.badge.isVisible()
    desk.type("p")
    assert desk.panel.transport.isVisible()
    assert desk.panel.viewer.badge.isVisible()


def test_channels_are_muted_and_soloed(desk: Desk, tmp_path: Path) -> None:
    path = clips.numbered(tmp_path / "two.mov", sound=2)
    desk.open(path, audio_channels=(1, 1), channel_names=("Boom", "Lav"))
    first, second = desk.panel.transport.channels.buttons
    assert first.accessibleName() == "Channel A1 Boom, heard"
    first.click()
    assert first.accessibleName() == "Channel A1 Boom, muted"
    assert desk.panel.engine.sound.monitor.audible(2) == {1}
    second.setFocus()
    desk.type("s")
    assert second.accessibleName() == "Channel A2 Lav, heard alone"
    assert desk.panel.engine.sound.monitor.soloed == {1}
    desk.open(path, audio_channels=(1, 1), channel_names=("Boom", "Lav"))
    assert desk.panel.transport.channels.buttons[0].accessibleName() == "Channel A1 Boom, heard"


def test_sixteen_channels_fit(desk: Desk, tmp_path: Path) -> None:
    path = clips.numbered(tmp_path / "many.mov", sound=1)
    desk.open(path, audio_channels=(1,) * 16)
    row = desk.panel.transport.channels
    assert len(row.buttons) == 6
    assert row.more.text() == "+10"
    assert desk.panel.minimumSizeHint().width() <= 624
    row.more.menu().aboutToShow.emit()
    last = row.more.menu().actions()[-1].menu()
    assert isinstance(last, QMenu)
    last.actions()[0].trigger()
    assert desk.panel.engine.sound.monitor.muted == {15}
    assert row.more.accessibleName() == "All 16 channels, 15 heard"


def test_every_control_has_a_name(desk: Desk, clip25: Path) -> None:
    desk.open(clip25, audio_channels=(1,))
    nameless = [
        widget
        for kind in (QAbstractButton, QLineEdit)
        for widget in desk.panel.findChildren(kind)
        if not widget.accessibleName()
    ]
    assert nameless == []
    for part in (desk.panel, desk.panel.viewer, desk.panel.strip, desk.panel.transport):
        assert part.accessibleName()


def test_an_unknown_length_reaches_strip_and_transport(desk: Desk, clip25: Path) -> None:
    source = PlayerSource(clip25, Fraction(25))
    with desk.qtbot.waitSignal(desk.panel.frame_shown, timeout=PATIENCE_MS):
        desk.panel.show_clip(proxy=None, original=source)
    assert desk.panel.strip.frames == 50
    assert desk.panel.transport.length.text() == "2:00"


def _heard(desk: Desk) -> tuple[int, bool]:
    """Volume and mute as libmpv has them."""
    core = desk.panel.engine._core
    assert core is not None
    told = [core._player._get_property(name) for name in ("volume", "mute")]
    return round(told[0]), bool(told[1])


def test_volume_by_slider_and_keys(desk: Desk, clip25: Path) -> None:
    desk.open(clip25, audio_channels=(1,))
    slider, sound = desk.panel.transport.volume, desk.panel.engine.sound
    assert slider.isVisible()
    assert slider.isEnabled()
    assert slider.accessibleName() == "Volume"
    slider.setFocus()
    QTest.keyClick(slider, Qt.Key.Key_PageDown)
    assert (sound.volume, slider.accessibleDescription()) == (90, "Volume 90 %")
    desk.qtbot.waitUntil(lambda: _heard(desk) == (90, False))
    desk.key(Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    desk.qtbot.waitUntil(lambda: _heard(desk) == (85, False))
    desk.key(Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert slider.value() == sound.volume == 90
    desk.key(Qt.Key.Key_M, Qt.KeyboardModifier.AltModifier)
    desk.qtbot.waitUntil(lambda: _heard(desk) == (90, True))
    assert slider.value() == 0
    assert slider.accessibleDescription() == "Sound is off"
    QTest.mouseClick(desk.panel.transport.sound, Qt.MouseButton.LeftButton)
    desk.qtbot.waitUntil(lambda: _heard(desk) == (90, False))
    desk.key(Qt.Key.Key_M, Qt.KeyboardModifier.AltModifier)
    desk.key(Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)  # louder is heard
    desk.qtbot.waitUntil(lambda: _heard(desk) == (95, False))


def test_a_volume_set_before_libmpv_started_holds(desk: Desk, clip25: Path) -> None:
    desk.panel.engine.sound.set_level(40, muted=True)
    assert desk.panel.transport.sound.accessibleName() == "Sound is off"
    desk.open(clip25, audio_channels=(1,))
    desk.qtbot.waitUntil(lambda: _heard(desk) == (40, True))
