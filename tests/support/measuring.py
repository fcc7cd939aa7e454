"""Measuring beside a peer: the two by turns in one run, judged by the median of the ratios of each pair.

Processor seconds of this process and of the children it has waited for; a machine with other work to
do stretches wall time, and hardly those.
"""

import dataclasses
import resource
import statistics
import time
from collections.abc import Callable, Sequence

Act = Callable[[], object]


@dataclasses.dataclass(frozen=True, slots=True)
class Cost:
    """What one run took, in seconds."""

    cpu: float
    wall: float


@dataclasses.dataclass(frozen=True, slots=True)
class Versus:
    """Two that were run by turns."""

    ours: tuple[Cost, ...]
    peer: tuple[Cost, ...]

    @property
    def ratios(self) -> list[float]:
        """Processor seconds, ours by the peer's, pair by pair, smallest first."""
        return sorted(a.cpu / max(b.cpu, 1e-6) for a, b in zip(self.ours, self.peer, strict=True))

    @property
    def ratio(self) -> float:
        """The median of the pairs."""
        return statistics.median(self.ratios)

    @property
    def spread(self) -> str:
        """The smallest and the largest ratio."""
        return f"{self.ratios[0]:.2f}–{self.ratios[-1]:.2f}"

    @property
    def wall_ratios(self) -> list[float]:
        """Wall seconds, ours by the peer's, pair by pair, smallest first: of what waits for a disk."""
        return sorted(a.wall / max(b.wall, 1e-6) for a, b in zip(self.ours, self.peer, strict=True))

    @property
    def ours_cpu(self) -> float:
        """Median processor seconds of ours."""
        return statistics.median(c.cpu for c in self.ours)

    @property
    def peer_cpu(self) -> float:
        """Median processor seconds of the peer."""
        return statistics.median(c.cpu for c in self.peer)


def cost(act: Act) -> Cost:
    """What one run takes."""
    wall, cpu = time.perf_counter(), _cpu()
    act()
    return Cost(_cpu() - cpu, time.perf_counter() - wall)


def versus(ours: Act, peer: Act, rounds: int = 5, *, before: Act = lambda: None) -> Versus:
    """Runs the two by turns, after one of each that does not count; `before` prepares ours, uncounted."""
    before()
    ours()
    peer()
    pairs: list[tuple[Cost, Cost]] = []
    for _ in range(rounds):
        before()
        pairs.append((cost(ours), cost(peer)))
    return Versus(tuple(a for a, _ in pairs), tuple(b for _, b in pairs))


def thread_ms(act: Act) -> float:
    """Processor milliseconds that this thread spends on a run."""
    begun = time.thread_time_ns()
    act()
    return (time.thread_time_ns() - begun) / 1e6


def percentile(values: Sequence[float], share: int) -> float:
    """The value that so many in a hundred do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * share // 100)]


def spread(values: Sequence[float]) -> str:
    """The smallest and the largest."""
    return f"{min(values):.2f}–{max(values):.2f}"


def _cpu() -> float:
    own, children = (
        resource.getrusage(resource.RUSAGE_SELF),
        resource.getrusage(resource.RUSAGE_CHILDREN),
    )
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime
