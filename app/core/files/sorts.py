"""What a file is by its name: picture, sound, still, sidecar, document. Lists are data (`resources/sorts.toml`).

An extension is only a first guess: it decides what is probed, and what a clip is called until its
facts are known. Names are used as they are on disk; nothing here opens a file.
"""

import dataclasses
import enum
import functools
import tomllib
from pathlib import Path
from typing import Final, cast

from app.core.platform.paths import resource

LONGEST_EXTENSION: Final = 12


class FileSort(enum.StrEnum):
    """What a file is, by its extension."""

    VIDEO = "media_video"
    SOUND = "media_sound"
    IMAGE = "image"
    RAW = "raw"
    """A still as the sensor saw it."""
    SIDECAR = "sidecar"
    """Belongs to the clip of the same name."""
    DOCUMENT = "document"
    UNKNOWN = "unknown"
    """No known extension: a probe decides."""


_LISTS: Final = {
    "video": FileSort.VIDEO,
    "vendor_raw": FileSort.VIDEO,
    "sound": FileSort.SOUND,
    "image": FileSort.IMAGE,
    "raw": FileSort.RAW,
    "sidecar": FileSort.SIDECAR,
    "companion": FileSort.SIDECAR,
    "document": FileSort.DOCUMENT,
    "project": FileSort.DOCUMENT,
}


def split_name(name: str) -> tuple[str, str]:
    """A file name as (stem, extension); the extension lower case, without dot and trailing spaces.

    A leading dot starts no extension (`.hidden` has none); what follows the last dot counts as
    one only when it reads like one, so `v1.2 final` is a stem.
    """
    stem, dot, tail = name.rpartition(".")
    extension = tail.rstrip(" ").lower()
    usable = extension.isascii() and extension.isalnum() and len(extension) <= LONGEST_EXTENSION
    if not dot or not stem.strip(".") or not usable:
        return name, ""
    return stem, extension


@dataclasses.dataclass(frozen=True, slots=True)
class SortRules:
    """Which extension means what."""

    sorts: dict[str, FileSort]
    bound: frozenset[str]
    """Sidecars that mean nothing without their clip; the others stand alone as documents."""

    @staticmethod
    def load(path: Path | None = None) -> "SortRules":
        """The rules of `resources/sorts.toml`, or of another file."""
        if path is None:
            return _shipped()
        lists = cast("dict[str, list[str]]", tomllib.loads(path.read_text(encoding="utf-8")))
        sorts = {ending: _LISTS[key] for key, endings in lists.items() for ending in endings}
        return SortRules(sorts, frozenset(lists["sidecar"]))

    def sort(self, name: str) -> FileSort:
        """What a file of this name is."""
        return self.of_extension(split_name(name)[1])

    def of_extension(self, extension: str) -> FileSort:
        """What an extension (lower case, no dot) means."""
        return self.sorts.get(extension, FileSort.UNKNOWN)


@functools.cache
def _shipped() -> SortRules:
    return SortRules.load(resource("sorts.toml"))
