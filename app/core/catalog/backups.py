"""Copies of the catalog through SQLite's backup API: before each migration, daily, and on request."""

import contextlib
import datetime
import os
import sqlite3
from pathlib import Path
from typing import Final

from app.core.model.errors import Damage

_KEEP_DAILY: Final = 14
_KEEP_OTHER: Final = 8
_STEP_PAGES: Final = 4096


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
    """
    stamp = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d_%H%M%SZ")
    target = to or folder(catalog) / f"catalog_{stamp}_{why}.sqlite"
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = target.with_name(f".{target.name[:180]}.new")
    with (
        contextlib.closing(sqlite3.connect(catalog)) as source,
        contextlib.closing(sqlite3.connect(temporary)) as copy,
    ):
        source.backup(copy, pages=_STEP_PAGES)
        verdict = copy.execute("PRAGMA quick_check(1)").fetchone()[0]
        copy.execute("PRAGMA journal_mode=DELETE")
    if verdict != "ok":
        temporary.unlink()
        raise Damage("The backup is not sound", f"SQLite says: {verdict}.", subject=str(catalog))
    with temporary.open("rb") as stream:
        os.fsync(stream.fileno())
    temporary.replace(target)
    _sync_folder(target.parent)
    if to is None:
        _rotate(folder(catalog))
    return target


def daily_due(catalog: Path) -> bool:
    """Whether no daily backup has been made in the last 24 hours."""
    newest = max(
        (p.stat().st_mtime for p in folder(catalog).glob("catalog_*_daily.sqlite")), default=0
    )
    now = datetime.datetime.now(datetime.UTC).timestamp()
    return not 0 <= now - newest < 24 * 3600


def _rotate(backups: Path) -> None:
    daily = sorted(backups.glob("catalog_*_daily.sqlite"))
    other = sorted(p for p in backups.glob("catalog_*.sqlite") if p not in daily)
    for old in (*daily[:-_KEEP_DAILY], *other[:-_KEEP_OTHER]):
        old.unlink()


def _sync_folder(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
