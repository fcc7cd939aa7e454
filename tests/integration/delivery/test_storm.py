"""A whole day's uploads while everything on the way to a real S3 server fails at random.

The sync, the journal in the catalog and the server are the real ones; the person asks for another try
after each round, as the faults that only a person can mend want it.
"""

import contextlib
import random
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core.catalog import attempts
from app.core.catalog.database import Catalog
from app.core.cloud import sending
from app.core.cloud.places import Place
from app.core.cloud.s3 import S3Store
from app.core.cloud.s3_client import Patience
from app.core.delivery import stores, sync
from app.core.delivery.stores import Stores
from app.core.delivery.targets import Targets
from app.core.model.events import Entity, Kind
from tests.integration.delivery.test_sync import Desk
from tests.support import catalogs
from tests.support.s3_fault_proxy import Fault, FaultProxy
from tests.support.s3_server import DIRECT, S3Server
from tests.support.uploading import MIB, FakeTimer, content, eager

pytestmark = pytest.mark.s3
COMPLETE = r"\?uploadId="
PASSING = [
    ("reset", "", ""),
    ("reset midway", "PUT", ""),
    ("lost reply", "", ""),
    ("slow down", "", ""),
    ("internal", "", ""),
    ("flip up", "PUT", ""),
    ("cut down", "", ""),
    ("conflict", "PUT", r"^[^?]*$"),
    ("conflict", "POST", COMPLETE),
    ("error in 200", "POST", COMPLETE),
    ("said done", "POST", COMPLETE),
]
A_PERSON_MENDS = [
    ("expired", "", ""),
    ("denied", "PUT", ""),
    ("skew", "", ""),
    ("wrong key", "", ""),
]
SILENT = [("hang", "", ""), ("hang after", "PUT", "")]
ROUNDS = 60
DAY = 24 * 60 * 60 * 1000


class Stormy(Desk):
    """Clips of two sizes on a disk, approved, and a target behind the proxy."""

    def __init__(self, catalog: Catalog, place: Path, proxy: FaultProxy) -> None:
        super().__init__(catalog, place)
        self.proxy = proxy
        body = {"name": "t1", "bucket": "bucket", "endpoint": proxy.url, "region": "", "profile": "", "send": "original", "template": "{name}.{ext}", "confirmed": True}  # fmt: skip
        catalogs.say(catalog, Entity.TARGET, "t1", Kind.TARGET_ADDED, body)
        self.rounds = 0

    def fill(self, count: int) -> None:
        """So many clips, a fifth of them of several parts; all are approved."""
        found = [
            self.add(f"c{n:03}.mov", content(2 * MIB + n if n % 5 == 0 else 40_000 + n, seed=n))
            for n in range(count)
        ]
        self.decisions.decide(found, "approved")
        assert self.sync.queue_now() == count

    def round(self) -> bool:
        """Everything gets its turn once; whether something is left."""
        self.rounds += 1
        self.catalog.write(attempts.wake)
        self.sync.try_now()
        self.sync.retry_failed()
        while self.run("upload"):
            continue  # a hundred at a time
        return any(one.state != "verified" for one in self.uploads())

    def lies(self) -> list[str]:
        """Keys that are said to be verified and do not hold their file."""
        found: list[str] = []
        for one in self.uploads():
            if one.state == "verified":
                with DIRECT.open(f"{self.server}/bucket/{one.key}") as answer:
                    there = answer.read()
                if there != (self.place / "disk" / one.key).read_bytes():
                    found.append(one.key)
        return found

    server = ""


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stormy]:
    def plain(place: Place) -> S3Store:
        return S3Store(place, secret=lambda _: None)

    monkeypatch.setattr(sending, "MIN_PART", MIB)
    monkeypatch.setattr(sync, "part_size_for", lambda _size, _usual: MIB)
    monkeypatch.setattr(stores.places, "open_store", plain)
    monkeypatch.setattr(sync, "Backoff", lambda patience: eager(FakeTimer(), patience=patience))
    with (
        S3Server(buckets=("bucket",)) as server,
        FaultProxy(server.url) as proxy,
        catalogs.opened(tmp_path / "home") as catalog,
    ):
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        catalogs.settle_in(catalog)
        desk = Stormy(catalog, tmp_path, proxy)
        desk.server = server.url
        with contextlib.closing(desk.sync):
            yield desk


def impatient(place: Place) -> S3Store:
    """Gives what hangs up after a second. A server that only is slow on a busy machine looks like that as well."""
    return S3Store(place, secret=lambda _: None, patience=Patience(read=1))


def storm(desk: Stormy, percent: int, kinds: list[tuple[str, str, str]]) -> list[Fault]:
    """So many of a hundred requests go wrong, the kinds alike."""
    # About nine kinds fit any one request.
    share = max(percent * 10 // 9, 1)
    faults = [
        Fault(kind, method, target, thousandths=share, dice=random.Random(seed))
        for seed, (kind, method, target) in enumerate(kinds)
    ]
    desk.proxy.plan(*faults)
    return faults


@pytest.mark.timeout(3600)
@pytest.mark.parametrize(
    ("count", "percent"),
    [
        (8, 20),
        pytest.param(300, 1, marks=pytest.mark.long),
        pytest.param(300, 20, marks=pytest.mark.long),
    ],
)
def test_in_a_storm_of_everything_all_arrive_and_nothing_is_said_that_is_not_so(
    desk: Stormy, count: int, percent: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.fill(count)
    silent = SILENT if count > 8 else []
    if silent:
        monkeypatch.setattr(stores.places, "open_store", impatient)
    kinds = [*PASSING, *A_PERSON_MENDS, *silent]
    faults = storm(desk, percent, kinds)
    while desk.round():
        assert desk.lies() == []
        assert desk.rounds < ROUNDS
    struck = Counter[str]()
    for fault in faults:
        struck[fault.kind] += fault.struck
    # What hangs is in the proxy's account only once it ends.
    asked = len(desk.proxy.seen) + struck["hang"] + struck["hang after"]
    desk.proxy.plan()
    assert desk.lies() == []
    assert desk.states() == ["verified"] * count
    (target,) = Targets(desk.catalog).every()
    store = sync.Stores(desk.catalog).of(target)
    left = len(list(store.list_multipart("")))
    monkeypatch.setattr(stores, "DAY_MS", -DAY)
    swept = Stores(desk.catalog).of(target)
    assert list(swept.list_multipart("")) == []
    store.close()
    swept.close()
    sys.stdout.write(
        f"\n{count} uploads at {percent} %: {sum(struck.values())} faults in {asked} requests, {desk.rounds} rounds,"
        f" {left} uploads open before the sweep, {dict(struck)}\n"
    )
    # An upload that was begun stays open where the answer to that, or to giving it up, was lost: never more than such faults.
    assert left <= sum(struck.values())


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("count", [8, pytest.param(300, marks=pytest.mark.long)])
def test_every_fifth_request_cut_is_not_worth_a_word(desk: Stormy, count: int) -> None:
    """All arrive in one go: no failure is shown, no line is written above INFO."""
    desk.fill(count)
    desk.proxy.plan(Fault("reset", thousandths=200))
    assert not desk.round()
    with desk.catalog.read() as reader:
        assert attempts.every(reader) == []
    assert desk.lies() == []
