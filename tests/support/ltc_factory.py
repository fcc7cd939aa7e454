"""Longitudinal timecode as sound, made word by word for tests (SMPTE ST 12-1)."""

from fractions import Fraction
from typing import TYPE_CHECKING

from app.core.model.timecode import Timebase

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Samples = npt.NDArray[np.float64]

_FIELDS = ((0, 4, 8, 2), (16, 4, 24, 3), (32, 4, 40, 3), (48, 4, 56, 2))
_SYNC = [0, 0, *([1] * 12), 0, 1]


def ltc(
    first: str,
    seconds: float,
    rate: Fraction | int = 25,
    *,
    sample_rate: int = 48_000,
    level: float = 0.3,
    begins: float = 0,
    user: int = 0,
    flag: bool = False,
) -> "Samples":
    """Timecode that shows `first` (a semicolon: drop-frame) at `begins` seconds and runs on from there.

    Args:
        first: the label of the first word.
        seconds: how long the sound is.
        rate: labels a second, exact.
        sample_rate: samples a second.
        level: of the square wave, 1 is full scale; edges take 40 microseconds.
        begins: negative where the sound starts in the middle of a word.
        user: what each of the eight groups of user bits holds.
        flag: set the drop-frame bit, which has no meaning at other rates.
    """
    import numpy as np

    rate = Fraction(rate)
    clock = Timebase(rate, ";" in first)
    count = clock.frame(first)
    length = round((seconds - begins) * rate) + 2
    labels = (clock.label(count + n) for n in range(length))
    bits = np.array([bit for label in labels for bit in _word(label, user, flag or clock.drop)])
    halves = np.stack([np.ones_like(bits), bits], axis=1).ravel()
    sides = np.where(np.cumsum(halves) % 2, 1.0, -1.0)
    # Eight samples for one, then their mean: the sound of an edge between two samples.
    fine = 8
    times = np.arange(round(seconds * sample_rate) * fine) / (sample_rate * fine) - begins
    half = np.floor(times * float(rate * 160)).astype(int)
    wave = np.where((half >= 0) & (half < len(sides)), sides[half.clip(0, len(sides) - 1)], 0.0)
    return level * _slow(wave, round(40e-6 * sample_rate * fine)).reshape(-1, fine).mean(axis=1)


def _word(label: str, user: int, flag: bool) -> list[int]:
    bits = [0] * 64
    bits[10] = int(flag)
    hours, minutes, seconds, frames = (int(part) for part in label.replace(";", ":").split(":"))
    for value, (units, wide, tens, few) in zip(
        (frames, seconds, minutes, hours), _FIELDS, strict=True
    ):
        for at, width, digit in ((units, wide, value % 10), (tens, few, value // 10)):
            bits[at : at + width] = [digit >> n & 1 for n in range(width)]
    for group in range(8):
        bits[group * 8 + 4 : group * 8 + 8] = [user >> n & 1 for n in range(4)]
    return bits + _SYNC


def _slow(wave: "Samples", width: int) -> "Samples":
    import numpy as np

    return np.convolve(wave, np.ones(width) / width, mode="same")
