"""What every object store promises, whoever keeps it."""

import pytest

from app.core.cloud.body import BytesBody
from app.core.cloud.checksums import checksum_of, composite
from app.core.cloud.store import (
    Absent,
    Checksum,
    ChecksumAlgorithm,
    ChecksumKind,
    Conflict,
    DamagedOnTheWay,
    NoSuchUpload,
    ObjectStore,
    PartInfo,
)
from app.core.model.errors import Refused

pytestmark = pytest.mark.s3
CRC = ChecksumAlgorithm.CRC64NVME
DATA = bytes(range(256)) * 40


def crc(data: bytes) -> Checksum:
    return checksum_of(CRC, data)


def put(store: ObjectStore, key: str, data: bytes = DATA, **options: object) -> None:
    arguments: dict = {"checksum": crc(data), "metadata": {}, "if_none_match": True, **options}
    store.put(key, BytesBody(data), **arguments)


def send_parts(store: ObjectStore, key: str, upload_id: str, *pieces: bytes) -> list[PartInfo]:
    return [
        store.put_part(key, upload_id, number, BytesBody(piece), checksum=crc(piece))
        for number, piece in enumerate(pieces, 1)
    ]


def begin(store: ObjectStore, key: str, **metadata: str) -> str:
    return store.create_multipart(key, metadata=metadata, checksum_algorithm=CRC)


def test_all_of_them_keep_checksums_and_refuse_to_overwrite(store: ObjectStore) -> None:
    found = store.capabilities()
    assert found.checksum is CRC
    assert found.conditional_writes
    assert found.md5_etags
    assert found.weaker == ()


def test_an_object_comes_back_with_what_was_said_of_it(store: ObjectStore) -> None:
    put(store, "day 1/A001 ä.mov", metadata={"rushes-hash": "xxh3-128:00", "rushes-clip": "1"})
    info = store.head("day 1/A001 ä.mov")
    assert info is not None
    assert info.size == len(DATA)
    assert info.metadata == {"rushes-hash": "xxh3-128:00", "rushes-clip": "1"}
    assert info.checksum == crc(DATA)
    assert store.get("day 1/A001 ä.mov", 0, len(DATA)) == DATA
    assert store.get("day 1/A001 ä.mov", 256, 10) == DATA[256:266]


def test_an_empty_object_is_one(store: ObjectStore) -> None:
    put(store, "empty", b"")
    info = store.head("empty")
    assert info is not None
    assert info.size == 0
    assert store.get("empty", 0, 0) == b""


def test_nothing_is_at_a_key_where_nothing_was_put(store: ObjectStore) -> None:
    assert store.head("nothing") is None
    with pytest.raises(Absent):
        store.get("nothing", 0, 1)


def test_a_taken_key_is_a_conflict_and_keeps_its_content(store: ObjectStore) -> None:
    put(store, "a/b")
    with pytest.raises(Conflict):
        put(store, "a/b", b"other")
    assert store.get("a/b", 0, 4) == DATA[:4]
    info = store.head("a/b")
    assert info is not None
    assert info.checksum == crc(DATA)


def test_damaged_bytes_are_not_stored(store: ObjectStore) -> None:
    with pytest.raises(DamagedOnTheWay):
        put(store, "damaged", checksum=crc(b"something else"))
    assert store.head("damaged") is None


@pytest.mark.parametrize("key", ["", "/a", "a//b", "a/../b", "a/.", "a\nb", "x" * 1025])
def test_keys_that_mean_something_else_somewhere_are_refused(store: ObjectStore, key: str) -> None:
    with pytest.raises(Refused):
        put(store, key)


@pytest.mark.parametrize(
    "metadata", [{"Upper": "x"}, {"name": "ä"}, {"a": "b\nc"}, {"a": "x" * 2048}, {"a b": "c"}]
)
def test_metadata_that_some_store_would_change_is_refused(
    store: ObjectStore, metadata: dict[str, str]
) -> None:
    with pytest.raises(Refused):
        put(store, "meta", metadata=metadata)
    assert store.head("meta") is None


def test_parts_become_one_object(store: ObjectStore) -> None:
    upload_id = begin(store, "whole", **{"rushes-hash": "h"})
    parts = send_parts(store, "whole", upload_id, DATA, b"tail")
    assert store.head("whole") is None
    assert [(p.number, p.size) for p in store.list_parts("whole", upload_id)] == [
        (1, len(DATA)),
        (2, 4),
    ]
    assert [p.checksum for p in store.list_parts("whole", upload_id)] == [crc(DATA), crc(b"tail")]
    etag = store.complete(
        "whole", upload_id, parts, if_none_match=True, full_checksum=crc(DATA + b"tail")
    )
    info = store.head("whole")
    assert info is not None
    assert (info.size, info.etag) == (len(DATA) + 4, etag)
    assert info.metadata == {"rushes-hash": "h"}
    assert info.checksum is not None
    if info.checksum.kind is ChecksumKind.FULL_OBJECT:
        assert info.checksum == crc(DATA + b"tail")
    else:
        assert info.checksum == composite(CRC, [crc(DATA), crc(b"tail")])
    assert store.get("whole", len(DATA) - 2, 6) == DATA[-2:] + b"tail"
    assert list(store.list_multipart("")) == []


def test_a_part_sent_again_replaces_itself(store: ObjectStore) -> None:
    upload_id = begin(store, "twice")
    send_parts(store, "twice", upload_id, b"old")
    parts = send_parts(store, "twice", upload_id, b"new")
    assert [p.checksum for p in store.list_parts("twice", upload_id)] == [crc(b"new")]
    store.complete("twice", upload_id, parts, if_none_match=True, full_checksum=crc(b"new"))
    assert store.get("twice", 0, 3) == b"new"


def test_a_damaged_part_is_not_stored(store: ObjectStore) -> None:
    upload_id = begin(store, "part")
    with pytest.raises(DamagedOnTheWay):
        store.put_part("part", upload_id, 1, BytesBody(b"abc"), checksum=crc(b"abd"))
    assert store.list_parts("part", upload_id) == []


def test_open_uploads_are_listed_and_can_be_given_up(store: ObjectStore) -> None:
    first, second = begin(store, "a/one"), begin(store, "b/two")
    assert {(u.key, u.upload_id) for u in store.list_multipart("")} == {
        ("a/one", first),
        ("b/two", second),
    }
    assert [u.key for u in store.list_multipart("a/")] == ["a/one"]
    store.abort("a/one", first)
    store.abort("a/one", first)
    assert [u.key for u in store.list_multipart("")] == ["b/two"]


def test_what_is_not_open_is_said_to_be(store: ObjectStore) -> None:
    upload_id = begin(store, "gone")
    store.abort("gone", upload_id)
    with pytest.raises(NoSuchUpload):
        store.list_parts("gone", upload_id)
    with pytest.raises(NoSuchUpload):
        send_parts(store, "gone", upload_id, b"x")
    with pytest.raises(NoSuchUpload):
        store.complete("gone", upload_id, [], if_none_match=True, full_checksum=None)


def test_completing_over_an_object_is_a_conflict_and_keeps_the_upload(store: ObjectStore) -> None:
    upload_id = begin(store, "taken")
    parts = send_parts(store, "taken", upload_id, b"mine")
    put(store, "taken", b"yours")
    with pytest.raises(Conflict):
        store.complete("taken", upload_id, parts, if_none_match=True, full_checksum=crc(b"mine"))
    assert store.get("taken", 0, 5) == b"yours"
    assert [u.upload_id for u in store.list_multipart("taken")] == [upload_id]


def test_a_listing_is_in_the_order_of_keys_and_knows_prefixes(store: ObjectStore) -> None:
    for key in ("b/2", "a/10", "a/1", "c"):
        put(store, key, key.encode())
    listed = [(line.key, line.size) for line in store.list("") if not line.key.startswith(".")]
    assert listed == [("a/1", 3), ("a/10", 4), ("b/2", 3), ("c", 1)]
    assert [line.key for line in store.list("a/")] == ["a/1", "a/10"]


def test_there_is_no_way_to_delete(store: ObjectStore) -> None:
    assert not [name for name in dir(store) if "delete" in name or "remove" in name]
