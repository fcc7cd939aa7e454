"""Copies of the catalog through SQLite's backup API: before each migration, daily, and on request."""

import contextlib
import datetime
import os
import sqlite3
from pathlib import Path
from typing import Final

from app.core.catalog.sqlite_errors import PUT_BACK, translated
from app.core.model.errors import Damage, Refused
from app.core.model.ids import new_id
from app.core.platform.durable import sync_folder, write_error

_KEEP_DAILY: Final = 14
_KEEP_OTHER: Final = 8
_KEEP_REPAIRS: Final = 3
UNFINISHED: Final = ".backup-"
"""How the names of copies begin that are not whole yet."""
BEFORE_REPAIR: Final = "before-repair"


def folder(catalog: Path) -> Path:
    """Where the backups of this catalog are kept."""
    return catalog.parent / "backups"


def make(catalog: Path, why: str, to: Path | None = None) -> Path:
    """A sound copy of the catalog as it is now, checked before it gets its name.

    Args:
        catalog: the catalog's file.
        why: a word for the name: `daily`, `before-migration`, `asked`.
        to: the file to write; a dated one in the backups folder when left out.

    Raises:
        Damage: the copy does not pass SQLite's quick check.
        Refused: a file of the name asked for is there already.
        NoRoom, Missing: it cannot be written.
    """
    stamp = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d_%H%M%SZ")
    target = to or folder(catalog) / f"catalog_{stamp}_{why}.sqlite"
    if to is not None and os.path.lexists(to):
        raise Refused(
            "The file is there already",
            f"{to} was not overwritten.",
            subject=str(to),
            todo="Give another name, or move the file away.",
        )
    try:
        _write(catalog, target)
        if to is None:
            _rotate(folder(catalog))
    except OSError as problem:
        raise write_error(target, problem) from problem
    return target


def _write(catalog: Path, target: Path) -> None:
    if target.parent == folder(catalog):
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = target.with_name(f"{UNFINISHED}{new_id()}")
    try:
        with translated(str(target)):
            copy(catalog, temporary)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
    sync_folder(target.parent)


def newest_first(catalog: Path) -> list[Path]:
    """The backups of this catalog that are kept beside it."""
    return sorted(folder(catalog).glob("catalog_*.sqlite"), reverse=True)


def copy(catalog: Path, temporary: Path) -> None:
    """One moment of a catalog in a new file that only this user can read, synced.

    Raises:
        Damage: the copy does not pass SQLite's quick check.
        OSError, sqlite3.Error: it cannot be written, or not be read.
    """
    # Private from the first byte, as the catalog itself.
    os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    with (
        contextlib.closing(sqlite3.connect(catalog)) as source,
        contextlib.closing(sqlite3.connect(temporary)) as copy,
    ):
        # In one step: a copy in steps begins anew at every write of others, and may never end.
        source.backup(copy)
        verdict = copy.execute("PRAGMA quick_check(1)").fetchone()[0]
        copy.execute("PRAGMA journal_mode=DELETE")
    if verdict != "ok":
        raise Damage(
            "The backup is not sound",
            f"SQLite says: {verdict}.",
            subject=str(catalog),
            todo=PUT_BACK,
        )
    with temporary.open("rb") as stream:
        os.fsync(stream.fileno())


def sweep(catalog: Path) -> None:
    """Removes what a killed process left of an unfinished backup. For the process that owns the catalog."""
    for left in folder(catalog).glob(f"{UNFINISHED}*"):
        left.unlink(missing_ok=True)


def daily_due(catalog: Path) -> bool:
    """Whether no daily backup has been made in the last 24 hours."""
    newest = max(
        (p.stat().st_mtime for p in folder(catalog).glob("catalog_*_daily.sqlite")), default=0
    )
    now = datetime.datetime.now(datetime.UTC).timestamp()
    return not 0 <= now - newest < 24 * 3600


def _rotate(backups: Path) -> None:
    daily = sorted(backups.glob("catalog_*_daily.sqlite"))
    # Copies of a catalog that was repaired again and again never push the others out.
    repairs = sorted(backups.glob(f"catalog_*_{BEFORE_REPAIR}.sqlite"))
    other = sorted(p for p in backups.glob("catalog_*.sqlite") if p not in (*daily, *repairs))
    for old in (*daily[:-_KEEP_DAILY], *repairs[:-_KEEP_REPAIRS], *other[:-_KEEP_OTHER]):
        old.unlink()
