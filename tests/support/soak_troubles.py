"""What goes wrong around a program that runs for an hour: a part of all requests and calls, and now and then something whole."""

import contextlib
import os
import random
import signal
from collections import Counter
from pathlib import Path

from tests.support.s3_fault_proxy import ANSWERS, Fault, FaultProxy, Seen
from tests.support.soak_share import NoisyShare
from tests.support.soak_world import World

PART = 0.01
"""Of all requests, for each kind of fault; of all calls of the share as well."""
ON_THE_WAY = (
    "reset", "reset midway", "lost reply", "flip up", "flip down", "cut down", "hang", "hang after", "slow",
)  # fmt: skip
KINDS = (*ON_THE_WAY, *ANSWERS)
VALUES = {"slow": 200_000, "skew": 3600}


class ChancyProxy(FaultProxy):
    """Each kind of fault strikes one request in a hundred, by chance; an account of kinds alone."""

    def __init__(self, upstream: str, seed: int) -> None:
        super().__init__(upstream)
        self.part = PART
        self.cut = False
        """Whether nothing gets through at all."""
        self.struck: Counter[str] = Counter()
        self.requests = 0
        self.orphaning = 0
        """Faults that may leave an upload in parts open: of its beginning with the answer lost, or of its giving up."""
        self._chance = random.Random(seed)

    def pick(self, method: str, target: str) -> Fault | None:
        """By chance."""
        self.requests += 1
        drawn = self._chance.random()
        number = int(drawn / self.part) if self.part else len(KINDS)
        kind = "reset" if self.cut else KINDS[number] if number < len(KINDS) else ""
        if not kind:
            return None
        self.struck[kind] += 1
        begins = method == "POST" and "uploads" in target and kind not in ANSWERS
        self.orphaning += begins or (method == "DELETE" and "uploadId" in target)
        return Fault(kind, value=VALUES.get(kind, 0))

    def note(self, seen: Seen) -> None:
        """Counted already."""


class Troubles:
    """Whole things that break, one at a time, and get well by themselves."""

    def __init__(
        self, world: World, proxy: ChancyProxy, share: NoisyShare, pid: int, disk: Path | None
    ) -> None:
        self._world, self._proxy, self._share = world, proxy, share
        self._pid, self._disk = pid, disk
        self.had: Counter[str] = Counter()
        self._busy = False

    def one(self) -> None:
        """Something breaks, where nothing is broken yet."""
        if self._busy:
            return
        self._busy = True
        acts = [self._share_away, self._share_held, self._stopped, self._line_cut, self._child]
        acts += [self._full] if self._disk else []
        act = self._world.chance.choice(acts)
        self.had[act.__name__.strip("_").replace("_", " ")] += 1
        act()

    def calm(self, part: float = 0) -> None:
        """How noisy it is from now on."""
        self._proxy.part = part
        self._share.noise(part)

    def _end(self) -> None:
        self._busy = False

    def _share_away(self) -> None:
        self._share.unmount()
        self._world.after(self._world.chance.uniform(8, 25), self._share_back)

    def _share_back(self) -> None:
        self._share.__enter__()
        self._end()

    def _share_held(self) -> None:
        pid = self._share.pid
        os.kill(pid, signal.SIGSTOP)
        self._world.after(6, lambda: (os.kill(pid, signal.SIGCONT), self._end()))

    def _stopped(self) -> None:
        os.kill(self._pid, signal.SIGSTOP)
        self._world.stopped = True
        self._world.after(self._world.chance.uniform(5, 20), self._go_on)

    def _go_on(self) -> None:
        os.kill(self._pid, signal.SIGCONT)
        self._world.stopped = False
        self._end()

    def _line_cut(self) -> None:
        self._proxy.cut = True
        self._world.after(12, self._line_back)

    def _line_back(self) -> None:
        self._proxy.cut = False
        self._end()

    def _child(self) -> None:
        self._world.kill_a_child(self._pid)
        self._end()

    def _full(self) -> None:
        assert self._disk
        filler = self._disk / "filler"
        info = os.statvfs(self._disk)
        with contextlib.suppress(OSError):
            filler.write_bytes(bytes(info.f_bavail * info.f_frsize))
        self._world.after(10, lambda: (filler.unlink(), self._end()))
