"""A recipe whose work a test holds in its hand: what is due is a set, what is done is a list."""

import threading
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from app.core.catalog.rows import Reader
from app.core.work.recipes import Context, Recipe, Subject

Act = Callable[[Context, Subject], None]


def _nothing(_context: Context, _subject: Subject) -> None:
    return


def _volume(subject: str) -> str:
    return subject.rpartition("/")[0]


class Shop:
    """`due` holds what is left; a job that ends well takes its subject out. `disk/name` lies on the volume `disk`."""

    def __init__(
        self,
        name: str = "press",
        lane: str | Callable[[str], str] = "quick",
        act: Act = _nothing,
        **recipe: Any,
    ) -> None:
        self.due: dict[str, None] = {}
        self.soon = 0
        self.waited: set[str] = set()
        """What somebody waits for."""
        self.begun: list[str] = []
        self.done: list[str] = []
        self._lane, self._act = lane, act
        self._lock = threading.Lock()
        self.recipe = Recipe(
            name, name.title(), self._due, self._run, soon=lambda _: self.soon, **recipe
        )

    def want(self, *subjects: str) -> None:
        """These become due."""
        with self._lock:
            self.due.update(dict.fromkeys(subjects))

    def _due(self, _reader: Reader, limit: int, focus: Sequence[str]) -> Iterable[Subject]:
        with self._lock:
            left = list(self.due)
        left.sort(key=lambda one: (one not in focus, one not in self.waited))
        return [
            Subject(one, self._lane_of(one), one, _volume(one), soon=one in self.waited)
            for one in left[:limit]
        ]

    def _lane_of(self, subject: str) -> str:
        return self._lane if isinstance(self._lane, str) else self._lane(subject)

    def _run(self, context: Context, subject: Subject) -> None:
        with self._lock:
            self.begun.append(subject.id)
        self._act(context, subject)
        with self._lock:
            self.due.pop(subject.id, None)
            self.done.append(subject.id)
