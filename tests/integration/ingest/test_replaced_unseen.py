"""Another file under the name, size and time of one that is known: the scan finds it, and words stay with the bytes they were said of."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from app.core.catalog import volumes as catalog_volumes
from app.core.checking import Checker
from app.core.ingest import comparing
from app.core.model.entities import Volume
from app.core.platform.preferences import Derivatives
from app.core.post.store import ProxyStore
from tests.support import volumes
from tests.support.volumes import Desk, put, wav


def _copied_over(path: Path, words: bytes) -> None:
    """`cp` and `touch -r`: the same inode."""
    info = path.stat()
    with path.open("r+b") as stream:
        stream.write(words)
    os.utime(path, ns=(info.st_atime_ns, info.st_mtime_ns))


def _moved_over(path: Path, words: bytes) -> None:
    """A new file is put in the place of the other, as `rsync --times` does."""
    info = path.stat()
    fresh = path.with_suffix(".part")
    fresh.write_bytes(words)
    os.utime(fresh, ns=(info.st_atime_ns, info.st_mtime_ns))
    fresh.replace(path)


HOW = pytest.mark.parametrize("replaced", [_copied_over, _moved_over])


@pytest.fixture
def volume(desk: Desk, root: Path) -> Volume:
    """A volume that was read whole, and looked at long before anything happens to it."""
    for n, name in enumerate(("A/take", "A/other", "B/still")):
        put(root, f"{name}.wav", at=n)
    found = desk.add(root)
    desk.look(found, hashes=True)
    desk.catalog.write(lambda tx: catalog_volumes.scanned(tx, found.id, 1_650_000_000_000))
    return desk.volumes.get(found.id)


@HOW
@pytest.mark.parametrize("how", ["scan", "hint"])
def test_another_file_of_the_same_size_and_time_is_another_clip(
    desk: Desk,
    root: Path,
    volume: Volume,
    replaced: Callable[[Path, bytes], None],
    how: str,
) -> None:
    note, old = desk.say("A/take.wav"), desk.clip_at("A/take.wav")
    rest = {path: desk.clip_at(path) for path in ("A/other.wav", "B/still.wav")}
    before = (root / "A/take.wav").stat()
    replaced(root / "A/take.wav", wav("another take"))
    now = (root / "A/take.wav").stat()
    assert (now.st_size, now.st_mtime_ns) == (before.st_size, before.st_mtime_ns)
    report = desk.look(volume) if how == "scan" else desk.hint(volume, "A")
    if report.unclear:
        assert replaced is _moved_over, "where that file was before, a look at everything tells"
        report = desk.look(volume)
    assert (report.changed, report.new, report.missing) == (1, 0, 0)
    assert desk.noted_at(note) == old != desk.clip_at("A/take.wav")
    assert desk.clips()[old].state == "missing"
    desk.look(volume, hashes=True)
    assert desk.noted_at(note) == old != desk.clip_at("A/take.wav")
    assert {path: desk.clip_at(path) for path in rest} == rest
    assert desk.look(volume).changed == 0


@HOW
def test_bytes_that_no_sample_shows_are_found_by_the_read_check(
    desk: Desk, root: Path, tmp_path: Path, replaced: Callable[[Path, bytes], None]
) -> None:
    whole = wav("long", 500)
    (root / "long.wav").write_bytes(whole)
    volumes.age(root / "long.wav")
    desk.look(desk.add(root), hashes=True)
    at = 100_000
    replaced(root / "long.wav", whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
    store = ProxyStore(desk.catalog, tmp_path / "home", Derivatives())
    checker = Checker(desk.catalog, store)
    assert checker.check().problems == ()
    assert checker.check(read=True).problems == (
        ("a file's bytes differ from those catalogued", "long.wav"),
    )


def test_files_that_were_only_touched_stay_what_they_are(
    desk: Desk, root: Path, volume: Volume, tmp_path: Path
) -> None:
    before = desk.places()
    for path in root.rglob("*.wav"):
        path.chmod(0o600)
    report = desk.look(volume)
    assert (report.changed, report.new, report.missing) == (0, 0, 0)
    shutil.copytree(root, tmp_path / "copy")
    shutil.rmtree(root)
    (tmp_path / "copy").rename(root)
    for path in root.rglob("*.wav"):
        assert path.stat().st_mtime_ns % 1_000_000_000 == 0
    report = desk.look(volume)
    assert (report.changed, report.new, report.missing) == (0, 0, 0)
    assert desk.places() == before
    assert desk.hash_all() == 0, "nothing is read whole again"
    with desk.catalog.read() as reader:
        inodes = set(reader.column("SELECT inode FROM file"))
    assert inodes == {path.stat().st_ino for path in root.rglob("*.wav")}


def test_where_all_were_touched_none_is_looked_into(
    desk: Desk, root: Path, volume: Volume, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comparing, "_DOUBTS", 2)
    opened: list[str] = []
    real = comparing.opening.open_regular
    monkeypatch.setattr(
        comparing.opening, "open_regular", lambda at, rel: opened.append(rel) or real(at, rel)
    )
    for path in root.rglob("*.wav"):
        path.chmod(0o600)
    assert desk.scanner.scan(volume.id).changed == 0
    assert opened == []
