"""Mount points on macOS and Windows. Written from the systems' documentation; untried on both.

macOS: `statfs(2)`, 64-bit inode layout. Windows: `GetVolumePathNameW`, `GetDriveTypeW`,
`GetVolumeInformationW`.
"""

import ctypes
import sys
from pathlib import Path

from app.core.model.errors import Missing
from app.core.platform.filesystems import MountPoint, server_share


def mount_of(path: Path) -> MountPoint:
    """The filesystem an existing path lies on.

    Raises:
        Missing: the system does not tell, or is neither macOS nor Windows.
    """
    found = None
    if sys.platform == "darwin":
        found = _macos(path)
    elif sys.platform == "win32":
        found = _windows(path)
    if found is None:
        raise Missing(
            "The filesystem is unknown", f"No filesystem is known for {path}.", subject=str(path)
        )
    return found


class _Statfs(ctypes.Structure):
    # sys/mount.h: struct statfs with 64-bit inodes.
    _fields_ = (
        ("block_size", ctypes.c_uint32),
        ("io_size", ctypes.c_int32),
        ("counts", ctypes.c_uint64 * 5),
        ("fsid", ctypes.c_int32 * 2),
        ("owner", ctypes.c_uint32),
        ("kind", ctypes.c_uint32),
        ("flags", ctypes.c_uint32),
        ("subtype", ctypes.c_uint32),
        ("type_name", ctypes.c_char * 16),
        ("mounted_on", ctypes.c_char * 1024),
        ("mounted_from", ctypes.c_char * 1024),
        ("reserved", ctypes.c_uint32 * 8),
    )


if sys.platform == "darwin":
    import os

    _READ_ONLY = 0x1

    def _macos(path: Path) -> MountPoint | None:
        answer = _Statfs()
        if ctypes.CDLL(None, use_errno=True).statfs(os.fsencode(path), ctypes.byref(answer)) != 0:
            return None
        fs_type, device = os.fsdecode(answer.type_name), os.fsdecode(answer.mounted_from)
        return MountPoint(
            device=device,
            mount_path=Path(os.fsdecode(answer.mounted_on)),
            fs_type=fs_type,
            options=("ro",) if answer.flags & _READ_ONLY else (),
            server_share=server_share(fs_type, device),
        )


if sys.platform == "win32":
    _REMOTE_DRIVE = 4
    _READ_ONLY_VOLUME = 0x00080000

    def _windows(path: Path) -> MountPoint | None:
        kernel = ctypes.windll.kernel32
        root = ctypes.create_unicode_buffer(1024)
        if not kernel.GetVolumePathNameW(str(path), root, len(root)):
            return None
        name = ctypes.create_unicode_buffer(64)
        serial, flags = ctypes.c_ulong(), ctypes.c_ulong()
        told = kernel.GetVolumeInformationW(
            root.value, None, 0, ctypes.byref(serial), None, ctypes.byref(flags), name, len(name)
        )
        remote = root.value.startswith("\\\\") or kernel.GetDriveTypeW(root.value) == _REMOTE_DRIVE
        fs_type = "remote" if remote else name.value.lower()
        return MountPoint(
            device=root.value,
            mount_path=Path(root.value),
            fs_type=fs_type,
            options=("ro",) if flags.value & _READ_ONLY_VOLUME else (),
            uuid=f"{serial.value:08x}" if told and not remote else None,
            server_share=server_share(fs_type, root.value),
        )
