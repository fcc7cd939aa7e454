"""Scrubs and repairs on disks that err, fill up, keep other bytes, know no exchange of names, and lose their power."""

import errno
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core.catalog.database import Catalog
from app.core.files import mhl_history
from app.core.files.set_aside import is_aside
from app.core.ingest.scrub import Scrub
from app.core.model.errors import Damage, NoRoom, RushesError
from app.core.model.offloads import CopyState
from tests.support import catalogs
from tests.support.fuse_disk import Disk, Ways
from tests.support.fuse_share import Rule
from tests.support.loop_disk import LoopDisk
from tests.support.offloading import Station, make_card, rot
from tests.support.scrubbing import Scrubbing

LONG = pytest.mark.long
CLIP = "PRIVATE/M4ROOT/CLIP/C0001.MP4"


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    with catalogs.opened(tmp_path / "home") as opened:
        yield opened


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """A disk that misbehaves as told, and where two names cannot change places."""
    with Disk(tmp_path / "behind", tmp_path / "disk") as mounted:
        yield mounted


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


def damaged(catalog: Catalog, folder: Path, root: Path, behind: Path) -> tuple[Scrub, Path, Path]:
    """(the scrub, the damaged file, a good one): a card on a good disk and on this one, where a bit turned over behind it."""
    station = Station(catalog, folder / "station")
    card = make_card(folder / "card", seed=1, clips=1, size=200_000)
    place = station.offload(card, station.one, root).legs[1].folder
    rot(behind / place / CLIP)
    scrub = Scrubbing(catalog).scrub
    scrub.run(every=True)
    return scrub, root / place / CLIP, station.one / place / CLIP


def beside(path: Path) -> list[bytes]:
    """What repairs left in the folder."""
    return [one.read_bytes() for one in path.parent.iterdir() if is_aside(one.name)]


def test_where_names_cannot_change_places_it_is_mended_all_the_same(
    catalog: Catalog, disk: Disk, tmp_path: Path
) -> None:
    scrub, path, good = damaged(catalog, tmp_path, disk.mount, disk.behind)
    bad = path.read_bytes()
    done = scrub.repair(scrub.plan_repair(str(path)))
    assert (path.read_bytes(), beside(path)) == (good.read_bytes(), [bad])
    assert scrub.damaged() == []
    scrub.undo(done.id)
    assert (path.read_bytes(), beside(path)) == (bad, [good.read_bytes()])
    assert not mhl_history.read_history(disk.mount / path.relative_to(disk.mount).parts[0]).damaged


def test_a_place_that_cannot_be_read_is_named_by_its_byte_and_mended(
    catalog: Catalog, disk: Disk, tmp_path: Path
) -> None:
    scrub, path, good = damaged(catalog, tmp_path, disk.mount, disk.behind)
    rot(disk.behind / path.relative_to(disk.mount))  # the same bit once more
    disk.weather(Rule(op="read", path="*C0001.MP4", code=errno.EIO))
    scrub.run(every=True)
    (found,) = scrub.damaged()
    assert found.copy.state is CopyState.FAILED
    assert "cannot be read at byte 0" in found.copy.said
    assert scrub.repair(scrub.plan_repair(str(path))).beside
    disk.weather()
    assert path.read_bytes() == good.read_bytes()


@pytest.mark.parametrize("way", ["flip_writes", pytest.param("lose_writes", marks=LONG)])
def test_a_disk_that_keeps_other_bytes_is_told_and_gets_nothing(
    catalog: Catalog, disk: Disk, tmp_path: Path, way: str
) -> None:
    scrub, path, _ = damaged(catalog, tmp_path, disk.mount, disk.behind)
    bad = path.read_bytes()
    disk.weather(ways=Ways(**{way: 1.0}))
    with pytest.raises(Damage, match="is not what was written"):
        scrub.repair(scrub.plan_repair(str(path)))
    disk.weather()
    assert (path.read_bytes(), beside(path)) == (bad, [])


def test_a_share_that_does_not_answer_holds_no_other_disk(
    catalog: Catalog, disk: Disk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.core.ingest.scrub._ANSWER_SECONDS", 1)
    scrub, path, _ = damaged(catalog, tmp_path, disk.mount, disk.behind)
    rot(disk.behind / path.relative_to(disk.mount))  # the same bit once more
    disk.weather(Rule(op="read", seconds=3, count=1))
    report = scrub.run(every=True)
    disk.weather()
    assert len(report.away) == 1
    assert "answer" in report.away[0][1]
    assert report.files >= 4, "those of the other disk"
    assert [one.copy.absolute for one in scrub.damaged()] == [str(path)], "as it was known"


@pytest.mark.parametrize(
    "op", ["unlink", *(pytest.param(op, marks=LONG) for op in ("create", "write", "fsync", "link"))]
)
def test_a_disk_that_errs_midway_is_mended_by_the_same_command(
    catalog: Catalog, disk: Disk, tmp_path: Path, op: str
) -> None:
    scrub, path, good = damaged(catalog, tmp_path, disk.mount, disk.behind)
    bad = path.read_bytes()
    disk.weather(Rule(op=op, code=errno.EIO))
    with pytest.raises(RushesError):
        scrub.repair(scrub.plan_repair(str(path)))
    disk.weather()
    assert bad in (path.read_bytes(), *beside(path))
    assert [one.copy.absolute for one in scrub.damaged()] == [str(path)]
    scrub.repair(scrub.plan_repair(str(path)))
    assert (path.read_bytes(), beside(path)) == (good.read_bytes(), [bad])


def test_a_full_disk_keeps_the_damaged_file_until_there_is_room(
    catalog: Catalog, small: Path, tmp_path: Path
) -> None:
    scrub, path, good = damaged(catalog, tmp_path, small, small)
    bad = path.read_bytes()
    free = os.statvfs(small)
    (small / "filler").write_bytes(bytes(free.f_bavail * free.f_frsize - 100_000))
    with pytest.raises(NoRoom):
        scrub.repair(scrub.plan_repair(str(path)))
    assert (path.read_bytes(), beside(path)) == (bad, [])
    (small / "filler").unlink()
    scrub.repair(scrub.plan_repair(str(path)))
    assert (path.read_bytes(), beside(path)) == (good.read_bytes(), [bad])


def test_after_a_power_cut_what_was_told_is_there(catalog: Catalog, tmp_path: Path) -> None:
    with LoopDisk(tmp_path / "image", tmp_path / "mount") as disk:
        scrub, path, good = damaged(catalog, tmp_path, disk.mount, disk.mount)
        bad = path.read_bytes()
        scrub.repair(scrub.plan_repair(str(path)))
        disk.cut()
        assert (path.read_bytes(), beside(path)) == (good.read_bytes(), [bad])
        scrub.run(every=True)
        assert scrub.damaged() == []
