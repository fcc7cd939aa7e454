"""A share on which a part of all calls goes wrong by chance, whatever they are and wherever they go.

While the file beside its mount holds a number, that part of the calls fails with EIO, as many with ESTALE, and
as many come late. `python -m tests.support.soak_share FOLDER MOUNT CONTROL SORT` serves it.
"""

import errno
import os
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from tests.support import fuse_share

LATE_SECONDS = 0.3


class NoisyShare(fuse_share.Share):
    """A mounted share with noise on the line."""

    def __enter__(self) -> "NoisyShare":
        self.mount.mkdir(exist_ok=True)
        self.fail()
        if not _noise_of(self._control).exists():
            self.noise(0)
        words = [sys.executable, "-W", "ignore", "-m", "tests.support.soak_share"]
        self._server = subprocess.Popen(
            [*words, str(self.behind), str(self.mount), str(self._control), self._sort]
        )
        while not os.path.ismount(self.mount):
            assert self._server.poll() is None, "the share could not be mounted"
            time.sleep(0.01)
        return self

    def unmount(self) -> None:
        """The cable falls out; whoever still looks into it (a worker in a sandbox) finds nothing more."""
        if self._server is not None:
            subprocess.run(["fusermount", "-u", "-z", str(self.mount)], check=True)
            self._server.kill()
            self._server.wait()
            self._server = None

    def noise(self, part: float) -> None:
        """How much of all calls goes wrong in each of the three ways."""
        fresh = self._control.with_suffix(".louder")
        fresh.write_text(str(part))
        fresh.replace(_noise_of(self._control))

    @property
    def pid(self) -> int:
        """The server's process, for tests that hold it up; 0 where it is not mounted."""
        return self._server.pid if self._server else 0


class Noisy(fuse_share.Loopback):
    """Passes calls through, most of the time."""

    def __init__(self, behind: str, control: str) -> None:
        super().__init__(behind, control)
        self._noise = _noise_of(Path(control))

    def __call__(self, name: str, path: str, *args: Any) -> Any:
        from fuse import FuseOSError

        part, drawn = float(self._noise.read_text()), random.random()
        if path and drawn < 2 * part:
            raise FuseOSError(errno.EIO if drawn < part else errno.ESTALE)
        if path and drawn < 3 * part:
            time.sleep(LATE_SECONDS)
        return super().__call__(name, path, *args)


def _noise_of(control: Path) -> Path:
    return control.with_suffix(".noise")


if __name__ == "__main__":
    fuse_share.Loopback = Noisy
    fuse_share.serve(*sys.argv[1:5])
