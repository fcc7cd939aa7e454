"""What an upload costs the sender, against boto3's own multipart upload, both to a server on loopback."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from app.core.cloud import transfer
from app.core.cloud.places import Place
from app.core.cloud.s3 import S3Store
from app.core.work.parallel import Parallel
from tests.perf import bars
from tests.perf.conftest import Note
from tests.support import uploading
from tests.support.measuring import Versus, spread, versus
from tests.support.s3_fault_proxy import Fault, FaultProxy
from tests.support.s3_server import S3Server
from tests.support.source import ROOT
from tests.support.uploading import MIB, ListJournal

SIZE = 96 * MIB
GB = 1_000_000_000
PART, PARTS, WORKERS = 5 * MIB, 12, 2
"""The smallest part that S3 takes."""


@pytest.mark.timeout(300)
@pytest.mark.s3
def test_client_seconds_for_a_gigabyte(
    tmp_path: Path, note: Note, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = against_boto3(tmp_path, monkeypatch, SIZE, 3)
    seconds = found.ours_cpu * GB / SIZE
    note(
        50,
        "upload, verified, client CPU for a GB",
        f"{seconds:.1f} s",
        f"boto3 `upload_file`: {found.peer_cpu * GB / SIZE:.1f} s",
        f"{found.ratio:.2f} ×",
        found.spread,
        bars.UPLOAD,
        seconds,
    )


def against_boto3(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int, rounds: int
) -> Versus:
    """An upload of so many bytes, ours against boto3's."""
    import boto3

    data = uploading.content(size)
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

        found = versus(ours, peer, rounds)
        store.close()
        client.close()
    return found


@pytest.mark.timeout(300)
@pytest.mark.s3
def test_what_is_sent_again_after_a_kill(
    tmp_path: Path, note: Note, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = uploading.content(PARTS * PART - 100)
    path = uploading.written(tmp_path / "clip.mov", data)
    again: list[float] = []
    with S3Server(buckets=("rushes",)) as server:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        for stored in (1, 3, 5, 7):
            with FaultProxy(server.url) as proxy:
                # Slow enough to be killed on.
                proxy.plan(Fault("slow", target="partNumber=", value=20_000_000))
                key, journal = f"day/clip{stored}.mov", tmp_path / f"journal{stored}"
                upload_id = _killed(proxy.url, path, key, journal, stored)
                before = proxy.received("PUT", "partNumber=")
            store = S3Store(Place("rushes", server.url), secret=lambda _: None)
            receipt = transfer.upload(
                store,
                uploading.plain_file(path),
                uploading.wanted(data, key),
                ListJournal(),
                resume_id=upload_id,
                map_parts=uploading.in_threads(WORKERS),
            )
            store.close()
            again.append((before + receipt.sent_bytes - len(data)) / PART / WORKERS)
    note(
        51,
        f"upload of {PARTS} parts by {WORKERS} workers, killed four times: sent again",
        f"{max(again):.2f} parts a worker at most",
        spread=spread(again),
        bar=bars.RESENT,
        value=max(again),
    )


def _killed(url: str, path: Path, key: str, journal: Path, stored: int) -> str:
    """Begins an upload in a process of its own and kills it after so many parts; returns the upload's id."""
    words = ("-m", "tests.support.upload_child", url, "rushes", path, key, journal, str(WORKERS))
    child = subprocess.Popen((sys.executable, *words), cwd=ROOT, stdin=subprocess.DEVNULL)
    while not journal.exists() or journal.read_text().count('"part"') < stored:
        assert child.poll() is None, "the upload ended before it could be killed"
        time.sleep(0.005)
    child.send_signal(signal.SIGKILL)
    child.wait()
    lines = [json.loads(line) for line in journal.read_text().splitlines()]
    return next(str(line["upload_id"]) for line in lines if "upload_id" in line)
