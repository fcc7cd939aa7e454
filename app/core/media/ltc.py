"""Reads longitudinal timecode (SMPTE ST 12-1) from sound: the label that runs on a track beside the picture.

A word has 80 bits in bi-phase mark: an edge where each bit begins, and one more in the middle of a one.
Only the edges count, so polarity and level do not matter; their spacing is taken from the sound itself,
so a track that runs a little fast or slow is read too. Words are believed only where several follow one
another: noise, music and speech never do that. Tape that runs backwards is not read.
"""

import dataclasses
import re
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from app.core.media.start_labels import from_label
from app.core.model.errors import Refused
from app.core.model.media import StartTimecode
from app.core.model.timecode import DROP_RATES, Timebase

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Samples = npt.NDArray[np.float64]

BASES = (24, 25, 30)
"""Labels a second that exist on a track."""
LEAST_WORDS = 6
"""Words that must follow one another: a quarter of a second."""

_FASTEST, _SLOWEST = 2640, 1720
"""Bits a second that are looked for: 30 frames a second and 10 % more, 23.976 and 10 % less."""
_HEARD = 0.001
"""RMS below which there is nothing on the track: -60 dB."""
_TRIGGER = 0.3
"""Of the RMS: a swing this far to the other side is an edge, smaller ones are noise."""
_SYNC = re.compile(rb"LLS{24}LSS")
"""The last 16 bits of a word, 0011111111111101, as long and short steps between edges."""
_BITS = 64
"""Bits before them."""
_FIELDS = ((0, 4, 8, 2), (16, 4, 24, 3), (32, 4, 40, 3), (48, 4, 56, 2))
"""Frames, seconds, minutes, hours: where the units are and how many bits, then the tens."""
_DROP = 10


@dataclasses.dataclass(frozen=True, slots=True)
class Word:
    """One label as it was read."""

    label: str
    """`HH:MM:SS:FF`, as it was read: it may be one that cannot exist."""
    drop: bool
    start: int
    """The sample at which it begins."""
    end: int
    """The sample at which the next one begins."""


@dataclasses.dataclass(frozen=True, slots=True)
class Run:
    """Labels that follow one another, told by the first of them."""

    label: str
    drop: bool
    base: int
    """Labels a second, rounded: 24, 25, 30."""
    at: Fraction
    """Seconds from the start of the sound to where this label begins."""
    words: int
    rate: Fraction
    """Labels a second: the base, or the base slowed by 1000/1001."""

    def later(self, seconds: Fraction) -> "Run":
        """The same, told from a point that lies so much earlier."""
        return dataclasses.replace(self, at=self.at + seconds)

    def start(self, rate: Fraction, source: str) -> StartTimecode | None:
        """The label where the sound starts, in frames of a clip of this rate: the nearest one.

        Cameras and timecode boxes are seldom locked to one another, so the label on the track changes
        somewhere within a frame.
        """
        first = from_label(self.label, self.base, rate, self.drop, source)
        if first is None:
            return None
        clip = Timebase(rate, first.drop)
        later = round(self.at * self.rate * clip.nominal * clip.steps / self.base)
        return dataclasses.replace(first, frame=(first.frame - later) % clip.day)


def read(samples: "Samples", rate: int) -> Run | None:
    """The longest run of labels in a stretch of sound; None where there is none.

    Args:
        samples: one channel, -1 to 1; some seconds of it.
        rate: samples a second, 16000 or more.
    """
    found = max(_runs(words(samples, rate), rate), key=len)
    if len(found) < LEAST_WORDS:
        return None
    first, last = found[0], found[-1]
    measured = Fraction(rate * (len(found) - 1), last.start - first.start)
    base = _base((first, last), rate)
    exact = min(Fraction(base), Fraction(base * 1000, 1001), key=lambda one: abs(one - measured))
    at = Fraction(first.start, rate)
    return Run(first.label, _drops(first, base), base, at, len(found), exact)


def words(samples: "Samples", rate: int) -> list[Word]:
    """Every whole word in a stretch of sound, in order."""
    edges = _edges(samples, rate)
    steps = _steps(edges, rate)
    found = (_word(steps, sync.start(), edges) for sync in _SYNC.finditer(steps))
    return [word for word in found if word is not None]


def _edges(samples: "Samples", rate: int) -> "Samples":
    """Where the signal swings to the other side, in samples and parts of one."""
    import numpy as np

    block = rate // 50
    whole = len(samples) // block * block
    if not whole:
        return np.zeros(0)
    blocks = _level(samples[:whole], rate // 200).reshape(-1, block)
    power = np.sqrt(np.mean(np.square(blocks), axis=1, keepdims=True))
    reach = np.where(power < _HEARD, np.inf, power * _TRIGGER)
    sides = ((blocks > reach).astype(np.int8) - (blocks < -reach).astype(np.int8)).ravel()
    clear = np.flatnonzero(sides)
    turns = np.flatnonzero(np.diff(sides[clear]))
    before, after = clear[turns], clear[turns + 1]
    wave = np.abs(blocks.ravel())
    return before + (after - before) * wave[before] / (wave[before] + wave[after])


def _level(wave: "Samples", width: int) -> "Samples":
    """The wave without offset and hum: what moves slower than some bits is taken off."""
    import numpy as np

    total = np.cumsum(np.pad(wave, (width // 2 + 1, width - width // 2 - 1), mode="edge"))
    total = np.concatenate(([0.0], total))
    return wave - (total[width:] - total[:-width])[: len(wave)] / width


def _steps(edges: "Samples", rate: int) -> bytes:
    """Each step between two edges as `L` (a bit), `S` (half a bit) or `x` (neither)."""
    import numpy as np

    lengths = np.diff(edges)
    bits = lengths[(lengths > rate / _FASTEST * 0.75) & (lengths < rate / _SLOWEST * 1.25)]
    if not len(bits):
        return b""
    bit = float(np.median(bits))
    kinds = np.full(len(lengths), ord("x"), np.uint8)
    kinds[(lengths > 0.3 * bit) & (lengths <= 0.75 * bit)] = ord("S")
    kinds[(lengths > 0.75 * bit) & (lengths < 1.4 * bit)] = ord("L")
    return kinds.tobytes()


def _word(steps: bytes, sync: int, edges: "Samples") -> Word | None:
    """The word whose last 16 bits begin at the step `sync`; its other bits are read backwards from there."""
    bits: list[int] = []
    at = sync
    while len(bits) < _BITS:
        if at >= 1 and steps[at - 1] == ord("L"):
            at -= 1
            bits.append(0)
        elif at >= 2 and steps[at - 2 : at] == b"SS":
            at -= 2
            bits.append(1)
        else:
            return None
    bits.reverse()
    pairs = [
        (_number(bits, units, wide), _number(bits, tens, few)) for units, wide, tens, few in _FIELDS
    ]
    frames, seconds, minutes, hours = (f"{tens}{units}" for units, tens in pairs)
    start, end = (round(float(edges[n])) for n in (at, sync + 29))
    return Word(f"{hours}:{minutes}:{seconds}:{frames}", bool(bits[_DROP]), start, end)


def _number(bits: Sequence[int], at: int, width: int) -> int:
    return sum(bit << n for n, bit in enumerate(bits[at : at + width]))


def _runs(found: Iterable[Word], rate: int) -> Iterator[tuple[Word, ...]]:
    """Words that follow one another without a gap, their labels too."""
    run: list[Word] = []
    for word in found:
        if run and not _follows(run[-1], word, rate):
            yield tuple(run)
            run = []
        run.append(word)
    yield tuple(run)


def _follows(one: Word, other: Word, rate: int) -> bool:
    gap = abs(other.start - one.end)
    if one.drop != other.drop or gap * 20 > other.end - other.start:
        return False
    base = _base((one, other), rate)
    drop = _drops(one, base)
    clock = Timebase(DROP_RATES[0] if drop else Fraction(base), drop)
    mark = ";" if drop else ":"
    try:
        before, after = (clock.frame(mark.join(word.label.rsplit(":", 1))) for word in (one, other))
    except Refused:
        return False
    return (before + 1) % clock.day == after


def _base(found: Sequence[Word], rate: int) -> int:
    lengths = sum(word.end - word.start for word in found)
    return min(BASES, key=lambda base: abs(lengths * base - len(found) * rate))


def _drops(word: Word, base: int) -> bool:
    """At other rates the bit has no meaning, and recorders leave anything there."""
    return word.drop and base == 30
