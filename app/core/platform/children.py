"""One running child and the threads that drain its pipes."""

import enum
import os
import queue
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

from app.core.model.errors import BadData, Bug
from app.core.platform.pacing import called_off
from app.core.platform.reaping import Finished, Reaper, Tail

_CHUNK = 1 << 16
LINE = 1 << 20


class Silence(enum.Enum):
    """Why there is no output."""

    YET = 1
    OVER = 2


class ChildGone(BadData):
    """A long-lived child ended, crashed or did not answer in time; `finished` says how."""

    def __init__(self, message: str, finished: Finished | None) -> None:
        super().__init__("A helper program stopped", message)
        self.finished = finished


class Child:
    """One running child. Make it with `processes.spawn`; close it when done."""

    def __init__(
        self,
        words: Sequence[str],
        *,
        env: Mapping[str, str],
        seconds: float,
        feed: bytes | None = None,
        talking: bool = False,
        longest_line: int = LINE,
        errors: bool = False,
        folder: Path | None = None,
    ) -> None:
        self._seconds = seconds
        self._events: queue.Queue[tuple[bool, bytes] | None] = queue.Queue(64)
        self._open_pipes = 2
        self._stopped = threading.Event()
        self._tail = Tail()
        self._reaper = Reaper(words, env, bool(feed) or talking, folder)
        process = self._reaper.process
        if process.stdout is None or process.stderr is None:
            raise Bug("A child without pipes")
        self._stdin = process.stdin
        self._fed = bool(feed)
        self._pumps = [
            _thread("stdout", self._pump_output, process.stdout, longest_line),
            _thread("stderr", self._pump_errors, process.stderr, errors),
        ]
        if feed:
            self._pumps.append(_thread("stdin", self._feed, feed))

    @property
    def pid(self) -> int:
        """Its process id, which is also the id of its process group."""
        return self._reaper.process.pid

    @property
    def alive(self) -> bool:
        """True until it has ended."""
        return not self._reaper.ended.is_set()

    def bytes_read(self) -> int:
        """What it and what it started have read so far; 0 where the system does not tell."""
        return self._reaper.bytes_read()

    def send(self, line: str) -> None:
        """Writes one line to its stdin.

        Raises:
            ChildGone: it reads no more.
        """
        if self._stdin is None:
            raise Bug("A child without stdin was written to")
        try:
            self._stdin.write(line.encode() + b"\n")
            self._stdin.flush()
        except (OSError, ValueError) as error:
            raise self._gone("It does not listen any more") from error

    def receive(
        self, *, seconds: float | None = None, cancel: Callable[[], bool] | None = None
    ) -> str:
        """The next line of its stdout.

        Raises:
            ChildGone: it ended, or did not answer within `seconds` (its limit by default), and then
                it was killed.
            Cancelled: `cancel` said so; it was killed, for a late answer would be taken for the next.
        """
        deadline = time.monotonic() + (seconds or self._seconds)
        while (event := self.event(0.1)) is not Silence.OVER:
            if event is not Silence.YET:
                return text(event[1])
            if cancel and cancel():
                self.kill()
                raise called_off()
            if time.monotonic() > deadline:
                self.kill(timed_out=True)
                raise self._gone("It did not answer in time")
        raise self._gone("It ended without an answer")

    def _gone(self, why: str) -> ChildGone:
        self._reaper.ended.wait(1)
        self.kill()
        finished = self.wait(b"") if not self.alive else None
        tail = f": {self._tail.text()[-300:]}" if self._tail.text() else ""
        return ChildGone(f"{why}{tail}", finished)

    def event(self, seconds: float) -> tuple[bool, bytes] | Silence:
        """The next (is stderr, bytes); `YET` when nothing came in time, `OVER` when nothing will."""
        if not self._open_pipes:
            return Silence.OVER if self._reaper.ended.wait(seconds) else Silence.YET
        try:
            event = self._events.get(timeout=seconds)
        except queue.Empty:
            # After a kill nothing is queued any more, not even the end of a pipe.
            return Silence.YET if self.alive else self._last_words()
        if event is not None:
            return event
        self._open_pipes -= 1
        return Silence.YET

    def _last_words(self) -> tuple[bool, bytes] | Silence:
        if any(pump.is_alive() for pump in self._pumps) or not self._events.empty():
            return Silence.YET
        self._open_pipes = 0
        return Silence.OVER

    def wait(self, stdout: bytes) -> Finished:
        """How it ended. Waits two seconds at most: a child stuck in the kernel is left behind."""
        self._reaper.ended.wait(2)
        for pump in self._pumps:
            pump.join(1)
        return self._reaper.finished(stdout, self._tail.text())

    def close(self, seconds: float = 2.0) -> Finished:
        """Ends its stdin, so that it can end by itself, and kills it when it does not."""
        self._close_stdin()
        deadline = time.monotonic() + seconds
        while self.alive and time.monotonic() < deadline and self.event(0.05) is not Silence.OVER:
            pass
        self.kill()
        return self.wait(b"")

    def kill(self, *, timed_out: bool = False) -> None:
        """SIGKILL to its whole process group; nothing happens when it has ended."""
        self._stopped.set()
        self._reaper.kill(timed_out)
        if not self._fed:  # the thread that feeds it closes it; to wait for that one could hang
            self._close_stdin()

    def freeze(self, frozen: bool) -> None:
        """Stops its whole group where it stands, or lets it go on."""
        self._reaper.freeze(frozen)

    def _close_stdin(self) -> None:
        if self._stdin and not self._stdin.closed:
            try:
                self._stdin.close()
            except OSError:  # what was still buffered for a dead child
                return

    def _feed(self, data: bytes) -> None:
        if self._stdin is None:
            return
        try:
            self._stdin.write(data)
        except (OSError, ValueError):  # it ended before it had read everything: its exit code tells
            return
        finally:
            self._close_stdin()

    def _pump_output(self, pipe: IO[bytes], longest_line: int) -> None:
        """Reads stdout to its end, whatever happens, so that the child is never held up for ever."""
        with pipe:
            while data := pipe.readline(longest_line) if longest_line else _read_some(pipe):
                self._offer((False, data))
        self._offer(None)
        if not self._fed:
            # One that is kept may have ended long before anybody asks it again.
            self._close_stdin()

    def _pump_errors(self, pipe: IO[bytes], wanted: bool) -> None:
        with pipe:
            while line := pipe.readline(_CHUNK):
                self._tail.add(line)
                if wanted:
                    self._offer((True, line))
        self._offer(None)

    def _offer(self, event: tuple[bool, bytes] | None) -> None:
        while not self._stopped.is_set():
            try:
                return self._events.put(event, timeout=0.2)
            except queue.Full:
                continue
        return None


def text(data: bytes) -> str:
    """A line as text, without its end."""
    return data.decode("utf-8", "replace").rstrip("\r\n")


def _read_some(pipe: IO[bytes]) -> bytes:
    return os.read(pipe.fileno(), _CHUNK)


def _thread(name: str, work: Callable[..., None], *args: object) -> threading.Thread:
    thread = threading.Thread(target=work, args=args, name=f"child-{name}", daemon=True)
    thread.start()
    return thread
