"""Bytes on their way: what is handed to a store to send."""

import os
from collections.abc import Callable

from app.core.cloud.wire import Stopped
from app.core.model.errors import Cancelled

Meter = Callable[[int], None]
"""Told of bytes before they go; a negative number takes back what a rewind undid."""


def _unmetered(amount: int) -> None:
    del amount


class BytesBody:
    """Some bytes as a body that can be read again from the start.

    Args:
        data: the bytes; not copied.
        meter: may wait, to keep to a bandwidth, or raise `Cancelled`.
    """

    def __init__(self, data: bytes | bytearray | memoryview, meter: Meter = _unmetered) -> None:
        self._view = memoryview(data).toreadonly()
        self._meter = meter
        self._at = 0
        self._told = 0

    def __len__(self) -> int:
        return len(self._view)

    def read(self, size: int = -1, /) -> bytes:
        """Up to `size` bytes; empty at the end."""
        end = len(self._view) if size < 0 else min(self._at + size, len(self._view))
        amount = end - self._at
        if amount <= 0:
            return b""
        try:
            if self._at != self._told:
                self._meter(self._at - self._told)
            self._meter(amount)
        except Cancelled:
            # Anything softer is taken for a broken connection by the libraries in between.
            raise Stopped from None
        piece = bytes(self._view[self._at : end])
        self._at = self._told = end
        return piece

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """As for files."""
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: len(self._view)}[whence]
        self._at = max(0, min(start + offset, len(self._view)))
        return self._at

    def tell(self) -> int:
        """As for files."""
        return self._at
