"""Media hash lists on disks that are full, read-only or rotten: the verdict stands, nothing half is left, no lie is told."""

import os
import random
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core.files.mhl_history import read_history, write_generation
from app.core.files.mhl_values import FOLDER
from app.core.files.mhl_verify import verify
from app.core.model.errors import NoRoom
from tests.support.loop_disk import LoopDisk
from tests.support.mhl_cases import hashes, make, seal


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A disk of 1 MiB."""
    if os.geteuid():
        pytest.skip("NOT RUN: a disk of its own needs root")
    place = tmp_path / "small"
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", place], check=True)
    yield place
    subprocess.run(["umount", place], check=True)


def fill(disk: Path, leave: int) -> Path:
    """Fills a disk but for so many bytes."""
    path, info = disk / "filler", os.statvfs(disk)
    path.write_bytes(bytes(info.f_bavail * info.f_frsize - leave))
    return path


def test_a_full_disk_costs_the_record_and_not_the_verdict(small: Path) -> None:
    root = make(small / "A001", {f"f{n:04}": b"x" for n in range(100)})
    seal(root)
    before = sorted(p.name for p in (root / FOLDER).iterdir())
    filler = fill(small, 8192)
    found = verify(root)
    assert (found.verified, found.generation, found.record_failed) == (100, None, True)
    assert "no room left" in found.not_recorded
    assert sorted(p.name for p in (root / FOLDER).iterdir()) == before
    with pytest.raises(NoRoom):
        write_generation(root, hashes=hashes(root), process="in-place")
    assert sorted(p.name for p in (root / FOLDER).iterdir()) == before
    filler.unlink()
    found = verify(root)
    assert found.generation
    assert not read_history(root).all_problems


def test_a_disk_that_only_reads_costs_the_record_and_not_the_verdict(small: Path) -> None:
    root = make(small / "A001")
    seal(root)
    subprocess.run(["mount", "-o", "remount,ro", small], check=True)
    found = verify(root)
    assert (found.verified, found.damage, found.record_failed) == (4, False, True)
    assert "could not be written" in found.not_recorded


def test_a_verification_sees_the_disk_and_not_what_memory_has(tmp_path: Path) -> None:
    """The disk rots under the filesystem's feet, while memory still has the right bytes."""
    mark = random.Random(11).randbytes(4096)
    with LoopDisk(tmp_path / "image", tmp_path / "mount") as disk:
        root = make(disk.mount / "A001", {"a.mov": bytes(1 << 20) + mark, "b.mov": b"b"})
        seal(root)
        assert verify(root).verified == 2
        data = disk.image.read_bytes()
        place = data.find(mark[:512])
        assert place > 0, "verified means: it is on the disk"
        with disk.image.open("r+b") as image:
            image.seek(place)
            image.write(b"rot")
            image.flush()
            os.fsync(image.fileno())
        assert (root / "a.mov").read_bytes().endswith(mark), "memory hides it"
        assert [one.path for one in verify(root).failed] == ["a.mov"]


@pytest.mark.parametrize("count", [40, pytest.param(4000, marks=pytest.mark.long)])
def test_every_rotten_bit_is_named(tmp_path: Path, count: int) -> None:
    """One bit of one file, size and time kept; of the files and of what is said of them."""
    chance = random.Random(29)
    root = make(tmp_path / "A001", {f"Clips/{n}.mov": chance.randbytes(5000) for n in range(6)})
    seal(root)
    verify(root)
    paths = sorted(p for p in root.rglob("*") if p.is_file())
    named = 0
    for _ in range(count):
        path = chance.choice(paths)
        whole, seen = path.read_bytes(), path.stat()
        rotten = bytearray(whole)
        rotten[chance.randrange(len(rotten))] ^= 1 << chance.randrange(8)
        path.write_bytes(rotten)
        os.utime(path, ns=(seen.st_atime_ns, seen.st_mtime_ns))
        found = verify(root, write=False)
        if path.suffix == ".mov":
            assert [one.path for one in found.failed] == [str(path.relative_to(root))]
        elif path.suffix == ".mhl":
            assert path.name in {problem.subject.rpartition("/")[2] for problem in found.problems}
        named += found.damage
        path.write_bytes(whole)
        os.utime(path, ns=(seen.st_atime_ns, seen.st_mtime_ns))
    assert named >= 0.9 * count, "what rots in the chain's white space is no damage, the rest is"
