"""How far a transfer is. It may fall: a part that is sent again was not there after all."""

import threading
from collections.abc import Callable
from typing import Self

from app.core.cloud.pacing import IsCancelled, Limiter

Tell = Callable[[int, int], None]
"""Takes (bytes in the bucket, all bytes)."""


def untold(done: int, total: int) -> None:
    """Nobody watches."""
    del done, total


class Progress:
    """Bytes of one transfer, counted from any thread.

    Args:
        total: bytes of the file.
        tell: told of each change.
        sent: bytes that went out before, in vain.
    """

    def __init__(self, total: int, tell: Tell, sent: int = 0) -> None:
        self._total = total
        self._tell = tell
        self._lock = threading.Lock()
        self._done = 0
        self._sent = sent

    @property
    def sent(self) -> int:
        """Bytes that went out, repeats included."""
        return self._sent

    def add(self, amount: int, *, went_out: bool = True) -> None:
        """More bytes are there; negative takes them back."""
        with self._lock:
            self._done += amount
            if went_out and amount > 0:
                self._sent += amount
            self._tell(self._done, self._total)


class Try:
    """One try at sending some bytes: meters them, and takes them back when it fails."""

    def __init__(self, progress: Progress, limiter: Limiter, cancelled: IsCancelled) -> None:
        self._progress = progress
        self._limiter = limiter
        self._cancelled = cancelled
        self._counted = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_rest: object) -> None:
        """Takes back what was counted when the try fails."""
        if kind and self._counted:
            self._progress.add(-self._counted)

    def meter(self, amount: int) -> None:
        """Waits for the bandwidth, then counts.

        Raises:
            Cancelled: called off while waiting.
        """
        if amount > 0:
            self._limiter.take(amount, self._cancelled)
        self._counted += amount
        self._progress.add(amount)
