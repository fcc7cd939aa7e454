"""What a bucket can do is not unlearned by a fault that passes; and an upload keeps the checksum it began with."""

import dataclasses
from pathlib import Path

import pytest

from app.core.cloud import s3
from app.core.cloud.body import BytesBody
from app.core.cloud.checksums import checksum_of
from app.core.cloud.s3_probe import ASKED
from app.core.cloud.store import HASH_FIELD, Capabilities, ChecksumAlgorithm, ObjectStore
from app.core.model.errors import Missing, Passing
from tests.integration.cloud.conftest import OpenS3
from tests.integration.cloud.test_faults import BIG, COMPLETE, KEY, PART, Case
from tests.support.fake_clock import FakeClock
from tests.support.s3_fault_proxy import Fault, FaultProxy
from tests.support.s3_server import S3Server
from tests.support.uploading import MIB, content_hash, eager

pytestmark = pytest.mark.s3
PROBE = r"\.rushes/probe-"
STRONG, WEAK, NONE = ChecksumAlgorithm.CRC64NVME, ChecksumAlgorithm.CRC32, ChecksumAlgorithm.MD5
META = {HASH_FIELD: content_hash(BIG)}
NOES = {STRONG: 0, WEAK: ASKED, NONE: 2 * ASKED}
"""How many writes of a look must be refused before this checksum is believed to be the best."""
PASSING = (
    "not implemented",
    "archived",
    "no bucket",
    "lost reply",
    "cut down",
    "flip up",
    "error in 200",
)


def unlearned(checksum: ChecksumAlgorithm) -> Fault:
    """The bucket is taken for one that knows no better checksum."""
    return Fault("not implemented", "PUT", PROBE, times=NOES[checksum])


def told(store: ObjectStore) -> Capabilities:
    return dataclasses.replace(eager().run(store.capabilities), leaves="")


@pytest.mark.parametrize("kind", PASSING)
def test_one_fault_in_a_look_unlearns_nothing(
    open_s3: OpenS3, s3_server: S3Server, proxy: FaultProxy, kind: str
) -> None:
    can = told(open_s3(s3_server.url))
    assert can.checksum is STRONG
    open_s3(proxy.url).capabilities()
    whole = len(proxy.seen)
    struck = 0
    for skip in range(whole):
        fault = Fault(kind, target=PROBE, skip=skip, times=1)
        proxy.plan(fault)
        try:
            assert told(open_s3(proxy.url)) == can, f"struck at request {skip}"
        except Missing:
            assert kind in ("no bucket", "archived")  # said, and asked again with the next file
        struck += fault.struck
    assert struck >= 5


def test_a_bucket_that_does_not_answer_is_not_judged(open_s3: OpenS3, proxy: FaultProxy) -> None:
    proxy.plan(Fault("lost reply", "PUT", PROBE, times=ASKED))
    with pytest.raises(Passing):
        open_s3(proxy.url).capabilities()


def test_what_a_bucket_was_not_seen_to_do_is_looked_for_again(
    open_s3: OpenS3, proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = FakeClock()
    monkeypatch.setattr(s3.clock, "monotonic_ns", clock.monotonic_ns)
    store = open_s3(proxy.url)
    proxy.plan(unlearned(NONE))
    assert store.capabilities().checksum is NONE
    clock.advance(s3.BELIEVED // s3.SECOND - 1)
    assert store.capabilities().checksum is NONE
    clock.advance(2)
    proxy.plan(Fault("denied"))
    assert store.capabilities().checksum is NONE, "as it was known, where nothing answers"
    proxy.plan()
    assert store.capabilities().checksum is NONE, "not with each request"
    clock.advance(s3.BELIEVED // s3.SECOND)
    assert store.capabilities().checksum is STRONG


@pytest.mark.parametrize(
    ("first", "second"),
    [(WEAK, STRONG), (STRONG, WEAK), (STRONG, NONE), (WEAK, NONE), (NONE, WEAK), (NONE, STRONG)],
)
@pytest.mark.parametrize(
    "denied",
    [Fault("denied", "POST", COMPLETE), Fault("denied", "PUT", PART + "2")],
    ids=["all", "one"],
)
def test_an_upload_goes_on_with_the_checksum_it_began_with(
    open_s3: OpenS3, s3_server: S3Server, proxy: FaultProxy, tmp_path: Path, first: ChecksumAlgorithm, second: ChecksumAlgorithm, denied: Fault
) -> None:  # fmt: skip
    """Its first run ends midway, and the next one believes something else of the bucket."""
    proxy.plan(unlearned(first), dataclasses.replace(denied))
    case = Case(open_s3(proxy.url), open_s3(s3_server.url), proxy, tmp_path / "clip.mov")
    with pytest.raises(Missing):
        case.send(BIG)
    assert case.store.capabilities().checksum is first
    (begun,) = case.journal.upload_ids
    there = sum(part.size for part in case.straight.list_parts(KEY, begun))
    proxy.plan(unlearned(second))
    case.store = open_s3(proxy.url)
    receipt = case.send(BIG, resume_id=begun)
    assert case.store.capabilities().checksum is second
    case.assert_no_lie(BIG, receipt)
    assert case.journal.upload_ids == [begun]
    assert receipt.sent_bytes == len(BIG) - there
    assert there >= MIB


def test_an_upload_without_parts_is_begun_anew(
    open_s3: OpenS3, s3_server: S3Server, proxy: FaultProxy, tmp_path: Path
) -> None:
    """Nothing tells which checksum it began with, and nothing is lost with it."""
    proxy.plan(unlearned(WEAK), Fault("denied", "PUT", PART))
    case = Case(open_s3(proxy.url), open_s3(s3_server.url), proxy, tmp_path / "clip.mov")
    with pytest.raises(Missing):
        case.send(BIG)
    proxy.plan()
    case.store = open_s3(proxy.url)
    receipt = case.send(BIG, resume_id=case.journal.upload_ids[0])
    case.assert_no_lie(BIG, receipt)
    assert len(case.journal.upload_ids) == 2
    assert receipt.sent_bytes == len(BIG)


def test_a_part_with_another_checksum_than_the_first_goes_again(
    open_s3: OpenS3, s3_server: S3Server, proxy: FaultProxy, tmp_path: Path
) -> None:
    """The last word could not name both."""
    case = Case(open_s3(proxy.url), open_s3(s3_server.url), proxy, tmp_path / "clip.mov")
    begun = case.straight.create_multipart(KEY, metadata=META, checksum_algorithm=WEAK)
    for number, algorithm in enumerate((WEAK, STRONG), 1):
        data = BIG[(number - 1) * MIB : number * MIB]
        checksum = checksum_of(algorithm, data)
        case.straight.put_part(KEY, begun, number, BytesBody(data), checksum=checksum)
    receipt = case.send(BIG, resume_id=begun)
    case.assert_no_lie(BIG, receipt)
    assert case.journal.upload_ids == []
    assert receipt.sent_bytes == len(BIG) - MIB
