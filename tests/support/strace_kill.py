"""Kills a program on entering a chosen system call: strace counts the calls of each thread.

So every state of the disk between two calls is met.
"""

import re
import signal
import subprocess
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tests.support.source import ROOT

CALLS = (
    "pwrite64", "write", "ftruncate", "fsync", "fdatasync", "rename", "link", "mkdir", "unlink", "rmdir", "unlinkat",
)  # fmt: skip
"""What changes the disk."""
OF_COPIES = (
    "write", "fallocate", "fadvise64", "utimensat", "fsync", "syncfs", "renameat2", "link", "linkat", "mkdirat", "unlinkat",
)  # fmt: skip
"""The calls of a copy, which holds its folders open."""
LINE = re.compile(r"^(\d+) +(\w+)\(")


class Point(NamedTuple):
    """The n-th call of a kind in one thread, counted from 1."""

    call: str
    number: int


def points(words: Sequence[str], calls: Sequence[str] = CALLS) -> list[Point]:
    """Every call that changes the disk in an undisturbed run; the program has to end well."""
    with tempfile.NamedTemporaryFile(prefix="calls-") as log:
        trace = ["strace", "-f", "-qq", "-e", f"trace={','.join(calls)}", "-o", log.name]
        subprocess.run([*trace, *words], cwd=ROOT, check=True, capture_output=True)
        lines = map(LINE.match, Path(log.name).read_text().splitlines())
        most: dict[str, int] = {}
        for (_, call), count in Counter(line.groups() for line in lines if line).items():
            most[call] = max(count, most.get(call, 0))
    return [Point(call, n) for call, count in most.items() for n in range(1, count + 1)]


def killed_at(point: Point, words: Sequence[str]) -> set[str]:
    """Runs until that call and kills there; the lines it had said before."""
    inject = f"inject={point.call}:signal=KILL:when={point.number}"
    trace = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={point.call}", "-e", inject]
    done = subprocess.run([*trace, *words], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode in (0, -signal.SIGKILL, 128 + signal.SIGKILL), done.stderr
    return set(done.stdout.splitlines())
