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
    """So many bytes a second, shared by any number of readers or senders, who get them in the order they came.

    Counted in bytes: a changed rate counts from then on, for those that wait already as well.

    Args:
        rate: bytes a second; 0 is no limit. May be changed while work runs.
        timer: where time comes from.
    """

    def __init__(self, rate: int = 0, timer: Timer | None = None) -> None:
        self._rate = rate
        self._timer = timer or Timer()
        self._lock = threading.Lock()
        self._given = 0
        """Bytes that were asked for or have gone."""
        self._paid = 0
        """What time has paid of them, in bytes times nanoseconds of a second."""
        self._at = self._timer.now()

    @property
    def rate(self) -> int:
        """Bytes a second; 0 is no limit."""
        return self._rate

    @rate.setter
    def rate(self, rate: int) -> None:
        with self._lock:
            self._pay()
            self._rate = rate

    def take(self, amount: int, cancelled: IsCancelled = never) -> None:
        """Waits until `amount` bytes may go: until all before them are paid.

        Raises:
            Cancelled: the work was called off, before or while it waited.
        """
        if cancelled():
            raise called_off()
        mark = self.owe(amount) - amount
        while (left := self._left(mark)) > 0:
            if cancelled():
                raise called_off()
            self._timer.sleep(min(left, TICK))

    def owe(self, amount: int) -> int:
        """Bytes that have gone already, because nobody knew before how many: whoever takes next waits for them.

        Returns:
            A mark: see `settled`.
        """
        with self._lock:
            self._pay()
            self._given += amount
            return self._given

    def settled(self, mark: int) -> bool:
        """Whether everything up to a mark is paid."""
        return self._left(mark) <= 0

    def _left(self, mark: int) -> int:
        """Nanoseconds until all before a mark is paid, at the present rate."""
        with self._lock:
            self._pay()
            missing = mark * SECOND - self._paid
            return -(-missing // self._rate) if missing > 0 else 0

    def _pay(self) -> None:
        now = self._timer.now()
        whole = self._given * SECOND
        paid = self._paid + (now - self._at) * self._rate
        self._paid = min(whole, paid) if self._rate > 0 else whole
        self._at = now
