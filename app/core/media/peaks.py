"""The waveform file: for each channel the least, greatest and mean level of every stretch of sound.

Levels are signed bytes, 127 is full scale. Level 0 has one bin for 256 samples at 48 kHz; each
further level joins four bins of the one before, down to a single bin.

Layout: `RPK1`, then little-endian: sample rate (u32), channels (u16), samples a bin (u16), frames of
sound (u64), levels (u16), for each level its bins (u64); then the levels one after another, each as
bins × channels × (min, max, rms).
"""

import dataclasses
import mmap
import struct
from pathlib import Path
from types import TracebackType
from typing import Self

from app.core.model.errors import BadData

MAGIC = b"RPK1"
RATE = 48000
BIN = 256
FACTOR = 4
VALUES = 3
"""Numbers of a bin and channel: min, max, rms."""
_HEAD = struct.Struct("<4sIHHQH")


@dataclasses.dataclass(frozen=True, slots=True)
class Column:
    """What one column of pixels shows of one channel; -128 to 127."""

    low: int
    high: int
    rms: int


class Peaks:
    """An opened waveform file; close it. Reading needs no array library."""

    def __init__(self, path: Path) -> None:
        """Opens it.

        Raises:
            BadData: it is no waveform file, or cut off.
        """
        with path.open("rb") as file:
            try:
                self._data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            except ValueError as error:
                raise BadData("Unreadable waveform", "The file is empty.") from error
        try:
            self._read_head()
        except (struct.error, BadData) as error:
            self._data.close()
            raise BadData("Unreadable waveform", "The waveform file is damaged.") from error

    def _read_head(self) -> None:
        magic, self.rate, self.channels, self.bin, self.samples, count = _HEAD.unpack_from(
            self._data
        )
        bins = struct.unpack_from(f"<{count}Q", self._data, _HEAD.size)
        self._levels: list[tuple[int, int]] = []
        offset = _HEAD.size + 8 * count
        for number in bins:
            self._levels.append((offset, number))
            offset += number * self.channels * VALUES
        if magic != MAGIC or offset != len(self._data):
            raise BadData("Unreadable waveform")

    def columns(self, channel: int, start: int, end: int, width: int) -> list[Column]:
        """The waveform of one channel between two samples, in `width` columns.

        The finest level that still has a bin or more in each column is read, so this costs the same
        for a second and for a day.
        """
        level, span = 0, self.bin
        while level + 1 < len(self._levels) and span * FACTOR * width <= end - start:
            level, span = level + 1, span * FACTOR
        offset, bins = self._levels[level]
        return [
            self._join(offset, channel, *_bins(start, end, width, column, span, bins))
            for column in range(width)
        ]

    def _join(self, offset: int, channel: int, first: int, last: int) -> Column:
        stride = self.channels * VALUES
        at = offset + first * stride + channel * VALUES
        stop = offset + last * stride
        low = _signed(self._data[at:stop:stride])
        high = _signed(self._data[at + 1 : stop : stride])
        rms = _signed(self._data[at + 2 : stop : stride])
        if not low:
            return Column(0, 0, 0)
        return Column(min(low), max(high), round((sum(n * n for n in rms) / len(rms)) ** 0.5))

    def close(self) -> None:
        """Lets go of the file."""
        self._data.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _signed(data: bytes) -> memoryview:
    return memoryview(data).cast("b")


def _bins(start: int, end: int, width: int, column: int, span: int, bins: int) -> tuple[int, int]:
    """The bins (first, behind the last) under one column."""
    first = (start + (end - start) * column // width) // span
    last = -(-(start + (end - start) * (column + 1) // width) // span)
    return min(max(first, 0), bins), min(max(last, first + 1), bins)
