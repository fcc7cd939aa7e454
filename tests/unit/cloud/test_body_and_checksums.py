"""Bodies that can be sent again, and checksums as S3 writes them."""

import base64
import hashlib
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.cloud.body import BytesBody
from app.core.cloud.checksums import (
    RunningChecksum,
    checksum_of,
    composite,
    composite_etag,
    md5_hex,
)
from app.core.cloud.store import Capabilities, ChecksumAlgorithm, ChecksumKind, PartInfo
from app.core.cloud.wire import Stopped
from app.core.model.errors import Bug, Cancelled

ALGORITHMS = [ChecksumAlgorithm.CRC64NVME, ChecksumAlgorithm.CRC32, ChecksumAlgorithm.MD5]


@pytest.mark.parametrize(
    ("algorithm", "value"),
    [
        # The check values of the CRC catalogue for "123456789".
        (ChecksumAlgorithm.CRC64NVME, bytes.fromhex("ae8b14860a799888")),
        (ChecksumAlgorithm.CRC32, bytes.fromhex("cbf43926")),
        (ChecksumAlgorithm.MD5, bytes.fromhex("25f9e794323b453885f5181f1b624d0b")),
    ],
)
def test_known_values(algorithm: ChecksumAlgorithm, value: bytes) -> None:
    assert checksum_of(algorithm, b"123456789").value == base64.b64encode(value).decode()


@given(st.lists(st.binary(max_size=50)), st.sampled_from(ALGORITHMS))
def test_pieces_give_the_checksum_of_the_whole(
    pieces: list[bytes], algorithm: ChecksumAlgorithm
) -> None:
    running = RunningChecksum(algorithm)
    for piece in pieces:
        running.update(piece)
    assert running.result() == checksum_of(algorithm, b"".join(pieces))


def test_composites_are_checksums_of_checksums() -> None:
    parts = [checksum_of(ChecksumAlgorithm.CRC32, data) for data in (b"one", b"two")]
    digests = zlib.crc32(b"one").to_bytes(4, "big") + zlib.crc32(b"two").to_bytes(4, "big")
    found = composite(ChecksumAlgorithm.CRC32, parts)
    assert found.kind is ChecksumKind.COMPOSITE
    assert found.value == base64.b64encode(zlib.crc32(digests).to_bytes(4, "big")).decode() + "-2"


def test_an_etag_of_parts_is_an_md5_of_md5s() -> None:
    parts = [PartInfo(1, 3, md5_hex(b"one")), PartInfo(2, 3, md5_hex(b"two"))]
    digests = hashlib.md5(b"one").digest() + hashlib.md5(b"two").digest()
    assert composite_etag(parts) == hashlib.md5(digests).hexdigest() + "-2"
    assert composite_etag([PartInfo(1, 3, "opaque")]) == ""


def test_a_checksum_nobody_computes_is_our_bug() -> None:
    with pytest.raises(Bug):
        RunningChecksum(ChecksumAlgorithm.SHA256)


def test_a_store_that_can_everything_has_nothing_to_confess() -> None:
    strong = Capabilities(ChecksumAlgorithm.CRC64NVME, True, True, True)
    assert strong.weaker == ()
    assert len(Capabilities(ChecksumAlgorithm.MD5, False, False, False).weaker) == 2


@given(st.binary(max_size=200), st.lists(st.tuples(st.integers(0, 220), st.integers(1, 70))))
def test_a_body_reads_like_a_file_and_its_meter_adds_up(
    data: bytes, moves: list[tuple[int, int]]
) -> None:
    told: list[int] = []
    body = BytesBody(data, told.append)
    assert len(body) == len(data)
    for target, amount in moves:
        at = body.seek(target)
        assert at == min(target, len(data))
        assert body.read(amount) == data[at : at + amount]
        assert body.tell() == min(at + amount, len(data))
    assert body.seek(0, 2) == len(data)
    body.seek(0)
    assert body.read() == data
    assert sum(told) == len(data)
    assert all(0 <= sum(told[:count]) <= len(data) for count in range(len(told)))


def test_measuring_a_body_costs_no_bandwidth() -> None:
    told: list[int] = []
    body = BytesBody(b"12345678", told.append)
    body.seek(0, 2)
    body.seek(0)
    body.read(5)
    body.seek(0)
    body.read(5)
    assert told == [5, -5, 5]


def test_a_cancel_in_the_meter_gets_past_every_library() -> None:
    def meter(amount: int) -> None:
        raise Cancelled(f"{amount} more were wanted")

    with pytest.raises(Stopped):
        BytesBody(b"1", meter).read()
