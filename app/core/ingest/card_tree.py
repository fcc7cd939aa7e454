"""Every entry of a card's tree, looked at once: nothing is opened but folders, nothing is followed, nothing left out.

Ignore rules do not hold here: what lies on a card is copied whole.
"""

import dataclasses
import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from app.core.files import opening
from app.core.ingest.card_values import CardEntry, EntryKind, Unreadable
from app.core.model.errors import Away, Cancelled, Missing, Refused, RushesError
from app.core.model.names import display
from app.core.platform.handles import keep_times
from app.core.platform.pacing import IsCancelled

DEEPEST: Final = 200
"""Folders below folders; what lies deeper is named as unreadable."""
_ALL_READ: Final = 0o444
_KINDS: Final = {
    stat.S_IFREG: EntryKind.FILE,
    stat.S_IFDIR: EntryKind.FOLDER,
    stat.S_IFLNK: EntryKind.LINK,
    stat.S_IFIFO: EntryKind.PIPE,
    stat.S_IFSOCK: EntryKind.SOCKET,
    stat.S_IFCHR: EntryKind.DEVICE,
    stat.S_IFBLK: EntryKind.DEVICE,
}


@dataclasses.dataclass(frozen=True, slots=True)
class Tree:
    """What was seen."""

    entries: tuple[CardEntry, ...]
    """By path."""
    unreadable: tuple[Unreadable, ...]


def read_tree(root: Path, cancel: IsCancelled) -> Tree:
    """Every entry below a folder.

    Raises:
        Refused: it is no folder.
        Away: it went away while it was read.
        Cancelled: called off.
    """
    if not root.is_dir():
        raise Refused(
            "Not a folder",
            f"{display(str(root))} is no folder: a card is given by the folder it is mounted on, or was copied to.",
            subject=display(str(root)),
        )
    began = _look(root)
    reading = _Reading(root, began.st_dev)
    waiting = [("", 0)]
    while waiting:
        if cancel():
            raise Cancelled("Called off", subject=display(str(root)))
        rel, depth = waiting.pop()
        waiting += [(folder, depth + 1) for folder in reading.folder(rel, depth)]
    ended = _look(root)
    if (ended.st_dev, ended.st_ino) != (began.st_dev, began.st_ino):
        raise _away(root, "something else lies in its place now")
    # By names, a folder before what lies in it: `a/b` comes before `a.b`.
    reading.entries.sort(key=lambda entry: entry.rel.split("/"))
    return Tree(tuple(reading.entries), tuple(reading.unreadable))


class _Reading:
    def __init__(self, root: Path, device: int) -> None:
        self._root = root
        self._device = device
        self.entries: list[CardEntry] = []
        self.unreadable: list[Unreadable] = []

    def folder(self, rel: str, depth: int) -> Iterator[str]:
        """Takes the entries of one folder; the folders to go into."""
        if depth > DEEPEST:
            self._unread(rel, f"It lies more than {DEEPEST} folders deep.")
            return
        prefix = f"{rel}/" if rel else ""
        try:
            with opening.open_folder(self._root, rel) as place:
                if isinstance(place, int):
                    keep_times(place)
                with os.scandir(place) as found:
                    for one in found:
                        if self._take(prefix + one.name, one, place):
                            yield prefix + one.name
        except RushesError as error:
            self._failed(rel, error)
        except OSError as problem:
            self._failed(rel, opening.read_error(rel or str(self._root), problem))

    def _take(self, rel: str, one: "os.DirEntry[str]", place: int | str) -> bool:
        """Notes an entry; whether it is a folder to go into."""
        try:
            info = one.stat(follow_symlinks=False)
        except OSError as problem:
            # Also what went between being listed and being looked at: a card does not change by itself.
            self._unread(rel, opening.read_error(rel, problem).message)
            return False
        kind = _KINDS.get(stat.S_IFMT(info.st_mode), EntryKind.UNKNOWN)
        size = info.st_size if kind is EntryKind.FILE else 0
        self.entries.append(CardEntry(rel, kind, size, info.st_mtime_ns, info.st_ino))
        if (
            kind is EntryKind.FILE
            and info.st_mode & _ALL_READ != _ALL_READ
            and not _may(one, place)
        ):
            denied = PermissionError(errno.EACCES, os.strerror(errno.EACCES))
            self._unread(rel, opening.read_error(rel, denied).message)
        if kind is not EntryKind.FOLDER:
            return False
        if info.st_dev != self._device:
            self._unread(rel, "Another filesystem is mounted here: it is no part of the card.")
            return False
        return True

    def _failed(self, rel: str, error: RushesError) -> None:
        if not rel:
            raise error
        self._unread(rel, error.message)

    def _unread(self, rel: str, reason: str) -> None:
        self.unreadable.append(Unreadable(rel, reason))


def _may(one: "os.DirEntry[str]", place: int | str) -> bool:
    """Whether a file may be read; asked only where its mode does not let everybody."""
    if isinstance(place, int):
        return os.access(one.name, os.R_OK, dir_fd=place)
    return os.access(one.path, os.R_OK)


def _look(root: Path) -> os.stat_result:
    try:
        return root.stat()
    except OSError as problem:
        raise _away(root, problem.strerror or "no reason given") from problem


def _away(root: Path, why: str) -> Missing:
    name = display(str(root))
    return Away("The card is not there", f"{name} cannot be read: {why}.", subject=name)
