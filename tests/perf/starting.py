"""Opens a window and ends at a painting: `python -m tests.perf.starting bare | rushes HOME | header HOME | library HOME`.

`rushes` is the first painting of the window (its surfaces), `header` the first of what lies on them (project, pages,
search), `library` the first of the page a person works on, with the catalog open behind it.
"""

import os
import sys
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication, QMainWindow, QWidget


class _AtFirstPaint(QObject):
    """Says what it took and which modules were imported by then, and ends."""

    def __init__(self, watched: QWidget) -> None:
        super().__init__(watched)
        self._seen = False
        watched.installEventFilter(self)

    # Without `override`: what marks it is a module that a bare window does not import.
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        if event.type() == QEvent.Type.Paint and not self._seen:
            self._seen = True
            QTimer.singleShot(0, self._end)
        return super().eventFilter(watched, event)

    def _end(self) -> None:
        import resource

        used = resource.getrusage(resource.RUSAGE_SELF)
        sys.stdout.write(f"{used.ru_utime + used.ru_stime:.4f} {' '.join(sys.modules)}\n")
        sys.stdout.flush()
        os._exit(0)


def _bare() -> int:
    app = QApplication(sys.argv[:1])
    window = QMainWindow()
    window.resize(1400, 900)
    _AtFirstPaint(window)
    window.show()
    return app.exec()


def _rushes(until: str, home: Path) -> int:
    from app.ui import main
    from app.ui.main_window import MainWindow

    class Watched(MainWindow):
        def __init__(self, *, bare: bool = False) -> None:
            super().__init__(bare=bare)
            if until == "rushes":
                _AtFirstPaint(self)

        def furnish(self) -> None:
            super().furnish()
            if until == "header":
                _AtFirstPaint(self.header)

        def remember(self, *given: Any) -> None:
            super().remember(*given)
            if until == "library":
                self.stack.currentChanged.connect(lambda: _AtFirstPaint(self.stack.currentWidget()))

    main.MainWindow = Watched
    return main.main(home)


if __name__ == "__main__":
    sys.exit(_bare() if sys.argv[1] == "bare" else _rushes(sys.argv[1], Path(sys.argv[2])))
