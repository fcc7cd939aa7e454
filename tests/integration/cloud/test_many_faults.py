"""Faults by the hundred on the way to a real S3 server: how much they cost, and that nothing is lost or said twice.

Each figure is printed (`-s`), and each upload held against its file byte by byte.
"""

import random
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core.cloud import transfer
from app.core.cloud.pacing import Backoff
from app.core.cloud.s3 import S3Store
from app.core.cloud.sending import Control, Receipt
from app.core.cloud.store import ObjectInfo
from app.core.cloud.verifying import Evidence, read_back
from app.core.model.errors import Damage, Passing
from app.core.platform.pacing import SECOND
from tests.integration.cloud.conftest import OpenS3
from tests.support.s3_fault_proxy import Fault, FaultProxy
from tests.support.s3_server import DIRECT, S3Server
from tests.support.uploading import (
    MIB,
    FakeTimer,
    ListJournal,
    content,
    content_hash,
    eager,
    plain_file,
    wanted,
    written,
)

pytestmark = pytest.mark.s3
BIG = content(2 * MIB + 7)
SMALL = content(40_000, seed=2)
DATA = [pytest.param(SMALL, id="small"), pytest.param(BIG, id="big")]
COMPLETE = r"\?uploadId="
KEY = "day/clip.mov"
STORM = 300 * SECOND


class Way:
    """A store behind a proxy, and a straight one."""

    def __init__(self, store: S3Store, straight: S3Store, proxy: FaultProxy, path: Path) -> None:
        self.store, self.straight, self.proxy, self.path = store, straight, proxy, path
        store.capabilities()
        proxy.forget()

    def send(self, data: bytes, key: str = KEY, backoff: Backoff | None = None) -> Receipt:
        return transfer.upload(
            self.store,
            plain_file(written(self.path, data)),
            wanted(data, key),
            ListJournal(),
            control=Control(backoff=backoff or eager()),
        )

    def there(self, key: str = KEY) -> ObjectInfo:
        info = self.straight.head(key)
        assert info is not None
        return info

    def is_whole(self, data: bytes, key: str = KEY) -> bool:
        return read_back(self.straight, self.there(key)) == content_hash(data)


def in_its_own_time(clock: FakeTimer, number: int) -> Backoff:
    """A back-off on a clock of its own, with dice that fall alike in each run."""
    return Backoff(timer=clock.timer(), chance=random.Random(number).random)


def say(figure: str) -> None:
    """Shown with `-s`."""
    sys.stdout.write(f"\n{figure}\n")


@pytest.fixture
def way(open_s3: OpenS3, s3_server: S3Server, proxy: FaultProxy, tmp_path: Path) -> Way:
    return Way(open_s3(proxy.url), open_s3(s3_server.url), proxy, tmp_path / "clip.mov")


@pytest.fixture
def clone(
    request: pytest.FixtureRequest, open_s3: OpenS3, s3_server: S3Server, tmp_path: Path
) -> Iterator[Way]:
    """A store that lacks what the parameter names."""
    with FaultProxy(s3_server.url, **dict.fromkeys(request.param, True)) as proxy:
        yield Way(open_s3(proxy.url), open_s3(s3_server.url), proxy, tmp_path / "clip.mov")


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("count", [12, pytest.param(200, marks=pytest.mark.long)])
def test_every_fifth_request_is_cut_and_all_arrive(way: Way, count: int) -> None:
    """Nobody hears of it: no request runs out of patience, so no upload fails even once."""
    way.proxy.plan(Fault("reset", thousandths=200))
    sizes = [3 * MIB - 5 if n % 5 == 0 else 40_000 + n for n in range(count)]
    sent = sum(way.send(content(size, n), f"c{n}").sent_bytes for n, size in enumerate(sizes))
    cut = sum(one.fault == "reset" for one in way.proxy.seen)
    assert all(way.is_whole(content(size, n), f"c{n}") for n, size in enumerate(sizes))
    assert list(way.straight.list_multipart("")) == []
    extra = 100 * (sent - sum(sizes)) / sum(sizes)
    asked = len(way.proxy.seen)
    say(f"{count} uploads, {cut} of {asked} requests cut: {extra:.1f} % more bytes")
    assert cut > asked // 10
    # No body goes before the bucket has asked for it, so a request that is cut at its head costs next to nothing.
    assert extra < 5


def test_only_half_a_part_is_lost_with_a_part_that_is_cut(way: Way) -> None:
    way.proxy.plan(Fault("reset midway", target="partNumber=2", times=3))
    way.send(BIG)
    assert way.is_whole(BIG)
    assert way.proxy.received("PUT", "partNumber=[13]") == len(BIG) - MIB
    assert way.proxy.received("PUT", "partNumber=2") == MIB + 3 * MIB // 2


@pytest.mark.parametrize("data", DATA)
@pytest.mark.parametrize("clone", [(), ("no_conditions",)], indirect=True, ids=["s3", "clone"])
def test_a_lost_answer_makes_no_second_version(
    clone: Way, s3_server: S3Server, bucket: str, data: bytes
) -> None:
    words = b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
    address = f"{s3_server.url}/{bucket}"
    DIRECT.open(urllib.request.Request(f"{address}?versioning", words, method="PUT")).close()
    method, target = ("PUT", "") if data is SMALL else ("POST", COMPLETE)
    clone.proxy.plan(Fault("lost reply", method, target, times=1))
    clone.send(data)
    with DIRECT.open(f"{address}?versions&prefix=day/") as answer:
        assert answer.read().count(b"<VersionId>") == 1
    assert clone.is_whole(data)


@pytest.mark.long
@pytest.mark.timeout(600)
def test_a_storm_of_five_minutes_slows_everyone_down_each_in_his_own_time(way: Way) -> None:
    """Nine of ten requests are refused for five minutes on a clock that only sleeping moves; eight files of 12 parts.

    Each file has its own clock, as if they went at the same time.
    """
    data = content(11 * MIB + 7)
    asked: list[int] = []
    pauses: list[tuple[int, ...]] = []
    for number in range(8):
        clock = FakeTimer()

        def refusing(clock: FakeTimer = clock) -> bool:
            asked.append(clock.time)
            return clock.time < STORM

        way.proxy.plan(Fault("slow down", method="PUT", thousandths=900, when=refusing))
        way.send(data, f"c{number}", backoff=in_its_own_time(clock, number))
        assert way.is_whole(data, f"c{number}")
        pauses.append(tuple(clock.slept))
    storm = [at for at in asked if at < STORM]
    a_second = len(storm) / 8 / 300
    say(f"{len(storm)} requests of 8 uploads in 300 s: {a_second:.2f}/s each")
    assert a_second < 0.5
    assert len(set(pauses)) == 8, "no two wait alike"


def test_the_longer_a_request_is_refused_the_more_seldom_it_is_made(way: Way) -> None:
    """Everything is refused for five minutes: what one request costs the bucket in each of them."""
    asked: list[list[int]] = []
    for number in range(8):
        clock, mine = FakeTimer(), []

        def refusing(clock: FakeTimer = clock, mine: list[int] = mine) -> bool:
            mine.append(clock.time)
            return clock.time < STORM

        way.proxy.plan(Fault("slow down", method="PUT", when=refusing))
        way.send(SMALL, f"c{number}", backoff=in_its_own_time(clock, number))
        assert way.is_whole(SMALL, f"c{number}")
        asked.append(mine)
    minutes = [
        sum(at // (60 * SECOND) == minute for mine in asked for at in mine) / 8
        for minute in range(5)
    ]
    say(f"requests a minute for one file: {minutes}")
    assert minutes[0] > 2 * max(minutes[1:])
    assert max(minutes[1:]) < 8
    second = [mine[1] for mine in asked]
    assert max(second) - min(second) > SECOND // 20, "they do not come back all at once"


def test_a_bucket_that_only_says_done_is_not_believed(way: Way) -> None:
    way.proxy.plan(Fault("said done", "POST", COMPLETE))
    with pytest.raises(Passing, match="does not show yet"):
        way.send(BIG)
    assert way.straight.head(KEY) is None
    assert len(list(way.straight.list_multipart(""))) == 1, "its parts are kept for the next run"


def test_an_answer_cut_off_in_the_middle_is_no_upload(way: Way) -> None:
    """The object is there then, and found out by looking."""
    way.proxy.plan(Fault("cut down", "POST", COMPLETE, times=1))
    assert way.send(BIG).evidence is Evidence.CHECKSUM
    assert way.is_whole(BIG)


LENIENT = [("no_checksums",), ("no_checksums", "own_etags")]


@pytest.mark.parametrize("clone", LENIENT, indirect=True, ids=["md5", "own etags"])
@pytest.mark.parametrize("data", DATA)
def test_what_a_clone_damages_is_never_said_to_be_safe(clone: Way, data: bytes) -> None:
    """A clone that checks nothing: by its ETags, or by reading all of it back."""
    target = "partNumber=2" if data is BIG else ""
    clone.proxy.plan(Fault("flip up", "PUT", target, times=1))
    try:
        receipt = clone.send(data)
    except Damage:
        assert not clone.is_whole(data)
        return
    assert receipt.evidence is Evidence.ETAG
    assert clone.is_whole(data)


@pytest.mark.parametrize("clone", LENIENT[1:], indirect=True, ids=["own etags"])
@pytest.mark.parametrize("kind", ["flip down", "cut down"])
@pytest.mark.parametrize("times", [1, 2])
def test_bytes_damaged_on_the_way_down_are_fetched_again_before_the_bucket_is_blamed(
    clone: Way, kind: str, times: int
) -> None:
    clone.proxy.plan(Fault(kind, "GET", times=times))
    if (kind, times) == ("flip down", 2):
        with pytest.raises(Damage, match="not what was sent"):
            clone.send(SMALL)
        return
    assert clone.send(SMALL).evidence is Evidence.READ_BACK
    assert clone.proxy.count("GET") == 1 + times
