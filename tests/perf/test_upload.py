"""What an upload costs the sender, against boto3's own multipart upload, both to a server on loopback."""

from collections.abc import Callable
from pathlib import Path

import pytest

from app.core.cloud import transfer
from app.core.cloud.places import Place
from app.core.cloud.s3 import S3Store
from app.core.work.parallel import Parallel
from tests.support import uploading
from tests.support.measuring import versus
from tests.support.s3_server import S3Server
from tests.support.uploading import MIB, ListJournal

SIZE = 96 * MIB
GB = 1_000_000_000


@pytest.mark.timeout(300)
@pytest.mark.s3
def test_client_seconds_for_a_gigabyte(
    tmp_path: Path, note: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    import boto3

    data = uploading.content(SIZE)
    path = uploading.written(tmp_path / "clip.mov", data)
    wanted_hash = uploading.content_hash(data)
    del data
    numbers = iter(range(100))
    with S3Server(buckets=("rushes",)) as server:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        store = S3Store(Place("rushes", server.url), secret=lambda _: None)
        client = boto3.client("s3", endpoint_url=server.url)

        def ours() -> None:
            wanted = uploading.Wanted(f"ours/{next(numbers)}", wanted_hash, part_size=8 * MIB)
            source = uploading.plain_file(path)
            transfer.upload(store, source, wanted, ListJournal(), map_parts=Parallel(2))

        def peer() -> None:
            client.upload_file(str(path), "rushes", f"peer/{next(numbers)}")

        found = versus(ours, peer, 3)
        store.close()
        client.close()
    seconds = found.ours_cpu * GB / SIZE
    note(
        50,
        "upload, verified, client CPU for a GB",
        f"{seconds:.1f} s",
        f"boto3 `upload_file`: {found.peer_cpu * GB / SIZE:.1f} s",
        f"{found.ratio:.2f} ×",
        found.spread,
        "≤ 2.5 s",
        seconds <= 2.5,
    )
    assert found.ratio < 3
