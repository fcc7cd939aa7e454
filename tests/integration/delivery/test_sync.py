"""Approved clips on their way to a bucket: nothing without an approval that stands, nothing twice, nothing half."""

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from app.core.catalog import attempts, clip_states, files, merging, renditions, uploads
from app.core.catalog.database import Catalog
from app.core.catalog.renditions import Made
from app.core.catalog.rows import Tx
from app.core.delivery.sync import Sync
from app.core.files import hashing
from app.core.model.entities import Clip, Upload
from app.core.model.events import Entity, Kind
from app.core.model.media import RenditionKind
from app.core.planning.projects import Projects
from app.core.platform import preferences
from app.core.review.decisions import Decisions
from app.core.work import failures
from app.core.work.recipes import Recipe
from tests.support import catalogs
from tests.support.jobs import run_all


class Proxies:
    """Proxies in a folder, by clip name."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def file_of(self, clip: Clip, kind: RenditionKind) -> Path | None:
        path = self.folder / f"{clip.name}.mp4"
        return path if kind is RenditionKind.PROXY and path.is_file() else None


class Desk:
    """Two clips on a disk, a bucket in a folder, and the sync between them."""

    def __init__(self, catalog: Catalog, place: Path) -> None:
        self.catalog, self.place = catalog, place
        self.bucket = place / "bucket"
        for folder in ("disk", "bucket", "proxies"):
            (place / folder).mkdir()
        self.sync = Sync(catalog, Proxies(place / "proxies"), preferences.Sync(grace_seconds=0))
        self.decisions = Decisions(catalog)
        self.volume = catalogs.add_volume(catalog, "Disk", place / "disk")
        self.clips = [self.add(f"A00{n}.mov", bytes([n]) * 5000) for n in (1, 2)]

    def add(self, name: str, data: bytes) -> str:
        path = self.place / "disk" / name
        path.write_bytes(data)
        clip = catalogs.add_clip(self.catalog, self.volume, name)
        seen = path.stat()

        def act(tx: Tx) -> None:
            tx.run(
                "UPDATE file SET size = ?, mtime_ns = ?, full_hash = ?, hashed_sig = 'x' WHERE clip_id = ?",
                seen.st_size,
                seen.st_mtime_ns,
                _hash(path),
                clip,
            )
            merging.settle_content(tx, clip)

        self.catalog.write(act, durable=True)
        return clip

    def proxy(self, clip: str, name: str) -> None:
        path = self.place / "proxies" / f"{name}.mp4"
        path.write_bytes(b"proxy of " + name.encode())
        made = [Made(RenditionKind.PROXY, path.name, path.stat().st_size)]
        self.catalog.write(
            lambda tx: renditions.put(
                tx, renditions.content_of(tx, clip) or "", "derive", 1, "", made
            )
        )

    def target(
        self,
        send: str = "original",
        *,
        confirmed: bool = True,
        template: str = "{project}/{name}.{ext}",
        name: str = "t1",
    ) -> None:
        body = {"name": name, "bucket": "bucket", "endpoint": self.place.as_uri(), "region": "", "profile": "", "send": send, "template": template, "confirmed": confirmed}  # fmt: skip
        catalogs.say(self.catalog, Entity.TARGET, name, Kind.TARGET_ADDED, body)

    def run(self, *names: str) -> list[str]:
        """Everything that is due, recipe by recipe, as the engine would; returns what was done."""
        done: list[str] = []
        for recipe in self.sync.recipes():
            if not names or recipe.name in names:
                done += [recipe.name] * run_all(self.catalog, _Guarded(self.catalog, recipe), 50)
        return done

    def sent(self) -> list[str]:
        return sorted(
            p.relative_to(self.bucket).as_posix()
            for p in self.bucket.rglob("*")
            if p.is_file() and not p.name.startswith(".") and ".rushes" not in str(p)
        )

    def states(self) -> list[str]:
        with self.catalog.read() as reader:
            return sorted(u.state for u in uploads.every(reader))

    def uploads(self) -> Sequence[Upload]:
        with self.catalog.read() as reader:
            return uploads.every(reader)


class _Guarded:
    """A recipe whose failures are stored and block it, as in the engine."""

    def __init__(self, catalog: Catalog, recipe: Recipe) -> None:
        self._catalog, self._recipe = catalog, recipe

    def due(self, reader, limit, focus, /):
        blocked = attempts.blocked(reader, self._recipe.name)
        return [s for s in self._recipe.due(reader, limit, focus) if s.id not in blocked]

    def run(self, context, subject, /) -> None:
        what = (self._recipe.name, subject.id, subject.name)
        failures.attempt(self._catalog, what, lambda: self._recipe.run(context, subject))


def _hash(path: Path) -> str:
    with path.open("rb", buffering=0) as stream:
        return hashing.full_hash(stream)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with catalogs.opened(tmp_path / "home") as catalog:
        catalogs.settle_in(catalog)
        desk = Desk(catalog, tmp_path)
        with contextlib.closing(desk.sync):
            yield desk


def test_an_approved_clip_is_sent_once_and_verified(desk: Desk) -> None:
    desk.target()
    desk.decisions.decide(desk.clips[:1], "approved")
    assert desk.run() == ["queue-uploads", "upload"]
    assert desk.sent() == ["Film/A001.mov"]
    assert (desk.bucket / "Film" / "A001.mov").read_bytes() == bytes([1]) * 5000
    assert desk.states() == ["verified"]
    assert desk.run() == []


@pytest.mark.parametrize(
    "how", ["nothing approved", "rule not confirmed", "rejected", "withdrawn", "pending hash"]
)
def test_nothing_leaves_without_a_standing_approval_and_a_confirmed_rule(
    desk: Desk, how: str
) -> None:
    desk.target(confirmed=how != "rule not confirmed")
    clip = desk.clips[0]
    if how == "pending hash":
        desk.catalog.write(lambda tx: tx.run("UPDATE content SET full_hash = NULL"))
    if how != "nothing approved":
        desk.decisions.decide([clip], "rejected" if how == "rejected" else "approved")
    if how == "withdrawn":
        desk.decisions.withdraw([clip])
    assert desk.run() == []
    assert desk.sync.queue_now() == 0
    assert desk.sent() == []


def test_within_the_grace_nothing_is_queued(desk: Desk) -> None:
    desk.target()
    patient = Sync(desk.catalog, Proxies(desk.place), preferences.Sync(grace_seconds=3600))
    desk.decisions.decide(desk.clips, "approved")
    with desk.catalog.read() as reader, contextlib.closing(patient):
        (queue, *_) = patient.recipes()
        assert list(queue.due(reader, 10, ())) == []
    assert patient.queue_now() == 2, "asked for by hand there is no grace"


@pytest.mark.parametrize("how", ["withdraw", "undo", "reject", "other bytes", "forgotten"])
def test_an_approval_taken_back_in_any_way_stops_the_queue(desk: Desk, how: str) -> None:
    desk.target()
    clip = desk.clips[0]
    desk.decisions.decide([clip], "approved")
    assert desk.sync.queue_now() == 1
    if how == "withdraw":
        desk.decisions.withdraw([clip])
    elif how == "undo":
        desk.decisions.undo()
    elif how == "reject":
        desk.decisions.decide([clip], "rejected")
    elif how == "other bytes":
        desk.catalog.write(lambda tx: tx.run("UPDATE content SET full_hash = 'xxh3-128:99'"))
    else:
        desk.catalog.write(lambda tx: tx.run("UPDATE clip SET retired = 1"))
    assert desk.run("upload") == [], "not even when it comes before the recipe that stops"
    assert desk.run("stop-uploads") == ["stop-uploads"]
    assert desk.states() == ["stopped"]
    assert desk.run() == []
    assert desk.sent() == []


def test_approved_again_it_goes_on(desk: Desk) -> None:
    desk.target()
    desk.decisions.decide(desk.clips[:1], "approved")
    desk.sync.queue_now()
    desk.decisions.undo()
    desk.run()
    desk.decisions.redo()
    assert desk.run() == ["queue-uploads", "upload"]
    assert desk.states() == ["verified"]


def test_taking_back_lists_what_is_there_already(desk: Desk) -> None:
    desk.target()
    desk.decisions.decide(desk.clips, "approved")
    desk.run()
    desk.decisions.withdraw(desk.clips[:1])
    assert desk.sync.withdrawn(desk.clips[:1]) == ["t1: Film/A001.mov"]
    assert desk.sent() == ["Film/A001.mov", "Film/A002.mov"]


def test_a_proxy_that_is_not_made_yet_is_waited_for_without_spinning(desk: Desk) -> None:
    desk.target("both")
    desk.target("proxy", name="t2", template="{project}/proxies/{name}.{ext}")
    desk.decisions.decide(desk.clips[:1], "approved")
    assert desk.run() == ["queue-uploads", "upload"]
    assert desk.run() == []
    desk.proxy(desk.clips[0], "A001")
    assert desk.run() == ["queue-uploads", "upload", "upload"]
    assert desk.sent() == ["Film/A001.mov", "Film/A001_proxy.mp4", "Film/proxies/A001_proxy.mp4"]
    assert desk.run() == []


def test_a_rule_that_comes_later_sends_what_was_approved_before(desk: Desk) -> None:
    desk.target()
    desk.decisions.decide(desk.clips[:1], "approved")
    desk.run()
    desk.target(name="t2", template="{project}/second/{name}.{ext}")
    taken_back = {"field": "confirmed", "value": False}
    catalogs.say(desk.catalog, Entity.TARGET, "t1", Kind.TARGET_CHANGED, taken_back)
    assert desk.run() == ["queue-uploads", "upload"]
    assert desk.sent() == ["Film/A001.mov", "Film/second/A001.mov"]
    assert desk.run() == []


def test_two_clips_of_one_name_get_two_keys(desk: Desk) -> None:
    desk.target(template="{name}.{ext}")
    (desk.place / "disk" / "day 2").mkdir()
    twin = desk.add("day 2/A001.mov", b"another" * 100)
    desk.decisions.decide([desk.clips[0], twin], "approved")
    desk.run()
    first, second = desk.sent()
    assert second == "A001.mov" or first == "A001.mov"
    assert {(desk.bucket / key).stat().st_size for key in (first, second)} == {5000, 700}


def test_the_name_of_the_project_it_was_approved_in_is_in_the_key(desk: Desk) -> None:
    desk.target()
    desk.decisions.decide(desk.clips[:1], "approved")
    Projects(desk.catalog).create("Another film")
    desk.run()
    assert desk.sent() == ["Film/A001.mov"]


def test_a_file_that_changed_is_not_sent_for_another(desk: Desk) -> None:
    desk.target()
    desk.decisions.decide(desk.clips[:1], "approved")
    desk.sync.queue_now()
    (desk.place / "disk" / "A001.mov").write_bytes(b"x" * 5000)
    desk.run("upload")
    assert desk.sent() == []
    (upload,) = desk.uploads()
    assert upload.state in ("failed", "sending")
    assert upload.error


def test_an_original_that_was_deleted_after_its_approval_is_said_to_be_gone(desk: Desk) -> None:
    desk.target()
    desk.decisions.decide(desk.clips[:1], "approved")
    desk.sync.queue_now()
    (desk.place / "disk" / "A001.mov").unlink()

    def act(tx: Tx) -> None:
        files.missing(tx, [int(n) for n in tx.column("SELECT n FROM file WHERE clip_id = ?", desk.clips[0])])  # fmt: skip
        clip_states.refresh_states(tx, desk.clips[:1])

    desk.catalog.write(act)
    desk.run("upload")
    (upload,) = desk.uploads()
    assert upload.state == "sending"
    assert upload.error == "A001: no disk that is connected has it any more."
    assert desk.sent() == []


def test_a_bucket_that_is_not_there_is_said_and_tried_again_when_asked(desk: Desk) -> None:
    desk.target()
    desk.decisions.decide(desk.clips[:1], "approved")
    desk.bucket.rename(desk.place / "away")
    desk.run()
    desk.sync.retry_failed()
    desk.run()
    (upload,) = desk.uploads()
    assert upload.state == "failed"
    assert upload.error
    desk.sync.wait(lambda: False)
    (desk.place / "away").rename(desk.bucket)
    assert desk.sync.retry_failed() == 1
    assert desk.run("upload") == ["upload"]
    assert desk.states() == ["verified"]


def test_waiting_ends_where_an_upload_stands_still(desk: Desk) -> None:
    """Our own bug in the middle of one must not keep `sync --until-done` for ever."""
    desk.target()
    desk.decisions.decide(desk.clips[:1], "approved")
    desk.sync.queue_now()
    (upload,) = desk.uploads()
    error = {"title": "Something in Rushes went wrong"}
    desk.catalog.write(lambda tx: attempts.stopped(tx, "upload", upload.id, error))
    desk.sync.wait(lambda: False)
    assert desk.states() == ["queued"]
    desk.catalog.write(lambda tx: uploads.retry(tx, upload.id))
    desk.run("upload")
    assert desk.states() == ["verified"]


class TestJournal:
    """What a resumed upload needs is in the catalog before the act."""

    def test_parts_add_up_and_a_new_multipart_begins_anew(self, desk: Desk) -> None:
        desk.target()
        desk.decisions.decide(desk.clips[:1], "approved")
        desk.sync.queue_now()
        (upload,) = desk.uploads()

        def begin(tx: Tx) -> None:
            uploads.set_multipart(tx, upload.id, "m1", 5 << 20)
            uploads.add_part(tx, upload.id, 2, 7, "e2", "c2")
            uploads.add_part(tx, upload.id, 1, 5, "e1", "c1")
            uploads.add_part(tx, upload.id, 2, 8, "e2b", "c2b")

        desk.catalog.write(begin, durable=True)
        with desk.catalog.read() as reader:
            assert uploads.parts(reader, upload.id) == [(1, 5, "e1", "c1"), (2, 8, "e2b", "c2b")]
            found = uploads.get(reader, upload.id)
            assert found
            assert (found.sent, found.multipart_id, found.part_size) == (13, "m1", 5 << 20)
            assert uploads.tally(reader) == (0, 1)
            assert uploads.multiparts(reader, "t1") == ({"Film/A001.mov"}, {"m1"})
        desk.catalog.write(lambda tx: uploads.set_multipart(tx, upload.id, "m2", 5 << 20))
        with desk.catalog.read() as reader:
            assert uploads.parts(reader, upload.id) == []

    def test_a_key_that_stands_for_other_bytes_is_left_alone(self, desk: Desk) -> None:
        def want(tx: Tx, found: str) -> str | None:
            return uploads.want(
                tx,
                target_id="t",
                clip_id="c",
                key="d/a.mov",
                source="original:f",
                size=1,
                content_hash=found,
                wanted_for="w",
            )

        first = desk.catalog.write(lambda tx: want(tx, "xxh3-128:1111111122"))
        assert desk.catalog.write(lambda tx: want(tx, "xxh3-128:1111111122")) is None
        second = desk.catalog.write(lambda tx: want(tx, "xxh3-128:2222222233"))
        with desk.catalog.read() as reader:
            keys = {u.id: u.key for u in uploads.every(reader)}
        assert keys == {first: "d/a.mov", second: "d/a-22222222.mov"}

    def test_an_error_of_ours_is_no_error_of_the_bucket(self, desk: Desk) -> None:
        desk.target()
        desk.decisions.decide(desk.clips[:1], "approved")
        desk.sync.queue_now()
        path = desk.place / "disk" / "A001.mov"
        path.rename(desk.place / "unplugged")
        desk.run("upload")
        (upload,) = desk.uploads()
        assert upload.state == "sending", "an original that is offline is waited for"
        with desk.catalog.read() as reader:
            (failure,) = attempts.every(reader)
        assert failure.error["family"] == "you can fix it"
        assert not failure.stopped
        (desk.place / "unplugged").rename(path)
        desk.catalog.write(attempts.wake)
        desk.run("upload")
        assert desk.states() == ["verified"]
