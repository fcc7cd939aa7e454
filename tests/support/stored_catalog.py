"""Stores a catalog of the present schema for `tests/migrations`: one for each migration that was released.

`python -m tests.support.stored_catalog` writes `tests/migrations/<newest migration>.sqlite.gz`. Once
that schema is released its file never changes again.
"""

import contextlib
import gzip
import sqlite3
import tempfile
from pathlib import Path

from app.core.catalog import migrations
from app.core.review.decisions import Decisions
from app.core.review.logging import Log
from app.core.review.notes import Notes
from tests.support import catalogs
from tests.support.source import ROOT

FOLDER = ROOT / "tests" / "migrations"
NOTE = "the door is open"


def fill(home: Path) -> None:
    """A little of everything that people say."""
    with catalogs.opened(home) as catalog:
        catalogs.settle_in(catalog)
        clip = catalogs.add_clip(catalog, catalogs.add_volume(catalog), "Day 1/A001C002.mov")
        catalogs.read_whole(catalog, clip, "xxh3-128:00")
        Notes(catalog).add(clip, 3, 9, NOTE)
        Log(catalog).tag([clip], ["harbour"])
        Log(catalog).rate([clip], 4)
        Decisions(catalog).decide([clip], "approved")


def write(out: Path) -> None:
    """The file as it is stored."""
    with tempfile.TemporaryDirectory() as folder:
        fill(Path(folder))
        path = Path(folder, "catalog.sqlite")
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as plain:
            plain.execute("VACUUM")
            plain.execute("PRAGMA journal_mode=DELETE")
        out.write_bytes(gzip.compress(path.read_bytes(), mtime=0))


if __name__ == "__main__":
    write(FOLDER / f"{list(migrations.MIGRATIONS)[-1]}.sqlite.gz")
