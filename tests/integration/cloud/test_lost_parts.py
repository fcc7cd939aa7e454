"""Buckets that lose parts they took, or say so: what is missing goes again, and nothing else."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

import pytest

from app.core.cloud import claims, transfer
from app.core.cloud.body import BytesBody
from app.core.cloud.checksums import checksum_of
from app.core.cloud.folder import FolderStore
from app.core.cloud.sending import Control, Receipt
from app.core.cloud.source import SourceChanged
from app.core.cloud.store import ChecksumAlgorithm, NoSuchUpload, ObjectStore, PartsRefused
from tests.integration.cloud.conftest import OpenS3
from tests.integration.cloud.test_faults import BIG, COMPLETE, KEY, PART, Case
from tests.support.s3_fault_proxy import Fault, FaultProxy
from tests.support.s3_server import S3Server
from tests.support.uploading import (
    MIB,
    ListJournal,
    content,
    content_hash,
    eager,
    plain_file,
    wanted,
    written,
)

pytestmark = pytest.mark.s3


class Meddling(ListJournal):
    """Somebody touches the bucket, or the file, just after a part of this number is there."""

    def __init__(self, number: int, act: Callable[[str], object], times: int = 1) -> None:
        super().__init__()
        self.number, self.act, self.times = number, act, times

    def on_part(self, part) -> None:
        super().on_part(part)
        if part.number == self.number and self.times:
            self.times -= 1
            self.act(self.upload_ids[-1])


@pytest.fixture
def case(
    request: pytest.FixtureRequest, open_s3: OpenS3, s3_server: S3Server, tmp_path: Path
) -> Iterator[Case]:
    """S3 as it should be, unless a parameter names what a server lacks."""
    lacking = dict.fromkeys(getattr(request, "param", ()), True)
    with FaultProxy(s3_server.url, **lacking) as proxy:
        store = open_s3(proxy.url)
        store.capabilities()
        proxy.forget()
        yield Case(store, open_s3(s3_server.url), proxy, tmp_path / "clip.mov")


SERVERS = [(), ("no_checksums",), ("whole_checksums",)]


def sends(case: Case) -> list[int]:
    return [case.proxy.count("PUT", f"{PART}{number}") for number in (1, 2, 3)]


@pytest.mark.parametrize("case", SERVERS, indirect=True, ids=["s3", "clone", "amazon"])
def test_a_part_the_bucket_lost_goes_again_and_no_other(case: Case) -> None:
    case.proxy.plan(Fault("said kept", "PUT", PART + "2", times=1))
    receipt = case.send(BIG)
    case.assert_no_lie(BIG, receipt)
    assert sends(case) == [1, 2, 1]
    assert receipt.sent_bytes == len(BIG) + MIB
    assert case.proxy.count("POST", COMPLETE) == 2
    assert sorted(part.number for part in case.journal.parts) == [1, 2, 3]
    assert len(case.journal.upload_ids) == 1
    assert case.progress[-1] == len(BIG)
    assert min(case.progress[case.progress.index(len(BIG)) :]) == len(BIG) - MIB, "it is shown"


def test_a_last_part_that_is_short_goes_again(case: Case) -> None:
    case.proxy.plan(Fault("said kept", "PUT", PART + "3", times=1))
    receipt = case.send(BIG)
    case.assert_no_lie(BIG, receipt)
    assert receipt.sent_bytes == len(BIG) + len(BIG) % MIB


def test_a_bucket_that_loses_all_gets_all_once_more(case: Case) -> None:
    case.proxy.plan(Fault("said kept", "PUT", PART, times=3))
    receipt = case.send(BIG)
    case.assert_no_lie(BIG, receipt)
    assert sends(case) == [2, 2, 2]


def test_a_claim_that_the_bucket_itself_denies_costs_nothing(case: Case) -> None:
    times = claims.TIMES - 1
    case.proxy.plan(Fault("said lost", "POST", COMPLETE, times=times))
    receipt = case.send(BIG)
    case.assert_no_lie(BIG, receipt)
    assert sends(case) == [1, 1, 1]
    assert case.proxy.count("POST", COMPLETE) == times + 1


def test_an_upload_that_its_bucket_contradicts_is_begun_anew(case: Case) -> None:
    case.proxy.plan(Fault("said lost", "POST", COMPLETE, times=claims.TIMES))
    receipt = case.send(BIG)
    case.assert_no_lie(BIG, receipt)
    assert sends(case) == [2, 2, 2]
    assert receipt.sent_bytes == 2 * len(BIG)
    assert len(set(case.journal.upload_ids)) == 2
    assert case.progress[-1] == len(BIG)


def test_a_bucket_that_goes_on_contradicting_itself_is_a_matter_for_a_person(case: Case) -> None:
    """The second upload stays where it is: when the bucket has come to its senses, a retry sends nothing."""
    case.proxy.plan(Fault("said lost", "POST", COMPLETE))
    with pytest.raises(PartsRefused) as caught:
        case.send(BIG)
    assert caught.value.title == "The bucket contradicts itself"
    assert "lists every one of them as whole" in caught.value.message
    assert "sent anew" in caught.value.message
    assert "InvalidPart" in caught.value.detail
    assert case.proxy.count("POST", COMPLETE) == 2 * claims.TIMES
    assert sends(case) == [2, 2, 2]
    assert case.there() is None
    _, last = case.journal.upload_ids
    assert [one.upload_id for one in case.straight.list_multipart("")] == [last]
    case.proxy.plan()
    receipt = case.send(BIG, resume_id=last)
    case.assert_no_lie(BIG, receipt)
    assert receipt.sent_bytes == 0


def test_a_bucket_that_loses_a_part_each_time_is_a_matter_for_a_person(case: Case) -> None:
    case.proxy.plan(Fault("said kept", "PUT", PART + "2"))
    with pytest.raises(PartsRefused) as caught:
        case.send(BIG)
    assert caught.value.title == "The bucket loses what it is sent"
    assert "lifecycle" in caught.value.todo
    assert sends(case) == [1, claims.TIMES, 1]
    assert {part.number for part in case.journal.parts} == {1, 3}
    case.proxy.plan()
    receipt = case.send(BIG, resume_id=case.journal.upload_ids[0])
    case.assert_no_lie(BIG, receipt)
    assert receipt.sent_bytes == MIB


def test_a_list_of_parts_that_got_damaged_on_its_way_is_sent_again(case: Case) -> None:
    case.proxy.plan(Fault("flip up", "POST", COMPLETE, times=1))
    receipt = case.send(BIG)
    case.assert_no_lie(BIG, receipt)
    assert receipt.sent_bytes == len(BIG)


def send(store: ObjectStore, path: Path, journal: ListJournal) -> Receipt:
    return transfer.upload(
        store, plain_file(path), wanted(BIG), journal, control=Control(backoff=eager())
    )


def is_whole(store: ObjectStore) -> bool:
    info = store.head(KEY)
    assert info is not None
    assert list(store.list_multipart("")) == []
    return store.get(KEY, 0, info.size) == BIG


@pytest.mark.parametrize("size", [MIB, 5])
def test_a_part_with_other_content_is_replaced(
    store: ObjectStore, tmp_path: Path, size: int
) -> None:
    """Somebody else's bytes under the number of a part: of its size, or of another."""
    foreign = content(size, seed=7)
    checksum = checksum_of(ChecksumAlgorithm.CRC64NVME, foreign)

    def meddle(upload_id: str) -> None:
        store.put_part(KEY, upload_id, 2, BytesBody(foreign), checksum=checksum)

    receipt = send(store, written(tmp_path / "clip.mov", BIG), Meddling(3, meddle))
    assert receipt.sent_bytes == len(BIG) + MIB
    assert is_whole(store)


@pytest.mark.parametrize("endings", [("",), (".json",)], ids=["bytes", "words"])
def test_a_folder_that_lost_files_of_a_part_gets_it_again(
    tmp_path: Path, endings: tuple[str, ...]
) -> None:
    root = tmp_path / "bucket"
    root.mkdir()
    store = FolderStore(root)

    def meddle(upload_id: str) -> None:
        for ending in endings:
            (root / ".rushes" / "multipart" / upload_id / f"00002{ending}").unlink()

    receipt = send(store, written(tmp_path / "clip.mov", BIG), Meddling(3, meddle))
    assert receipt.sent_bytes == len(BIG) + MIB
    assert is_whole(store)


@pytest.mark.parametrize("after", [1, 3])
def test_an_upload_that_the_bucket_ends_midway_begins_anew(
    store: ObjectStore, tmp_path: Path, after: int
) -> None:
    journal = Meddling(after, lambda upload_id: store.abort(KEY, upload_id))
    receipt = send(store, written(tmp_path / "clip.mov", BIG), journal)
    assert len(journal.upload_ids) == 2
    assert receipt.sent_bytes <= len(BIG) + (2 * MIB if after == 1 else len(BIG))
    assert is_whole(store)


def test_an_upload_that_is_ended_each_time_is_a_matter_for_a_person(
    store: ObjectStore, tmp_path: Path
) -> None:
    journal = Meddling(3, lambda upload_id: store.abort(KEY, upload_id), times=9)
    with pytest.raises(NoSuchUpload):
        send(store, written(tmp_path / "clip.mov", BIG), journal)
    assert len(journal.upload_ids) == 2
    assert store.head(KEY) is None


def test_a_file_that_changed_before_its_part_goes_again_voids_the_upload(
    case: Case,
) -> None:
    class Changing(ListJournal):
        def on_parts_there(self, numbers: Collection[int]) -> None:
            assert 2 not in numbers
            with case.path.open("r+b") as stream:
                stream.seek(MIB + 5)
                stream.write(b"another picture")

    case.journal = Changing()
    case.proxy.plan(Fault("said kept", "PUT", PART + "2", times=1))
    with pytest.raises(SourceChanged):
        case.send(BIG)
    assert case.there() is None
    assert list(case.straight.list_multipart("")) == []


def test_killed_while_the_lost_part_goes_again_the_next_run_sends_that_part_alone(
    open_s3: OpenS3, s3_server: S3Server, bucket: str, tmp_path: Path
) -> None:
    data = content(3 * 5 * MIB - 100)
    clip, journal = written(tmp_path / "clip.mov", data), tmp_path / "journal"
    straight = open_s3(s3_server.url)
    with FaultProxy(s3_server.url) as proxy:
        lost = Fault("said kept", "PUT", PART + "2", times=1)
        proxy.plan(lost, Fault("hang", "PUT", PART + "2"))
        arguments = [proxy.url, bucket, str(clip), KEY, str(journal), "1"]
        child = subprocess.Popen(
            [sys.executable, "-m", "tests.support.upload_child", *arguments],
            cwd=Path(__file__).parents[3],
            stdin=subprocess.DEVNULL,
        )
        while not proxy.busy.is_set():
            assert child.poll() is None, "it ended before it could be killed"
            time.sleep(0.01)
        child.kill()
        child.wait()
    lines = [json.loads(line) for line in journal.read_text().splitlines()]
    assert lines[-1] == {"there": [1, 3]}
    receipt = transfer.upload(
        straight, plain_file(clip), wanted(data), ListJournal(), resume_id=lines[0]["upload_id"]
    )
    assert receipt.sent_bytes == 5 * MIB
    info = straight.head(KEY)
    assert info is not None
    assert receipt.content_hash == content_hash(data)
    assert straight.get(KEY, 0, info.size) == data
    assert list(straight.list_multipart("")) == []
