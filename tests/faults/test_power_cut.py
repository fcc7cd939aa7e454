"""The power goes off, at any call that changes the disk: what was promised is there, and no row is without its file.

The disk is a filesystem of its own whose memory is thrown away (`tests/support/loop_disk.py`). What Rushes writes may lie on
two disks, of which one alone may lose its power: then the rows of the other must not know of files that never came.
"""

import contextlib
import random
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from tests.support import state_child, strace_kill
from tests.support.loop_disk import LoopDisk
from tests.support.state_sweep import MADE_AGAIN, before, unfinished, words, wrong
from tests.support.strace_kill import Point

__all__ = ["before"]

KINDS = ("ext4", "xfs")
ROUNDS = 50
SEED = 4
FILES = ("rendition", "object")
"""Phases that write files beside the catalog, which may lie on another disk."""
NEVER = Point("fsync", 60_000)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[LoopDisk]:
    """An ext4 disk."""
    with LoopDisk(tmp_path / "image", tmp_path / "mount") as disk:
        yield disk


@contextlib.contextmanager
def laid_out(start: Path, disk: LoopDisk, tmp_path: Path, *, apart: bool) -> Iterator[Path]:
    """A data folder on that disk; with `apart` only proxies and bucket are there, the catalog is elsewhere."""
    home = shutil.copytree(start, (tmp_path if apart else disk.mount) / "home")
    for name in (state_child.STORE, state_child.BUCKET) if apart else ():
        (home / name).mkdir(exist_ok=True)
        shutil.move(home / name, disk.mount / name)
        (home / name).symlink_to(disk.mount / name)
    disk.flush()
    yield home
    for place in (home, *(disk.mount / name for name in (state_child.STORE, state_child.BUCKET))):
        shutil.rmtree(place, ignore_errors=True)


def cut_at(home: Path, disk: LoopDisk, phase: str, point: Point, *, apart: bool) -> list[str]:
    """Runs until that call, and cuts the power there; what did not hold."""
    told = strace_kill.killed_at(point, words(home, phase, "--die"))
    disk.cut()
    found = wrong(home, told if apart else told - MADE_AGAIN)
    return [f"{phase} {point} {disk.kind}: {what}" for what in (*found, *unfinished(home))]


@pytest.mark.parametrize(
    ("phase", "apart"),
    [
        ("notes", False),
        ("backup", False),
        ("settings", False),
        *((phase, True) for phase in FILES),
    ],
)
def test_what_was_promised_survives_a_power_cut_right_after(
    before: Mapping[str, Path], disk: LoopDisk, tmp_path: Path, phase: str, apart: bool
) -> None:
    with laid_out(before[phase], disk, tmp_path, apart=apart) as home:
        assert cut_at(home, disk, phase, NEVER, apart=apart) == []


@pytest.mark.long
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("apart", [False, True])
def test_the_power_is_cut_at_any_call(
    before: Mapping[str, Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    kind: str,
    apart: bool,
) -> None:
    chance = random.Random(SEED)
    phases: Sequence[str] = FILES if apart else state_child.PHASES
    places: list[tuple[str, Point]] = []
    for phase in phases:
        home = shutil.copytree(before[phase], tmp_path / f"counted {phase}")
        places += [(phase, point) for point in strace_kill.points(words(home, phase, "--die"))]
    chosen = chance.sample(places, ROUNDS)
    bad: list[str] = []
    with LoopDisk(tmp_path / "image", tmp_path / "mount", kind) as disk:
        for phase, point in chosen:
            with laid_out(before[phase], disk, tmp_path, apart=apart) as home:
                bad += cut_at(home, disk, phase, point, apart=apart)
    with capsys.disabled():
        what = "proxies and bucket" if apart else "everything"
        print(f"\n{kind}, {what}: {len(chosen)} of {len(places)} calls, {len(bad)} wrong")  # noqa: T201 - figures
    assert bad == []
