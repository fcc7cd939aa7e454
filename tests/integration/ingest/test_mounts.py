"""Real mounts: another disk at the place of one that is known, and the empty folder that a disk leaves behind."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core.catalog import files
from app.core.ingest.recipes import Settling
from app.core.model.entities import Volume
from tests.support.volumes import Desk, put


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    """A mount point."""
    place = tmp_path / "disk"
    place.mkdir()
    if os.geteuid() != 0:
        pytest.skip("NOT RUN: disks need the right to mount (root)")
    yield place
    while os.path.ismount(place):
        _unmount(place)


def _mount(place: Path) -> None:
    words = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(place)]
    if subprocess.run(words, capture_output=True, check=False).returncode:
        pytest.skip("NOT RUN: disks need the right to mount (root)")


def _unmount(place: Path) -> None:
    subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.fixture
def disk(desk: Desk, place: Path) -> Volume:
    """A disk of cards, each file with words on it."""
    _mount(place)
    for n in range(12):
        put(place, f"DCIM/{n // 4}/C{n:04}.wav", f"first {n}", at=n)
    volume = desk.add(place)
    for path in list(desk.places()):
        desk.say(path)
    return volume


def _everything_that_looks(desk: Desk, volume: Volume, root: Path) -> None:
    """All ways in which a volume is looked at."""
    assert not desk.look(volume).online
    assert not desk.scanner.quick(volume.id).online
    for folder, deep in (("", True), ("DCIM", True), ("DCIM/0", False)):
        assert not desk.scanner.scan_folder(volume.id, folder, deep=deep).online
    with desk.catalog.read() as reader:
        assert Settling(desk.scanner, 0).due(reader, 10, ()) == []
        assert files.due_probe(reader, volume.id, 0, 1, 10) == []
    assert desk.hash_all() == 0
    assert root.exists()


def test_an_unmounted_disk_has_no_missing_files(desk: Desk, disk: Volume, place: Path) -> None:
    before = desk.places()
    for _ in range(2):
        _unmount(place)
        _everything_that_looks(desk, disk, place)
        assert desk.places() == before
        assert {clip.state for clip in desk.clips().values()} == {"offline"}
        assert "nothing is mounted" in desk.volumes.get(disk.id).watcher
        _mount(place)
        for n in range(12):
            put(place, f"DCIM/{n // 4}/C{n:04}.wav", f"first {n}", at=n)
        report = desk.look(disk)
        assert (report.online, report.missing, report.new, report.changed) == (True, 0, 0, 0)
        assert {clip.state for clip in desk.clips().values()} == {"ready"}


@pytest.mark.parametrize("names", ["the same", "others"])
def test_another_disk_at_the_same_place_is_another_volume(
    desk: Desk, disk: Volume, place: Path, names: str
) -> None:
    before = desk.places()
    _unmount(place)
    _mount(place)
    for n in range(12):
        name = n if names == "the same" else n + 50
        # Other takes of the same length: a camera begins to count anew on each card.
        put(place, f"DCIM/{n // 4}/C{name:04}.wav", f"second {n}", at=n + 500)
    _everything_that_looks(desk, disk, place)
    assert desk.places() == before, "nothing is matched by its path alone"
    assert {clip.state for clip in desk.clips().values()} == {"offline"}
    _unmount(place)
    _mount(place)
    for n in range(12):
        put(place, f"DCIM/{n // 4}/C{n:04}.wav", f"first {n}", at=n)
    assert desk.look(disk).missing == 0
    assert desk.places() == before
