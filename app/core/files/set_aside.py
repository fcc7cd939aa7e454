"""Names of files that a repair leaves beside a copy: what was damaged, and what is being put in its place."""

import os
import re
from typing import Final, Literal

Word = Literal["damaged", "repairing", "repaired"]

_ASIDE: Final = re.compile(r".*\.(damaged|repairing|repaired)-\d{4}-\d\d-\d\d(-\d+)?", re.DOTALL)
PATTERNS: Final = tuple(f"*.{word}-????-??-??*" for word in ("damaged", "repairing", "repaired"))
"""The same as ignore patterns of a media hash list: they are no part of the card."""
_LONGEST: Final = 255
"""Bytes of a name that every filesystem takes."""


def aside_name(name: str, word: Word, day: str, taken: frozenset[str]) -> str:
    """`name.damaged-2026-05-14`, with a number where that is taken; cut where it would be too long.

    Args:
        name: the file's own.
        word: what it is.
        day: `2026-05-14`.
        taken: the names that the folder has already.
    """
    number = 1
    while True:
        end = f".{word}-{day}" + (f"-{number}" if number > 1 else "")
        stem = name
        while len(os.fsencode(stem + end)) > _LONGEST:
            stem = stem[:-1]
        if stem + end not in taken:
            return stem + end
        number += 1


def is_aside(name: str) -> bool:
    """Whether a name is one that a repair gives."""
    return _ASIDE.fullmatch(name) is not None
