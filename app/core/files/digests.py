"""The hashes of media by name, taken as the bytes come, and the text in which each is written.

The names are those of ASC MHL, and `crc64nvme` for S3. Hexadecimal digits are small letters; a C4 ID is `c4` and the
SHA-512 in base 58, 90 characters in all.
"""

import hashlib
from collections.abc import Callable, Iterable
from typing import Any, Final, Literal, Protocol, get_args

from app.core.model.errors import Bug
from app.core.platform.crc64 import crc64nvme

HashName = Literal["xxh64", "xxh3", "xxh128", "md5", "sha1", "c4", "crc64nvme"]

NAMES: Final[tuple[HashName, ...]] = get_args(HashName)

SLOW: Final[frozenset[HashName]] = frozenset(("md5", "sha1", "c4"))
"""Slower than a disk: 0.8, 1.9 and 1.1 GB a second and core, where the others take 12 and more."""

CATALOG: Final = "xxh3-128"
"""What the catalog calls `xxh128`."""

_C4_LETTERS: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_C4_LENGTH: Final = 88
"""Of the digits; those that lead are `1`, which is nought."""


class Digest(Protocol):
    """A hash over bytes that come one after another."""

    def update(self, data: bytes | memoryview, /) -> object:
        """Takes the next bytes."""
        ...

    def text(self) -> str:
        """The hash of everything taken so far, as it is written: hexadecimal, or a C4 ID."""
        ...


def digest(name: HashName) -> Digest:
    """A fresh hash of this name.

    Raises:
        Bug: nothing computes it here; see `can`.
    """
    if name == "crc64nvme":
        return _Crc64()
    made = _MAKERS[name]()
    return _C4(made) if name == "c4" else _Hex(made)


def can(name: HashName) -> bool:
    """Whether it can be computed here: all can, but `crc64nvme` needs a package that may not be there."""
    return name != "crc64nvme" or crc64nvme() is not None


def catalog_text(digits: str) -> str:
    """The catalog's form, `xxh3-128:<hex>`, of an `xxh128`."""
    return f"{CATALOG}:{digits}"


def hash_of(name: HashName, data: bytes | memoryview) -> str:
    """The hash of some bytes, as it is written."""
    made = digest(name)
    made.update(data)
    return made.text()


def c4_bytes(texts: Iterable[str]) -> bytes:
    """What C4 IDs stand for, one after another: 64 bytes each (MHL hashes lists of hashes so).

    Raises:
        ValueError: one of them is no C4 ID.
    """
    return b"".join(_c4_number(text) for text in texts)


def _c4_number(text: str) -> bytes:
    if not text.startswith("c4") or len(text) != _C4_LENGTH + 2:
        raise ValueError(text)
    number = 0
    if not set(text[2:]) <= set(_C4_LETTERS):
        raise ValueError(text)
    for letter in text[2:]:
        number = number * 58 + _C4_LETTERS.index(letter)
    if number >> 512:
        raise ValueError(text)
    return number.to_bytes(64, "big")


class _Hex:
    def __init__(self, made: Any) -> None:
        self._made = made
        self.update: Callable[[bytes | memoryview], object] = made.update

    def text(self) -> str:
        return str(self._made.hexdigest())


class _C4(_Hex):
    def text(self) -> str:
        number, digits = int(super().text(), 16), ""
        while number:
            number, rest = divmod(number, 58)
            digits = _C4_LETTERS[rest] + digits
        return f"c4{digits:1>{_C4_LENGTH}}"


class _Crc64:
    def __init__(self) -> None:
        crc = crc64nvme()
        if crc is None:
            raise Bug("No such checksum", "CRC64NVME cannot be computed here.")
        self._crc, self._state = crc, 0

    def update(self, data: bytes | memoryview) -> None:
        self._state = self._crc(data, self._state)

    def text(self) -> str:
        return f"{self._state:016x}"


def _xxh(name: str) -> Callable[[], Any]:
    def make() -> Any:
        import xxhash

        return getattr(xxhash, name)()

    return make


_MAKERS: Final[dict[str, Callable[[], Any]]] = {
    "xxh64": _xxh("xxh64"),
    "xxh3": _xxh("xxh3_64"),
    "xxh128": _xxh("xxh3_128"),
    "md5": lambda: hashlib.md5(usedforsecurity=False),
    "sha1": lambda: hashlib.sha1(usedforsecurity=False),
    "c4": hashlib.sha512,
}
