"""A lane: a few threads that take jobs in order of priority. The only place of worker threads."""

import heapq
import itertools
import logging
import threading
import time
from collections.abc import Callable

from app.core.platform import priority as turns
from app.core.work.recipes import Job

log = logging.getLogger(__name__)


class Lane:
    """Runs jobs, lowest priority number first, at most `width` at a time.

    Args:
        name: what it is called.
        width: its threads.
        execute: does one.
        behind: its threads go behind those of a window.
    """

    def __init__(
        self, name: str, width: int, execute: Callable[[Job], None], *, behind: bool = False
    ) -> None:
        self.name = name
        self._execute = execute
        self._behind = behind
        self._waiting: list[tuple[int, int, Job]] = []
        self._count = itertools.count()
        self._signal = threading.Condition()
        self._running: list[Job] = []
        self._closed = False
        self._paused = False
        self._threads = [
            threading.Thread(target=self._serve, name=f"lane-{name}-{n}", daemon=True)
            for n in range(width)
        ]
        for thread in self._threads:
            thread.start()

    def put(self, job: Job, priority: int) -> None:
        """Adds a job."""
        with self._signal:
            heapq.heappush(self._waiting, (priority, next(self._count), job))
            self._signal.notify()

    def sooner(self, key: str, priority: int) -> None:
        """Lets a job that waits go earlier; nothing happens where it runs, is gone, or would not."""
        with self._signal:
            for place, (before, number, job) in enumerate(self._waiting):
                if job.key == key and priority < before:
                    self._waiting[place] = (priority, number, job)
                    heapq.heapify(self._waiting)
                    return

    def pause(self, paused: bool) -> None:
        """Paused, it finishes what runs and takes nothing new."""
        with self._signal:
            self._paused = paused
            self._signal.notify_all()

    def drop_waiting(self) -> list[Job]:
        """Takes back everything that has not begun."""
        with self._signal:
            dropped = [job for _, _, job in self._waiting]
            self._waiting.clear()
            return dropped

    def take_back(self, job: Job) -> bool:
        """Takes one job back; false where it has begun."""
        with self._signal:
            kept = [entry for entry in self._waiting if entry[2] is not job]
            found = len(kept) < len(self._waiting)
            self._waiting = kept
            heapq.heapify(self._waiting)
            return found

    def running(self) -> list[Job]:
        """What runs now."""
        with self._signal:
            return list(self._running)

    def load(self) -> int:
        """Jobs waiting and running."""
        with self._signal:
            return len(self._waiting) + len(self._running)

    def stop(self) -> None:
        """Calls off what runs and takes nothing new."""
        with self._signal:
            self._closed = True
            self._waiting.clear()
            for job in self._running:
                job.cancelled.set()
            self._signal.notify_all()

    def wait(self, until: float) -> list[Job]:
        """Waits for the threads of a stopped lane, and gives what still runs then: it hangs, and is left behind.

        Args:
            until: on the clock `time.monotonic`.
        """
        for thread in self._threads:
            thread.join(max(0, until - time.monotonic()))
        return self.running()

    def _serve(self) -> None:
        if self._behind:
            turns.give_way()
        while (job := self._take()) is not None:
            try:
                self._execute(job)
            finally:
                with self._signal:
                    self._running.remove(job)

    def _take(self) -> Job | None:
        with self._signal:
            while not self._closed and (self._paused or not self._waiting):
                self._signal.wait()
            if self._closed:
                return None
            _, _, job = heapq.heappop(self._waiting)
            self._running.append(job)
            return job
