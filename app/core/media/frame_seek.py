"""Finds the n-th presented frame of a file without decoding all before it. Runs in the worker only.

Where frames are equally spaced their times follow from the first one and the rate; else from a map
that the caller has, or from reading the times of all packets. Whatever cannot be found by its time
is found by counting from the start, which is slow and always right.
"""

from fractions import Fraction
from typing import TYPE_CHECKING

from app.core.media.picture_file import PictureFile
from app.core.model.errors import BadData, Refused

if TYPE_CHECKING:
    from av import VideoFrame

_COUNTED = 8
"""So close to the start counting is as quick as seeking."""
_SEEKS = 8
_SKIPPABLE = frozenset({"h264", "hevc", "mpeg2video"})
"""Where frames that nothing refers to can be left undecoded on the way."""


Near = tuple[Fraction | None, Fraction, Fraction | None]
"""Seconds from the first frame to a frame's neighbours and itself: (before, this, after)."""


def nth_frame(
    file: PictureFile, number: int, *, rate: Fraction | None, near: Near | None = None
) -> "VideoFrame":
    """The n-th presented frame, counted from 0.

    Args:
        file: the opened file.
        number: which one.
        rate: frames a second where they are equally spaced, else None.
        near: when it and its neighbours are shown, where that is known.

    Raises:
        Refused: the file has fewer frames.
        BadData: nothing decodes.
    """
    if number >= _COUNTED:
        target = _target(file, number, rate, near)
        if target is not None:
            frame = _frame_at(file, *target)
            if frame is not None:
                return frame
    return _counted(file, number)


def _counted(file: PictureFile, number: int) -> "VideoFrame":
    file.rewind()
    count = -1
    for count, frame in enumerate(file.decoded()):
        if count == number:
            return frame
    if count < 0:
        raise BadData("No frame decodes", "Not one frame of the file could be decoded.")
    raise Refused("Outside the clip", f"Frame {number} was asked for; there are {count + 1}.")


def _target(
    file: PictureFile, number: int, rate: Fraction | None, near: Near | None
) -> tuple[Fraction, Fraction] | None:
    """When the frame is shown, and how far off it may be, in ticks."""
    first = file.first_pts()
    if first is None:
        return None
    if near is None and rate is not None and _equally_spaced(file, number, rate):
        step = file.ticks_a_second / rate
        return first + number * step, step / 2
    if near is None:
        times = file.packet_times()
        if number >= len(times):
            return None
        after = times[number + 1] if number + 1 < len(times) else None
        return _between(times[number - 1], times[number], after)
    before, this, after = (
        None if time is None else first + time * file.ticks_a_second for time in near
    )
    return None if this is None else _between(before, this, after)


def _between(
    before: Fraction | int | None, this: Fraction | int, after: Fraction | int | None
) -> tuple[Fraction, Fraction]:
    gaps = [abs(this - other) for other in (before, after) if other is not None]
    return Fraction(this), Fraction(min(gaps, default=1)) / 2


def _equally_spaced(file: PictureFile, number: int, rate: Fraction) -> bool:
    """False where the index of the file contradicts the rate; True where it has nothing to say."""
    index = file.stream.index_entries
    if len(index) <= number:
        return True
    # Decoding order and order of show differ by a few frames only, so the far end tells.
    span = index[number].timestamp - index[0].timestamp
    step = file.ticks_a_second / rate
    return abs(span - number * step) < step / 2


def _frame_at(file: PictureFile, target: Fraction, tolerance: Fraction) -> "VideoFrame | None":
    """The frame shown at a time; None where none is, or where the file cannot be searched."""
    second = int(file.ticks_a_second)
    seek = int(target)
    for attempt in range(_SEEKS):
        if not file.seek(seek):
            return None
        key, frame = _decode_to(file, target, tolerance)
        if frame is not None:
            return frame
        if key is not None and key <= target:
            return None
        seek = (
            min(seek, key if key is not None else seek) - 1 - (second << attempt if attempt else 0)
        )
    return None


def _decode_to(
    file: PictureFile, target: Fraction, tolerance: Fraction
) -> "tuple[int | None, VideoFrame | None]":
    """Decodes from the next key frame on: (time of that key frame, the frame or None)."""
    context = file.stream.codec_context
    skippable = context.name in _SKIPPABLE
    key: int | None = None
    for packet in file.packets():
        time = packet.pts if packet.pts is not None else packet.dts
        if key is None:
            if not packet.is_keyframe or time is None:
                continue
            key = time
            if key > target + tolerance:
                return key, None
        if skippable:
            early = time is not None and time < target - tolerance
            context.skip_frame = "NONREF" if early else "DEFAULT"
        for frame in file.decode(packet):
            if frame.pts is None:
                return key, None
            # Shown before their key frame: they belong to the group before, which was not decoded.
            if frame.pts < key or frame.pts < target - tolerance:
                continue
            return key, frame if frame.pts <= target + tolerance else None
    return key, None
