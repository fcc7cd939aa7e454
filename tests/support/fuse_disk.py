"""A folder served through FUSE that can be written: a disk, card or share that damages, loses, refuses and renames.

`python -m tests.support.fuse_disk FOLDER MOUNT CONTROL SORT` serves FOLDER at MOUNT. The rules are those of `fuse_share`;
`Ways` says what the filesystem as a whole is like. What was damaged or lost is written to CONTROL.log, a line each.
"""

import dataclasses
import errno
import json
import os
import random
import subprocess
import sys
import time
import unicodedata
from pathlib import Path
from typing import Any

from tests.support.fuse_share import Loopback, Rule

_DEVICES = {
    "con",
    "prn",
    "aux",
    "nul",
    *(f"{kind}{n}" for kind in ("com", "lpt") for n in range(10)),
}


@dataclasses.dataclass(frozen=True, slots=True)
class Ways:
    """What a filesystem is like."""

    flip_writes: float = 0.0
    """How likely a write stores one bit wrong, and says nothing."""
    lose_writes: float = 0.0
    """How likely a write keeps nothing, and says nothing."""
    flip_reads: float = 0.0
    """How likely a read gives one bit wrong."""
    read_only: bool = False
    folds: bool = False
    """`Clip` and `clip` are one name."""
    form: str = ""
    """Names are kept in this normal form of Unicode."""
    windows: bool = False
    """Reserved names, trailing points and blanks and a few letters are refused."""
    largest: int = 0
    """Bytes of the largest file; 0 is no limit."""
    links: bool = True
    seed: int = 1


class Disk:
    """A mounted one; `with Disk(behind, mount) as disk`."""

    def __init__(self, behind: Path, mount: Path, sort: str = "testdisk") -> None:
        self.behind, self.mount = behind, mount
        self._sort = sort
        self._control = mount.with_name(f"{mount.name}.control")
        self._server: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "Disk":
        self.mount.mkdir(exist_ok=True)
        self.behind.mkdir(exist_ok=True)
        self.weather()
        self.plug()
        return self

    def __exit__(self, *_: object) -> None:
        self.weather()
        self.unplug()

    def plug(self) -> None:
        """Mounts it."""
        words = [sys.executable, "-W", "ignore", "-m", "tests.support.fuse_disk"]
        self._server = subprocess.Popen(
            [*words, str(self.behind), str(self.mount), str(self._control), self._sort]
        )
        while not os.path.ismount(self.mount):
            assert self._server.poll() is None, "the disk could not be mounted"
            time.sleep(0.01)

    def unplug(self) -> None:
        """The cable falls out: the mount point is an empty folder again."""
        if self._server is not None:
            subprocess.run(["fusermount", "-u", "-z", str(self.mount)], check=True)
            self._server.terminate()
            self._server.wait()
            self._server = None

    def weather(self, *rules: Rule, ways: Ways | None = None) -> None:
        """How it behaves from now on; without arguments as it should."""
        told = {
            "rules": [dataclasses.asdict(rule) for rule in rules],
            "step": 0,
            "shift": 0,
            "ways": dataclasses.asdict(ways or Ways()),
        }
        fresh = self._control.with_suffix(".new")
        fresh.write_text(json.dumps(told))
        fresh.replace(self._control)

    def harmed(self) -> list[str]:
        """Paths of which bytes were damaged or lost, as often as that was."""
        log = Path(f"{self._control}.log")
        return log.read_text().splitlines() if log.exists() else []


class Written(Loopback):
    """Passes writes through as well."""

    def __init__(self, behind: str, control: str) -> None:
        super().__init__(behind, control)
        self._chance = random.Random(0)
        self._seed = 0
        self._log = f"{control}.log"

    def __call__(self, name: str, path: str, *args: Any) -> Any:
        from fuse import FuseOSError

        code = self._weather(name, path or "")
        if code:
            raise FuseOSError(code)
        act = getattr(self, f"do_{name}", None)
        if act is None:
            raise FuseOSError(errno.ENOSYS)
        try:
            if name in ("rename", "link"):
                args = (self._place(args[0], name),)
            return act(self._place(path, name) if path else self._behind, *args)
        except OSError as problem:
            raise FuseOSError(problem.errno or errno.EIO) from problem

    def _ways(self) -> Ways:
        with self._lock:
            self._read()
            ways = Ways(**self._told["ways"])
            if ways.seed != self._seed:
                self._seed, self._chance = ways.seed, random.Random(ways.seed)
        return ways

    def _place(self, path: str, name: str) -> str:
        ways = self._ways()
        if ways.read_only and name in _CHANGES:
            raise OSError(errno.EROFS, "read-only")
        found = self._behind
        for part in path.split("/")[1:]:
            if part:
                found = f"{found}/{self._named(found, part, ways)}"
        return found

    def _named(self, folder: str, part: str, ways: Ways) -> str:
        if ways.windows and (
            part.partition(".")[0].lower() in _DEVICES
            or part[-1] in ". "
            or any(letter in '<>:"|?*\\' or ord(letter) < 32 for letter in part)
        ):
            raise OSError(errno.EINVAL, "no name")
        if ways.form:
            part = unicodedata.normalize(ways.form, part)
        if ways.folds and not os.path.lexists(f"{folder}/{part}"):
            names = (entry.name for entry in os.scandir(folder))
            alike = (name for name in names if name.casefold() == part.casefold())
            part = next(alike, part)
        return part

    def _harm(self, path: str) -> None:
        with Path(self._log).open("a", encoding="utf-8", errors="surrogateescape") as log:
            log.write(f"{path}\n")

    def _flipped(self, data: bytes) -> bytes:
        harmed = bytearray(data)
        harmed[self._chance.randrange(len(harmed))] ^= 1 << self._chance.randrange(8)
        return bytes(harmed)

    def do_create(self, path: str, mode: int, *_: object) -> int:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, mode)

    def do_write(self, path: str, data: bytes, offset: int, handle: int) -> int:
        ways = self._ways()
        if ways.largest and offset + len(data) > ways.largest:
            raise OSError(errno.EFBIG, "too big")
        stored = data
        if ways.flip_writes and self._chance.random() < ways.flip_writes:
            self._harm(path)
            stored = self._flipped(data)
        if ways.lose_writes and self._chance.random() < ways.lose_writes:
            self._harm(path)
            os.ftruncate(handle, max(os.fstat(handle).st_size, offset + len(data)))
            return len(data)
        return os.pwrite(handle, stored, offset)

    def do_read(self, path: str, size: int, offset: int, handle: int) -> bytes:
        data = os.pread(handle, size, offset)
        ways = self._ways()
        if data and ways.flip_reads and self._chance.random() < ways.flip_reads:
            self._harm(path)
            return self._flipped(data)
        return data

    def do_truncate(self, path: str, size: int, _handle: int | None = None) -> None:
        ways = self._ways()
        if ways.largest and size > ways.largest:
            raise OSError(errno.EFBIG, "too big")
        os.truncate(path, size)

    def do_fsync(self, _path: str, _data_only: int, handle: int) -> None:
        os.fsync(handle)

    def do_fsyncdir(self, _path: str, _data_only: int, _handle: int) -> None:
        """The folder behind is not ours to make durable."""

    def do_flush(self, _path: str, _handle: int) -> None:
        """Nothing waits."""

    def do_utimens(self, path: str, times: tuple[int, int]) -> None:
        os.utime(path, ns=times)

    def do_unlink(self, path: str) -> None:
        Path(path).unlink()

    def do_mkdir(self, path: str, mode: int) -> None:
        Path(path).mkdir(mode)

    def do_rmdir(self, path: str) -> None:
        Path(path).rmdir()

    def do_rename(self, old: str, new: str) -> None:
        Path(old).rename(new)

    def do_link(self, new: str, old: str) -> None:
        if not self._ways().links:
            raise OSError(errno.EPERM, "no links")
        os.link(old, new)


_CHANGES = ("create", "write", "truncate", "utimens", "unlink", "mkdir", "rmdir", "rename", "link")
_OPERATIONS = (
    "getattr", "readdir", "open", "read", "release", "statfs", "init", "destroy", "fsync", "fsyncdir", "flush", *_CHANGES,
)  # fmt: skip


def serve(behind: str, mount: str, control: str, sort: str) -> None:
    """Serves until unmounted."""
    from fuse import FUSE

    options = {"subtype": sort, "fsname": f"filer:/{Path(behind).name}", "use_ino": True}
    operations = Written(behind, control)
    for name in (*_OPERATIONS, "use_ns"):
        setattr(operations, name, True)
    FUSE(
        operations,
        mount,
        foreground=True,
        nothreads=False,
        attr_timeout=0,
        entry_timeout=0,
        direct_io=True,
        big_writes=True,
        **options,
    )


if __name__ == "__main__":
    serve(*sys.argv[1:5])
