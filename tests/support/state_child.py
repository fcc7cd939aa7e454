"""Writes every kind of state once, in a process of its own, for tests that kill it: HOME PHASE|all [--sooner | --half].

After each thing that was promised (it returned) a line says so on stdout. A second run does what is missing.
`--sooner` promises before it is so, and `--half` makes a rendition under its final name: planted defects.
"""

import os
import sys
from pathlib import Path

from app.core.catalog import backups, projects, renditions, uploads
from app.core.catalog.database import Catalog
from app.core.catalog.renditions import Made
from app.core.delivery.targets import Targets
from app.core.files import publish
from app.core.model.media import RenditionKind
from app.core.review.notes import Notes
from tests.support import catalogs

NOTES = tuple(f"note {number}" for number in range(3))
PARTS = 3
PICTURE = bytes(range(256)) * 256
FILES = ("poster.jpg", "strip.jpg")
STORE = "renditions"
PLACE = "ab/poster.v1"
KEY = "day/A001.mov"
PHASES = ("begin", "notes", "rendition", "backup", "upload")
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
            found = reader.value("SELECT id FROM clip")
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


def main() -> None:
    home, phase, *defect = sys.argv[1:]
    catalog = Catalog.open(Path(home))
    try:
        Writer(Path(home), catalog, "".join(defect)).do(phase)
    finally:
        catalog.close()


if __name__ == "__main__":
    main()
