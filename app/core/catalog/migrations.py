"""Opening and migrating the catalog's file.

Each migration is a named function in one transaction, after a backup. sqlite-utils is imported only
when one is pending, because importing it costs more than opening the window.
"""

import contextlib
import os
import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from app.core.catalog import backups, promised, schema
from app.core.catalog.sqlite_errors import CORRUPT, PUT_BACK, quoting, translate
from app.core.model.errors import Bug, Damage, Refused
from app.core.platform import filesystems

if TYPE_CHECKING:
    from sqlite_utils import Database

_SET: Final = "rushes"
Migration = Callable[["Database"], None]


def tables_of_0_1(db: "Database") -> None:
    """The tables of the first release."""
    for statement in schema.STATEMENTS:
        db.conn.execute(statement)


def folder_times(db: "Database") -> None:
    """When each folder was last listed, for quick passes; new files are written with fewer comparisons."""
    for statement in schema.FOLDER_TIMES:
        db.conn.execute(statement)


def equal_bytes(db: "Database") -> None:
    """Further copies by their folders, where the frames of joined clips lie, and words that did not know of one another."""
    for statement in schema.EQUAL_BYTES:
        db.conn.execute(statement)


def indexes_for_arrivals(db: "Database") -> None:
    """New footage is put together as quickly in a large library as in a small one."""
    for statement in schema.INDEXES_FOR_ARRIVALS:
        db.conn.execute(statement)


def indexes_in_order(db: "Database") -> None:
    """The files of a first scan are written at the ends of the indexes, not all over them."""
    for statement in schema.INDEXES_IN_ORDER:
        db.conn.execute(statement)


def cards(db: "Database") -> None:
    """What is copied from cards, where each file of them is, and what is proven of it."""
    for statement in schema.CARDS:
        db.conn.execute(statement)


def scrubs(db: "Database") -> None:
    """When copies of cards were last read again, and what was put in the place of damaged ones."""
    for statement in schema.SCRUBS:
        db.conn.execute(statement)


MIGRATIONS: Final[Mapping[str, Migration]] = {
    "tables_of_0_1": tables_of_0_1,
    "folder_times": folder_times,
    "equal_bytes": equal_bytes,
    "indexes_for_arrivals": indexes_for_arrivals,
    "indexes_in_order": indexes_in_order,
    "cards": cards,
    "scrubs": scrubs,
}
"""Every migration by its name, oldest first. Released names never change."""


_STARTED: Final = "SELECT 1 FROM sqlite_master WHERE name = 'meta'"
"""Every migration is noted in the transaction that makes it: without a note there are no tables."""
_NO_START: Final = """SELECT 1 WHERE EXISTS (SELECT 1 FROM event)
    AND NOT EXISTS (SELECT 1 FROM meta WHERE key IN ('node', 'hlc'))"""
"""What was said has its desk and its time."""


def prepare(path: Path) -> None:
    """Makes the catalog's file ready for this version.

    Raises:
        Refused: network filesystem, or a newer Rushes wrote it.
        Damage: the file is no SQLite database, or it is empty or gone where there was one.
    """
    _refuse_network(path.parent)
    _refuse_lost(path)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        # Private from the first byte: the catalog holds unreleased words.
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
    _roll_back(path)
    pending = _pending(path)
    if pending:
        if path.stat().st_size:
            backups.make(path, "before-migration")
        _apply(path, pending)
    backups.sweep(path)


def _refuse_network(folder: Path) -> None:
    existing = next((p for p in (folder, *folder.parents) if p.exists()), folder)
    mount = filesystems.mount_of(existing)
    if filesystems.is_network(mount.fs_type):
        raise Refused(
            "The catalog cannot live on a network volume",
            f"{folder} is on {mount.fs_type}: SQLite needs a local disk to be safe.",
            subject=str(folder),
            todo="Choose a folder on a local disk with --home or RUSHES_HOME; the media can stay where it is.",
        )


def _refuse_lost(path: Path) -> None:
    """A fresh catalog in the place of one that was lost would hide that everything is gone."""
    if path.exists() and path.stat().st_size:
        return
    state = "empty" if path.exists() else "not there"
    if next(backups.folder(path).glob("catalog_*.sqlite"), None):
        raise Damage(
            "The catalog is lost",
            f"{path} is {state}, and there are backups of it. Nothing was written.",
            subject=str(path),
            todo=f"{PUT_BACK} To begin with an empty catalog, move the folder {backups.folder(path)} away.",
        )
    if promised.named(path)[1]:
        raise Damage(
            "The catalog is lost",
            f"{path} is {state}, and words were kept in it. Nothing was written.",
            subject=str(path),
            todo=f"Put a copy of it back: “rushes put-back FILE”. To begin with an empty catalog, move {promised.beside(path)} away.",
        )


def _roll_back(path: Path) -> None:
    """Takes back what a killed process had begun to write without a write-ahead log: nobody may read before that."""
    if not path.with_name(f"{path.name}-journal").exists():
        return
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()


def _pending(path: Path) -> list[str]:
    # Read-only: a catalog that is refused keeps every byte, its write-ahead log too.
    address = f"{path.absolute().as_uri()}?mode=ro"
    with contextlib.closing(sqlite3.connect(address, uri=True, isolation_level=None)) as connection:
        try:
            with quoting():
                rows = _applied(connection)
        except sqlite3.Error as error:
            told = translate(error, str(path))
            if not isinstance(told, Bug):
                raise told from error
            # These queries are right: only a damaged file cannot answer them.
            raise Damage(
                "The catalog is damaged",
                f"SQLite says: {error}.",
                subject=str(path),
                todo=PUT_BACK,
            ) from error
    applied = {str(row[0]) for row in rows}
    unknown = applied - set(MIGRATIONS)
    if unknown:
        raise Refused(
            "This catalog belongs to a newer Rushes",
            f"It was changed by a version that knows {', '.join(sorted(unknown))}; this one would damage it. Nothing was written.",
            subject=str(path),
            todo="Start the newer version, or put back a backup made before the update.",
        )
    return [name for name in MIGRATIONS if name not in applied]


def _applied(connection: sqlite3.Connection) -> list[tuple[str]]:
    known = connection.execute(
        "SELECT 1 FROM sqlite_master WHERE name = '_sqlite_migrations'"
    ).fetchone()
    names = "SELECT name FROM _sqlite_migrations WHERE migration_set = ?"
    rows = connection.execute(names, (_SET,)).fetchall() if known else []
    newer = any(name not in MIGRATIONS for (name,) in rows)
    if not newer and connection.execute(_NO_START if rows else _STARTED).fetchone():
        # Other tables stand on these pages. Begun anew, it would look empty.
        raise sqlite3.DatabaseError(
            f"{CORRUPT}: not all that every catalog says of itself is there"
        )
    return rows


def _apply(path: Path, pending: list[str]) -> None:
    from sqlite_utils import Database, Migrations

    migrations = Migrations(_SET)
    for name, function in MIGRATIONS.items():
        migrations(name=name)(function)
    connection = sqlite3.connect(path)
    try:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        migrations.apply(Database(connection))
        connection.execute(f"PRAGMA user_version={len(MIGRATIONS)}")
        connection.commit()
    finally:
        connection.close()
    if _pending(path):
        raise Damage(
            "The catalog could not be brought up to date",
            f"Left over: {', '.join(pending)}.",
            subject=str(path),
        )
