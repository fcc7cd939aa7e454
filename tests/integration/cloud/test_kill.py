"""A process that dies in the middle of an upload: the next one goes on, and nothing is left behind."""

import json
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core.cloud import transfer
from app.core.cloud.sending import in_turn
from app.core.cloud.verifying import read_back
from tests.integration.cloud.conftest import OpenS3
from tests.support.s3_fault_proxy import Fault, FaultProxy
from tests.support.s3_server import S3Server
from tests.support.uploading import (
    MIB,
    ListJournal,
    content,
    content_hash,
    in_threads,
    plain_file,
    wanted,
    written,
)

pytestmark = pytest.mark.s3
KEY = "day/clip.mov"
PARTS = 4
DATA = content(PARTS * 5 * MIB - 100)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("kill") / "clip.mov", DATA)


class Child:
    """An upload that was started, and its journal."""

    def __init__(self, url: str, bucket: str, clip: Path, journal: Path, workers: int) -> None:
        self.journal = journal
        arguments = [url, bucket, str(clip), KEY, str(journal), str(workers)]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.upload_child", *arguments],
            cwd=Path(__file__).parents[3],
            stdin=subprocess.DEVNULL,
        )

    def lines(self) -> list[dict[str, object]]:
        if not self.journal.exists():
            return []
        return [json.loads(line) for line in self.journal.read_text().splitlines()]

    def wait_for(self, key: str, count: int) -> None:
        while len([line for line in self.lines() if key in line]) < count:
            assert self.process.poll() is None, "the upload ended before it could be killed"
            time.sleep(0.005)

    def kill(self) -> str:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        found = [str(line["upload_id"]) for line in self.lines() if "upload_id" in line]
        return found[-1] if found else ""


@pytest.fixture
def slow(s3_server: S3Server) -> Iterator[FaultProxy]:
    """A line slow enough to be killed on: 20 MB/s for each part."""
    with FaultProxy(s3_server.url) as proxy:
        proxy.plan(Fault("slow", target="partNumber=", value=20_000_000))
        yield proxy


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("after", [0, 2])
def test_what_was_sent_before_the_kill_is_not_sent_again(
    slow: FaultProxy,
    open_s3: OpenS3,
    bucket: str,
    clip: Path,
    tmp_path: Path,
    workers: int,
    after: int,
) -> None:
    child = Child(slow.url, bucket, clip, tmp_path / "journal", workers)
    child.wait_for("part" if after else "upload_id", after or 1)
    upload_id = child.kill()
    before = slow.received("PUT", "partNumber=")
    slow.plan()
    straight = open_s3(slow.url)
    mapping = in_threads(workers) if workers > 1 else in_turn
    receipt = transfer.upload(
        straight,
        plain_file(clip),
        wanted(DATA, KEY),
        ListJournal(),
        resume_id=upload_id,
        map_parts=mapping,
    )
    info = straight.head(KEY)
    assert info is not None
    assert read_back(straight, info) == content_hash(DATA) == receipt.content_hash
    assert list(straight.list_multipart("")) == []
    sent_twice = before + receipt.sent_bytes - len(DATA)
    assert sent_twice <= workers * 5 * MIB


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("workers", [1, 3])
def test_killed_over_and_over_it_arrives_and_no_kill_costs_more_than_what_was_under_way(
    slow: FaultProxy, open_s3: OpenS3, bucket: str, tmp_path: Path, workers: int
) -> None:
    """Each run but the last dies at a moment of the dice's choice, after it has sent at least something."""
    dice, data = random.Random(workers), content(12 * 5 * MIB - 100)
    clip, journal = written(tmp_path / "clip.mov", data), tmp_path / "journal"
    slow.plan(Fault("slow", target="partNumber=", value=15_000_000))
    kills = 0
    while True:
        child = Child(slow.url, bucket, clip, journal, workers)
        before, patience = slow.count_now("PUT", "partNumber="), dice.random()
        while child.process.poll() is None and slow.count_now("PUT", "partNumber=") == before:
            time.sleep(0.01)
        try:
            assert child.process.wait(patience) == 0
            break
        except subprocess.TimeoutExpired:
            child.kill()
            kills += 1
    straight = open_s3(slow.url)
    info = straight.head(KEY)
    assert info is not None
    assert read_back(straight, info) == content_hash(data)
    assert list(straight.list_multipart("")) == []
    sent_twice = slow.received("PUT", "partNumber=") - len(data)
    sys.stdout.write(f"\n{workers} workers: {kills} kills, {sent_twice / MIB:.1f} MiB sent twice\n")
    assert kills > 2
    assert sent_twice <= kills * workers * 5 * MIB


def test_a_kill_between_the_answer_and_the_journal_leaves_something_to_sweep(
    s3_server: S3Server, open_s3: OpenS3, bucket: str, clip: Path, tmp_path: Path
) -> None:
    with FaultProxy(s3_server.url) as proxy:
        proxy.plan(Fault("hang after", method="POST", target=r"clip\.mov\?uploads"))
        child = Child(proxy.url, bucket, clip, tmp_path / "journal", 1)
        assert proxy.busy.wait(50)
        assert child.kill() == ""
    straight = open_s3(s3_server.url)
    assert len(list(straight.list_multipart(""))) == 1
    assert transfer.sweep(straight, lambda _: True, 1 << 50) == [KEY]
    transfer.upload(straight, plain_file(clip), wanted(DATA, KEY), ListJournal())
    assert list(straight.list_multipart("")) == []
