"""How samples of speech become a clip's frames, its labels, and the times of subtitles. Pure values.

In source timecode the hours, minutes and seconds of SRT and VTT are those of the label, and the
frames become thousandths at the label rate, so that what is read on the burnt-in counter is what
stands in the file; past midnight the hours go on, as cues must not run backwards.
"""

import dataclasses
import enum
from collections.abc import Callable
from fractions import Fraction

from app.core.model.timecode import Timebase
from app.core.post.speech_audio import SAMPLE_RATE


class Times(enum.Enum):
    """What the times of a file count from."""

    MEDIA = "media"
    SOURCE = "source"


@dataclasses.dataclass(frozen=True, slots=True)
class Clock:
    """How a clip's samples become frames and labels."""

    rate: Fraction
    """Frames a second of the clip; of sound, its sample rate."""
    base: Timebase
    """How labels count."""
    start: int | None
    """Label count of the clip's first frame; None where it has no timecode."""
    frame_at: Callable[[Fraction], int] | None = None
    """Seconds to the frame shown then, where frames are not equally spaced."""
    shown_at: Callable[[int], Fraction] | None = None
    """The way back: when a frame is shown, in seconds."""

    def frame(self, sample: int) -> int:
        """The clip frame shown at a sample of 16 kHz."""
        seconds = Fraction(sample, SAMPLE_RATE)
        return self.frame_at(seconds) if self.frame_at else int(seconds * self.rate // 1)

    def sample(self, frame: int) -> int:
        """The sample of 16 kHz at which a clip frame is first shown."""
        seconds = self.shown_at(frame) if self.shown_at else Fraction(frame) / self.rate
        return int(seconds * SAMPLE_RATE // 1)

    def frames(self, start: int, end: int) -> tuple[int, int]:
        """First frame and the one after the last; never empty."""
        first = self.frame(start)
        if self.frame_at:
            after = self.frame(max(end - 1, 0)) + 1
        else:
            after = -int(-Fraction(end, SAMPLE_RATE) * self.rate // 1)
        return first, max(first + 1, after)

    def count(self, sample: int, times: Times) -> int:
        """Frames on the label's count: from the first frame's label, or from zero."""
        passed = Fraction(self.frame(sample)) / self.rate * self.base.rate
        return (self.start or 0 if times is Times.SOURCE else 0) + int(passed // 1)

    def label(self, sample: int, times: Times = Times.SOURCE) -> str:
        """The label of a sample; counted from zero where the clip has no timecode, or on request."""
        return self.base.label(self.count(sample, times))

    def milliseconds(self, sample: int, times: Times) -> int:
        """Thousandths of a second as subtitles count them."""
        if times is Times.MEDIA or self.start is None:
            return (sample * 1000 + SAMPLE_RATE // 2) // SAMPLE_RATE
        days, within = divmod(self.count(sample, times), self.base.day)
        hours, minutes, seconds, frames = _parts(self.base, within)
        whole = ((days * 24 + hours) * 60 + minutes) * 60 + seconds
        return whole * 1000 + frames * 1000 // (self.base.nominal * self.base.steps)


def _parts(base: Timebase, count: int) -> tuple[int, int, int, int]:
    """Hours, minutes, seconds and frames of a count within the day, sub-frames counted in."""
    label = base.label(count).replace(";", ":")
    clock, _, sub = label.partition(".")
    hours, minutes, seconds, frames = (int(part) for part in clock.split(":"))
    return hours, minutes, seconds, frames * base.steps + int(sub or 0)
