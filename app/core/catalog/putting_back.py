"""A backup in the place of the catalog; and with it what was said since, where the damaged file still tells it."""

import contextlib
import datetime
import sqlite3
from pathlib import Path

from app.core.catalog import backups, promised, salvage
from app.core.catalog.database import FILE_NAME, Catalog
from app.core.catalog.rows import Reader
from app.core.catalog.sqlite_errors import quoting, translated
from app.core.model.errors import Missing, RushesError
from app.core.model.ids import new_id
from app.core.platform.durable import sync_folder, write_error


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
    found = [chosen] if chosen else backups.newest_first(catalog)
    taken = next((path for path in found if is_sound(path, words=chosen is None)), None)
    if taken is None:
        raise Missing(
            "There is no sound backup",
            f"Looked at: {', '.join(str(path) for path in found) or backups.folder(catalog)}.",
            subject=str(catalog),
            todo="Give the file of a backup that is kept elsewhere.",
        )
    stamp = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d_%H%M%SZ")
    aside = catalog.parent / f"put-aside_{stamp}_{new_id()[-6:]}"
    temporary = catalog.with_name(f"{backups.UNFINISHED}{new_id()}")
    try:
        with translated(str(taken)):
            backups.copy(taken, temporary)
        aside.mkdir(mode=0o700)
        # A log that stayed would be taken for that of the copy: the catalog goes first, and is refused while it is gone.
        # What was promised goes with it: the copy never held that.
        for name in (*(catalog.name + e for e in ("", "-wal", "-shm")), promised.FILE_NAME):
            old = catalog.with_name(name)
            if old.exists():
                old.rename(aside / name)
        sync_folder(catalog.parent)
        temporary.rename(catalog)
        sync_folder(catalog.parent)
    except OSError as problem:
        raise write_error(catalog, problem) from problem
    finally:
        temporary.unlink(missing_ok=True)
    return taken, aside


def take_over(home: Path, aside: Path) -> tuple[int, int, int]:
    """Says again what was said after the backup that was put back, as far as the former file still tells it.

    Args:
        home: the data folder, which this process owns.
        aside: where the former files are.

    Returns:
        How many entries those were, how many of them are about clips that this catalog does not know, and how many
        were promised beside the former file and are told by neither.
    """
    rows = salvage.told(aside / FILE_NAME)
    desk, known = promised.named(aside / FILE_NAME)
    if not rows and not known:
        return 0, 0, 0
    with contextlib.closing(Catalog.open(home)) as catalog:
        ordered = [rows[number] for number in sorted(rows)]
        said, unknown = catalog.write(lambda tx: salvage.take_over(tx, ordered), durable=True)
        with catalog.read() as reader:
            node, here = promised.newest(reader)
    return said, unknown, max(0, known - here) if node == desk else 0


def is_sound(backup: Path, *, words: bool = True) -> bool:
    """Whether a backup passes SQLite's check; with `words`, also whether each event in it fits its digest and none is missing."""
    address = f"{backup.absolute().as_uri()}?mode=ro&immutable=1"
    try:
        with contextlib.closing(sqlite3.connect(address, uri=True)) as connection, quoting():
            connection.row_factory = sqlite3.Row
            reader = Reader(connection)
            reader.value("SELECT count(*) FROM event")
            if not reader.value("SELECT count(*) FROM _sqlite_migrations"):
                return False
            return reader.value("PRAGMA integrity_check(1)") == "ok" and not (
                words and salvage.broken(reader)
            )
    except (sqlite3.Error, RushesError):
        return False
