"""Opens a window and ends at its first painting: `python -m tests.perf.starting rushes HOME | bare`."""

import sys
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication, QMainWindow
from typing_extensions import override


class _AtFirstPaint(QObject):
    """Says which modules were imported by then, and closes."""

    def __init__(self, window: QMainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._seen = False

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint and not self._seen:
            self._seen = True
            QTimer.singleShot(0, self._end)
        return super().eventFilter(watched, event)

    def _end(self) -> None:
        import resource

        used = resource.getrusage(resource.RUSAGE_SELF)
        sys.stdout.write(f"{used.ru_utime + used.ru_stime:.4f} {' '.join(sys.modules)}\n")
        sys.stdout.flush()
        import os

        os._exit(0)


def _bare() -> int:
    app = QApplication(sys.argv[:1])
    window = QMainWindow()
    window.resize(1400, 900)
    window.installEventFilter(_AtFirstPaint(window))
    window.show()
    return app.exec()


def _rushes(home: Path) -> int:
    from app.ui import main
    from app.ui.main_window import MainWindow

    class Watched(MainWindow):
        def __init__(self, *given: Any) -> None:
            super().__init__(*given)
            self.installEventFilter(_AtFirstPaint(self))

    main.MainWindow = Watched
    return main.main(home)


if __name__ == "__main__":
    sys.exit(_bare() if sys.argv[1] == "bare" else _rushes(Path(sys.argv[2])))
