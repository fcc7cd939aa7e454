"""The one listener on the core's change feed and job feed.

Both are called on foreign threads, sometimes hundreds of times a second while a volume is scanned.
The bridge merges what comes within 50 ms and hands it over once, on the main thread.
"""

import threading
from collections.abc import Callable
from typing import Final

import shiboken6
from PySide6.QtCore import QObject, Qt, Signal

from app.core.model.changes import Aspect, ChangeSet
from app.ui.widgets.timers import single_shot

CHANGES_MS: Final = 50
JOBS_MS: Final = 200
MANY: Final = 4_000
"""From so many ids of one aspect on, the merged change says "many: look again"."""

Unsubscribe = Callable[[], None]


class Bridge(QObject):
    """Turns feeds into signals of the main thread."""

    changed = Signal(object)
    """A merged `ChangeSet`."""
    jobs_changed = Signal()
    """The jobs moved: ask the engine what it does now."""
    _change_came = Signal()
    _job_came = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lock = threading.Lock()
        self._waiting: list[ChangeSet] = []
        self._unsubscribe: list[Unsubscribe] = []
        self._job_waiting = False
        self._changes_timer = single_shot(self, CHANGES_MS, self._hand_over)
        self._jobs_timer = single_shot(self, JOBS_MS, self._jobs_over)
        queued = Qt.ConnectionType.QueuedConnection
        self._change_came.connect(self._changes_timer.start, queued)
        self._job_came.connect(self._jobs_timer.start, queued)

    def listen(self, subscribe: Callable[[Callable[[ChangeSet], None]], Unsubscribe]) -> None:
        """Listens to a change feed until `close`."""
        self._unsubscribe.append(subscribe(self.take))

    def take(self, changes: ChangeSet) -> None:
        """One committed change, on whatever thread wrote it."""
        with self._lock:
            first = not self._waiting
            self._waiting.append(changes)
        if first and shiboken6.isValid(self):
            self._change_came.emit()

    def take_job(self) -> None:
        """The engine did something, on whatever thread."""
        with self._lock:
            first = not self._job_waiting
            self._job_waiting = True
        if first and shiboken6.isValid(self):
            self._job_came.emit()

    def close(self) -> None:
        """Stops listening."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        self._unsubscribe.clear()
        self._changes_timer.stop()
        self._jobs_timer.stop()

    def _hand_over(self) -> None:
        with self._lock:
            waiting, self._waiting = self._waiting, []
        if waiting:
            self.changed.emit(merged(waiting))

    def _jobs_over(self) -> None:
        with self._lock:
            self._job_waiting = False
        self.jobs_changed.emit()


def merged(changes: list[ChangeSet]) -> ChangeSet:
    """Several changes as one. "Many" swallows ids; the origin survives where all share it."""
    together: dict[Aspect, set[str] | None] = {}
    for change in changes:
        for aspect, ids in change.changes.items():
            known = together.get(aspect, set())
            together[aspect] = None if known is None or not ids else known | ids
    origins = {change.origin for change in changes}
    return ChangeSet(
        {
            aspect: frozenset() if ids is None or len(ids) > MANY else frozenset(ids)
            for aspect, ids in together.items()
        },
        origins.pop() if len(origins) == 1 else "",
    )
