"""A proxy before a real S3 server that misbehaves as told, and keeps account of what it saw.

`with FaultProxy(server.url) as proxy: proxy.plan(Fault("slow down", method="PUT", times=3))`.

Faults: `reset` (before the server), `reset midway` (half the body), `lost reply` (the server did it),
`flip up`, `flip down`, `cut down` (half the answer), `hang`, `hang after` (the server did it), `slow` (value: bytes a second),
`said done` (a good answer to a Complete that never reached the server), `said kept` (the same to a part),
`said lost` (a part is missing, it says without looking), and those that are answers: see `ANSWERS`. The worlds
`no_checksums`, `no_conditions`, `own_etags` and `whole_checksums` play poor clones, a bucket whose ETags are no MD5, and Amazon's
checksums over whole multipart objects (which ministack lacks).
"""

import base64
import contextlib
import dataclasses
import datetime
import email.utils
import hashlib
import random
import re
import socket
import ssl
import struct
import threading
import urllib.parse
from collections.abc import Callable
from types import TracebackType
from typing import Self

ANSWERS = {
    "slow down": (503, "SlowDown"),
    "internal": (500, "InternalError"),
    "skew": (403, "RequestTimeTooSkewed"),
    "expired": (400, "ExpiredToken"),
    "denied": (403, "AccessDenied"),
    "wrong key": (403, "SignatureDoesNotMatch"),
    "conflict": (409, "ConditionalRequestConflict"),
    "error in 200": (200, "InternalError"),
    "no bucket": (404, "NoSuchBucket"),
    "elsewhere": (301, "PermanentRedirect"),
    "archived": (403, "InvalidObjectState"),
    "not implemented": (501, "NotImplemented"),
}


@dataclasses.dataclass
class Fault:
    """What goes wrong with which requests."""

    kind: str
    method: str = ""
    target: str = ""
    """A regular expression, searched in path and query."""
    skip: int = 0
    times: int = 1 << 30
    value: int = 0
    thousandths: int = 1000
    """How many of a thousand such requests are hit, by dice that fall alike in each run."""
    when: Callable[[], bool] | None = None
    """Asked of each such request: no fault where it says no."""
    seen: int = 0
    struck: int = 0
    dice: random.Random = dataclasses.field(default_factory=lambda: random.Random(1))

    def strikes(self, method: str, target: str) -> bool:
        """Counts the request, and says whether it is hit."""
        if self.method not in ("", method) or not re.search(self.target, target):
            return False
        self.seen += 1
        if not self.skip < self.seen <= self.skip + self.times or (self.when and not self.when()):
            return False
        hit = self.dice.randrange(1000) < self.thousandths
        self.struck += hit
        return hit


@dataclasses.dataclass(frozen=True)
class Seen:
    """One request that came."""

    method: str
    target: str
    headers: dict[str, str]
    received: int
    """Bytes of the body that were read."""
    fault: str


class FaultProxy:
    """One proxy on loopback."""

    def __init__(
        self,
        upstream: str,
        *,
        no_checksums: bool = False,
        no_conditions: bool = False,
        own_etags: bool = False,
        whole_checksums: bool = False,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        parts = urllib.parse.urlsplit(upstream)
        self._upstream = (str(parts.hostname), int(parts.port or 80))
        self.no_checksums = no_checksums
        self.no_conditions = no_conditions
        self.own_etags = own_etags
        self.whole_checksums = whole_checksums
        self.faults: list[Fault] = []
        self.seen: list[Seen] = []
        self.busy = threading.Event()
        """Set once a request hangs or is slowed down."""
        self._lock = threading.Condition()
        self._running = 0
        self._ending = threading.Event()
        self._sockets: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._tls = tls
        self.url = f"http{'s' if tls else ''}://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ending.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            for one in self._sockets:
                with contextlib.suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()

    def plan(self, *faults: Fault) -> None:
        """From now on these go wrong; the first that fits a request strikes."""
        with self._lock:
            self.faults = list(faults)

    def forget(self) -> None:
        """Begins the account anew, once the requests under way are through."""
        with self._lock:
            self._lock.wait_for(lambda: not self._running)
            self.seen.clear()

    def count(self, method: str, target: str = "") -> int:
        """How many such requests came, once those under way are through."""
        with self._lock:
            self._lock.wait_for(lambda: not self._running)
            return len([s for s in self.seen if s.method == method and re.search(target, s.target)])

    def count_now(self, method: str, target: str = "") -> int:
        """How many such requests are through."""
        with self._lock:
            return len([s for s in self.seen if s.method == method and re.search(target, s.target)])

    def received(self, method: str, target: str = "") -> int:
        """How many body bytes such requests brought."""
        with self._lock:
            self._lock.wait_for(lambda: not self._running)
            return sum(
                s.received for s in self.seen if s.method == method and re.search(target, s.target)
            )

    def _start(self, target, *arguments) -> None:
        thread = threading.Thread(target=target, args=arguments, name="s3 fault proxy")
        with self._lock:
            self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._ending.is_set():
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                self._running += 1
            self._start(self._serve, client)

    @contextlib.contextmanager
    def _kept(self, one: socket.socket):
        with self._lock:
            self._sockets.add(one)
        try:
            yield one
        finally:
            with self._lock:
                self._sockets.discard(one)
            one.close()

    def _serve(self, client: socket.socket) -> None:
        # A client that goes away in the middle is part of the game.
        try:
            with self._kept(client), contextlib.suppress(OSError):
                if not self._tls:
                    _Exchange(self, client).run()
                    return
                with self._tls.wrap_socket(client, server_side=True) as secured:
                    _Exchange(self, secured).run()
        finally:
            with self._lock:
                self._running -= 1
                self._lock.notify_all()

    def note(self, seen: Seen) -> None:
        """Keeps account of a request."""
        with self._lock:
            self.seen.append(seen)

    def pick(self, method: str, target: str) -> Fault | None:
        """The fault that strikes this request."""
        with self._lock:
            return next((f for f in self.faults if f.strikes(method, target)), None)

    def wait(self, seconds: float) -> bool:
        """Sleeps; true when the proxy ends."""
        self.busy.set()
        return self._ending.wait(seconds)

    def forward(self, start: str, headers: dict[str, str], body: bytes) -> bytes:
        """The server's whole answer."""
        lines = [start, *(f"{k}: {v}" for k, v in headers.items() if k != "expect")]
        lines += ["connection: close", "", ""]
        with self._kept(socket.create_connection(self._upstream)) as server:
            server.sendall("\r\n".join(lines).encode("latin-1") + body)
            answer = b""
            while piece := server.recv(1 << 16):
                answer += piece
        return answer


class _Exchange:
    """One request and its answer; every connection serves one."""

    def __init__(self, proxy: FaultProxy, client: socket.socket) -> None:
        self.proxy = proxy
        self.client = client
        self.stream = client.makefile("rb")
        self.received = 0

    def run(self) -> None:
        with self.stream:
            head = self._head()
            if head is None:
                return
            self.start, self.headers = head
            self.method, self.target = self.start.split(" ")[:2]
            self.fault = self.proxy.pick(self.method, self.target)
            self.kind = self.fault.kind if self.fault else ""
            try:
                self._answer()
            finally:
                self.proxy.note(
                    Seen(self.method, self.target, self.headers, self.received, self.kind)
                )

    def _head(self) -> tuple[str, dict[str, str]] | None:
        start = self.stream.readline().decode("latin-1").strip()
        if not start:
            return None
        headers: dict[str, str] = {}
        while line := self.stream.readline().decode("latin-1").strip():
            name, _, value = line.partition(":")
            headers[name.strip().lower()] = value.strip()
        headers.pop("connection", None)
        return start, headers

    def _answer(self) -> None:
        if self.kind == "reset":
            return self._reset()
        if self.kind == "hang":
            self.proxy.wait(600)
            return None
        if self.kind in ANSWERS:
            return self._answer_with(*ANSWERS[self.kind])
        if self.kind.startswith("said"):
            return self._say()
        body = self._body()
        if body is None:
            return self._reset()
        sent = dict(self.headers)
        if self.proxy.no_checksums:
            _drop(sent, r"x-amz-(sdk-)?checksum|content-md5|x-amz-trailer")
        if self.proxy.no_conditions:
            _drop(sent, r"if-none-match|if-match")
        if self.kind == "flip up" and body:
            body = _flipped(body)
        if self.proxy.whole_checksums:
            answer = self._with_whole_checksums(sent, body)
        else:
            answer = self.proxy.forward(self.start, sent, body)
        return self._pass_on(answer)

    def _pass_on(self, answer: bytes) -> None:
        if self.kind == "hang after":
            self.proxy.wait(600)
            return None
        if self.kind == "lost reply":
            return self._reset()
        head, gap, content = answer.partition(b"\r\n\r\n")
        if self.proxy.own_etags and self.method == "HEAD":
            head = re.sub(rb'(?i)(\netag: ")[^"]*', rb"\g<1>of-its-own", head)
        if self.kind == "flip down" and content:
            content = _flipped(content)
        if self.kind == "cut down":
            content = content[: len(content) // 2]
        self.client.sendall(head + gap + content)
        return None

    def _body(self) -> bytes | None:
        """The request's body; None where it is to be cut off."""
        length = int(self.headers.get("content-length", "0"))
        if "100-continue" in self.headers.get("expect", "").lower():
            self.client.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        wanted = length // 2 if self.kind == "reset midway" else length
        pieces = []
        while self.received < wanted:
            piece = self.stream.read(min(1 << 16, wanted - self.received))
            if not piece:
                return None
            pieces.append(piece)
            self.received += len(piece)
            if self.kind == "slow" and self.proxy.wait(len(piece) / self.fault.value):
                return None
        return None if self.kind == "reset midway" else b"".join(pieces)

    def _answer_with(self, status: int, code: str) -> None:
        waits = "100-continue" in self.headers.get("expect", "").lower()
        if not waits:
            self._body()
        text = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>injected</Message></Error>"
        body = b"" if self.method == "HEAD" else text.encode()
        now = datetime.datetime.now(datetime.UTC)
        if self.kind == "skew":
            now -= datetime.timedelta(seconds=self.fault.value)
        self.client.sendall(
            f"HTTP/1.1 {status} {code}\r\nContent-Type: application/xml\r\nConnection: close\r\n"
            f"Date: {email.utils.format_datetime(now, usegmt=True)}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n".encode()
            + body
        )

    def _say(self) -> None:
        if self.kind == "said lost":
            self._answer_with(400, "InvalidPart")
        elif self.kind == "said kept":
            self._say_kept()
        else:
            self._say_done()

    def _say_done(self) -> None:
        self._body()
        text = b'<CompleteMultipartUploadResult><ETag>"0-1"</ETag></CompleteMultipartUploadResult>'
        self.client.sendall(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\nConnection: close\r\n"
            b"Content-Length: %d\r\n\r\n%s" % (len(text), text)
        )

    def _say_kept(self) -> None:
        etag = hashlib.md5(self._body() or b"").hexdigest()
        self.client.sendall(
            f'HTTP/1.1 200 OK\r\nETag: "{etag}"\r\nConnection: close\r\nContent-Length: 0\r\n\r\n'.encode()
        )

    def _reset(self) -> None:
        self.client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def _with_whole_checksums(self, sent: dict[str, str], body: bytes) -> bytes:
        """As Amazon does it: the object's checksum covers all of it, and is checked on completion."""
        told = sent.pop("x-amz-checksum-crc64nvme", "") if "uploadId" in self.target else ""
        completes = self.method == "POST" and "uploadId" in self.target
        if told and not completes:
            sent["x-amz-checksum-crc64nvme"] = told
        answer = self.proxy.forward(self.start, sent, body)
        if self.method == "POST" and "uploads" in self.target:
            return answer.replace(
                b"x-amz-checksum-type: COMPOSITE", b"x-amz-checksum-type: FULL_OBJECT"
            )
        worked = answer.startswith(b"HTTP/1.1 200")
        if completes and worked and told != self._whole_checksum():
            text = b"<Error><Code>BadDigest</Code><Message>whole</Message></Error>"
            return b"HTTP/1.1 400 Bad\r\nContent-Length: %d\r\n\r\n%s" % (len(text), text)
        if self.method == "HEAD" and re.search(rb"x-amz-checksum-crc64nvme: \S+-\d", answer):
            whole = self._whole_checksum().encode()
            answer = re.sub(rb"(x-amz-checksum-crc64nvme: )\S+-\d+", rb"\g<1>" + whole, answer)
            answer = answer.replace(
                b"x-amz-checksum-type: COMPOSITE", b"x-amz-checksum-type: FULL_OBJECT"
            )
        return answer

    def _whole_checksum(self) -> str:
        from awscrt import checksums

        path = self.target.partition("?")[0]
        host = {"host": self.headers["host"]}
        content = self.proxy.forward(f"GET {path} HTTP/1.1", host, b"").partition(b"\r\n\r\n")[2]
        return base64.b64encode(checksums.crc64nvme(content).to_bytes(8, "big")).decode()


def _drop(headers: dict[str, str], pattern: str) -> None:
    for name in [name for name in headers if re.match(pattern, name)]:
        del headers[name]


def _flipped(data: bytes) -> bytes:
    changed = bytearray(data)
    changed[len(changed) // 2] ^= 1
    return bytes(changed)
