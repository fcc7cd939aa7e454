"""A full disk under the catalog: Rushes reads, says so, loses nothing, and goes on by itself when there is room."""

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core.catalog import spare
from app.core.model.changes import Aspect
from app.core.model.errors import NoRoom
from app.core.services import Services
from tests.support.command import NearDesk, wait_for
from tests.support.guards import ExpectLog
from tests.support.media_factory import MediaFactory, Sound

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def media(tmp_path: Path) -> MediaFactory:
    """A volume with one clip."""
    media = MediaFactory(tmp_path / "day")
    media.video("A001.mov", frames=25)
    return media


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of four megabytes."""
    place = tmp_path / "small"
    place.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(words, capture_output=True, check=False).returncode:
        pytest.skip("NOT RUN: full disks need the right to mount (root)")
    yield place
    subprocess.run(["umount", "-l", place], check=True)


def fill(place: Path) -> Path:
    """Fills a disk, or what it has left."""
    filler = place / "filler"
    info = os.statvfs(place)
    with filler.open("ab") as stream:
        stream.write(bytes(info.f_bavail * info.f_frsize))
    return filler


def without_its_log(home: Path) -> None:
    """As most ends leave a catalog: SQLite makes both files anew, and needs room for them."""
    for ending in ("-shm", "-wal"):
        place = home / f"catalog.sqlite{ending}"
        assert ending == "-shm" or not place.exists() or not place.stat().st_size
        place.unlink(missing_ok=True)


def a_desk(home: Path, media: MediaFactory) -> NearDesk:
    desk = NearDesk(home)
    desk.ask("settings", "ingest.quiet_seconds", 1)
    desk.ask("volume", "add", media.folder, "--derive", "posters")
    desk.ask("run", "--until-idle")
    return desk


def test_on_a_full_disk_rushes_reads_and_goes_on_by_itself(
    small_disk: Path, media: MediaFactory
) -> None:
    desk = a_desk(small_disk / "home", media)
    first = desk.ask("note", "add", "A001", "--at", "@1", "before")
    with desk.owner() as process:
        filler = fill(small_disk)
        error = desk.refuse("note", "add", "A001", "--at", "@2", "x" * 20_000, code=4)
        assert "full" in error["title"]
        assert "only reads" in desk.run("work").out
        assert desk.ask("note", "list", "A001")["notes"] == [first], "reading goes on"
        assert desk.clips()[0]["state"] == "ready"
        assert process.poll() is None
        filler.unlink()
        wait_for(lambda: "only reads" not in desk.run("work").out)
        second = desk.ask("note", "add", "A001", "--at", "@2", "after")
        assert desk.ask("note", "list", "A001")["notes"] == [first, second]
        process.terminate()
        _, told = process.communicate()
    assert told.index("only reads") < told.index("There is room again")
    assert desk.ask("check")["problems"] == []


def test_killed_on_a_full_disk_it_starts_there_reads_and_loses_nothing(
    small_disk: Path, media: MediaFactory, expect_log: ExpectLog
) -> None:
    desk = a_desk(small_disk / "home", media)
    first = desk.ask("note", "add", "A001", "--at", "@1", "before")
    with desk.owner() as process:
        filler = fill(small_disk)
        desk.refuse("note", "add", "A001", "--at", "@2", "x" * 20_000, code=4)
        process.kill()
        process.wait()
    expect_log("the catalog is read-only")
    assert desk.ask("note", "list", "A001")["notes"] == [first]
    assert desk.ask("check")["problems"] == []
    for words in (
        ("note", "add", "A001", "--at", "@2", "x" * 20_000),
        ("tag", "A001", *(f"+{n:0100}" for n in range(200))),
        ("backup",),
    ):
        assert "full" in desk.refuse(*words, code=4)["title"], words
    assert desk.ask("note", "list", "A001")["notes"] == [first]
    left = [p for p in desk.home.rglob("*") if p.suffix == ".tmp" or p.name[:8] == ".backup-"]
    assert left == [], "what had no room leaves nothing behind"
    filler.unlink()
    second = desk.ask("note", "add", "A001", "--at", "@2", "after")
    assert desk.ask("note", "list", "A001")["notes"] == [first, second]
    assert desk.ask("check", "--read")["problems"] == []


def test_closed_on_a_disk_that_is_full_it_starts_there_and_reads(
    small_disk: Path, media: MediaFactory, expect_log: ExpectLog
) -> None:
    desk = a_desk(small_disk / "home", media)
    first = desk.ask("note", "add", "A001", "--at", "@1", "before")
    without_its_log(desk.home)
    filler = fill(small_disk)
    expect_log("the disk is full")
    for _ in range(2):  # each start finds the room of the last one taken by nobody
        assert len(desk.clips()) == 1
        assert desk.ask("note", "list", "A001")["notes"] == [first]
    assert desk.ask("check")["problems"] == []
    with desk.owner() as process:
        assert "only reads" in desk.run("work").out, "said from the start"
        fill(small_disk)
        error = desk.refuse("note", "add", "A001", "--at", "@2", "x" * 20_000, code=4)
        assert "full" in error["title"]
        filler.unlink()
        wait_for(lambda: "only reads" not in desk.run("work").out)
        second = desk.ask("note", "add", "A001", "--at", "@2", "after")
        process.terminate()
        process.communicate()
    assert desk.ask("note", "list", "A001")["notes"] == [first, second]
    assert (desk.home / spare.FILE_NAME).stat().st_size == spare.SIZE, "kept for the next time"


def test_where_there_is_no_room_to_start_the_disk_is_named(
    small_disk: Path, media: MediaFactory
) -> None:
    desk = a_desk(small_disk / "home", media)
    without_its_log(desk.home)
    assert spare.spend(desk.home)
    filler = fill(small_disk)
    error = desk.refuse("clips", code=4)
    assert error["title"] == "The disk is full"
    assert "Free some space" in error["todo"]
    filler.unlink()
    assert len(desk.clips()) == 1
    assert desk.ask("check")["problems"] == []


def test_what_is_derived_leaves_the_catalog_its_room(small_disk: Path, media: MediaFactory) -> None:
    """The reserve: proxies are not on the last bytes of the disk, so people work on."""
    larger = ["mount", "-o", "remount,size=144m", str(small_disk)]
    subprocess.run(larger, check=True)  # all would fit on it, but for the reserve
    desk = NearDesk(small_disk / "home")
    desk.ask("settings", "ingest.quiet_seconds", 1)
    desk.ask("settings", "derivatives.reserve_percent", 50)
    media.sound("long.wav", Sound(2), seconds=60)
    desk.ask("volume", "add", media.folder, "--derive", "all")
    done = desk.ask("run", "--until-idle", code=1)
    assert done["room"], "what waits for room is said"
    info = os.statvfs(small_disk)
    assert info.f_bavail * 2 >= info.f_blocks, "the reserve is kept"
    assert not list((desk.home / "renditions").rglob("proxy.m4a"))
    desk.ask("note", "add", "A001", "--at", "@1", "there is room for words")
    assert desk.ask("check")["problems"] == []


def test_work_on_a_full_disk_ends_with_words_and_begins_nothing(
    small_disk: Path, media: MediaFactory, expect_log: ExpectLog
) -> None:
    home = small_disk / "home"
    desk = a_desk(home, media)
    with contextlib.closing(Services(home)) as services:
        told: list[bool] = []
        services.catalog.subscribe(
            lambda changes: (
                told.append(services.health.full is not None)
                if changes.touches(Aspect.HEALTH)
                else None
            )
        )
        assert services.health.full is None
        filler = fill(small_disk)
        expect_log("the catalog is read-only")
        with pytest.raises(NoRoom):
            services.projects.change("name", "x" * 100_000)
        full = services.health.full
        assert full is not None
        assert "by itself" in full.todo
        assert told == [True]
        media.video("A002.mov", frames=5)
        services.engine.start()
        for volume in services.volumes.every():
            services.scans.want(volume.id)
        assert services.engine.wait_idle(), "what cannot be done is not waited for"
        assert services.engine.finished() == 0
        filler.unlink()
        wait_for(lambda: told == [True, False])
        assert services.health.full is None
        wait_for(lambda: services.engine.finished() > 0)
    desk.ask("scan")
    assert len(desk.clips()) == 2
