"""Is the catalog whole: SQLite's own check, the event log's digests, read tables against the log, references."""

import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from typing import Final

from app.core.catalog import events, schema
from app.core.catalog.rows import Reader, Tx, marks

Problem = tuple[str, str]
"""(what is wrong, what it is about)."""
_REFERENCES: Final = (
    (
        "a file refers to a clip that does not exist",
        "SELECT path FROM file f WHERE clip_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM clip WHERE id = f.clip_id)",
    ),
    (
        "a clip has no content",
        "SELECT id FROM clip c WHERE NOT EXISTS (SELECT 1 FROM content WHERE id = c.content_id)",
    ),
    (
        "a rendition belongs to no content",
        "SELECT id FROM rendition r WHERE NOT EXISTS (SELECT 1 FROM content WHERE id = r.content_id)",
    ),
    (
        "a segment belongs to no transcript",
        "SELECT DISTINCT content_id FROM segment s WHERE NOT EXISTS (SELECT 1 FROM transcript WHERE content_id = s.content_id)",
    ),
    (
        "two clips have the same content hash",
        "SELECT max(c.id) FROM clip c JOIN content x ON x.id = c.content_id WHERE c.retired = 0 AND x.full_hash IS NOT NULL"
        " GROUP BY x.full_hash HAVING count(*) > 1",
    ),
    (
        "an upload belongs to no target",
        "SELECT id FROM upload u WHERE NOT EXISTS (SELECT 1 FROM target WHERE id = u.target_id)",
    ),
)


def database(reader: Reader) -> Iterator[Problem]:
    """SQLite's integrity check and the full-text index."""
    for line in reader.column("PRAGMA integrity_check(20)"):
        if line != "ok":
            yield f"the catalog's file is damaged: {line}", "catalog"


def log_rows(reader: Reader) -> Iterator[Problem]:
    """Events whose bytes are not what was written."""
    sequence = 0
    while batch := events.rows_since(reader, sequence):
        for row in batch:
            if row["digest"] != events.digest_of(row):
                yield "an event was changed after it was written", str(row["id"])
        sequence = int(batch[-1]["seq"])


def references(reader: Reader) -> Iterator[Problem]:
    """Rows that point at nothing."""
    for words, sql in _REFERENCES:
        for subject in reader.column(sql):
            yield (
                words,
                subject.decode("utf-8", "backslashreplace")
                if isinstance(subject, bytes)
                else str(subject),
            )


def words_match(reader: Reader) -> Iterator[Problem]:
    """Every read table of human facts against the log, told anew in a database of its own."""
    with contextlib.closing(sqlite3.connect("", isolation_level=None)) as connection:
        connection.row_factory = sqlite3.Row
        for statement in schema.EVERYTHING:
            connection.execute(statement)
        told = Tx(connection)
        try:
            for table in ("event", "clip_alias"):
                rows = reader.all(f"SELECT * FROM {table}")
                if rows:
                    told.many(
                        f"INSERT INTO {table} VALUES ({marks(len(rows[0]))})", map(tuple, rows)
                    )
            events.replay(told)
        except sqlite3.IntegrityError as error:
            yield f"what people said cannot be told anew: {error}", "catalog"
            return
        said, found = events.snapshot(told), events.snapshot(reader)
    for table, rows in said.items():
        if rows != found[table]:
            wrong = set(rows) ^ set(found[table])
            subject = min(str(row[0]) for row in wrong) if wrong else table
            yield f"the table of {table}s does not say what people said", subject


CHECKS: Final[tuple[Callable[[Reader], Iterator[Problem]], ...]] = (
    database,
    log_rows,
    references,
    words_match,
)


def repair(tx: Tx) -> list[str]:
    """Mends references and the search index from what is there; says what it did."""
    done: list[str] = []
    if tx.run(
        "UPDATE file SET clip_id = NULL, role = NULL WHERE clip_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM clip WHERE id = file.clip_id)"
    ):
        tx.run("UPDATE scope SET changed = changed + 1, done = 0")
        done.append("files without a clip are put together anew")
    done += [
        f"{table}s without a clip were dropped; they are made again"
        for table in ("segment", "rendition")
        if tx.run(
            f"DELETE FROM {table} WHERE NOT EXISTS (SELECT 1 FROM content WHERE id = {table}.content_id)"
        )
    ]
    tx.run("INSERT INTO doc_fts (doc_fts) VALUES ('rebuild')")
    done.append("the search index was built anew")
    return done
