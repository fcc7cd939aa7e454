"""Hashes by name, against what others have written of the same bytes."""

import base64
import hashlib

import pytest
import xxhash
from hypothesis import given
from hypothesis import strategies as st

from app.core.cloud import checksums
from app.core.cloud.store import ChecksumAlgorithm
from app.core.files import digests
from app.core.files.digests import NAMES, HashName
from app.core.model.errors import Bug
from app.core.platform import crc64

CHECK = b"123456789"
KNOWN: dict[HashName, str] = {
    "md5": "25f9e794323b453885f5181f1b624d0b",
    "sha1": "f7c3bc1d808e04732adf679965ccc34ca7ae3441",
    "crc64nvme": "ae8b14860a799888",
    "xxh64": "8cb841db40e6ae83",
}
"""Of CHECK, from the catalogues of such sums."""
EMPTY_C4 = (
    "c459dsjfscH38cYeXXYogktxf4Cd9ibshE3BHUo6a58hBXmRQdZrAkZzsWcbWtDg5oQstpDuni4Hirj75GEmTc1sFT"
)


@pytest.mark.parametrize("name", KNOWN)
def test_a_known_sum(name: HashName) -> None:
    assert digests.hash_of(name, CHECK) == KNOWN[name]


def test_a_c4_id_is_what_others_write() -> None:
    assert digests.hash_of("c4", b"") == EMPTY_C4
    assert digests.c4_bytes([EMPTY_C4]) == hashlib.sha512(b"").digest()


@given(st.binary(min_size=64, max_size=64))
def test_a_c4_id_has_ninety_letters_whatever_it_says(raw: bytes) -> None:
    class Given:
        def hexdigest(self) -> str:
            return raw.hex()

        def update(self, data: bytes | memoryview) -> None: ...

    text = digests._C4(Given()).text()
    assert len(text) == 90
    assert digests.c4_bytes([text, text]) == raw * 2


@pytest.mark.parametrize(
    "text", ["", "c4", "x" * 90, "c4" + "0" * 88, "c4" + "z" * 88, "c4" + "1" * 87]
)
def test_what_is_no_c4_id(text: str) -> None:
    with pytest.raises(ValueError, match=text or "^$"):
        digests.c4_bytes([text])


def test_xxh3_and_xxh128_are_what_mhl_calls_so() -> None:
    assert digests.hash_of("xxh3", CHECK) == xxhash.xxh3_64_hexdigest(CHECK)
    assert digests.hash_of("xxh128", CHECK) == xxhash.xxh3_128_hexdigest(CHECK)
    assert digests.catalog_text("00ff") == "xxh3-128:00ff"


@pytest.mark.parametrize("name", NAMES)
def test_pieces_make_the_same_sum_as_the_whole(name: HashName) -> None:
    data = bytes(range(256)) * 999
    made = digests.digest(name)
    for start in range(0, len(data), 1000):
        made.update(memoryview(data)[start : start + 1000])
    assert made.text() == digests.hash_of(name, data)


def test_the_checksum_for_a_bucket_is_the_one_the_bucket_gets() -> None:
    theirs = checksums.checksum_of(ChecksumAlgorithm.CRC64NVME, CHECK).value
    assert base64.b64encode(bytes.fromhex(digests.hash_of("crc64nvme", CHECK))).decode() == theirs


def test_without_its_package_the_checksum_for_a_bucket_cannot_be_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(digests, "crc64nvme", lambda: None)
    assert [name for name in NAMES if not digests.can(name)] == ["crc64nvme"]
    with pytest.raises(Bug, match="cannot be computed"):
        digests.digest("crc64nvme")
    assert crc64.crc64nvme() is not None
