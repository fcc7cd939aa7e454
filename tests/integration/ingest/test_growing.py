"""Files that are still being written: looked into once, when they are quiet and whole."""

import contextlib
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core.catalog import files
from app.core.model.media import Derive, FileState
from app.core.platform import settings as settings_file
from app.core.services import Services
from app.core.work.recipes import Job
from tests.support import catalogs
from tests.support.command import wait_for
from tests.support.media_factory import FFMPEG
from tests.support.volumes import Desk, age, put, wav


def test_a_file_that_is_written_grows_until_it_is_quiet(desk: Desk, root: Path) -> None:
    put(root, "old.wav")
    volume = desk.add(root)
    path = root / "new.wav"
    whole = wav("new", 40)
    path.write_bytes(whole[:1000])
    desk.look(volume)
    assert desk.state_of("new.wav") == "growing"
    with desk.catalog.read() as reader:
        assert files.due_probe(reader, volume.id, 0, 1, 10) == [], "nothing looks into it early"
        assert files.due_settle(reader, 0, 10) == []
        ref = files.due_settle(reader, time.time_ns() // 1_000_000 + 60_000, 10)[0]
    with path.open("ab") as stream:
        stream.write(whole[1000:])
    desk.scanner.settle(ref)
    assert desk.state_of("new.wav") == "growing", "it grew since the last look"
    with desk.catalog.read() as reader:
        ref = files.refs(reader, "f.state = 'growing'")[0]
        assert ref.size == len(whole)
    desk.scanner.settle(ref)
    assert desk.state_of("new.wav") == "present"
    desk.catch_up()
    assert desk.clips()[desk.clip_at("new.wav")].state == "ready"


def test_a_growing_file_keeps_its_clip_through_growth_and_a_new_name(
    desk: Desk, root: Path
) -> None:
    put(root, "old.wav")
    volume = desk.add(root)
    path = root / "take.wav"
    path.write_bytes(wav("take"))
    desk.look(volume)
    note = desk.say("take.wav")
    with path.open("ab") as stream:
        stream.write(b"more" * 100)
    desk.look(volume)
    assert desk.noted_at(note) == desk.clip_at("take.wav")
    path.rename(root / "take 1.wav")
    desk.look(volume)
    assert desk.noted_at(note) == desk.clip_at("take 1.wav")
    assert desk.state_of("take 1.wav") == "growing"


def test_a_clock_that_is_ahead_elsewhere_makes_no_file_look_old(desk: Desk, root: Path) -> None:
    path = put(root, "new.wav")
    ahead = time.time_ns() + 3_600 * 1_000_000_000
    os.utime(path, ns=(ahead, ahead))
    desk.add(root)
    assert desk.state_of("new.wav") == "growing"


def test_a_growing_file_that_is_gone_or_hidden_is_not_asked_for_ever(
    desk: Desk, root: Path
) -> None:
    put(root, "old.wav")
    volume = desk.add(root)
    path = root / "A" / "new.wav"
    path.parent.mkdir()
    path.write_bytes(wav("new"))
    desk.look(volume)
    now = time.time_ns() // 1_000_000
    with desk.catalog.read() as reader:
        ref = files.due_settle(reader, now + 60_000, 10)[0]
    path.parent.rename(root / "B")
    desk.scanner.settle(ref)
    with desk.catalog.read() as reader:
        assert files.due_settle(reader, now, 10) == []
    desk.look(volume)
    assert desk.state_of("B/new.wav") == "growing"


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    """The whole core, with short quiet times."""
    home = tmp_path / "home"
    home.mkdir()
    settings_file.set_value(home, "ingest.quiet_seconds", "1")
    settings_file.set_value(home, "ingest.open_structure_minutes", "30")
    found = Services(home)
    catalogs.settle_in(found.catalog)
    yield found
    found.close()


@pytest.mark.skipif(not shutil.which(FFMPEG), reason="needs ffmpeg")
def test_an_open_movie_grows_and_after_its_time_is_damaged(services: Services, root: Path) -> None:
    put(root, "sound.wav")
    (root / "open.mov").write_bytes(
        b"\0\0\0\x14ftypqt  \0\0\2\0qt  " + b"\0\0\0\0mdat" + bytes(range(256)) * 40
    )
    volume = services.volumes.add(root)
    services.start(watch=False)
    assert services.engine.wait_idle()
    with services.catalog.read() as reader:
        states = {r["path"]: r["state"] for r in reader.all("SELECT path, state FROM file")}
        probes = reader.value("SELECT settled_at FROM file WHERE path = ?", b"open.mov")
    assert states == {b"sound.wav": "present", b"open.mov": "growing"}
    assert probes > time.time_ns() // 1_000_000 + 10_000, "idle does not wait for it"
    age(root / "open.mov")
    services.scans.want(volume.id)
    assert services.engine.wait_idle()
    with services.catalog.read() as reader:
        assert reader.value("SELECT state FROM file WHERE path = ?", b"open.mov") == "present"
        clip = reader.one("SELECT state, problem FROM clip WHERE name = 'open' AND retired = 0")
    assert clip is not None
    assert clip["state"] in ("damaged", "bad")
    assert clip["problem"]
    assert FileState.GROWING.value == "growing"


def test_a_slow_writer_is_waited_for_and_its_file_worked_on_once(
    tmp_path: Path, root: Path
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    settings_file.set_value(home, "ingest.quiet_seconds", "4")  # longer than a busy machine stalls
    with contextlib.closing(Services(home)) as services:
        _write_slowly(services, root)


def _write_slowly(services: Services, root: Path) -> None:
    whole, path = wav("slow", 400), root / "slow.wav"
    asked: list[tuple[str, bool]] = []
    run = services.engine._execute

    def counted(job: Job) -> None:
        if job.recipe.name in ("probe", "hash", "derive"):
            asked.append((job.recipe.name, path.stat().st_size == len(whole)))
        run(job)

    services.engine._execute = counted
    volume = services.volumes.add(root, derive=Derive.ALL)
    services.start()
    assert services.engine.wait_idle()
    with path.open("wb", buffering=0) as stream:
        for n in range(0, len(whole), len(whole) // 12):
            stream.write(whole[n : n + len(whole) // 12])
            services.scans.want(volume.id)  # looked at all the time
            time.sleep(0.25)
    wait_for(lambda: len(asked) >= 3 and services.engine.wait_idle())
    assert sorted(asked) == [("derive", True), ("hash", True), ("probe", True)]
    with services.catalog.read() as reader:
        assert reader.column("SELECT state FROM clip WHERE retired = 0") == ["ready"]
