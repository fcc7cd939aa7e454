"""Backups: sound copies while work goes on, private, rotated; nothing half-made and nothing overwritten."""

import contextlib
import os
import sqlite3
import stat
import threading
from pathlib import Path

import pytest

from app.core.catalog import backups
from app.core.catalog.database import Catalog
from app.core.catalog.rows import Tx
from app.core.model.errors import Missing, Refused
from tests.support import catalogs


def _pairs(path: Path) -> tuple[int, int]:
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as plain:
        assert plain.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        counts = plain.execute(
            "SELECT count(*) FILTER (WHERE key LIKE 'l%'), count(*) FILTER (WHERE key LIKE 'r%') FROM meta"
        )
        left, right = counts.fetchone()
    return left, right


def test_a_backup_while_writing_is_one_moment_whole(catalog: Catalog) -> None:
    done = threading.Event()

    def write() -> None:
        n = 0
        while not done.is_set():

            def act(tx: Tx, n: int = n) -> None:
                tx.run("INSERT INTO meta VALUES (?, ?)", f"l{n}", "x" * 2000)
                tx.run("INSERT INTO meta VALUES (?, ?)", f"r{n}", "x" * 2000)

            catalog.write(act)
            n += 1

    writer = threading.Thread(target=write)
    writer.start()
    copies = [backups.make(catalog.path, f"asked{n}") for n in range(5)]
    done.set()
    writer.join()
    for copy in copies:
        left, right = _pairs(copy)
        assert left == right
        assert stat.S_IMODE(copy.stat().st_mode) == 0o600


def test_a_backup_opens_as_a_catalog(catalog: Catalog, tmp_path: Path) -> None:
    (tmp_path / "again").mkdir()
    backups.make(catalog.path, "asked", tmp_path / "again" / "catalog.sqlite")
    with catalogs.opened(tmp_path / "again") as again:
        assert catalogs.snapshot(again) == catalogs.snapshot(catalog)


def test_old_ones_go_the_newest_stay(catalog: Catalog) -> None:
    folder = backups.folder(catalog.path)
    folder.mkdir()
    for day in range(1, 29):
        for why in ("daily", "asked"):
            (folder / f"catalog_2020-01-{day:02d}_120000Z_{why}.sqlite").write_bytes(b"old")
    made = backups.make(catalog.path, "daily")
    left = sorted(p.name for p in folder.iterdir())
    assert made.name in left
    assert sum("daily" in name for name in left) == 14
    assert sum("asked" in name for name in left) == 8
    assert "catalog_2020-01-28_120000Z_asked.sqlite" in left


def test_one_is_due_a_day(catalog: Catalog) -> None:
    assert backups.daily_due(catalog.path)
    made = backups.make(catalog.path, "daily")
    assert not backups.daily_due(catalog.path)
    os.utime(made, (1, 1))
    assert backups.daily_due(catalog.path)
    tomorrow = made.stat().st_mtime + 10 * 365 * 86400 * 10
    os.utime(made, (tomorrow, tomorrow))
    assert backups.daily_due(catalog.path), "a clock that was wrong once does not end the backups"


def test_what_a_killed_backup_left_is_swept_at_the_next_start(catalog: Catalog) -> None:
    folder = backups.folder(catalog.path)
    folder.mkdir()
    (folder / ".backup-0000").write_bytes(b"half")
    catalog.close()
    with catalogs.opened(catalog.path.parent):
        assert list(folder.iterdir()) == []


def test_a_file_of_that_name_is_never_overwritten(catalog: Catalog, tmp_path: Path) -> None:
    film = tmp_path / "A001.mov"
    film.write_bytes(b"irreplaceable")
    with pytest.raises(Refused, match="there already"):
        backups.make(catalog.path, "asked", film)
    assert film.read_bytes() == b"irreplaceable"


def test_a_folder_that_is_not_there_is_said_and_not_made(catalog: Catalog, tmp_path: Path) -> None:
    with pytest.raises(Missing):
        backups.make(catalog.path, "asked", tmp_path / "nowhere" / "copy.sqlite")
    assert not (tmp_path / "nowhere").exists()
