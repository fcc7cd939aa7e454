"""Folder times: which folders of a volume gained, lost or renamed an entry since they were listed.

A folder's own times change with its entries, not when a file in it is written over or grows: the whole
scan stays the truth, and this is how to find new cards, moves and deletions between two of them. Where
a time cannot be trusted there is none: network and FUSE filesystems, FAT and its kin, and all that is not listed here.
"""

import errno
import os
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from app.core.catalog.files import folder_of
from app.core.catalog.folders import Listed
from app.core.ingest.walking import inode_of, storable, time_of
from app.core.model.entities import Volume

TRUSTED: Final = frozenset(
    {"ext2", "ext3", "ext4", "xfs", "btrfs", "f2fs", "zfs", "bcachefs", "tmpfs", "apfs", "hfs"}
)
"""Filesystems that give a folder a new time whenever an entry comes, goes or is renamed, and keep it."""
_NOT_THERE: Final = (errno.ENOENT, errno.ENOTDIR)


def can_tell(volume: Volume) -> bool:
    """Whether the times of this volume's folders say what changed."""
    return volume.kind != "network" and volume.fs_type in TRUSTED


def changed(root: Path, device: int, known: Sequence[Listed]) -> list[bytes]:
    """Folders that must be listed again, parents before their children.

    Where a folder is gone, the one above it is named: its entries tell. What cannot be looked at, or has another
    filesystem mounted over it, is not named, nor anything below: a whole scan has to say what that means.

    Args:
        root: the volume's folder.
        device: the number of its filesystem.
        known: all its folders as they were listed, parents before their children.
    """
    base = os.fsencode(root)
    found: set[bytes] = set()
    closed: set[bytes] = set()
    for was in known:
        path = was.path
        above = folder_of(path)
        if path and above in closed:
            closed.add(path)
            continue
        try:
            info = os.lstat(base + b"/" + path if path else base + b"/.")
        except OSError as error:
            if error.errno == errno.ENAMETOOLONG:
                found.add(path)
                continue
            closed.add(path)
            if error.errno in _NOT_THERE:
                found.add(above)
            continue
        if info.st_dev != device:
            closed.add(path)
        elif not stat.S_ISDIR(info.st_mode):
            closed.add(path)
            found.add(above)
        elif (time_of(info), storable(info.st_ctime_ns), inode_of(info)) != was[1:]:
            found.add(path)
    return sorted(found)
