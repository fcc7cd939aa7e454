"""A bucket that will not put parts together: what it has of them, by its own list, and what a person is told in the end.

Object stores lose parts: a rule of theirs tidies up, a bucket is restored, a disk of theirs dies.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from app.core.cloud.store import PartInfo, PartsRefused

TIMES: Final = 3
"""How often in one run a bucket may refuse to put the parts together before a person hears of it."""


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


def _is_same(sent: PartInfo, found: PartInfo) -> bool:
    if sent.size != found.size:
        return False
    ours, theirs = sent.checksum, found.checksum
    if ours and theirs and ours.algorithm is theirs.algorithm:
        return ours.value == theirs.value
    return found.etag in ("", sent.etag)


def hopeless(claim: PartsRefused, lost: int) -> PartsRefused:
    """What a person is told after the last refusal. The parts stay in the bucket.

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
    return PartsRefused(
        "The bucket contradicts itself",
        "It will not put the parts of the upload together, yet lists every one of them as whole.",
        subject=claim.subject,
        todo="Retry later: nothing is sent twice. If it stays so, give the open upload up in the bucket; a retry then sends the file anew.",
        detail=claim.detail,
    )
