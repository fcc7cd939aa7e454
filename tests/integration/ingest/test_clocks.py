"""Times that are told in another way, and clocks that are set back: nothing is read again, nothing waits for hours."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.core.catalog import attempts, files
from app.core.ingest import recipes
from app.core.ingest.recipes import Scans, Settling
from app.core.ingest.watching import Watcher
from app.core.model.entities import Volume
from app.core.model.errors import Passing, as_json
from app.core.model.media import Derive
from app.core.platform.preferences import Ingest
from app.core.work.recipes import Context, Job, Recipe, Subject
from tests.support.fuse_share import Share
from tests.support.volumes import Desk, put, wav

HOUR = 3_600


@pytest.fixture
def share(tmp_path: Path) -> Iterator[Share]:
    """A card as cameras format it; its files are one second apart, all of one size."""
    for n in range(12):
        put(tmp_path / "behind", f"DCIM/{n:03}.wav", at=n)
    put(tmp_path / "behind", "DCIM/list.txt", at=30)
    with Share(tmp_path / "behind", tmp_path / "card", "exfat") as found:
        yield found


@pytest.fixture
def fat(desk: Desk, share: Share) -> Volume:
    """It was read whole."""
    volume = desk.add(share.mount)
    assert volume.fs_type == "fuse.exfat"
    desk.volumes.change(volume.id, derive=Derive.ALL)
    desk.look(volume, hashes=True)
    return volume


def _hashed(desk: Desk) -> int:
    with desk.catalog.read() as reader:
        return len(files.hashed(reader))


def test_summer_time_and_coarser_times_are_no_change(desk: Desk, share: Share, fat: Volume) -> None:
    before, notes = desk.places(), {n: desk.say(f"DCIM/{n:03}.wav") for n in range(12)}
    assert _hashed(desk) == 12
    for step, shift in ((2, 0), (2, HOUR), (0, HOUR), (2, -7 * HOUR), (2, 5 * HOUR + 1800), (0, 0)):
        share.weather(step=step, shift=shift)
        report = desk.look(fat)
        assert (report.new, report.changed, report.moved, report.missing) == (0, 0, 0, 0)
        assert desk.places() == before
        assert desk.hash_all() == 0, "nothing is read whole again"
        assert _hashed(desk) == 12
    assert {n: desk.noted_at(note) for n, note in notes.items()} == {
        n: desk.clip_at(f"DCIM/{n:03}.wav") for n in range(12)
    }


def test_another_take_an_hour_later_is_another_clip(desk: Desk, share: Share, fat: Volume) -> None:
    note, old = desk.say("DCIM/003.wav"), desk.clip_at("DCIM/003.wav")
    path = put(share.behind, "DCIM/003.wav", "another take", at=3 + HOUR)
    assert path.stat().st_size == (share.behind / "DCIM/004.wav").stat().st_size
    put(share.behind, "DCIM/005.wav", "DCIM/005.wav", at=5 + 1234)
    report = desk.look(fat)
    assert report.changed == 2
    assert desk.noted_at(note) == old != desk.clip_at("DCIM/003.wav")
    assert desk.hash_all() == 2, "what has another time for no known reason is read again"


def test_where_times_are_told_exactly_an_hour_is_a_change(desk: Desk, root: Path) -> None:
    put(root, "a.wav")
    volume = desk.add(root)
    desk.look(volume, hashes=True)
    put(root, "a.wav", at=HOUR)
    assert desk.look(volume).changed == 1
    assert desk.hash_all() == 1


class _Clock:
    """The two clocks of this machine, of which people set one."""

    def __init__(self) -> None:
        self.back_ns = 0

    def time_ns(self) -> int:
        return time.time_ns() - self.back_ns

    def monotonic_ns(self) -> int:
        return time.monotonic_ns() + 60_000_000_000 * bool(self.back_ns)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> _Clock:
    """A clock in the test's hand."""
    found = _Clock()
    monkeypatch.setattr(recipes, "time", found)
    return found


def _do(desk: Desk, work: Callable[[Context, Subject], object], subject: Subject) -> None:
    recipe = Recipe("test", "Test", lambda *_: (), work)
    job = Job(recipe, subject, threading.Event())
    work(Context(desk.catalog, job, lambda _: None), subject)


def _looks(desk: Desk, scans: Scans) -> bool:
    """Whether the presence of volumes is due; it is looked at then, and what is due is asked."""
    with desk.catalog.read() as reader:
        scans.due(reader, 10, ())
        due = scans.look_due(reader, 10, ())
    for subject in due:
        _do(desk, scans.look, subject)
    return bool(due)


def test_after_a_clock_was_set_back_nothing_waits_for_its_hour_to_come_again(
    desk: Desk, root: Path, clock: _Clock
) -> None:
    put(root, "old.wav")
    volume = desk.add(root)
    scans = Scans(desk.catalog, desk.volumes, desk.scanner, Watcher(desk.catalog), Ingest())
    settling = Settling(desk.scanner, 8_000)
    assert _looks(desk, scans)
    assert not _looks(desk, scans)
    (root / "new.wav").write_bytes(wav("new"))
    desk.look(volume)
    error = as_json(Passing("No answer", "It does not answer."))
    for _ in range(3):
        desk.catalog.write(lambda tx: attempts.failed(tx, "probe", volume.id, error, passing=True))
    clock.back_ns = 2 * HOUR * 1_000_000_000
    assert _looks(desk, scans), "volumes are looked at by a clock that nobody sets"
    with desk.catalog.read() as reader:
        assert attempts.blocked(reader, "probe") == set()
        assert settling.soon(reader) == 1, "within its quiet time, not in two hours"
        assert [s.id for s in scans.due(reader, 10, ())] == [volume.id]
    clock.back_ns -= 9 * 1_000_000_000
    with desk.catalog.read() as reader:
        (subject,) = settling.due(reader, 10, ())
    _do(desk, settling.run, subject)
    assert desk.state_of("new.wav") == "present"


def test_hours_that_a_wrong_clock_wrote_are_not_waited_for_after_a_start(
    desk: Desk, root: Path
) -> None:
    put(root, "old.wav")
    volume = desk.add(root)
    error = as_json(Passing("No answer", "It does not answer."))
    ahead = time.time_ns() // 1_000_000 + 86_400_000
    for recipe in ("probe", "hash"):
        desk.catalog.write(
            lambda tx, r=recipe: attempts.failed(tx, r, volume.id, error, passing=True)
        )
    desk.catalog.write(
        lambda tx: tx.run("UPDATE attempt SET not_before = ? WHERE recipe = 'probe'", ahead)
    )
    (root / "new.wav").write_bytes(wav("new"))
    desk.look(volume)
    desk.catalog.write(
        lambda tx: tx.run("UPDATE file SET settled_at = ? WHERE path = ?", ahead, b"new.wav")
    )
    scans = Scans(desk.catalog, desk.volumes, desk.scanner, Watcher(desk.catalog), Ingest())
    assert _looks(desk, scans)
    with desk.catalog.read() as reader:
        assert attempts.blocked(reader, "probe") == set()
        assert attempts.blocked(reader, "hash") == {volume.id}, "a wait that is short stands"
        assert Settling(desk.scanner, 8_000).soon(reader) == 1
