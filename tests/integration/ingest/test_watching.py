"""The watcher on real folders: what gives a hint and what does not, limits, and that nothing is left running."""

import contextlib
import ctypes
import errno
import os
import resource
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.core.ingest.watching import EVERYTHING, LIMIT, POLLING, WATCHING, Place, Watcher
from app.core.model.entities import Volume
from tests.support.volumes import Desk, put


@pytest.fixture
def watcher(desk: Desk) -> Iterator[Watcher]:
    """A watcher that is closed again."""
    found = Watcher(desk.catalog)
    yield found
    found.close()


def _until(true: Callable[[], object]) -> None:
    while not true():
        time.sleep(0.02)


def _places(watcher: Watcher, volume: Volume) -> list[Place]:
    _until(watcher.ready)
    return watcher.take(volume.id)


def _keep(desk: Desk, watcher: Watcher) -> None:
    watcher.keep(desk.volumes.every())


def test_changes_are_hints_about_their_folder_alone(
    desk: Desk, root: Path, watcher: Watcher
) -> None:
    put(root, "A/one.wav")
    put(root, "B/in/two.wav")
    volume = desk.add(root)
    _keep(desk, watcher)
    assert desk.volumes.get(volume.id).watcher == WATCHING
    put(root, "A/new.wav")
    assert _places(watcher, volume) == [Place("A", deep=False)]
    with (root / "B" / "in" / "two.wav").open("ab") as stream:
        stream.write(b"more")
    assert _places(watcher, volume) == [Place("B/in", deep=False)]
    (root / "A" / "one.wav").unlink()
    assert _places(watcher, volume) == [Place("A", deep=False)]
    put(root, "at the top.wav")
    assert _places(watcher, volume) == [Place("", deep=False)]
    (root / "B").rename(root / "A" / "B")
    moved = _places(watcher, volume)
    assert Place("B", deep=True) in moved
    assert Place("A/B", deep=True) in moved


def test_hints_are_enough_to_follow_what_happens(desk: Desk, root: Path, watcher: Watcher) -> None:
    put(root, "A/one.wav")
    put(root, "B/in/two.wav", at=1)
    put(root, "C/three.wav", at=2)
    volume = desk.add(root)
    notes = {name: desk.say(path) for name, path in (("1", "A/one.wav"), ("2", "B/in/two.wav"))}
    _keep(desk, watcher)
    (root / "A" / "one.wav").rename(root / "C" / "first.wav")
    (root / "B").rename(root / "C" / "B")
    (root / "C" / "three.wav").unlink()
    put(root, "D/four.wav")
    report = desk.scanner.scan_folders(volume.id, _places(watcher, volume))
    desk.catch_up()
    assert not report.unclear
    assert desk.noted_at(notes["1"]) == desk.clip_at("C/first.wav")
    assert desk.noted_at(notes["2"]) == desk.clip_at("C/B/in/two.wav")
    assert desk.state_of("C/three.wav") == "missing"
    assert desk.state_of("D/four.wav") == "present"


def test_reading_gives_no_hint(desk: Desk, root: Path, watcher: Watcher) -> None:
    put(root, "A/one.wav")
    volume = desk.add(root)
    _keep(desk, watcher)
    desk.look(volume, hashes=True)
    (root / "A" / "one.wav").read_bytes()
    assert list((root / "A").iterdir())
    put(root, "B/two.wav")
    # Had reading been a hint, it would have come before this one.
    assert {place.folder for place in _places(watcher, volume)} == {"B"}


def test_a_long_recording_does_not_hold_hints_back(
    watcher: Watcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1000.0]
    monkeypatch.setattr("app.core.ingest.watching.time.monotonic", lambda: now[0])
    for _ in range(20):
        watcher.hint("v", "A")
        assert watcher.ready() == [] or now[0] >= 1004
        now[0] += 0.5
    assert watcher.ready() == ["v"]
    assert watcher.take("v") == [Place("A", deep=False)]
    assert watcher.pending() == 0


def test_many_hints_are_one_look_at_everything(watcher: Watcher) -> None:
    for n in range(2000):
        watcher.hint("v", f"{n}")
    assert watcher.take("v") == [Place(*EVERYTHING)]
    watcher.hint("v", "A", deep=True)
    watcher.hint("v", "A/B/C")
    watcher.hint("v", "A")
    watcher.hint("v", "AB")
    assert watcher.take("v") == [Place("A", deep=True), Place("AB", deep=False)]


def test_lost_events_are_a_hint_about_everything(desk: Desk, root: Path, watcher: Watcher) -> None:
    import logging

    put(root, "one.wav")
    volume = desk.add(root)
    _keep(desk, watcher)
    logging.getLogger("watchdog.observers.inotify_c").warning("Inotify queue overflowed; …")
    assert _places(watcher, volume) == [Place(*EVERYTHING)]


def test_a_network_volume_is_looked_at_in_steps(desk: Desk, root: Path, watcher: Watcher) -> None:
    threads = threading.active_count()
    volume = desk.add(root, kind="network")
    _keep(desk, watcher)
    assert desk.volumes.get(volume.id).watcher == POLLING
    assert threading.active_count() == threads


def test_observers_end_with_their_volume(
    desk: Desk, root: Path, tmp_path: Path, watcher: Watcher
) -> None:
    put(root, "one.wav")
    other = tmp_path / "other"
    put(other, "two.wav")
    before = set(threading.enumerate())
    volume = desk.add(root)
    rest = desk.add(other)
    _keep(desk, watcher)
    both = set(threading.enumerate()) - before
    away = root.rename(tmp_path / "away")
    root.mkdir()
    assert not desk.volumes.look(volume).online
    with desk.catalog.read() as reader:
        assert watcher.outdated(reader)
    _keep(desk, watcher)
    _until(lambda: len(set(threading.enumerate()) - before) == len(both) // 2)
    assert "empty" in desk.volumes.get(volume.id).watcher
    root.rmdir()
    away.rename(root)
    assert desk.volumes.look(volume).online
    _keep(desk, watcher)
    assert desk.volumes.get(volume.id).watcher == WATCHING
    put(root, "A/again.wav")
    assert _places(watcher, volume) == [Place("A", deep=True)]
    desk.volumes.forget(rest.id)
    _keep(desk, watcher)
    watcher.close()
    _until(lambda: set(threading.enumerate()) <= before)


def test_another_folder_in_the_place_is_watched_anew(
    desk: Desk, root: Path, tmp_path: Path, watcher: Watcher
) -> None:
    put(root, "one.wav")
    volume = desk.add(root)
    _keep(desk, watcher)
    root.rename(tmp_path / "old")
    put(root, "one.wav")
    assert desk.volumes.look(volume).online
    _keep(desk, watcher)
    put(root, "A/two.wav")
    assert _places(watcher, volume) == [Place("A", deep=True)]


@pytest.mark.parametrize("left", [0, 20])
def test_the_limit_of_watches_is_told_in_words(
    desk: Desk, root: Path, watcher: Watcher, monkeypatch: pytest.MonkeyPatch, left: int
) -> None:
    # The real limit is the whole machine's: the system call answers as if it were reached, the limit stays alone.
    from watchdog.observers import inotify_c

    real, given = inotify_c.inotify_add_watch, set[int]()

    def limited(handle: int, path: bytes, mask: int) -> int:
        found = real(handle, path, mask) if len(given) < left else -1
        if found == -1:
            ctypes.set_errno(errno.ENOSPC)
        given.add(found)
        return found

    monkeypatch.setattr(inotify_c, "inotify_add_watch", limited)
    for n in range(40):
        put(root, f"{n}/one.wav")
    volume = desk.add(root)
    threads = set(threading.enumerate())
    watcher.keep(desk.volumes.every())
    assert desk.volumes.get(volume.id).watcher == LIMIT
    assert set(threading.enumerate()) <= threads
    watcher.keep(desk.volumes.every())
    assert desk.volumes.get(volume.id).watcher == LIMIT


def test_no_more_handles_is_a_limit_as_well(desk: Desk, root: Path, watcher: Watcher) -> None:
    put(root, "one.wav")
    volume = desk.add(root)
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    taken: list[int] = []
    threads = set(threading.enumerate())
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (128, before[1]))
        with contextlib.suppress(OSError):
            while True:
                taken.append(os.dup(0))
        # Enough for the catalog, not for an observer.
        os.close(taken.pop())
        watcher.keep([volume])
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
        for handle in taken:
            os.close(handle)
    assert desk.volumes.get(volume.id).watcher == LIMIT
    assert set(threading.enumerate()) <= threads
