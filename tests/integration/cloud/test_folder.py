"""A folder as the bucket: what a disk adds to the conformance suite."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from app.core.cloud import transfer
from app.core.cloud.body import BytesBody
from app.core.cloud.folder import FolderStore
from app.core.cloud.store import Absent, ChecksumAlgorithm, Conflict
from app.core.model.errors import Damage, Missing, Refused
from app.core.platform import durable
from tests.support.uploading import ListJournal, content, plain_file, wanted, written

DATA = content(5000)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "bucket").mkdir()
    return tmp_path / "bucket"


@pytest.fixture
def store(root: Path) -> FolderStore:
    return FolderStore(root)


def put(store: FolderStore, key: str, data: bytes = DATA) -> None:
    store.put(key, BytesBody(data), checksum=None, metadata={}, if_none_match=True)


def test_objects_are_files_that_anyone_can_open(store: FolderStore, root: Path) -> None:
    put(store, "day 1/A001.mov")
    assert (root / "day 1" / "A001.mov").read_bytes() == DATA
    assert sorted(p.name for p in root.iterdir()) == [".rushes", "day 1"]
    assert list((root / ".rushes" / "incoming").iterdir()) == []


def test_what_killed_processes_left_goes_and_what_others_write_stays(root: Path) -> None:
    incoming = root / ".rushes" / "incoming"
    incoming.mkdir(parents=True)
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        pass
    mine = durable.temporary_name()
    ours, desk, pid, number = mine.split("-")
    left, foreign = f"{ours}-{desk}-{ended.pid:x}-{number}", f"{ours}-00000000-{pid}-{number}"
    for name in (left, foreign, mine, "notes of a person.part"):
        (incoming / name).write_bytes(DATA)
    store = FolderStore(root)
    put(store, "A001.mov")
    assert {p.name for p in incoming.iterdir()} == {foreign, mine, "notes of a person.part"}


def test_a_disk_that_is_not_there_is_not_an_empty_bucket(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "unmounted")
    for ask in (store.capabilities, lambda: store.head("a"), lambda: list(store.list(""))):
        with pytest.raises(Absent):
            ask()
    with pytest.raises(Missing):
        put(store, "a")
    assert not (tmp_path / "unmounted").exists()


def test_a_damaged_file_is_seen_although_it_was_stored_well(
    store: FolderStore, root: Path, tmp_path: Path
) -> None:
    path = written(tmp_path / "clip.mov", DATA)
    transfer.upload(store, plain_file(path), wanted(DATA, "clip.mov"), ListJournal())
    with (root / "clip.mov").open("r+b") as stream:
        stream.write(b"rot")
    with pytest.raises(Damage):
        transfer.upload(store, plain_file(path), wanted(DATA, "clip.mov"), ListJournal())


def test_what_belongs_to_rushes_is_no_key(store: FolderStore) -> None:
    for key in (".rushes/info/x", ".rushes"):
        with pytest.raises(Refused):
            put(store, key)


def test_a_key_cannot_leave_through_a_link(store: FolderStore, root: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (root / "day").symlink_to(outside)
    with pytest.raises(Refused):
        put(store, "day/clip.mov")
    written(outside / "secret", b"secret")
    (root / "link").symlink_to(outside / "secret")
    assert store.head("link") is None
    with pytest.raises(Refused):
        store.get("link", 0, 1)
    assert sorted(outside.iterdir()) == [outside / "secret"]


def test_a_key_that_is_a_folder_of_another_is_refused(store: FolderStore) -> None:
    put(store, "a")
    with pytest.raises((Refused, Conflict)):
        put(store, "a/b")
    put(store, "c/d")
    with pytest.raises(Refused):
        put(store, "c")


def test_a_name_too_long_for_the_disk_is_refused(store: FolderStore) -> None:
    with pytest.raises(Refused):
        put(store, "x" * 300)


def test_a_crash_before_the_object_shows_leaves_the_key_free(
    store: FolderStore, root: Path
) -> None:
    put(store, "clip.mov", b"first")
    (root / "clip.mov").unlink()
    assert store.head("clip.mov") is None
    put(store, "clip.mov")
    info = store.head("clip.mov")
    assert info is not None
    assert info.size == len(DATA)


def test_an_upload_id_is_never_a_path(store: FolderStore, root: Path, tmp_path: Path) -> None:
    stray = tmp_path / "stray"
    stray.mkdir()
    (stray / "upload.json").write_text(json.dumps({"key": "k", "initiated_ms": 0}))
    store.create_multipart("k", metadata={}, checksum_algorithm=ChecksumAlgorithm.CRC32)
    store.abort("k", f"../../../{stray.name}")
    assert (stray / "upload.json").exists()
    assert root.exists()
