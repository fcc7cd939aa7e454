"""Fixtures of the player: an engine with a surface that needs no screen, closed after each test."""

from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.ui import tasks
from app.ui.player.core import CoreOptions
from app.ui.player.engine import PlayerEngine
from app.ui.player.soft_surface import SoftSurface
from app.ui.player.source import PlayerSource
from app.ui.player.surfaces import SurfaceKind, make_surface
from tests.ui.player import clips

PATIENCE_MS = 20_000


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("clips")


@pytest.fixture(scope="session")
def clip25(folder: Path) -> Path:
    return clips.numbered(folder / "a25.mp4")


@pytest.fixture(scope="session")
def clip2997(folder: Path) -> Path:
    return clips.numbered(folder / "a2997.mp4", rate="30000/1001", frames=60)


class Player:
    """An engine on a software surface, and the waiting around it."""

    def __init__(self, qtbot: QtBot, engine: PlayerEngine, surface: SoftSurface) -> None:
        self.qtbot = qtbot
        self.engine = engine
        self.surface = surface

    def load(
        self, path: Path, rate: str = "25", frames: int | None = 50, **more: object
    ) -> PlayerSource:
        source = PlayerSource(path, Fraction(rate), frames, **more)  # type: ignore[arg-type]
        with self.qtbot.waitSignal(self.engine.frame_shown, timeout=PATIENCE_MS):
            self.engine.load(source)
        return source

    def shown(self, act: Callable[[], object]) -> int:
        """Does something and waits until a frame is shown; its number as reported."""
        with self.qtbot.waitSignal(self.engine.frame_shown, timeout=PATIENCE_MS) as seen:
            act()
        return seen.args[0]

    def picture(self) -> int:
        """The number in the picture on screen, once Qt has drawn what libmpv handed over."""
        self.qtbot.wait(1)
        return clips.frame_of(self.surface.picture())


@pytest.fixture
def player(qtbot: QtBot) -> Iterator[Player]:
    window = QWidget()
    window.resize(320, 180)
    engine = PlayerEngine(CoreOptions(audio_device=False))
    surface = make_surface(engine, SurfaceKind.SOFTWARE, window)
    assert isinstance(surface, SoftSurface)
    surface.resize(320, 180)
    window.show()
    yield Player(qtbot, engine, surface)
    engine.close()
    tasks.wait()
    window.close()
    window.deleteLater()
