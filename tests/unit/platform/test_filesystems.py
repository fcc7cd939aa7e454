"""Mount tables, network types and the identity of a filesystem."""

import os
from pathlib import Path

import pytest

from app.core.model.errors import Missing
from app.core.platform import filesystems

TABLE = rb"""22 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw,errors=remount-ro
30 22 0:40 / /mnt/NAS\040M\303\251dia rw,nosuid - nfs4 Filer:/export/A\040B rw,vers=4.2
31 22 0:41 / /media/\011tab\134slash ro - cifs //NAS/Share ro,user=a
32 22 8:17 /sub /media/card rw master:3 propagate_from:2 - fuseblk /dev/sdb1 rw,user_id=0
33 22 0:42 / /mnt/\377raw rw - fuse.sshfs me@Host:/footage rw
34 22 8:33 / /media/card rw - exfat /dev/sdc1 rw
this line is no mount
35 22 0:43 / /short rw
"""


def test_a_mount_table_is_read_with_its_escapes() -> None:
    by_id = {mount.mount_id: mount for mount in filesystems.parse_mountinfo(TABLE)}
    assert sorted(by_id) == [22, 30, 31, 32, 33, 34]
    assert by_id[30].mount_path == Path("/mnt/NAS Média")
    assert by_id[30].device == "Filer:/export/A B"
    assert by_id[30].server_share == "filer/export/A B"
    assert by_id[31].mount_path == Path("/media/\ttab\\slash")
    assert by_id[31].read_only
    assert by_id[32].fs_type == "fuseblk"
    assert by_id[32].number == "8:17"
    assert os.fsencode(by_id[33].mount_path) == b"/mnt/\xffraw"
    assert by_id[22].options == ("rw", "relatime", "errors=remount-ro")


@pytest.mark.parametrize(
    "fs_type",
    [
        "nfs",
        "nfs4",
        "cifs",
        "smb3",
        "smbfs",
        "fuse.sshfs",
        "fuse.rclone",
        "fuse",
        "9p",
        "afpfs",
        "davfs",
        "ceph",
        "glusterfs",
        "NFS4",
    ],
)
def test_network_types(fs_type: str) -> None:
    assert filesystems.is_network(fs_type)


@pytest.mark.parametrize(
    "fs_type",
    [
        "ext4",
        "xfs",
        "btrfs",
        "fuseblk",
        "exfat",
        "vfat",
        "apfs",
        "ntfs3",
        "tmpfs",
        "overlay",
        "fuse.encfs",
    ],
)
def test_local_types(fs_type: str) -> None:
    assert not filesystems.is_network(fs_type)


@pytest.mark.parametrize(
    ("fs_type", "device", "expected"),
    [
        ("nfs", "Server:/export/", "server/export"),
        ("nfs4", "[fe80::1]:/x", "[fe80::1]/x"),
        ("cifs", "//NAS/Share/", "nas/Share"),
        ("remote", "\\\\SRV\\Media\\", "srv/Media"),
        ("fuse.sshfs", "anna@Host:/Footage", "host/Footage"),
        ("davfs", "https://anna:secret@dav.example.com/media", "dav.example.com/media"),
        ("fuse.fs", "nothing", None),
        ("9p", "tag", None),
        ("ext4", "/dev/sda1", None),
    ],
)
def test_a_share_has_one_name_on_every_desk(
    fs_type: str, device: str, expected: str | None
) -> None:
    assert filesystems.server_share(fs_type, device) == expected


def test_the_mount_of_a_path_is_the_kernels_answer(tmp_path: Path) -> None:
    mount = filesystems.mount_of(tmp_path)
    assert tmp_path.is_relative_to(mount.mount_path)
    assert filesystems.mount_of(Path("/proc/self/status")).fs_type == "proc"
    major, minor = mount.number.split(":")
    if mount.device.startswith("/dev/"):
        assert os.makedev(int(major), int(minor)) == tmp_path.stat().st_dev


def test_a_path_that_is_not_there_is_judged_by_its_parents(tmp_path: Path) -> None:
    assert filesystems.mount_of(tmp_path / "no" / "such") == filesystems.mount_of(tmp_path)
    assert filesystems.free_bytes(tmp_path / "no" / "such") > 0


def test_a_link_is_judged_by_itself_not_by_its_target(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to("/proc/self/status")
    assert filesystems.mount_of(tmp_path / "link" / "..").fs_type != ""
    assert filesystems.mount_of(link).fs_type == "proc"


def test_space_is_told_in_bytes(tmp_path: Path) -> None:
    space = filesystems.space(tmp_path)
    told = os.statvfs(tmp_path)
    assert space.total == told.f_blocks * told.f_frsize
    assert 0 < space.free <= space.total


def test_a_volume_that_does_not_answer_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(_path: Path) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(filesystems.shutil, "disk_usage", gone)
    with pytest.raises(Missing, match="does not answer"):
        filesystems.free_bytes(tmp_path)


def test_a_virtual_filesystem_is_not_removable() -> None:
    assert not filesystems.is_removable(filesystems.mount_of(Path("/proc")))
