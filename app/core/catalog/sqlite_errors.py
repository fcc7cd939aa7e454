"""What SQLite's errors mean for a person: translated once, here."""

import contextlib
import sqlite3
from collections.abc import Generator
from typing import Final

from app.core.model.errors import Bug, Damage, Missing, NoRoom, Passing, RushesError

PUT_BACK: Final = "Close Rushes and run “rushes put-back”: the newest sound backup takes its place, and what is there now is kept."
_INDEX: Final = f"“rushes check --repair” builds it anew. Where it cannot: {PUT_BACK}"

CORRUPT: Final = "database disk image is malformed"
_GONE: Final = (
    "invalid fts5 file format",
    "vtable constructor failed",
    "no such table",
    "Could not decode to UTF-8",
    "malformed database schema",
    CORRUPT,
)
"""What SQLite calls a plain error, and what a catalog that was migrated can only say when its pages are damaged."""


@contextlib.contextmanager
def translated(subject: str) -> Generator[None]:
    """Turns SQLite's errors into ours."""
    try:
        with quoting():
            yield
    except sqlite3.Error as error:
        raise translate(error, subject) from error


@contextlib.contextmanager
def quoting() -> Generator[None]:
    """Keeps SQLite's errors its errors where their words quote bytes of a damaged file: Python fails over those that are no text.

    Raises:
        sqlite3.DatabaseError: the same words, such bytes replaced.
    """
    try:
        yield
    except UnicodeDecodeError as error:
        words = error.object.decode("utf-8", "replace")
        if not words.startswith(_GONE):
            raise
        raise sqlite3.DatabaseError(words) from error


def translate(error: sqlite3.Error, subject: str) -> RushesError:
    """What an SQLite error means for a person, by its primary result code."""
    exact = getattr(error, "sqlite_errorcode", 0)
    code = exact & 0xFF
    text = str(error)
    # The second is said where not even the index of the write-ahead log has room, so at the start alone.
    if code == sqlite3.SQLITE_FULL or exact == sqlite3.SQLITE_IOERR_SHMSIZE:
        return NoRoom(
            "The disk is full",
            "The catalog could not be written: the disk is full. Nothing was lost.",
            subject=subject,
            todo="Free some space on this disk; work goes on by itself.",
        )
    if exact == sqlite3.SQLITE_CORRUPT_VTAB:
        return Damage(
            "The search index is damaged",
            f"SQLite says: {text}. The index is made of the catalog's other tables.",
            subject=subject,
            todo=_INDEX,
        )
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB) or text.startswith(_GONE):
        return Damage(
            "The catalog is damaged",
            f"SQLite says: {text}.",
            subject=subject,
            todo=PUT_BACK,
        )
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_INTERRUPT):
        return Passing("The catalog is busy", f"SQLite says: {text}.", subject=subject)
    if code in (
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_PERM,
    ):
        return Missing(
            "The catalog cannot be written",
            f"SQLite says: {text}.",
            subject=subject,
            todo="Check that the data folder exists, is on a local disk and belongs to you.",
        )
    return Bug("A query failed", f"SQLite says: {text}.", subject=subject)
