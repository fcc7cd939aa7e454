"""A disk of one's own in a file, whose power can be cut: what was not made durable is gone when it is mounted again.

FS_IOC_SHUTDOWN stops the filesystem at once: nothing that waits in memory reaches the disk any more, neither data nor
journal. Mounting it again replays the journal, as after a power cut. It needs root, loop devices and mkfs.
"""

import contextlib
import fcntl
import os
import shutil
import struct
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import pytest

_SHUTDOWN: Final = 0x8004587D
_WITHOUT_FLUSH: Final = 2
_MAKE: Final = {
    "ext4": (96, ["mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=0", "-m", "0"]),
    "xfs": (320, ["mkfs.xfs", "-q", "-f"]),
}
"""Megabytes and words by kind: less than 300 MB are no xfs any more."""
_OPTIONS: Final = {
    # Without its own guess at what a careless program meant: only what is flushed is there.
    "ext4": "noatime,noauto_da_alloc,commit=300",
    "xfs": "noatime",
}
_PATIENCE: Final = 60
"""Seconds."""


class LoopDisk:
    """One disk; `with LoopDisk(folder / "image", folder / "mount", "ext4") as disk`."""

    def __init__(self, image: Path, mount: Path, kind: str = "ext4") -> None:
        self.image, self.mount, self.kind = image, mount, kind
        if os.geteuid() != 0:
            pytest.skip("NOT RUN: a disk of one's own needs the right to mount (root)")
        megabytes, words = _MAKE[kind]
        # What cannot run fails: a lane names the programs it needs.
        assert shutil.which(words[0], path=_PATH), f"{words[0]} is missing"
        with image.open("wb") as file:
            file.truncate(megabytes << 20)
        _run(*words, image)
        mount.mkdir(exist_ok=True)

    def __enter__(self) -> Self:
        self.plug()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.unplug()
        self.image.unlink()

    def plug(self) -> None:
        """Mounts it as a new device; what a cut left is made good from the journal."""
        found = subprocess.run(
            ["losetup", "--find", "--show", str(self.image)],
            env=dict(os.environ, PATH=_PATH),
            capture_output=True,
            text=True,
            check=False,
        )
        if found.returncode and not Path("/dev/loop-control").exists():
            pytest.skip(f"NOT RUN: this machine has no loop devices: {found.stderr}")
        assert found.returncode == 0, found.stderr
        device = found.stdout.strip()
        _run("mount", "-t", self.kind, "-o", _OPTIONS[self.kind], device, self.mount)
        _run("losetup", "--detach", device)  # once nobody holds it any more

    def unplug(self) -> None:
        """Takes it away, also from under programs that have files of it open."""
        if os.path.ismount(self.mount):
            _run("umount", "-l", self.mount)

    def flush(self) -> None:
        """Everything written so far is durable."""
        _run("sync", "-f", self.mount)

    def dead(self) -> None:
        """The power is gone: every call on it fails from now on."""
        handle = os.open(self.mount, os.O_RDONLY)
        try:
            fcntl.ioctl(handle, _SHUTDOWN, struct.pack("I", _WITHOUT_FLUSH))
        finally:
            os.close(handle)

    def cut(self) -> None:
        """The power is gone, and comes back. No program may have files of it open."""
        self.dead()
        _run("umount", self.mount)
        # A sandbox that is just being made has a copy of every mount, for moments: what is dead may be in use until then.
        until = time.monotonic() + _PATIENCE
        while self._attached():
            assert time.monotonic() < until, "somebody holds the disk"
            time.sleep(0.01)
        self.plug()

    def _attached(self) -> bool:
        for backing in Path("/sys/block").glob("loop*/loop/backing_file"):
            with contextlib.suppress(OSError):
                if backing.read_text().strip() == str(self.image):
                    return True
        return False

    def yank(self) -> None:
        """Pulled out while in use: calls on open files fail, and its mount point is an empty folder."""
        self.dead()
        self.unplug()


_PATH: Final = "/usr/sbin:/sbin:/usr/bin:/bin"


def _run(*words: object) -> None:
    found = dict(os.environ, PATH=_PATH)
    done = subprocess.run(
        [*map(str, words)], env=found, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, (words, done.stderr)
