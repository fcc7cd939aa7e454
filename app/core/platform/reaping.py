"""One thread for each child: it starts the child, waits for its end and reaps it."""

import dataclasses
import os
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path

from app.core.model.errors import Missing, RushesError
from app.core.platform import reads

_TAIL_BYTES = 1 << 14
_SIGNALLED = {128 + number: -number for number in (4, 6, 7, 8, 9, 11, 24, 25)}
"""What bubblewrap says when the program inside was ended by a signal."""


_NOT_BEGUN = (126, 127)
"""How a loader or shell ends that found the program, or one of its libraries, and could not start it."""


@dataclasses.dataclass(frozen=True, slots=True)
class Finished:
    """How a child ended."""

    returncode: int
    """Its exit code, or minus the signal that ended it."""
    stdout: bytes
    stderr_tail: str
    timed_out: bool = False

    @property
    def crashed(self) -> bool:
        """True where a signal ended it that nobody here sent, or where it could not even begin."""
        return not self.timed_out and (self.returncode < 0 or self.returncode in _NOT_BEGUN)


class Tail:
    """The last few kilobytes of a stream."""

    def __init__(self) -> None:
        self._pieces: deque[bytes] = deque()
        self._size = 0

    def add(self, data: bytes) -> None:
        """Appends, and forgets what is too old."""
        self._pieces.append(data)
        self._size += len(data)
        while self._size > _TAIL_BYTES and len(self._pieces) > 1:
            self._size -= len(self._pieces.popleft())

    def text(self) -> str:
        """What is kept, as text."""
        return b"".join(list(self._pieces)).decode("utf-8", "replace").strip()


class Reaper:
    """Starts one child and reaps it; `ended` is set when it is gone."""

    def __init__(
        self,
        argv: Sequence[str],
        env: Mapping[str, str],
        has_stdin: bool,
        folder: Path | None = None,
    ) -> None:
        self.ended = threading.Event()
        self._argv = argv
        self._env = env
        self._has_stdin = has_stdin
        self._folder = folder or (None if sys.platform == "win32" else Path("/"))
        self._lock = threading.Lock()
        self._started = threading.Event()
        self._failure: OSError | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._returncode = -int(signal.SIGTERM)
        self._timed_out = False
        self._read = 0
        threading.Thread(target=self._live, name="child", daemon=True).start()
        self._started.wait()
        if self._failure is not None:
            raise _translated(self._failure, argv)

    @property
    def process(self) -> subprocess.Popen[bytes]:
        """The child; only its pipes and its id are for others."""
        assert self._process is not None  # noqa: S101 - set before `_started`
        return self._process

    def _live(self) -> None:
        try:
            self._process = self._start()
        except OSError as error:
            self._failure = error
            self.ended.set()
            return
        finally:
            self._started.set()
        self._reap(self._process)
        self.ended.set()

    def _start(self) -> subprocess.Popen[bytes]:
        flags = 0
        if sys.platform == "win32":
            flags = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.BELOW_NORMAL_PRIORITY_CLASS
        return subprocess.Popen(  # noqa: S603 - a list of words, never a shell
            self._argv,
            stdin=subprocess.PIPE if self._has_stdin else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=self._env,
            cwd=self._folder,
            start_new_session=sys.platform != "win32",
            creationflags=flags,
        )

    def _reap(self, process: subprocess.Popen[bytes]) -> None:
        if sys.platform == "win32":
            self._returncode = process.wait()
            return
        # Wait without reaping: until it is reaped its group id cannot be given to a stranger.
        # (Python on macOS cannot: there what the child left behind lives on until it ends itself.)
        if sys.platform == "linux":
            os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
            with self._lock:
                # Of a sandbox that ended, only what was seen before: it does not wait for what ran inside.
                self._read = max(self._read, reads.of_tree(process.pid))
                self._signal_group(process.pid)
                self._record(process, os.waitpid(process.pid, 0)[1])
        else:
            self._record(process, os.waitpid(process.pid, 0)[1])

    def _record(self, process: subprocess.Popen[bytes], status: int) -> None:
        process.returncode = os.waitstatus_to_exitcode(status)
        self._returncode = _SIGNALLED.get(process.returncode, process.returncode)
        self.ended.set()

    def bytes_read(self) -> int:
        """What it and what it started have read, also after its end; 0 where the system does not tell."""
        with self._lock:
            if self._process is not None and not self.ended.is_set():
                self._read = max(self._read, reads.of_tree(self._process.pid))
            return self._read

    def kill(self, timed_out: bool) -> None:
        """SIGKILL to the group, unless the child is reaped."""
        with self._lock:
            if self.ended.is_set() or self._process is None:
                return
            self._timed_out = self._timed_out or timed_out
            if sys.platform == "win32":
                self._process.kill()
            else:
                self._signal_group(self._process.pid)

    def freeze(self, frozen: bool) -> None:
        """SIGSTOP or SIGCONT to the group; nothing on Windows, which has no such thing."""
        with self._lock:
            if sys.platform != "win32" and self._process and not self.ended.is_set():
                self._signal_group(self._process.pid, signal.SIGSTOP if frozen else signal.SIGCONT)

    def _signal_group(self, group: int, number: int | None = None) -> None:
        # Named only here: there is no SIGKILL on Windows, and no group either.
        try:
            os.killpg(group, signal.SIGKILL if number is None else number)
        except (ProcessLookupError, PermissionError):  # nobody is left in the group
            return

    def finished(self, stdout: bytes, stderr_tail: str) -> Finished:
        """How it ended; minus SIGKILL for one that the kernel does not let go yet."""
        code = self._returncode if self.ended.is_set() else -9
        return Finished(code, stdout, stderr_tail, self._timed_out)


def _translated(error: OSError, argv: Sequence[str]) -> RushesError:
    return Missing(
        "Program cannot be started",
        f"{argv[0]} cannot be started: {error.strerror}.",
        subject=str(argv[0]),
        todo="`rushes doctor` says what is missing.",
    )
