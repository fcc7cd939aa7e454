"""The private way from one process of a person to another: a Unix socket, else loopback with a secret.

Both lie in the data folder, which only this person may look into. A Unix socket is private by its own
permissions. A port of the loopback is open to every account of the machine, so there both sides prove that
they know a secret from a file of the data folder, before a word of a command is said. That is the way on
Windows (untried there; tested on Linux).
"""

import contextlib
import hashlib
import hmac
import json
import os
import secrets
import socket
from collections.abc import Generator
from pathlib import Path
from typing import Final, Protocol, cast

from app.core.platform.durable import write_file
from app.core.platform.handles import PLAIN

SOCKET_NAME: Final = "owner.sock"
PORT_NAME: Final = "owner.port"
_PROOF: Final = 64
"""Length of a proof and of a challenge: SHA-256 in hex."""
_PATIENCE: Final = 5
"""Seconds for the proofs."""


class Door(Protocol):
    """Where the owner of a data folder is met."""

    def open(self) -> socket.socket:
        """Begins to listen; what a killed process left is replaced."""
        ...

    def admit(self, line: socket.socket) -> bool:
        """Whether a caller may speak; may take seconds."""
        ...

    def knock(self) -> socket.socket:
        """A line to the owner. Raises `OSError` where nobody, or somebody else, is there."""
        ...

    def remove(self) -> None:
        """Takes the sign at the door away."""
        ...


class UnixDoor:
    """A socket file, 0600."""

    def __init__(self, home: Path) -> None:
        self._home = home

    def open(self) -> socket.socket:
        """See the protocol."""
        self.remove()
        door = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        before = os.umask(0o177)
        try:
            with self._reachable() as name:
                door.bind(name)
        except BaseException:
            door.close()
            raise
        finally:
            os.umask(before)
        door.listen(16)
        return door

    def admit(self, line: socket.socket) -> bool:
        """See the protocol: who could open the file may speak."""
        del line
        return True

    def knock(self) -> socket.socket:
        """See the protocol."""
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            with self._reachable() as name:
                line.connect(name)
        except BaseException:
            line.close()
            raise
        return line

    def remove(self) -> None:
        """See the protocol."""
        (self._home / SOCKET_NAME).unlink(missing_ok=True)

    @contextlib.contextmanager
    def _reachable(self) -> Generator[str]:
        """A name of the socket that fits the 108 bytes of a Unix address, however deep the data folder lies."""
        handle = os.open(self._home, int(getattr(os, "O_PATH", os.O_RDONLY)) | PLAIN)
        try:
            direct = str(self._home / SOCKET_NAME)
            short = len(os.fsencode(direct)) < 100
            yield direct if short else f"/proc/self/fd/{handle}/{SOCKET_NAME}"
        finally:
            os.close(handle)


class LoopbackDoor:
    """A port of 127.0.0.1; its number and the secret stand in a file, 0600."""

    def __init__(self, home: Path) -> None:
        self._sign = home / PORT_NAME
        self._secret = b""

    def open(self) -> socket.socket:
        """See the protocol."""
        door = socket.create_server(("127.0.0.1", 0), backlog=16)
        try:
            self._secret = secrets.token_hex(32).encode()
            port = int(door.getsockname()[1])
            text = json.dumps({"port": port, "secret": self._secret.decode()})
            write_file(self._sign, text.encode())
        except BaseException:
            door.close()
            raise
        return door

    def admit(self, line: socket.socket) -> bool:
        """See the protocol: the caller proves that it read the file, after we have proved that we wrote it."""
        before = line.gettimeout()
        line.settimeout(_PATIENCE)
        try:
            theirs, ours = _exactly(line), secrets.token_hex(32).encode()
            line.sendall(ours + _proof(self._secret, b"owner", theirs + ours))
            known = hmac.compare_digest(
                _exactly(line), _proof(self._secret, b"asker", ours + theirs)
            )
        except OSError:
            return False
        line.settimeout(before)
        return known

    def knock(self) -> socket.socket:
        """See the protocol. To a stranger at the owner's old port nothing is given away."""
        try:
            told = cast("dict[str, object]", json.loads(self._sign.read_bytes()))
            port, secret = int(str(told["port"])), str(told["secret"]).encode()
        except (ValueError, KeyError, TypeError) as problem:
            raise ConnectionRefusedError(str(problem)) from problem
        line = socket.create_connection(("127.0.0.1", port), timeout=_PATIENCE)
        try:
            ours = secrets.token_hex(32).encode()
            line.sendall(ours)
            theirs, proof = _exactly(line), _exactly(line)
            _believe(proof, _proof(secret, b"owner", ours + theirs))
            line.sendall(_proof(secret, b"asker", theirs + ours))
            line.settimeout(None)
        except BaseException:
            line.close()
            raise
        return line

    def remove(self) -> None:
        """See the protocol."""
        self._sign.unlink(missing_ok=True)


def door_of(home: Path) -> Door:
    """The way of this system to the owner of a data folder."""
    return UnixDoor(home) if hasattr(socket, "AF_UNIX") and os.name != "nt" else LoopbackDoor(home)


def hung_up(line: socket.socket) -> bool:
    """Whether the other end is gone; never waits."""
    before = line.gettimeout()
    try:
        line.setblocking(False)
        return line.recv(1, socket.MSG_PEEK) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True
    finally:
        with contextlib.suppress(OSError):
            line.settimeout(before)


def _believe(proof: bytes, wanted: bytes) -> None:
    if not hmac.compare_digest(proof, wanted):
        raise ConnectionRefusedError("somebody else listens at the owner's port")


def _proof(secret: bytes, who: bytes, challenges: bytes) -> bytes:
    return hmac.new(secret, who + b":" + challenges, hashlib.sha256).hexdigest().encode()


def _exactly(line: socket.socket) -> bytes:
    found = b""
    while len(found) < _PROOF:
        more = line.recv(_PROOF - len(found))
        if not more:
            raise ConnectionResetError("hung up")
        found += more
    return found
