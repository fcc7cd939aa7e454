"""A bounded `map` over a few threads: takes its items one after another, a few ahead, results in order."""

import collections
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


class Parallel:
    """Calls a function for many items, at most `workers` at a time."""

    def __init__(self, workers: int) -> None:
        self._workers = max(1, workers)

    def __call__(self, act: Callable[[T], R], items: Iterable[T], /) -> Generator[R]:
        """The results in order. Items are taken in the caller's thread, at most one ahead of each worker.

        What an item raises is raised here; those that were begun end first.
        """
        with ThreadPoolExecutor(self._workers, thread_name_prefix="part") as pool:
            waiting: collections.deque[Future[R]] = collections.deque()
            for item in items:
                waiting.append(pool.submit(act, item))
                if len(waiting) > self._workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
