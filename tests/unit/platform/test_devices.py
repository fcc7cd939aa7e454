"""Physical devices below mounted volumes, by made-up trees of sysfs: what is one device, what is another, what nobody can tell."""

import dataclasses
from pathlib import Path

import pytest

from app.core.platform import filesystems, removable
from app.core.platform.devices import DeviceIdentity, Same, device_of, of_mount, same_device
from app.core.platform.filesystems import MountPoint


@dataclasses.dataclass
class Machine:
    """A made-up /sys."""

    sys: Path

    def disk(
        self, name: str, number: str, *, bus: str = "pci0/ata1/host1/target/1:0:0:0", **words: str
    ) -> Path:
        """A disk that is one, with what its hardware says of itself."""
        hardware = self.sys / "devices" / bus
        device = hardware / "block" / name
        device.mkdir(parents=True)
        for word, text in words.items():
            (hardware / word).write_text(f"{text}\n")
        (device / "device").symlink_to(hardware)
        return self._known(device, number)

    def partition(self, disk: Path, name: str, number: str) -> Path:
        """A part of a disk."""
        part = disk / name
        part.mkdir()
        (part / "partition").write_text("1\n")
        return self._known(part, number)

    def over(self, name: str, number: str, *members: Path) -> Path:
        """An array, a logical or an encrypted volume over others."""
        device = self.sys / "devices/virtual/block" / name
        (device / "slaves").mkdir(parents=True)
        for member in members:
            (device / "slaves" / member.name).symlink_to(member)
        return self._known(device, number)

    def _known(self, device: Path, number: str) -> Path:
        (device / "dev").write_text(f"{number}\n")
        by_number = self.sys / "dev/block"
        by_number.mkdir(parents=True, exist_ok=True)
        (by_number / number).symlink_to(device)
        return device

    def at(self, number: str, fs_type: str = "ext4", device: str = "/dev/x") -> DeviceIdentity:
        """The identity of a volume on the device of this number."""
        mount = MountPoint(device, Path("/mnt"), fs_type, number=number)
        return of_mount(mount, sysfs=self.sys)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """An empty machine."""
    return Machine(tmp_path / "sys")


def test_partitions_of_one_disk_are_one_device(machine: Machine) -> None:
    disk = machine.disk("sda", "8:0", vendor="ATA", model="T7 Shield", wwid="naa.5002")
    machine.partition(disk, "sda1", "8:1")
    machine.partition(disk, "sda2", "8:2")
    one, other = machine.at("8:1"), machine.at("8:2")
    assert one.proven
    assert (one.kind, one.name, one.key) == ("disk", "ATA T7 Shield", "disk:naa.5002")
    assert same_device(one, other) is Same.YES


def test_two_disks_are_two_devices(machine: Machine) -> None:
    machine.disk("sda", "8:0", bus="pci0/ata1/1:0:0:0", wwid="naa.1")
    machine.disk("sdb", "8:16", bus="pci0/ata2/2:0:0:0", wwid="naa.2")
    assert same_device(machine.at("8:0"), machine.at("8:16")) is Same.NO


def test_disks_without_a_number_of_their_own_are_told_apart_by_the_kernels(
    machine: Machine,
) -> None:
    machine.disk("sda", "8:0", bus="pci0/ata1/1:0:0:0")
    machine.disk("sdb", "8:16", bus="pci0/ata2/2:0:0:0")
    assert same_device(machine.at("8:0"), machine.at("8:16")) is Same.NO
    assert same_device(machine.at("8:0"), machine.at("8:0")) is Same.YES


def test_members_of_an_array_and_what_lies_on_it_are_one_device(machine: Machine) -> None:
    first = machine.disk("sda", "8:0", bus="pci0/ata1/1:0:0:0", wwid="naa.1")
    second = machine.disk("sdb", "8:16", bus="pci0/ata2/2:0:0:0", wwid="naa.2")
    third = machine.disk("sdc", "8:32", bus="pci0/ata3/3:0:0:0", wwid="naa.3")
    part, other = machine.partition(first, "sda1", "8:1"), machine.partition(second, "sdb1", "8:17")
    array = machine.over("md0", "9:0", part, other)
    machine.over("dm-0", "252:0", machine.over("dm-1", "252:1", array))
    spare = machine.partition(first, "sda2", "8:2")
    on_array = machine.at("252:0")
    assert on_array.members == {"disk:naa.1", "disk:naa.2"}
    assert same_device(on_array, machine.at("8:2")) is Same.YES
    assert same_device(on_array, machine.at("8:32")) is Same.NO
    assert spare.exists()
    assert third.exists()


def test_an_array_with_a_member_that_is_not_told_proves_nothing(machine: Machine) -> None:
    known = machine.disk("sda", "8:0", wwid="naa.1")
    ghost = machine.sys / "devices/virtual/block/ghost"
    ghost.mkdir(parents=True)
    machine.over("md0", "9:0", known, ghost)
    machine.disk("sdb", "8:16", bus="pci0/ata2/2:0:0:0", wwid="naa.2")
    found = machine.at("9:0")
    assert not found.proven
    assert found.doubt
    assert same_device(found, machine.at("8:16")) is Same.UNKNOWN
    assert same_device(found, machine.at("8:0")) is Same.YES


def test_a_filesystem_over_several_disks_lies_on_all_of_them(machine: Machine) -> None:
    first = machine.disk("sda", "8:0", bus="pci0/ata1/1:0:0:0", wwid="naa.1")
    second = machine.disk("sdb", "8:16", bus="pci0/ata2/2:0:0:0", wwid="naa.2")
    pool = machine.sys / "fs/btrfs/0123/devices"
    pool.mkdir(parents=True)
    for disk in (first, second):
        (pool / disk.name).symlink_to(disk)
    found = machine.at("0:44", "btrfs", "/dev/sda")
    assert found.members == {"disk:naa.1", "disk:naa.2"}
    assert same_device(found, machine.at("8:16")) is Same.YES


def test_namespaces_of_one_nvme_are_one_device(machine: Machine) -> None:
    machine.disk("nvme0n1", "259:0", bus="pci0/nvme/nvme0", serial="S6", model="990 PRO")
    device = machine.sys / "devices/pci0/nvme/nvme0/block/nvme0n2"
    device.mkdir()
    (device / "device").symlink_to(device.parent.parent)
    (device / "wwid").write_text("eui.other\n")
    machine._known(device, "259:1")
    assert same_device(machine.at("259:0"), machine.at("259:1")) is Same.YES


@pytest.mark.parametrize(
    ("name", "bus", "words"),
    [
        ("vda", "pci0/virtio1", {}),
        ("sda", "pci0/host0/0:0:0:0", {"vendor": "QEMU", "model": "QEMU HARDDISK"}),
        ("sda", "pci0/host0/0:2:0:0", {"vendor": "DELL", "model": "PERC H730P Mini"}),
        ("sda", "platform/host3/session1/target3:0:0/3:0:0:1", {"vendor": "LIO-ORG"}),
    ],
)
def test_what_a_host_or_a_controller_hides_proves_nothing(
    name: str, bus: str, words: dict[str, str], machine: Machine
) -> None:
    machine.disk(name, "8:0", bus=bus, **words)
    machine.disk("sdz", "8:160", bus="pci0/ata9/9:0:0:0", wwid="naa.9")
    found = machine.at("8:0")
    assert not found.proven
    assert found.doubt
    assert same_device(found, machine.at("8:160")) is Same.UNKNOWN


def test_the_slots_of_one_reader_are_not_told_apart(machine: Machine) -> None:
    for letter, number, slot in (("a", "8:0", 0), ("b", "8:16", 1)):
        machine.disk(f"sd{letter}", number, bus=f"pci0/usb1/1-2/host6/6:0:0:{slot}")
    (machine.sys / "devices/pci0/usb1/1-2/idVendor").write_text("0bda\n")
    (machine.sys / "devices/pci0/usb1/1-2/serial").write_text("000000001\n")
    one, other = machine.at("8:0"), machine.at("8:16")
    assert one.serial == other.serial == "000000001"
    assert same_device(one, other) is Same.UNKNOWN


def _share(device: str, *options: str, fs_type: str = "nfs4") -> DeviceIdentity:
    share = filesystems.server_share(fs_type, device)
    return of_mount(
        MountPoint(device, Path("/mnt"), fs_type, options, server_share=share, number="0:50")
    )


def test_two_shares_of_one_server_are_one_device(machine: Machine) -> None:
    machine.disk("sda", "8:0", wwid="naa.1")
    nas = _share("nas:/a", "addr=10.0.0.2", "clientaddr=10.0.0.9")
    assert same_device(nas, _share("NAS:/b")) is Same.YES
    assert same_device(nas, _share("//10.0.0.2/c", "addr=10.0.0.2", fs_type="cifs")) is Same.YES
    assert same_device(nas, _share("filer:/a", "addr=10.0.0.3")) is Same.UNKNOWN
    assert same_device(nas, machine.at("8:0")) is Same.NO


@pytest.mark.parametrize("device", ["localhost:/a", "127.0.0.1:/a", "//localhost/a"])
def test_a_share_of_this_computer_may_be_any_disk_of_it(device: str, machine: Machine) -> None:
    machine.disk("sda", "8:0", wwid="naa.1")
    fs_type = "cifs" if device.startswith("//") else "nfs"
    assert same_device(_share(device, fs_type=fs_type), machine.at("8:0")) is Same.UNKNOWN


def test_by_its_own_address_this_computer_is_no_server_elsewhere(machine: Machine) -> None:
    machine.disk("sda", "8:0", wwid="naa.1")
    share = _share("desk:/a", "addr=10.0.0.9", "clientaddr=10.0.0.9")
    assert same_device(share, machine.at("8:0")) is Same.UNKNOWN


@pytest.mark.parametrize("fs_type", ["tmpfs", "fuse.sshfs", "zfs", "overlay"])
def test_what_is_no_disk_proves_nothing(fs_type: str, machine: Machine) -> None:
    machine.disk("sda", "8:0", wwid="naa.1")
    found = machine.at("0:40", fs_type, "pool")
    assert found.kind == "unknown"
    assert found.doubt
    assert same_device(found, machine.at("8:0")) is Same.UNKNOWN
    assert same_device(found, machine.at("0:40", fs_type, "pool")) is Same.YES


def test_a_ring_of_devices_ends(machine: Machine) -> None:
    device = machine.over("dm-0", "252:0")
    (device / "slaves" / "dm-0").symlink_to(device)
    assert machine.at("252:0").kind == "unknown"


def test_a_real_path_has_a_device(tmp_path: Path) -> None:
    found = device_of(tmp_path)
    assert found.key
    assert same_device(found, device_of(tmp_path / "not" / "there")) is Same.YES
    assert found.proven is not bool(found.doubt)


def test_removable_volumes_are_told_with_name_and_number(machine: Machine, tmp_path: Path) -> None:
    inside = machine.disk("sda", "8:0", bus="pci0/ata1/1:0:0:0", wwid="naa.1")
    machine.partition(inside, "sda1", "8:1")
    stick = machine.disk("sdb", "8:16", bus="pci0/usb1/1-2/host6/6:0:0:0")
    (machine.sys / "devices/pci0/usb1/1-2/idVendor").write_text("0bda\n")
    (machine.sys / "devices/pci0/usb1/1-2/serial").write_text("A77\n")
    machine.partition(stick, "sdb1", "8:17")
    floppy = machine.disk("sr0", "11:0", bus="pci0/ata4/4:0:0:0")
    (floppy / "removable").write_text("1\n")
    table = tmp_path / "mountinfo"
    here = str(tmp_path).encode()
    table.write_bytes(
        b"22 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
        b"30 22 8:17 / " + here + b" ro - exfat /dev/sdb1 ro\n"
        b"31 22 8:17 /sub /elsewhere rw - exfat /dev/sdb1 rw\n"
        b"32 22 11:0 / /media/away rw - iso9660 /dev/sr0 ro\n"
        b"33 22 0:40 / /tmp rw - tmpfs tmpfs rw\n"
    )
    labels = tmp_path / "labels"
    labels.mkdir()
    (labels / "EOS\\x20R5").symlink_to("../../sdb1")
    found = removable.removable_mounts(sysfs=machine.sys, labels=labels, table=table)
    assert [(m.path, m.device, m.label, m.serial, m.removable, m.read_only) for m in found] == [
        (tmp_path, "/dev/sdb1", "EOS R5", "A77", True, True),
        (Path("/media/away"), "/dev/sr0", None, None, True, True),
    ]
    assert found[0].size > found[0].free > 0
    assert len(removable.disk_mounts(sysfs=machine.sys, labels=labels, table=table)) == 3
    assert removable.removable_mounts(table=tmp_path / "nothing") == ()
