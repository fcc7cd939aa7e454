"""Draws a waveform as a picture: the poster of sound."""

import struct
import zlib
from pathlib import Path

from app.core.media.peaks import Column, Peaks

WIDTH, HEIGHT = 640, 360
_GROUND, _BODY, _CORE, _LINE = 24, 110, 190, 52
"""Neutral greys: ground, peaks, mean level, the line between channels."""
_MOST_CHANNELS = 8


def draw(peaks: Peaks) -> bytes:
    """A grey PNG of 640 × 360, one band a channel, eight at most."""
    channels = min(peaks.channels, _MOST_CHANNELS)
    rows = [bytearray([_GROUND]) * WIDTH for _ in range(HEIGHT)]
    for channel in range(channels):
        top, bottom = HEIGHT * channel // channels, HEIGHT * (channel + 1) // channels
        rows[(top + bottom) // 2][:] = bytes([_LINE]) * WIDTH
        for x, column in enumerate(peaks.columns(channel, 0, peaks.samples, WIDTH)):
            _stroke(rows, x, top, bottom, column)
    return _png(rows)


def draw_to(peaks_file: Path, out: Path) -> None:
    """Draws a waveform file into a PNG file."""
    with Peaks(peaks_file) as peaks:
        out.write_bytes(draw(peaks))


def _stroke(rows: list[bytearray], x: int, top: int, bottom: int, column: Column) -> None:
    middle, reach = (top + bottom) // 2, (bottom - top) // 2 - 2
    for low, high, grey in (
        (column.low, column.high, _BODY),
        (-column.rms, column.rms, _CORE),
    ):
        for y in range(middle - high * reach // 127, middle - low * reach // 127 + 1):
            if low != high and top <= y < bottom:
                rows[y][x] = grey


def _png(rows: list[bytearray]) -> bytes:
    data = b"".join(b"\0" + bytes(row) for row in rows)
    head = struct.pack(">IIBBBBB", len(rows[0]), len(rows), 8, 0, 0, 0, 0)
    chunks = (_chunk(b"IHDR", head), _chunk(b"IDAT", zlib.compress(data)), _chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def _chunk(name: bytes, data: bytes) -> bytes:
    check = zlib.crc32(name + data)
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", check)
