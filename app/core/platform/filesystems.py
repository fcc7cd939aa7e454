"""Which filesystem a path lies on: its type, its identity, its free room, whether a network is between.

Linux is read from `/proc/self/mountinfo` (proc(5)); other systems answer through
`foreign_mounts`, which nobody has tried yet.
"""

import dataclasses
import os
import re
import shutil
import stat
import sys
from pathlib import Path
from typing import Final

from app.core.model.errors import Missing

NETWORK_TYPES: Final = frozenset(
    {
        "nfs",
        "nfs4",
        "cifs",
        "smb2",
        "smb3",
        "smbfs",
        "afpfs",
        "afs",
        "coda",
        "davfs",
        "ncpfs",
        "remote",
        "webdav",
    }
    | {
        "acfs",
        "beegfs",
        "ceph",
        "gfs2",
        "glusterfs",
        "gpfs",
        "lustre",
        "ocfs2",
        "orangefs",
        "pvfs2",
    }
    | {"9p", "prl_fs", "vboxsf", "virtiofs"}
)
"""Types where the kernel does not hear of changes made elsewhere, and mmap is not shared. The folders
that a virtual machine shares with its host behave the same."""

LOCAL_FUSE: Final = frozenset({"fuse.gocryptfs", "fuse.encfs", "fuse.cryfs", "fuse.veracrypt"})
"""FUSE filesystems that only encrypt a local folder. All others may reach anywhere, so they count as network."""

_ESCAPE = re.compile(rb"\\([0-7]{3})")
_REMOTE = re.compile(
    r"^(?:[a-z][a-z0-9+.-]*://|//)?(?:[^/@]*@)?(\[[^\]]*\]|[^:/\\]+)(.*)$", re.IGNORECASE
)
_GET_UUID = 0x80111500
"""FS_IOC_GETFSUUID of linux/fs.h (since 6.9): one byte of length, 16 bytes of UUID; needs no rights."""


@dataclasses.dataclass(frozen=True, slots=True)
class MountPoint:
    """One mounted filesystem."""

    device: str
    """The source: `/dev/sdb1`, `server:/export`, `//server/share`, `tmpfs`."""
    mount_path: Path
    fs_type: str
    options: tuple[str, ...] = ()
    uuid: str | None = None
    """The filesystem's own UUID, lower case; None where it has none or does not tell."""
    server_share: str | None = None
    """`server/share` for network filesystems, the server in lower case, without user names."""
    number: str = ""
    """The kernel's `major:minor` of the device."""
    mount_id: int = -1

    @property
    def network(self) -> bool:
        """Whether a network, or a program that may reach anywhere, is between us and the bytes."""
        return is_network(self.fs_type)

    @property
    def read_only(self) -> bool:
        """Whether nothing can be written there."""
        return "ro" in self.options


@dataclasses.dataclass(frozen=True, slots=True)
class Space:
    """Room on a filesystem, in bytes."""

    free: int
    """What an ordinary user can still write."""
    total: int


def is_network(fs_type: str) -> bool:
    """Whether a filesystem type is a network one, by its name in the mount table."""
    kind = fs_type.lower()
    if kind == "fuse" or kind.startswith("fuse."):
        return kind not in LOCAL_FUSE
    return kind in NETWORK_TYPES


def mount_of(path: Path) -> MountPoint:
    """The filesystem a path lies on, or would lie on: a path that is not there is judged by its parents.

    Raises:
        Missing: the system does not tell.
    """
    existing = _nearest(path)
    if sys.platform != "linux":
        from app.core.platform import foreign_mounts

        return foreign_mounts.mount_of(existing)
    table = mounts()
    mount_id = _mount_id(existing)
    found = next((mount for mount in table if mount.mount_id == mount_id), None) or _longest(
        existing, table
    )
    if found is None:
        raise Missing(
            "The filesystem is unknown", f"No filesystem is known for {path}.", subject=str(path)
        )
    return dataclasses.replace(found, uuid=_uuid(found))


def mounts() -> tuple[MountPoint, ...]:
    """Every mounted filesystem, in the order of mounting, without UUIDs (Linux; empty elsewhere)."""
    try:
        table = Path("/proc/self/mountinfo").read_bytes()
    except OSError:
        return ()
    return parse_mountinfo(table)


def parse_mountinfo(table: bytes) -> tuple[MountPoint, ...]:
    """Reads the text of `/proc/self/mountinfo`; lines that do not read as one are left out."""
    parsed = (_parse_line(line) for line in table.splitlines())
    return tuple(mount for mount in parsed if mount is not None)


def _parse_line(line: bytes) -> MountPoint | None:
    # 36 35 98:0 /sub /mnt\0402 rw,noatime master:1 - ext4 /dev/sda1 rw,errors=continue
    left, separator, right = line.partition(b" - ")
    before, after = left.split(b" "), right.split(b" ")
    if not separator or len(before) < 6 or len(after) < 2 or not before[0].isdigit():
        return None
    fs_type, device = _text(after[0]), _text(after[1])
    more = after[2] if len(after) > 2 else b""
    return MountPoint(
        device=device,
        mount_path=Path(_text(before[4])),
        fs_type=fs_type,
        options=tuple(dict.fromkeys(_text(b",".join((before[5], more))).strip(",").split(","))),
        server_share=server_share(fs_type, device),
        number=_text(before[2]),
        mount_id=int(before[0]),
    )


def _text(field: bytes) -> str:
    return os.fsdecode(_ESCAPE.sub(lambda found: bytes([int(found[1], 8) & 0xFF]), field))


def server_share(fs_type: str, device: str) -> str | None:
    """What names a network filesystem on every desk: `server/share`; None for local ones and for FUSE without a host."""
    found = _REMOTE.match(device.replace("\\", "/"))
    remote = "/" in device.replace("\\", "/") and (":" in device or device[:2] in ("//", "\\\\"))
    if not is_network(fs_type) or not found or not remote:
        return None
    return f"{found[1].lower()}/{found[2].lstrip(':').strip('/')}".rstrip("/")


def free_bytes(path: Path) -> int:
    """Bytes an ordinary user can still write where this path lies, or would lie.

    Raises:
        Missing: the filesystem cannot be asked, for instance because its volume went away.
    """
    return space(path).free


def space(path: Path) -> Space:
    """Free and whole room where this path lies, or would lie.

    Raises:
        Missing: the filesystem cannot be asked, for instance because its volume went away.
    """
    try:
        usage = shutil.disk_usage(_nearest(path))
    except OSError as problem:
        raise Missing(
            "The volume does not answer",
            f"The free room of {path} could not be read: {problem.strerror}.",
            subject=str(path),
            todo="Connect the volume and try again.",
        ) from problem
    return Space(free=usage.free, total=usage.total)


def is_removable(mount: MountPoint, sysfs: Path = Path("/sys")) -> bool:
    """Whether the device calls itself removable or sits on USB, FireWire or a card slot (Linux)."""
    try:
        device = (sysfs / "dev" / "block" / mount.number).resolve(strict=True)
    except OSError:
        return False
    if any(part.startswith(("usb", "firewire", "mmc")) for part in device.parts):
        return True
    flags = (folder / "removable" for folder in (device, device.parent))
    return any(_read(flag).strip() == "1" for flag in flags)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""


def _nearest(path: Path) -> Path:
    absolute = path.absolute()
    for candidate in (absolute, *absolute.parents):
        if os.path.lexists(candidate):
            return candidate
    return Path(absolute.anchor)


def _mount_id(path: Path) -> int:
    """The mount the kernel itself sees behind a path: right under bind mounts, overlays and over-mounted folders."""
    try:
        handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return -1
    try:
        fields = Path(f"/proc/self/fdinfo/{handle}").read_text(encoding="ascii")
    except OSError:
        return -1
    finally:
        os.close(handle)
    found = re.search(r"^mnt_id:\s*(\d+)$", fields, re.MULTILINE)
    return int(found[1]) if found else -1


def _longest(path: Path, table: tuple[MountPoint, ...]) -> MountPoint | None:
    real = Path(os.path.realpath(path))
    above = [mount for mount in table if real.is_relative_to(mount.mount_path)]
    # Of two mounts on one folder the later one is seen.
    return max(
        enumerate(above),
        key=lambda pair: (len(pair[1].mount_path.parts), pair[0]),
        default=(0, None),
    )[1]


def _uuid(mount: MountPoint) -> str | None:
    if mount.network:
        return None
    return _uuid_by_link(mount) or _uuid_from_kernel(mount.mount_path)


def _uuid_by_link(mount: MountPoint) -> str | None:
    try:
        wanted = Path(mount.device).stat()
        if not stat.S_ISBLK(wanted.st_mode):
            return None
        for link in Path("/dev/disk/by-uuid").iterdir():
            if link.stat().st_rdev == wanted.st_rdev:
                return link.name.lower()
    except OSError:
        return None
    return None


def _uuid_from_kernel(path: Path) -> str | None:
    import fcntl
    import uuid

    answer = bytearray(17)
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.ioctl(handle, _GET_UUID, answer)
    except OSError:
        return None
    finally:
        os.close(handle)
    return str(uuid.UUID(bytes=bytes(answer[1:]))) if answer[0] == 16 and any(answer[1:]) else None
