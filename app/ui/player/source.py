"""What the player is told to play, and the arithmetic between its frames and the player's times."""

import bisect
import dataclasses
from fractions import Fraction
from pathlib import Path
from typing import Final

from app.core.model.timecode import Timebase

_TOLERANCE: Final = Fraction(5, 1000)
"""mpv's exact seek stops at the first picture not earlier than the target less this many seconds."""

_GRAIN: Final = Fraction(1, 500_000)
"""mpv prints times in microseconds: two of them, so that rounding never loses a frame."""


@dataclasses.dataclass(frozen=True, slots=True)
class PlayerSource:
    """One file as the player sees it. Frames count from 0 at the first presented frame."""

    path: Path
    rate: Fraction
    """Frames a second; for sound alone samples a second."""
    frames: int | None = None
    start_frame: int = 0
    """The label of frame 0, counted from 00:00:00:00 at the label rate."""
    drop: bool = False
    frame_times: tuple[Fraction, ...] | None = None
    """Seconds of every frame, rising, where they are not equally spaced."""
    is_proxy: bool = False
    label: str = ""
    """The words of the badge: `original`, `proxy 720p`, `camera proxy`."""
    audio_channels: tuple[int, ...] = ()
    """Channels of each sound stream, in the file's order."""
    channel_names: tuple[str, ...] = ()
    """What the recorder called each channel, over all streams."""
    has_video: bool = True
    """False for sound, also where it carries a cover picture."""
    label_rate: Fraction | None = None
    """The rate labels count at, where it is not `rate` (sound)."""
    interlaced: bool = False
    """Frames are two fields, taken one after the other."""
    picture: str = ""
    """How a still is coded (`mjpeg`, `png`), by its content; "" for what moves or sounds."""
    turned: int = 0
    """Degrees clockwise that a still is to be turned to stand upright; what moves says so itself."""

    @property
    def timebase(self) -> Timebase:
        """How frames are labelled."""
        return Timebase(self.label_rate or self.rate, self.drop)

    @property
    def channels(self) -> int:
        """All sound channels of all streams."""
        return sum(self.audio_channels)

    @property
    def still(self) -> bool:
        """Whether it is one picture, that is looked at and not played."""
        return bool(self.picture)

    @property
    def step(self) -> Fraction:
        """Frames of this source under one label: 1 for pictures, many samples for sound."""
        return self.rate / self.label_rate if self.label_rate else Fraction(1)

    def label_frame(self, frame: int) -> int:
        """The label count of a frame."""
        return self.start_frame + int(frame // self.step)

    def text(self, frame: int) -> str:
        """The label of a frame, as on screen."""
        return self.timebase.label(self.label_frame(frame))

    def seconds(self, frame: int) -> Fraction:
        """When a frame starts, in seconds from the clip's first."""
        times = self.frame_times
        if times is None:
            return Fraction(frame) / self.rate
        return times[max(0, min(frame, len(times) - 1))] - times[0]

    def clamp(self, frame: int) -> int:
        """The nearest frame that exists."""
        last = max(0, self.frames - 1) if self.frames is not None else frame
        return max(0, min(frame, last))


class FrameClock:
    """Frame numbers from the player's times and back, for one loaded file."""

    def __init__(self, source: PlayerSource, first: Fraction, *, pictures: bool) -> None:
        """A clock whose frame 0 is at `first`, the time of the first picture the decoder gave.

        Sound alone (`pictures` False) starts at 0: what libmpv tells of it before it plays is off by
        what its output still holds.
        """
        self._source = source
        self._pictures = pictures
        self._first = first if pictures else Fraction(0)
        times = source.frame_times
        self._times = [t - times[0] for t in times] if times else None

    def time(self, frame: int) -> Fraction:
        """When a frame starts, in the player's seconds."""
        if self._times is None:
            return self._first + Fraction(frame) / self._source.rate
        index = max(0, min(frame, len(self._times) - 1))
        return self._first + self._times[index]

    def seek_target(self, frame: int) -> Fraction:
        """Where an exact seek must aim so that this frame is the first one not before it."""
        if frame <= 0 or not self._pictures:
            return max(Fraction(0), self.time(frame))
        return (self.time(frame - 1) + self.time(frame)) / 2 + _TOLERANCE

    def frame(self, seconds: Fraction) -> int:
        """The frame a picture's time belongs to; of sound, the frame that is heard."""
        since = seconds - self._first
        if self._times is not None:
            return self._source.clamp(self._nearest(since))
        count = since * self._source.rate
        if self._pictures:
            return self._source.clamp(int((count + Fraction(1, 2)) // 1))
        return self._source.clamp(int((since + _GRAIN) * self._source.rate // 1))

    def beyond(self, seconds: Fraction) -> bool:
        """Whether this is after the last picture's time, by more than times jitter."""
        frames = self._source.frames
        if frames is None:
            return False
        return seconds > self.time(frames - 1) + Fraction(3, 4) / self._source.rate

    def _nearest(self, since: Fraction) -> int:
        times = self._times or [Fraction(0)]
        at = bisect.bisect_left(times, since)
        around = [index for index in (at - 1, at) if 0 <= index < len(times)]
        return min(around, key=lambda index: abs(times[index] - since))
