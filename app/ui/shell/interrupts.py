"""Ctrl+C and SIGTERM close the window in order: work is called off, nothing half-made stays behind.

Qt's loop waits inside C++, where Python never gets to run a signal's handler. So each signal also
writes a byte into a socket that the loop does listen to.
"""

import signal
import socket
from collections.abc import Callable
from types import FrameType

from PySide6.QtCore import QObject, QSocketNotifier


class Interrupts(QObject):
    """Calls `stop` on the main thread when the process is asked to end; `close` puts all back."""

    def __init__(self, stop: Callable[[], object], parent: QObject) -> None:
        super().__init__(parent)
        self._stop = stop
        self._ours, self._loops = socket.socketpair()
        for end in (self._ours, self._loops):
            end.setblocking(False)
        self._before_fd = signal.set_wakeup_fd(self._ours.fileno(), warn_on_full_buffer=False)
        self._before = {
            number: signal.signal(number, self._handle)
            for number in (signal.SIGINT, signal.SIGTERM)
        }
        self._notifier = QSocketNotifier(self._loops.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._drain)

    def close(self) -> None:
        """Gives the signals back to whoever had them."""
        self._notifier.setEnabled(False)
        for number, handler in self._before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._before_fd)
        self._ours.close()
        self._loops.close()

    def _handle(self, _number: int, _frame: FrameType | None) -> None:
        self._stop()

    def _drain(self) -> None:
        # Python runs the handler as soon as its own code runs again: which is here.
        self._loops.recv(64)
