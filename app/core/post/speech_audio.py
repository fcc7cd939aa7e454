"""Reads speech audio: 16 kHz WAV (also RF64), one file a channel or all in one, a channel at a time.

Only what is asked for is read: an hour of eight channels never lies in memory at once. The file is
made by the decode pass, so nothing but PCM and float is understood; anything else is `BadData`.
"""

import dataclasses
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from app.core.model.errors import BadData, Bug

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Samples = npt.NDArray[np.float32]

SAMPLE_RATE = 16_000
"""Samples a second of speech audio, and the unit of every time in a transcript."""

_PCM, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE
_DTYPES = {(_PCM, 16): "<i2", (_PCM, 32): "<i4", (_FLOAT, 32): "<f4"}
_SCALE = {"<i2": 1 << 15, "<i4": 1 << 31, "<f4": 1}
_FORMAT = struct.Struct("<HHIIHH")
_UNKNOWN = 0xFFFFFFFF
"""The size a writer leaves behind that could not seek back, and that RF64 puts elsewhere."""


@dataclasses.dataclass(frozen=True, slots=True)
class _File:
    """Where the samples of one file lie."""

    path: Path
    channels: int
    samples: int
    dtype: str
    offset: int

    def block(self, channel: int, start: int, end: int) -> "Samples":
        import numpy as np

        width = np.dtype(self.dtype).itemsize * self.channels
        shape = (end - start, self.channels)
        mapped = np.memmap(self.path, self.dtype, "r", self.offset + start * width, shape)
        column = np.asarray(mapped[:, channel], np.float32)
        return cast("Samples", column / np.float32(_SCALE[self.dtype]))


@dataclasses.dataclass(frozen=True, slots=True)
class SpeechAudio:
    """The speech audio of a clip: one file, or several whose channels are counted on."""

    files: tuple[_File, ...]

    def beginning(self, samples: int) -> "SpeechAudio":
        """The same, ended after so many samples."""
        return SpeechAudio(
            tuple(
                dataclasses.replace(file, samples=min(file.samples, samples)) for file in self.files
            )
        )

    @property
    def channels(self) -> int:
        """Of all files together."""
        return sum(file.channels for file in self.files)

    @property
    def samples(self) -> int:
        """Of the longest file."""
        return max((file.samples for file in self.files), default=0)

    def block(self, channel: int, start: int, end: int) -> "Samples":
        """Samples [start, end) of one channel, as floats of -1 to 1.

        Clamped to the clip; a file that is shorter than the others ends in silence.
        """
        import numpy as np

        start, end = max(0, start), min(end, self.samples)
        for file in self.files:
            if channel < file.channels:
                reached = min(end, file.samples)
                if reached <= start:
                    return np.zeros(max(0, end - start), np.float32)
                return np.pad(file.block(channel, start, reached), (0, end - reached))
            channel -= file.channels
        raise Bug("No such channel")


def open_speech(paths: Sequence[Path]) -> SpeechAudio:
    """Reads the headers.

    Raises:
        BadData: no WAV, not 16 kHz, or a coding other than PCM 16/32 and float 32.
    """
    return SpeechAudio(tuple(_opened(path) for path in paths))


def _opened(path: Path) -> _File:
    try:
        with path.open("rb") as stream:
            return _parse(path, stream, path.stat().st_size)
    except (OSError, struct.error) as error:
        raise BadData(
            "Speech audio not readable", f"{path.name}: {error}.", subject=str(path)
        ) from error


def _parse(path: Path, stream: BinaryIO, size: int) -> _File:
    head = stream.read(12)
    if head[:4] not in {b"RIFF", b"RF64"} or head[8:12] != b"WAVE":
        raise _bad(path, "it is no WAV file")
    layout = b""
    long_size = 0
    while len(mark := stream.read(8)) == 8:
        name, length = mark[:4], int.from_bytes(mark[4:], "little")
        if name == b"data":
            if length == _UNKNOWN:
                length = long_size
            room = size - stream.tell()
            # A header left unfinished by a killed writer says 0: then what is there counts.
            length = min(length or room, room)
            return _file(path, layout, stream.tell(), length)
        body = stream.read(length + length % 2)
        if name == b"fmt ":
            layout = body
        elif name == b"ds64":
            long_size = int.from_bytes(body[8:16], "little")
    raise _bad(path, "it has no samples")


def _file(path: Path, layout: bytes, offset: int, length: int) -> _File:
    coding, channels, rate, _, width, bits = cast(
        "tuple[int, int, int, int, int, int]", _FORMAT.unpack_from(layout)
    )
    if coding == _EXTENSIBLE:
        coding = int.from_bytes(layout[24:26], "little")
    dtype = _DTYPES.get((coding, bits))
    if dtype is None or not channels or width != channels * bits // 8:
        raise _bad(path, f"coding {coding} of {bits} bits in {channels} channels is not understood")
    if rate != SAMPLE_RATE:
        raise _bad(path, f"{rate} Hz where {SAMPLE_RATE} Hz are needed")
    return _File(path, channels, length // width, dtype, offset)


def _bad(path: Path, why: str) -> BadData:
    return BadData("Not speech audio", f"{path.name}: {why}.", subject=str(path))
