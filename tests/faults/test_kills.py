"""Killed at each system call that changes the disk, and at random: what was promised is there, nothing half is, and it goes on.

strace counts the calls of each thread and kills on entering one, so every state of the disk between two calls is met.
"""

import contextlib
import random
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from app.core.catalog import integrity
from app.core.catalog.database import FILE_NAME
from tests.support import catalogs, stored_catalog, strace_kill
from tests.support.source import ROOT
from tests.support.state_sweep import before, unfinished, words, wrong
from tests.support.strace_kill import Point

__all__ = ["before"]

SAMPLE = 2
"""Points of each phase."""
RANDOM_KILLS = 6
SEED = 3


class Place(NamedTuple):
    """A call in one phase of the work."""

    phase: str
    point: Point


@pytest.fixture(scope="module")
def places(before: Mapping[str, Path], tmp_path_factory: pytest.TempPathFactory) -> list[Place]:
    """Every call that changes the disk in an undisturbed run."""
    found: list[Place] = []
    tmp_path = tmp_path_factory.mktemp("points")
    for phase, start in before.items():
        home = shutil.copytree(start, tmp_path / f"counted {phase}")
        found += [Place(phase, point) for point in strace_kill.points(words(home, phase))]
    return found


def sweep(
    before: Mapping[str, Path], tmp_path: Path, chosen: Sequence[Place], *defect: str
) -> list[str]:
    """Kills at each of these points; what did not hold."""
    bad: list[str] = []
    for place in chosen:
        home = shutil.copytree(before[place.phase], tmp_path / "home")
        told = strace_kill.killed_at(place.point, words(home, place.phase, *defect))
        found = wrong(home, told)
        if not defect:
            found += unfinished(home)
        bad += [f"{place}: {what}" for what in found]
        shutil.rmtree(home)
    return bad


def test_killed_at_some_of_the_calls(
    before: Mapping[str, Path], places: list[Place], tmp_path: Path
) -> None:
    chance = random.Random(SEED)
    chosen = [
        place
        for phase in before
        for place in chance.sample([p for p in places if p.phase == phase], SAMPLE)
    ]
    assert sweep(before, tmp_path, chosen) == []


@pytest.mark.long
@pytest.mark.timeout(7200)
def test_killed_at_every_call(
    before: Mapping[str, Path],
    places: list[Place],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    bad = sweep(before, tmp_path, places)
    with capsys.disabled():
        print(f"\n{len(places)} points, {len(bad)} things that did not hold")  # noqa: T201 - figures
    assert bad == []


CUT_SHORT = """
import os, signal, sqlite3, sys
plain = sqlite3.connect(sys.argv[1], isolation_level=None)
for words in ("PRAGMA journal_mode=DELETE", "PRAGMA cache_size=1", "PRAGMA cache_spill=1", "BEGIN IMMEDIATE"):
    plain.execute(words)
plain.execute("UPDATE event SET body = 'x'")
for number in range(500):
    plain.execute("INSERT INTO meta VALUES (?, ?)", (f"half {number}", "x" * 2000))
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_was_begun_without_a_write_ahead_log_is_taken_back(tmp_path: Path) -> None:
    """So begins a first start, and a catalog that was put back: it is made one with a log when it is opened."""
    stored_catalog.fill(tmp_path)
    with catalogs.opened(tmp_path) as catalog:
        before = catalogs.snapshot(catalog)
    path = tmp_path / FILE_NAME
    subprocess.run([sys.executable, "-c", CUT_SHORT, str(path)], check=False)
    assert path.with_name(f"{FILE_NAME}-journal").stat().st_size, "it was cut short"
    with catalogs.opened(tmp_path) as catalog, catalog.read() as reader:
        assert catalogs.snapshot(catalog) == before
        assert reader.value("SELECT count(*) FROM meta WHERE key LIKE 'half%'") == 0
        assert [problem for check in integrity.CHECKS for problem in check(reader)] == []


@pytest.mark.parametrize(
    ("defect", "phase", "call", "said"),
    [
        ("--sooner", "notes", "pwrite64", "promised and not there"),
        ("--half", "rendition", "write", "a half rendition"),
    ],
)
def test_the_sweep_sees_a_planted_defect(
    before: Mapping[str, Path],
    places: list[Place],
    tmp_path: Path,
    defect: str,
    phase: str,
    call: str,
    said: str,
) -> None:
    for place in (p for p in places if (p.phase, p.point.call) == (phase, call)):
        if any(said in one for one in sweep(before, tmp_path, [place], defect)):
            return
    pytest.fail("no point showed it")


def killed_at_random(home: Path, chance: random.Random, rounds: int) -> list[str]:
    """Kills at random times over one growing state."""
    bad: list[str] = []
    for number in range(rounds):
        with subprocess.Popen(words(home), cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(chance.uniform(0.2, 1.2))
            process.kill()
            assert process.stdout
            told = set(process.stdout.read().splitlines())
        bad += [f"round {number}: {what}" for what in wrong(home, told)]
        if not number % 4:
            bad += unfinished(home)
            shutil.rmtree(home)
    return bad


def test_killed_at_random_times(tmp_path: Path) -> None:
    assert killed_at_random(tmp_path / "growing", random.Random(SEED), RANDOM_KILLS) == []


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_killed_at_two_hundred_random_times(tmp_path: Path) -> None:
    assert killed_at_random(tmp_path / "growing", random.Random(SEED), 200) == []


def test_a_kill_before_a_small_file_has_its_name_leaves_nothing(
    before: Mapping[str, Path], tmp_path: Path
) -> None:
    assert sweep(before, tmp_path, [Place("settings", Point("rename", 1))]) == []
