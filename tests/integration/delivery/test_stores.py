"""Each bucket is opened once, and what a killed run left in it is given up: ours, old, and nothing else."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core.catalog import uploads
from app.core.catalog.database import Catalog
from app.core.cloud.folder import FolderStore
from app.core.cloud.store import ChecksumAlgorithm, ObjectStore
from app.core.delivery import stores
from app.core.delivery.stores import Stores
from app.core.model.entities import Target

CRC = ChecksumAlgorithm.CRC64NVME
DAY = 24 * 60 * 60 * 1000


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    home = tmp_path / "home"
    home.mkdir()
    opened = Catalog.open(home)
    yield opened
    opened.close()


@pytest.fixture
def target(tmp_path: Path) -> Target:
    (tmp_path / "bucket").mkdir()
    return Target("t1", "Disk", "bucket", tmp_path.as_uri(), "", "", "original", "{name}", True)


@pytest.fixture
def bucket(tmp_path: Path, target: Target) -> ObjectStore:
    return FolderStore(tmp_path / target.bucket)


def begin(bucket: ObjectStore, key: str) -> str:
    return bucket.create_multipart(key, metadata={}, checksum_algorithm=CRC)


def wanted(catalog: Catalog, key: str, state: str, multipart: str, target: str = "t1") -> None:
    def act(tx) -> None:
        upload = uploads.want(
            tx,
            target_id=target,
            clip_id="c",
            key=key,
            source="original:f",
            size=1,
            content_hash="xxh3-128:00",
            wanted_for="xxh3-128:00",
        )
        uploads.set_multipart(tx, str(upload), multipart or None, 0)
        uploads.set_state(tx, str(upload), state)

    catalog.write(act)


@pytest.fixture
def left(catalog: Catalog, bucket: ObjectStore) -> set[str]:
    """Uploads of every fate; the keys that must stay open."""
    for key, state in (("going", "sending"), ("waiting", "queued"), ("broken", "failed")):
        wanted(catalog, key, state, begin(bucket, key))
    wanted(catalog, "taken back", "stopped", begin(bucket, "taken back"))
    wanted(catalog, "unnamed", "sending", "")
    begin(bucket, "unnamed")
    begin(bucket, ".rushes.other/probe")
    begin(bucket, "somebody else's")
    return {"going", "waiting", "broken", ".rushes.other/probe", "somebody else's"}


def test_what_nobody_will_resume_is_given_up_and_no_more(
    catalog: Catalog,
    target: Target,
    bucket: ObjectStore,
    left: set[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(stores, "DAY_MS", -DAY)
    Stores(catalog).of(target)
    assert {one.key for one in bucket.list_multipart("")} == left


def test_what_another_target_of_the_same_bucket_sends_is_left(
    catalog: Catalog, target: Target, bucket: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted(catalog, "day/a.mov", "stopped", "")
    wanted(catalog, "day/a.mov", "sending", begin(bucket, "day/a.mov"), target="t2")
    monkeypatch.setattr(stores, "DAY_MS", -DAY)
    Stores(catalog).of(target)
    assert [one.key for one in bucket.list_multipart("")] == ["day/a.mov"]


def test_what_is_young_may_be_another_desks(
    catalog: Catalog, target: Target, bucket: ObjectStore, left: set[str]
) -> None:
    Stores(catalog).of(target)
    assert {one.key for one in bucket.list_multipart("")} == left | {"taken back", "unnamed"}


def test_a_bucket_is_opened_once_and_anew_when_its_address_changes(
    catalog: Catalog, target: Target, tmp_path: Path
) -> None:
    kept = Stores(catalog)
    assert kept.of(target) is kept.of(target)
    (tmp_path / "another").mkdir()
    moved = Target("t1", "Disk", "another", target.endpoint, "", "", "original", "{name}", True)
    assert kept.of(moved).place != kept.of(target).place
    kept.close()


def test_a_bucket_that_is_not_there_is_met_when_it_is_used(
    catalog: Catalog, target: Target, tmp_path: Path
) -> None:
    (tmp_path / "bucket").rmdir()
    store = Stores(catalog).of(target)
    assert store.place == str(tmp_path / "bucket")
