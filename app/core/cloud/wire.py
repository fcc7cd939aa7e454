"""The HTTP connections of the S3 client, made so that any wait can be called off.

A blocked socket cannot be woken by a flag. So every socket here waits in short ticks, and between
two ticks asks the function that `stoppable` put in place. It also closes a gap of the library:
a peer that takes no bytes and gives none ends in a timeout in both directions.
"""

from __future__ import annotations

import contextlib
import contextvars
import functools
import io
import socket
import ssl
import time
from collections.abc import Callable, Generator, Mapping
from typing import TYPE_CHECKING, Any, Final, Protocol

from app.core.cloud.pacing import SECOND, IsCancelled, never

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest, AWSResponse
    from botocore.httpsession import URLLib3Session

TICK_SECONDS: Final = 0.2
CONNECT_STEP: Final = 1.5
"""Seconds for one try to connect; a lost first packet is sent again after one second."""
SEND_STALL: Final = 60 * SECOND
"""How long a peer may take no bytes at all while we send."""

_cancelled: contextvars.ContextVar[IsCancelled] = contextvars.ContextVar(
    "cloud_cancelled", default=never
)


class Stopped(BaseException):
    """The wait was called off. No `Exception`, so that no library takes it for a fault to retry."""


@contextlib.contextmanager
def stoppable(cancelled: IsCancelled) -> Generator[None]:
    """Within it, requests of this thread end soon after `cancelled()` turns true."""
    token = _cancelled.set(cancelled)
    try:
        yield
    finally:
        _cancelled.reset(token)


def check_stopped() -> None:
    """Raises `Stopped` when the work of this thread was called off."""
    if _cancelled.get()():
        raise Stopped


class TickingSocket:
    """A connected socket, plain or TLS, whose waits are cut into ticks.

    It offers what `http.client` and urllib3 use of a socket, and nothing else.
    """

    def __init__(self, inner: socket.socket) -> None:
        self._inner = inner
        self._patience = _nanoseconds(inner.gettimeout())
        self._readers = 0
        self._closing = False
        inner.settimeout(TICK_SECONDS)

    def settimeout(self, seconds: float | None) -> None:
        """How long a read may wait for its first byte; None is no limit."""
        self._patience = _nanoseconds(seconds)

    def gettimeout(self) -> float | None:
        """As for sockets."""
        return None if self._patience is None else self._patience / SECOND

    def fileno(self) -> int:
        """As for sockets."""
        return self._inner.fileno()

    def shutdown(self, how: int) -> None:
        """As for sockets."""
        self._inner.shutdown(how)

    def recv_into(self, buffer: memoryview) -> int:
        """As for sockets; `TimeoutError` when nothing came in time."""
        return self._ticking(lambda: self._inner.recv_into(buffer), self._patience)

    def sendall(self, data: bytes | bytearray | memoryview) -> None:
        """As for sockets; `TimeoutError` when the peer takes nothing for long."""
        view = memoryview(data).cast("B")
        sent = 0
        while sent < len(view):
            sent += self._ticking(functools.partial(self._inner.send, view[sent:]), SEND_STALL)

    def makefile(self, mode: str = "rb", buffering: int | None = None) -> io.IOBase:
        """A reader over this socket; the socket stays open until its last reader is closed."""
        if mode != "rb":
            raise ValueError(mode)
        self._readers += 1
        raw = _Incoming(self)
        return raw if buffering == 0 else io.BufferedReader(raw)

    def close(self) -> None:
        """As for sockets."""
        self._closing = True
        if not self._readers:
            self._inner.close()

    def reader_closed(self) -> None:
        """A reader of `makefile` was closed."""
        self._readers -= 1
        if self._closing and not self._readers:
            self._inner.close()

    def _ticking(self, step: Callable[[], int], patience: int | None) -> int:
        started = time.monotonic_ns()
        while True:
            check_stopped()
            try:
                return step()
            except (TimeoutError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
                if patience is not None and time.monotonic_ns() - started >= patience:
                    raise TimeoutError("timed out") from None


class _Incoming(io.RawIOBase):
    """What `makefile` reads from."""

    def __init__(self, source: TickingSocket) -> None:
        super().__init__()
        self._source = source

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        return self._source.recv_into(memoryview(buffer))

    def fileno(self) -> int:
        return self._source.fileno()

    def close(self) -> None:
        if not self.closed:
            super().close()
            self._source.reader_closed()


class WireSession:
    """Sends the client's requests over ticking sockets; TLS certificates are always checked.

    Args:
        ca_bundle: a file of certificates to trust instead of the shipped ones; empty for those.
        proxies: by scheme, as botocore takes them.
        connect_seconds: how long connecting may take.
        read_seconds: how long an answer may be silent.
        connections: how many connections are kept for reuse.
    """

    def __init__(
        self,
        ca_bundle: str,
        proxies: Mapping[str, str],
        connect_seconds: int,
        read_seconds: int,
        connections: int,
    ) -> None:
        # botocore takes more than its stubs say: a path to verify with, and a pair of timeouts.
        options: dict[str, Any] = {
            "verify": ca_bundle or True,
            "proxies": proxies,
            "timeout": (connect_seconds, read_seconds),
            "max_pool_connections": connections,
        }
        self._session = _session_class()(**options)

    def send(self, request: AWSPreparedRequest, **_event: object) -> AWSResponse:
        """Handles botocore's `before-send` event: what it returns is the answer."""
        check_stopped()
        return self._session.send(request)

    def close(self) -> None:
        """Closes the connections that are kept."""
        self._session.close()


@functools.cache
def _session_class() -> type[URLLib3Session]:
    """The session of botocore, with connections that tick; made late, since it loads slowly."""
    from botocore.awsrequest import AWSHTTPConnection, AWSHTTPSConnection
    from botocore.httpsession import URLLib3Session
    from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

    class TickingConnection(AWSHTTPConnection):
        sock: Any

        def _new_conn(self) -> socket.socket:
            return _connect_in_steps(self, super()._new_conn)

        def connect(self) -> None:
            super().connect()
            self.sock = TickingSocket(self.sock)

    class TickingTlsConnection(AWSHTTPSConnection):
        sock: Any

        def _new_conn(self) -> socket.socket:
            return _connect_in_steps(self, super()._new_conn)

        def connect(self) -> None:
            super().connect()
            self.sock = TickingSocket(self.sock)

    class TickingPool(HTTPConnectionPool):
        ConnectionCls = TickingConnection  # pyright: ignore[reportAssignmentType]  stubs of botocore and urllib3 differ

    class TickingTlsPool(HTTPSConnectionPool):
        ConnectionCls = TickingTlsConnection  # pyright: ignore[reportAssignmentType]  stubs of botocore and urllib3 differ

    class TickingSession(URLLib3Session):
        _pool_classes_by_scheme: dict[str, type]

        def __init__(self, **options: Any) -> None:
            super().__init__(**options)
            # The pool managers, for direct ways and for proxies, share this one dictionary.
            self._pool_classes_by_scheme.update(http=TickingPool, https=TickingTlsPool)

    return TickingSession


class _Connecting(Protocol):
    timeout: Any


def _connect_in_steps(connection: _Connecting, once: Callable[[], socket.socket]) -> socket.socket:
    """Connects with the connection's patience, but looks up from it every `CONNECT_STEP`."""
    from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

    patience: float = connection.timeout
    started = time.monotonic()
    try:
        while True:
            check_stopped()
            left = patience - (time.monotonic() - started)
            connection.timeout = max(min(left, CONNECT_STEP), TICK_SECONDS)
            try:
                return once()
            except NewConnectionError:
                raise  # refused: to urllib3 that is a timeout as well
            except ConnectTimeoutError:
                if left <= CONNECT_STEP:
                    raise
    finally:
        connection.timeout = patience


def _nanoseconds(seconds: float | None) -> int | None:
    return None if seconds is None else int(seconds * SECOND)
