"""Which frames of a QuickTime track are presented, how many, how long, how regularly.

A clip's frame n is the n-th sample that is shown after the edit list (ISO/IEC 14496-12 8.6.6): its
composition time lies in an edit. ffmpeg counts the same way. Nothing is expanded that need not be: a
whole hour with B-frames is counted by looking at the samples near the edits' ends only.
"""

import bisect
import dataclasses
import itertools
from fractions import Fraction

from app.core.media.quicktime import Edit, Track
from app.core.media.quicktime_boxes import Runs

MOST_EXPANDED = 2_000_000
"""Samples of which single times are looked at: nine hours at 60 frames a second."""

STANDARD_RATES = (
    *(Fraction(rate * 1000, 1001) for rate in (24, 30, 48, 60, 96, 120, 240)),
    *(Fraction(rate) for rate in (8, 10, 12, 15, 16, 18, 20, 24, 25, 30, 48, 50, 60)),
    *(Fraction(rate) for rate in (72, 75, 90, 96, 100, 120, 144, 150, 200, 240, 300)),
    Fraction(25, 2),
    Fraction(15000, 1001),
)
_LEAST_TICKS = 8
"""Ticks a frame must have before uneven steps of one tick count as rounding."""


@dataclasses.dataclass(frozen=True, slots=True)
class Presented:
    """What of a track is shown."""

    samples: int
    """Presented samples: frames of a picture track."""
    exact: bool
    """False where the tables contradict each other or are too large to look at."""
    duration: Fraction
    """Seconds, empty edits included."""
    rate: Fraction | None
    """Frames a second where they are equally spaced, else None."""


def presented(track: Track, movie_timescale: int) -> Presented:
    """Counts what is shown of a track; zero samples where the time scale is missing."""
    if track.timescale <= 0 or track.samples <= 0:
        return Presented(0, True, Fraction(0), None)
    spans = _spans(track, movie_timescale)
    clock = _Clock(track)
    counts = [clock.count(start, end) for start, end in spans]
    known = [count for count in counts if count is not None]
    exact = len(known) == len(counts) and clock.sound
    samples = sum(known) if exact else track.samples
    rate = _even_rate(track, clock)
    whole = Fraction(track.duration or clock.length, track.timescale)
    listed = _listed(track.edits, movie_timescale)
    return Presented(
        samples, exact, _duration(samples, rate, listed, movie_timescale) or whole, rate
    )


def _spans(track: Track, movie_timescale: int) -> list[tuple[int, int | None]]:
    """Shown ranges in the track's ticks; an open end where an edit has no length of its own."""
    if not track.edits or movie_timescale <= 0:
        return [(0, None)]
    spans: list[tuple[int, int | None]] = []
    for edit in track.edits:
        if edit.media_time < 0:
            continue
        length = round(Fraction(edit.duration * track.timescale, movie_timescale))
        spans.append((edit.media_time, edit.media_time + length if length else None))
    return spans


def _duration(
    samples: int, rate: Fraction | None, listed: Fraction | None, movie_timescale: int
) -> Fraction | None:
    """The edit list counts in the movie's coarse ticks: frames are exact where both mean the same."""
    if rate is None:
        return listed
    exact = samples / rate
    near = listed is None or abs(listed - exact) < Fraction(2, movie_timescale or 1)
    return exact if near else listed


def _listed(edits: tuple[Edit, ...], movie_timescale: int) -> Fraction | None:
    total = sum(edit.duration for edit in edits)
    return Fraction(total, movie_timescale) if total > 0 and movie_timescale > 0 else None


class _Clock:
    """Composition times of a track's samples, without expanding its tables."""

    def __init__(self, track: Track) -> None:
        self._samples = track.samples
        self._decode = track.decode
        self._composition = track.composition
        steps = track.decode.values
        self.sound = track.decode.samples >= track.samples and not any(s < 0 for s in steps)
        """The tables cover every sample and time never runs backwards."""
        lengths = map(int.__mul__, track.decode.counts, steps)
        self._starts = [0, *itertools.accumulate(lengths)]
        self.length = self._starts[-1]
        """Ticks until the last sample ends."""
        offsets = track.composition.values
        self._earliest = min(offsets, default=0)
        self._latest = max(offsets, default=0)
        if track.composition.samples < track.samples:
            self._earliest, self._latest = min(0, self._earliest), max(0, self._latest)

    def decode_time(self, sample: int) -> int:
        """When a sample is decoded, in ticks."""
        run = bisect.bisect_right(self._decode.ends, sample)
        if run >= len(self._decode.counts):
            return self._starts[-1]
        first = self._decode.ends[run] - self._decode.counts[run]
        return self._starts[run] + (sample - first) * self._decode.values[run]

    def time(self, sample: int) -> int:
        """When a sample is shown, in ticks."""
        return self.decode_time(sample) + _value(self._composition, sample)

    def count(self, start: int, end: int | None) -> int | None:
        """Samples shown from `start` to before `end`; None where it would take too long to say."""
        late = self._before(start)
        stop = self._samples if end is None else self._before(end)
        return None if late is None or stop is None else max(0, stop - late)

    def _before(self, tick: int) -> int | None:
        """How many samples are shown before a tick."""
        first = self._first_decoded(tick - self._latest)
        last = self._first_decoded(tick - self._earliest)
        if last - first > MOST_EXPANDED:
            return None
        return first + sum(self.time(sample) < tick for sample in range(first, last))

    def _first_decoded(self, tick: int) -> int:
        """The first sample that is decoded at or after a tick."""
        run = bisect.bisect_left(self._starts, tick) - 1
        if run < 0:
            return 0
        if run >= len(self._decode.counts):
            return self._samples
        first = self._decode.ends[run] - self._decode.counts[run]
        step = self._decode.values[run]
        later = -(-(tick - self._starts[run]) // step) if step > 0 else self._decode.counts[run]
        return min(self._samples, first + later)


def _value(runs: Runs, sample: int) -> int:
    run = bisect.bisect_right(runs.ends, sample)
    return runs.values[run] if run < len(runs.values) else 0


def _even_rate(track: Track, clock: _Clock) -> Fraction | None:
    """The rate where frames are equally spaced, the last one's length aside; else None."""
    steps = {step for step in track.decode.values[:-1] if step > 0}
    if track.decode.counts and (track.decode.counts[-1] > 1 or not steps):
        steps.add(track.decode.values[-1])
    if len(steps) == 1 and (step := steps.pop()) > 0:
        return Fraction(track.timescale, step)
    if not clock.sound or track.samples > MOST_EXPANDED or max(steps, default=0) <= 0:
        return None
    return next((rate for rate in STANDARD_RATES if _is_rounded(track, rate)), None)


def _is_rounded(track: Track, rate: Fraction) -> bool:
    """Whether uneven steps are only this rate written in ticks that do not divide it."""
    ideal = track.timescale / rate
    if ideal < _LEAST_TICKS or any(abs(step - ideal) >= 1 for step in track.decode.values[:-1]):
        return False
    time = Fraction(0)
    least = most = Fraction(0)
    for count, step in zip(track.decode.counts, track.decode.values, strict=True):
        for drift in (step - ideal, count * (step - ideal)):
            least, most = min(least, time + drift), max(most, time + drift)
        time += count * (step - ideal)
    return most - least < 1
