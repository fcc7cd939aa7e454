"""Headers of picture files: JPEG, PNG, DPX, OpenEXR, and TIFF with what is built on it.

Sizes, pixel formats in ffmpeg's names where they are certain, and the timecode and rate that film
scanners and renderers put into frames.
"""

import dataclasses
import math
import re
import struct
from fractions import Fraction

from app.core.media import exif
from app.core.media.bytesource import ByteSource
from app.core.media.quicktime_frames import STANDARD_RATES

LARGEST_HEADER = 1 << 20
TAIL = 1 << 16
"""Bytes at the end that are searched for a picture's end mark."""

_PNG = {
    (8, 0): "gray",
    (16, 0): "gray16be",
    (8, 2): "rgb24",
    (16, 2): "rgb48be",
    (8, 3): "pal8",
    (8, 4): "ya8",
    (16, 4): "ya16be",
    (8, 6): "rgba",
    (16, 6): "rgba64be",
}
_SAMPLING = {0x22: "yuvj420p", 0x21: "yuvj422p", 0x11: "yuvj444p"}
_FRAMES = frozenset(
    (*range(0xC0, 0xC4), *range(0xC5, 0xC8), *range(0xC9, 0xCC), *range(0xCD, 0xD0))
)
_NO_LENGTH = frozenset((0x01, *range(0xD0, 0xD9)))


@dataclasses.dataclass(frozen=True, slots=True)
class Picture:
    """What the header of one picture file says."""

    codec: str
    """ffprobe's name."""
    width: int = 0
    height: int = 0
    pix_fmt: str | None = None
    """None where only a decoder knows."""
    rate: Fraction | None = None
    label: str | None = None
    """A timecode label, where one is set."""
    truncated: bool = False
    photograph: exif.Photograph | None = None
    reel: str | None = None


def read(source: ByteSource, container: str) -> Picture | None:
    """Reads a picture's header; None for formats that Rushes leaves to ffprobe.

    Args:
        source: the file.
        container: what it was recognised as: `jpeg`, `png`, `dpx`, `exr`, `tiff`.
    """
    readers = {"jpeg": _jpeg, "png": _png, "dpx": _dpx, "exr": _exr, "tiff": _tiff}
    reader = readers.get(container)
    return reader(source) if reader else None


def _png(source: ByteSource) -> Picture:
    head = source.at(0, 33)
    if len(head) < 29 or head[12:16] != b"IHDR":
        return Picture("png", truncated=True)
    width, height, depth, colour = struct.unpack_from(">IIBB", head, 16)
    whole = b"IEND" in source.at(max(0, source.size - TAIL), TAIL)
    return Picture("png", width, height, _PNG.get((depth, colour)), truncated=not whole)


def _jpeg(source: ByteSource) -> Picture:
    picture = Picture("mjpeg")
    photograph: exif.Photograph | None = None
    plain = True
    offset = 2
    while offset < min(source.size, LARGEST_HEADER):
        head = source.at(offset, 10)
        if len(head) < 4 or head[0] != 0xFF:
            break
        kind = head[1]
        if kind in _NO_LENGTH or kind == 0xFF:
            offset += 1 if kind == 0xFF else 2
            continue
        if kind == 0xE1 and head[4:10] == b"Exif\0\0":
            photograph = photograph or exif.read(source, offset + 10)
        plain = plain and not (kind == 0xEE and head[4:9] == b"Adobe")
        if kind in _FRAMES:
            picture = _jpeg_frame(source.at(offset + 4, 20), plain)
        if kind in _FRAMES or kind == 0xDA:
            break
        offset += 2 + int.from_bytes(head[2:4], "big")
    whole = b"\xff\xd9" in source.at(max(0, source.size - TAIL), TAIL)
    return dataclasses.replace(picture, photograph=photograph, truncated=not whole)


def _jpeg_frame(data: bytes, plain: bool) -> Picture:
    if len(data) < 6:
        return Picture("mjpeg")
    depth, height, width, components = struct.unpack_from(">BHHB", data)
    sampling = [data[at] for at in range(7, min(len(data), 7 + components * 3), 3)]
    pix_fmt = None
    if depth == 8 and components == 1:
        pix_fmt = "gray"
    elif depth == 8 and plain and components == 3 and sampling[1:] == [0x11, 0x11]:
        pix_fmt = _SAMPLING.get(sampling[0])
    return Picture("mjpeg", width, height, pix_fmt)


def _dpx(source: ByteSource) -> Picture:
    head = source.at(0, 2048)
    if len(head) < 1664:
        return Picture("dpx", truncated=True)
    order = ">" if head[:4] == b"SDPX" else "<"
    start, length = (struct.unpack_from(order + "I", head, at)[0] for at in (4, 16))
    # Some programs leave the film and television parts of the header out: there lie pixels.
    head = head[: max(1664, start)]
    width, height = struct.unpack_from(order + "II", head, 772)
    film, television = (_real(head, order, at) for at in (1724, 1940))
    return Picture(
        "dpx",
        width,
        height,
        rate=television or film,
        label=_packed_label(head[1920:1924], order),
        truncated=start >= source.size or (length != 0xFFFFFFFF and length > source.size),
    )


def _real(head: bytes, order: str, at: int) -> Fraction | None:
    """A frame rate that is stored as a real number, at once as the rate that is meant."""
    if len(head) < at + 4:
        return None
    (value,) = struct.unpack_from(order + "f", head, at)
    if not math.isfinite(value) or not 1 <= value <= 1000:
        return None
    exact = Fraction(value)
    near = min(STANDARD_RATES, key=lambda rate: abs(rate - exact))
    return near if abs(near - exact) < Fraction(1, 200) else exact.limit_denominator(1001)


def _packed_label(data: bytes, order: str) -> str | None:
    """Binary-coded decimal HHMMSSFF; all zeros and all ones mean that none is set."""
    if len(data) < 4 or data in (b"\0" * 4, b"\xff" * 4):
        return None
    digits = (data if order == ">" else data[::-1]).hex()
    pairs = [digits[at : at + 2] for at in range(0, 8, 2)]
    return ":".join(pairs) if digits.isdigit() else None


def _exr(source: ByteSource) -> Picture:
    data = source.at(8, LARGEST_HEADER)
    found = dict(_attributes(data))
    box = found.get("displayWindow", b"")
    width, height = 0, 0
    if len(box) == 16:
        left, top, right, bottom = struct.unpack("<4i", box)
        width, height = max(0, right - left + 1), max(0, bottom - top + 1)
    return Picture(
        "exr",
        width,
        height,
        rate=_exr_rate(found.get("framesPerSecond", b"")),
        label=_exr_label(found.get("timeCode", b"")),
        reel=_exr_text(found.get("reelName", b"")),
    )


def _attributes(data: bytes) -> list[tuple[str, bytes]]:
    """The attributes of an OpenEXR header: name, type, size, value, until an empty name."""
    found: list[tuple[str, bytes]] = []
    offset = 0
    while len(found) < 256:
        match = re.compile(rb"([^\0]{1,255})\0([^\0]{1,255})\0(.{4})", re.DOTALL).match(
            data, offset
        )
        if not match:
            break
        length = int.from_bytes(match[3], "little")
        if match.end() + length > len(data):
            break
        found.append((match[1].decode("latin-1"), data[match.end() : match.end() + length]))
        offset = match.end() + length
    return found


def _exr_rate(value: bytes) -> Fraction | None:
    if len(value) != 8:
        return None
    above, below = struct.unpack("<iI", value)
    return Fraction(above, below) if below and below <= above <= below * 1000 else None


def _exr_label(value: bytes) -> str | None:
    """SMPTE time and control code: BCD with flag bits; bit 6 is drop-frame."""
    if len(value) != 8 or value[:4] == b"\0" * 4:
        return None
    (word,) = struct.unpack("<I", value[:4])
    parts = [word >> 24 & 0x3F, word >> 16 & 0x7F, word >> 8 & 0x7F, word & 0x3F]
    text = [f"{part:02x}" for part in parts]
    mark = ";" if word & 0x40 else ":"
    return ":".join(text[:3]) + mark + text[3] if "".join(text).isdigit() else None


def _exr_text(value: bytes) -> str | None:
    return value.decode("utf-8", "replace").strip("\0 ")[:200] or None


def _tiff(source: ByteSource) -> Picture:
    photograph = exif.read(source)
    if photograph is None:
        return Picture("tiff")
    return Picture(
        "tiff",
        photograph.width,
        photograph.height,
        truncated=photograph.missing_bytes > 0,
        photograph=photograph,
    )
