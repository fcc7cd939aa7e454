"""Identifiers: UUIDv7 text everywhere, so that ids sort by birth and can be made at any desk."""

import os
import time
from typing import NewType

ClipId = NewType("ClipId", str)

ClipRow = NewType("ClipRow", int)
"""A clip's row number in this catalog: a short handle for grids and indexes, never written outside."""


def may_be_part(words: str) -> bool:
    """Whether words may be the start or end of an id: four letters of it or more."""
    return len(words) >= 4 and all(letter in "0123456789abcdef-" for letter in words)


def new_id() -> str:
    """A fresh UUIDv7 as text (RFC 9562 §5.7): 48 bits of milliseconds, then random bits."""
    return new_ids(1)[0]


def new_ids(count: int) -> list[str]:
    """Fresh ids of one moment, each greater than the one before: the last 48 bits count on from a random number."""
    stamp = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10), "big")
    head = (
        (stamp << 80)
        | (0x7 << 76)
        | ((random >> 66) & 0xFFF) << 64
        | (0b10 << 62)
        | (random & (1 << 62) - 1)
    )
    digits = f"{head >> 48:020x}"
    begin = f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-"
    # Room above the first: many ids never run over into the bits before.
    first = head & (1 << 47) - 1
    return [f"{begin}{first + n:012x}" for n in range(count)]
