"""Failures of derived work: the only part of the queue that is stored."""

import dataclasses
import json
import os
import time
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from app.core.catalog import stored
from app.core.catalog.rows import Reader, Row, Tx
from app.core.model import names
from app.core.model.changes import Aspect

TRIES: Final = 2
"""After so many the subject stands still, visibly, until someone asks for a retry."""
_FIRST_WAIT_MS: Final = 15_000


@dataclasses.dataclass(frozen=True, slots=True)
class Attempt:
    """A failure as shown."""

    key: str
    recipe: str
    subject: str
    name: str
    """The clip's name, the file's path or the subject itself."""
    tries: int
    stopped: bool
    error: Mapping[str, Any]
    at_ms: int


def failed(
    tx: Tx,
    recipe: str,
    subject: str,
    error: Mapping[str, object],
    *,
    passing: bool,
    away_since: int | None = None,
) -> None:
    """Counts a failure. Passing ones wait longer each time and go on for ever; others stop after `TRIES`.

    Of a clip that proved bad nothing is tried any more, so that is the last one.

    Args:
        tx: the transaction.
        recipe: what was tried.
        subject: with what.
        error: what happened, as JSON.
        passing: it is tried again by itself.
        away_since: for media that were not there, `arrivals` before they were looked for. Where some have come since,
            the place they were looked for at may be the old one: nobody would wake this any more, so it waits for nothing.
    """
    tries = 1 + int(tx.value("SELECT tries FROM attempt WHERE key = ?", _key(recipe, subject)) or 0)
    wait = _FIRST_WAIT_MS * 2 ** min(tries - 1, 8) if passing else 0
    if away_since is not None and away_since != arrivals(tx):
        wait = 0
    over = tries >= TRIES or tx.value(
        "SELECT 1 FROM clip WHERE id = ? AND own_state = 'bad'", names.sound_text(subject)
    )
    _put(tx, recipe, subject, error, tries, wait, stop=not passing and bool(over))


def stopped(tx: Tx, recipe: str, subject: str, error: Mapping[str, object]) -> None:
    """Lets a subject stand still at once: a person called it off."""
    _put(tx, recipe, subject, error, TRIES, 0, stop=True)


def _put(
    tx: Tx,
    recipe: str,
    subject: str,
    error: Mapping[str, object],
    tries: int,
    wait_ms: int,
    *,
    stop: bool,
) -> None:
    now = time.time_ns() // 1_000_000
    tx.run(
        "INSERT OR REPLACE INTO attempt VALUES (?,?,?,?,?,?,?,?)",
        _key(recipe, subject),
        recipe,
        names.sound_text(subject),
        tries,
        now + wait_ms,
        stop,
        json.dumps(dict(error)),
        now,
    )
    tx.touch(Aspect.ATTEMPT, subject)


def _key(recipe: str, subject: str) -> str:
    return names.sound_text(f"{recipe}:{subject}")


def succeeded(tx: Tx, recipe: str, subject: str) -> None:
    """Forgets earlier failures."""
    if tx.run("DELETE FROM attempt WHERE key = ?", _key(recipe, subject)):
        tx.touch(Aspect.ATTEMPT, subject)


def exists(reader: Reader, recipe: str, subject: str) -> bool:
    """Whether a failure is stored."""
    return bool(reader.value("SELECT 1 FROM attempt WHERE key = ?", _key(recipe, subject)))


def retry(tx: Tx, key: str | None = None) -> list[tuple[str, str]]:
    """Forgets one failure (all where None); returns (recipe, subject) of what may try again."""
    wanted = None if key is None else names.sound_text(key)
    rows = tx.all(
        "DELETE FROM attempt WHERE key = ? OR ? IS NULL RETURNING recipe, subject", wanted, wanted
    )
    if rows:
        tx.touch(Aspect.ATTEMPT)
    return [(row["recipe"], row["subject"]) for row in rows]


def arrivals(reader: Reader) -> int:
    """How often media came back or moved: asked before a path is read, it tells whether that path may be an old one."""
    return int(reader.value("SELECT value FROM meta WHERE key = 'arrivals'") or 0)


def _arrived(tx: Tx) -> None:
    tx.run("INSERT OR REPLACE INTO meta VALUES ('arrivals', ?)", str(arrivals(tx) + 1))


def wake(tx: Tx) -> None:
    """What waits to be tried again is tried now: a volume is back."""
    _arrived(tx)
    if tx.run("UPDATE attempt SET not_before = 0 WHERE stopped = 0"):
        tx.touch(Aspect.ATTEMPT)


def wanting(reader: Reader, recipe: str, title: str) -> list[tuple[str, bool]]:
    """(subject, whether it waits for its next try) of all that failed under this title and are tried again by themselves."""
    now = time.time_ns() // 1_000_000
    rows = reader.all(
        "SELECT subject, not_before > ? AS waits FROM attempt WHERE recipe = ? AND NOT stopped AND error ->> '$.title' = ?"
        " ORDER BY at, subject",
        now,
        recipe,
        title,
    )
    return [(str(row["subject"]), bool(row["waits"])) for row in rows]


def wake_these(tx: Tx, recipe: str, subjects: Sequence[str]) -> None:
    """What these waited for is there: they are tried now."""
    for subject in subjects:
        if tx.run(
            "UPDATE attempt SET not_before = 0 WHERE key = ? AND stopped = 0 AND not_before > 0",
            _key(recipe, subject),
        ):
            tx.touch(Aspect.ATTEMPT, subject)


def wake_files(tx: Tx, rows: Collection[int]) -> None:
    """These files are there again, maybe at another path: what waits to be tried again with their clips is tried now."""
    if not rows:
        return
    _arrived(tx)
    there = frozenset(rows)
    for row in tx.all(
        "SELECT a.key, a.subject, coalesce(u.clip_id, f.clip_id, a.subject) AS clip FROM attempt a"
        " LEFT JOIN upload u ON u.id = a.subject LEFT JOIN file f ON f.id = a.subject WHERE a.stopped = 0 AND a.not_before > 0"
    ):
        if not there.isdisjoint(tx.column("SELECT n FROM file WHERE clip_id = ?", row["clip"])):
            tx.run("UPDATE attempt SET not_before = 0 WHERE key = ?", row["key"])
            tx.touch(Aspect.ATTEMPT, str(row["subject"]))


def blocked(reader: Reader, recipe: str) -> set[str]:
    """Subjects of a recipe that must not be tried now."""
    now = time.time_ns() // 1_000_000
    return {
        str(s)
        for s in reader.column(
            "SELECT subject FROM attempt WHERE recipe = ? AND (stopped OR not_before > ?)",
            recipe,
            now,
        )
    }


def of(reader: Reader, recipe: str, subject: str) -> Attempt | None:
    """The failure of one subject; None where it did not fail."""
    row = reader.one(
        "SELECT a.*, a.subject AS name FROM attempt a WHERE key = ?", _key(recipe, subject)
    )
    return _attempt(row) if row else None


def every(reader: Reader) -> list[Attempt]:
    """All failures, newest first."""
    rows = reader.all(
        "SELECT a.*, coalesce((SELECT name FROM clip WHERE id = a.subject), (SELECT path FROM file WHERE id = a.subject),"
        " (SELECT c.name FROM upload u JOIN clip c ON c.id = u.clip_id WHERE u.id = a.subject), (SELECT name FROM offload WHERE id = a.subject), a.subject)"
        " AS name FROM attempt a ORDER BY at DESC"
    )
    return [_attempt(row) for row in rows]


def waiting(reader: Reader, until_ms: int) -> int:
    """How many passing failures will be tried again before this time."""
    return int(
        reader.value("SELECT count(*) FROM attempt WHERE stopped = 0 AND not_before <= ?", until_ms)
    )


@stored.reading
def _attempt(row: Row) -> Attempt:
    name = row["name"]
    return Attempt(
        row["key"],
        row["recipe"],
        row["subject"],
        name if isinstance(name, str) else names.display(os.fsdecode(name)),
        row["tries"],
        bool(row["stopped"]),
        stored.table(row["error"]),
        row["at"],
    )
