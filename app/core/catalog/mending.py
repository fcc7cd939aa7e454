"""Mends what `integrity` finds, from what is there: the log, copies of it, the rows an index was made of.

Each step is one transaction that finds out itself what is to be done: repair may be cut off anywhere and begun again.
"""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from app.core.catalog import (
    clip_texts,
    events,
    files,
    integrity,
    merging,
    promised,
    salvage,
    schema,
)
from app.core.catalog.rows import Tx
from app.core.model import hlc
from app.core.model.changes import Aspect

Step = Callable[[Tx], list[str]]
_NO_CONTENT: Final = "NOT EXISTS (SELECT 1 FROM content WHERE id = {}.content_id)"


def shape(tx: Tx) -> list[str]:
    """Indexes and views of the present schema that are missing or others are made anew."""
    wrong = [name for _, name in integrity.shape(tx)]
    for name in wrong:
        sql = integrity.wanted_shape()[name]
        sort = "VIEW" if sql.startswith("CREATE VIEW") else "INDEX"
        tx.run(f"DROP {sort} IF EXISTS {name}")
    for name in integrity.wanted_shape():
        if name in wrong:
            tx.run(integrity.wanted_shape()[name])
    return [f"{len(wrong)} indexes and views were made anew"] if wrong else []


def indexes(tx: Tx) -> list[str]:
    """Indexes that differ from their tables are made anew; nothing is touched where the tables themselves are damaged."""
    found = [what for what, _ in integrity.database(tx)]
    if not found or any(integrity.lasting(what) for what in found):
        return []
    tx.run("REINDEX")
    return ["the indexes of the tables were made anew"]


def log_from(copies: Sequence[Path]) -> Step:
    """Broken and missing events come back from these backups, where one has them whole."""

    def act(tx: Tx) -> list[str]:
        count = salvage.heal(tx, copies)
        return [f"{count} events came back from a backup"] if count else []

    return act


def words_from(copies: Sequence[Path]) -> Step:
    """Words that were promised and are not in the catalog come back from these backups, as far as one has them."""

    def act(tx: Tx) -> list[str]:
        lost = promised.noted(tx)
        if lost is None:
            return []
        desk, _ = promised.newest(tx)
        since = [
            row
            for copy in copies
            for row in salvage.told(copy).values()
            if row["node"] == desk and hlc.milliseconds(int(row["hlc"])) >= lost.after_ms
        ]
        count, _ = salvage.take_over(tx, sorted(since, key=lambda row: int(row["hlc"])))
        if count >= lost.entries:
            promised.take_note(tx)
        return [f"{count} words of people came back from a backup"] if count else []

    return act


def references(tx: Tx) -> list[str]:
    """Rows that point at nothing are let go, or get what they point at."""
    done: list[str] = []
    if tx.run(
        "UPDATE file SET clip_id = NULL, role = NULL, place = NULL"
        " WHERE clip_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM clip WHERE id = file.clip_id)"
    ):
        tx.run("UPDATE scope SET changed = changed + 1, done = 0")
        done.append("files without a clip are put together anew")
    now = time.time_ns() // 1_000_000
    if tx.run(
        f"INSERT INTO content (id, made_at) SELECT DISTINCT content_id, ? FROM clip WHERE {_NO_CONTENT.format('clip')}",
        now,
    ):
        tx.run(
            "UPDATE file SET hashed_sig = NULL WHERE clip_id IN (SELECT c.id FROM clip c JOIN content x ON x.id = c.content_id"
            " WHERE x.full_hash IS NULL)"
        )
        done.append("clips without a content have one again; their files are read again")
    done += [
        f"{table}s without a content were dropped; they are made again"
        for table in ("rendition", "transcript", "segment")
        if tx.run(f"DELETE FROM {table} WHERE {_NO_CONTENT.format(table)}")
    ]
    if tx.run(
        "DELETE FROM segment WHERE NOT EXISTS (SELECT 1 FROM transcript WHERE content_id = segment.content_id)"
    ):
        done.append("segments without a transcript were dropped; they are made again")
    return done + _places(tx) + _uploads(tx)


def _places(tx: Tx) -> list[str]:
    lost = "NOT EXISTS (SELECT 1 FROM volume WHERE id = {}.volume_id)"
    gone = tx.run(f"DELETE FROM mount WHERE {lost.format('mount')}")
    gone += tx.run(f"DELETE FROM file WHERE {lost.format('file')}")
    return [f"{gone} rows of volumes that are not known were dropped"] if gone else []


def _uploads(tx: Tx) -> list[str]:
    """What is in a bucket already stays there."""
    lost = "NOT EXISTS (SELECT 1 FROM target WHERE id = upload.target_id)"
    tx.run(f"DELETE FROM upload_part WHERE upload_id IN (SELECT id FROM upload WHERE {lost})")
    gone = tx.run(f"DELETE FROM upload WHERE {lost}")
    return [f"{gone} uploads to targets that are not known were dropped"] if gone else []


def hashes(tx: Tx) -> list[str]:
    """Clips whose hash is not that of their file: the file is read again, and tells."""
    wrong = [clip for _, clip in integrity.hashes(tx)]
    for clip in wrong:
        tx.run("UPDATE file SET full_hash = NULL, hashed_sig = NULL WHERE clip_id = ?", clip)
        tx.run(
            "UPDATE content SET full_hash = NULL WHERE id = (SELECT content_id FROM clip WHERE id = ?)",
            clip,
        )
        tx.touch(Aspect.CLIP, clip)
    return [f"{len(wrong)} clips are read again for their hash"] if wrong else []


def twins(tx: Tx) -> list[str]:
    """Clips of the same bytes become one."""
    count = 0
    while found := next(integrity.same_bytes(tx), None):
        first = tx.value(
            "SELECT c.id FROM content x JOIN content y ON y.full_hash = x.full_hash JOIN clip d ON d.content_id = y.id AND d.id = ?"
            " JOIN clip c ON c.content_id = x.id AND c.retired = 0 ORDER BY c.n LIMIT 1",
            found[1],
        )
        merging.absorb(tx, found[1], str(first))
        count += 1
    return [f"{count} clips of the same bytes became one"] if count else []


def search_index(tx: Tx) -> list[str]:
    """The search index is made anew from the texts, and the names from the clips."""
    for sql in schema.SEARCH:
        name = sql.split("VIRTUAL TABLE ")[-1].split(" ")[0]
        if name.endswith("_fts"):
            tx.run(f"DROP TABLE IF EXISTS {name}")
            tx.run(sql)
    nameless = [clip for _, clip in integrity.findable(tx)]
    clip_texts.index_again(tx)
    tx.run("INSERT INTO doc_fts (doc_fts) VALUES ('rebuild')")
    files.reassemble(tx, nameless)
    return ["the search index was built anew"]


def words(tx: Tx) -> list[str]:
    """The read tables are made anew from the log; not while it is broken: they may be all that still says some of it."""
    if salvage.broken(tx):
        return []
    return [f"the words of {events.replay(tx)} events were applied anew"]


def steps(backups: Sequence[Path]) -> Sequence[Step]:
    """All of it, in the order in which one stands on another."""
    return (shape, indexes, log_from(backups), words, references, hashes, twins, search_index)
