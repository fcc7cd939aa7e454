"""What a folder stands on: which filesystem it is, whether it is still the same, and what fits on it."""

import contextlib
import dataclasses
import os
from pathlib import Path
from typing import Final

from app.core.model.errors import Away, RushesError
from app.core.platform import filesystems

_CHANGING_NUMBERS: Final = ("fuse", "vfat", "msdos", "exfat", "cifs", "smb")
"""Types whose inode numbers are made up as they are asked for, so that one folder has one today and another tomorrow."""

_MARKED_BY_UUID: Final = frozenset(("ext2", "ext3", "ext4", "btrfs", "tmpfs"))
"""Types whose mark comes from their UUID; that of others is the number of the device, which the next one gets, or 0."""


@dataclasses.dataclass(frozen=True, slots=True)
class Ground:
    """Which filesystem a folder stands on, as it is now."""

    device: int
    """The kernel's number of it; another one when it is mounted again."""
    inode: int
    """The folder's own."""
    mark: int
    """What the filesystem calls itself in `statvfs`; see `told_by_mark`."""


@dataclasses.dataclass(frozen=True, slots=True)
class Facts:
    """What a filesystem takes."""

    fs_type: str
    network: bool
    read_only: bool
    block: int
    """Bytes; a file takes whole ones."""
    free: int
    """Bytes that an ordinary user can still write."""
    free_files: int | None
    """Files that can still be made; None where that is not counted."""
    name_bytes: int
    """Bytes of the longest name, or letters; 255 mostly."""


def ground_of(folder: Path) -> Ground:
    """Where a folder stands.

    Raises:
        Away: it is not there, or nothing answers.
    """
    try:
        found = folder.stat()
        return Ground(found.st_dev, found.st_ino, _mark(folder))
    except OSError as problem:
        raise Away(
            "The destination is not there",
            f"{folder} is not there: {problem.strerror}.",
            subject=str(folder),
            todo="Connect the disk, or mount it again.",
        ) from problem


def lasting_id(folder: Path) -> str:
    """What tells this filesystem from others also when it is mounted again: its UUID, its share, else type and source.

    Raises:
        Missing: the system does not tell.
    """
    mount = filesystems.mount_of(folder)
    if mount.uuid:
        return f"uuid {mount.uuid}"
    if mount.server_share:
        return f"share {mount.server_share}"
    mark = _mark(folder)
    if told_by_mark(mount.fs_type):
        return f"{mount.fs_type} {mark:x}"
    return f"{mount.fs_type} {mount.device} {mark:x}"


def told_by_mark(fs_type: str) -> bool:
    """Whether the mark of a type tells any two of them apart."""
    return fs_type.lower() in _MARKED_BY_UUID


def steady_numbers(folder: Path) -> bool:
    """Whether a folder keeps its inode number there."""
    with contextlib.suppress(RushesError):
        return not filesystems.mount_of(folder).fs_type.lower().startswith(_CHANGING_NUMBERS)
    return False


def facts_of(folder: Path) -> Facts:
    """What fits where a folder stands.

    Raises:
        Away: nothing answers.
        Missing: the system does not tell.
    """
    mount = filesystems.mount_of(folder)
    if not hasattr(os, "statvfs"):
        space = filesystems.space(folder)  # Windows, untried
        return Facts(mount.fs_type, mount.network, mount.read_only, 4096, space.free, None, 255)
    try:
        found = os.statvfs(folder)
    except OSError as problem:
        raise Away(
            "The destination does not answer",
            f"{folder} could not be asked for its room: {problem.strerror}.",
            subject=str(folder),
            todo="Connect the disk, or mount it again.",
        ) from problem
    return Facts(
        fs_type=mount.fs_type,
        network=mount.network,
        read_only=mount.read_only,
        block=found.f_frsize or 4096,
        free=found.f_bavail * found.f_frsize,
        free_files=found.f_favail if found.f_files else None,
        name_bytes=found.f_namemax or 255,
    )


def _mark(folder: Path) -> int:
    return int(os.statvfs(folder).f_fsid) if hasattr(os, "statvfs") else 0
