"""How often a recipe is asked what is due: a dear question is asked less, so that a large library stays quiet.

Where the question costs next to nothing it is asked at every change. Otherwise more subjects are taken
at once, kept, and handed out until the next question may be asked.
"""

import dataclasses
import time
from collections import deque
from typing import Final

from app.core.work.recipes import Subject

CHEAP_NS: Final = 3_000_000
"""Processor time up to which a question is free."""
_SHARE: Final = 20
"""After a change, at most one part in so many of a processor goes into one recipe's questions."""
_QUIET_SHARE: Final = 400
"""The same while nothing changes: only time itself can make work due then."""
FEW: Final = 64
MANY: Final = 512
"""Subjects that are taken at once where asking is dear."""


@dataclasses.dataclass(slots=True)
class Look:
    """What one recipe answered last, and when it may be asked again."""

    kept: deque[Subject] = dataclasses.field(default_factory=deque[Subject])
    """Due and not handed out yet."""
    soon: int = 0
    generation: int = -1
    """Of the catalog, when it was asked."""
    cost_ns: int = 0
    asked_ns: int = 0

    def wait_ns(self, generation: int) -> int:
        """How long until it may be asked again; 0 is now."""
        if self.generation < 0 or self.cost_ns <= CHEAP_NS:
            return 0
        share = _SHARE if self.generation != generation else _QUIET_SHARE
        return max(0, self.asked_ns + self.cost_ns * share - time.monotonic_ns())

    def limit(self) -> int:
        """How many subjects to ask for."""
        return FEW if self.cost_ns <= CHEAP_NS else MANY

    def answered(self, subjects: list[Subject], soon: int, generation: int, cost_ns: int) -> None:
        """Keeps an answer."""
        self.kept = deque(subjects)
        self.soon = soon
        self.generation = generation
        self.cost_ns = cost_ns
        self.asked_ns = time.monotonic_ns()

    def forget(self) -> None:
        """It is asked again at once: people look at other clips now."""
        self.generation = -1
