"""One process owns the catalog; the others hand it their commands over a private socket and print the reply.

The lock is on a file of the data folder: it goes with the process, however that ends, so a stale one does
not exist. Requests and replies are JSON lines, over the private way of `platform.doors`.
"""

import contextlib
import json
import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from app.core.model.errors import Missing, Passing
from app.core.platform import paths
from app.core.platform.doors import Door, door_of, hung_up
from app.core.platform.durable import write_error
from app.core.platform.handles import PLAIN, try_lock

log = logging.getLogger(__name__)
LOCK_NAME: Final = "owner.lock"
_MOST: Final = 64 << 20
"""Bytes in one reply: a page of clips is far below."""
_SILENCE: Final = 10
"""Seconds without a word from an asker until it is given up: one that was stopped must not keep the owner from ending."""
_CLOSING: Final = 12
"""Seconds that commands of others get to end in when the owner ends; one that hangs on a dead disk is left behind."""
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
    """Takes the data folder for this process; None where another one owns it.

    Raises:
        NoRoom, Missing: nothing can be written there.
    """
    paths.make_private(home)
    try:
        handle = os.open(home / LOCK_NAME, os.O_RDWR | os.O_CREAT | PLAIN, 0o600)
    except OSError as problem:
        raise write_error(home / LOCK_NAME, problem) from problem
    if not try_lock(handle):
        os.close(handle)
        return None
    return Ownership(home, handle)


class Server:
    """Answers other processes' commands. One thread a connection; commands of one catalog are short."""

    def __init__(self, home: Path, execute: Execute, door: Door | None = None) -> None:
        self._execute = execute
        self._door = door or door_of(home)
        self._closing = False
        self._socket = self._door.open()
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
        until = time.monotonic() + _CLOSING
        for worker in self._workers:
            worker.join(max(0, until - time.monotonic()))
        if any(worker.is_alive() for worker in self._workers):
            log.warning("a command of another process does not stop and is left behind")
        self._door.remove()

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
        if not self._door.admit(connection):
            log.warning("somebody without the secret knocked and was turned away")
            connection.close()
            return
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
                return self._closing or hung_up(connection)

            code, out = self._execute(arguments, cwd, say, gone)
            send({"again": True} if cut_short.is_set() else {"exit": code, "out": out})


def forward(
    home: Path, arguments: Sequence[str], say: Callable[[str], None], door: Door | None = None
) -> tuple[int, str]:
    """Hands a command to the process that owns the catalog; returns its exit code and what goes to stdout.

    Raises:
        Passing: the owner is starting, or ending and leaves long work to the next one.
        Missing: the owner was killed while it worked on the command.
    """
    begun = False
    try:
        connection = (door or door_of(home)).knock()
    except OSError as error:
        raise _busy(home) from error
    # Outermost: closing the stream tries once more to send what an owner that is gone did not take.
    with contextlib.suppress(ConnectionError), connection, connection.makefile("rwb") as stream:
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
        "The process that owns the catalog ended before it answered: the command may be done all the same.",
        subject=str(home),
        todo="Look whether it is done before you run it again.",
    )


def _busy(home: Path) -> Passing:
    return Passing(
        "Rushes is starting or ending",
        "Another Rushes owns this catalog and does not answer yet.",
        subject=str(home),
        todo="Try again in a moment.",
    )
