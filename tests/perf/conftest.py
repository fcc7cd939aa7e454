"""Collects the figures. `RUSHES_FIGURES=1 ./test perf` writes them into docs/performance.md."""

import os
import statistics
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.perf.bars import Bar
from tests.support import big_catalog, figures
from tests.support.figures import Row
from tests.support.measuring import Versus, spread
from tests.support.source import ROOT

Note = Callable[..., None]
Compare = Callable[[int, str, str, str, Versus, Bar | None], None]
_WHOLE = 40
"""Rows of the whole table, and more."""
_ROWS = pytest.StashKey[list[Row]]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_ROWS] = []


def pytest_terminal_summary(config: pytest.Config) -> None:
    rows = config.stash[_ROWS]
    if rows:
        figures.show(rows)
    # A few tests alone would write a table of a few rows.
    if len(rows) > _WHOLE and os.environ.get("RUSHES_FIGURES"):
        figures.write(rows, ROOT)


@pytest.fixture
def note(request: pytest.FixtureRequest) -> Note:
    """Adds a row: `note(order, what, ours, peer, figure, spread, bar, value)`; fails where the value is worse than the bar allows."""

    def add(
        order: int,
        what: str,
        ours: str,
        peer: str = "",
        figure: str = "",
        spread: str = "",
        bar: Bar | None = None,
        value: float = 0,
    ) -> None:
        words = (bar.text, bar.verdict(value), bar.why(value)) if bar else ("", "", "")
        row = Row(order, what, ours, peer, figure, spread, *words)
        request.config.stash[_ROWS].append(row)
        if bar:
            bar.check(value)

    return add


@pytest.fixture
def compare(note: Note) -> Compare:
    """Adds a row of two that ran by turns, judged by their ratio."""

    def add(order: int, what: str, ours: str, peer: str, found: Versus, bar: Bar | None) -> None:
        note(
            order,
            what,
            f"{ours}: {found.ours_cpu * 1000:.0f} ms CPU",
            f"{peer}: {found.peer_cpu * 1000:.0f} ms CPU",
            f"{found.ratio:.2f} ×",
            found.spread,
            bar,
            found.ratio,
        )

    return add


@pytest.fixture
def waited(note: Note) -> Compare:
    """Adds a row of two that ran by turns, judged by their wall time: what is measured waits for a disk."""

    def add(order: int, what: str, ours: str, peer: str, found: Versus, bar: Bar | None) -> None:
        ratio = statistics.median(found.wall_ratios)
        one, other = (statistics.median(c.wall for c in side) for side in (found.ours, found.peer))
        note(
            order,
            what,
            f"{ours}: {one:.2f} s wall, {found.ours_cpu:.2f} s CPU",
            f"{peer}: {other:.2f} s wall, {found.peer_cpu:.2f} s CPU",
            f"{ratio:.2f} ×",
            spread(found.wall_ratios),
            bar,
            ratio,
        )

    return add


@pytest.fixture(scope="session")
def big_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with 100,000 clips; tests leave its clips as they are. Kept ones are taken (see test_growth)."""
    kept = os.environ.get("RUSHES_BIG_CATALOGS")
    folder = Path(kept) if kept else tmp_path_factory.mktemp("big")
    return big_catalog.ready(folder / f"{big_catalog.CLIPS}")
