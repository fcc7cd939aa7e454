"""Made speech and signals for tests: espeak-ng voices, microphones that overhear one another, LTC.

Everything is 16 kHz, as mono arrays of floats; `write_wav` puts arrays side by side as channels.
"""

import subprocess
import wave
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Samples = npt.NDArray[np.float64]

RATE = 16_000


@cache
def say(text: str, voice: str = "en-us", speed: int = 140) -> "Samples":
    """Somebody says something, at about -20 dB."""
    import numpy as np

    spoken = subprocess.run(
        ["espeak-ng", "--stdout", "-v", voice, "-s", str(speed), text],
        capture_output=True,
        check=True,
    ).stdout
    raw = subprocess.run(
        ["ffmpeg", "-v", "error", "-f", "wav", "-i", "-", "-ar", str(RATE), "-f", "s16le", "-"],
        input=spoken,
        capture_output=True,
        check=True,
    ).stdout
    samples = np.frombuffer(raw, "<i2") / 32768
    return samples * (0.1 / np.sqrt(np.mean(np.square(samples))))


def silence(seconds: float) -> "Samples":
    """Digital silence."""
    import numpy as np

    return np.zeros(round(seconds * RATE))


def noise(seconds: float, level: float = 0.02, seed: int = 1) -> "Samples":
    """White noise of this RMS."""
    import numpy as np

    return np.random.default_rng(seed).normal(0, level, round(seconds * RATE))


def tone(seconds: float, hertz: float = 1000, level: float = 0.1) -> "Samples":
    """A sine."""
    import numpy as np

    return level * np.sin(2 * np.pi * hertz * np.arange(round(seconds * RATE)) / RATE)


def ltc(seconds: float, fps: int = 25, hour: int = 10, level: float = 0.3) -> "Samples":
    """Longitudinal timecode from HH:00:00:00: bi-phase mark, 80 bits a frame (SMPTE ST 12-1)."""
    import numpy as np

    per_bit = 48_000 / (fps * 80)
    bits = [bit for n in range(round(seconds * fps)) for bit in _ltc_frame(n, fps, hour)]
    wave_48k = np.zeros(round(len(bits) * per_bit))
    state = 1
    for n, bit in enumerate(bits):
        start, middle, end = (round((n + part) * per_bit) for part in (0, 0.5, 1))
        state = -state
        wave_48k[start:middle] = state
        state = -state if bit else state
        wave_48k[middle:end] = state
    # A crude low pass stands for the resampler: the mean of each three samples.
    return level * wave_48k[: len(wave_48k) // 3 * 3].reshape(-1, 3).mean(axis=1)


def _ltc_frame(count: int, fps: int, hour: int) -> list[int]:
    second, frame = divmod(count, fps)
    bits = [0] * 64 + [0, 0, *([1] * 12), 0, 1]
    fields = ((0, frame % 10, 4), (8, frame // 10, 2), (16, second % 10, 4), (24, second // 10, 3))
    for at, value, width in (*fields, (48, hour % 10, 4), (56, hour // 10, 2)):
        bits[at : at + width] = [value >> n & 1 for n in range(width)]
    return bits


def in_a_row(*parts: "Samples") -> "Samples":
    """One after the other."""
    import numpy as np

    return np.concatenate(parts)


def mixed(*parts: "tuple[float, Samples]") -> "Samples":
    """Together, each with its gain; the longest decides the length."""
    import numpy as np

    total = np.zeros(max(len(samples) for _, samples in parts))
    for gain, samples in parts:
        total[: len(samples)] += gain * samples
    return total


def later(samples: "Samples", seconds: float) -> "Samples":
    """The same, that much later: sound takes 3 ms for a metre."""
    return in_a_row(silence(seconds), samples)


def write_wav(path: Path, *channels: "Samples", rate: int = RATE) -> Path:
    """Channels side by side as 16 bit WAV; the shortest decides the length."""
    import numpy as np

    length = min(len(channel) for channel in channels)
    table = np.stack([channel[:length] for channel in channels], axis=1)
    data = (np.clip(table, -1, 1) * 32767).astype("<i2").tobytes()
    with wave.open(str(path), "wb") as out:
        out.setnchannels(len(channels))
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(data)
    return path


def to_speech_wav(source: Path, target: Path) -> Path:
    """Any media as the decode pass would write it: 16 kHz, every channel, 16 bit."""
    command = [
        "ffmpeg",
        "-v",
        "error",
        "-y",
        "-i",
        str(source),
        "-ar",
        str(RATE),
        "-c:a",
        "pcm_s16le",
    ]
    subprocess.run([*command, str(target)], check=True)
    return target


def words_of(texts: Sequence[str]) -> list[str]:
    """All words, without punctuation and capitals."""
    joined = " ".join(texts).lower()
    return "".join(c if c.isalnum() or c == "'" else " " for c in joined).split()
