"""Which physical device a path lies on: partitions, arrays, encrypted and loop devices traced to the disks below.

Two copies on one disk die together. What is told here is what the system proves; where it does not, as for the disks of a
virtual machine, a person has to say. Linux is read from sysfs (Documentation/ABI); other systems prove nothing yet.
"""

import dataclasses
import enum
import re
import socket
from pathlib import Path
from typing import Final, Literal

from app.core.model.errors import Missing
from app.core.platform import filesystems
from app.core.platform.filesystems import MountPoint

SYSFS: Final = Path("/sys")
Kind = Literal["disk", "network", "unknown"]
_DEEPEST: Final = 16
"""Devices on devices: more than any real stack has."""
_VIRTUAL: Final = re.compile(
    r"\b(qemu|vbox|vmware|virtual|msft|xen|perc|megaraid|avago|logical volume|mr9\d+)\b",
    re.IGNORECASE,
)
"""Makers of disks that are none: a host or a controller keeps them wherever it likes."""
_POOLED: Final = frozenset({"btrfs", "bcachefs"})
"""Filesystems over several disks, which the kernel gives a number of their own."""
_MEMORY: Final = frozenset({"tmpfs", "ramfs", "devtmpfs"})
_THIS_MACHINE: Final = frozenset({"localhost", "127.0.0.1", "::1", "[::1]"})


class Same(enum.StrEnum):
    """Whether two places are one physical device."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclasses.dataclass(frozen=True, slots=True)
class DeviceIdentity:
    """The physical device, or devices, that a path lies on."""

    key: str
    """The same for the same device, also after it was put in again where it has a number of its own (`serial`)."""
    kind: Kind
    name: str
    """For a person: maker and model, a server's name."""
    serial: str | None = None
    proven: bool = False
    """Whether the system tells the devices themselves, so that another one is sure to be another."""
    members: frozenset[str] = frozenset()
    """Every disk or server that is part of it, by key: two that share one are one device."""
    doubt: str = ""
    """Why nothing is proven, in words."""


def same_device(one: DeviceIdentity, other: DeviceIdentity) -> Same:
    """Whether two identities are the same physical device. Never guesses: what is not proven is unknown."""
    if one.key == other.key or one.members & other.members:
        return Same.YES
    if not (one.proven and other.proven):
        return Same.UNKNOWN
    if one.kind == other.kind == "network":
        # A server may have two names and two addresses.
        return Same.UNKNOWN
    return Same.NO


def device_of(path: Path, *, sysfs: Path = SYSFS) -> DeviceIdentity:
    """The device a path lies on, or would lie on.

    Raises:
        Missing: the system does not tell what filesystem that is.
    """
    return of_mount(filesystems.mount_of(path), sysfs=sysfs)


def of_mount(mount: MountPoint, *, sysfs: Path = SYSFS, depth: int = 0) -> DeviceIdentity:
    """The device of a mounted filesystem."""
    if mount.server_share:
        return _server(mount)
    if mount.fs_type in _MEMORY:
        return _unknown(
            "memory", "memory", "It is the memory of this computer: it is lost when that goes off."
        )
    if mount.network or not mount.number:
        doubt = "The system does not tell which device is behind it."
        return _unknown(f"mount:{mount.device}:{mount.number}", mount.device, doubt)
    numbers = _numbers(mount, sysfs)
    found = [_disks(number, sysfs, depth) for number in numbers]
    return _joined([one for some in found for one in some], mount)


@dataclasses.dataclass(frozen=True, slots=True)
class _Disk:
    key: str
    name: str
    serial: str | None
    doubt: str
    kind: Kind = "disk"
    members: frozenset[str] = frozenset()


def _joined(disks: list[_Disk], mount: MountPoint) -> DeviceIdentity:
    if not disks:
        doubt = "The system does not tell which device is behind it."
        return _unknown(f"mount:{mount.device}:{mount.number}", mount.device, doubt)
    distinct = {disk.key: disk for disk in disks}
    keys = sorted(distinct)
    ordered = [distinct[key] for key in keys]
    doubt = next((disk.doubt for disk in ordered if disk.doubt), "")
    one_sort = len({disk.kind for disk in ordered}) == 1
    members = {name for disk in ordered for name in disk.members or (disk.key,)}
    return DeviceIdentity(
        key="+".join(keys),
        kind=ordered[0].kind if one_sort else "unknown",
        name=" + ".join(disk.name for disk in ordered),
        serial=" + ".join(disk.serial for disk in ordered if disk.serial) or None,
        proven=not doubt,
        members=frozenset(members),
        doubt=doubt,
    )


def _numbers(mount: MountPoint, sysfs: Path) -> list[str]:
    """The kernel's numbers of the devices a filesystem lies on."""
    if mount.fs_type not in _POOLED:
        return [mount.number]
    name = Path(mount.device).name
    for pool in _entries(sysfs / "fs" / mount.fs_type):
        members = _entries(pool / "devices")
        if name in {member.name for member in members}:
            return [number for member in members if (number := _read(member / "dev"))]
    return []


def _disks(number: str, sysfs: Path, depth: int) -> list[_Disk]:
    """The physical disks below a block device."""
    try:
        device = (sysfs / "dev" / "block" / number).resolve(strict=True)
    except OSError:
        return []
    return _below(device, sysfs, depth)


def _below(device: Path, sysfs: Path, depth: int) -> list[_Disk]:
    if depth > _DEEPEST:
        return []
    if (device / "partition").exists():
        return _below(device.parent, sysfs, depth + 1)
    slaves = _entries(device / "slaves")
    if slaves:
        found = [_below(slave.resolve(), sysfs, depth + 1) for slave in slaves]
        # A member that is not told may be any disk.
        whole = all(found)
        disks = [disk for some in found for disk in some]
        return disks if whole else [dataclasses.replace(disk, doubt=_LOST) for disk in disks]
    backing = _read(device / "loop" / "backing_file")
    if backing:
        return _behind(Path(backing), sysfs, depth + 1)
    return [_disk(device)] if (device / "device").exists() else []


_LOST: Final = "Not all of the disks it lies on are told by the system."


def _behind(file: Path, sysfs: Path, depth: int) -> list[_Disk]:
    """The disks of a file that is used as one."""
    if not file.exists():
        return []
    try:
        mount = filesystems.mount_of(file)
    except Missing:
        return []
    found = of_mount(mount, sysfs=sysfs, depth=depth)
    return [_Disk(found.key, found.name, found.serial, found.doubt, found.kind, found.members)]


def _disk(device: Path) -> _Disk:
    hardware = device / "device"
    vendor, model = _read(hardware / "vendor"), _read(hardware / "model")
    name = " ".join(word for word in (vendor, model) if word and not word.startswith("0x"))
    serial = _read(hardware / "serial") or _read(device / "serial")
    plugged = "" if serial else _usb_serial(device)
    own = _read(device / "wwid") or _read(hardware / "wwid")
    number = _read(device / "dev")
    if device.name.startswith("nvme"):
        # Its namespaces are parts of one device: the controller's own number tells, theirs do not.
        own = f"nvme.{serial}" if serial else f"nvme.{hardware.resolve().name}"
    words = " ".join((vendor, model, own))
    doubt = ""
    if "/virtio" in str(device) or _VIRTUAL.search(words):
        doubt = "It is a virtual disk: which disk it really lies on is not told."
    elif "/session" in str(device) or device.name.startswith(("nbd", "rbd", "drbd")):
        doubt = "It is a disk of a network: which disk it really lies on is not told."
    if plugged and not own:
        # Readers and docks with several slots have one number for all of them.
        slot = hardware.resolve().name.rpartition(":")[2]
        own = f"{plugged}:{slot}"
        if slot != "0" and not doubt:
            doubt = "Its reader or dock has one number for several slots: whether they are one device is not told."
    key = f"disk:{own or serial or number}"
    return _Disk(key, name or device.name, serial or plugged or None, doubt)


def _usb_serial(device: Path) -> str:
    """The number of the USB device a disk is plugged in with."""
    for above in device.parents:
        if (above / "idVendor").exists():
            return _read(above / "serial")
    return ""


def _server(mount: MountPoint) -> DeviceIdentity:
    server = (mount.server_share or "").partition("/")[0]
    options: dict[str, str] = {}
    for option in mount.options:
        name, _, value = option.partition("=")
        options[name] = value
    address = options.get("addr", "")
    here = server in _THIS_MACHINE or server == socket.gethostname().lower()
    here = (
        here or address in _THIS_MACHINE or (bool(address) and address == options.get("clientaddr"))
    )
    doubt = (
        "It is a share of this computer itself: which disk it lies on is not told." if here else ""
    )
    members = frozenset(f"server:{name}" for name in (server, address) if name)
    return DeviceIdentity(
        key=f"server:{server}",
        kind="network",
        name=server,
        proven=not doubt,
        members=members,
        doubt=doubt,
    )


def _unknown(key: str, name: str, doubt: str) -> DeviceIdentity:
    return DeviceIdentity(key=key, kind="unknown", name=name, members=frozenset({key}), doubt=doubt)


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
