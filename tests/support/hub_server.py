"""A model hub on loopback that can drop the line, ignore ranges, be busy, or send other bytes."""

import dataclasses
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclasses.dataclass
class FakeHub:
    """What it serves and how it misbehaves."""

    files: dict[str, bytes]
    address: str = ""
    drop_after: int = 0
    """Bytes of a body after which the line drops, each time; 0 never."""
    ignore_ranges: bool = False
    status: int = 0
    """Answer every request with this status; 0 serves."""
    redirect_to: str = ""
    requests: list[tuple[str, str]] = dataclasses.field(default_factory=list)
    """Path and Range header of each request."""


@contextmanager
def serving(files: dict[str, bytes]) -> Iterator[FakeHub]:
    """Runs a hub while the block lasts."""
    hub = FakeHub(files)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            wanted = self.headers.get("Range", "")
            hub.requests.append((self.path, wanted))
            if hub.redirect_to:
                self.send_response(302)
                self.send_header("Location", hub.redirect_to)
                self.end_headers()
                return
            data = hub.files.get(self.path.rsplit("/", 1)[-1])
            if hub.status or data is None:
                self.send_error(hub.status or 404)
                return
            start = 0 if hub.ignore_ranges or not wanted else int(wanted[6:-1])
            body = data[start:]
            self.send_response(206 if start else 200)
            if start:
                self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[: hub.drop_after] if hub.drop_after else body)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hub.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
