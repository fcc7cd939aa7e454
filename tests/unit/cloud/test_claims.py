"""What a bucket has of the parts that were sent, by its own list."""

import dataclasses

import pytest

from app.core.cloud.checksums import checksum_of, md5_hex
from app.core.cloud.claims import compared
from app.core.cloud.store import ChecksumAlgorithm, PartInfo


def part(number: int, data: bytes, algorithm: ChecksumAlgorithm) -> PartInfo:
    return PartInfo(number, len(data), md5_hex(data), checksum_of(algorithm, data))


SENT = [part(number, bytes([number]) * 9, ChecksumAlgorithm.CRC32) for number in (1, 2, 3)]
PLAIN = [part(number, bytes([number]) * 9, ChecksumAlgorithm.MD5) for number in (1, 2, 3)]
"""As to a store that keeps no checksums."""


def as_listed(parts: list[PartInfo], **other: object) -> list[PartInfo]:
    """The second one differs."""
    changed = dataclasses.replace(parts[1], **other)
    return [parts[2], changed, parts[0]]


@pytest.mark.parametrize("sent", [SENT, PLAIN])
def test_what_is_listed_as_it_was_sent_is_there(sent: list[PartInfo]) -> None:
    assert compared(sent, reversed(sent)) == (sent, [])
    assert compared(sent, [sent[0], sent[2]]) == ([sent[0], sent[2]], [sent[1]])
    assert compared(sent, []) == ([], sent)


@pytest.mark.parametrize("sent", [SENT, PLAIN])
@pytest.mark.parametrize("other", [{"size": 8}, {"etag": "of others", "checksum": None}])
def test_another_size_or_content_is_another_part(
    sent: list[PartInfo], other: dict[str, object]
) -> None:
    assert compared(sent, as_listed(sent, **other)) == ([sent[0], sent[2]], [sent[1]])


def test_a_checksum_outdoes_an_etag_and_the_etag_listed_is_the_one_to_name() -> None:
    """Buckets that were restored or keep their parts encrypted anew have other ETags."""
    kept, lost = compared(SENT, as_listed(SENT, etag="new"))
    assert [one.etag for one in kept] == [SENT[0].etag, "new", SENT[2].etag]
    assert lost == []
    wrong = as_listed(SENT, checksum=SENT[0].checksum)
    assert compared(SENT, wrong)[1] == [SENT[1]]


def test_a_list_without_etags_takes_none_away() -> None:
    assert compared(PLAIN, as_listed(PLAIN, etag="", checksum=None)) == (PLAIN, [])
