"""Patience with faults that pass. Clock, sleep and dice come from outside, so that tests neither wait nor guess.

The limit in bytes a second that goes with it is `app.core.platform.pacing`'s.
"""

import dataclasses
import random
from collections.abc import Callable
from typing import TypeVar

from app.core.model.errors import Passing
from app.core.platform.heaps import let_go
from app.core.platform.pacing import SECOND, IsCancelled, Limiter, Timer, never

__all__ = ["SECOND", "Backoff", "IsCancelled", "Limiter", "Timer", "never"]

T = TypeVar("T")


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
            except Passing as fault:
                spent = self.timer.now() - started
                if tries >= self.fewest and spent >= self.patience:
                    raise
                let_go(fault)
            self.pause(tries, cancelled)

    def pause(self, tries: int, cancelled: IsCancelled = never) -> None:
        """Waits as after that many failures in a row.

        Raises:
            Cancelled: the work was called off.
        """
        self.timer.wait(self._length(tries), cancelled)

    def _length(self, tries: int) -> int:
        ceiling = min(self.longest, self.first << min(tries - 1, 20))
        return int(ceiling * self.chance())
