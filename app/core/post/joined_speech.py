"""The 16 kHz copies of a clip's channels as one WAV, so that its microphones can be compared side by side."""

import contextlib
import struct
import wave
from collections.abc import Sequence
from pathlib import Path
from typing import Final

NAME: Final = "speech.wav"
_RATE: Final = 16_000
_BLOCK: Final = 1 << 18
_LARGEST_RIFF: Final = (1 << 32) - (1 << 16)
_HEAD: Final = 80
"""Bytes before the samples: RIFF, a ds64 chunk or room for one, the format, the data chunk's own head."""


def join_speech(names: Sequence[str], folder: Path) -> str | None:
    """Joins mono files into one with a channel each, in this order; the mono files are removed.

    Args:
        names: files in the folder, 16 kHz, 16-bit, one channel.
        folder: the working folder of the decode pass.

    Returns:
        The joined file's name; None where there is no sound. RF64 (EBU Tech 3306) where it is too long for RIFF.
    """
    if not names:
        return None
    import numpy

    target, samples = folder / f"{NAME}.new", 0
    with contextlib.ExitStack() as stack, target.open("wb") as out:
        readers = [stack.enter_context(wave.open(str(folder / name), "rb")) for name in names]
        out.write(_header(len(names), 0))
        while True:
            blocks = [
                numpy.frombuffer(reader.readframes(_BLOCK), dtype="<i2") for reader in readers
            ]
            longest = max(len(block) for block in blocks)
            if not longest:
                break
            joined = numpy.zeros((longest, len(blocks)), dtype="<i2")
            for n, block in enumerate(blocks):
                joined[: len(block), n] = block
            out.write(joined.tobytes())
            samples += longest
        out.seek(0)
        out.write(_header(len(names), samples))
    for name in names:
        (folder / name).unlink()
    target.rename(folder / NAME)
    return NAME


def _header(channels: int, samples: int) -> bytes:
    data = samples * channels * 2
    long = data > _LARGEST_RIFF
    whole = _HEAD - 8 + data
    ds64 = struct.pack("<4sIQQQI", b"ds64" if long else b"JUNK", 28, whole, data, samples, 0)
    layout = struct.pack(
        "<4sIHHIIHH", b"fmt ", 16, 1, channels, _RATE, _RATE * channels * 2, channels * 2, 16
    )
    none = 0xFFFFFFFF
    return (
        struct.pack("<4sI4s", b"RF64" if long else b"RIFF", none if long else whole, b"WAVE")
        + ds64
        + layout
        + struct.pack("<4sI", b"data", none if long else data)
    )
