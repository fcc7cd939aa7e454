"""Qt calls keep their references to None and True: see docs/decisions/0001-pyside6-below-6.12.md.

Each case runs in a child process, because a lost reference ends the whole interpreter.
"""

import subprocess
import sys

EMIT = """
import sys
from PySide6.QtCore import QObject, Signal

class Sender(QObject):
    told = Signal(bool)

sender, heard = Sender(), []
sender.told.connect(heard.append)
sender.told.emit(True)
before = sys.getrefcount(True)
for _ in range(2000):
    sender.told.emit(True)
heard.clear()
print(before - sys.getrefcount(True))
"""

REPAINT = """
import sys
from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QApplication, QWidget

class Canvas(QWidget):
    painted = 0

    def paintEvent(self, event):
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(40, 40, 40))
        painter.drawText(10, 20, str(self.painted))
        painter.end()
        self.painted += 1

app = QApplication([])
canvas = Canvas()
canvas.resize(200, 100)
canvas.show()
canvas.grab()
before, done = sys.getrefcount(None), canvas.painted
for _ in range(200):
    canvas.update()
    QCoreApplication.processEvents()
    canvas.grab()
assert canvas.painted - done >= 200, canvas.painted
print(before - sys.getrefcount(None))
"""


def _lost(body: str) -> int:
    finished = subprocess.run(
        [sys.executable, "-c", body], capture_output=True, text=True, check=False
    )
    assert finished.returncode == 0, finished.stderr
    return int(finished.stdout)


def test_2000_signals_lose_no_reference_to_true() -> None:
    assert abs(_lost(EMIT)) < 20


def test_200_repaints_lose_no_reference_to_none() -> None:
    assert abs(_lost(REPAINT)) < 20
