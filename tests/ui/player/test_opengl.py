"""The OpenGL surface, on a real X server (`xvfb-run`): same frames, and a context that comes and goes."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from app.ui import tasks
from app.ui.player.core import CoreOptions
from app.ui.player.engine import PlayerEngine
from app.ui.player.gl_surface import GlSurface
from app.ui.player.source import PlayerSource
from app.ui.player.surfaces import SurfaceKind, has_opengl, make_surface
from tests.ui.player import clips
from tests.ui.player.conftest import PATIENCE_MS


class Screen:
    def __init__(self, qtbot: QtBot) -> None:
        self.qtbot = qtbot
        self.window = QWidget()
        self.window.resize(320, 180)
        self.layout = QVBoxLayout(self.window)
        self.layout.setContentsMargins(0, 0, 0, 0)
        self.engine = PlayerEngine(CoreOptions(audio_device=False))
        surface = make_surface(self.engine, SurfaceKind.AUTO, self.window)
        assert isinstance(surface, GlSurface)
        self.surface = surface
        self.layout.addWidget(surface)

    def seek(self, frame: int) -> int:
        with self.qtbot.waitSignal(self.engine.frame_shown, timeout=PATIENCE_MS) as seen:
            self.engine.seek_frame(frame)
        return seen.args[0]

    def settles_on(self, frame: int) -> None:
        self.qtbot.waitUntil(
            lambda: clips.frame_of(self.surface.picture()) == frame, timeout=PATIENCE_MS
        )


@pytest.fixture
def screen(qtbot: QtBot) -> Iterator[Screen]:
    if QGuiApplication.platformName() != "xcb" or not has_opengl():
        pytest.skip("needs an X server with OpenGL: xvfb-run -a")
    made = Screen(qtbot)
    with qtbot.waitExposed(made.window):
        made.window.show()
    yield made
    made.engine.close()
    tasks.wait()
    made.window.close()
    made.window.deleteLater()


def _load(screen: Screen, path: Path) -> None:
    with screen.qtbot.waitSignal(screen.engine.frame_shown, timeout=PATIENCE_MS):
        screen.engine.load(PlayerSource(path, Fraction(25), 50))


def test_frames_are_exact(screen: Screen, clip25: Path) -> None:
    _load(screen, clip25)
    for frame in (0, 1, 2, 49, 31, 30, 29, 13):
        assert screen.seek(frame) == frame
        screen.settles_on(frame)


def test_the_picture_is_on_the_screen(screen: Screen, clip25: Path) -> None:
    _load(screen, clip25)
    assert screen.seek(21) == 21
    window = screen.window
    screen.qtbot.waitUntil(
        lambda: clips.frame_of(window.screen().grabWindow(window.winId()).toImage()) == 21,
        timeout=PATIENCE_MS,
    )


def test_play_and_stop(screen: Screen, clip25: Path) -> None:
    _load(screen, clip25)
    with screen.qtbot.waitSignal(
        screen.engine.frame_changed, timeout=PATIENCE_MS, check_params_cb=lambda n: n > 5
    ):
        screen.engine.play()
    with screen.qtbot.waitSignal(screen.engine.frame_shown, timeout=PATIENCE_MS) as seen:
        screen.engine.pause()
    screen.settles_on(seen.args[0])


def test_another_window_means_another_context(screen: Screen, clip25: Path) -> None:
    _load(screen, clip25)
    assert screen.seek(17) == 17
    lost: list[bool] = []
    screen.surface.lost.connect(lambda: lost.append(True))
    other = QWidget()
    other.setWindowFlag(Qt.WindowType.Window)
    row = QVBoxLayout(other)
    row.setContentsMargins(0, 0, 0, 0)
    other.resize(320, 180)
    with screen.qtbot.waitSignal(screen.surface.ready, timeout=PATIENCE_MS):
        row.addWidget(screen.surface)
        other.show()
    assert lost
    screen.settles_on(17)
    assert screen.seek(40) == 40
    screen.settles_on(40)
    screen.layout.addWidget(screen.surface)
    screen.settles_on(40)
    other.close()
    other.deleteLater()


def test_a_hidden_surface_does_not_slow_the_player(screen: Screen, clip25: Path) -> None:
    _load(screen, clip25)
    screen.surface.hide()
    for frame in (5, 10, 15, 20):
        assert screen.seek(frame) == frame
    screen.surface.show()
    screen.settles_on(20)


def test_full_screen_and_back(screen: Screen, clip25: Path) -> None:
    _load(screen, clip25)
    screen.seek(9)
    screen.window.showFullScreen()
    screen.settles_on(9)
    screen.window.showNormal()
    QApplication.processEvents()
    screen.settles_on(9)
