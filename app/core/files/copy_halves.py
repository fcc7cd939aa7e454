"""One file on its way to one leg: a temporary name, its bytes, its time, fsync, and then its own name.

The order is what makes it safe: a name that a person sees never stands for less than the whole, durable file. The name
itself is durable after the fsync of the folder, which whoever copies does once for all files of a folder.
"""

import contextlib
import time

from app.core.files.copy_legs import Leg
from app.core.files.hashing import PIECE
from app.core.platform import entries
from app.core.platform.durable import temporary_name
from app.core.platform.entries import Place

_WINDOW = 8 << 20
"""Bytes after which the disk begins to write, so that the fsync at the end has little to wait for: a third of the time."""


class Half:
    """A file being written; `settle` gives it its name, `discard` takes it away."""

    def __init__(self, leg: Leg, place: Place, name: str, size: int) -> None:
        """Makes it, with room for all of it.

        Raises:
            OSError: it cannot be made, or there is no room.
        """
        self.leg = leg
        self.place, self._name = place, name
        self._temporary = temporary_name()
        self._at = self._begun = 0
        self.spent_ns = 0
        """What its disk has taken so far."""
        begun = time.monotonic_ns()
        self._handle = entries.create(place, self._temporary)
        try:
            if size > PIECE:
                entries.preallocate(self._handle, size)
        except BaseException:
            self.discard()
            raise
        self.spent_ns += time.monotonic_ns() - begun

    def write(self, piece: memoryview) -> None:
        """Puts the next bytes behind those before.

        Raises:
            OSError: the disk did not take them.
        """
        begun = time.monotonic_ns()
        self._at += entries.write_all(self._handle, piece)
        if self._at - self._begun >= _WINDOW:
            self.begin()
        self.spent_ns += time.monotonic_ns() - begun

    def begin(self) -> None:
        """The disk is to begin with what it was given; nobody waits for it.

        Raises:
            OSError: the disk failed.
        """
        entries.forget(self._handle, self._begun, self._at - self._begun)
        self._begun = self._at

    def written(self, mtime_ns: int) -> None:
        """All bytes are there: it gets its time.

        Raises:
            OSError: the disk failed.
        """
        if self._begun:
            self.begin()
        entries.set_time(self.place, self._temporary, self._handle, mtime_ns)

    def settle(self, *, durable: bool) -> None:
        """Makes it durable, unless it is already, and gives it its name, unless that is taken.

        Raises:
            FileExistsError: the name is taken.
            OSError: the disk failed; what was written is not trusted any more, and thrown away.
        """
        begun = time.monotonic_ns()
        try:
            if not durable:
                entries.sync_handle(self._handle)
            self._close()
            entries.rename_new(self.place, self._temporary, self._name)
        except BaseException:
            self.discard()
            raise
        self.spent_ns += time.monotonic_ns() - begun

    def discard(self) -> None:
        """Takes it away; where that cannot be, a later copy to that folder sweeps it."""
        with contextlib.suppress(OSError):
            self._close()
        with contextlib.suppress(OSError):
            entries.remove(self.place, self._temporary)

    def _close(self) -> None:
        handle, self._handle = self._handle, -1
        if handle >= 0:
            entries.close(handle)
