"""A real S3 server for the session, and a bucket of its own for each test."""

import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.core.cloud import sending
from app.core.cloud.folder import FolderStore
from app.core.cloud.memory import MemoryStore
from app.core.cloud.places import Place
from app.core.cloud.s3 import S3Store
from app.core.cloud.s3_client import Patience
from app.core.cloud.store import ObjectStore
from app.core.model.ids import new_id
from tests.support.s3_fault_proxy import FaultProxy
from tests.support.s3_server import DIRECT, S3Server
from tests.support.uploading import MIB

OpenS3 = Callable[..., S3Store]


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts of 1 MiB, so that a few MiB make several (the server here takes any size)."""
    monkeypatch.setattr(sending, "MIN_PART", MIB)


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3Server]:
    with S3Server() as server:
        yield server


@pytest.fixture
def bucket(s3_server: S3Server) -> str:
    name = f"b-{new_id()}"
    request = urllib.request.Request(f"{s3_server.url}/{name}", method="PUT")
    with DIRECT.open(request):
        return name


@pytest.fixture
def proxy(s3_server: S3Server) -> Iterator[FaultProxy]:
    with FaultProxy(s3_server.url) as running:
        yield running


@pytest.fixture
def open_s3(bucket: str, s3_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenS3]:
    """Opens the test's bucket through an address; closed with the test."""
    for name, value in s3_server.environment.items():
        monkeypatch.setenv(name, value)
    opened: list[S3Store] = []

    def opening(url: str, name: str = bucket, read: int = 60) -> S3Store:
        store = S3Store(Place(name, url), secret=lambda _: None, patience=Patience(read=read))
        opened.append(store)
        return store

    yield opening
    for store in opened:
        store.close()


@pytest.fixture(params=["memory", "folder", "s3"])
def store(
    request: pytest.FixtureRequest, tmp_path: Path, s3_server: S3Server, open_s3: OpenS3
) -> ObjectStore:
    """Every kind of store in turn."""
    if request.param == "memory":
        return MemoryStore()
    if request.param == "folder":
        (tmp_path / "bucket").mkdir()
        return FolderStore(tmp_path / "bucket")
    return open_s3(s3_server.url)
