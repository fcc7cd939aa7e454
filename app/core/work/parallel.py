"""A bounded `map` over a few threads: takes its items one after another, a few ahead, results in order.

The threads end with the process, unlike those of `concurrent.futures`, which it waits for: one that hangs
in looking up a name must not hold the end of Rushes.
"""

import collections
import threading
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Any, TypeVar

from app.core.platform.heaps import let_go

T = TypeVar("T")
R = TypeVar("R")
_Jobs = SimpleQueue[tuple[Callable[[Any], Any], Any, Future[Any]] | None]


class Parallel:
    """Calls a function for many items, at most `workers` at a time."""

    def __init__(self, workers: int) -> None:
        self._workers = max(1, workers)

    def __call__(self, act: Callable[[T], R], items: Iterable[T], /) -> Generator[R]:
        """The results in order. Items are taken in the caller's thread, at most one ahead of each worker.

        What an item raises is raised here; those that were begun end first.
        """
        jobs: _Jobs = SimpleQueue()
        threads = [
            threading.Thread(target=_serve, args=(jobs,), name="part", daemon=True)
            for _ in range(self._workers)
        ]
        waiting: collections.deque[Future[R]] = collections.deque()
        for thread in threads:
            thread.start()
        try:
            for item in items:
                waiting.append(Future())
                jobs.put((act, item, waiting[-1]))
                if len(waiting) > self._workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()
            for _ in threads:
                jobs.put(None)
            for thread in threads:
                thread.join()
            for future in waiting:
                if not future.cancelled() and (unheard := future.exception()):
                    let_go(unheard)


def _serve(jobs: _Jobs) -> None:
    while (job := jobs.get()) is not None:
        act, item, future = job
        if not future.set_running_or_notify_cancel():
            continue
        try:
            future.set_result(act(item))
        except BaseException as error:  # noqa: BLE001 - handed to whoever asked
            future.set_exception(error)
