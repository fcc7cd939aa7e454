"""Lists of hashes of the format before ASC MHL (versions 1.0 and 1.1): one file in the folder it is about, without a history.

Tools wrote them in many encodings, with backslashes, and with three sorts of xxHash: `xxhash64be` is the number as
everybody writes it, `xxhash64` has its bytes turned round, `xxhash` is XXH32 as a decimal number.
"""

import dataclasses
import datetime
import getpass
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from app.core.files.digests import HashName
from app.core.files.mhl_reading import is_below
from app.core.files.mhl_values import SUFFIX, Creator, MhlHash, hash_text
from app.core.files.mhl_xml import (
    carried,
    coded,
    decoded,
    escaped,
    moment,
    nanoseconds,
    read,
    whole,
)
from app.core.files.opening import open_regular
from app.core.files.publish import atomic_write
from app.core.model.errors import BadData, Refused
from app.core.model.names import display
from app.core.platform import clock
from app.core.platform.pacing import IsCancelled, never

_NAMES: Final[dict[str, HashName]] = {
    "md5": "md5",
    "sha1": "sha1",
    "xxhash64be": "xxh64",
    "xxh64": "xxh64",
    "xxh3": "xxh3",
    "xxh128": "xxh128",
    "c4": "c4",
}
_TAGS: Final[tuple[tuple[HashName, str], ...]] = (
    ("md5", "md5"),
    ("sha1", "sha1"),
    ("xxh64", "xxhash64be"),
)
"""The hashes that a list of ours may hold, with their elements."""


@dataclasses.dataclass(frozen=True, slots=True)
class LegacyFile:
    """What a list says of one file."""

    path: str
    """Below the folder of the list, `/` between names."""
    size: int | None
    mtime_ns: int | None
    """None where the list does not say of which zone its dates are (1.0)."""
    hashes: Mapping[HashName, str]
    xxh32: int | None = None
    """Where there is nothing better. Where this is none and `hashes` is empty, only the size is known."""


@dataclasses.dataclass(frozen=True, slots=True)
class LegacyList:
    """One list."""

    name: str
    """Its file."""
    version: str
    finished: str
    """When it was finished, as it is written there."""
    tool: str
    files: tuple[LegacyFile, ...]
    led_out: tuple[str, ...]
    """Paths that lead out of the folder; they are never opened."""


def read_legacy(path: Path, *, cancel: IsCancelled = never) -> LegacyList:
    """Reads a list, in whatever encoding it declares.

    Raises:
        Refused, BadData: it is no list of version 1, broken, or beyond the caps.
        Missing, Passing, Cancelled: as `files.opening.open_regular` and `files.hashing.full_hash`.
    """
    reading = _Legacy()
    with open_regular(path.parent, path.name) as stream:
        read(stream, reading, display(path.name), cancel=cancel)
    if not reading.version.startswith("1"):
        raise BadData(
            "Not a list of hashes",
            f"{display(path.name)} is no list of hashes of version 1.",
            subject=display(path.name),
        )
    finished = reading.said.get("finishdate") or reading.said.get("startdate") or ""
    return LegacyList(
        path.name,
        reading.version,
        finished.strip(),
        reading.said.get("tool", "").strip(),
        tuple(reading.files),
        tuple(reading.led_out),
    )


class _Legacy:
    """Takes the elements of a list in."""

    def __init__(self) -> None:
        self.version = ""
        self.said: dict[str, str] = {}
        self.files: list[LegacyFile] = []
        self.led_out: list[str] = []
        self._open: list[str] = []
        self._fields: dict[str, str] = {}
        self._coded = False

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""
        if not self._open and tag == "hashlist":
            self.version = attributes.get("version", "")
        if tag == "file":
            self._coded = attributes.get("spelling") == "percent"
        self._open.append(tag)

    def end(self, tag: str, text: str) -> None:
        """An element ends."""
        self._open.pop()
        parent = self._open[-1] if self._open else ""
        if parent == "creatorinfo":
            self.said.setdefault(tag, text)
        elif parent == "hash":
            self._fields.setdefault(tag, text)
        elif tag == "hash":
            self._file(self._fields)
            self._fields = {}

    def _file(self, fields: Mapping[str, str]) -> None:
        path = fields.get("file", "")
        path = decoded(path) if self._coded else path
        if "/" not in path:
            path = path.replace("\\", "/")
        path = path.removeprefix("./")
        if not is_below(path):
            self.led_out.append(path)
            return
        hashes: dict[HashName, str] = {}
        for tag, name in _NAMES.items():
            if tag in fields and (found := hash_text(name, fields[tag])):
                hashes.setdefault(name, found)
        if turned := hash_text("xxh64", fields.get("xxhash64", "")):
            hashes.setdefault("xxh64", bytes.fromhex(turned)[::-1].hex())
        short = whole(fields.get("xxhash"))
        self.files.append(
            LegacyFile(
                path,
                whole(fields.get("size")),
                nanoseconds(fields.get("lastmodificationdate")),
                hashes,
                short if short is not None and short < 1 << 32 else None,
            )
        )


def write_legacy(
    root: Path,
    hashes: Iterable[MhlHash],
    *,
    creator: Creator | None = None,
    begun_ns: int | None = None,
) -> Path:
    """Writes a list of version 1.1 into a folder, durably; returns its path.

    Only md5, sha1 and xxh64 can stand in one: a file that has none of them is left out.

    Raises:
        Refused: none of the files can stand in it.
        NoRoom, Missing: it cannot be written.
    """
    by = creator or Creator()
    now = clock.now_ms() * 1_000_000
    files = [text for one in hashes if (text := _element(one, now))]
    if not files:
        raise Refused(
            "Nothing for such a list",
            "A list of version 1 holds md5, sha1 or xxh64 only.",
            subject=str(root),
            todo="Choose one of these hashes.",
        )
    person = by.authors[0].name if by.authors else _user()
    said = (
        ("name", person),
        ("username", _user()),
        ("hostname", by.host),
        ("tool", f"{by.tool} {by.version}"),
        ("startdate", _date(begun_ns if begun_ns is not None else now)),
        ("finishdate", _date(now)),
    )
    head = "".join(f"    <{tag}>{escaped(text)}</{tag}>\n" for tag, text in said)
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<hashlist version="1.1">\n\n'
        f"  <creatorinfo>\n{head}  </creatorinfo>\n\n{''.join(files)}</hashlist>\n"
    )
    path = _free(root, now)
    atomic_write(path, text.encode())
    return path


def _free(root: Path, now: int) -> Path:
    moment_ = datetime.datetime.fromtimestamp(now // 1_000_000_000, tz=datetime.UTC)
    stem = f"{root.name or 'root'}_{moment_:%Y-%m-%d_%H%M%S}"
    path, number = root / f"{stem}{SUFFIX}", 2
    while os.path.lexists(path):
        path, number = root / f"{stem}_{number}{SUFFIX}", number + 1
    return path


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""


def _date(ns: int | None) -> str:
    return (moment(ns) or "").replace("+00:00", "Z")


def _element(one: MhlHash, now: int) -> str:
    hashes = "".join(
        f"    <{tag}>{one.hashes[name]}</{tag}>\n" for name, tag in _TAGS if name in one.hashes
    )
    if not hashes:
        return ""
    plain = carried(one.path)
    mark = "" if plain else ' spelling="percent"'
    date = _date(one.mtime_ns)
    changed = f"    <lastmodificationdate>{date}</lastmodificationdate>\n" if date else ""
    return (
        f"  <hash>\n    <file{mark}>{escaped(one.path if plain else coded(one.path))}</file>\n"
        f"    <size>{one.size}</size>\n{changed}{hashes}    <hashdate>{_date(now)}</hashdate>\n  </hash>\n\n"
    )
