"""Whether the catalog takes words and work now: on a full disk it is read-only until there is room again.

Nothing is lost meanwhile: a write that finds no room is rolled back whole, and its caller is told.
"""

import threading
from pathlib import Path
from typing import Final

from app.core.model.errors import NoRoom, RushesError
from app.core.platform import filesystems

_ENOUGH: Final = 32 << 20
"""Bytes that must be free before writing begins again, so that it does not end at once."""
_ENOUGH_PERCENT: Final = 10
"""The same of a small disk, in parts of a hundred."""


class Health:
    """The state of one catalog's disk. `Aspect.HEALTH` on the change feed says that it changed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._full: NoRoom | None = None
        self.last: NoRoom | None = None
        """What was said when the disk was full last: another one each time, also where there was room again at once."""
        self._lock = threading.Lock()

    @property
    def full(self) -> NoRoom | None:
        """Why nothing is written now, in words for people; None while all is well."""
        return self._full

    def failed(self, error: RushesError) -> bool:
        """Notes a write that failed; true where the disk was not known to be full."""
        return isinstance(error, NoRoom) and self.ran_full()

    def ran_full(self) -> bool:
        """Notes that there is no room; true where that was not known."""
        with self._lock:
            news = self._full is None
            self._full = NoRoom(
                "The disk is full: Rushes only reads",
                f"There is no room left on the disk of {self._folder}. Nothing is lost; nothing new is kept either.",
                subject=str(self._folder),
                todo="Free some space on this disk. Rushes goes on by itself as soon as there is room.",
            )
            if news:
                self.last = self._full
        return news

    def look(self) -> bool:
        """Looks whether there is room again; true where there is now and was not before."""
        if self._full is None:
            return False
        try:
            room = filesystems.space(self._folder)
        except RushesError:
            return False
        if room.free < min(_ENOUGH, room.total * _ENOUGH_PERCENT // 100):
            return False
        with self._lock:
            self._full = None
        return True
