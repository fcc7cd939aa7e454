"""Writes every kind of state once, in a process of its own, for tests that kill it: HOME PHASE|all [--die | --sooner | --half].

After each thing that was promised (it returned) a line says so on stdout. A second run does what is missing.
With `--die` it ends without closing anything, as at a power cut. `--sooner` promises before it is so, and `--half` makes a rendition under its final name: planted defects.
"""

import os
import sys
import threading
from pathlib import Path

from app.core.catalog import backups, decisions, merging, projects, renditions, uploads
from app.core.catalog.database import Catalog
from app.core.catalog.renditions import Made
from app.core.catalog.rows import Tx
from app.core.delivery.sync import Sync
from app.core.delivery.targets import Targets
from app.core.files import hashing, publish
from app.core.model.entities import Clip
from app.core.model.events import Entity, Kind
from app.core.model.media import RenditionKind
from app.core.platform import preferences
from app.core.platform import settings as settings_file
from app.core.review.decisions import Decisions
from app.core.review.notes import Notes
from app.core.work.recipes import Context, Job, Subject
from tests.support import catalogs

NOTES = tuple(f"note {number}" for number in range(3))
PARTS = 3
PICTURE = bytes(range(256)) * 256
FILES = ("poster.jpg", "strip.jpg")
STORE = "renditions"
PLACE = "ab/poster.v1"
KEY = "day/A001.mov"
SENT = "B001.mov"
"""A clip that goes to a bucket in a folder, in two parts."""
FOOTAGE = PICTURE * 80 + b"the end"
DISK, BUCKET = "disk", "bucket"
SETTING = ("sync.grace_seconds", "7")
PHASES = ("begin", "notes", "rendition", "backup", "upload", "object", "settings")
"""In their order; each stands on those before it."""


def promised(what: str) -> None:
    """Tells the parent at once."""
    os.write(1, f"{what}\n".encode())


class Writer:
    """Does what is missing of everything, in one order."""

    def __init__(self, home: Path, catalog: Catalog, defect: str) -> None:
        self.home = home
        self.catalog = catalog
        self.sooner = defect == "--sooner"
        self.half = defect == "--half"

    def do(self, phase: str) -> None:
        """One phase, or all of them."""
        for name in PHASES:
            if phase in (name, "all"):
                getattr(self, name)(self.clip())

    def begin(self, _: str) -> None:
        """Only what opening does, and a clip."""

    def backup(self, _: str) -> None:
        if not list(backups.folder(self.catalog.path).glob("catalog_*_asked.sqlite")):
            backups.make(self.catalog.path, "asked")
            promised("backup")

    def clip(self) -> str:
        with self.catalog.read() as reader:
            if not projects.current_actor(reader):
                catalogs.settle_in(self.catalog)
            found = reader.value("SELECT id FROM clip WHERE name = 'A001'")
            volume = reader.value("SELECT id FROM volume")
        volume = volume or catalogs.add_volume(self.catalog)
        return str(found or catalogs.add_clip(self.catalog, volume, "A001.mov"))

    def notes(self, clip: str) -> None:
        with self.catalog.read() as reader:
            there = set(reader.column("SELECT text FROM note"))
        for text in NOTES:
            if text in there:
                continue
            if self.sooner:
                promised(text)
            Notes(self.catalog).add(clip, 1, 2, text)
            promised(text)

    def rendition(self, clip: str) -> None:
        with self.catalog.read() as reader:
            content = str(reader.value("SELECT content_id FROM clip WHERE id = ?", clip))
            if renditions.stored(reader):
                return
        final = self.home / STORE / PLACE
        with publish.temporary_folder(final.parent) as temporary:
            folder = final if self.half else temporary
            folder.mkdir(exist_ok=True)
            for name in FILES:
                (folder / name).write_bytes(PICTURE)
            if not self.half:
                publish.publish_folder(temporary, final)
        made = Made(RenditionKind.POSTER, f"{PLACE}/{FILES[0]}", len(PICTURE))
        self.catalog.write(lambda tx: renditions.put(tx, content, "poster", 1, "", [made]))
        promised("rendition")

    def upload(self, clip: str) -> None:
        with self.catalog.read() as reader:
            target = reader.value("SELECT id FROM target")
            known = uploads.of_clip(reader, clip)
        target_id = str(target or Targets(self.catalog).add("bucket", "b").id)
        wanted = {"clip_id": clip, "key": KEY, "source": "original:1", "size": PARTS}
        if not known:
            self.catalog.write(
                lambda tx: uploads.want(
                    tx, target_id=target_id, content_hash="xxh3-128:00", wanted_for="", **wanted
                ),
                durable=True,
            )
        with self.catalog.read() as reader:
            upload = uploads.of_clip(reader, clip)[0]
            sent = {number for number, *_ in uploads.parts(reader, upload.id)}
        if not upload.multipart_id:
            self.catalog.write(
                lambda tx: uploads.set_multipart(tx, upload.id, "m", 1), durable=True
            )
            promised("multipart")
        for number in range(1, PARTS + 1):
            if number not in sent:
                self.catalog.write(
                    lambda tx, n=number: uploads.add_part(tx, upload.id, n, 1, "e", "")
                )
                promised(f"part {number}")
        self.catalog.write(lambda tx: uploads.set_state(tx, upload.id, "sent"), durable=True)
        promised("sent")

    def object(self, _: str) -> None:
        """A clip goes to a bucket, as an approved one does."""
        source, bucket = self.home / DISK / SENT, self.home / BUCKET
        for folder in (source.parent, bucket):
            folder.mkdir(exist_ok=True)
        if not source.exists() or source.stat().st_size < len(FOOTAGE):
            source.write_bytes(FOOTAGE)
        clip = self._footage(source)
        choices = preferences.Sync(grace_seconds=0, part_size_mb=5)
        sync = Sync(self.catalog, Nothing(), choices)
        try:
            sync.queue_now()
            with self.catalog.read() as reader:
                (upload,) = uploads.of_clip(reader, clip)
            if upload.state == "verified":
                return
            (recipe,) = [one for one in sync.recipes() if one.name == "upload"]
            job = Job(recipe, Subject(upload.id, "net", upload.key), threading.Event())
            recipe.run(Context(self.catalog, job, lambda _: None), job.subject)
            promised("object")
        finally:
            sync.close()

    def _footage(self, source: Path) -> str:
        """The approved clip of that file, and its target."""
        with self.catalog.read() as reader:
            found = reader.value("SELECT id FROM clip WHERE name = 'B001'")
            volume = reader.value("SELECT id FROM volume WHERE name = 'Footage'")
            target = reader.value("SELECT id FROM target WHERE id = 'folder'")
            hashed = reader.value("SELECT full_hash FROM file WHERE clip_id = ?", found)
            approved = found in decisions.approved_clips(reader, 1 << 62)
        volume = volume or catalogs.add_volume(self.catalog, "Footage", source.parent)
        clip = str(found or catalogs.add_clip(self.catalog, volume, SENT))
        if not hashed:
            self.catalog.write(lambda tx: _read_whole(tx, source, clip), durable=True)
        if not approved:
            Decisions(self.catalog).decide([clip], "approved")
        if not target:
            rule = {"name": "folder", "bucket": BUCKET, "endpoint": self.home.as_uri(), "region": "", "profile": "", "send": "original", "template": "{name}.{ext}", "confirmed": True}  # fmt: skip
            catalogs.say(self.catalog, Entity.TARGET, "folder", Kind.TARGET_ADDED, rule)
        return clip

    def settings(self, _: str) -> None:
        if settings_file.load(self.home).sync.grace_seconds != int(SETTING[1]):
            settings_file.set_value(self.home, *SETTING)
            promised("setting")


class Nothing:
    """No derived files."""

    def file_of(self, _clip: Clip, _kind: RenditionKind) -> Path | None:
        """None is there."""
        return None


def _read_whole(tx: Tx, path: Path, clip: str) -> None:
    seen = path.stat()
    with path.open("rb", buffering=0) as stream:
        found = hashing.full_hash(stream)
    tx.run(
        "UPDATE file SET size = ?, mtime_ns = ?, full_hash = ?, hashed_sig = 'x' WHERE clip_id = ?",
        seen.st_size,
        seen.st_mtime_ns,
        found,
        clip,
    )
    merging.settle_content(tx, clip)


def main() -> None:
    home, phase, *defect = sys.argv[1:]
    catalog = Catalog.open(Path(home))
    try:
        Writer(Path(home), catalog, "".join(defect)).do(phase)
        if defect == ["--die"]:
            os._exit(0)
    finally:
        catalog.close()


if __name__ == "__main__":
    main()
