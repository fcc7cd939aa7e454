"""Says when an offload ends, or stands still, whatever page is on show: a line, a sound, and a mark on the window."""

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication, QWidget

from app.core.catalog import offloads
from app.core.catalog.rows import Reader
from app.core.model.changes import Aspect, ChangeSet
from app.core.model.names import display
from app.core.model.offloads import LegState, OffloadState
from app.ui.widgets.core_words import core
from app.ui.widgets.timers import single_shot
from app.ui.widgets.wording import fill

if TYPE_CHECKING:
    from app.ui.desk import Desk

_SETTLE_MS: Final = 500
_Stand = tuple[str, str, OffloadState, frozenset[str]]
"""(name, guarantee, state, parked destinations)."""


class OffloadEnds(QObject):
    """Tells of each end once; what had ended when the window was opened is no news."""

    def __init__(self, desk: "Desk", window: QWidget) -> None:
        super().__init__(window)
        self._desk = desk
        self._window = window
        self._known: dict[str, _Stand] | None = None
        self._later = single_shot(self, _SETTLE_MS, self._ask)
        desk.changed.connect(self._on_changed)
        self._ask()

    def _on_changed(self, changes: ChangeSet) -> None:
        if changes.touches(Aspect.OFFLOAD) and not self._later.isActive():
            self._later.start()

    def _ask(self) -> None:
        self._desk.query(self, _stands, self._take, key="ends")

    def _take(self, now: dict[str, _Stand]) -> None:
        before, self._known = self._known, now
        if before is None:
            return
        for offload_id, (name, guarantee, state, parked) in now.items():
            old = before.get(offload_id)
            was_done = old is not None and old[2] is OffloadState.DONE
            if state is OffloadState.DONE and not was_done:
                self._tell(fill(self.tr("{0} is offloaded: {1}."), display(name), core(guarantee)))
            for place in sorted(parked - (old[3] if old else frozenset())):
                words = self.tr("{0}: {1} is parked. The others go on.")
                self._tell(fill(words, display(name), display(place)))

    def _tell(self, words: str) -> None:
        self._desk.notice.emit(words)
        QApplication.beep()
        QApplication.alert(self._window)


def _stands(reader: Reader) -> dict[str, _Stand]:
    return {
        one.id: (
            one.name,
            one.verify.words,
            one.state,
            frozenset(leg.name for leg in one.legs if leg.state is LegState.PARKED),
        )
        for one in offloads.every(reader)
    }
