"""A bucket that cannot be reached: why, in words that need no knowledge of S3, and what to look at."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from app.core.cloud.places import Place
from app.core.cloud.s3 import S3Store
from app.core.cloud.s3_client import Patience
from app.core.model.errors import Passing, RushesError


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], RushesError]:
    """What asking an endpoint ends in."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test-secret")

    def asked(endpoint: str) -> RushesError:
        store = S3Store(
            Place("rushes", endpoint, "us-east-1"),
            secret=lambda _: None,
            patience=Patience(connect=3, read=1),
        )
        with contextlib.closing(store), pytest.raises(RushesError) as caught:
            store.put("a", _body(), checksum=None, metadata={}, if_none_match=False)
        return caught.value

    return asked


def _body():
    from app.core.cloud.body import BytesBody

    return BytesBody(memoryview(b"abc"))


@contextlib.contextmanager
def listening(answer: Callable[[socket.socket], object]) -> Iterator[str]:
    """A server that treats each caller so."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        held: list[socket.socket] = []

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    line, _ = server.accept()
                    held.append(line)
                    answer(line)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}"
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join()
            for line in held:
                line.close()


def check(error: RushesError, words: str, names: str) -> None:
    assert isinstance(error, Passing)
    assert error.title == "The bucket does not answer"
    assert words in error.message
    assert "endpoint" in error.todo or "network" in error.todo
    for text in (error.title, error.message, error.todo):
        assert not any(mark in text for mark in ("Error", "PutObject", "urllib", "Exception"))
    assert error.detail.startswith("PutObject: ")
    assert names in error.detail
    assert "test-secret" not in error.detail


def test_nothing_listens_there(ask: Callable[[str], RushesError]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    check(ask(f"http://127.0.0.1:{port}"), "Nothing listens", "EndpointConnectionError")


def test_nobody_has_that_name(ask: Callable[[str], RushesError]) -> None:
    check(ask("https://bucket.invalid"), "name is known", "EndpointConnectionError")


def test_one_that_stays_silent(ask: Callable[[str], RushesError]) -> None:
    with listening(lambda line: line.fileno()) as url:
        check(ask(url), "went silent", "ReadTimeoutError")


def test_one_that_hangs_up(ask: Callable[[str], RushesError]) -> None:
    with listening(lambda line: (line.recv(1), line.close())) as url:
        check(ask(url), "broke off", "Connection")
