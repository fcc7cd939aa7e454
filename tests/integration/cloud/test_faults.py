"""The way to the bucket goes wrong in every way it does; nobody is ever told that a file is safe when it is not.

Every test ends by holding the object against the file, byte by byte (`lies == 0`).
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core.cloud import transfer
from app.core.cloud.pacing import Backoff
from app.core.cloud.s3 import S3Store
from app.core.cloud.sending import Control, Receipt
from app.core.cloud.store import ChecksumAlgorithm, Conflict, CredentialsRefused, ObjectInfo
from app.core.cloud.verifying import Evidence, read_back
from app.core.model.errors import Cancelled, Damage, Missing, Passing
from tests.integration.cloud.conftest import OpenS3
from tests.support.s3_fault_proxy import Fault, FaultProxy
from tests.support.s3_server import S3Server
from tests.support.uploading import (
    MIB,
    FakeTimer,
    ListJournal,
    content,
    content_hash,
    eager,
    in_threads,
    plain_file,
    wanted,
    written,
)

pytestmark = pytest.mark.s3
BIG = content(2 * MIB + 7)
SMALL = content(40_000, seed=2)
DATA = [pytest.param(SMALL, id="small"), pytest.param(BIG, id="big")]
PART = "partNumber="
COMPLETE = r"\?uploadId="
KEY = "day/clip.mov"


class Case:
    """One upload through the misbehaving proxy, and a straight way to look at what came of it."""

    def __init__(self, store: S3Store, straight: S3Store, proxy: FaultProxy, path: Path) -> None:
        self.store = store
        self.straight = straight
        self.proxy = proxy
        self.path = path
        self.journal = ListJournal()
        self.timer = FakeTimer()
        self.progress: list[int] = []

    def control(self) -> Control:
        return Control(tell=lambda done, _: self.progress.append(done), backoff=eager(self.timer))

    def send(self, data: bytes, **options) -> Receipt:
        written(self.path, data)
        options.setdefault("control", self.control())
        return transfer.upload(
            self.store, plain_file(self.path), wanted(data, KEY), self.journal, **options
        )

    def there(self) -> ObjectInfo | None:
        return self.straight.head(KEY)

    def assert_no_lie(self, data: bytes, receipt: Receipt) -> None:
        info = self.there()
        assert info is not None
        assert read_back(self.straight, info) == content_hash(data) == receipt.content_hash
        assert list(self.straight.list_multipart("")) == []


@pytest.fixture
def case(open_s3: OpenS3, s3_server: S3Server, proxy: FaultProxy, tmp_path: Path) -> Iterator[Case]:
    store = open_s3(proxy.url)
    store.capabilities()
    proxy.forget()
    return Case(store, open_s3(s3_server.url), proxy, tmp_path / "clip.mov")


@pytest.mark.parametrize("data", DATA)
@pytest.mark.parametrize("kind", ["reset", "reset midway", "internal", "slow down", "flip up"])
def test_a_fault_that_passes_passes(case: Case, data: bytes, kind: str) -> None:
    case.proxy.plan(Fault(kind, method="PUT", times=2))
    receipt = case.send(data)
    case.assert_no_lie(data, receipt)
    assert case.proxy.count("PUT") == 2 + (1 if data is SMALL else 3)
    assert case.proxy.count("POST", COMPLETE) == (0 if data is SMALL else 1), "known at the part"
    assert receipt.sent_bytes >= len(data)


def test_only_the_broken_part_goes_again_and_progress_falls(case: Case) -> None:
    case.proxy.plan(Fault("reset midway", target=PART + "2", times=1))
    receipt = case.send(BIG)
    case.assert_no_lie(BIG, receipt)
    assert case.proxy.count("PUT", PART + "1") == 1
    assert case.proxy.count("PUT", PART + "2") == 2
    assert case.proxy.received("PUT", PART) == len(BIG) + MIB // 2
    assert case.progress != sorted(case.progress)
    assert case.progress[-1] == len(BIG)


@pytest.mark.parametrize("data", DATA)
def test_a_lost_answer_to_the_last_word_is_found_out(case: Case, data: bytes) -> None:
    last = (
        Fault("lost reply", method="PUT")
        if data is SMALL
        else Fault("lost reply", "POST", COMPLETE)
    )
    last.times = 1
    case.proxy.plan(last)
    receipt = case.send(data)
    case.assert_no_lie(data, receipt)
    assert receipt.sent_bytes <= 2 * len(data)


def test_a_lost_answer_to_a_part_costs_that_part(case: Case) -> None:
    case.proxy.plan(Fault("lost reply", target=PART + "1", times=1))
    receipt = case.send(BIG)
    case.assert_no_lie(BIG, receipt)
    assert receipt.sent_bytes == len(BIG) + MIB


def test_a_lost_answer_to_the_beginning_leaves_an_orphan_for_the_sweep(case: Case) -> None:
    case.proxy.plan(Fault("lost reply", method="POST", target="uploads", times=1))
    case.send(BIG)
    assert len(list(case.straight.list_multipart(""))) == 1
    assert transfer.sweep(case.straight, lambda _: True, 1 << 50) == [KEY]
    assert list(case.straight.list_multipart("")) == []


def test_in_a_storm_it_asks_ever_more_seldom(case: Case) -> None:
    case.proxy.plan(Fault("slow down", method="PUT", times=12))
    receipt = case.send(SMALL)
    case.assert_no_lie(SMALL, receipt)
    pauses = [pause for pause in _pauses(case.timer) if pause]
    assert len(pauses) == 12
    assert max(pauses[6:]) > max(pauses[:3])
    assert len(set(pauses)) > 1


def _pauses(fake: FakeTimer) -> list[int]:
    """Sleeps come in ticks; those between two tries are what a full tick ends."""
    pauses, current = [], 0
    for slept in fake.slept:
        current += slept
        if slept < 100_000_000:
            pauses.append(current)
            current = 0
    return pauses


def test_patience_ends_and_the_upload_stays_for_later(case: Case) -> None:
    case.proxy.plan(Fault("slow down", target=PART + "2"))
    with pytest.raises(Passing):
        case.send(BIG)
    assert case.there() is None
    assert [u.upload_id for u in case.straight.list_multipart("")] == case.journal.upload_ids
    case.proxy.plan()
    receipt = case.send(BIG, resume_id=case.journal.upload_ids[0])
    case.assert_no_lie(BIG, receipt)
    assert receipt.sent_bytes == len(BIG) - MIB


def test_an_error_in_a_200_is_not_believed(case: Case) -> None:
    case.proxy.plan(Fault("error in 200", method="POST", target=COMPLETE, times=2))
    receipt = case.send(BIG)
    assert case.proxy.count("POST", COMPLETE) == 3
    case.assert_no_lie(BIG, receipt)


def test_an_error_in_every_200_is_no_upload(case: Case) -> None:
    case.proxy.plan(Fault("error in 200", method="POST", target=COMPLETE))
    with pytest.raises(Passing):
        case.send(BIG)
    assert case.there() is None


@pytest.mark.parametrize("data", DATA)
def test_someone_else_writing_the_same_key_is_looked_at_again(case: Case, data: bytes) -> None:
    where = Fault("conflict", "PUT") if data is SMALL else Fault("conflict", "POST", COMPLETE)
    where.times = 1
    case.proxy.plan(where)
    case.assert_no_lie(data, case.send(data))


def test_expired_credentials_stop_and_fresh_ones_go_on(case: Case) -> None:
    case.proxy.plan(Fault("expired", target=PART + "2", times=1))
    with pytest.raises(CredentialsRefused):
        case.send(BIG)
    receipt = case.send(BIG, resume_id=case.journal.upload_ids[0])
    case.assert_no_lie(BIG, receipt)
    assert len(case.journal.upload_ids) == 1
    assert receipt.sent_bytes == len(BIG) - MIB


def test_a_silent_server_is_a_fault_that_passes(
    open_s3: OpenS3, proxy: FaultProxy, tmp_path: Path, s3_server: S3Server
) -> None:
    impatient = open_s3(proxy.url, read=1)
    impatient.capabilities()
    case = Case(impatient, open_s3(s3_server.url), proxy, tmp_path / "clip.mov")
    proxy.plan(Fault("hang", method="PUT", times=1))
    case.assert_no_lie(SMALL, case.send(SMALL))
    assert len(case.timer.slept) >= 1


@pytest.mark.parametrize(
    "fault", [Fault("hang", "HEAD"), Fault("hang", "PUT"), Fault("slow", "PUT", value=1)]
)
def test_a_wait_can_be_called_off(case: Case, fault: Fault) -> None:
    """That the wait was cut, and did not end with its minute, shows in that no request failed."""
    case.proxy.plan(fault)
    failed: list[int] = []

    def chance() -> float:
        failed.append(1)
        return 0.0

    control = Control(cancelled=case.proxy.busy.is_set, backoff=Backoff(chance=chance))
    with pytest.raises(Cancelled):
        case.send(content(MIB - 1), control=control)
    assert case.there() is None
    assert not failed


def test_a_wait_of_several_workers_can_be_called_off(case: Case) -> None:
    case.proxy.plan(Fault("hang", target=PART))
    control = Control(cancelled=case.proxy.busy.is_set)
    with pytest.raises(Cancelled):
        case.send(BIG, control=control, map_parts=in_threads(2))
    assert len(list(case.straight.list_multipart(""))) == 1


@pytest.mark.parametrize("data", DATA)
def test_a_clone_without_checksums_is_judged_by_etag(
    open_s3: OpenS3, s3_server: S3Server, tmp_path: Path, data: bytes
) -> None:
    with FaultProxy(s3_server.url, no_checksums=True) as clone:
        store = open_s3(clone.url)
        assert store.capabilities().checksum is ChecksumAlgorithm.MD5
        assert store.capabilities().weaker
        case = Case(store, open_s3(s3_server.url), clone, tmp_path / "clip.mov")
        receipt = case.send(data)
        assert receipt.evidence is Evidence.ETAG
        case.assert_no_lie(data, receipt)


def test_a_clone_that_takes_damaged_bytes_is_caught(
    open_s3: OpenS3, s3_server: S3Server, tmp_path: Path
) -> None:
    with FaultProxy(s3_server.url, no_checksums=True) as clone:
        store = open_s3(clone.url)
        store.capabilities()
        case = Case(store, open_s3(s3_server.url), clone, tmp_path / "clip.mov")
        clone.plan(Fault("flip up", method="PUT", times=1))
        with pytest.raises(Damage):
            case.send(SMALL)
        clone.plan()
        with pytest.raises(Damage):
            case.send(SMALL)


def test_a_clone_that_takes_a_damaged_part_gets_it_again(
    open_s3: OpenS3, s3_server: S3Server, tmp_path: Path
) -> None:
    with FaultProxy(s3_server.url, no_checksums=True) as clone:
        store = open_s3(clone.url)
        store.capabilities()
        case = Case(store, open_s3(s3_server.url), clone, tmp_path / "clip.mov")
        clone.plan(Fault("flip up", target=PART + "1", times=1))
        receipt = case.send(BIG)
        case.assert_no_lie(BIG, receipt)
        assert receipt.sent_bytes == len(BIG) + MIB


def test_a_clone_that_overwrites_gets_no_chance_to(
    open_s3: OpenS3, s3_server: S3Server, tmp_path: Path
) -> None:
    with FaultProxy(s3_server.url, no_conditions=True) as clone:
        store = open_s3(clone.url)
        assert not store.capabilities().conditional_writes
        case = Case(store, open_s3(s3_server.url), clone, tmp_path / "clip.mov")
        receipt = case.send(SMALL)
        assert not receipt.exclusive
        with pytest.raises(Conflict):
            case.send(BIG)
        case.assert_no_lie(SMALL, receipt)


def test_a_lost_answer_of_a_clone_that_overwrites_sends_nothing_twice(
    open_s3: OpenS3, s3_server: S3Server, tmp_path: Path
) -> None:
    with FaultProxy(s3_server.url, no_conditions=True) as clone:
        store = open_s3(clone.url)
        store.capabilities()
        case = Case(store, open_s3(s3_server.url), clone, tmp_path / "clip.mov")
        clone.forget()
        clone.plan(Fault("lost reply", method="PUT", times=1))
        case.assert_no_lie(SMALL, case.send(SMALL))
        assert clone.count("PUT") == 1


def test_whole_checksums_are_asked_for_given_and_compared(
    open_s3: OpenS3, s3_server: S3Server, tmp_path: Path
) -> None:
    with FaultProxy(s3_server.url, whole_checksums=True) as amazon:
        store = open_s3(amazon.url)
        assert store.capabilities().full_object
        case = Case(store, open_s3(s3_server.url), amazon, tmp_path / "clip.mov")
        receipt = case.send(BIG)
        assert receipt.evidence is Evidence.CHECKSUM
        case.assert_no_lie(BIG, receipt)
        begun = next(s for s in amazon.seen if s.method == "POST" and KEY in s.target)
        assert begun.headers["x-amz-checksum-type"] == "FULL_OBJECT"
        assert begun.headers["x-amz-checksum-algorithm"] == "CRC64NVME"


@pytest.mark.parametrize("kind", ["flip down", "cut down"])
def test_reading_back_does_not_believe_a_damaged_answer(case: Case, kind: str) -> None:
    case.send(SMALL)
    info = case.there()
    assert info is not None
    case.proxy.plan(Fault(kind, method="GET", times=1))
    if kind == "flip down":
        assert read_back(case.store, info) != content_hash(SMALL)
    else:
        with pytest.raises(Passing):
            read_back(case.store, info)
    assert read_back(case.store, info) == content_hash(SMALL)


def test_nothing_is_held_lost_because_the_bucket_is(case: Case) -> None:
    case.send(SMALL)
    case.proxy.plan(Fault("no bucket"))
    with pytest.raises(Missing) as caught:
        case.store.head(KEY)
    assert "no such bucket" in caught.value.title


WORDS: list[tuple[str, str]] = [
    ("skew", "slow|fast"),
    ("denied", "s3:PutObject"),
    ("wrong key", "access key"),
    ("expired", "fresh"),
]


@pytest.mark.parametrize(("kind", "words"), WORDS)
def test_what_a_person_can_mend_is_said_and_not_retried(case: Case, kind: str, words: str) -> None:
    case.proxy.plan(Fault(kind, method="PUT", value=7200))
    with pytest.raises(Missing, match=words) as caught:
        case.send(SMALL)
    assert case.proxy.count("PUT") == 1
    assert caught.value.todo
    assert caught.value.subject.startswith("b-")


def test_a_bucket_that_moved_is_said_to_be_elsewhere(case: Case) -> None:
    case.proxy.plan(Fault("elsewhere"))
    with pytest.raises(Missing, match="region"):
        case.send(SMALL)


def test_a_wrong_clock_is_told_by_how_much(case: Case) -> None:
    case.proxy.plan(Fault("skew", value=3 * 3600 + 300))
    with pytest.raises(Missing, match="It is 3 h 5 min fast"):
        case.send(SMALL)


def test_a_wrong_clock_is_told_where_the_answer_has_no_words(case: Case) -> None:
    case.proxy.plan(Fault("skew", method="HEAD", value=-1200))
    with pytest.raises(Missing, match="It is 20 min slow"):
        case.store.head(KEY)


def test_a_denied_look_names_the_rights(case: Case) -> None:
    case.proxy.plan(Fault("denied", method="HEAD"))
    with pytest.raises(Missing, match="s3:GetObject and s3:ListBucket"):
        case.send(SMALL)


def test_an_archived_object_says_so(case: Case) -> None:
    case.proxy.plan(Fault("archived", method="GET"))
    with pytest.raises(Exception, match="archive"):
        case.store.get(KEY, 0, 10)
