"""Makes a waveform file, and the levels of each channel, from raw sound as it passes by.

Memory stays the same for a day of sound as for a second: level 0 goes straight to the file, coarser
levels are made from what is in the file.
"""

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from app.core.media.peaks import BIN, FACTOR, MAGIC, RATE, VALUES
from app.core.model.errors import Bug

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Samples = NDArray[np.int16]
    Levels = NDArray[np.int8]

_BLOCK = BIN * 256
"""Samples of each channel taken at once."""
_DB_FLOOR = -100
_FULL_SCALE = 32767


@dataclasses.dataclass(frozen=True, slots=True)
class ChannelLevel:
    """How loud one channel is; decibels below full scale."""

    peak_db: float
    rms_db: float
    floor_db: float
    """What nine tenths of the time is louder than: the noise of the room."""
    loud_db: float
    """What one tenth of the time is louder than: speech, where there is speech."""
    clipped: int
    """Samples at full scale."""


class PeakWriter:
    """Takes interleaved signed 16-bit sound at 48 kHz; `finish` writes the file."""

    def __init__(self, path: Path, channels: int) -> None:
        """Starts a waveform file.

        Args:
            path: the file to write; beside it a temporary one is used.
            channels: how many are interleaved, 1 or more.
        """
        import numpy as np

        self._path = path
        self._channels = channels
        self._rest = b""
        self._samples = 0
        self._bins = 0
        self._partial = path.with_suffix(".partial")
        self._file: BinaryIO = self._partial.open("w+b")
        self._peak = np.zeros(channels, dtype=np.int64)
        self._clipped = np.zeros(channels, dtype=np.int64)
        # How many bins lie at each decibel, and how much the channels have in common.
        self._loudness = np.zeros((channels, 1 - _DB_FLOOR), dtype=np.int64)
        self._products = np.zeros((channels, channels), dtype=np.float64)

    def feed(self, data: bytes) -> None:
        """Takes the next piece, of any length."""
        self._rest += data
        block = _BLOCK * self._channels * 2
        while len(self._rest) >= block:
            self._take(self._rest[:block])
            self._rest = self._rest[block:]

    def _take(self, data: bytes) -> None:
        import numpy as np

        frames = len(data) // (2 * self._channels)
        usable = data[: frames * 2 * self._channels]
        # Channels made contiguous first: on a strided axis min and max are thirty times slower.
        sound = np.ascontiguousarray(np.frombuffer(usable, "<i2").reshape(-1, self._channels).T)
        self._samples += frames
        real = sound.astype(np.float32)
        self._products += real @ real.T
        missing = -frames % BIN
        if missing:
            sound = np.pad(sound, ((0, 0), (0, missing)), mode="edge")
            real = np.pad(real, ((0, 0), (0, missing)), mode="edge")
        bins = sound.reshape(self._channels, -1, BIN)
        low, high = bins.min(axis=2), bins.max(axis=2)
        self._note_peaks(sound[:, :frames], low, high)
        waves = real.reshape(self._channels, -1, BIN)
        squares = np.einsum("cbs,cbs->cb", waves, waves) / BIN
        self._count(squares)
        out = np.empty((bins.shape[1], self._channels, VALUES), dtype=np.int8)
        out[:, :, 0] = (low >> 8).T
        out[:, :, 1] = np.minimum((high.astype(np.int32) + 255) >> 8, 127).T
        out[:, :, 2] = np.minimum(np.rint(np.sqrt(squares) / 256), 127).T
        self._file.write(out.tobytes())
        self._bins += bins.shape[1]

    def _note_peaks(self, sound: "Samples", low: "Samples", high: "Samples") -> None:
        import numpy as np

        peak = np.maximum(-low.min(axis=1).astype(np.int64), high.max(axis=1))
        self._peak = np.maximum(self._peak, peak)
        if peak.max() >= _FULL_SCALE:
            self._clipped += (np.abs(sound.astype(np.int32)) >= _FULL_SCALE).sum(axis=1)

    def _count(self, squares: "NDArray[np.float32]") -> None:
        import numpy as np

        decibels = np.rint(10 * np.log10(np.maximum(squares / 32768**2, 1e-10))).astype(np.int64)
        for channel in range(self._channels):
            self._loudness[channel] += np.bincount(
                np.clip(decibels[channel], _DB_FLOOR, 0) - _DB_FLOOR, minlength=1 - _DB_FLOOR
            )

    def finish(self) -> None:
        """Writes what is left, the coarser levels and the head."""
        if len(self._rest) >= 2 * self._channels:
            self._take(self._rest)
        self._rest = b""
        counts = [self._bins]
        start = 0
        while counts[-1] > 1:
            start, made = self._coarser(start, counts[-1])
            counts.append(made)
        self._assemble(counts)
        self.abandon()

    def _coarser(self, start: int, bins: int) -> tuple[int, int]:
        """Appends a level made from the one at `start`: (where it begins, its bins)."""
        import numpy as np

        width = self._channels * VALUES
        made_at = start + bins * width
        made = 0
        step = FACTOR * 4096
        for first in range(0, bins, step):
            self._file.seek(start + first * width)
            data = self._file.read(min(step, bins - first) * width)
            fine = np.frombuffer(data, np.int8).reshape(-1, self._channels, VALUES)
            coarse = _joined(fine)
            self._file.seek(made_at + made * width)
            self._file.write(coarse.tobytes())
            made += len(coarse)
        return made_at, made

    def _assemble(self, counts: list[int]) -> None:
        import shutil
        import struct

        with self._path.open("wb") as out:
            head = (MAGIC, RATE, self._channels, BIN, self._samples, len(counts))
            out.write(struct.pack("<4sIHHQH", *head))
            out.write(struct.pack(f"<{len(counts)}Q", *counts))
            self._file.seek(0)
            shutil.copyfileobj(self._file, out, 1 << 20)

    def abandon(self) -> None:
        """Removes the temporary file."""
        self._file.close()
        self._partial.unlink(missing_ok=True)

    @property
    def samples(self) -> int:
        """Samples of each channel taken so far."""
        return self._samples

    def levels(self) -> tuple[ChannelLevel, ...]:
        """How loud each channel was."""
        if self._samples == 0:
            raise Bug("Levels of no sound")
        return tuple(self._level(channel) for channel in range(self._channels))

    def _level(self, channel: int) -> ChannelLevel:
        seen = self._loudness[channel].cumsum()
        total = int(seen[-1])
        return ChannelLevel(
            peak_db=_decibels(float(self._peak[channel]) / 32768),
            rms_db=_decibels(
                float(self._products[channel, channel] / self._samples) ** 0.5 / 32768
            ),
            floor_db=float(seen.searchsorted(total * 0.1) + _DB_FLOOR),
            loud_db=float(seen.searchsorted(total * 0.9) + _DB_FLOOR),
            clipped=int(self._clipped[channel]),
        )

    def likeness(self) -> tuple[tuple[float, ...], ...]:
        """How alike each two channels are: 1 the same sound (also at another level), 0 nothing in common."""
        import numpy as np

        power = np.sqrt(np.maximum(np.diag(self._products), 1.0))
        alike = self._products / np.outer(power, power)
        return tuple(tuple(round(float(value), 3) for value in row) for row in alike)


def _joined(fine: "Levels") -> "Levels":
    import numpy as np

    missing = -len(fine) % FACTOR
    if missing:
        fine = np.pad(fine, ((0, missing), (0, 0), (0, 0)), mode="edge")
    groups = fine.reshape(-1, FACTOR, *fine.shape[1:])
    out = np.empty((len(groups), *fine.shape[1:]), dtype=np.int8)
    out[:, :, 0] = groups[:, :, :, 0].min(axis=1)
    out[:, :, 1] = groups[:, :, :, 1].max(axis=1)
    squares = np.square(groups[:, :, :, 2], dtype=np.float32).mean(axis=1)
    out[:, :, 2] = np.minimum(np.rint(np.sqrt(squares)), 127)
    return out


def _decibels(ratio: float) -> float:
    import math

    return round(20 * math.log10(ratio), 1) if ratio > 0 else float(_DB_FLOOR)
