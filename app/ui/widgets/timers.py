"""Timers that fire once, some time after the last wish."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer


def single_shot(owner: QObject, milliseconds: int, fire: Callable[[], object]) -> QTimer:
    """A timer owned by `owner`; each `start` begins the wait anew."""
    timer = QTimer(owner)
    timer.setSingleShot(True)
    timer.setInterval(milliseconds)
    timer.timeout.connect(fire)
    return timer
