"""Opens files of a volume, and only those: regular files, inside the root, never through a link.

A path is walked component by component from a handle on the root, so that a link that is swapped
in between check and open leads nowhere (fault 81 in the tests), and a path longer than the system
allows in one call still opens. Media is only ever opened for reading.
"""

import contextlib
import errno
import io
import os
import stat
from collections.abc import Generator
from pathlib import Path

from app.core.model.errors import Away, Passing, Refused, RushesError
from app.core.model.names import display

_FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_CLOEXEC", 0)
_INSIDE = _FOLDER | getattr(os, "O_NOFOLLOW", 0)
# O_NONBLOCK: a FIFO that takes a file's place between the look and the open must not block for ever.
_FILE = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)
_BY_HANDLE = os.open in os.supports_dir_fd
"""Windows cannot walk by handles: there each component is looked at by its path instead (untried)."""

_AWAY = frozenset(
    {
        errno.ESTALE,
        errno.ETIMEDOUT,
        errno.EHOSTDOWN,
        errno.ENOTCONN,
        errno.EAGAIN,
        errno.EIO,
        errno.ENODEV,
    }
)
_HELD = Path()
_KINDS = {
    stat.S_IFLNK: "a link",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFDIR: "a folder",
}


def open_regular(root: Path, rel: str) -> io.FileIO:
    """Opens a regular file for reading, unbuffered; the caller closes it.

    Args:
        root: the volume's folder; it may itself be reached through links, because a person chose it.
        rel: the path within it, `/` between names, bytes that are no UTF-8 as surrogates.

    Raises:
        Refused: a link, pipe, device, socket or folder, a path that leads out, or no right to read.
        Missing: it is not there.
        Passing: the disk or network does not answer.
    """
    names = _names(rel)
    with _reporting(root, rel), _folder(root, names[:-1]) as place:
        stream = io.FileIO(_open_checked(place, names[-1], rel), "rb")
    stream.name = str(root / rel)
    return stream


def lstat(root: Path, rel: str) -> os.stat_result:
    """What lies at a path, without following a link anywhere below the root.

    Raises:
        Refused, Missing, Passing: as `open_regular`, but any kind of entry is answered.
    """
    names = _names(rel)
    with _reporting(root, rel), _folder(root, names[:-1]) as place:
        return _look(place, names[-1])


@contextlib.contextmanager
def open_folder(root: Path, rel: str = "") -> Generator[int | str]:
    """A folder below the root, as something `os.scandir` and `os.listdir` take: a handle, or a path on Windows.

    Raises:
        Refused, Missing, Passing: as `open_regular`.
    """
    with contextlib.ExitStack() as stack:
        with _reporting(root, rel):
            place = stack.enter_context(_folder(root, _names(rel) if rel else []))
        yield place


def open_held(place: int | str, rel: str) -> io.FileIO:
    """As `open_regular`, of a file whose folder is held open already: `place` is what `open_folder` gave.

    Raises:
        Refused, Missing, Passing: as `open_regular`.
    """
    name = _names(rel)[-1]
    with _reporting(_HELD, rel):
        stream = io.FileIO(_open_checked(place, name, rel), "rb")
    stream.name = rel
    return stream


def lstat_held(place: int | str, rel: str) -> os.stat_result:
    """As `lstat`, of what lies in a folder that is held open already.

    Raises:
        Refused, Missing, Passing: as `open_regular`, but any kind of entry is answered.
    """
    name = _names(rel)[-1]
    with _reporting(_HELD, rel):
        return _look(place, name)


def open_below(place: int, name: str) -> int:
    """The folder of this name inside one that is held open; the caller closes it.

    Raises:
        OSError: it is no folder, is a link, or may not be read.
    """
    return os.open(name, _INSIDE, dir_fd=place)


def read_error(path: str, problem: OSError) -> RushesError:
    """What a failed open or read of a volume's file means to a person."""
    name = display(path)
    if problem.errno in _AWAY:
        return Passing(
            "The volume does not answer",
            f"{name} could not be read: {problem.strerror}.",
            subject=name,
            todo="Check the cable, the disk or the network.",
        )
    if problem.errno in (errno.ENOENT, errno.ENXIO):
        return Away("The file is not there", f"{name} is not there any more.", subject=name)
    if problem.errno in (errno.ELOOP, errno.ENOTDIR):
        return _refused(name, "it is reached through a link")
    if problem.errno in (errno.EACCES, errno.EPERM):
        return Refused(
            "The file may not be read",
            f"{name}: you have no right to read it.",
            subject=name,
            todo="Change its permissions, or start Rushes as a user who may read it.",
        )
    return Passing("The file could not be read", f"{name}: {problem.strerror}.", subject=name)


def _refused(name: str, why: str) -> Refused:
    return Refused("Not a file of this volume", f"{name} is not opened: {why}.", subject=name)


def _names(rel: str) -> list[str]:
    names = rel.split("/")
    if any(name in ("", ".", "..") or "\0" in name for name in names):
        raise _refused(display(rel), "the path leads out of the volume or is none")
    if os.name == "nt" and any("\\" in name or ":" in name for name in names):
        raise _refused(display(rel), "the name cannot be on this system")
    return names


@contextlib.contextmanager
def _reporting(root: Path, rel: str) -> Generator[None]:
    try:
        yield
    except OSError as problem:
        raise read_error(rel or str(root), problem) from problem


@contextlib.contextmanager
def _folder(root: Path, names: list[str]) -> Generator[int | str]:
    if not _BY_HANDLE:
        yield _folder_by_path(root, names)
        return
    place = os.open(root, _FOLDER)
    try:
        for name in names:
            deeper = os.open(name, _INSIDE, dir_fd=place)
            os.close(place)
            place = deeper
        yield place
    finally:
        os.close(place)


def _folder_by_path(root: Path, names: list[str]) -> str:
    path = root
    for name in names:
        path = path / name
        if not stat.S_ISDIR(path.lstat().st_mode):
            raise NotADirectoryError(errno.ENOTDIR, "reached through a link", str(path))
    return str(path)


def _look(place: int | str, name: str) -> os.stat_result:
    if isinstance(place, int):
        return os.stat(name, dir_fd=place, follow_symlinks=False)
    return Path(place, name).lstat()


def _open_checked(place: int | str, name: str, rel: str) -> int:
    # Looked at before it is opened: opening a device can make it do something.
    seen = _look(place, name)
    _regular(seen, rel)
    if isinstance(place, int):
        handle = os.open(name, _FILE, dir_fd=place)
    else:
        handle = os.open(Path(place, name), _FILE)
    try:
        opened = os.fstat(handle)
        _regular(opened, rel)
        _same(opened, seen, rel)
    except BaseException:
        os.close(handle)
        raise
    return handle


def _regular(found: os.stat_result, rel: str) -> None:
    if not stat.S_ISREG(found.st_mode):
        kind = _KINDS.get(stat.S_IFMT(found.st_mode), "no regular file")
        raise _refused(display(rel), f"it is {kind}")


def _same(opened: os.stat_result, seen: os.stat_result, rel: str) -> None:
    if (opened.st_dev, opened.st_ino) != (seen.st_dev, seen.st_ino):
        name = display(rel)
        raise Passing("The file was replaced", f"{name} was replaced just now.", subject=name)
