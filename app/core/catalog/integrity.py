"""Is the catalog whole: SQLite's own check, the event log's digests, read tables against the log, references. `mending` mends."""

import contextlib
import functools
import re
import sqlite3
from collections.abc import Callable, Generator, Iterator, Mapping
from typing import Final

from app.core.catalog import events, schema
from app.core.catalog.clip_states import IDENTITY
from app.core.catalog.rows import Reader, Tx, marks
from app.core.catalog.sqlite_errors import quoting
from app.core.model.errors import Damage

Problem = tuple[str, str]
"""(what is wrong, what it is about)."""
BAD_FILE: Final = "the catalog's file is damaged"
BAD_INDEX: Final = "an index does not say what its table says"
BAD_SHAPE: Final = "an index or view is missing or another"
BAD_EVENT: Final = "an event was changed after it was written"
NO_EVENT: Final = "events are missing from the log"
BAD_HASH: Final = "a clip's hash is not that of its file"
NOT_FOUND: Final = "a clip is not found by its name"
UNTOLD: Final = "what people said cannot be told anew"
OF_AN_INDEX: Final = re.compile(r"(?:from|in) index (\w+)$")
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
        "an upload belongs to no target",
        "SELECT id FROM upload u WHERE NOT EXISTS (SELECT 1 FROM target WHERE id = u.target_id)",
    ),
)


def database(reader: Reader) -> Iterator[Problem]:
    """SQLite's integrity check; what is wrong with an index alone is told apart: it can be made anew."""
    for line in reader.column("PRAGMA integrity_check(20)"):
        if line != "ok":
            yield (BAD_INDEX if OF_AN_INDEX.search(line) else f"{BAD_FILE}: {line}"), _about(line)


def _about(line: str) -> str:
    found = OF_AN_INDEX.search(line)
    return found[1] if found else "catalog"


def shape(reader: Reader) -> Iterator[Problem]:
    """Indexes and views of the present schema that are not there, or are others."""
    here = {row["name"]: row["sql"] for row in reader.all("SELECT name, sql FROM sqlite_master")}
    for name, sql in wanted_shape().items():
        if here.get(name) != sql:
            yield BAD_SHAPE, name


@functools.cache
def wanted_shape() -> Mapping[str, str]:
    """The statement that makes each index and view of the present schema."""
    with fresh() as told:
        return {
            str(row["name"]): str(row["sql"])
            for row in told.all(
                "SELECT name, sql FROM sqlite_master WHERE type IN ('index', 'view') AND sql IS NOT NULL"
            )
        }


@contextlib.contextmanager
def fresh() -> Generator[Tx]:
    """An empty catalog of its own, of the present schema, gone at the end."""
    with contextlib.closing(sqlite3.connect("", isolation_level=None)) as connection:
        connection.row_factory = sqlite3.Row
        for statement in schema.EVERYTHING:
            connection.execute(statement)
        yield Tx(connection)


def log_rows(reader: Reader) -> Iterator[Problem]:
    """Events whose bytes are not what was written, and numbers that were given and are not there."""
    sequence = missing = 0
    while batch := events.rows_since(reader, sequence):
        for row in batch:
            if row["digest"] != events.digest_of(row):
                yield BAD_EVENT, str(row["id"])
        missing += int(batch[-1]["seq"]) - sequence - len(batch)
        sequence = int(batch[-1]["seq"])
    if missing:
        yield NO_EVENT, f"{missing} of {sequence}"


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


def same_bytes(reader: Reader) -> Iterator[Problem]:
    """Clips that should be one: each but the first. Files without a byte say nothing of what they were to be."""
    for subject in reader.column(
        "SELECT c.id FROM clip c JOIN content x ON x.id = c.content_id WHERE c.retired = 0 AND x.full_hash IS NOT NULL AND c.size > 0"
        " AND EXISTS (SELECT 1 FROM clip d JOIN content y ON y.id = d.content_id WHERE d.retired = 0 AND y.full_hash = x.full_hash AND d.n < c.n)"
    ):
        yield "two clips have the same content hash", str(subject)


def foreign(reader: Reader) -> Iterator[Problem]:
    """Rows that name a row that does not exist, by SQLite's own rules."""
    for row in reader.all("PRAGMA foreign_key_check"):
        yield f"a row of {row['table']} names a {row['parent']} that does not exist", str(row[1])


def hashes(reader: Reader) -> Iterator[Problem]:
    """Contents of one file whose hash is not that of the file, though both were read whole."""
    for subject in reader.column(
        f"SELECT c.id FROM clip c JOIN content x ON x.id = c.content_id JOIN file f ON f.clip_id = c.id AND f.place = c.place"
        f" WHERE c.retired = 0 AND x.full_hash IS NOT NULL AND f.role IN {IDENTITY} AND f.state = 'present'"
        " AND f.hashed_sig = f.size || ':' || f.mtime_ns AND f.full_hash IS NOT NULL AND f.full_hash <> x.full_hash"
        f" AND (SELECT count(*) FROM file o WHERE o.clip_id = c.id AND o.place = c.place AND o.role IN {IDENTITY}) = 1"
    ):
        yield BAD_HASH, str(subject)


def findable(reader: Reader) -> Iterator[Problem]:
    """Clips that no search finds by their names. Where something waits to be put together, its names are not in the index yet."""
    for subject in reader.column(
        "SELECT id FROM clip c WHERE retired = 0 AND (NOT EXISTS (SELECT 1 FROM name_fts WHERE rowid = c.n)"
        " OR NOT EXISTS (SELECT 1 FROM doc WHERE clip_id = c.id AND field = 'name' AND ref = ''))"
        " AND NOT EXISTS (SELECT 1 FROM scope WHERE volume_id = c.volume_id AND changed > done)"
    ):
        yield NOT_FOUND, str(subject)


def words_match(reader: Reader) -> Iterator[Problem]:
    """Every read table of human facts, and what search knows of it, against the log, told anew in a database of its own."""
    with fresh() as told:
        try:
            for table in ("event", "clip_alias"):
                rows = reader.all(f"SELECT * FROM {table}")
                if rows:
                    told.many(
                        f"INSERT INTO {table} VALUES ({marks(len(rows[0]))})", map(tuple, rows)
                    )
            events.replay(told)
        except sqlite3.IntegrityError as error:
            yield f"{UNTOLD}: {error}", "catalog"
            return
        said, found = events.snapshot(told), events.snapshot(reader)
        if _texts(told) != _texts(reader):
            yield BAD_INDEX, "what people said"
        for subject in set(_parts(told)) ^ set(_parts(reader)):
            yield "an event is kept under another thing than it is about", str(subject[0])
    for table, rows in said.items():
        if rows != found[table]:
            wrong = set(rows) ^ set(found[table])
            subject = min(str(row[0]) for row in wrong) if wrong else table
            yield f"the table of {table}s does not say what people said", subject


def _parts(reader: Reader) -> list[tuple[object, ...]]:
    return reader.tuples("SELECT id, part FROM event")


def _texts(reader: Reader) -> list[tuple[object, ...]]:
    return sorted(
        reader.tuples(
            "SELECT clip_id, project_id, field, ref, coalesce(start_frame, -1), coalesce(end_frame, -1), text FROM doc WHERE project_id <> ''"
        )
    )


def search_index(tx: Tx) -> list[Problem]:
    """The full-text indexes against the texts they stand for. It changes nothing, but SQLite asks it in a write."""
    found: list[Problem] = []
    for table in ("doc_fts", "name_fts"):
        try:
            tx.run(f"INSERT INTO {table} ({table}, rank) VALUES ('integrity-check', 1)")
        except sqlite3.DatabaseError:
            found.append((BAD_INDEX, f"search ({table})"))
    return found


def problems(reader: Reader) -> list[Problem]:
    """All that is wrong; where a page cannot be read at all, what was found until then, and that."""
    found: list[Problem] = []
    for check in CHECKS:
        try:
            with quoting():
                found += check(reader)
        except (sqlite3.Error, Damage) as error:
            if not any(what.startswith(BAD_FILE) for what, _ in found):
                found.append((f"{BAD_FILE}: {error}", "catalog"))
    return found


CHECKS: Final[tuple[Callable[[Reader], Iterator[Problem]], ...]] = (
    database,
    shape,
    log_rows,
    references,
    same_bytes,
    foreign,
    hashes,
    findable,
    words_match,
)


def lasting(what: str) -> bool:
    """Whether this cannot be made again from what is left in the catalog."""
    return what.startswith((BAD_FILE, BAD_EVENT, NO_EVENT, UNTOLD))
