"""How fast: waiting that a cancel ends, and a limit in bytes a second that many threads share.

Reading a volume and sending to a bucket are held back by the same thing. Clock and sleep come from
outside, so that tests neither wait nor guess.
"""

import dataclasses
import threading
import time
from collections.abc import Callable
from typing import Final

from app.core.model.errors import Cancelled
from app.core.platform import clock

SECOND: Final = 1_000_000_000
"""Nanoseconds."""

TICK: Final = SECOND // 10
"""The longest sleep between two looks at whether the work was called off."""

IsCancelled = Callable[[], bool]


def never() -> bool:
    """Work that nobody calls off."""
    return False


def sleep_ns(nanoseconds: int) -> None:
    """`time.sleep`, in integer nanoseconds."""
    time.sleep(nanoseconds / SECOND)


def called_off() -> Cancelled:
    """What ends work that a person or the planner stopped."""
    return Cancelled("Called off", "The work was stopped.")


@dataclasses.dataclass(frozen=True, slots=True)
class Timer:
    """Monotonic time and waiting, in nanoseconds."""

    now: Callable[[], int] = clock.monotonic_ns
    sleep: Callable[[int], None] = sleep_ns

    def wait(self, nanoseconds: int, cancelled: IsCancelled) -> None:
        """Sleeps, but wakes up for a cancel.

        Raises:
            Cancelled: the work was called off.
        """
        until = self.now() + nanoseconds
        while True:
            if cancelled():
                raise called_off()
            left = until - self.now()
            if left <= 0:
                return
            self.sleep(min(left, TICK))


class Limiter:
    """A token bucket that any number of threads draw their bytes from.

    Args:
        rate: bytes a second; 0 is no limit. May be changed while work runs.
        timer: where time comes from.
    """

    def __init__(self, rate: int = 0, timer: Timer | None = None) -> None:
        self.rate = rate
        self._timer = timer or Timer()
        self._lock = threading.Lock()
        self._free_at = 0

    def take(self, amount: int, cancelled: IsCancelled = never) -> None:
        """Waits until `amount` bytes may go.

        Raises:
            Cancelled: the work was called off, before or while it waited.
        """
        rate = self.rate
        if rate <= 0:
            if cancelled():
                raise called_off()
            return
        with self._lock:
            now = self._timer.now()
            start = max(now, self._free_at)
            self._free_at = start + amount * SECOND // rate
        self._timer.wait(start - now, cancelled)

    def owe(self, amount: int) -> None:
        """Bytes that have gone already, because nobody knew before how many: whoever takes next waits for them."""
        if self.rate > 0:
            with self._lock:
                start = max(self._timer.now(), self._free_at)
                self._free_at = start + amount * SECOND // self.rate
