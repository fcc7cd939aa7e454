"""Old catalogs are brought up to date whole or not at all; newer ones and network disks are refused."""

import contextlib
import gzip
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from app.core.catalog import (
    backups,
    folders,
    integrity,
    migrations,
    moments,
    query_language,
    volumes,
)
from app.core.catalog.database import Catalog
from app.core.model.errors import Refused
from tests.support import catalogs
from tests.support.fuse_share import Share
from tests.support.source import ROOT
from tests.support.stored_catalog import FOLDER, NOTE

ADD_COLUMN = """
import sys
from pathlib import Path
from app.core.catalog import migrations
def wish(db):
    db.conn.execute("ALTER TABLE project ADD COLUMN wish TEXT")
    if sys.argv[2] == "die":
        import os
        os._exit(9)
migrations.MIGRATIONS = {**migrations.MIGRATIONS, "wish_of_0_2": wish}
migrations.prepare(Path(sys.argv[1]))
"""


def _columns(path: Path) -> list[str]:
    with contextlib.closing(sqlite3.connect(path)) as plain:
        return [row[1] for row in plain.execute("PRAGMA table_info(project)")]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    with catalogs.opened(tmp_path / "home") as catalog:
        catalogs.settle_in(catalog)
    return tmp_path / "home"


def _migrate(path: Path, how: str) -> int:
    words = [sys.executable, "-c", ADD_COLUMN, str(path), how]
    return subprocess.run(words, cwd=ROOT, check=False).returncode


@pytest.mark.parametrize("stored", sorted(FOLDER.glob("*.sqlite.gz")), ids=lambda p: p.name)
def test_every_released_schema_opens_and_keeps_what_was_said(stored: Path, tmp_path: Path) -> None:
    path = tmp_path / "catalog.sqlite"
    path.write_bytes(gzip.decompress(stored.read_bytes()))
    with contextlib.closing(sqlite3.connect(path)) as plain:
        said = plain.execute("SELECT id, kind, body FROM event ORDER BY id").fetchall()
    assert said
    with catalogs.opened(tmp_path) as catalog, catalog.read() as reader:
        rows = reader.all("SELECT id, kind, body FROM event ORDER BY id")
        assert [tuple(row) for row in rows] == said
        assert [text for check in integrity.CHECKS for text in check(reader)] == []
        hits = moments.moments(reader, query_language.parse("door"), catalogs.PROJECT, 5)
        assert [(hit.field, hit.text) for hit in hits] == [("note", NOTE)]


def test_folders_of_an_older_catalog_are_to_be_listed_and_its_files_stay(tmp_path: Path) -> None:
    path = tmp_path / "catalog.sqlite"
    path.write_bytes(gzip.decompress((FOLDER / "tables_of_0_1.sqlite.gz").read_bytes()))
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as plain:
        volume = plain.execute("SELECT id FROM volume").fetchone()[0]
        plain.execute("INSERT INTO folder VALUES (?, x'', 5, 7, 0)", (volume,))
        known = plain.execute("SELECT id, path, size, mtime_ns FROM file").fetchall()
    assert known
    with catalogs.opened(tmp_path) as catalog, catalog.read() as reader:
        rows = reader.all("SELECT id, path, size, mtime_ns FROM file")
        assert [tuple(row) for row in rows] == known
        assert folders.known(reader, volume) == [folders.Listed(b"", folders.NEVER, 0, 7)]
        assert volumes.root_inode(reader, volume) == 7
        # Refused where the new form of an index does not answer what is asked.
        for words in (
            "file_unhashed WHERE hashed_sig IS NULL AND role IN ('essence', 'span', 'audio')",
            "file_counts WHERE volume_id = 'v' AND state <> 'missing'",
        ):
            reader.all(f"SELECT n FROM file INDEXED BY {words}")
        counting = reader.all(
            "EXPLAIN QUERY PLAN SELECT count(*), sum(size) FROM file INDEXED BY file_counts WHERE volume_id = 'v' AND state <> 'missing'"
        )
        assert "COVERING INDEX file_counts (volume_id=?)" in counting[0]["detail"]


def test_every_migration_has_a_stored_catalog() -> None:
    stored = {p.name.removesuffix(".sqlite.gz") for p in FOLDER.glob("*.sqlite.gz")}
    assert stored == set(migrations.MIGRATIONS)


def test_a_migration_runs_once_after_a_backup(home: Path) -> None:
    path = home / "catalog.sqlite"
    assert _migrate(path, "live") == 0
    assert _migrate(path, "live") == 0
    assert _columns(path)[-1] == "wish"
    kept = list(backups.folder(path).glob("*before-migration.sqlite"))
    assert [_columns(copy) for copy in kept] == [["id", "fields"]]


def test_a_killed_migration_leaves_the_old_catalog_and_is_done_next_time(home: Path) -> None:
    path = home / "catalog.sqlite"
    assert _migrate(path, "die") == 9
    assert _columns(path) == ["id", "fields"]
    with catalogs.opened(home) as catalog, catalog.read() as reader:
        assert reader.value("SELECT count(*) FROM event") == 2
    assert _migrate(path, "live") == 0
    assert _columns(path)[-1] == "wish"


def test_a_catalog_of_a_newer_rushes_is_refused_and_no_byte_changes(home: Path) -> None:
    path = home / "catalog.sqlite"
    assert _migrate(path, "live") == 0
    before = {p.name: p.read_bytes() for p in home.iterdir() if p.is_file()}
    with pytest.raises(Refused, match="newer Rushes") as caught:
        Catalog.open(home)
    assert "wish_of_0_2" in caught.value.message
    assert {p.name: p.read_bytes() for p in home.iterdir() if p.is_file()} == before


def test_a_newer_catalog_with_a_log_not_yet_taken_in_keeps_it(home: Path) -> None:
    path = home / "catalog.sqlite"
    assert _migrate(path, "live") == 0
    kill = "import sqlite3, sys, os; c = sqlite3.connect(sys.argv[1]); c.execute(\"INSERT INTO meta VALUES ('x', 'y')\"); c.commit(); os._exit(9)"
    subprocess.run([sys.executable, "-c", kill, path], check=False)
    before = {
        p.name: p.read_bytes()
        for p in home.iterdir()
        if p.suffix != ".sqlite-shm" and p.is_file() and not p.name.endswith("-shm")
    }
    assert before["catalog.sqlite-wal"]
    with pytest.raises(Refused):
        Catalog.open(home)
    assert {name: (home / name).read_bytes() for name in before} == before


def test_a_network_filesystem_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    (tmp_path / "behind").mkdir()
    with Share(tmp_path / "behind", tmp_path / "share") as share:
        with pytest.raises(Refused, match="network") as caught:
            Catalog.open(share.mount / "rushes")
        assert "--home" in caught.value.todo
        assert list(share.mount.iterdir()) == []


def test_the_first_open_makes_a_catalog_without_a_backup(tmp_path: Path) -> None:
    with catalogs.opened(tmp_path / "home") as catalog:
        assert not backups.folder(catalog.path).exists()
