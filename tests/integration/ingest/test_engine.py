"""Ingest with the engine at work: what is scanned and read, how often, and what it makes of equal files."""

import datetime
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.core.files import hashing
from app.core.ingest.watching import WATCHING
from app.core.platform import settings as settings_file
from app.core.services import Services
from app.core.work.courtesy import Courtesy
from tests.support import catalogs
from tests.support.volumes import Desk, age, put, wav


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    """The whole core, at work, with short quiet times."""
    home = tmp_path / "home"
    home.mkdir()
    settings_file.set_value(home, "ingest.quiet_seconds", "1")
    found = Services(home)
    catalogs.settle_in(found.catalog)
    yield found
    found.close()


def _until(true: Callable[[], object]) -> None:
    while not true():
        time.sleep(0.05)


def _states(services: Services) -> dict[str, str]:
    with services.catalog.read() as reader:
        return {
            row["path"].decode(): row["state"] for row in reader.all("SELECT path, state FROM file")
        }


def test_the_service_follows_a_folder(services: Services, root: Path, tmp_path: Path) -> None:
    put(root, "A/one.wav")
    volume = services.volumes.add(root, derive=None)
    services.start(watch=True)
    assert services.engine.wait_idle()
    assert _states(services) == {"A/one.wav": "present"}
    assert services.volumes.get(volume.id).watcher == WATCHING
    scans = services.scans.last[volume.id]
    put(root, "B/two.wav", at=1)
    _until(lambda: "B/two.wav" in _states(services))
    assert services.scans.last[volume.id] is scans, "a hint is enough, no scan of everything"
    (root / "A").rename(root / "C")
    _until(lambda: "C/one.wav" in _states(services))
    assert services.engine.wait_idle()
    away = root.rename(tmp_path / "away")
    _until(lambda: not services.volumes.get(volume.id).online)
    away.rename(root)
    put(root, "three.wav", at=2)
    _until(lambda: "three.wav" in _states(services))
    assert services.engine.wait_idle()
    assert set(_states(services).values()) == {"present"}
    assert services.scans.last[volume.id] is not scans
    assert services.volumes.get(volume.id).watcher == WATCHING


def test_each_file_is_read_whole_once(
    desk: Desk, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    real = hashing.full_hash

    def counted(stream: hashing.Stream, **more: object) -> str:
        read.append(Path(str(getattr(stream, "name", ""))).name)
        return real(stream, **more)  # pyright: ignore[reportArgumentType]

    monkeypatch.setattr(hashing, "full_hash", counted)
    for n in range(5):
        put(root, f"{n}.wav")
    volume = desk.add(root)
    desk.look(volume, hashes=True)
    desk.look(volume, hashes=True)
    (root / "0.wav").rename(root / "moved.wav")
    desk.look(volume, hashes=True)
    assert sorted(read) == [f"{n}.wav" for n in range(5)]
    (root / "1.wav").write_bytes(wav("other", 3))
    age(root / "1.wav", 7)
    desk.look(volume, hashes=True)
    assert len(read) == 6


def test_the_same_file_on_two_volumes_is_one_clip_with_two_places(
    desk: Desk, root: Path, tmp_path: Path
) -> None:
    put(root, "one.wav", "same")
    put(tmp_path / "copy", "B/again.wav", "same")
    first = desk.add(root)
    note = desk.say("one.wav")
    second = desk.add(tmp_path / "copy")
    desk.look(second, hashes=True)
    clips = desk.clips()
    assert len(clips) == 1
    clip = next(iter(clips.values()))
    assert desk.noted_at(note) == clip.id
    assert {(place.volume_id, place.path) for place in clip.files} == {
        (first.id, "one.wav"),
        (second.id, "B/again.wav"),
    }
    root.rename(tmp_path / "away")
    desk.look(first)
    assert desk.clips()[clip.id].state == "ready", "its other place is still there"


def test_the_same_file_twice_on_one_volume_is_shown(desk: Desk, root: Path) -> None:
    put(root, "one.wav", "same")
    put(root, "two.wav", "same", at=1)
    volume = desk.add(root)
    desk.look(volume, hashes=True)
    clips = desk.clips()
    assert len(clips) == 1
    assert {place.path for place in next(iter(clips.values())).files} == {"one.wav", "two.wav"}


def test_hours_are_kept_by_reading_whole(services: Services) -> None:
    by_name = {recipe.name: recipe for recipe in services._recipes(1000)}
    assert by_name["hash"].polite
    night = datetime.datetime(2026, 5, 14, 23, 0, tzinfo=datetime.UTC)
    courtesy = Courtesy(now=lambda: night)
    courtesy.set_hours({"v": "22:00-06:00", "w": "09:00-18:00"})
    assert courtesy.in_hours("v")
    assert not courtesy.in_hours("w")
