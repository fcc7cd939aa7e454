"""One catalog and many who want it: two programs, a reader that never ends, a newer Rushes, backups while people write."""

import contextlib
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app.core.catalog import backups, database
from app.core.catalog.database import FILE_NAME
from app.core.catalog.rows import Tx
from app.core.platform import doctor
from tests.support import catalogs, stored_catalog
from tests.support.command import Desk
from tests.support.guards import ExpectLog

MEBIBYTE = 1 << 20
COMMANDS = 6
MOST_LOG = 64 * MEBIBYTE


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A closed data folder with a clip and words about it."""
    place = tmp_path / "home"
    place.mkdir()
    stored_catalog.fill(place)
    return place


def test_many_programs_on_one_catalog_never_hear_that_it_is_busy(home: Path) -> None:
    desk = Desk(home)

    def note(number: int) -> int:
        return desk.run("note", "add", "A001C002", "--at", f"@{number}", f"word {number}").code

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(note, range(COMMANDS))) == [0] * COMMANDS
    said = {note["text"] for note in desk.ask("note", "list", "A001C002")["notes"]}
    assert said >= {f"word {number}" for number in range(COMMANDS)}
    assert desk.ask("check")["problems"] == []


def test_a_newer_catalog_is_refused_in_words_and_no_byte_changes(home: Path) -> None:
    path = home / FILE_NAME
    with contextlib.closing(sqlite3.connect(path)) as plain, plain:
        plain.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) SELECT migration_set, 'wish_of_9', applied_at FROM _sqlite_migrations LIMIT 1"
        )
    before = path.read_bytes()
    error = Desk(home).refuse("clips")
    assert "newer" in error["title"]
    assert error["todo"]
    assert path.read_bytes() == before


def write(tx: Tx, number: int) -> None:
    tx.run("INSERT INTO meta VALUES (?, ?)", f"filler {number}", "x" * (MEBIBYTE // 2))


def test_the_log_shrinks_once_a_reader_that_held_it_ends(
    home: Path, expect_log: ExpectLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    expect_log("another program reads the catalog and does not end")
    monkeypatch.setattr(database, "LARGE_FOR_MS", 0)
    with catalogs.opened(home) as catalog:
        log = catalog.path.with_name(f"{FILE_NAME}-wal")
        with catalog.read() as reader:
            reader.value("SELECT count(*) FROM clip")
            for number in range(160):
                catalog.write(lambda tx, n=number: write(tx, n))
            assert log.stat().st_size > MOST_LOG, "nothing may be taken from under a reader"
            (told,) = [one for one in doctor.checks(home) if one.name == "Log of the catalog"]
            assert not told.ok
            assert "Close" in told.todo
        for number in range(160, 190):
            catalog.write(lambda tx, n=number: write(tx, n))
        assert log.stat().st_size <= MOST_LOG
        assert not [
            one for one in doctor.checks(home) if one.name == "Log of the catalog" and not one.ok
        ]


def backed_up(home: Path, rounds: int) -> list[str]:
    """Backups while somebody writes; what is wrong with one of them."""
    bad: list[str] = []
    done = threading.Event()
    with catalogs.opened(home) as catalog:

        def act(tx: Tx) -> None:
            tx.run("INSERT OR REPLACE INTO meta VALUES ('left', hex(randomblob(20000)))")
            tx.run("INSERT OR REPLACE INTO meta SELECT 'right', value FROM meta WHERE key = 'left'")

        def keep_writing() -> None:
            while not done.is_set():
                catalog.write(act)

        catalog.write(act)
        writer = threading.Thread(target=keep_writing)
        writer.start()
        try:
            for number in range(rounds):
                copy = backups.make(catalog.path, "asked", home.parent / f"copy {number}.sqlite")
                bad += [f"{number}: {what}" for what in wrong(copy)]
                copy.unlink()
        finally:
            done.set()
            writer.join()
    return bad


def wrong(copy: Path) -> list[str]:
    with contextlib.closing(sqlite3.connect(copy)) as plain:
        found = [row[0] for row in plain.execute("PRAGMA integrity_check") if row[0] != "ok"]
        halves = {
            row[0] for row in plain.execute("SELECT value FROM meta WHERE key IN ('left', 'right')")
        }
    return found + (["two moments in one copy"] if len(halves) != 1 else [])


def test_each_backup_while_writing_is_sound(home: Path) -> None:
    assert backed_up(home, 4) == []


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_a_hundred_backups_while_writing_are_sound(home: Path) -> None:
    assert backed_up(home, 100) == []
