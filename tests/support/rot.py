"""What disks, cables and people do to a catalog's file: bytes that change, pages that go, a log that is left behind.

Every function changes files in place, by a `random.Random` given to it, and says in a word what it did.
"""

import random
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

PAGE: Final = 4096
_HEADER: Final = 100


def header(path: Path, chance: random.Random) -> str:
    """Four bytes of the header become others."""
    at = chance.randrange(_HEADER - 4)
    _write(path, at, chance.randbytes(4))
    return f"header at {at}"


def noise(path: Path, chance: random.Random) -> str:
    """A whole page becomes noise."""
    at = _page(path, chance)
    _write(path, at, chance.randbytes(PAGE))
    return f"noise at page {at // PAGE}"


def zero(path: Path, chance: random.Random) -> str:
    """A whole page becomes zeros, as after a write that never arrived."""
    at = _page(path, chance)
    _write(path, at, bytes(PAGE))
    return f"zeros at page {at // PAGE}"


def truncate(path: Path, chance: random.Random) -> str:
    """The end is missing."""
    size = chance.randrange(1, path.stat().st_size)
    with path.open("r+b") as stream:
        stream.truncate(size)
    return f"cut at {size}"


def empty(path: Path, _: random.Random) -> str:
    """Nothing is left but the name."""
    path.write_bytes(b"")
    return "emptied"


def swap(path: Path, chance: random.Random) -> str:
    """Two pages change places."""
    one, other = _page(path, chance), _page(path, chance)
    data = path.read_bytes()
    _write(path, one, data[other : other + PAGE])
    _write(path, other, data[one : one + PAGE])
    return f"pages {one // PAGE} and {other // PAGE} swapped"


def flip(path: Path, chance: random.Random) -> str:
    """One bit anywhere is another."""
    data = path.read_bytes()
    at = chance.randrange(len(data))
    _write(path, at, bytes([data[at] ^ 1 << chance.randrange(8)]))
    return f"bit at {at}"


DAMAGES: Final[Mapping[str, Callable[[Path, random.Random], str]]] = {
    "header": header,
    "noise": noise,
    "zero": zero,
    "truncate": truncate,
    "empty": empty,
    "swap": swap,
    "flip": flip,
}


def change(path: Path, old: bytes, new: bytes) -> int:
    """Puts other bytes of the same length wherever the old ones are; returns how often."""
    if len(old) != len(new):
        raise ValueError("rot never makes a file longer")
    data = path.read_bytes()
    path.write_bytes(data.replace(old, new))
    return data.count(old)


def _page(path: Path, chance: random.Random) -> int:
    return chance.randrange(path.stat().st_size // PAGE) * PAGE


def _write(path: Path, at: int, data: bytes) -> None:
    with path.open("r+b") as stream:
        stream.seek(at)
        stream.write(data)
