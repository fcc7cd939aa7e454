"""TIFF structure and EXIF: what photographs say about themselves.

Used for TIFF-like files (DNG and most raw stills) and for the EXIF block of a JPEG. Bounded: few
directories, few entries, short values; a pointer that leads nowhere is ignored.
"""

import dataclasses
import struct
from fractions import Fraction
from typing import Final

from app.core.media.bytesource import ByteSource
from app.core.media.camera_xml import instants

MOST_DIRECTORIES = 32
MOST_ENTRIES = 512
LONGEST_VALUE = 4096

_SIZES: Final = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1, 9: 4, 10: 8}
_CODES: Final = {1: "B", 3: "H", 4: "I", 9: "i"}
_TURNS: Final = {3: 180, 4: 180, 5: 90, 6: 90, 7: 270, 8: 270}
_SUBFILE, _WIDTH, _HEIGHT, _MAKE, _MODEL = 0xFE, 0x100, 0x101, 0x10F, 0x110
_STRIPS, _ORIENTATION, _STRIP_BYTES, _TILES, _TILE_BYTES = 0x111, 0x112, 0x117, 0x144, 0x145
_SUBDIRECTORIES, _EXIF, _GPS = 0x14A, 0x8769, 0x8825
_DATE, _ORIGINAL, _OFFSET, _LENS = 0x132, 0x9003, 0x9011, 0xA434


@dataclasses.dataclass(frozen=True, slots=True)
class Photograph:
    """What a photograph's directories say."""

    width: int = 0
    height: int = 0
    """Of its largest picture."""
    rotation: int = 0
    """Degrees clockwise to show it upright."""
    make: str | None = None
    model: str | None = None
    lens: str | None = None
    recorded_at: str | None = None
    """ISO 8601, UTC; None where the camera wrote no zone."""
    recorded_local: str | None = None
    location: str | None = None
    """ISO 6709."""
    missing_bytes: int = 0
    """Picture data that lies beyond the file's end."""


class _Directory:
    """One image file directory: values by tag."""

    def __init__(self, source: ByteSource, base: int, order: str, offset: int) -> None:
        self._source, self._base, self._order = source, base, order
        count = struct.unpack(order + "H", source.at(base + offset, 2).ljust(2, b"\0"))[0]
        data = source.at(base + offset + 2, min(count, MOST_ENTRIES) * 12 + 4)
        self.entries = {
            struct.unpack_from(order + "H", data, at)[0]: data[at : at + 12]
            for at in range(0, len(data) - 15, 12)
        }
        rest = data[count * 12 : count * 12 + 4]
        self.next = struct.unpack(order + "I", rest)[0] if len(rest) == 4 else 0

    def _value(self, tag: int) -> tuple[int, int, bytes]:
        entry = self.entries.get(tag, b"")
        if len(entry) < 12:
            return 0, 0, b""
        kind, count = struct.unpack_from(self._order + "HI", entry, 2)
        length = _SIZES.get(kind, 0) * count
        if length <= 4:
            return kind, count, entry[8 : 8 + length]
        offset = struct.unpack_from(self._order + "I", entry, 8)[0]
        return kind, count, self._source.at(self._base + offset, min(length, LONGEST_VALUE))

    def numbers(self, tag: int) -> list[int]:
        """The whole numbers of a tag."""
        kind, count, data = self._value(tag)
        code = _CODES.get(kind)
        if code is None:
            return []
        count = min(count, len(data) // _SIZES[kind])
        return list(struct.unpack_from(f"{self._order}{count}{code}", data))

    def number(self, tag: int) -> int:
        """The first whole number of a tag, or 0."""
        return next(iter(self.numbers(tag)), 0)

    def text(self, tag: int) -> str | None:
        """The text of a tag."""
        data = self._value(tag)[2].split(b"\0")[0]
        return data.decode("utf-8", "replace").strip() or None

    def ratios(self, tag: int) -> list[Fraction]:
        """The rational numbers of a tag; none where one has no denominator."""
        kind, count, data = self._value(tag)
        pairs = min(count, len(data) // 8) if kind in (5, 10) else 0
        flat = struct.unpack_from(f"{self._order}{pairs * 2}I", data)
        return [] if 0 in flat[1::2] else list(map(Fraction, flat[::2], flat[1::2]))


def read(source: ByteSource, base: int = 0) -> Photograph | None:
    """Reads a TIFF structure that begins at `base`; None where there is none."""
    head = source.at(base, 8)
    order = {b"II": "<", b"MM": ">"}.get(head[:2])
    if order is None or len(head) < 8:
        return None
    directories = _directories(source, base, order, struct.unpack_from(order + "I", head, 4)[0])
    if not directories:
        return None
    first = directories[0]
    exif = _pointed(source, base, order, first.number(_EXIF)) or first
    gps = _pointed(source, base, order, first.number(_GPS))
    utc, local = _taken(exif, first)
    largest = max(directories, key=_area)
    return Photograph(
        width=largest.number(_WIDTH),
        height=largest.number(_HEIGHT),
        rotation=_TURNS.get(first.number(_ORIENTATION), 0),
        make=first.text(_MAKE),
        model=first.text(_MODEL),
        lens=exif.text(_LENS),
        recorded_at=utc,
        recorded_local=local,
        location=_place(gps) if gps else None,
        missing_bytes=max([0, *(_reach(one) - source.size + base for one in directories)]),
    )


def _directories(source: ByteSource, base: int, order: str, offset: int) -> list[_Directory]:
    """The chain of directories and what hangs below each, each place once."""
    waiting, seen = [offset], set[int]()
    found: list[_Directory] = []
    while waiting and len(found) < MOST_DIRECTORIES:
        place = waiting.pop(0)
        if place < 8 or place in seen or base + place >= source.size:
            continue
        seen.add(place)
        directory = _Directory(source, base, order, place)
        found.append(directory)
        waiting += [*directory.numbers(_SUBDIRECTORIES)[:8], directory.next]
    return found


def _pointed(source: ByteSource, base: int, order: str, offset: int) -> _Directory | None:
    return _Directory(source, base, order, offset) if 8 <= offset < source.size - base else None


def _area(directory: _Directory) -> tuple[bool, int]:
    """Full pictures before reduced ones, then by size."""
    return not directory.number(_SUBFILE) & 1, directory.number(_WIDTH) * directory.number(_HEIGHT)


def _reach(directory: _Directory) -> int:
    """Where a directory's picture data ends."""
    ends = [0]
    for starts, lengths in ((_STRIPS, _STRIP_BYTES), (_TILES, _TILE_BYTES)):
        pairs = zip(directory.numbers(starts), directory.numbers(lengths), strict=False)
        ends += [start + length for start, length in pairs]
    return max(ends)


def _taken(exif: _Directory, first: _Directory) -> tuple[str | None, str | None]:
    written = exif.text(_ORIGINAL) or first.text(_DATE) or ""
    date, _, time = written.partition(" ")
    return instants(f"{date.replace(':', '-')}T{time}{exif.text(_OFFSET) or ''}")


def _place(gps: _Directory) -> str | None:
    """Latitude and longitude as ISO 6709 degrees."""
    parts: list[str] = []
    for reference, tag, negative, width in ((1, 2, "S", 8), (3, 4, "W", 9)):
        angles = gps.ratios(tag)
        if len(angles) != 3:
            return None
        degrees = angles[0] + angles[1] / 60 + angles[2] / 3600
        sign = "-" if gps.text(reference) == negative else "+"
        whole, part = divmod(round(degrees * 100_000), 100_000)
        parts.append(sign + f"{whole}.{part:05d}".rjust(width, "0"))
    return "".join(parts) + "/"
