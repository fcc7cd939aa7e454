"""Killed at each system call that changes the disk, and at random: what was promised is there, nothing half is, and it goes on.

strace counts the calls of each thread and kills on entering one, so every state of the disk between two calls is met.
"""

import contextlib
import random
import re
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from app.core.catalog import integrity, renditions, uploads
from app.core.catalog.backups import folder as backups_of
from app.core.catalog.database import FILE_NAME, Catalog
from app.core.model.errors import RushesError
from tests.support import catalogs, state_child, stored_catalog
from tests.support.source import ROOT

CALLS = (
    "pwrite64", "write", "ftruncate", "fsync", "fdatasync", "rename", "mkdir", "unlink", "rmdir", "unlinkat",
)  # fmt: skip
SAMPLE = 3
"""Points of each phase."""
RANDOM_KILLS = 6
SEED = 3
LINE = re.compile(r"^(\d+) +(\w+)\(")


class Point(NamedTuple):
    """The n-th call of a kind in one thread, in one phase of the work."""

    phase: str
    call: str
    number: int


def words(home: Path, *more: str) -> list[str]:
    return [sys.executable, "-B", "-m", "tests.support.state_child", str(home), *(more or ("all",))]


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """The data folder as each phase finds it. A phase of its own keeps one thread from hiding the calls of another."""
    place = tmp_path_factory.mktemp("before")
    last = place / "nothing"
    last.mkdir()
    found: dict[str, Path] = {}
    for phase in state_child.PHASES:
        found[phase] = last
        last = shutil.copytree(last, place / f"after {phase}")
        subprocess.run(words(last, phase), cwd=ROOT, check=True, capture_output=True)
    return found


@pytest.fixture(scope="module")
def points(before: Mapping[str, Path], tmp_path_factory: pytest.TempPathFactory) -> list[Point]:
    """Every call that changes the disk in an undisturbed run."""
    found: list[Point] = []
    tmp_path = tmp_path_factory.mktemp("points")
    for phase, start in before.items():
        home, log = tmp_path / f"counted {phase}", tmp_path / "calls"
        shutil.copytree(start, home)
        trace = ["strace", "-f", "-qq", "-e", f"trace={','.join(CALLS)}", "-o", str(log)]
        subprocess.run([*trace, *words(home, phase)], cwd=ROOT, check=True, capture_output=True)
        lines = map(LINE.match, log.read_text().splitlines())
        most: dict[str, int] = {}
        for (_, call), count in Counter(line.groups() for line in lines if line).items():
            most[call] = max(count, most.get(call, 0))
        found += [Point(phase, call, n) for call, c in most.items() for n in range(1, c + 1)]
    return found


def killed_at(point: Point, home: Path, *defect: str) -> set[str]:
    """Runs until that call and kills there; what was promised before."""
    inject = f"inject={point.call}:signal=KILL:when={point.number}"
    trace = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={point.call}", "-e", inject]
    done = subprocess.run(
        [*trace, *words(home, point.phase, *defect)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, -signal.SIGKILL, 128 + signal.SIGKILL), done.stderr
    return set(done.stdout.splitlines())


def wrong(home: Path, told: set[str]) -> list[str]:
    """What does not hold on the disk that a kill left."""
    if not (home / FILE_NAME).exists() or not (home / FILE_NAME).stat().st_size:
        return [f"promised and not there: {told}"] if told else []
    with contextlib.closing(Catalog.open(home)) as catalog, catalog.read() as reader:
        found = [f"{what}: {of}" for check in integrity.CHECKS for what, of in check(reader)]
        there = set(reader.column("SELECT text FROM note"))
        store = home / state_child.STORE
        for _, path, size, _ in renditions.stored(reader):
            there.add("rendition")
            if not (store / path).is_file() or (store / path).stat().st_size != size:
                found.append(f"recorded and not there: {path}")
        for clip in reader.column("SELECT id FROM clip"):
            for upload in uploads.of_clip(reader, clip):
                there |= {"multipart"} if upload.multipart_id else set()
                there |= {f"part {number}" for number, *_ in uploads.parts(reader, upload.id)}
                there |= {"sent"} if upload.state == "sent" else set()
    kept = list(backups_of(home / FILE_NAME).glob("catalog_*_asked.sqlite"))
    there |= {"backup"} if kept else set()
    final = store / state_child.PLACE
    if final.exists():
        whole = all(
            (final / name).exists() and (final / name).read_bytes() == state_child.PICTURE
            for name in state_child.FILES
        )
        found += [] if whole else ["a half rendition under its final name"]
    return found + [f"promised and not there: {one}" for one in sorted(told - there)]


def unfinished(home: Path) -> list[str]:
    """What the next run does not make good."""
    done = subprocess.run(words(home), cwd=ROOT, capture_output=True, text=True, check=False)
    found = [done.stderr] if done.returncode else []
    everything = {
        *state_child.NOTES,
        "rendition",
        "backup",
        "multipart",
        "part 1",
        "part 2",
        "part 3",
        "sent",
    }
    found += wrong(home, everything)
    with contextlib.closing(Catalog.open(home)) as catalog, catalog.read() as reader:
        if len(reader.column("SELECT text FROM note")) != len(state_child.NOTES):
            found.append("a note is there twice")
    left = [
        str(path.relative_to(home))
        for path in home.rglob("*")
        if path.name.endswith(".tmp") or ".backup-" in path.name
    ]
    return found + [f"left over: {path}" for path in left]


def sweep(
    before: Mapping[str, Path], tmp_path: Path, chosen: Sequence[Point], *defect: str
) -> list[str]:
    """Kills at each of these points; what did not hold."""
    bad: list[str] = []
    for point in chosen:
        home = shutil.copytree(before[point.phase], tmp_path / "home")
        told = killed_at(point, home, *defect)
        try:
            found = wrong(home, told)
            if not defect:
                found += [f"after the next run: {what}" for what in unfinished(home)]
        except RushesError as error:
            found = [f"it does not open: {error}"]
        bad += [f"{point}: {what}" for what in found]
        shutil.rmtree(home)
    return bad


def test_killed_at_some_of_the_calls(
    before: Mapping[str, Path], points: list[Point], tmp_path: Path
) -> None:
    chance = random.Random(SEED)
    chosen = [
        point
        for phase in before
        for point in chance.sample([p for p in points if p.phase == phase], SAMPLE)
    ]
    assert sweep(before, tmp_path, chosen) == []


@pytest.mark.long
@pytest.mark.timeout(7200)
def test_killed_at_every_call(
    before: Mapping[str, Path],
    points: list[Point],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    bad = sweep(before, tmp_path, points)
    with capsys.disabled():
        print(f"\n{len(points)} points, {len(bad)} things that did not hold")  # noqa: T201 - figures
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
    points: list[Point],
    tmp_path: Path,
    defect: str,
    phase: str,
    call: str,
    said: str,
) -> None:
    for point in (p for p in points if (p.phase, p.call) == (phase, call)):
        if any(said in one for one in sweep(before, tmp_path, [point], defect)):
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
