"""A picture to show before there is a proxy: one key frame, decoded alone. Runs in the worker only.

A key packet sent and drained costs one picture's decoding; to go on decoding would first fill the
decoder's reorder delay (about three times as much).
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from app.core.media.frame_picture import brightness
from app.core.media.frame_seek import nth_frame
from app.core.media.picture_file import PictureFile

if TYPE_CHECKING:
    from av import VideoFrame

_PLACES = (Fraction(1, 10), Fraction(1, 4), Fraction(1, 2), Fraction(0))
"""Where to look, as parts of the duration: clips start and end in black, on slates and on shoes."""
_DARK = 24
_KEY_PACKETS = 5


def telling_frame(file: PictureFile) -> "VideoFrame":
    """The first picture that is not black, near a tenth of the way in; else the brightest seen."""
    best: VideoFrame | None = None
    for place in _PLACES:
        frame = _key_frame(file, place)
        if frame is None:
            continue
        if brightness(frame) >= _DARK:
            return frame
        if best is None or brightness(frame) > brightness(best):
            best = frame
    return best or nth_frame(file, 0, rate=None)


def key_frames(file: PictureFile, places: Sequence[Fraction]) -> "list[VideoFrame]":
    """The key picture at or before each place of the duration, each picture once; the first one where there is no other."""
    found: dict[int | None, VideoFrame] = {}
    for place in places:
        frame = _key_frame(file, place)
        if frame is not None:
            found.setdefault(frame.pts, frame)
    return list(found.values()) or [nth_frame(file, 0, rate=None)]


def _key_frame(file: PictureFile, place: Fraction) -> "VideoFrame | None":
    stream = file.stream
    start = stream.start_time or 0
    duration = stream.duration or _container_ticks(file)
    if not duration or not file.seek(start + int(duration * place)):
        return None
    tries = 0
    for packet in file.packets():
        if not packet.size or tries >= _KEY_PACKETS:
            break
        if not packet.is_keyframe:
            continue
        tries += 1
        frames = [*file.decode(packet), *file.decode(None)]
        stream.codec_context.flush_buffers()
        if frames:
            return frames[0]
    return None


def _container_ticks(file: PictureFile) -> int:
    microseconds = file.container.duration or 0
    return int(Fraction(microseconds, 1_000_000) * file.ticks_a_second)
