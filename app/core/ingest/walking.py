"""Walking a volume: every entry once, regular files only, nothing opened, each thing left out named."""

import dataclasses
import errno
import functools
import os
import stat
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final, NamedTuple

from app.core.files import opening
from app.core.files.sorts import FileSort, SortRules
from app.core.ingest.ignoring import IgnoreRules, ending_of
from app.core.ingest.own_folders import REASON, OwnFolders
from app.core.model.errors import Cancelled, RushesError

DEEPEST: Final = 200
"""Folders below folders; what lies deeper is named as skipped."""
RACY_NS: Final = 2_000_000_000
"""A folder that changed so shortly before it was listed may change again and keep its time: some filesystems count in steps of 2 s."""
_HELD: Final = 64
"""Folders held open on the way down; deeper ones are opened from the root each time."""

SeenFile = tuple[str, int, int, int, str]
"""A regular file: its name, size, time in nanoseconds, inode number, sort. As the system tells them: see `storable`, `inode_key`."""


class SeenFolder(NamedTuple):
    """A folder, with what it holds, whole."""

    path: bytes
    mtime_ns: int
    ctime_ns: int
    inode: int
    files: Sequence[SeenFile]
    folders: tuple[bytes, ...]
    skipped: Sequence[tuple[bytes, str]]
    """(path, reason)."""
    complete: bool
    """False where the folder could not be read to its end: nothing may be concluded from an absence."""
    unsure: Sequence[bytes] = ()
    """Entries that are there and could not be looked at or into: what is known of them stays as it is."""
    lasting: bool = False
    """Whether the same times will mean the same entries: all were looked at, and nothing had changed just before."""
    stirred: Sequence[str] = ()
    """Names of files that something was done to since the walker's `since_ns`, whatever their own time says."""


Ask = Callable[[Callable[[], SeenFolder]], SeenFolder]
MOST: Final = (1 << 63) - 1
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
        now_ns: Callable[[], int] = time.time_ns,
        own: OwnFolders | None = None,
        since_ns: int = MOST,
    ) -> None:
        """Prepares a walk.

        Args:
            root: the volume's folder.
            ignore: what is left out.
            sorts: what a file is by its name.
            stopped: whether the walk was called off.
            ask: what reads a folder where that may never end, as on a network.
            now_ns: the clock that files and folders get their times from.
            own: Rushes' own folders, which are left out wherever they are met below the root.
            since_ns: files that the system says something was done to since then are told as `stirred`.

        Raises:
            OSError: the root is not there.
        """
        self._root = root
        self._ignore = ignore
        self._sorts = sorts
        self._stopped = stopped
        self._ask = ask
        self._now_ns = now_ns
        self._own = own or OwnFolders()
        self._since_ns = since_ns
        self._own.refresh()
        self._base = os.path.realpath(root)
        self._plain: dict[str, str] = {}
        """Sort by ending, as it is written, of names that no rule can leave out unless they begin oddly."""
        self.device = root.stat().st_dev

    def walk(self, start: bytes = b"") -> Iterator[SeenFolder]:
        """All folders from `start` down, parents before their children.

        Raises:
            Cancelled: called off. OSError: the start itself cannot be read.
        """
        waiting = [(start, 0)]
        with _Descent(self._root, start) as descent:
            while waiting:
                if self._stopped():
                    raise Cancelled("Called off", subject=str(self._root))
                path, depth = waiting.pop()
                strict = not depth and not start
                if self._ask:
                    # A question that hangs must not hold what others close: each opens its own way.
                    folder = self._ask(functools.partial(self.look, path, strict=strict))
                else:
                    place = descent.enter(path, depth)
                    folder = (
                        self.look(path, strict=strict)
                        if place is None
                        else self._listed(path, place, strict=strict)
                    )
                waiting.extend((inside, depth + 1) for inside in reversed(folder.folders))
                yield folder

    def look(self, folder: bytes, *, strict: bool = False) -> SeenFolder:
        """One folder without its children's insides. `strict` raises where it cannot be read at all."""
        try:
            # Through handles, component by component: no link is followed, and the path may be longer than 4,096 bytes.
            with opening.open_folder(self._root, os.fsdecode(folder)) as place:
                return self._listed(folder, place, strict=strict)
        except (OSError, RushesError) as error:
            if strict:
                raise
            reason = f"the folder could not be read: {_words(error)}"
            return SeenFolder(folder, 0, 0, 0, (), (), ((folder, reason),), complete=False)

    def _listed(self, folder: bytes, place: int | str, *, strict: bool) -> SeenFolder:
        found = _Found()
        own: os.stat_result | None = None
        listed_at = self._now_ns()
        try:
            # Before its entries: what changes while they are read changes the folder's time after this one.
            own = os.stat(place)  # noqa: PTH116 - of an open handle
            with os.scandir(place) as entries:
                self._take(folder, entries, found)
        except OSError as error:
            if strict:
                raise
            found.skipped.append((folder, f"the folder could not be read: {_words(error)}"))
            found.complete = False
        mtime, ctime = (own.st_mtime_ns, own.st_ctime_ns) if own else (0, 0)
        return SeenFolder(
            folder,
            storable(mtime),
            storable(ctime),
            inode_of(own) if own else 0,
            found.files,
            tuple(sorted(found.folders)),
            found.skipped,
            found.complete,
            found.unsure,
            found.complete and not found.doubtful and max(mtime, ctime) < listed_at - RACY_NS,
            found.stirred,
        )

    def _take(
        self,
        folder: bytes,
        entries: "Iterator[os.DirEntry[str]]",
        found: "_Found",
    ) -> None:
        # Once a file: what is asked here, and made, is most of what a scan takes.
        plain, odd, take = self._plain.get, self._ignore.odd_letters, found.files.append
        since = self._since_ns
        prefix = folder + b"/" if folder else b""
        for entry in entries:
            name = entry.name
            try:
                info = entry.stat(follow_symlinks=False)
            except OSError as error:
                if error.errno != errno.ENOENT:
                    path = prefix + os.fsencode(name)
                    found.skipped.append((path, f"it could not be looked at: {error.strerror}"))
                    found.unsure.append(path)
                    found.doubtful = True
                continue
            if info.st_mode & _FORMAT != stat.S_IFREG:
                self._other(folder, prefix + os.fsencode(name), name, info, found)
                continue
            # Most endings have three letters.
            sort = plain(name[-4:]) or plain(name[name.rfind(".") :])
            if sort is None or name[0] in odd:
                reason, sort = self._judge(folder, name)
                if reason:
                    found.skipped.append((prefix + os.fsencode(name), reason))
                    continue
            if info.st_ctime_ns > since:
                found.stirred.append(name)
            take((name, info.st_size, info.st_mtime_ns, info.st_ino, sort))

    def _judge(self, folder: bytes, name: str) -> tuple[str, str]:
        """(why a file is left out or nothing, its sort)."""
        # Where it lies is asked only where a rule holds at all.
        reason = self._ignore.file(name) and self._ignore.file(name, _parents(folder))
        sort = self._sorts.sort(name)
        ending = ending_of(name)
        if not reason and sort is not FileSort.UNKNOWN and self._ignore.is_plain(ending):
            self._plain[ending] = sort.value
        return reason.text if reason else "", sort.value

    def _other(
        self,
        folder: bytes,
        path: bytes,
        name: str,
        info: os.stat_result,
        found: "_Found",
    ) -> None:
        mode = info.st_mode
        if not stat.S_ISDIR(mode):
            found.skipped.append((path, _WHAT.get(stat.S_IFMT(mode), "not a regular file")))
            return
        if self._own.is_one(os.path.join(self._base, os.fsdecode(path)), info):  # noqa: PTH118 - of plain texts
            # Not `unsure`: what was once catalogued from there is no media and goes.
            found.skipped.append((path, REASON))
            return
        reason = self._ignore.folder(name) and self._ignore.folder(name, _parents(folder))
        if reason:
            why = reason.text
        elif path.count(b"/") >= DEEPEST:
            why = f"more than {DEEPEST} folders deep"
        elif info.st_dev != self.device:
            why = "another filesystem is mounted here; add it as a volume of its own"
            found.doubtful = True
        else:
            found.folders.append(path)
            return
        found.skipped.append((path, why))
        found.unsure.append(path)


@dataclasses.dataclass(slots=True)
class _Found:
    """What a folder holds, as far as it was read."""

    files: list[SeenFile] = dataclasses.field(default_factory=list[SeenFile])
    folders: list[bytes] = dataclasses.field(default_factory=list[bytes])
    skipped: list[tuple[bytes, str]] = dataclasses.field(default_factory=list[tuple[bytes, str]])
    unsure: list[bytes] = dataclasses.field(default_factory=list[bytes])
    stirred: list[str] = dataclasses.field(default_factory=list[str])
    complete: bool = True
    doubtful: bool = False
    """Something may show up or change here without the folder's own time telling."""


class _Descent:
    """The folders from the start of a walk down to the one in hand, held open: each is opened inside the one before."""

    def __init__(self, root: Path, start: bytes) -> None:
        self._root = root
        self._start = start
        self._held: list[int] = []
        self._first = ExitStack()

    def __enter__(self) -> "_Descent":
        return self

    def __exit__(self, *_: object) -> None:
        self._leave(1)
        self._first.close()

    def enter(self, path: bytes, depth: int) -> int | None:
        """A handle of a folder so deep below the start; None where it cannot be opened this way.

        The folders of a walk come parents first, so the folder above is the last one held that is less deep.
        """
        self._leave(max(depth, 1))
        try:
            if not depth:
                return self._begin()
            if len(self._held) != depth or depth >= _HELD:
                return None
            handle = opening.open_below(self._held[-1], os.fsdecode(path.rpartition(b"/")[2]))
        except (OSError, RushesError):
            return None
        self._held.append(handle)
        return handle

    def _begin(self) -> int | None:
        place = self._first.enter_context(opening.open_folder(self._root, os.fsdecode(self._start)))
        if not isinstance(place, int):
            return None
        self._held.append(place)
        return place

    def _leave(self, depth: int) -> None:
        while len(self._held) > depth:
            os.close(self._held.pop())


_FORMAT: Final = 0o170000
"""The bits of a mode that say what an entry is."""
_WHAT: Final = {
    stat.S_IFLNK: "a symbolic link: not followed, so that nothing outside the volume is read",
    stat.S_IFIFO: "a named pipe: opening it would wait for ever",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def _parents(folder: bytes) -> tuple[str, ...]:
    return tuple(os.fsdecode(part) for part in folder.split(b"/")) if folder else ()


def inode_of(info: os.stat_result) -> int:
    """The inode number as the catalog keeps it: 63 bits of it."""
    return inode_key(info.st_ino)


def inode_key(number: int) -> int:
    """An inode number as the catalog keeps it."""
    return number & MOST


def time_of(info: os.stat_result) -> int:
    """The time of change in nanoseconds, as the catalog keeps it."""
    return storable(info.st_mtime_ns)


def storable(time_ns: int) -> int:
    """A time as the catalog keeps it: within 64 bits."""
    return max(-MOST, min(MOST, time_ns))


def _words(error: OSError | RushesError) -> str:
    return error.message if isinstance(error, RushesError) else error.strerror or "no reason given"
