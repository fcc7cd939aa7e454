"""Real mounts: a FUSE filesystem in an awkward folder is found, named and counts as a network."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core.platform import filesystems

SERVE = """
import sys
from fuse import FUSE, Operations
class Empty(Operations):
    def getattr(self, path, handle=None):
        if path != "/":
            raise OSError(2, "no such file")
        return {"st_mode": 0o40755, "st_nlink": 2}
    def statfs(self, path):
        return {"f_bsize": 4096, "f_frsize": 4096, "f_blocks": 1000, "f_bfree": 500, "f_bavail": 250}
FUSE(Empty(), sys.argv[1], foreground=True, nothreads=True, ro=True, fsname=sys.argv[2], **({"subtype": sys.argv[3]} if sys.argv[3] else {}))
"""


@pytest.fixture(params=["", "sshfs"])
def share(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A mounted filesystem with nothing in it, in a folder whose name needs every escape of the mount table."""
    folder = tmp_path / "NAS Média\t\\040\n#1"
    folder.mkdir()
    words = [
        sys.executable,
        "-W",
        "ignore",
        "-c",
        SERVE,
        str(folder),
        "anna@Filer:/Foot age",
        request.param,
    ]
    with subprocess.Popen(words, stderr=subprocess.PIPE) as server:
        try:
            while not os.path.ismount(folder):
                if server.poll() is not None:
                    assert server.stderr
                    pytest.fail(server.stderr.read().decode())
                time.sleep(0.01)
            yield folder, request.param
        finally:
            subprocess.run(["fusermount", "-u", "-z", str(folder)], check=True)
            server.wait()


def test_a_fuse_mount_is_a_network_with_a_name(share: tuple[Path, str]) -> None:
    folder, subtype = share
    mount = filesystems.mount_of(folder)
    assert mount.mount_path == folder
    assert mount.fs_type == (f"fuse.{subtype}" if subtype else "fuse")
    assert mount.network
    assert mount.read_only
    assert mount.server_share == "filer/Foot age"
    assert mount.uuid is None
    assert filesystems.free_bytes(folder) == 250 * 4096
    assert not filesystems.is_removable(mount)


def test_a_mount_over_a_folder_is_another_filesystem(
    share: tuple[Path, str], tmp_path: Path
) -> None:
    folder, _ = share
    assert filesystems.mount_of(folder).mount_id != filesystems.mount_of(tmp_path).mount_id
    assert folder in [mount.mount_path for mount in filesystems.mounts()]
