"""Copies of the catalog through SQLite's backup API: before each migration, daily, and on request."""

import contextlib
import datetime
import os
import sqlite3
from pathlib import Path
from typing import Final

from app.core.catalog.sqlite_errors import translated
from app.core.model.errors import Damage, Missing, Refused
from app.core.model.ids import new_id
from app.core.platform.durable import sync_folder, write_error

_KEEP_DAILY: Final = 14
_KEEP_OTHER: Final = 8
_UNFINISHED: Final = ".backup-"


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
    temporary = target.with_name(f"{_UNFINISHED}{new_id()}")
    try:
        with translated(str(target)):
            _copy(catalog, temporary)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
    sync_folder(target.parent)


def _copy(catalog: Path, temporary: Path) -> None:
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
        raise Damage("The backup is not sound", f"SQLite says: {verdict}.", subject=str(catalog))
    with temporary.open("rb") as stream:
        os.fsync(stream.fileno())


def put_back(catalog: Path, chosen: Path | None = None) -> tuple[Path, Path]:
    """Puts a backup in the place of the catalog, which nobody may have open. What is there now is kept beside it.

    Args:
        catalog: the catalog's file; it need not be there.
        chosen: the backup; the newest sound one when left out.

    Returns:
        The backup that was taken, and the folder in which the former files are kept.

    Raises:
        Missing: there is no sound backup, or it cannot be written.
    """
    found = [chosen] if chosen else sorted(folder(catalog).glob("catalog_*.sqlite"), reverse=True)
    taken = next((path for path in found if _is_sound(path)), None)
    if taken is None:
        raise Missing(
            "There is no sound backup",
            f"Looked at: {', '.join(str(path) for path in found) or folder(catalog)}.",
            subject=str(catalog),
            todo="Give the file of a backup that is kept elsewhere.",
        )
    stamp = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d_%H%M%SZ")
    aside = catalog.parent / f"put-aside_{stamp}_{new_id()[-6:]}"
    temporary = catalog.with_name(f"{_UNFINISHED}{new_id()}")
    try:
        with translated(str(taken)):
            _copy(taken, temporary)
        aside.mkdir(mode=0o700)
        # A log that stayed would be taken for that of the copy: the catalog goes first, and is refused while it is gone.
        for ending in ("", "-wal", "-shm"):
            old = catalog.with_name(catalog.name + ending)
            if old.exists():
                old.rename(aside / old.name)
        sync_folder(catalog.parent)
        temporary.rename(catalog)
        sync_folder(catalog.parent)
    except OSError as problem:
        raise write_error(catalog, problem) from problem
    finally:
        temporary.unlink(missing_ok=True)
    return taken, aside


def _is_sound(backup: Path) -> bool:
    address = f"{backup.absolute().as_uri()}?mode=ro&immutable=1"
    try:
        with contextlib.closing(sqlite3.connect(address, uri=True)) as connection:
            connection.execute("SELECT count(*) FROM event").fetchone()
            return bool(connection.execute("PRAGMA integrity_check(1)").fetchone()[0] == "ok")
    except sqlite3.Error:
        return False


def sweep(catalog: Path) -> None:
    """Removes what a killed process left of an unfinished backup. For the process that owns the catalog."""
    for left in folder(catalog).glob(f"{_UNFINISHED}*"):
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
    other = sorted(p for p in backups.glob("catalog_*.sqlite") if p not in daily)
    for old in (*daily[:-_KEEP_DAILY], *other[:-_KEEP_OTHER]):
        old.unlink()
