"""Collects the figures. `RUSHES_FIGURES=1 ./test perf` writes them into docs/performance.md."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support import big_catalog, figures
from tests.support.figures import Row
from tests.support.measuring import Versus
from tests.support.source import ROOT

Note = Callable[..., None]
_ROWS = pytest.StashKey[list[Row]]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_ROWS] = []


def pytest_terminal_summary(config: pytest.Config) -> None:
    rows = config.stash[_ROWS]
    if rows:
        figures.show(rows)
    if rows and os.environ.get("RUSHES_FIGURES"):
        figures.write(rows, ROOT)


@pytest.fixture
def note(request: pytest.FixtureRequest) -> Note:
    """Adds a row: `note(order, what, ours, peer, figure, spread, bar, holds)`."""

    def add(
        order: int,
        what: str,
        ours: str,
        peer: str,
        figure: str,
        spread: str = "",
        bar: str = "",
        holds: bool | None = None,
    ) -> None:
        request.config.stash[_ROWS].append(Row(order, what, ours, peer, figure, spread, bar, holds))

    return add


@pytest.fixture
def compare(note: Note) -> Callable[[int, str, str, str, Versus, float], float]:
    """Adds a row of two that ran by turns and returns their ratio; `bar` is what it should not exceed."""

    def add(order: int, what: str, ours: str, peer: str, found: Versus, bar: float) -> float:
        note(
            order,
            what,
            f"{ours}: {found.ours_cpu * 1000:.0f} ms CPU",
            f"{peer}: {found.peer_cpu * 1000:.0f} ms CPU",
            f"{found.ratio:.2f} ×",
            found.spread,
            f"≤ {bar:g} ×",
            found.ratio <= bar,
        )
        return found.ratio

    return add


@pytest.fixture(scope="session")
def big_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with 100,000 clips; tests leave its clips as they are."""
    return big_catalog.ready(tmp_path_factory.mktemp("big") / "home")
