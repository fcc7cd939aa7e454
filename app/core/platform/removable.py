"""Removable volumes that are mounted now, and a way to hear of new ones (Linux; elsewhere nothing is told yet)."""

import dataclasses
import os
import re
import select
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from app.core.model.errors import Missing
from app.core.platform import devices, filesystems, pacing
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


class MountWatch:
    """Hears when something was mounted or unmounted; says nothing of what. Where the system does not tell, it only waits."""

    def __init__(self) -> None:
        self._table: int | None = None
        self._poll: select.poll | None = None

    def __enter__(self) -> Self:
        try:
            self._table = os.open(MOUNTS, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0))
        except OSError:
            return self
        self._poll = select.poll()
        # The table of mounts becomes readable as an exception, once for each change (proc(5)).
        self._poll.register(self._table, select.POLLERR | select.POLLPRI)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._table is not None:
            os.close(self._table)
            self._table = None

    def wait(self, milliseconds: int) -> bool:
        """Whether the mounts changed since the last call, or within this time."""
        if self._poll is None:
            pacing.sleep_ns(milliseconds * 1_000_000)
            return False
        return bool(self._poll.poll(milliseconds))
