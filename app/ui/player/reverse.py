"""Playing backwards: which frame is due now, told at the clip's own rate."""

from fractions import Fraction
from typing import Final

from PySide6.QtCore import QElapsedTimer, QObject, Qt, QTimer, Signal

_SHORTEST_MS: Final = 15
_NANOS: Final = 1_000_000_000


class ReverseJog(QObject):
    """Counts frames down by the clock. Whoever listens fetches them, as many as it can."""

    due = Signal(object)
    """The frame that should be on screen now."""
    at_start = Signal()
    """The lowest frame was due; the jog has stopped."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._timer = QTimer(self, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._elapsed = QElapsedTimer()
        self._from = 0
        self._lowest = 0
        self._pace = Fraction(0)

    @property
    def running(self) -> bool:
        """Whether it counts."""
        return self._timer.isActive()

    def start(self, frame: int, lowest: int, pace: Fraction) -> None:
        """Counts from `frame` down to `lowest` at `pace` frames a second."""
        self._from, self._lowest, self._pace = frame, lowest, pace
        self._elapsed.start()
        self._timer.start(max(_SHORTEST_MS, int(1000 / pace)))

    def stop(self) -> None:
        """Ends it."""
        self._timer.stop()

    def _tick(self) -> None:
        passed = int(self._elapsed.nsecsElapsed() * self._pace // _NANOS)
        frame = max(self._lowest, self._from - passed)
        self.due.emit(frame)
        if frame == self._lowest:
            self.stop()
            self.at_start.emit()
