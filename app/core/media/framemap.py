"""When each frame is shown, for material whose frames are not equally spaced."""

import base64
import dataclasses
import json
import sys
import zlib
from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterable
from fractions import Fraction
from pathlib import Path

from app.core.media.frame_client import FrameWorker
from app.core.model.errors import BadData

_MAGIC = b"RFM1"
_LARGEST = 1 << 28
"""Bytes of an unpacked map: twelve days at 30 frames a second."""


@dataclasses.dataclass(frozen=True, slots=True)
class FrameMap:
    """Times of the presented frames, counted from the first, which is at 0."""

    time_base: Fraction
    """Seconds of one tick."""
    ticks: "array[int]"
    """One for each frame, ascending."""

    def __len__(self) -> int:
        return len(self.ticks)

    def seconds(self, frame: int) -> Fraction:
        """When a frame is shown."""
        return self.ticks[frame] * self.time_base

    def frame_at(self, seconds: Fraction) -> int:
        """The frame that is shown at a time; the first and the last one also outside."""
        return max(0, bisect_right(self.ticks, seconds / self.time_base) - 1)

    def is_even(self, rate: Fraction) -> bool:
        """Whether every frame is where an even rate would have it, by less than half a frame."""
        step = 1 / rate / self.time_base
        return all(abs(tick - index * step) < step / 2 for index, tick in enumerate(self.ticks))

    def to_bytes(self) -> bytes:
        """Compact form for a file: differences, compressed."""
        head = json.dumps({"num": self.time_base.numerator, "den": self.time_base.denominator})
        steps = array("q", (b - a for a, b in _pairs(self.ticks)))
        if sys.byteorder == "big":
            steps.byteswap()
        return _MAGIC + head.encode() + b"\n" + zlib.compress(steps.tobytes(), 6)

    @classmethod
    def from_bytes(cls, data: bytes) -> "FrameMap":
        """Reads what `to_bytes` wrote.

        Raises:
            BadData: it is something else, or cut off.
        """
        try:
            head, packed = data.removeprefix(_MAGIC).split(b"\n", 1)
            base = json.loads(head)
            unpacker = zlib.decompressobj()
            steps = array("q", unpacker.decompress(packed, _LARGEST))
            time_base = Fraction(int(base["num"]), int(base["den"]))
        except (ValueError, KeyError, TypeError, ZeroDivisionError, zlib.error) as error:
            raise BadData(
                "Unreadable frame map", f"The frame map cannot be read: {error}"
            ) from error
        if not data.startswith(_MAGIC) or not unpacker.eof or time_base <= 0:
            raise BadData("Unreadable frame map", "The frame map is damaged or cut off.")
        if sys.byteorder == "big":
            steps.byteswap()
        return cls(time_base, array("q", _sums(steps)))


def from_times(ticks: Iterable[int], time_base: Fraction) -> FrameMap:
    """A map from presentation times in any order and from any start."""
    times = sorted(ticks)
    first = times[0] if times else 0
    return FrameMap(time_base, array("q", (time - first for time in times)))


def _pairs(ticks: "array[int]") -> Iterable[tuple[int, int]]:
    return zip(array("q", [0]) + ticks[:-1], ticks, strict=False) if ticks else ()


def _sums(steps: "array[int]") -> Iterable[int]:
    total = 0
    for step in steps:
        total += step
        yield total


def frame_times(
    path: Path,
    *,
    worker: FrameWorker | None = None,
    cancel: Callable[[], bool] | None = None,
) -> FrameMap:
    """The times of all presented frames of a file, after the edit list, from one pass over its packets.

    Args:
        path: the file.
        worker: a worker to use again; without one, one is started and ended.
        cancel: asked now and then.

    Raises:
        BadData: the file is not readable or has no picture.
        Cancelled: `cancel` said so.
    """
    if worker is None:
        with FrameWorker(seconds=1800) as own:
            return frame_times(path, worker=own, cancel=cancel)
    reply = worker.ask(path, {"op": "times"}, cancel=cancel)
    ticks = array("q", base64.b64decode(str(reply["ticks"])))
    return from_times(ticks, Fraction(str(reply["base"])))
