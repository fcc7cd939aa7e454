"""Everything that may grow with the library: `python -m tests.perf.growing HOME TREE` prints it as JSON.

HOME is a data folder with a large catalog, TREE a folder with as many files.
"""

import contextlib
import functools
import itertools
import json
import resource
import statistics
import sys
import tempfile
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
from tests.perf import putting, test_starting, trees
from tests.perf.test_catalog import queries
from tests.perf.test_scanning import first_scanned, looked_again, walked
from tests.perf.test_window import Open, jumped, painted, pictures_shown, scrolled
from tests.support import volumes
from tests.support.catalogs import PROJECT
from tests.support.measuring import percentile, thread_ms

Figures = dict[str, float]
_MANY = 100_000
"""Files from which on fewer rounds are enough."""


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
    new = putting.each(services.catalog)
    return {
        "page by keyset: p95, ms CPU": percentile(pages, 95),
        "putting new clips together, ms CPU a clip": statistics.median(new),
        "all rows in order, ms CPU": statistics.median(orders),
        "sidebar with its counts, ms CPU": sidebar,
        "what is due, all recipes, ms CPU": sum(due.values()),
    }


def _window(home: Path) -> Figures:
    window = Open(_Waiter(), home)
    first = painted(window)
    frames, jumps = scrolled(window), jumped(window)
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    assert pictures_shown(window) > 0.9
    window.close()
    return {
        "grid, whole painting, each card anew, ms CPU": statistics.median(first),
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


def _starting(home: Path) -> Figures:
    """From a command to a painted window, against a bare one."""
    with tempfile.TemporaryDirectory() as compiled:
        pairs = [
            [
                test_starting._start(Path(compiled), *words)[0]
                for words in (("rushes", str(home)), ("bare",))
            ]
            for _ in range(6)
        ][1:]
    return {
        "start to painted window, ms CPU": statistics.median(ours for ours, _ in pairs) * 1000,
        "start to painted window, by a bare one": statistics.median(a / b for a, b in pairs),
    }


def _scanning(tree: Path, count: int) -> Figures:
    """A volume of so many files."""
    rounds = 5 if count <= _MANY else 2
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        homes = (Path(folder) / str(number) for number in itertools.count())
        desks = (stack.enter_context(volumes.desk(home)) for home in homes)
        walk = walked(tree, count, rounds)
        first = first_scanned(tree, count, desks, rounds)
        quick, whole = looked_again(tree, count, next(homes), lambda: trees.find(tree), rounds)
    return {
        "whole walk of so many files, by `find`": walk.ratio,
        "first scan, rows committed, by a bare walk": first.ratio,
        "first scan, rows committed, s CPU": first.ours_cpu,
        "whole scan, nothing changed, s CPU": whole.ours_cpu,
        "quick pass, nothing changed, ms CPU": quick.ours_cpu * 1000,
        "quick pass, nothing changed, by `find`": quick.ratio,
    }


def main(home: Path, tree: Path) -> Figures:
    """All figures."""
    app = QApplication(sys.argv[:1])
    style.apply(app, tokens.DARK)
    figures = _window(home)
    services = Services(home)
    with services.catalog.read() as reader:
        clips = int(reader.value("SELECT count(*) FROM clip"))
    figures |= _searching(services) | _asking(services, clips) | _whole(services, home)
    services.close()
    return figures | _starting(home) | _scanning(tree, clips)


if __name__ == "__main__":
    answer: dict[str, Any] = main(Path(sys.argv[1]), Path(sys.argv[2]))
    sys.stdout.write(json.dumps(answer) + "\n")
