"""Any order of what people, buckets, networks and kills do to the uploads of a catalog, and what must hold after each.

The sync, its journal and the catalog are the real ones; the bucket is honest, the way to it is not.
"""

import contextlib
import os
import shutil
import tempfile
import threading
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from app.core.catalog import attempts, decisions, events, library, merging, projects, uploads
from app.core.catalog.database import Catalog
from app.core.catalog.events import Draft
from app.core.catalog.rows import Tx
from app.core.cloud import sending
from app.core.cloud.pacing import Backoff
from app.core.delivery import stores, sync
from app.core.delivery.stores import Stores
from app.core.delivery.sync import Sync
from app.core.files import hashing
from app.core.model.entities import Upload
from app.core.model.errors import Refused
from app.core.model.events import Entity, Kind
from app.core.platform import preferences
from app.core.review.decisions import Decisions
from app.core.work import failures
from app.core.work.recipes import Context, Job, Recipe
from tests.integration.delivery.buckets import Bucket
from tests.integration.delivery.test_sync import Proxies
from tests.support import catalogs
from tests.support.upload_faults import FAULTS, Crash, MoodyStore
from tests.support.uploading import MIB, FakeTimer, content_hash, eager

NAMES = ("short.mov", "long.mov", "again/short.mov")
SIZES = {"short.mov": 5000, "long.mov": 2 * MIB + 9, "again/short.mov": 700}
TARGETS = ("t1", "t2")
"""Both send to one bucket, and the same files under the same keys; two files have one name."""
STATE = ("confirmed", "removed")
ACTS = ("stopped", "withdrawn", "written over", "taken")
MOODS = st.lists(st.sampled_from(("", "", "flip", *FAULTS, *ACTS)), max_size=9)
CLIP = st.sampled_from(NAMES)
PICK = st.integers(0, 5)
DAY = 24 * 60 * 60 * 1000
FOREIGN = b"somebody else's"


class UploadMachine(RuleBasedStateMachine):
    """A disk, a catalog, a bucket, and what truly lies in each."""

    def new_bucket(self, kind: str) -> Bucket:
        """An empty bucket of one of the kinds."""
        raise NotImplementedError

    kinds: tuple[str, ...] = ()
    counts: ClassVar[dict[str, int]] = {
        "examples": 0,
        "steps": 0,
        "requests": 0,
        "verified": 0,
        "crashes": 0,
    }

    @initialize(data=st.data())
    def begin(self, data: st.DataObject) -> None:
        """Three clips, two confirmed targets, an empty bucket."""
        self.counts["examples"] += 1
        self.patch = pytest.MonkeyPatch()
        self.base = Path(tempfile.mkdtemp(prefix="uploads"))
        (self.base / "disk" / "again").mkdir(parents=True)
        self.bucket = self.new_bucket(data.draw(st.sampled_from(self.kinds)))
        acts = {name: getattr(self, f"_{name.replace(' ', '_')}") for name in ACTS}
        self.store = MoodyStore(self.bucket.store, acts)
        self.patch.setattr(sending, "MIN_PART", MIB)
        self.patch.setattr(stores, "DAY_MS", -DAY)
        self.patch.setattr(stores.places, "open_store", lambda _place: self.store)
        self.patch.setattr(sync, "Backoff", self._patience)
        self.foreign: dict[str, bytes] = {}
        """What others put into the bucket and did not take away again."""
        self.verified: set[str] = set()
        self.open_before: frozenset[str] = frozenset()
        self._open()
        catalogs.settle_in(self.catalog)
        self.volume = catalogs.add_volume(self.catalog, "Disk", self.base / "disk")
        self.clips = {name: catalogs.add_clip(self.catalog, self.volume, name) for name in NAMES}
        for number, name in enumerate(NAMES):
            self._write(name, number)
            self._notice(name)
        for target in TARGETS:
            body = {"name": target, "bucket": "bucket", "endpoint": self.base.as_uri(), "region": "", "profile": "", "send": "original", "template": "{name}.{ext}", "confirmed": True}  # fmt: skip
            self._say(target, Kind.TARGET_ADDED, body)
        for name in NAMES:
            self.approve(name)

    @staticmethod
    def _patience(patience: int) -> Backoff:
        return eager(FakeTimer(), patience=patience)

    def _open(self) -> None:
        home = self.base / "home"
        home.mkdir(exist_ok=True)
        self.catalog = Catalog.open(home)
        settings = preferences.Sync(part_size_mb=1, workers=1, grace_seconds=0)
        self.sync = Sync(self.catalog, Proxies(self.base), settings)
        self.decisions = Decisions(self.catalog)

    def _close(self) -> None:
        self.sync.close()
        self.catalog.close()

    def teardown(self) -> None:
        """All ends well once the faults end."""
        if not hasattr(self, "catalog"):
            return
        try:
            self.settle()
        finally:
            self._close()
            self.bucket.close()
            self.patch.undo()
            shutil.rmtree(self.base)

    # What happens on the desk

    def _say(self, target: str, kind: Kind, body: dict[str, object]) -> None:
        draft = Draft(catalogs.PROJECT, Entity.TARGET, target, kind, body)
        self.catalog.write(
            lambda tx: events.record(tx, catalogs.ANN, draft, undoable=False), durable=True
        )

    def _path(self, name: str) -> Path:
        return self.base / "disk" / name

    def _write(self, name: str, version: int) -> None:
        self._path(name).write_bytes(bytes([version]) * SIZES[name])

    def _notice(self, name: str) -> None:
        path = self._path(name)
        seen = path.stat()
        with path.open("rb", buffering=0) as stream:
            found = hashing.full_hash(stream)

        def act(tx: Tx) -> None:
            tx.run(
                "UPDATE file SET size = ?, mtime_ns = ?, full_hash = ?, hashed_sig = 'x' WHERE clip_id = ?",
                seen.st_size,
                seen.st_mtime_ns,
                found,
                self.clips[name],
            )
            merging.settle_content(tx, self.clips[name])

        self.catalog.write(act, durable=True)

    @rule(name=CLIP)
    def approve(self, name: str) -> None:
        """A clip may go."""
        self.decisions.decide([self.clips[name]], "approved")

    @rule(name=CLIP)
    def withdraw(self, name: str) -> None:
        """It may not."""
        self.decisions.withdraw([self.clips[name]])
        self.sync.withdrawn([self.clips[name]])

    @rule(again=st.booleans())
    def undo(self, again: bool) -> None:
        """The last word is taken back, or said again."""
        with contextlib.suppress(Refused):
            _ = self.decisions.redo() if again else self.decisions.undo()

    @rule(name=CLIP, version=st.integers(0, 1), noticed=st.booleans())
    def write_over(self, name: str, version: int, noticed: bool) -> None:
        """A file gets other bytes, or its first ones again."""
        self._write(name, NAMES.index(name) + 10 * version)
        if noticed:
            self._notice(name)

    @rule(where=st.sampled_from(TARGETS), what=st.sampled_from(STATE), value=st.booleans())
    def change_target(self, where: str, what: str, value: bool) -> None:
        """A target is confirmed, doubted, removed or brought back."""
        self._say(where, Kind.TARGET_CHANGED, {"field": what, "value": value})

    @rule()
    def restart(self) -> None:
        """The program ends and starts again."""
        self._close()
        self._open()

    @rule()
    def queue(self) -> None:
        """What is approved is queued, what is not is stopped."""
        self._run_all("stop-uploads", "queue-uploads")

    @rule()
    def try_now(self) -> None:
        """Somebody asks for another try."""
        self.catalog.write(attempts.wake)
        self.sync.try_now()
        self.sync.retry_failed()

    @rule(moods=MOODS, pick=PICK, known=st.booleans())
    def send(self, moods: list[str], pick: int, known: bool) -> None:
        """One upload gets its turn, and its requests go as they go."""
        if not known:
            self.queue()
        self.store.moods.extend(moods)
        asked = self.store.asked
        try:
            self._run_one(self._recipe("upload"), pick)
        except Crash:
            self.counts["crashes"] += 1
            self.store.moods.clear()
            self.restart()
        finally:
            self.store.moods.clear()
            self.counts["requests"] += self.store.asked - asked

    @rule(moods=MOODS, pick=PICK)
    def send_another(self, moods: list[str], pick: int) -> None:
        """What most of the time goes by with."""
        self.send(moods, pick, known=False)

    @rule(name=CLIP, moods=MOODS)
    def approve_and_send(self, name: str, moods: list[str]) -> None:
        """A clip may go, and its turn comes at once."""
        self.approve(name)
        self.send(moods, 0, known=False)

    @rule(moods=MOODS)
    def try_and_send(self, moods: list[str]) -> None:
        """What failed is tried again and perhaps fails again."""
        self.try_now()
        self.send(moods, 0, known=False)

    def _recipe(self, name: str) -> Recipe:
        return next(one for one in self.sync.recipes() if one.name == name)

    def _run_one(self, recipe: Recipe, pick: int = 0) -> bool:
        with self.catalog.read() as reader:
            blocked = attempts.blocked(reader, recipe.name)
            due = [one for one in recipe.due(reader, 50, ()) if one.id not in blocked]
        if not due:
            return False
        subject = due[pick % len(due)]
        self.job = Job(recipe, subject, threading.Event())
        context = Context(self.catalog, self.job, lambda _job: None)
        what = (recipe.name, subject.id, subject.name)
        failures.attempt(self.catalog, what, lambda: recipe.run(context, subject))
        return True

    def _run_all(self, *names: str) -> None:
        for recipe in [self._recipe(name) for name in names]:
            for _ in range(50):
                if not self._run_one(recipe):
                    break
            else:
                raise AssertionError(f"{recipe.name} never has enough")

    # What happens in the middle of an upload

    def _stopped(self, _key: str) -> None:
        self.job.cancelled.set()

    def _withdrawn(self, _key: str) -> None:
        with self.catalog.read() as reader:
            upload = uploads.get(reader, self.job.subject.id)
        assert upload
        self.decisions.withdraw([upload.clip_id])

    def _written_over(self, _key: str) -> None:
        with self.catalog.read() as reader:
            upload = uploads.get(reader, self.job.subject.id)
        name = next(name for name, clip in self.clips.items() if upload and clip == upload.clip_id)
        before = self._path(name).stat()
        with self._path(name).open("r+b") as stream:
            stream.write(b"another picture")
        # As a copy that keeps times would leave it.
        os.utime(self._path(name), ns=(before.st_atime_ns, before.st_mtime_ns))

    def _taken(self, key: str) -> None:
        if self.bucket.refuses_overwriting and self.bucket.read(key) is None:
            self._others_put(key)

    # What others do in the bucket

    def _others_put(self, key: str) -> None:
        self.bucket.put(key, FOREIGN)
        self.foreign[key] = FOREIGN

    @rule(pick=PICK, there=st.booleans())
    def others_write(self, pick: int, there: bool) -> None:
        """An object that is not ours comes to lie at a key of ours."""
        keys = sorted(one.key for one in self._uploads() if there or one.state != "verified")
        if keys:
            self._others_put(keys[pick % len(keys)])

    @rule(pick=PICK)
    def others_delete(self, pick: int) -> None:
        """An object goes."""
        keys = sorted(one.key for one in self._uploads())
        if keys:
            self.bucket.delete(keys[pick % len(keys)])
            self.foreign.pop(keys[pick % len(keys)], None)

    @rule()
    def bucket_tidies(self) -> None:
        """The bucket's own rule gives up what was not completed."""
        for one in list(self.bucket.store.list_multipart("")):
            self.bucket.store.abort(one.key, one.upload_id)

    # What must hold

    def _uploads(self) -> list[Upload]:
        with self.catalog.read() as reader:
            return uploads.every(reader)

    @invariant()
    def nothing_is_said_that_is_not_so(self) -> None:
        """Newly verified is what lies there byte by byte; once verified it stays so; others' objects are left alone."""
        if not hasattr(self, "catalog"):
            return
        self.counts["steps"] += 1
        found = {one.id: one for one in self._uploads()}
        done = {key for key, one in found.items() if one.state == "verified"}
        assert done >= self.verified
        for one in done - self.verified:
            self.counts["verified"] += 1
            assert content_hash(self.bucket.read(found[one].key) or b"") == found[one].hash
        self.verified = done
        for key, data in self.foreign.items():
            assert self.bucket.read(key) == data

    @invariant()
    def nothing_is_wanted_twice(self) -> None:
        """One row for a file at a target; one for a key."""
        if not hasattr(self, "catalog"):
            return
        rows = self._uploads()
        live = [
            (one.target_id, one.clip_id, one.source, one.hash)
            for one in rows
            if one.state != "stopped"
        ]
        assert len(live) == len(set(live))
        keys = [(one.target_id, one.key) for one in rows]
        assert len(keys) == len(set(keys))

    @invariant()
    def the_journal_names_what_is_there(self) -> None:
        """Each part that the journal names of an open upload is in the bucket, with that ETag and that size."""
        if not hasattr(self, "catalog"):
            return
        opened = {one.upload_id: one.key for one in self.bucket.store.list_multipart("")}
        for one in self._uploads():
            if one.multipart_id not in opened:
                continue
            assert opened[one.multipart_id] == one.key
            there = {
                (part.number, part.size, part.etag)
                for part in self.bucket.store.list_parts(one.key, one.multipart_id)
            }
            with self.catalog.read() as reader:
                named = uploads.parts(reader, one.id)
            assert {(number, size, etag) for number, size, etag, _ in named} <= there

    def settle(self) -> None:
        """The faults end: everything approved arrives or says why not, and nothing is left open in the bucket."""
        self.store.moods.clear()
        for target in TARGETS:
            self.change_target(target, "removed", value=False)
            self.change_target(target, "confirmed", value=True)
        for name in NAMES:
            self._restore(name)
        self.try_now()
        for _ in range(3):
            self._run_all("stop-uploads", "queue-uploads", "upload")
        self.nothing_is_said_that_is_not_so()
        self._all_arrived()
        self._nothing_is_left_open()

    def _restore(self, name: str) -> None:
        with self.catalog.read() as reader:
            clip = library.get(reader, self.clips[name])
        assert clip
        for version in (NAMES.index(name), NAMES.index(name) + 10):
            self._write(name, version)
            if content_hash(self._path(name).read_bytes()) == clip.hash:
                return
        raise AssertionError(f"{name} was seen with bytes it never had")

    def _all_arrived(self) -> None:
        with self.catalog.read() as reader:
            approved = decisions.approved_clips(reader, 1 << 62)
            rows = [(one, uploads.of_clip(reader, one)) for one in approved]
            hashes = {one: library.get(reader, one) for one in approved}
        for clip, found in rows:
            known = hashes[clip]
            assert known
            mine = [one for one in found if one.hash == known.hash and one.state != "stopped"]
            assert {one.target_id for one in mine} == set(TARGETS)
            for one in mine:
                there = self.bucket.read(one.key)
                arrived = one.state == "verified"
                assert arrived or (one.state, bool(one.error)) == ("failed", True)
                assert arrived or content_hash(there or b"") != one.hash, "it is in the way"
        assert not [one for one in self._uploads() if one.state in ("queued", "sending")]

    def _nothing_is_left_open(self) -> None:
        with self.catalog.read() as reader:
            targets = projects.targets(reader)
        for target in targets:
            Stores(self.catalog).of(target)
        alive = {one.multipart_id for one in self._uploads() if one.state == "failed"}
        assert {one.upload_id for one in self.bucket.store.list_multipart("")} <= alive
