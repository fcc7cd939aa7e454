"""What a stretch of sound is: LTC, a tone, or something else. Pure signal tests on 16 kHz samples."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Samples = npt.NDArray[np.float32]

FRAME = 1600
"""Samples of one level: 100 ms."""
QUIET = -120
"""The level of digital silence, dB below full scale."""

_LTC_LONG = (6.0, 9.0)
"""Samples between two edges of a zero bit: 80 bits a frame at 24 to 30 frames a second, SMPTE ST 12-1."""
_LTC_SHORT = (3.0, 4.5)
"""The same for the halves of a one bit."""
_TONE_SHARE = 0.97
_TONE_WIDTH = 4
"""Bins to each side of the peak: the leak of a Hann window."""


def levels(samples: "Samples") -> "npt.NDArray[np.float32]":
    """RMS of each 100 ms in dB below full scale; the last, shorter frame counts as it is."""
    import numpy as np

    short = -len(samples) % FRAME
    framed = np.pad(samples, (0, short)).reshape(-1, FRAME)
    power = np.mean(np.square(framed), axis=1)
    if short and len(power):
        power[-1] *= FRAME / (FRAME - short)
    return np.maximum(10 * np.log10(power + 1e-12), QUIET).astype(np.float32)


def is_ltc(samples: "Samples") -> bool:
    """True for longitudinal timecode: edges at one bit or half a bit, and at nothing else."""
    import numpy as np

    wave = samples - np.mean(samples)
    edges = np.flatnonzero(np.signbit(wave[:-1]) != np.signbit(wave[1:]))
    if len(edges) < len(samples) // 16:
        return False
    # Between two samples the crossing is found by a straight line, or 16 kHz would be too coarse.
    steps = np.diff(edges + wave[edges] / (wave[edges] - wave[edges + 1]))
    long = steps[(steps >= _LTC_LONG[0]) & (steps <= _LTC_LONG[1])]
    short = steps[(steps >= _LTC_SHORT[0]) & (steps <= _LTC_SHORT[1])]
    if len(long) + len(short) < 0.9 * len(steps) or min(len(long), len(short)) < 0.1 * len(steps):
        return False
    ratio = float(np.mean(long) / np.mean(short))
    spread = float(np.std(long) / np.mean(long))
    return 1.9 <= ratio <= 2.1 and spread < 0.08


def is_tone(samples: "Samples") -> bool:
    """True where nearly all the power lies at one frequency: line-up tone, a beep, a whistle."""
    import numpy as np

    power = np.square(np.abs(np.fft.rfft(samples * np.hanning(len(samples)))))
    power[: 1 + len(samples) * 20 // 16_000] = 0  # below 20 Hz is rumble and offset
    total = float(np.sum(power))
    peak = int(np.argmax(power))
    near = float(np.sum(power[max(0, peak - _TONE_WIDTH) : peak + _TONE_WIDTH + 1]))
    return total > 0 and near >= _TONE_SHARE * total
