"""A bucket that will not put parts together: what it has of them, by its own list, and what a person is told in the end.

Object stores lose parts: a rule of theirs tidies up, a bucket is restored, a disk of theirs dies.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from app.core.cloud.store import ChecksumAlgorithm, PartInfo, PartsRefused

TIMES: Final = 3
"""How often a bucket may refuse to put the parts of an upload together before that upload counts as spoilt."""


class Contradiction(PartsRefused):
    """The bucket refuses parts that are whole by its own list: something about the upload itself is wrong."""


def compared(
    sent: Iterable[PartInfo], listed: Iterable[PartInfo]
) -> tuple[list[PartInfo], list[PartInfo]]:
    """(parts that the bucket has, under the ETags it lists; parts it lacks or has with other content), each by number.

    Args:
        sent: with the checksums computed here, and the ETags that were answered.
        listed: what the bucket says it has.
    """
    there = {part.number: part for part in listed}
    kept: list[PartInfo] = []
    lost: list[PartInfo] = []
    for part in sent:
        found = there.get(part.number)
        if found and _is_same(part, found):
            kept.append(replace(part, etag=found.etag or part.etag))
        else:
            lost.append(part)
    return kept, lost


def is_foreign(found: PartInfo, algorithm: ChecksumAlgorithm) -> bool:
    """Whether a part was sent with a checksum that the upload's last word cannot name; MD5 is never named."""
    theirs = found.checksum
    if theirs is None or algorithm is ChecksumAlgorithm.MD5:
        return False
    return theirs.algorithm is not algorithm


def _is_same(sent: PartInfo, found: PartInfo) -> bool:
    if sent.size != found.size:
        return False
    if sent.checksum and is_foreign(found, sent.checksum.algorithm):
        return False
    ours, theirs = sent.checksum, found.checksum
    if ours and theirs and ours.algorithm is theirs.algorithm:
        return ours.value == theirs.value
    return found.etag in ("", sent.etag)


def hopeless(claim: PartsRefused, lost: int) -> PartsRefused:
    """What is said after the last refusal. A person hears of a contradiction when an upload begun anew ends with it too.

    Args:
        claim: the refusal.
        lost: how many parts were missing from the bucket's list after it.
    """
    if lost:
        return PartsRefused(
            "The bucket loses what it is sent",
            "Parts that it took were gone when it was to put them together, again and again.",
            subject=claim.subject,
            todo="Check the bucket's lifecycle rules and its health, then retry: only what is missing is sent.",
            detail=claim.detail,
        )
    return Contradiction(
        "The bucket contradicts itself",
        "It will not put the parts of the upload together, yet lists every one of them as whole. The file was sent anew, with the same end.",
        subject=claim.subject,
        todo="Check the bucket's health, then retry.",
        detail=claim.detail,
    )
