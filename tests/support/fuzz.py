"""Damage by seed: what disks, cables, cut-off copies and hostile hands make of a file's bytes.

`damage(data, seed)` gives the same bytes for the same seed for ever, so that a file that breaks something can
be made again by its number.
"""

import random
import re
import struct
from collections.abc import Callable
from itertools import pairwise

PAGE = 4096
ABSURD = (0, 1, 7, 8, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0xFFFFFFF0, 0x00FFFFFF)
"""Lengths and counts that no writer means."""
_HEAD = 3000
"""Most of what a reader believes stands in so many first or last bytes."""
_MARKS = re.compile(
    rb"ftyp|moov|trak|mdia|minf|stbl|stsd|stts|stss|ctts|stsc|stsz|stco|elst|tkhd|mdhd|mvhd|hdlr|tmcd|mdat|moof|trun"
    rb"|hvcC|avcC|esds|RIFF|LIST|hdrl|strh|strf|idx1|fmt |data|bext|iXML|JUNK|IHDR|IDAT|PLTE|pHYs|IEND"
    rb"|SDPX|II\*\0|MM\0\*|Exif|fLaC|ID3|\x06\x0e\x2b\x34|\x1a\x45\xdf\xa3|\x18\x53\x80\x67|\x16\x54\xae\x6b|\x1f\x43\xb6\x75"
)
"""Where the boxes, chunks, keys and segments begin whose lengths stand beside them."""

Hurt = Callable[[bytearray, random.Random], None]


def damage(data: bytes, seed: int, way: str = "") -> bytes:
    """The bytes, damaged in one of the `WAYS`, by the seed or as named. They may be fewer, more, or none."""
    dice = random.Random(f"{seed} {way}")
    hurt = bytearray(data)
    WAYS[way or dice.choice(list(WAYS))](hurt, dice)
    if bytes(hurt) == data:
        _flip(hurt, dice)
    return bytes(hurt)


def _place(data: bytearray, dice: random.Random, length: int = 1) -> int:
    """Anywhere, and as often near the beginning or the end."""
    most = max(0, len(data) - length)
    near = min(most, _HEAD)
    return dice.choice(
        (dice.randint(0, most), dice.randint(0, near), dice.randint(most - near, most))
    )


def _flip(data: bytearray, dice: random.Random) -> None:
    """Single bits, from one to many."""
    for _ in range(dice.choice((1, 4, 30, 200))):
        if data:
            data[_place(data, dice)] ^= 1 << dice.randrange(8)


def _cut(data: bytearray, dice: random.Random) -> None:
    """The end is missing: a copy that was broken off."""
    del data[_place(data, dice) :]


def _behead(data: bytearray, dice: random.Random) -> None:
    """The beginning is missing: a recovered file."""
    del data[: dice.randint(1, max(1, len(data) // 2))]


def _blank(data: bytearray, dice: random.Random) -> None:
    """Whole pages of zeros: a filesystem that lost its journal."""
    for _ in range(dice.choice((1, 2, 5))):
        at = _place(data, dice) // PAGE * PAGE
        data[at : at + PAGE] = bytes(len(data[at : at + PAGE]))


def _noise(data: bytearray, dice: random.Random) -> None:
    """A range of other bytes: a sector of another file."""
    length = dice.choice((16, 512, PAGE))
    at = _place(data, dice, length)
    data[at : at + length] = dice.randbytes(len(data[at : at + length]))


def _splice(data: bytearray, dice: random.Random) -> None:
    """A range is left out, and what follows moves up."""
    at = _place(data, dice)
    del data[at : at + dice.choice((1, 3, 188, 512, PAGE))]


def _length(data: bytearray, dice: random.Random) -> None:
    """Lengths and counts beside the marks of boxes and chunks become absurd."""
    marks = [found.start() for found in _MARKS.finditer(data)]
    for at in dice.sample(marks, min(len(marks), dice.choice((1, 1, 3)))):
        place = max(0, at + dice.choice((-4, -4, 4, 8, 12, 16, 17)))
        form = dice.choice("><") + "I"
        if place + 4 <= len(data):
            struct.pack_into(form, data, place, dice.choice(ABSURD))


def _parts(data: bytearray) -> list[bytes]:
    marks = [found.start() for found in _MARKS.finditer(data)]
    ends = sorted({0, *(max(0, at - 4) for at in marks), len(data)})
    return [bytes(data[first:last]) for first, last in pairwise(ends)]


def _double(data: bytearray, dice: random.Random) -> None:
    """A box stands there twice, or a hundred times."""
    parts = _parts(data) or [b""]
    at = dice.randrange(len(parts))
    parts[at] *= dice.choice((2, 2, 100)) if len(parts[at]) < PAGE else 2
    data[:] = b"".join(parts)


def _swap(data: bytearray, dice: random.Random) -> None:
    """Two boxes change places."""
    parts = _parts(data) or [b""]
    one, other = dice.randrange(len(parts)), dice.randrange(len(parts))
    parts[one], parts[other] = parts[other], parts[one]
    data[:] = b"".join(parts)


def _grow(data: bytearray, dice: random.Random) -> None:
    """Something else stands behind the end."""
    data += dice.choice((bytes(PAGE), dice.randbytes(PAGE), bytes(data[:PAGE])))


WAYS: dict[str, Hurt] = {
    "flip": _flip,
    "cut": _cut,
    "length": _length,
    "blank": _blank,
    "splice": _splice,
    "double": _double,
    "noise": _noise,
    "swap": _swap,
    "behead": _behead,
    "grow": _grow,
}
