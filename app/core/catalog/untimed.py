"""Clips without a timecode: by timecode they stand behind those that have one, whichever way round."""

from array import array
from collections.abc import Sequence
from typing import Any, Final

from app.core.catalog.rows import Reader

COUNT: Final = "SELECT count(*) FROM clip c WHERE c.retired = 0 AND c.start_key < 0"
"""How many there are; from the index of that order."""


def count(reader: Reader, condition: str, parameters: Sequence[Any]) -> int:
    """How many there are among those that a condition (" AND …" or "") keeps."""
    return int(reader.value(f"{COUNT}{condition}", *parameters) or 0)


def last(rows: "array[int]", untimed: int) -> "array[int]":
    """Rows by rising timecode: so many without one, which the index has first, follow the others."""
    return rows[untimed:] + rows[:untimed]
