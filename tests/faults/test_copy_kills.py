"""A copy is killed at each call that changes the disk, at random, and by a power cut: what it said is there, nothing half has a name."""

import json
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest

from tests.support import strace_kill
from tests.support.copy_truth import halves, left_over, listed, tree
from tests.support.loop_disk import LoopDisk
from tests.support.source import ROOT
from tests.support.strace_kill import OF_COPIES, Point

LEGS = ("one", "two")
SAMPLE, RANDOM, RANDOM_LONG, CUTS_LONG = 6, 2, 200, 40
SEED = 7
_CHANCE = random.Random(2)
FILES = {
    "CLIP.MXF": _CHANCE.randbytes((3 << 20) + 17),
    "XDROOT/Clip/long.mxf": _CHANCE.randbytes((2 << 20) + 1),
    **{f"DCIM/{n % 2}/C{n}.mov": _CHANCE.randbytes(9_000 + n) for n in range(7)},
}
CROWD = {
    f"{n // 100}/C{n:04d}.mov": _CHANCE.randbytes((2 << 20) + n if n % 50 == 0 else 20_000 + n)
    for n in range(300)
}
NEVER = Point("fsync", 60_000)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tree(tmp_path_factory.mktemp("source") / "card", FILES)


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tree(tmp_path_factory.mktemp("crowd") / "card", CROWD)


def words(source: Path, place: Path, legs: Iterable[str] = LEGS) -> list[str]:
    roots = [str(place / name) for name in legs]
    return [sys.executable, "-B", "-m", "tests.support.copy_child", str(source), *roots]


def told(lines: Iterable[str]) -> dict[str, set[str]]:
    """The files that were said to be on each leg; a line that was cut short says nothing."""
    found: dict[str, set[str]] = {name: set() for name in LEGS}
    for line in lines:
        if line.endswith("]"):
            state, leg_id, rel, *_ = json.loads(line)
            if state in ("done", "already"):
                found[leg_id].add(rel)
    return found


def wrong(source: Path, place: Path, said: dict[str, set[str]]) -> list[str]:
    """Lies, and half files under final names."""
    found: list[str] = []
    for name, rels in said.items():
        folder = place / name / "Card"
        found += [f"{name}: {rel} was said to be there" for rel in rels - set(listed(folder))]
        found += [f"{name}: {rel} is half" for rel in halves(source, folder)]
    return found


def unfinished(source: Path, place: Path) -> list[str]:
    """What another run leaves undone."""
    done = subprocess.run(
        words(source, place), cwd=ROOT, capture_output=True, text=True, check=False
    )
    found = [] if done.returncode == 0 else [f"it ended with {done.returncode}: {done.stderr}"]
    for name in LEGS:
        folder = place / name
        found += [f"{name}: {rel} is left over" for rel in left_over(folder)]
        if listed(folder / "Card") != listed(source):
            found.append(f"{name}: {listed(folder)}")
        found += [f"{name}: {rel} is half" for rel in halves(source, folder / "Card")]
    return found


def swept(source: Path, tmp_path: Path, chosen: Sequence[Point]) -> list[str]:
    bad: list[str] = []
    for point in chosen:
        place = tmp_path / "killed"
        place.mkdir()
        said = told(strace_kill.killed_at(point, words(source, place)))
        found = wrong(source, place, said) + unfinished(source, place)
        bad += [f"{point}: {what}" for what in found]
        shutil.rmtree(place)
    return bad


@pytest.fixture(scope="module")
def every_point(source: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Point]:
    return strace_kill.points(words(source, tmp_path_factory.mktemp("counted")), OF_COPIES)


def test_killed_at_some_of_the_calls(
    source: Path, every_point: list[Point], tmp_path: Path
) -> None:
    calls = {point.call for point in every_point}
    assert calls >= {"write", "fallocate", "utimensat", "fsync", "renameat2", "mkdirat"}
    chance = random.Random(SEED)
    kinds = ("renameat2", "fsync", "fallocate", "utimensat")
    chosen = [chance.choice([p for p in every_point if p.call == kind]) for kind in kinds]
    chosen += chance.sample(every_point, SAMPLE - len(chosen))
    assert swept(source, tmp_path, chosen) == []


@pytest.mark.long
@pytest.mark.timeout(7200)
def test_killed_at_every_call(
    source: Path, every_point: list[Point], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = swept(source, tmp_path, every_point)
    with capsys.disabled():
        print(f"\n{len(every_point)} points, {len(bad)} things that did not hold")  # noqa: T201 - figures
    assert bad == []


def killed_at_random(source: Path, tmp_path: Path, rounds: int) -> tuple[list[str], int, int]:
    """(what did not hold, runs that were met halfway, files written again that were said to be there)"""
    chance, bad, met, again = random.Random(SEED), [], 0, 0
    place = tmp_path / "killed"
    for _ in range(rounds):
        place.mkdir()
        child = subprocess.Popen(words(source, place), cwd=ROOT, stdout=subprocess.PIPE, text=True)
        # It is met once it has begun, not while it starts.
        while not (place / "two" / "Card" / "2").exists():
            time.sleep(0.001)
        time.sleep(chance.uniform(0, 0.3))
        child.send_signal(signal.SIGKILL)
        out, _ = child.communicate()
        said = told(out.splitlines())
        met += sum(map(len, said.values())) < 2 * len(CROWD)
        bad += wrong(source, place, said)
        stamps = {
            (name, rel): (place / name / "Card" / rel).stat().st_ino
            for name, rels in said.items()
            for rel in rels
        }
        bad += unfinished(source, place)
        again += sum(
            (place / name / "Card" / rel).stat().st_ino != inode
            for (name, rel), inode in stamps.items()
        )
        shutil.rmtree(place)
    return bad, met, again


def test_killed_at_random(crowd: Path, tmp_path: Path) -> None:
    bad, _, again = killed_at_random(crowd, tmp_path, RANDOM)
    assert (bad, again) == ([], 0)


@pytest.mark.long
@pytest.mark.timeout(7200)
def test_killed_at_random_often(
    crowd: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad, met, again = killed_at_random(crowd, tmp_path, RANDOM_LONG)
    with capsys.disabled():
        print(f"\n{RANDOM_LONG} kills, {met} halfway, {len(bad)} wrong, {again} again")  # noqa: T201 - figures
    assert (bad, again) == ([], 0)


def cut_at(source: Path, disk: LoopDisk, point: Point) -> list[str]:
    """Runs until that call, or to its end, and cuts the power there; what did not hold of what is there after."""
    for name in LEGS:
        shutil.rmtree(disk.mount / name, ignore_errors=True)
    disk.flush()
    said = told(strace_kill.killed_at(point, words(source, disk.mount)))
    disk.cut()
    return [f"{point}: {what}" for what in wrong(source, disk.mount, said)]


def test_what_was_said_survives_a_power_cut_right_after(
    source: Path, every_point: list[Point], tmp_path: Path
) -> None:
    renames = [point for point in every_point if point.call == "renameat2"]
    with LoopDisk(tmp_path / "image", tmp_path / "mount") as disk:
        for point in (NEVER, renames[-1], renames[len(renames) // 2]):
            assert cut_at(source, disk, point) == []
        assert unfinished(source, disk.mount) == []


@pytest.mark.long
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("kind", ["ext4", "xfs"])
def test_the_power_is_cut_at_any_call(
    source: Path,
    every_point: list[Point],
    tmp_path: Path,
    kind: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    chosen = [NEVER, *random.Random(SEED).sample(every_point, CUTS_LONG)]
    with LoopDisk(tmp_path / "image", tmp_path / "mount", kind) as disk:
        bad = [what for point in chosen for what in cut_at(source, disk, point)]
    with capsys.disabled():
        print(f"\n{kind}: {len(chosen)} cuts, {len(bad)} wrong")  # noqa: T201 - figures
    assert bad == []


@pytest.mark.parametrize(
    ("calls", "failed"),
    [(("fsync",), True), (("syncfs",), False), (("syncfs", "fsync"), True), (("renameat2",), True)],
)
def test_a_disk_that_says_it_failed_has_nothing(
    source: Path, tmp_path: Path, calls: Sequence[str], failed: bool
) -> None:
    """fsync says EIO once: that copy is thrown away and never said to be there; the next run copies it again."""
    inject = [w for call in calls for w in ("-e", f"inject={call}:error=EIO:when=20+")]
    if "fsync" not in calls:
        inject = [w for call in calls for w in ("-e", f"inject={call}:error=EIO:when=1+")]
    trace = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={','.join(calls)}", *inject]
    command = [*trace, *words(source, tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == (3 if failed else 0), done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    said = told(done.stdout.splitlines())
    if failed:
        titles = {line[3] for line in lines if line[0] == "failed"}
        assert titles == {"The disk failed while writing"}
        assert any(len(rels) < len(FILES) for rels in said.values())
    assert wrong(source, tmp_path, said) == []
    assert [rel for name in LEGS for rel in left_over(tmp_path / name)] == []
    assert unfinished(source, tmp_path) == []
