"""Real mounts: a disk in a file is the device that the file lies on."""

from pathlib import Path

from app.core.platform.devices import Same, device_of, same_device
from app.core.platform.removable import disk_mounts
from tests.support.loop_disk import LoopDisk


def test_a_disk_in_a_file_is_the_device_of_the_file(tmp_path: Path) -> None:
    with (
        LoopDisk(tmp_path / "image", tmp_path / "card") as card,
        LoopDisk(tmp_path / "image2", tmp_path / "card2") as other,
    ):
        here = device_of(tmp_path)
        assert same_device(device_of(card.mount), here) is Same.YES
        # Two filesystems in two files of one disk die together.
        assert same_device(device_of(card.mount), device_of(other.mount)) is Same.YES
        assert {card.mount, other.mount} <= {mount.path for mount in disk_mounts()}


def test_a_file_that_is_gone_proves_nothing(tmp_path: Path) -> None:
    with LoopDisk(tmp_path / "image", tmp_path / "card") as disk:
        disk.image.rename(tmp_path / "elsewhere")
        disk.image.symlink_to(tmp_path / "elsewhere")
        moved = device_of(disk.mount)
        assert same_device(moved, device_of(tmp_path)) is not Same.NO
