"""What a card holds, as values: every entry, the clips they make, and what is missing of them."""

import dataclasses
import enum
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from app.core.files.card_types import CardType
from app.core.model.media import ClipKind, FileRole

UNKNOWN_TITLE: Final = "No known card structure"


class EntryKind(enum.StrEnum):
    """What an entry of a card's tree is."""

    FILE = "file"
    FOLDER = "folder"
    LINK = "link"
    PIPE = "pipe"
    SOCKET = "socket"
    DEVICE = "device"
    UNKNOWN = "unknown"


@dataclasses.dataclass(frozen=True, slots=True)
class CardEntry:
    """One entry of a card's tree, as it was seen without opening or following it."""

    rel: str
    """The path below the card's root, `/` between names, bytes that are no UTF-8 as surrogates."""
    kind: EntryKind
    size: int
    """Bytes of a file; 0 for anything else."""
    mtime_ns: int
    inode: int = 0


@dataclasses.dataclass(frozen=True, slots=True)
class Unreadable:
    """An entry that is there and could not be looked at or into: what lies in it is not known."""

    rel: str
    """Empty for the card's own root."""
    reason: str


@dataclasses.dataclass(frozen=True, slots=True)
class Listed:
    """A file that belongs to no clip, and why."""

    rel: str
    why: str


@dataclasses.dataclass(frozen=True, slots=True)
class MissingPart:
    """Something that must be on the card, and is not."""

    what: str
    """`essence`, `span`, `sound`, `sidecar`, `proxy`, `thumbnail`, `frames`, `content` (an empty file), `clip` (a whole one)."""
    where: str
    """The path it would have; empty where no name tells."""
    why: str
    """How it is known, in words."""


@dataclasses.dataclass(frozen=True, slots=True)
class CardPart:
    """A file in its place within a clip."""

    rel: str
    role: FileRole
    part: int = 0
    """Parts that follow one another in time, from 0."""
    channel: int | None = None
    """Which track or lens, from 1, where a clip has one file for each."""


@dataclasses.dataclass(frozen=True, slots=True)
class CardClip:
    """A clip on a card: files that stay together."""

    name: str
    kind: ClipKind
    parts: tuple[CardPart, ...]
    card: str = ""
    """The id of the card type whose rules made it; empty where none did."""
    size: int = 0
    missing: tuple[MissingPart, ...] = ()

    @property
    def essence(self) -> tuple[str, ...]:
        """Picture and sound; of a recording in spans the first. Empty where it is what is missing."""
        return self._of(FileRole.ESSENCE, FileRole.AUDIO)

    @property
    def spans(self) -> tuple[str, ...]:
        """What the essence goes on in."""
        return self._of(FileRole.SPAN)

    @property
    def sidecars(self) -> tuple[str, ...]:
        """Descriptions and other companions."""
        return self._of(FileRole.SIDECAR)

    @property
    def proxies(self) -> tuple[str, ...]:
        """Small copies, by the camera or by others."""
        return self._of(FileRole.CAMERA_PROXY, FileRole.FOREIGN_PROXY)

    @property
    def thumbnails(self) -> tuple[str, ...]:
        """Still pictures of it."""
        return self._of(FileRole.THUMBNAIL)

    def _of(self, *roles: FileRole) -> tuple[str, ...]:
        return tuple(part.rel for part in self.parts if part.role in roles)


@dataclasses.dataclass(frozen=True, slots=True)
class CardContents:
    """All that a card, or any other folder, holds. Each entry stands in one of its lists.

    A file is part of one clip, or in `own`, `orphans` or `others`; folders and odd entries are in `entries` alone.
    """

    root: Path
    type: CardType | None
    """None: no card that Rushes knows; it is read whole all the same."""
    maker: str
    """Empty where it is not known."""
    also: tuple[CardType, ...]
    """Further sorts of card whose clips lie in it."""
    entries: tuple[CardEntry, ...]
    """Every entry, by path. Of what `unreadable` names it may hold no, or not all, entries."""
    clips: tuple[CardClip, ...]
    own: tuple[str, ...]
    """The card's own bookkeeping."""
    orphans: tuple[Listed, ...]
    """Sidecars, proxies and thumbnails whose clip is not here."""
    others: tuple[Listed, ...]
    """Files that are no part of a clip."""
    missing: tuple[MissingPart, ...]
    """What no clip that is here lacks: clips that the card's own list names."""
    hints: tuple[str, ...]
    """What a person may want to know, and what is no fault."""
    unreadable: tuple[Unreadable, ...]

    @property
    def title(self) -> str:
        """What sort of card it is, in words."""
        return self.type.title if self.type else UNKNOWN_TITLE

    @property
    def files(self) -> tuple[CardEntry, ...]:
        """The regular files."""
        return tuple(entry for entry in self.entries if entry.kind is EntryKind.FILE)

    @property
    def folders(self) -> tuple[CardEntry, ...]:
        """The folders, empty ones too."""
        return tuple(entry for entry in self.entries if entry.kind is EntryKind.FOLDER)

    @property
    def odd(self) -> tuple[CardEntry, ...]:
        """What is neither: links, pipes, sockets, devices. They are named and never opened."""
        plain = (EntryKind.FILE, EntryKind.FOLDER)
        return tuple(entry for entry in self.entries if entry.kind not in plain)

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(entry.size for entry in self.entries)

    @property
    def left_out(self) -> tuple[tuple[str, str], ...]:
        """(path, why) of what no copy of it can have: odd entries, and what cannot be read."""
        odd = [(entry.rel, f"it is a {entry.kind.value}") for entry in self.odd]
        return (*odd, *((one.rel or ".", one.reason) for one in self.unreadable))

    @property
    def complete(self) -> bool:
        """Whether nothing is missing and everything could be read."""
        return not self.unreadable and next(self.all_missing(), None) is None

    def all_missing(self) -> Iterator[tuple[str, MissingPart]]:
        """(name of the clip, or nothing, what it lacks)."""
        for clip in self.clips:
            for part in clip.missing:
                yield clip.name, part
        for part in self.missing:
            yield "", part
