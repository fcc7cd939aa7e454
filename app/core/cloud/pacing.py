"""How fast and how often: a bandwidth limit, and patience with faults that pass.

Both take their clock, their sleep and their dice from outside, so that tests neither wait nor guess.
"""

import dataclasses
import random
import threading
import time
from collections.abc import Callable
from typing import Final, TypeVar

from app.core.model.errors import Cancelled, Passing
from app.core.platform import clock

T = TypeVar("T")

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
                raise Cancelled("Called off", "The transfer was stopped.")
            left = until - self.now()
            if left <= 0:
                return
            self.sleep(min(left, TICK))


class Limiter:
    """A token bucket that any number of threads draw their bytes from.

    Args:
        rate: bytes a second; 0 is no limit. May be changed while transfers run.
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
            Cancelled: the work was called off while it waited.
        """
        rate = self.rate
        if rate <= 0:
            if cancelled():
                raise Cancelled("Called off", "The transfer was stopped.")
            return
        with self._lock:
            now = self._timer.now()
            start = max(now, self._free_at)
            self._free_at = start + amount * SECOND // rate
        self._timer.wait(start - now, cancelled)


@dataclasses.dataclass(frozen=True, slots=True)
class Backoff:
    """Tries again after a passing fault, ever later, with full jitter."""

    first: int = SECOND // 2
    """The longest wait after the first failure; it doubles from there."""
    longest: int = 30 * SECOND
    patience: int = 600 * SECOND
    """How long one request may fail before the fault is handed on."""
    fewest: int = 4
    """Tries that are made even when patience ran out meanwhile."""
    timer: Timer = dataclasses.field(default_factory=Timer)
    chance: Callable[[], float] = random.random

    def run(self, attempt: Callable[[], T], cancelled: IsCancelled = never) -> T:
        """The result of the first try that succeeds.

        Raises:
            Passing: the last fault, when patience has run out.
            Cancelled: the work was called off between two tries.
        """
        started = self.timer.now()
        tries = 0
        while True:
            tries += 1
            try:
                return attempt()
            except Passing:
                spent = self.timer.now() - started
                if tries >= self.fewest and spent >= self.patience:
                    raise
            self.timer.wait(self._pause(tries), cancelled)

    def _pause(self, tries: int) -> int:
        ceiling = min(self.longest, self.first << min(tries - 1, 20))
        return int(ceiling * self.chance())
