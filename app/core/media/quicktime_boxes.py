"""Boxes (atoms) of QuickTime and ISO base media files: sizes, nesting, and the tables in them.

Layouts: ISO/IEC 14496-12 and Apple's QuickTime File Format. Everything is bounded and defensive: a
size that does not fit its parent ends that parent, a table that claims more than it holds is short.
"""

import array
import itertools
import struct
import sys
from collections.abc import Iterator
from typing import NamedTuple

from app.core.media.bytesource import ByteSource

MOST_BOXES = 20_000
"""Boxes looked at on one level; a fragmented recording has three a second."""


class Box(NamedTuple):
    """One box of the file's top level."""

    kind: bytes
    start: int
    """Where its payload begins."""
    end: int
    """Where it says that it ends; beyond the file's end in a truncated one."""


def top_level(source: ByteSource) -> Iterator[Box]:
    """The boxes of a file, in order, as far as their sizes make sense."""
    offset = 0
    for _ in range(MOST_BOXES):
        head = source.at(offset, 16)
        if len(head) < 8:
            return
        size, kind = struct.unpack(">I4s", head[:8])
        start = offset + 8
        if size == 1 and len(head) == 16:
            size, start = struct.unpack(">Q", head[8:])[0], offset + 16
        end = source.size if size == 0 else offset + size
        if end < start:
            return
        yield Box(kind, start, end)
        offset = end


def children(data: memoryview) -> Iterator[tuple[bytes, memoryview]]:
    """The boxes inside one that is in memory: (kind, payload). A box that is cut off is left out."""
    offset = 0
    for _ in range(MOST_BOXES):
        if offset + 8 > len(data):
            return
        size, kind = struct.unpack_from(">I4s", data, offset)
        start = offset + 8
        if size == 1 and offset + 16 <= len(data):
            size, start = struct.unpack_from(">Q", data, offset + 8)[0], offset + 16
        end = len(data) if size == 0 else offset + size
        if end < start or end > len(data):
            return
        yield bytes(kind), data[start:end]
        offset = end


def find(data: memoryview, *path: bytes) -> memoryview | None:
    """The first box down a path of kinds, or None."""
    for wanted in path:
        inner = next((payload for kind, payload in children(data) if kind == wanted), None)
        if inner is None:
            return None
        data = inner
    return data


def numbers(data: memoryview, offset: int, code: str, count: int) -> "array.array[int]":
    """`count` big-endian integers (`I` or `Q`) from `offset`; fewer where the box is short."""
    table: array.array[int] = array.array(code)
    whole = max(0, min(count, (len(data) - offset) // table.itemsize))
    table.frombytes(data[offset : offset + whole * table.itemsize])
    if sys.byteorder == "little":
        table.byteswap()
    return table


class Runs:
    """A run-length table: how many samples in a row have a value (`stts`, `ctts`)."""

    def __init__(self, counts: "array.array[int]", values: "array.array[int]") -> None:
        self.counts = counts
        self.values = values
        self._ends: list[int] | None = None

    @property
    def ends(self) -> list[int]:
        """The number of the sample after each run."""
        if self._ends is None:
            self._ends = list(itertools.accumulate(self.counts))
        return self._ends

    @property
    def samples(self) -> int:
        """How many samples the table covers."""
        return sum(self.counts)


def runs(payload: memoryview | None) -> Runs:
    """Reads `stts` or `ctts`. Values are taken as signed, as every reader does."""
    if payload is None or len(payload) < 8:
        return Runs(array.array("I"), array.array("i"))
    (count,) = struct.unpack_from(">I", payload, 4)
    flat = numbers(payload, 8, "I", count * 2)
    signed = array.array("i", flat[1::2].tobytes())
    return Runs(flat[: len(signed) * 2 : 2], signed)
