"""Turns the start timecode of a container or sidecar into the clip's own frames.

A label track may count at another rate than the picture: 25 labels a second beside 50 frames, 59.94
beside 119.88. The label is what counts; the drop flag is taken as written and never inferred.
"""

import dataclasses
import re
from fractions import Fraction

from app.core.model.errors import Refused
from app.core.model.media import StartTimecode
from app.core.model.timecode import DROP_RATES, Timebase

MOST_LABELS = 300
"""Labels a second that are believed."""

_LABEL = re.compile(r"^(\d{1,2}):(\d{2}):(\d{2})([:;.,])(\d{2,3})$")


def from_count(
    count: int, base: int, rate: Fraction, drop: bool, source: str
) -> StartTimecode | None:
    """The start from the number of a label.

    Args:
        count: labels from 00:00:00:00, as the source counts them.
        base: labels a second, rounded (24, 25, 30, 60 …).
        rate: the clip's frames a second.
        drop: the flag as written.
        source: what the start is called in the facts: `mxf`, `tmcd` …
    """
    if not 0 < base <= MOST_LABELS or not 0 < rate <= 1000:
        return None
    clip = Timebase(rate)
    whole = clip.nominal * clip.steps
    if not drop or base not in (30, 60):
        return StartTimecode(count * whole // base % clip.day, False, source)
    if rate in DROP_RATES:
        return StartTimecode(count * whole // base % Timebase(rate, True).day, True, source)
    # A drop-frame label on a clip that cannot carry one: the first label is right, then it runs on.
    label = Timebase(Fraction(base * 1000, 1001), True).label(count)
    return from_label(label.replace(";", ":"), base, rate, False, source)


def from_label(
    label: str, base: int, rate: Fraction, drop: bool | None, source: str
) -> StartTimecode | None:
    """The start from a written label; None where it is none, or cannot exist.

    `drop` None takes the flag from how the label is written.
    """
    found = _LABEL.match(label.strip())
    if not found or not 0 < base <= MOST_LABELS:
        return None
    hours, minutes, seconds, frames = (int(found[part]) for part in (1, 2, 3, 5))
    if hours > 23 or minutes > 59 or seconds > 59 or frames >= base:
        return None
    drops = (found[4] != ":" if drop is None else drop) and base in (30, 60)
    if not drops:
        count = ((hours * 60 + minutes) * 60 + seconds) * base + frames
        return from_count(count, base, rate, False, source)
    try:
        written = f"{hours:02d}:{minutes:02d}:{seconds:02d};{frames:02d}"
        count = Timebase(Fraction(base * 1000, 1001), True).frame(written)
    except Refused:
        return None
    return from_count(count, base, rate, True, source)


@dataclasses.dataclass(frozen=True, slots=True)
class Written:
    """A label that was found before the clip's rate is known."""

    text: str
    """`HH:MM:SS:FF`."""
    drop: bool
    source: str
    later: int = 0
    """Frames that are shown before the one it belongs to."""

    def start(self, rate: Fraction) -> StartTimecode | None:
        """The label of the first frame.

        Above 30 frames a second cameras count pairs of frames, unless the label itself is too high for that.
        """
        base = max(1, round(rate))
        if base > 30 and int(self.text.rpartition(":")[2]) < base // 2:
            base //= 2
        found = from_label(self.text, base, rate, self.drop, self.source)
        if found is None or not self.later:
            return found
        day = Timebase(rate, found.drop).day
        return dataclasses.replace(found, frame=(found.frame - self.later) % day)
