"""Sony's real-time metadata: a track of kind `rtmd` in XAVC files with one packet for each frame.

A packet begins with a head of 28 bytes (its length in the first two), of which bytes 13 to 17 hold the
label: hours, minutes, seconds, drop flag, frames, as plain numbers. The sets of lens and camera values
behind it (EBU Tech 3349) are not read. Cameras without timecode leave zeros, which say nothing.
"""

import dataclasses
import itertools
from array import array
from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

from app.core.media.bytesource import ByteSource
from app.core.media.quicktime_boxes import find, numbers
from app.core.media.start_labels import from_label
from app.core.model.media import StartTimecode

MOST_PACKETS = 9
"""Two of each label and one more, where 100 or 120 frames a second are labelled as 25 or 30."""
_MOST_CHUNKS = 3
_HEAD = 28
_LABEL = 13


class Packet(NamedTuple):
    """The label of one frame."""

    hours: int
    minutes: int
    seconds: int
    drop: int
    frames: int


def read(table: memoryview, chunks: "array[int]", source: ByteSource) -> tuple[Packet, ...]:
    """The labels of a track's first frames; none where its packets are of another kind.

    Args:
        table: the track's `stbl`.
        chunks: where its chunks lie.
        source: the file.
    """
    found: list[Packet] = []
    for offset in itertools.islice(_offsets(table, chunks), MOST_PACKETS):
        head = source.at(offset, _HEAD)
        if len(head) < _HEAD or int.from_bytes(head[:2], "big") != _HEAD:
            return ()
        found.append(Packet(*head[_LABEL : _LABEL + 5]))
    return tuple(found)


def _offsets(table: memoryview, chunks: "array[int]") -> Iterator[int]:
    """Where the first samples lie: in the first chunks, as many in each as in the first one."""
    places, sizes = find(table, b"stsc"), find(table, b"stsz")
    if places is None or sizes is None or len(places) < 20 or len(sizes) < 12:
        return
    each = min(int.from_bytes(places[12:16], "big"), MOST_PACKETS)
    size = int.from_bytes(sizes[4:8], "big")
    listed = numbers(sizes, 12, "I", MOST_PACKETS * _MOST_CHUNKS)
    count = int.from_bytes(sizes[8:12], "big")
    lengths = iter([size] * min(count, MOST_PACKETS * _MOST_CHUNKS) if size else listed)
    for place in chunks[:_MOST_CHUNKS]:
        within = list(itertools.islice(lengths, each))
        yield from (place + before for before in itertools.accumulate([0, *within[:-1]]) if within)


def start(packets: tuple[Packet, ...], rate: Fraction) -> StartTimecode | None:
    """The label of the first frame of a clip of this rate; None where the labels stand still.

    Above 30 frames a second several frames may carry the same label: the first packets tell how many.
    """
    runs = [(label, sum(1 for _ in same)) for label, same in itertools.groupby(packets)]
    if not any(any(label) for label, _ in runs) or (len(runs) == 1 and len(packets) > 1):
        return None
    label, first = runs[0]
    # Only a run that begins and ends here is whole; the first may have begun before the clip.
    together = runs[1][1] if len(runs) > 2 else max(count for _, count in runs)
    text = f"{label.hours:02d}:{label.minutes:02d}:{label.seconds:02d}:{label.frames:02d}"
    base = max(1, round(rate / together))
    found = from_label(text, base, rate, bool(label.drop), "rtmd")
    if found is None:
        return None
    return dataclasses.replace(found, frame=found.frame + max(0, together - first))
