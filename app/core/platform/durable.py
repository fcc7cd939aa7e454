"""Small files that are whole or not there: temporary name, fsync, rename, fsync of the folder.

The order is what survives a power cut: without the last step the rename itself may be lost.
"""

import contextlib
import os
import secrets
from pathlib import Path

from app.core.model.errors import Missing, NoRoom, RushesError

TEMPORARY_PREFIX = ".rushes-"
"""Ours are told from foreign `.part` files by this; those are never touched."""


def temporary_name() -> str:
    """A fresh name of 26 bytes: it fits beside a final name of 255 bytes, because it does not contain it."""
    return f"{TEMPORARY_PREFIX}{secrets.token_hex(7)}.tmp"


def is_temporary(name: str) -> bool:
    """Whether a name is one of ours from `temporary_name`, left over from a crash."""
    return name.startswith(TEMPORARY_PREFIX) and name.endswith(".tmp")


def write_file(path: Path, data: bytes, *, mode: int = 0o600) -> None:
    """Puts `data` at `path`, replacing what is there; after it returns, a power cut does not undo it.

    Raises:
        NoRoom: the disk is full; what was there is untouched.
        Missing: the folder is gone or not writable; what was there is untouched.
    """
    temporary = path.with_name(temporary_name())
    try:
        try:
            handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                temporary.unlink()
            raise
        sync_folder(path.parent)
    except OSError as problem:
        raise write_error(path, problem) from problem


def sync_folder(folder: Path) -> None:
    """Makes renames and new names in a folder survive a power cut.

    Raises:
        OSError: the folder cannot be read.
    """
    if os.name == "nt":
        return  # NTFS journals names; a folder cannot be opened for fsync there (untried)
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_error(path: Path, problem: OSError) -> RushesError:
    """What a failed write means to a person."""
    import errno

    if problem.errno in (errno.ENOSPC, errno.EDQUOT):
        return NoRoom(
            "The disk is full",
            f"There was no room left to write {path}.",
            subject=str(path),
            todo="Free some room there and try again.",
        )
    if problem.errno == errno.EFBIG:
        return NoRoom(
            "The file is too big for that disk",
            f"{path} is larger than its filesystem allows.",
            subject=str(path),
            todo="Choose a disk with a filesystem for large files (not FAT).",
        )
    return Missing(
        "The file cannot be written",
        f"{path} could not be written: {problem.strerror}.",
        subject=str(path),
        todo="Check that the folder is there and writable.",
    )
