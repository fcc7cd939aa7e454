"""Reading pieces of a media file by position, with a cap on how much.

The readers of this package look at headers only. Every one of them reads through a `ByteSource`, so
that a file of any size, or one that points everywhere, costs a bounded number of bytes.
"""

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO

from app.core.model.errors import Away, BadData, Missing, Passing, Refused

BUDGET = 160 << 20
"""Bytes one reader may take from one file: a day of long-GOP video has tables of about 60 MiB."""

_COMES_BACK = frozenset({errno.ESTALE, errno.ENOTCONN, errno.ETIMEDOUT, errno.EHOSTDOWN})


class ByteSource:
    """A seekable stream as numbered bytes."""

    def __init__(self, stream: BinaryIO, size: int | None = None, *, budget: int = BUDGET) -> None:
        self._stream = stream
        self._left = budget
        self.size = stream.seek(0, os.SEEK_END) if size is None else size
        """Length in bytes, as seen when it was opened."""

    def at(self, offset: int, length: int) -> bytes:
        """Up to `length` bytes from `offset`; fewer at the end, none beyond it.

        Raises:
            BadData: the file makes its reader read too much.
        """
        if offset < 0 or length <= 0 or offset >= self.size:
            return b""
        length = min(length, self.size - offset)
        self._left -= length
        if self._left < 0:
            raise BadData(
                "Too much to read", "The file's own tables are larger than any real clip's."
            )
        self._stream.seek(offset)
        return self._stream.read(length)


def open_media(path: Path, root: Path | None = None) -> BinaryIO:
    """Opens a regular file for reading, never following a link inside `root`.

    Without `root` only the last component is checked. A pipe is refused before anything can block.

    Raises:
        Refused: a link, pipe, device or folder.
        Missing: nothing there.
        Passing: the volume does not answer now.
        BadData: it is there and cannot be read.
    """
    try:
        descriptor = _descend(path, root) if root is not None else _open_last(path, None)
    except OSError as problem:
        raise translated(problem, path) from problem
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise _not_regular(path)
    return os.fdopen(descriptor, "rb")


def translated(problem: OSError, path: Path | str) -> Refused | Missing | Passing | BadData:
    """An operating system error about one file, as one of ours."""
    name, why = str(path), problem.strerror or str(problem)
    # ENOTDIR is what a link to a folder gives when links are not followed.
    if problem.errno in (errno.ELOOP, errno.ENXIO, errno.ENOTDIR):
        return _not_regular(path)
    if problem.errno in (errno.ENOENT, errno.ENODEV):
        return Away("The file is gone", f"{name} is not there any more.", subject=name)
    if problem.errno in _COMES_BACK:
        return Passing("The volume does not answer", f"{name}: {why}.", subject=name)
    return BadData("The file cannot be read", f"{name}: {why}.", subject=name)


def _descend(path: Path, root: Path) -> int:
    """Opens component by component, so that no link on the way leads out of `root`."""
    parts = path.relative_to(root).parts if path.is_relative_to(root) else ()
    if not parts or ".." in parts:
        raise _not_regular(path)
    if os.open not in os.supports_dir_fd:
        return _open_last(path, None)
    folder = os.open(root, _flags("O_DIRECTORY"))
    try:
        for part in parts[:-1]:
            deeper = os.open(part, _flags("O_DIRECTORY", "O_NOFOLLOW"), dir_fd=folder)
            os.close(folder)
            folder = deeper
        return _open_last(Path(parts[-1]), folder)
    finally:
        os.close(folder)


def _open_last(path: Path, folder: int | None) -> int:
    if not stat.S_ISREG(os.stat(path, dir_fd=folder, follow_symlinks=False).st_mode):
        raise _not_regular(path)
    # O_NONBLOCK: should it become a pipe between these two lines, opening must not wait for a writer.
    return os.open(path, _flags("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY"), dir_fd=folder)


def _flags(*names: str) -> int:
    """Flags of `os.open`, of which no system has all."""
    chosen = os.O_RDONLY
    for name in (*names, "O_CLOEXEC"):
        chosen |= int(getattr(os, name, 0))
    return chosen


def _not_regular(path: Path | str) -> Refused:
    return Refused(
        "Not a file",
        f"{path} is a link, a pipe or a device: only files are opened.",
        subject=str(path),
    )
