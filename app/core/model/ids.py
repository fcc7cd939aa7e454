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
    stamp = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10), "big")
    value = (
        (stamp << 80)
        | (0x7 << 76)
        | ((random >> 66) & 0xFFF) << 64
        | (0b10 << 62)
        | (random & (1 << 62) - 1)
    )
    digits = f"{value:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
