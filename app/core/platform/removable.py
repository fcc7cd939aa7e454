"""Removable volumes that are mounted now (Linux; elsewhere nothing is told yet)."""

import dataclasses
import re
from pathlib import Path
from typing import Final

from app.core.model.errors import Missing
from app.core.platform import devices, filesystems
from app.core.platform.filesystems import MountPoint

MOUNTS: Final = Path("/proc/self/mountinfo")
_BY_LABEL: Final = Path("/dev/disk/by-label")
_ESCAPE: Final = re.compile(r"\\x([0-9a-fA-F]{2})")


@dataclasses.dataclass(frozen=True, slots=True)
class Mount:
    """One mounted volume of a device."""

    path: Path
    device: str
    """`/dev/sdb1`."""
    fs_type: str
    label: str | None
    """The volume's own name; None where it has none or does not tell."""
    serial: str | None
    """Of the device it lies on."""
    size: int
    """Bytes; 0 where the volume does not answer."""
    free: int
    removable: bool
    read_only: bool


def removable_mounts(
    *, sysfs: Path = devices.SYSFS, labels: Path = _BY_LABEL, table: Path = MOUNTS
) -> tuple[Mount, ...]:
    """The removable volumes that are mounted, each once, in the order of mounting."""
    return tuple(
        mount for mount in disk_mounts(sysfs=sysfs, labels=labels, table=table) if mount.removable
    )


def disk_mounts(
    *, sysfs: Path = devices.SYSFS, labels: Path = _BY_LABEL, table: Path = MOUNTS
) -> tuple[Mount, ...]:
    """All volumes of block devices that are mounted, each once: of several places the first."""
    try:
        found = filesystems.parse_mountinfo(table.read_bytes())
    except OSError:
        return ()
    named = _labels(labels)
    mounts: dict[str, Mount] = {}
    for mount in found:
        if mount.number not in mounts and (sysfs / "dev" / "block" / mount.number).exists():
            mounts[mount.number] = _mount(mount, named, sysfs)
    return tuple(mounts.values())


def _mount(mount: MountPoint, labels: dict[str, str], sysfs: Path) -> Mount:
    try:
        space = filesystems.space(mount.mount_path)
    except Missing:
        space = filesystems.Space(0, 0)
    return Mount(
        path=mount.mount_path,
        device=mount.device,
        fs_type=mount.fs_type,
        label=labels.get(Path(mount.device).name),
        serial=devices.of_mount(mount, sysfs=sysfs).serial,
        size=space.total,
        free=space.free,
        removable=filesystems.is_removable(mount, sysfs),
        read_only=mount.read_only,
    )


def _labels(folder: Path) -> dict[str, str]:
    """The names of volumes by the last name of their device (`sdb1`)."""
    found: dict[str, str] = {}
    try:
        for link in folder.iterdir():
            name = _ESCAPE.sub(lambda hit: chr(int(hit[1], 16)), link.name)
            # udev writes each byte that is no plain letter as one escape.
            found[link.readlink().name] = name.encode("latin-1", "replace").decode(
                "utf-8", "replace"
            )
    except OSError:
        return found
    return found
