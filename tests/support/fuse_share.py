"""A folder served through FUSE: to Rushes a network volume, with faults that a test switches on and off.

`python -m tests.support.fuse_share FOLDER MOUNT CONTROL` serves FOLDER at MOUNT. While the file
CONTROL holds a line `errno pattern`, every call on a path that holds the pattern fails with that errno.
"""

import errno
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any


class Share:
    """A mounted share; `with Share(behind, mount) as share`."""

    def __init__(self, behind: Path, mount: Path) -> None:
        self.behind, self.mount = behind, mount
        self._control = mount.with_name(f"{mount.name}.control")
        self._server: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "Share":
        self.mount.mkdir(exist_ok=True)
        self.fail()
        words = [sys.executable, "-W", "ignore", "-m", "tests.support.fuse_share"]
        self._server = subprocess.Popen(
            [*words, str(self.behind), str(self.mount), str(self._control)]
        )
        while not os.path.ismount(self.mount):
            assert self._server.poll() is None, "the share could not be mounted"
            time.sleep(0.01)
        return self

    def __exit__(self, *_: object) -> None:
        self.unmount()

    def unmount(self) -> None:
        """The cable falls out: the mount point is an empty folder again."""
        if self._server is not None:
            subprocess.run(["fusermount", "-u", "-z", str(self.mount)], check=True)
            self._server.wait()
            self._server = None

    def fail(self, code: int = 0, pattern: str = "") -> None:
        """From now on calls on paths with this pattern fail with this errno; without arguments none does."""
        self._control.write_text(f"{code} {pattern}" if code else "")


class Loopback:
    """Passes every call through, unless the control file says no."""

    def __init__(self, behind: str, control: str) -> None:
        self._behind, self._control = behind, Path(control)

    def __call__(self, name: str, path: str, *args: Any) -> Any:
        from fuse import FuseOSError

        code, _, pattern = self._control.read_text().partition(" ")
        if code and path and pattern in path:
            raise FuseOSError(int(code))
        act = getattr(self, f"do_{name}", None)
        if act is None:
            raise FuseOSError(errno.ENOSYS)
        try:
            return act(self._behind + path, *args)
        except OSError as problem:
            raise FuseOSError(problem.errno or errno.EIO) from problem

    def do_init(self, _path: str) -> None:
        """Nothing to prepare."""

    def do_destroy(self, _path: str) -> None:
        """Nothing to put away."""

    def do_getattr(self, path: str, _handle: int | None = None) -> dict[str, Any]:
        found = os.lstat(path)
        return {name: getattr(found, name) for name in _STAT}

    def do_readdir(self, path: str, _handle: int) -> list[str]:
        return [".", "..", *(entry.name for entry in os.scandir(path))]

    def do_open(self, path: str, flags: int) -> int:
        return os.open(path, flags)

    def do_read(self, _path: str, size: int, offset: int, handle: int) -> bytes:
        return os.pread(handle, size, offset)

    def do_release(self, _path: str, handle: int) -> int:
        os.close(handle)
        return 0

    def do_statfs(self, path: str) -> dict[str, int]:
        found = os.statvfs(path)
        return {name: getattr(found, name) for name in _STATVFS}


_STAT = (
    "st_mode",
    "st_ino",
    "st_nlink",
    "st_uid",
    "st_gid",
    "st_size",
    "st_atime",
    "st_mtime",
    "st_ctime",
)
_STATVFS = ("f_bavail", "f_bfree", "f_blocks", "f_bsize", "f_frsize")
_OPERATIONS = ("getattr", "readdir", "open", "read", "release", "statfs", "init", "destroy")


def serve(behind: str, mount: str, control: str) -> None:
    """Serves until unmounted."""
    from fuse import FUSE

    options = {"subtype": "testnas", "fsname": "filer:/footage", "use_ino": True}
    operations = Loopback(behind, control)
    for name in _OPERATIONS:
        setattr(operations, name, True)
    FUSE(
        operations,
        mount,
        foreground=True,
        nothreads=True,
        ro=True,
        attr_timeout=0,
        entry_timeout=0,
        **options,
    )


if __name__ == "__main__":
    serve(*sys.argv[1:4])
