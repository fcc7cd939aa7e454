"""One process owns the catalog; the others hand it their commands over a private socket and print the reply.

The lock is flock on a file of the data folder: it goes with the process, however that ends, so a
stale one does not exist. Requests and replies are JSON lines. Unix only so far.
"""

import contextlib
import fcntl
import json
import logging
import os
import socket
import threading
from collections.abc import Callable, Generator, Sequence
from pathlib import Path
from typing import Any, Final

from app.core.model.errors import Missing, Passing
from app.core.platform import paths

log = logging.getLogger(__name__)
LOCK_NAME: Final = "owner.lock"
SOCKET_NAME: Final = "owner.sock"
_MOST: Final = 64 << 20
"""Bytes in one reply: a page of clips is far below."""
_SILENCE: Final = 10
"""Seconds without a word from an asker until it is given up: one that was stopped must not keep the owner from ending."""
Execute = Callable[[Sequence[str], str, Callable[[str], None], Callable[[], bool]], tuple[int, str]]
"""(arguments, working folder, a line for people, whether the asker went away) -> (exit code, what goes to stdout)."""


class Ownership:
    """The lock on a data folder, held as long as this object is not released."""

    def __init__(self, home: Path, handle: int) -> None:
        self.home = home
        self._handle = handle

    def release(self) -> None:
        """Lets another process take over."""
        os.close(self._handle)


def acquire(home: Path) -> Ownership | None:
    """Takes the data folder for this process; None where another one owns it."""
    paths.make_private(home)
    handle = os.open(home / LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        return None
    return Ownership(home, handle)


class Server:
    """Answers other processes' commands. One thread a connection; commands of one catalog are short."""

    def __init__(self, home: Path, execute: Execute) -> None:
        self._execute = execute
        self._path = home / SOCKET_NAME
        self._closing = False
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        with contextlib.suppress(FileNotFoundError):
            self._path.unlink()
        with _reachable(home) as name, _private():
            self._socket.bind(name)
        self._socket.listen(16)
        self._workers: list[threading.Thread] = []
        self._thread = threading.Thread(target=self._serve, name="owner-server", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Finishes what is being answered and takes the socket away."""
        self._closing = True
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()
        for worker in self._workers:
            worker.join()
        with contextlib.suppress(FileNotFoundError):
            self._path.unlink()

    @property
    def closing(self) -> bool:
        """Whether this process is about to end."""
        return self._closing

    def _serve(self) -> None:
        while not self._closing:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            worker = threading.Thread(
                target=self._answer, args=(connection,), name="owner-answer", daemon=True
            )
            self._workers = [w for w in self._workers if w.is_alive()] + [worker]
            worker.start()

    def _answer(self, connection: socket.socket) -> None:
        connection.settimeout(_SILENCE)
        with connection, connection.makefile("rwb") as stream:
            try:
                request: dict[str, Any] = json.loads(stream.readline(_MOST))
                arguments = [str(word) for word in request["argv"]]
                cwd = str(request["cwd"])
            except (ValueError, KeyError, TypeError, OSError):
                log.warning("a request that could not be read was left unanswered")
                return

            def send(reply: dict[str, object]) -> None:
                with contextlib.suppress(OSError):
                    stream.write(json.dumps(reply).encode() + b"\n")
                    stream.flush()

            def say(line: str) -> None:
                send({"say": line})

            send({"begun": True})
            cut_short = threading.Event()

            def gone() -> bool:
                if self._closing:
                    cut_short.set()
                return self._closing or _hung_up(connection)

            code, out = self._execute(arguments, cwd, say, gone)
            send({"again": True} if cut_short.is_set() else {"exit": code, "out": out})


def forward(home: Path, arguments: Sequence[str], say: Callable[[str], None]) -> tuple[int, str]:
    """Hands a command to the process that owns the catalog; returns its exit code and what goes to stdout.

    Raises:
        Passing: the owner is starting, or ending and leaves long work to the next one.
        Missing: the owner was killed while it worked on the command.
    """
    begun = False
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        try:
            with _reachable(home) as name:
                connection.connect(name)
        except OSError as error:
            raise _busy(home) from error
        with connection.makefile("rwb") as stream, contextlib.suppress(ConnectionError):
            request = {"argv": list(arguments), "cwd": str(Path.cwd())}
            stream.write(json.dumps(request).encode() + b"\n")
            stream.flush()
            for line in stream:
                reply: dict[str, Any] = json.loads(line)
                begun = True
                if "again" in reply:
                    raise _busy(home)
                if "say" in reply:
                    say(str(reply["say"]))
                elif "exit" in reply:
                    return int(reply["exit"]), str(reply["out"])
    if not begun:
        raise _busy(home)
    raise Missing(
        "The other Rushes went away",
        "The process that owns the catalog ended before it answered.",
        subject=str(home),
        todo="Run the command again.",
    )


def _busy(home: Path) -> Passing:
    return Passing(
        "Rushes is starting or ending",
        "Another Rushes owns this catalog and does not answer yet.",
        subject=str(home),
        todo="Try again in a moment.",
    )


@contextlib.contextmanager
def _reachable(home: Path) -> Generator[str]:
    """A name of the socket that fits the 108 bytes of a Unix address, however deep the data folder lies."""
    handle = (
        os.open(home, os.O_PATH | os.O_CLOEXEC)
        if hasattr(os, "O_PATH")
        else os.open(home, os.O_RDONLY | os.O_CLOEXEC)
    )
    try:
        direct = str(home / SOCKET_NAME)
        yield direct if len(os.fsencode(direct)) < 100 else f"/proc/self/fd/{handle}/{SOCKET_NAME}"
    finally:
        os.close(handle)


@contextlib.contextmanager
def _private() -> Generator[None]:
    before = os.umask(0o177)
    try:
        yield
    finally:
        os.umask(before)


def _hung_up(connection: socket.socket) -> bool:
    try:
        return connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True
