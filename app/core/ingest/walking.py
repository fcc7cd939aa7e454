"""Walking a volume: every entry once, regular files only, nothing opened, each thing left out named."""

import dataclasses
import errno
import functools
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from app.core.files import opening
from app.core.files.sorts import SortRules
from app.core.ingest.ignoring import IgnoreRules
from app.core.model.errors import Cancelled, RushesError

DEEPEST: Final = 200
"""Folders below folders; what lies deeper is named as skipped."""


@dataclasses.dataclass(frozen=True, slots=True)
class SeenFile:
    """A regular file."""

    path: bytes
    """Relative to the volume's root."""
    size: int
    mtime_ns: int
    inode: int
    sort: str


@dataclasses.dataclass(frozen=True, slots=True)
class SeenFolder:
    """A folder, with what it holds, whole."""

    path: bytes
    mtime_ns: int
    inode: int
    files: tuple[SeenFile, ...]
    folders: tuple[bytes, ...]
    skipped: tuple[tuple[bytes, str], ...]
    """(path, reason)."""
    complete: bool
    """False where the folder could not be read to its end: nothing may be concluded from an absence."""
    unsure: tuple[bytes, ...] = ()
    """Entries that are there and could not be looked at or into: what is known of them stays as it is."""


Ask = Callable[[Callable[[], SeenFolder]], SeenFolder]
_MOST: Final = (1 << 63) - 1
"""The largest number the catalog holds; some filesystems give larger inode numbers and times."""


class Walker:
    """Walks one volume by the ignore rules. Reads folders and stats; opens no file."""

    def __init__(
        self,
        root: Path,
        ignore: IgnoreRules,
        sorts: SortRules,
        stopped: Callable[[], bool] = lambda: False,
        ask: Ask | None = None,
    ) -> None:
        """Prepares a walk.

        Args:
            root: the volume's folder.
            ignore: what is left out.
            sorts: what a file is by its name.
            stopped: whether the walk was called off.
            ask: what reads a folder where that may never end, as on a network.

        Raises:
            OSError: the root is not there.
        """
        self._root = root
        self._ignore = ignore
        self._sorts = sorts
        self._stopped = stopped
        self._ask: Ask = ask or _at_once
        self._device = root.stat().st_dev

    def walk(self, start: bytes = b"") -> Iterator[SeenFolder]:
        """All folders from `start` down, parents before their children.

        Raises:
            Cancelled: called off. OSError: the start itself cannot be read.
        """
        waiting = [start]
        first = True
        while waiting:
            if self._stopped():
                raise Cancelled("Called off", subject=str(self._root))
            folder = self._ask(
                functools.partial(self.look, waiting.pop(), strict=first and not start)
            )
            first = False
            waiting.extend(reversed(folder.folders))
            yield folder

    def look(self, folder: bytes, *, strict: bool = False) -> SeenFolder:
        """One folder without its children's insides. `strict` raises where it cannot be read at all."""
        parents = tuple(os.fsdecode(part) for part in folder.split(b"/")) if folder else ()
        files: list[SeenFile] = []
        folders: list[bytes] = []
        skipped: list[tuple[bytes, str]] = []
        unsure: list[bytes] = []
        mtime, inode, complete = 0, 0, True
        try:
            # Through handles, component by component: no link is followed, and the path may be longer than 4,096 bytes.
            with (
                opening.open_folder(self._root, os.fsdecode(folder)) as place,
                os.scandir(place) as entries,
            ):
                own = os.stat(place)  # noqa: PTH116 - of an open handle
                mtime, inode = time_of(own), inode_of(own)
                for entry in entries:
                    self._take(folder, parents, entry, files, folders, skipped, unsure)
        except (OSError, RushesError) as error:
            if strict:
                raise
            skipped.append((folder, f"the folder could not be read: {_words(error)}"))
            complete = False
        return SeenFolder(
            folder,
            mtime,
            inode,
            tuple(files),
            tuple(sorted(folders)),
            tuple(skipped),
            complete,
            tuple(unsure),
        )

    def _take(
        self,
        folder: bytes,
        parents: tuple[str, ...],
        entry: "os.DirEntry[str]",
        files: list[SeenFile],
        folders: list[bytes],
        skipped: list[tuple[bytes, str]],
        unsure: list[bytes],
    ) -> None:
        name = entry.name
        path = folder + b"/" + os.fsencode(name) if folder else os.fsencode(name)
        try:
            info = entry.stat(follow_symlinks=False)
        except OSError as error:
            if error.errno != errno.ENOENT:
                skipped.append((path, f"it could not be looked at: {error.strerror}"))
                unsure.append(path)
            return
        mode = info.st_mode
        if stat.S_ISREG(mode):
            reason = self._ignore.file(name, parents)
            if reason:
                skipped.append((path, reason.text))
            else:
                files.append(
                    SeenFile(
                        path,
                        info.st_size,
                        time_of(info),
                        inode_of(info),
                        self._sorts.sort(name).value,
                    )
                )
        elif stat.S_ISDIR(mode):
            why = self._folder_reason(name, parents, info)
            if why:
                skipped.append((path, why))
                unsure.append(path)
            else:
                folders.append(path)
        else:
            skipped.append((path, _WHAT.get(stat.S_IFMT(mode), "not a regular file")))

    def _folder_reason(
        self, name: str, parents: tuple[str, ...], info: os.stat_result
    ) -> str | None:
        reason = self._ignore.folder(name, parents)
        if reason:
            return reason.text
        if len(parents) >= DEEPEST:
            return f"more than {DEEPEST} folders deep"
        if info.st_dev != self._device:
            return "another filesystem is mounted here; add it as a volume of its own"
        return None


_WHAT: Final = {
    stat.S_IFLNK: "a symbolic link: not followed, so that nothing outside the volume is read",
    stat.S_IFIFO: "a named pipe: opening it would wait for ever",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def _at_once(act: Callable[[], SeenFolder]) -> SeenFolder:
    return act()


def inode_of(info: os.stat_result) -> int:
    """The inode number as the catalog keeps it: 63 bits of it."""
    return info.st_ino & _MOST


def time_of(info: os.stat_result) -> int:
    """The time of change in nanoseconds, as the catalog keeps it."""
    return max(-_MOST, min(_MOST, info.st_mtime_ns))


def _words(error: OSError | RushesError) -> str:
    return error.message if isinstance(error, RushesError) else error.strerror or "no reason given"
