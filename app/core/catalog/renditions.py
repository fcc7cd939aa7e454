"""What has been derived, by content and recipe; and what is due."""

import dataclasses
import json
import time
from collections.abc import Mapping, Sequence
from typing import Any, Final

from app.core.catalog.rows import Reader, Tx, marks
from app.core.model.changes import Aspect
from app.core.model.ids import new_id
from app.core.model.media import RenditionKind, RenditionState


@dataclasses.dataclass(frozen=True, slots=True)
class Made:
    """One rendition as its handler made it."""

    kind: RenditionKind
    path: str | None
    """Relative to the proxy store; None where the facts are all there is."""
    size: int = 0
    hash: str | None = None
    facts: Mapping[str, Any] = dataclasses.field(default_factory=dict[str, Any])
    state: RenditionState = RenditionState.READY
    error: str | None = None


def put(
    tx: Tx, content_id: str, recipe: str, version: int, params: str, made: Sequence[Made]
) -> list[str]:
    """Records what a recipe made of a content; returns the store paths that this replaces."""
    now = time.time_ns() // 1_000_000
    old: list[str] = []
    for one in made:
        before = tx.value(
            "SELECT path FROM rendition WHERE content_id = ? AND kind = ? AND recipe = ?",
            content_id,
            one.kind.value,
            recipe,
        )
        if before and before != one.path:
            old.append(str(before))
        tx.run(
            "INSERT INTO rendition (id, content_id, kind, recipe, version, params, state, path, size, hash, facts, error, made_at, used_at)"
            " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT (content_id, kind, recipe) DO UPDATE SET version = excluded.version,"
            " params = excluded.params, state = excluded.state, path = excluded.path, size = excluded.size, hash = excluded.hash,"
            " facts = excluded.facts, error = excluded.error, made_at = excluded.made_at, used_at = excluded.used_at",
            new_id(),
            content_id,
            one.kind.value,
            recipe,
            version,
            params,
            one.state.value,
            one.path,
            one.size,
            one.hash,
            json.dumps(dict(one.facts), ensure_ascii=False),
            one.error,
            now,
            now,
        )
    touch_clips(tx, content_id)
    return old


def touch_clips(tx: Tx, content_id: str) -> None:
    """Tells the feed that what is derived of this content changed."""
    tx.touch(
        Aspect.RENDITION,
        *(
            str(i)
            for i in tx.column(
                "SELECT id FROM clip WHERE content_id = ? AND retired = 0", content_id
            )
        ),
    )


# `+c.state`: by row number, so that the limit ends it; by state, all that are due would be sorted first.
_DUE: Final = """SELECT c.id FROM clip c CROSS JOIN volume v ON v.id = c.volume_id
    WHERE c.retired = 0 AND +c.state IN ('ready', 'damaged') AND c.kind IN ({kinds}) AND {policy}
    AND (NOT EXISTS (SELECT 1 FROM rendition r WHERE r.content_id = c.content_id AND r.recipe = ?1 AND r.version = ?2 AND r.params = ?3
            AND r.state <> 'due')
        OR c.content_id IN (SELECT content_id FROM rendition INDEXED BY rendition_due WHERE state = 'due' AND recipe = ?1))
    AND NOT EXISTS (SELECT 1 FROM attempt a WHERE a.recipe = ?1 AND a.subject = c.id AND (a.stopped OR a.not_before > ?4))
    {extra} ORDER BY c.n LIMIT ?5"""

_NO_TWIN: Final = """AND NOT EXISTS (SELECT 1 FROM file f JOIN file g ON g.quick_id = f.quick_id AND g.n <> f.n AND g.state = 'present'
        AND (g.clip_id IS NULL OR g.clip_id <> c.id) AND (g.hashed_sig IS NULL OR f.hashed_sig IS NULL)
        WHERE f.clip_id = c.id AND f.role IN ('essence', 'span', 'audio') AND v.derive = 'all')"""


def due(
    reader: Reader,
    recipe: str,
    version: int,
    params: str,
    kinds: Sequence[str],
    *,
    policy: str,
    limit: int,
    only: Sequence[str] = (),
) -> list[str]:
    """Clips whose output of this recipe is missing or out of date.

    Args:
        reader: the snapshot.
        recipe: its name.
        version: its version.
        params: its parameters, as one text.
        kinds: clip kinds it works on.
        policy: `any` (wherever the volume is), `wanted` (the volume derives all, or a person touched the clip).
        limit: at most so many.
        only: among these clips alone, where given.
    """
    condition = (
        "(v.derive = 'all' OR (v.derive IN ('touched', 'posters') AND c.touched = 1))"
        if policy == "wanted"
        else "1"
    )
    extra = (_NO_TWIN if policy == "wanted" else "") + (
        f" AND c.id IN ({marks(len(only))})" if only else ""
    )
    sql = _DUE.format(
        kinds=",".join(f"'{kind}'" for kind in kinds), policy=condition, extra=_numbered(extra)
    )
    return [
        str(i)
        for i in reader.column(
            sql, recipe, version, params, time.time_ns() // 1_000_000, limit, *only
        )
    ]


def _numbered(sql: str, first: int = 6) -> str:
    """Question marks after the fixed parameters, numbered from `first`."""
    parts = sql.split("?")
    return "".join(
        part + (f"?{first + n}" if n < len(parts) - 1 else "") for n, part in enumerate(parts)
    )


# Its clip away: the proxy is its only picture. Speech not written down yet, and what is to be sent, are still wanted.
_SPARE: Final = """r.path IS NOT NULL AND r.recipe = 'derive' AND r.kind IN ('proxy', 'speech') AND r.state = 'ready'
    AND r.used_at < ?1 AND r.content_id <> ?2
    AND NOT EXISTS (SELECT 1 FROM clip c JOIN volume v ON v.id = c.volume_id WHERE c.content_id = r.content_id AND c.retired = 0
        AND (c.state NOT IN ('ready', 'damaged') OR v.online = 0))
    AND (r.kind <> 'speech' OR EXISTS (SELECT 1 FROM transcript t WHERE t.content_id = r.content_id))
    AND NOT EXISTS (SELECT 1 FROM clip c JOIN upload u ON u.clip_id = c.id WHERE c.content_id = r.content_id
        AND u.source = 'proxy:' || r.id AND u.state NOT IN ('verified', 'stopped'))"""


def least_used(
    reader: Reader, before_ms: int, *, but: str = "", in_hand: Sequence[str] = (), limit: int = 5000
) -> list[tuple[str, str, int]]:
    """(content, store path, size) of what may be evicted, the least used first: proxies and speech, never posters.

    Never the proxy of a clip whose files are not all there, nor what is still to be sent or written down.

    Args:
        reader: the snapshot.
        before_ms: only what was used last before this time, milliseconds since 1970.
        but: the content that room is made for.
        in_hand: clips that people look at now: theirs stay.
        limit: at most so many.
    """
    rows = reader.all(
        f"SELECT r.content_id, r.path, r.size FROM rendition r WHERE {_SPARE} AND r.content_id NOT IN"
        f" (SELECT content_id FROM clip WHERE id IN ({_numbered(marks(len(in_hand)), 4)})) ORDER BY r.used_at, r.path LIMIT ?3",
        before_ms,
        but,
        limit,
        *in_hand,
    )
    return [(row["content_id"], row["path"], row["size"]) for row in rows]


def wanted_at(reader: Reader, content_id: str) -> int:
    """When somebody last wanted this content, milliseconds since 1970: opened it, or else brought it in."""
    used = "SELECT max(used_at) FROM rendition WHERE content_id = ?1"
    made = "SELECT max(made_at) FROM clip WHERE content_id = ?1 AND retired = 0"
    return int(reader.value(f"SELECT coalesce(({used}), ({made}), 0)", content_id))


def own_size(reader: Reader, content_id: str) -> int:
    """Bytes that the decode pass of this content holds, which making it again replaces."""
    return int(
        reader.value(
            "SELECT coalesce(sum(size), 0) FROM rendition WHERE path IS NOT NULL AND content_id = ? AND recipe = 'derive'",
            content_id,
        )
    )


def evicted(tx: Tx, paths: Sequence[str]) -> None:
    """These files were taken out of the store to make room; they are made again when a person opens the clip."""
    for path in paths:
        content = tx.value("SELECT content_id FROM rendition WHERE path = ?", path)
        tx.run("UPDATE rendition SET state = 'stale', path = NULL, size = 0 WHERE path = ?", path)
        if content:
            touch_clips(tx, str(content))


def stored(reader: Reader) -> list[tuple[str, str, int, str | None]]:
    """(id, store path, size, hash) of everything that should be in the proxy store."""
    rows = reader.all(
        "SELECT id, path, size, hash FROM rendition WHERE path IS NOT NULL AND state = 'ready'"
    )
    return [(row["id"], row["path"], row["size"], row["hash"]) for row in rows]


def count(reader: Reader) -> int:
    """How many there are in the proxy store."""
    return int(
        reader.value("SELECT count(*) FROM rendition WHERE path IS NOT NULL AND state = 'ready'")
    )


def paths_of(reader: Reader, content_ids: Sequence[str]) -> set[str]:
    """The store paths of what was made of these contents."""
    rows = reader.column(
        f"SELECT path FROM rendition WHERE content_id IN ({marks(len(content_ids))}) AND path IS NOT NULL",
        *content_ids,
    )
    return {str(path) for path in rows}


def paths_after(reader: Reader, last: int, most: int) -> tuple[set[str], int | None]:
    """Store paths of the next rows in the order of the table, and where to go on from; None: that was all.

    Args:
        reader: a snapshot.
        last: where the page before ended; 0 at first.
        most: rows to read.
    """
    rows = reader.all(
        "SELECT rowid AS n, path FROM rendition WHERE rowid > ? ORDER BY rowid LIMIT ?", last, most
    )
    found = {str(row["path"]) for row in rows if row["path"] is not None}
    return found, int(rows[-1]["n"]) if len(rows) == most else None


def outdated(tx: Tx, content_id: str) -> None:
    """The files of this content are others now: what was made of them is due again."""
    if tx.run(
        "UPDATE rendition SET state = 'due' WHERE content_id = ? AND recipe IN ('poster', 'derive') AND state <> 'due'",
        content_id,
    ):
        touch_clips(tx, content_id)


def lost(tx: Tx, rendition_ids: Sequence[str]) -> None:
    """These are not in the store any more: they become due again."""
    for one in rendition_ids:
        content = tx.value("SELECT content_id FROM rendition WHERE id = ?", one)
        tx.run("UPDATE rendition SET state = 'due', path = NULL WHERE id = ?", one)
        if content:
            touch_clips(tx, str(content))


def content_of(reader: Reader, clip_id: str) -> str | None:
    """The content of a clip."""
    found = reader.value("SELECT content_id FROM clip WHERE id = ?", clip_id)
    return str(found) if found else None


def content_and_length(reader: Reader, clip_id: str) -> tuple[str, int]:
    """(content id, how long it plays in milliseconds, 0 unknown) of a clip; ("", 0) where it is gone."""
    row = reader.one("SELECT content_id, duration_ms FROM clip WHERE id = ?", clip_id)
    return (str(row["content_id"]), int(row["duration_ms"])) if row else ("", 0)


def total_size(reader: Reader) -> int:
    """Bytes the store holds."""
    return int(reader.value("SELECT coalesce(sum(size), 0) FROM rendition WHERE path IS NOT NULL"))


def names_and_volumes(reader: Reader, clip_ids: Sequence[str]) -> dict[str, tuple[str, str]]:
    """(name, volume id) by clip."""
    rows = reader.all(
        f"SELECT id, name, volume_id FROM clip WHERE id IN ({marks(len(clip_ids))})", *clip_ids
    )
    return {row["id"]: (row["name"], row["volume_id"]) for row in rows}


def tidied(reader: Reader) -> int:
    """When the store was last cleared of what nothing refers to, in seconds since 1970; 0: never."""
    return int(reader.value("SELECT value FROM meta WHERE key = 'tidied'") or 0)


def set_tidied(tx: Tx, seconds: int) -> None:
    """Notes that the store was cleared."""
    tx.run("INSERT OR REPLACE INTO meta VALUES ('tidied', ?)", str(seconds))
