"""Everything that may grow with the library, of one data folder: `python -m tests.perf.growing HOME` prints it as JSON."""

import functools
import json
import resource
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication

from app.core.catalog import backups, integrity, library
from app.core.catalog.database import FILE_NAME
from app.core.services import Services
from app.ui.library import sidebar_rows
from app.ui.theme import style, tokens
from tests.perf.test_catalog import queries
from tests.perf.test_window import Open, jumped, scrolled
from tests.support.catalogs import PROJECT
from tests.support.measuring import percentile, thread_ms

Figures = dict[str, float]


class _Waiter:
    """The one thing of pytest-qt that a window needs to open."""

    def waitUntil(self, holds: Callable[[], bool]) -> None:  # noqa: N802 - as pytest-qt calls it
        while not holds():
            QCoreApplication.processEvents()
            time.sleep(0.002)


def _searching(services: Services) -> Figures:
    figures: Figures = {}
    for kind, words in queries().items():
        ask = functools.partial(services.search.hits, typing="typed" in kind)
        for word in words:
            # Brings the pages in: people search more than once.
            ask(word)
        times = [thread_ms(functools.partial(ask, word)) for word in words * 2]
        figures[f"search, {kind}: p95, ms CPU"] = percentile(times, 95)
    return figures


def _asking(services: Services, clips: int) -> Figures:
    with services.catalog.read() as reader:
        pages = [thread_ms(lambda: library.after(reader, clips - 500, 100)) for _ in range(50)]
        orders = [thread_ms(lambda s=s: library.order(reader, s)) for s in library.SORTS]
        sidebar = min(thread_ms(lambda: sidebar_rows.read(reader, PROJECT)) for _ in range(2))
        due = {
            r.name: thread_ms(lambda r=r: r.due(reader, 64, ())) for r in services.engine._recipes
        }
    return {
        "page by keyset: p95, ms CPU": percentile(pages, 95),
        "all rows in order, ms CPU": statistics.median(orders),
        "sidebar with its counts, ms CPU": sidebar,
        "what is due, all recipes, ms CPU": sum(due.values()),
    }


def _window(home: Path) -> Figures:
    window = Open(_Waiter(), home)
    first = [thread_ms(window.grid.viewport().repaint) for _ in range(20)]
    frames, jumps = scrolled(window), jumped(window)
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    window.close()
    return {
        "grid, whole painting, ms CPU": statistics.median(first),
        "grid, scrolling a frame: p99, ms CPU": percentile(frames, 99),
        "grid, jump: p99, ms CPU": percentile(jumps, 99),
        "memory of the window after it, MB": held,
    }


def _whole(services: Services, home: Path) -> Figures:
    begun = time.process_time()
    with services.catalog.read() as reader:
        found = [problem for check in integrity.CHECKS for problem in check(reader)]
    checked = time.process_time() - begun
    begun = time.process_time()
    kept = backups.make(home / FILE_NAME, "growth", home / "kept.sqlite")
    kept.unlink()
    return {
        "check of the catalog, s CPU": checked,
        "backup, s CPU": time.process_time() - begun,
        "size of the catalog, GB": (home / FILE_NAME).stat().st_size / 1e9,
        "problems found": len(found),
    }


def main(home: Path) -> Figures:
    """All figures."""
    app = QApplication(sys.argv[:1])
    style.apply(app, tokens.DARK)
    figures = _window(home)
    services = Services(home)
    with services.catalog.read() as reader:
        clips = int(reader.value("SELECT count(*) FROM clip"))
    figures |= _searching(services) | _asking(services, clips) | _whole(services, home)
    services.close()
    return figures


if __name__ == "__main__":
    answer: dict[str, Any] = main(Path(sys.argv[1]))
    sys.stdout.write(json.dumps(answer) + "\n")
