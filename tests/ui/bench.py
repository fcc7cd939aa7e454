"""A working window on a small library, without the background work: what it would do is another test's subject."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import shiboken6
from pytestqt.qtbot import QtBot

from app.core.services import Services
from app.ui import tasks
from app.ui.desk import Desk
from app.ui.main_window import MainWindow
from app.ui.player.surfaces import SurfaceKind
from app.ui.workbench import Workbench
from tests.support import ui_library


class Bench:
    """What a test of the window has in hand."""

    def __init__(self, qtbot: QtBot, home: Path, *, introduced: bool = True) -> None:
        self.qtbot = qtbot
        self.services = Services(home)
        media = home.parent / "media"
        media.mkdir(exist_ok=True)
        self.ids = ui_library.fill(self.services, media) if introduced else []
        # Not given to qtbot: it would delete the window before the player has ended.
        self.window = MainWindow()
        self.window.resize(1400, 900)
        self.desk = Desk(self.services, self.window)
        opened: list[bool] = []
        self.desk.open(lambda: opened.append(True))
        qtbot.waitUntil(lambda: bool(opened))
        self.work = Workbench(self.window, self.desk, SurfaceKind.SOFTWARE)
        self.work.begin(introduced=introduced)
        self.window.show()
        # Shortcuts belong to the active window, and without a window manager nobody activates one.
        self.window.activateWindow()
        qtbot.waitUntil(self.window.isActiveWindow)
        self.settle()

    @property
    def library(self):
        return self.work.library

    @property
    def clips(self):
        return self.work.library.clips

    def settle(self) -> None:
        """Until reads, writes and what follows from them have come to rest."""
        for _ in range(3):
            assert tasks.wait()
            self.qtbot.wait(60)
        assert tasks.wait()

    def choose(self, position: int) -> None:
        """Makes a clip the current one."""
        self.clips.choose(lambda s: s.only(position))
        self.qtbot.waitUntil(
            lambda: (
                self.library.stage.clip is not None
                and self.library.stage.clip.row == self.clips.current_row()
            )
        )
        self.settle()

    def close(self) -> None:
        self.work.close()
        self.window.close()
        tasks.shut()
        self.services.close()
        shiboken6.delete(self.window)


@pytest.fixture
def bench(qtbot: QtBot, tmp_path: Path) -> Iterator[Bench]:
    """The window on twelve clips."""
    made = Bench(qtbot, tmp_path / "home")
    yield made
    made.close()
