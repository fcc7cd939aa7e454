"""Runs what a recipe says is due, in the test's own thread, without an engine."""

import threading
from collections.abc import Sequence
from typing import Protocol

from app.core.catalog.database import Catalog
from app.core.catalog.rows import Reader
from app.core.work.recipes import Context, Job, Recipe, Subject


class Work(Protocol):
    """What makes a recipe: what is due, and how it is done."""

    def due(self, reader: Reader, limit: int, focus: Sequence[str], /) -> Sequence[Subject]:
        """What is due."""
        ...

    def run(self, context: Context, subject: Subject, /) -> object:
        """Does one."""
        ...


def run_all(catalog: Catalog, work: Work, most: int = 10_000) -> int:
    """Everything that is due, until nothing is; returns how many."""
    done = 0
    while done < most:
        with catalog.read() as reader:
            due = list(work.due(reader, 100, ()))
        if not due:
            break
        recipe = Recipe("test", "Test", work.due, work.run)
        for subject in due:
            job = Job(recipe, subject, threading.Event())
            work.run(Context(catalog, job, lambda _: None), subject)
            done += 1
    return done
