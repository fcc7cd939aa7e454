"""Which endpoints Rushes talks to, and what opens for a place."""

import subprocess
import sys
from pathlib import Path

import pytest

from app.core.cloud.folder import FolderStore
from app.core.cloud.places import Place, check_endpoint, open_store
from app.core.cloud.s3 import S3Store
from app.core.cloud.store import Absent
from app.core.model.errors import Refused


@pytest.mark.parametrize(
    "endpoint",
    [
        "",
        "https://s3.eu-central-1.example.com",
        "https://nas.local:9000",
        "http://127.0.0.1:9000",
        "http://[::1]:9000",
        "http://localhost:9000",
    ],
)
def test_safe_endpoints(endpoint: str) -> None:
    assert check_endpoint(endpoint) == endpoint


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://nas.local:9000",
        "http://192.168.1.5",
        "http://localhost.example.com",
        "http://127.0.0.1.example.com",
        "ftp://example.com",
        "nas.local:9000",
        "https://",
        "https://user:canary-secret@example.com",
        "https://example.com/?X-Amz-Signature=canary-secret",
        "https://example.com:port",
        "https://[::1",
    ],
)
def test_endpoints_that_are_refused_and_not_repeated_whole(endpoint: str) -> None:
    with pytest.raises(Refused) as caught:
        check_endpoint(endpoint)
    assert "canary-secret" not in f"{caught.value} {caught.value.subject}"
    with pytest.raises(Refused):
        S3Store(Place("bucket", endpoint))


def test_a_folder_is_a_place_too(tmp_path: Path) -> None:
    store = open_store(Place("my rushes", tmp_path.as_uri()))
    assert isinstance(store, FolderStore)
    assert store.place == str(tmp_path / "my rushes")
    with pytest.raises(Absent):
        store.capabilities()
    for bucket in ("..", "a/b", ""):
        with pytest.raises(Refused):
            open_store(Place(bucket, tmp_path.as_uri()))


def test_a_bucket_on_a_server_is_opened_without_asking_it() -> None:
    store = open_store(Place("bucket", "https://nas.example.com:9000"))
    assert store.place == "bucket at nas.example.com:9000"
    assert Place("bucket").shown == "bucket at Amazon S3"


def test_nothing_heavy_is_loaded_before_a_bucket_is_asked() -> None:
    code = (
        "import sys, app.core.cloud.transfer, app.core.cloud.s3, app.core.cloud.places;"
        "print([m for m in ('boto3', 'botocore', 'urllib3', 'awscrt', 'keyring') if m in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert shown.stdout.strip() == "[]"
