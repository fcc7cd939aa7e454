"""From a command to a painted window, against a bare PySide6 window; a second start of `./run`."""

import os
import statistics
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.perf import bars
from tests.perf.conftest import Compare, Note
from tests.support.measuring import spread, versus
from tests.support.source import ROOT

HEAVY = frozenset(
    {
        "boto3",
        "sqlite_utils",
        "numpy",
        "av",
        "faster_whisper",
        "opentimelineio",
        "pymediainfo",
        "mpv",
    }
)
"""Modules that cost more than 50 ms of processor to import."""

_UNCOMPILED = frozenset({"PYTHONDONTWRITEBYTECODE"})

pytestmark = pytest.mark.timeout(300)


def _start(compiled: Path, *words: str) -> tuple[float, set[str]]:
    """Starts and ends at the first paint, with compiled code on the disk as after any first start."""
    plain = {name: value for name, value in os.environ.items() if name not in _UNCOMPILED}
    done = subprocess.run(
        (sys.executable, "-m", "tests.perf.starting", *words),
        cwd=ROOT,
        env=plain | {"PYTHONPATH": str(ROOT), "PYTHONPYCACHEPREFIX": str(compiled)},
        capture_output=True,
        text=True,
        check=True,
    )
    cpu, *modules = done.stdout.split()
    return float(cpu), set(modules)


def test_a_painted_window(
    tmp_path: Path,
    big_home: Path,
    note: Note,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    compiled = tmp_path_factory.mktemp("compiled")
    for order, name, home in ((30, "an empty catalog", tmp_path), (31, "100,000 clips", big_home)):
        _start(compiled, "rushes", str(home))
        _start(compiled, "bare")
        ours: list[float] = []
        bare: list[float] = []
        for _ in range(5):
            cpu, modules = _start(compiled, "rushes", str(home))
            ours.append(cpu)
            bare.append(_start(compiled, "bare")[0])
            assert not HEAVY & modules
        ratios = [a / b for a, b in zip(ours, bare, strict=True)]
        ratio = statistics.median(ratios)
        peer = f"bare PySide6 window: {statistics.median(bare) * 1000:.0f} ms CPU"
        told = f"{statistics.median(ours) * 1000:.0f} ms CPU"
        what = f"start to painted window, {name}"
        note(order, what, told, peer, f"{ratio:.2f} ×", spread(ratios), bars.START, ratio)
        for until, words in (("header", "header and search"), ("library", "the library")):
            _start(compiled, until, str(home))
            later = [_start(compiled, until, str(home))[0] for _ in range(3)]
            told = f"{statistics.median(later) * 1000:.0f} ms CPU, all threads"
            ratio = statistics.median(later) / statistics.median(bare)
            note(order, f"start to {words} painted, {name}", told, peer, f"{ratio:.2f} ×")


def test_a_second_start_of_run(compare: Compare) -> None:
    def ask(*words: str) -> Callable[[], object]:
        return lambda: subprocess.run(words, cwd=ROOT, capture_output=True, check=True)

    found = versus(ask("./run", "--version"), ask(sys.executable, "-m", "app", "--version"))
    what, peer = "second start of ./run", "`python -m app --version`"
    compare(32, what, "`./run --version`", peer, found, bars.SECOND_START)
