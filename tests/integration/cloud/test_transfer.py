"""Uploads to every kind of store: whole, in parts, resumed, called off, void."""

import dataclasses
import io
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from app.core.cloud import transfer
from app.core.cloud.body import BytesBody
from app.core.cloud.checksums import checksum_of
from app.core.cloud.memory import STRONG, MemoryStore
from app.core.cloud.sending import Control, Receipt
from app.core.cloud.source import Source, SourceChanged
from app.core.cloud.store import (
    HASH_FIELD,
    ChecksumAlgorithm,
    Conflict,
    NoSuchUpload,
    ObjectStore,
    OpenMultipart,
)
from app.core.cloud.verifying import Evidence
from app.core.model.errors import Cancelled, Damage, Missing, Refused
from tests.support.upload_faults import MoodyStore
from tests.support.uploading import (
    MIB,
    ListJournal,
    content,
    content_hash,
    eager,
    in_threads,
    plain_file,
    wanted,
    written,
)

pytestmark = pytest.mark.s3
BIG = content(2 * MIB + 500_000)
SMALL = content(1000, seed=2)


class CountedFile(io.FileIO):
    """A file that counts the bytes that were read."""

    total = 0

    def readinto(self, buffer, /) -> int | None:
        got = super().readinto(buffer)
        CountedFile.total += got or 0
        return got


def counted(path: Path) -> Source:
    CountedFile.total = 0
    return Source(path.name, lambda: CountedFile(path, "rb"), path.lstat)  # type: ignore[arg-type]  a raw file is one


def stored(store: ObjectStore, key: str = "day/clip.mov") -> bytes:
    info = store.head(key)
    assert info is not None
    return store.get(key, 0, info.size)


def send(store: ObjectStore, path: Path, data: bytes, **options) -> Receipt:
    options.setdefault("control", Control(backoff=eager()))
    journal = options.pop("journal", ListJournal())
    return transfer.upload(store, plain_file(path), wanted(data), journal, **options)


@pytest.mark.parametrize("data", [b"", SMALL, BIG], ids=["empty", "small", "big"])
def test_a_file_arrives_whole_and_is_seen_to(
    store: ObjectStore, tmp_path: Path, data: bytes
) -> None:
    journal = ListJournal()
    receipt = send(store, written(tmp_path / "clip.mov", data), data, journal=journal)
    assert stored(store) == data
    assert receipt.evidence is Evidence.CHECKSUM
    assert receipt.exclusive
    assert (receipt.size, receipt.sent_bytes) == (len(data), len(data))
    assert receipt.content_hash == content_hash(data)
    info = store.head("day/clip.mov")
    assert info is not None
    assert info.metadata[HASH_FIELD] == content_hash(data)
    assert [part.number for part in journal.parts] == ([1, 2, 3] if data is BIG else [])
    assert list(store.list_multipart("")) == []


def test_several_workers_send_the_same_object(store: ObjectStore, tmp_path: Path) -> None:
    path = written(tmp_path / "clip.mov", BIG)
    receipt = send(store, path, BIG, map_parts=in_threads(3))
    assert stored(store) == BIG
    assert receipt.sent_bytes == len(BIG)


def test_a_second_time_nothing_is_sent(store: ObjectStore, tmp_path: Path) -> None:
    path = written(tmp_path / "clip.mov", BIG)
    send(store, path, BIG)
    again = send(store, path, BIG)
    assert again.sent_bytes == 0
    assert again.evidence is Evidence.CHECKSUM


def test_every_byte_is_read_once(tmp_path: Path) -> None:
    path = written(tmp_path / "clip.mov", BIG)
    source = counted(path)
    transfer.upload(MemoryStore(), source, wanted(BIG), ListJournal())
    assert CountedFile.total == len(BIG)


def test_something_else_at_the_key_is_a_conflict_and_stays(
    store: ObjectStore, tmp_path: Path
) -> None:
    path = written(tmp_path / "other.mov", SMALL)
    send(store, path, SMALL)
    with pytest.raises(Conflict):
        send(store, written(tmp_path / "clip.mov", BIG), BIG)
    assert stored(store) == SMALL
    assert list(store.list_multipart("")) == []


def test_an_object_that_came_meanwhile_is_a_conflict_and_leaves_no_upload(
    store: ObjectStore, tmp_path: Path
) -> None:
    class Meanwhile(ListJournal):
        def on_part(self, part) -> None:
            if part.number == 2:
                store.put(
                    "day/clip.mov",
                    BytesBody(SMALL),
                    checksum=checksum_of(ChecksumAlgorithm.CRC64NVME, SMALL),
                    metadata={HASH_FIELD: content_hash(SMALL)},
                    if_none_match=True,
                )

    with pytest.raises(Conflict):
        send(store, written(tmp_path / "clip.mov", BIG), BIG, journal=Meanwhile())
    assert stored(store) == SMALL
    assert list(store.list_multipart("")) == []


class StopAt(ListJournal):
    """Ends the program's patience after some parts."""

    def __init__(self, part: int) -> None:
        super().__init__()
        self.last = part

    def cancelled(self) -> bool:
        return len(self.parts) >= self.last


def test_a_stopped_upload_goes_on_where_it_was(store: ObjectStore, tmp_path: Path) -> None:
    path = written(tmp_path / "clip.mov", BIG)
    journal = StopAt(2)
    with pytest.raises(Cancelled):
        send(store, path, BIG, journal=journal, control=Control(cancelled=journal.cancelled))
    assert [u.upload_id for u in store.list_multipart("")] == journal.upload_ids
    done: list[int] = []
    receipt = send(
        store,
        path,
        BIG,
        resume_id=journal.upload_ids[0],
        control=Control(tell=lambda now, _: done.append(now), backoff=eager()),
    )
    assert receipt.sent_bytes == len(BIG) - 2 * MIB
    assert done[-1] == len(BIG)
    assert stored(store) == BIG
    assert list(store.list_multipart("")) == []


def test_resuming_keeps_the_part_size_it_began_with(tmp_path: Path) -> None:
    path, store, journal = written(tmp_path / "clip.mov", BIG), MemoryStore(), StopAt(1)
    with pytest.raises(Cancelled):
        send(store, path, BIG, journal=journal, control=Control(cancelled=journal.cancelled))
    larger = dataclasses.replace(wanted(BIG), part_size=2 * MIB)
    resumed = transfer.upload(
        store, plain_file(path), larger, ListJournal(), resume_id=journal.upload_ids[0]
    )
    assert resumed.sent_bytes == len(BIG) - MIB
    assert stored(store) == BIG


def test_a_part_that_does_not_fit_is_sent_again(store: ObjectStore, tmp_path: Path) -> None:
    path, journal = written(tmp_path / "clip.mov", BIG), StopAt(2)
    with pytest.raises(Cancelled):
        send(store, path, BIG, journal=journal, control=Control(cancelled=journal.cancelled))
    upload_id = journal.upload_ids[0]
    wrong = content(MIB, seed=9)
    checksum = checksum_of(ChecksumAlgorithm.CRC64NVME, wrong)
    store.put_part("day/clip.mov", upload_id, 1, BytesBody(wrong), checksum=checksum)
    receipt = send(store, path, BIG, resume_id=upload_id)
    assert receipt.sent_bytes == len(BIG) - MIB
    assert stored(store) == BIG


def test_an_upload_that_is_gone_is_begun_again(store: ObjectStore, tmp_path: Path) -> None:
    path, journal = written(tmp_path / "clip.mov", BIG), StopAt(1)
    with pytest.raises(Cancelled):
        send(store, path, BIG, journal=journal, control=Control(cancelled=journal.cancelled))
    store.abort("day/clip.mov", journal.upload_ids[0])
    later = ListJournal()
    send(store, path, BIG, resume_id=journal.upload_ids[0], journal=later)
    assert later.upload_ids != journal.upload_ids
    assert stored(store) == BIG


def test_an_upload_that_was_completed_before_is_recognised(
    store: ObjectStore, tmp_path: Path
) -> None:
    path, journal = written(tmp_path / "clip.mov", BIG), ListJournal()
    send(store, path, BIG, journal=journal)
    assert send(store, path, BIG, resume_id=journal.upload_ids[0]).sent_bytes == 0


def test_a_store_that_calls_a_completed_upload_gone_is_looked_at(tmp_path: Path) -> None:
    """What Amazon answers to a second Complete: the first one's answer was lost. The file is not read again for it."""
    store = MoodyStore(MemoryStore(), {})
    store.moods.extend([*["as it should"] * 5, "lost"])
    source = counted(written(tmp_path / "clip.mov", BIG))
    control = Control(backoff=eager())
    receipt = transfer.upload(store, source, wanted(BIG), ListJournal(), control=control)
    assert receipt.sent_bytes == CountedFile.total == len(BIG)
    assert stored(store) == BIG
    assert list(store.list_multipart("")) == []


def overwrite(path: Path) -> None:
    with path.open("r+b") as stream:
        stream.write(b"another picture")


def same_times(path: Path) -> None:
    before = path.stat()
    with path.open("r+b") as stream:
        stream.seek(2 * MIB)
        stream.write(b"another picture")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def replace(path: Path) -> None:
    written(path.with_suffix(".new"), BIG).replace(path)


def grow(path: Path) -> None:
    with path.open("ab") as stream:
        stream.write(b"more")


def cut(path: Path) -> None:
    os.truncate(path, MIB + 5)


@pytest.mark.parametrize("change", [overwrite, same_times, replace, grow, cut])
def test_a_file_that_changes_voids_the_upload(
    store: ObjectStore, tmp_path: Path, change: Callable[[Path], None]
) -> None:
    path = written(tmp_path / "clip.mov", BIG)

    class Changing(ListJournal):
        def on_part(self, part) -> None:
            if part.number == 1:
                change(path)

    with pytest.raises(SourceChanged):
        send(store, path, BIG, journal=Changing())
    assert store.head("day/clip.mov") is None
    assert list(store.list_multipart("")) == []


def test_a_file_that_is_not_the_approved_content_is_not_sent(tmp_path: Path) -> None:
    store = MemoryStore()
    path = written(tmp_path / "clip.mov", SMALL)
    with pytest.raises(SourceChanged):
        transfer.upload(store, plain_file(path), wanted(b"approved"), ListJournal())
    assert list(store.list("")) == []


def test_only_regular_files_are_sent(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mov")
    (tmp_path / "link.mov").symlink_to(written(tmp_path / "clip.mov", SMALL))
    for name in ("pipe.mov", "link.mov"):
        with pytest.raises(Refused):
            send(MemoryStore(), tmp_path / name, SMALL)
    with pytest.raises(Missing):
        send(MemoryStore(), tmp_path / "gone.mov", SMALL)


def test_orphans_are_swept_and_others_left(store: ObjectStore) -> None:
    algorithm = ChecksumAlgorithm.CRC64NVME
    known = store.create_multipart("a/known", metadata={}, checksum_algorithm=algorithm)
    orphan = store.create_multipart("a/orphan", metadata={}, checksum_algorithm=algorithm)
    store.create_multipart("b/other", metadata={}, checksum_algorithm=algorithm)

    def orphaned(found: OpenMultipart) -> bool:
        return found.key.startswith("a/") and found.upload_id != known

    assert transfer.sweep(store, orphaned, began_before_ms=0) == []
    assert transfer.sweep(store, orphaned, 1 << 50) == ["a/orphan"]
    with pytest.raises(NoSuchUpload):
        store.list_parts("a/orphan", orphan)
    assert {u.key for u in store.list_multipart("")} == {"a/known", "b/other"}


WEAK = dataclasses.replace(STRONG, checksum=ChecksumAlgorithm.MD5, full_object=False)


@pytest.mark.parametrize("data", [SMALL, BIG], ids=["small", "big"])
@pytest.mark.parametrize(
    ("can", "evidence"),
    [
        (dataclasses.replace(STRONG, full_object=False), Evidence.CHECKSUM),
        (dataclasses.replace(STRONG, checksum=ChecksumAlgorithm.CRC32), Evidence.CHECKSUM),
        (WEAK, Evidence.ETAG),
    ],
)
def test_a_weaker_store_gets_the_evidence_it_can_give(
    tmp_path: Path, can, evidence: Evidence, data: bytes
) -> None:
    store = MemoryStore(can)
    receipt = send(store, written(tmp_path / "clip.mov", data), data)
    assert receipt.evidence is evidence
    assert stored(store) == data


class Opaque(MemoryStore):
    """A store whose ETags say nothing, and that damages what it keeps when told to."""

    damage = False

    def head(self, key: str):
        info = super().head(key)
        return info and dataclasses.replace(info, etag="opaque")

    def get(self, key: str, offset: int, length: int) -> bytes:
        data = super().get(key, offset, length)
        return b"?" + data[1:] if self.damage else data


def test_where_nothing_else_tells_it_is_read_back(tmp_path: Path) -> None:
    opaque = Opaque(dataclasses.replace(WEAK, md5_etags=False))
    assert send(opaque, written(tmp_path / "a", BIG), BIG).evidence is Evidence.READ_BACK
    opaque = Opaque(dataclasses.replace(WEAK, md5_etags=False))
    opaque.damage = True
    with pytest.raises(Damage):
        send(opaque, tmp_path / "a", BIG)
    with pytest.raises(Damage):
        send(opaque, tmp_path / "a", BIG)


def test_a_store_that_overwrites_is_looked_at_first(tmp_path: Path) -> None:
    store = MemoryStore(dataclasses.replace(STRONG, conditional_writes=False))
    receipt = send(store, written(tmp_path / "a", SMALL), SMALL)
    assert not receipt.exclusive
    with pytest.raises(Conflict):
        send(store, written(tmp_path / "b", BIG), BIG)
    assert stored(store) == SMALL
