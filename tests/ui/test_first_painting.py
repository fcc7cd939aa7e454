"""The window is shown before anything lies in it: its surfaces look as they will, and it is furnished in any case."""

import os
import subprocess
import sys

from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from app.ui.main_window import MainWindow
from app.ui.theme import style, tokens
from tests.support.source import ROOT

PAINTED = """
import sys
from PySide6.QtWidgets import QApplication
from app.ui.main_window import MainWindow
app = QApplication([])
window = MainWindow(bare=True)
window.painted.connect(lambda: (print(*sys.modules), app.quit()))
window.show()
app.exec()
"""
LATER = (
    "PySide6.QtSvg",
    "app.ui.shell.header",
    "app.ui.theme.style",
    "app.core.services",
    "sqlite3",
    "json",
)


def left_edge(window: MainWindow) -> list[int]:
    """The colours down the left edge, where nothing lies on the surfaces."""
    image = window.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    return [image.pixel(1, row) for row in range(image.height())]


def test_surfaces_look_as_in_the_furnished_window(qtbot: QtBot) -> None:
    for look in (tokens.LIGHT, tokens.DARK):
        style.dress(look.name)
        window = MainWindow(bare=True)
        qtbot.addWidget(window)
        window.resize(1000, 700)
        window.show()
        qtbot.waitExposed(window)
        bare = left_edge(window)
        window.furnish()
        qtbot.waitUntil(lambda window=window, bare=bare: left_edge(window) == bare)


def test_it_says_once_that_it_is_painted(qtbot: QtBot) -> None:
    window = MainWindow(bare=True)
    qtbot.addWidget(window)
    said: list[bool] = []
    window.painted.connect(lambda: said.append(True))
    with qtbot.waitSignal(window.painted):
        window.show()
    window.repaint()
    qtbot.wait(400)
    assert said == [True]


def test_a_window_that_nobody_sees_is_furnished_all_the_same(qtbot: QtBot) -> None:
    window = MainWindow(bare=True)
    qtbot.addWidget(window)
    with qtbot.waitSignal(window.painted):
        assert not window.isVisible()


def test_nothing_is_imported_for_it_but_what_it_paints_with() -> None:
    words = [sys.executable, "-c", PAINTED]
    found = dict(os.environ, PYTHONPATH=str(ROOT))
    done = subprocess.run(words, cwd=ROOT, env=found, capture_output=True, text=True, check=True)
    assert [name for name in LATER if name in done.stdout.split()] == []
