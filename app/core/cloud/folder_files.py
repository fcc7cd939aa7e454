"""The files of a folder bucket: written under another name, flushed, then given their own."""

import contextlib
import errno
import os
import time
from collections.abc import Generator, Iterable
from pathlib import Path
from typing import BinaryIO, Final

from app.core.cloud.store import Absent, Conflict
from app.core.model.errors import Missing, NoRoom, Passing, Refused, RushesError
from app.core.platform import durable
from app.core.platform.handles import PLAIN

_NOFOLLOW: Final = int(getattr(os, "O_NOFOLLOW", 0))
_NO_ROOM: Final = {errno.ENOSPC, errno.EDQUOT}
_FORBIDDEN: Final = {errno.EACCES, errno.EPERM, errno.EROFS}
_BAD_NAME: Final = {errno.ENAMETOOLONG, errno.EINVAL, errno.ENOTDIR, errno.EISDIR, errno.ELOOP}
_NO_LINKS: Final = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EACCES}


@contextlib.contextmanager
def translated(place: str) -> Generator[None]:
    """Turns errors of the file system into ours."""
    try:
        yield
    except FileExistsError as error:
        raise taken(place) from error
    except OSError as error:
        raise _translate(error, place) from error


def taken(place: str) -> Conflict:
    """The key holds an object."""
    return Conflict("The key is taken", "The folder already holds an object there.", subject=place)


def _translate(error: OSError, place: str) -> RushesError:
    words = os.strerror(error.errno or 0)
    if error.errno in _NO_ROOM:
        return NoRoom("The disk is full", words, subject=place, todo="Make room there.")
    if error.errno in _FORBIDDEN:
        return Missing(
            "The folder denies access", words, subject=place, todo="Allow writing there."
        )
    if error.errno in _BAD_NAME:
        return Refused("The object key cannot be a file name there", words, subject=place)
    if error.errno == errno.ENOENT:
        return Absent("There is no such object", words, subject=place)
    return Passing("The folder does not answer", words, subject=place)


def write_new(folder: Path, pieces: Iterable[bytes | memoryview]) -> Path:
    """Writes bytes under a fresh name in `folder`, flushed to the disk. Removed when it fails."""
    path = folder / durable.temporary_name()
    try:
        with path.open("xb") as stream:
            for piece in pieces:
                stream.write(piece)
            stream.flush()
            os.fsync(stream.fileno())
            _forget_cached(stream.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return path


def sweep(folder: Path) -> None:
    """Removes what killed processes had begun to write in `folder`."""
    for path in list(folder.iterdir()):
        with contextlib.suppress(FileNotFoundError):
            if durable.is_abandoned(path.name, time.time() - path.lstat().st_mtime):
                path.unlink()


def publish(temporary: Path, final: Path, *, replace: bool) -> None:
    """Gives a written file its own name.

    Raises:
        FileExistsError: the name is taken and `replace` was not asked for.
    """
    final.parent.mkdir(parents=True, exist_ok=True)
    try:
        if replace:
            temporary.replace(final)
        else:
            _claim(temporary, final)
    finally:
        temporary.unlink(missing_ok=True)
    _flush_folder(final.parent)


def _claim(temporary: Path, final: Path) -> None:
    try:
        os.link(temporary, final)
    except FileExistsError:
        raise
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        # No links here (exFAT, some shares): looking first is all there is.
        if final.exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST)) from error
        temporary.rename(final)


def can_link(folder: Path) -> bool:
    """Whether two names for one file can be made there, which makes creating exclusive."""
    first, second = folder / durable.temporary_name(), folder / durable.temporary_name()
    first.touch()
    try:
        os.link(first, second)
    except OSError:
        return False
    finally:
        first.unlink()
        second.unlink(missing_ok=True)
    return True


def inside(root: Path, key: str) -> Path:
    """The file of a key; refuses one that leaves the root through a link."""
    path = root.joinpath(*key.split("/"))
    if not path.parent.resolve().is_relative_to(root.resolve()):
        raise Refused("The object key leaves the folder", f"{key!r} goes through a link.")
    return path


def read_pieces(path: Path, size: int = 1 << 20) -> Generator[bytes]:
    """The bytes of a regular file, a piece at a time."""
    with open_plain(path) as stream:
        while piece := stream.read(size):
            yield piece


def open_plain(path: Path) -> BinaryIO:
    """Opens a file for reading, never through a link at its end."""
    return os.fdopen(os.open(path, os.O_RDONLY | _NOFOLLOW | PLAIN), "rb")


def _forget_cached(handle: int) -> None:
    """Drops the pages just written, so that a later read comes from the disk."""
    if hasattr(os, "posix_fadvise"):
        os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)


def _flush_folder(folder: Path) -> None:
    durable.sync_folder(folder)
