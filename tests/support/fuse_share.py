"""A folder served through FUSE: to Rushes a network volume, with faults that a test switches on and off.

`python -m tests.support.fuse_share FOLDER MOUNT CONTROL SORT` serves FOLDER at MOUNT, read-only, as `fuse.SORT`. The file CONTROL
holds the rules as JSON; a new file there begins their counts anew. The first rule that fits a call holds.
"""

import dataclasses
import errno
import fnmatch
import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

HANG = 600.0
"""Seconds that stand for ever: a change of the weather lets go of what hangs."""


@dataclasses.dataclass(frozen=True, slots=True)
class Rule:
    """What happens to calls of some kind on some paths."""

    op: str = "*"
    """`getattr`, `readdir`, `open`, `read`, `statfs`; a pattern."""
    path: str = "*"
    """A pattern of the path on the share, which begins with `/`."""
    code: int = 0
    """The errno it fails with; 0 lets it pass."""
    seconds: float = 0.0
    """It takes so much longer."""
    after: int = 0
    """So many calls are spared first."""
    count: int = 1 << 60
    """So many are met then."""


class Share:
    """A mounted share; `with Share(behind, mount) as share`."""

    def __init__(self, behind: Path, mount: Path, sort: str = "testnas") -> None:
        self.behind, self.mount = behind, mount
        self._sort = sort
        self._control = mount.with_name(f"{mount.name}.control")
        self._server: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "Share":
        self.mount.mkdir(exist_ok=True)
        self.weather()
        words = [sys.executable, "-W", "ignore", "-m", "tests.support.fuse_share"]
        self._server = subprocess.Popen(
            [*words, str(self.behind), str(self.mount), str(self._control), self._sort]
        )
        while not os.path.ismount(self.mount):
            assert self._server.poll() is None, "the share could not be mounted"
            time.sleep(0.01)
        return self

    def __exit__(self, *_: object) -> None:
        self.weather()
        self.unmount()

    def unmount(self) -> None:
        """The cable falls out: the mount point is an empty folder again."""
        if self._server is not None:
            subprocess.run(["fusermount", "-u", "-z", str(self.mount)], check=True)
            self._server.terminate()
            self._server.wait()
            self._server = None

    def weather(self, *rules: Rule, step: int = 0, shift: int = 0) -> None:
        """How the share behaves from now on; without arguments as it should. What hangs is let go.

        Args:
            rules: what happens to which calls.
            step: times are told in steps of so many seconds, as on FAT; 0 tells them as they are.
            shift: times are told so many seconds later, as by a clock on summer time.
        """
        told = {
            "rules": [dataclasses.asdict(rule) for rule in rules],
            "step": step,
            "shift": shift,
        }
        fresh = self._control.with_suffix(".new")
        fresh.write_text(json.dumps(told))
        fresh.replace(self._control)
        self._control.with_suffix(".hangs").unlink(missing_ok=True)

    def hangs(self) -> bool:
        """Whether a call hangs, or has since the weather changed."""
        return self._control.with_suffix(".hangs").exists()

    def fail(self, code: int = 0, pattern: str = "") -> None:
        """From now on calls on paths with this pattern fail with this errno; without arguments none does."""
        self.weather(*([Rule(path=f"*{pattern}*", code=code)] if code else []))


class Loopback:
    """Passes every call through, unless the rules say no."""

    def __init__(self, behind: str, control: str) -> None:
        self._behind, self._control = behind, Path(control)
        self._lock = threading.Lock()
        self._stamp = 0
        self._told: dict[str, Any] = {}
        self._rules: list[Rule] = []
        self._met: list[int] = []

    def __call__(self, name: str, path: str, *args: Any) -> Any:
        from fuse import FuseOSError

        code = self._weather(name, path or "")
        if code:
            raise FuseOSError(code)
        act = getattr(self, f"do_{name}", None)
        if act is None:
            raise FuseOSError(errno.ENOSYS)
        try:
            return act(self._behind + path, *args)
        except OSError as problem:
            raise FuseOSError(problem.errno or errno.EIO) from problem

    def _weather(self, name: str, path: str) -> int:
        rule = self._rule(name, path)
        if rule is None:
            return 0
        until = time.monotonic() + rule.seconds
        if rule.seconds >= HANG:
            self._control.with_suffix(".hangs").touch()
        stamp = self._stamp
        # What hangs is let go when the weather changes, so that no test waits for it.
        while time.monotonic() < until and self._control.stat().st_ino == stamp:
            time.sleep(min(0.05, max(0.0, until - time.monotonic())))
        return rule.code

    def _rule(self, name: str, path: str) -> Rule | None:
        with self._lock:
            self._read()
            for number, rule in enumerate(self._rules):
                if fnmatch.fnmatchcase(name, rule.op) and fnmatch.fnmatchcase(path, rule.path):
                    self._met[number] += 1
                    met = self._met[number]
                    return rule if rule.after < met <= rule.after + rule.count else None
        return None

    def _read(self) -> None:
        stamp = self._control.stat().st_ino
        if stamp != self._stamp:
            self._told = json.loads(self._control.read_text())
            self._rules = [Rule(**rule) for rule in self._told["rules"]]
            self._met = [0] * len(self._rules)
            self._stamp = stamp

    def do_init(self, _path: str) -> None:
        """Nothing to prepare."""

    def do_destroy(self, _path: str) -> None:
        """Nothing to put away."""

    def do_getattr(self, path: str, _handle: int | None = None) -> dict[str, Any]:
        info = os.lstat(path)
        found = {name: getattr(info, name) for name in _STAT}
        step = self._told["step"]
        mtime = info.st_mtime_ns
        if step:
            mtime -= mtime % (step * 1_000_000_000)
        # As whole nanoseconds: a float has not the digits.
        found["st_mtime"] = mtime + self._told["shift"] * 1_000_000_000
        for name in ("st_atime", "st_ctime"):
            found[name] = getattr(info, f"{name}_ns")
        return found

    def do_readdir(self, path: str, _handle: int) -> list[str]:
        return [".", "..", *(entry.name for entry in os.scandir(path))]

    def do_open(self, path: str, flags: int) -> int:
        return os.open(path, flags & ~os.O_NOFOLLOW)

    def do_read(self, _path: str, size: int, offset: int, handle: int) -> bytes:
        return os.pread(handle, size, offset)

    def do_release(self, _path: str, handle: int) -> int:
        os.close(handle)
        return 0

    def do_statfs(self, path: str) -> dict[str, int]:
        found = os.statvfs(path)
        return {name: getattr(found, name) for name in _STATVFS}


_STAT = ("st_mode", "st_ino", "st_nlink", "st_uid", "st_gid", "st_size")
_STATVFS = ("f_bavail", "f_bfree", "f_blocks", "f_bsize", "f_frsize")
_OPERATIONS = ("getattr", "readdir", "open", "read", "release", "statfs", "init", "destroy")


def serve(behind: str, mount: str, control: str, sort: str) -> None:
    """Serves until unmounted."""
    from fuse import FUSE

    options = {"subtype": sort, "fsname": "filer:/footage", "use_ino": True}
    operations = Loopback(behind, control)
    for name in _OPERATIONS:
        setattr(operations, name, True)
    # Whether times are given as whole nanoseconds.
    setattr(operations, "use_ns", True)  # noqa: B010 - read by fusepy
    FUSE(
        operations,
        mount,
        foreground=True,
        nothreads=False,
        ro=True,
        attr_timeout=0,
        entry_timeout=0,
        direct_io=True,
        **options,
    )


if __name__ == "__main__":
    serve(*sys.argv[1:5])
