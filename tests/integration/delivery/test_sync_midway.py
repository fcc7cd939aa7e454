"""An upload that is met halfway: an approval taken back, a call to stop, a bucket that is busy."""

import contextlib
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.core.catalog import attempts, uploads
from app.core.cloud import claims, sending, transfer
from app.core.cloud.folder import FolderStore
from app.core.cloud.store import PartsRefused
from app.core.delivery.sync import Sync
from app.core.model.entities import Upload
from app.core.model.errors import Passing
from app.core.platform import preferences
from app.core.work import failures
from app.core.work.recipes import Context, Job
from tests.integration.delivery.test_sync import Desk, Proxies
from tests.support import catalogs

MIB = 1 << 20
LIMIT = 10_000_000
"""Kilobytes a second: no test waits for it."""


class Midway(Desk):
    """A desk that sends one clip in four parts, one after the other."""

    def __init__(self, catalog, place: Path) -> None:
        super().__init__(catalog, place)
        self.sync.close()
        settings = preferences.Sync(LIMIT, part_size_mb=1, workers=1, grace_seconds=0)
        self.sync = Sync(catalog, Proxies(place / "proxies"), settings)
        self.target()
        self.clip = self.add("long.mov", bytes(range(256)) * (4 * MIB // 256))
        self.decisions.decide([self.clip], "approved")
        assert self.sync.queue_now() == 1

    @property
    def upload(self) -> Upload:
        (upload,) = self.uploads()
        return upload

    def parts(self) -> int:
        with self.catalog.read() as reader:
            return len(uploads.parts(reader, self.upload.id))

    def send(self, halfway: Callable[[Job], object]) -> None:
        """Sends, and does something when a part is there."""
        recipe = next(r for r in self.sync.recipes() if r.name == "upload")
        with self.catalog.read() as reader:
            (subject,) = recipe.due(reader, 10, ())
        waiting = [halfway]

        def progressed(job: Job) -> None:
            if self.parts() and waiting:
                waiting.pop()(job)

        context = Context(self.catalog, Job(recipe, subject, threading.Event()), progressed)
        what = (recipe.name, subject.id, subject.name)
        failures.attempt(self.catalog, what, lambda: recipe.run(context, subject))
        assert not waiting, "it was met halfway"


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Midway]:
    monkeypatch.setattr(sending, "MIN_PART", MIB)
    with catalogs.opened(tmp_path / "home") as catalog:
        catalogs.settle_in(catalog)
        desk = Midway(catalog, tmp_path)
        with contextlib.closing(desk.sync):
            yield desk


def test_an_approval_taken_back_halfway_stops_it_there(desk: Midway) -> None:
    desk.send(lambda _: desk.decisions.withdraw([desk.clip]))
    assert 1 <= desk.parts() < 4
    assert desk.sent() == []
    assert desk.run() == ["stop-uploads"]
    assert desk.states() == ["stopped"]


def test_what_failed_and_is_wanted_no_more_is_no_failure_any_more(desk: Midway) -> None:
    """Nobody would ever try it again: it would be told for ever."""
    (desk.place / "disk" / "long.mov").unlink()
    desk.run("upload")
    with desk.catalog.read() as reader:
        assert [one.recipe for one in attempts.every(reader)] == ["upload"]
    desk.decisions.withdraw([desk.clip])
    assert desk.run("stop-uploads") == ["stop-uploads"]
    assert desk.states() == ["stopped"]
    with desk.catalog.read() as reader:
        assert attempts.every(reader) == []


def test_called_off_halfway_it_goes_on_with_the_parts_that_are_there(desk: Midway) -> None:
    desk.send(lambda job: job.cancelled.set())
    first, there = desk.upload, desk.parts()
    assert (first.state, bool(first.multipart_id)) == ("sending", True)
    assert 1 <= there < 4
    assert desk.sent() == []
    assert desk.run("upload") == ["upload"]
    assert (desk.states(), desk.sent()) == (["verified"], ["Film/long.mov"])
    assert desk.upload.multipart_id == first.multipart_id
    assert (desk.bucket / "Film" / "long.mov").read_bytes() == (
        desk.place / "disk" / "long.mov"
    ).read_bytes()


def test_given_up_by_the_bucket_it_begins_anew_and_so_does_the_journal(desk: Midway) -> None:
    store = FolderStore(desk.bucket)
    desk.send(lambda job: job.cancelled.set())
    (old,) = store.list_multipart("")
    upload = desk.upload.id
    desk.catalog.write(lambda tx: uploads.add_part(tx, upload, 4, MIB, "of the fourth", ""))
    store.abort(old.key, old.upload_id)
    desk.send(lambda job: job.cancelled.set())
    (new,) = store.list_multipart("")
    assert desk.upload.multipart_id == new.upload_id != old.upload_id
    with desk.catalog.read() as reader:
        named = {(number, etag) for number, _, etag, _ in uploads.parts(reader, upload)}
    assert named <= {(part.number, part.etag) for part in store.list_parts(new.key, new.upload_id)}
    assert desk.run("upload") == ["upload"]
    assert (desk.states(), desk.sent()) == (["verified"], ["Film/long.mov"])


def test_a_part_that_the_bucket_lost_goes_again_by_itself(
    desk: Midway, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[int] = []
    real = FolderStore.put_part

    def counted(store: FolderStore, key: str, upload_id: str, number: int, *what, **how):
        sent.append(number)
        return real(store, key, upload_id, number, *what, **how)

    monkeypatch.setattr(FolderStore, "put_part", counted)

    def lose(_job: Job) -> None:
        (part,) = desk.bucket.glob(".rushes/multipart/*/00001")
        part.unlink()

    desk.send(lose)
    assert (desk.states(), desk.sent()) == (["verified"], ["Film/long.mov"])
    assert sorted(sent) == [1, 1, 2, 3, 4]
    assert desk.parts() == 4
    assert (desk.bucket / "Film" / "long.mov").read_bytes() == (
        desk.place / "disk" / "long.mov"
    ).read_bytes()


def test_an_upload_that_its_bucket_contradicts_is_begun_anew_by_itself(
    desk: Midway, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[str] = []
    real = FolderStore.complete

    def refusing(store: FolderStore, key: str, upload_id: str, *what, **how) -> str:
        begun.append(upload_id)
        if upload_id == begun[0]:
            raise PartsRefused("The parts do not fit", "It says so.", subject=store.place)
        return real(store, key, upload_id, *what, **how)

    monkeypatch.setattr(FolderStore, "complete", refusing)
    assert desk.run("upload") == ["upload"]
    assert (desk.states(), desk.sent()) == (["verified"], ["Film/long.mov"])
    assert begun.count(begun[0]) == claims.TIMES == len(begun) - 1
    assert desk.upload.multipart_id == begun[-1]
    assert desk.parts() == 4
    assert list(FolderStore(desk.bucket).list_multipart("")) == []


def test_parts_that_are_gone_count_no_more(desk: Midway) -> None:
    """What a list shows of an upload is what its bucket has, from the first moment of the next run."""
    desk.send(lambda job: job.cancelled.set())
    (part,) = desk.bucket.glob(".rushes/multipart/*/00001")
    part.unlink()
    desk.catalog.write(lambda tx: uploads.add_part(tx, desk.upload.id, 4, MIB, "of the fourth", ""))
    seen: list[set[int]] = []

    def look(job: Job) -> None:
        with desk.catalog.read() as reader:
            seen.append({number for number, *_ in uploads.parts(reader, desk.upload.id)})
        job.cancelled.set()

    desk.send(look)
    assert 4 not in seen[0]
    assert desk.run("upload") == ["upload"]
    assert (desk.states(), desk.sent()) == (["verified"], ["Film/long.mov"])


def test_withdrawn_while_it_waits_it_is_stopped_at_once(desk: Midway) -> None:
    assert desk.sync.withdrawn([desk.clip]) == []
    assert desk.states() == ["stopped"]


def test_what_a_busy_bucket_held_up_waits_and_goes_on_when_asked(
    desk: Midway, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object, **__: object) -> None:
        raise Passing("The bucket is busy", "Slow down.", subject="long.mov")

    with monkeypatch.context() as patch:
        patch.setattr(transfer, "upload", busy)
        assert desk.run("upload") == ["upload"]
    assert (desk.states(), desk.upload.error) == (["sending"], "Slow down.")
    with desk.catalog.read() as reader:
        assert uploads.due(reader, 10) == []
    assert desk.run("upload") == [], "not at once"
    desk.sync.try_now()
    assert desk.run("upload") == ["upload"]
    assert desk.states() == ["verified"]
    assert not desk.upload.error


def test_no_more_is_sent_a_second_than_was_chosen(
    desk: Midway, monkeypatch: pytest.MonkeyPatch
) -> None:
    rates: list[int] = []
    real = transfer.upload

    def told(*what, control, **how):
        rates.append(control.limiter.rate)
        return real(*what, control=control, **how)

    monkeypatch.setattr(transfer, "upload", told)
    assert desk.run("upload") == ["upload"]
    assert rates == [LIMIT * 1000]
