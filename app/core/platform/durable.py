"""Small files that are whole or not there: temporary name, fsync, rename, fsync of the folder.

The order is what survives a power cut: without the last step the rename itself may be lost.
"""

import contextlib
import errno
import os
import re
import secrets
import socket
import zlib
from pathlib import Path

from app.core.model.errors import Missing, NoRoom, RushesError
from app.core.platform.handles import PLAIN

_DAY = 86_400
TEMPORARY_PREFIX = ".rushes-"
"""Ours are told from foreign `.part` files by this; those are never touched."""

_TEMPORARY = re.compile(r"\.rushes-([0-9a-f]{8})-([0-9a-f]{1,8})-[0-9a-f]{8}\.tmp")


def temporary_name() -> str:
    """A fresh name that says whose it is: this desk and process.

    At most 39 bytes: it fits beside a final name of 255 bytes, because it does not contain it.
    """
    return f"{TEMPORARY_PREFIX}{_desk()}-{os.getpid():x}-{secrets.token_hex(4)}.tmp"


def is_ours(name: str) -> bool:
    """Whether it is a temporary name of ours, of any process."""
    return _TEMPORARY.fullmatch(name) is not None


def is_abandoned(name: str, age_seconds: float) -> bool:
    """Whether a temporary name of ours is left over from a process that is gone.

    Another desk's process cannot be asked (the store may be shared): its names count after a day.
    """
    found = _TEMPORARY.fullmatch(name)
    if not found:
        return False
    if found[1] != _desk():
        return age_seconds > _DAY
    pid = int(found[2], 16)
    return pid != os.getpid() and (age_seconds > _DAY or not _alive(pid))


def is_temporary(name: str) -> bool:
    """Whether a name is one of ours for what is half written, of whatever desk or process."""
    return _TEMPORARY.fullmatch(name) is not None


def _desk() -> str:
    return f"{zlib.crc32(socket.gethostname().encode()):08x}"


def _alive(pid: int) -> bool:
    if os.name == "nt":
        return True  # asking would end it there
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):  # no process has so large a number
        return False
    except PermissionError:
        return True
    return True


def write_file(path: Path, data: bytes, *, mode: int = 0o600) -> None:
    """Puts `data` at `path`, replacing what is there; after it returns, a power cut does not undo it.

    Raises:
        NoRoom: the disk is full; what was there is untouched.
        Missing: the folder is gone or not writable; what was there is untouched.
    """
    temporary = path.with_name(temporary_name())
    try:
        try:
            handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | PLAIN, mode)
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


def publish_file(temporary: Path, final: Path) -> None:
    """Gives a finished temporary file its final name, for good; replaces what was there.

    Raises:
        NoRoom, Missing: it could not be made durable; the temporary file is still there.
    """
    try:
        sync_file(temporary)
        temporary.replace(final)
        sync_folder(final.parent)
    except OSError as problem:
        raise write_error(final, problem) from problem


def sync_file(path: Path) -> None:
    """Makes a written file survive a power cut.

    Raises:
        OSError: it cannot be opened, or the disk failed; then its content is not to be trusted.
    """
    access = os.O_RDWR if os.name == "nt" else os.O_RDONLY
    handle = os.open(path, access | getattr(os, "O_CLOEXEC", 0))
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


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
