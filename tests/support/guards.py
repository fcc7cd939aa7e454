"""Guards around every test: an unexpected log line, a leaked thread or child process fails it.

Imported by `tests/conftest.py`. A test that means to provoke a warning says so before:
`expect_log(r"watch limit")`; an expected line that does not come fails as well.
"""

import logging
import os
import re
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

GRACE_SECONDS = 3
"""How long threads and children of a test may take to go after it: a busy machine is no leak."""

ExpectLog = Callable[[str], None]


class Watcher(logging.Handler):
    """Keeps the records of one test from WARNING up."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []
        self.expected: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keeps the line as a person would read it."""
        self.lines.append(f"{record.levelname} {record.name}: {record.getMessage()}")

    def complaints(self) -> list[str]:
        """What came unexpected, and what was expected and did not come."""
        unexpected = [
            line for line in self.lines if not any(re.search(p, line) for p in self.expected)
        ]
        silent = [p for p in self.expected if not any(re.search(p, line) for line in self.lines)]
        return [f"unexpected log line: {line}" for line in unexpected] + [
            f"expected log line did not come: {pattern}" for pattern in silent
        ]


@pytest.fixture(autouse=True)
def log_guard() -> Iterator[Watcher]:
    """Fails the test on a log record from WARNING up that it did not announce."""
    watcher = Watcher()
    root = logging.getLogger()
    root.addHandler(watcher)
    yield watcher
    root.removeHandler(watcher)
    complaints = watcher.complaints()
    if complaints:
        pytest.fail("\n".join(complaints), pytrace=False)


@pytest.fixture
def expect_log(log_guard: Watcher) -> ExpectLog:
    """Announces a log line by a pattern that is searched in `LEVEL logger: message`."""
    return log_guard.expected.append


@pytest.fixture(autouse=True)
def leak_guard() -> Iterator[None]:
    """Fails the test that leaves a thread or a child process behind."""
    threads, children = set(threading.enumerate()), _children()
    yield
    deadline = time.monotonic() + GRACE_SECONDS
    left = _leaked(threads, children)
    while left and time.monotonic() < deadline:
        time.sleep(0.01)
        left = _leaked(threads, children)
    if left:
        pytest.fail("left behind: " + "; ".join(left), pytrace=False)


def _leaked(threads: set[threading.Thread], children: set[int]) -> list[str]:
    # Threads that Qt or mpv started are known to Python as dummies, and never leave its list.
    new_threads = [
        thread
        for thread in threading.enumerate()
        if thread not in threads and not isinstance(thread, threading._DummyThread)
    ]
    new_children = [pid for pid in sorted(_children() - children) if _lives(pid)]
    return [f"thread {thread.name}" for thread in new_threads] + [
        f"child {pid} ({_command(pid)})" for pid in new_children
    ]


def _children() -> set[int]:
    """The living and dead children of this process, started from any of its threads."""
    found: set[int] = set()
    for task in Path("/proc/self/task").glob("*/children"):
        try:
            found |= {int(pid) for pid in task.read_text().split()}
        except FileNotFoundError:
            continue  # that thread has just ended
    return found


def _lives(pid: int) -> bool:
    """Whether a process runs: one that is dead and only not yet waited for does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b") ")[2][:1]
    except OSError:
        return False
    return state not in b"ZX"


def _command(pid: int) -> str:
    """The command line of a process, for a message; empty in the moment of its birth."""
    try:
        raw = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return ""
    return os.fsdecode(raw.replace(b"\0", b" ")).strip()
