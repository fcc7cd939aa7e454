"""Uploads: what is wanted in the cloud and how much of it is done. A journal: written durably, before the act."""

import json
import time
from collections.abc import Collection, Iterable, Sequence
from typing import Final

from app.core.catalog import decisions, stored
from app.core.catalog.rows import Reader, Row, Tx, marks
from app.core.model.changes import Aspect
from app.core.model.entities import Upload
from app.core.model.ids import new_id

_SELECT: Final = """SELECT u.*, t.fields ->> '$.name' AS target,
    (SELECT coalesce(sum(size), 0) FROM upload_part p WHERE p.upload_id = u.id) AS parts FROM upload u LEFT JOIN target t ON t.id = u.target_id"""


def want(
    tx: Tx,
    *,
    target_id: str,
    clip_id: str,
    key: str,
    source: str,
    size: int,
    content_hash: str,
    wanted_for: str,
) -> str | None:
    """Notes that this object is wanted; None where it was wanted already under this key.

    A key that stands for other bytes is left alone: the object gets a key with its hash in it.

    Args:
        tx: the writer's transaction.
        target_id: where to.
        clip_id: of which clip.
        key: the object's name.
        source: `original:<file>` or `proxy:<rendition>`.
        size: bytes.
        content_hash: of the object's bytes.
        wanted_for: the full hash of the clip's content that was approved.
    """
    known = tx.one(
        "SELECT id, hash, state FROM upload WHERE target_id = ? AND key = ?", target_id, key
    )
    if known is not None and known["hash"] != content_hash:
        return want(
            tx,
            target_id=target_id,
            clip_id=clip_id,
            key=with_hash(key, content_hash),
            source=source,
            size=size,
            content_hash=content_hash,
            wanted_for=wanted_for,
        )
    tx.touch(Aspect.UPLOAD, clip_id)
    if known is not None:
        tx.run(
            "UPDATE upload SET clip_id = ?, wanted_for = ?, state = CASE state WHEN 'stopped' THEN 'queued' ELSE state END WHERE id = ?",
            clip_id,
            wanted_for,
            known["id"],
        )
        return str(known["id"]) if known["state"] == "stopped" else None
    return _insert(tx, (target_id, clip_id, key, source, size, content_hash, wanted_for))


def _insert(tx: Tx, values: tuple[str, str, str, str, int, str, str]) -> str:
    upload_id, now = new_id(), _now()
    tx.run(
        "INSERT INTO upload (id, state, wanted_at, changed_ms, target_id, clip_id, key, source, size, hash, wanted_for)"
        " VALUES (?,'queued',?,?,?,?,?,?,?,?,?)",
        upload_id,
        now,
        now,
        *values,
    )
    return upload_id


def with_hash(key: str, content_hash: str) -> str:
    """The key with eight digits of the hash before its extension."""
    folder, _, name = key.rpartition("/")
    stem, dot, ending = name.rpartition(".")
    digits = content_hash.rpartition(":")[2][:8]
    told = f"{stem}-{digits}{dot}{ending}" if stem else f"{name}-{digits}"
    return f"{folder}/{told}" if folder else told


def unsent(reader: Reader, settled_before_ms: int, kinds: Sequence[tuple[str, str]]) -> list[str]:
    """Approved clips of which not every one of these (target, `original` or `proxy`) is wanted, sent or failed."""
    rows = reader.column(
        f"SELECT DISTINCT d.clip_id FROM {decisions.STANDING} AND d.at_ms <= ? AND"
        " (SELECT count(DISTINCT u.target_id || ':' || substr(u.source, 1, instr(u.source, ':') - 1)) FROM upload u"
        " WHERE u.clip_id = d.clip_id AND u.state <> 'stopped' AND u.wanted_for = d.hash"
        f" AND u.target_id || ':' || substr(u.source, 1, instr(u.source, ':') - 1) IN ({marks(len(kinds))})) < ?",
        settled_before_ms,
        *(f"{target}:{sort}" for target, sort in kinds),
        len(kinds),
    )
    return [str(clip) for clip in rows]


def wanted_already(reader: Reader, clip_id: str) -> frozenset[tuple[str, str]]:
    """(target, `original` or `proxy`) of what is wanted, sent or failed of this clip's present bytes."""
    rows = reader.all(
        "SELECT DISTINCT u.target_id, substr(u.source, 1, instr(u.source, ':') - 1) AS sort FROM upload u JOIN clip c ON c.id = u.clip_id"
        " JOIN content x ON x.id = c.content_id WHERE u.clip_id = ? AND u.state <> 'stopped' AND u.wanted_for = x.full_hash",
        clip_id,
    )
    return frozenset((str(row["target_id"]), str(row["sort"])) for row in rows)


_STANDS: Final = (
    f"(EXISTS (SELECT 1 FROM {decisions.STANDING} AND d.clip_id = u.clip_id AND d.hash = u.wanted_for)"
    " AND EXISTS (SELECT 1 FROM target r WHERE r.id = u.target_id AND r.fields ->> '$.confirmed' = 1"
    " AND coalesce(r.fields ->> '$.removed', 0) = 0))"
)
"""Whether the approval an upload is wanted for still stands, and the rule of its target."""


def unwanted(reader: Reader, limit: int) -> list[Upload]:
    """Uploads under way whose approval or target's rule was taken back, or whose bytes are another version now."""
    return [
        _upload(row)
        for row in reader.all(
            f"{_SELECT} WHERE u.state IN ('queued', 'sending') AND NOT {_STANDS} LIMIT ?", limit
        )
    ]


def stop(tx: Tx, upload_ids: Iterable[str]) -> None:
    """These are not wanted any more, and no failure of theirs is told; what a bucket has already stays there."""
    for upload_id in upload_ids:
        _forget_failure(tx, upload_id)
        set_state(tx, upload_id, "stopped", error="not wanted any more")


def may_go_on(reader: Reader, upload_id: str) -> bool:
    """Whether an upload is wanted: its approval and its target's rule stand."""
    return bool(
        reader.value(
            f"SELECT 1 FROM upload u WHERE u.id = ? AND u.state IN ('queued', 'sending') AND {_STANDS}",
            upload_id,
        )
    )


def retry(tx: Tx, upload_id: str) -> None:
    """A failed upload is queued again."""
    _forget_failure(tx, upload_id)
    if tx.value("SELECT state FROM upload WHERE id = ?", upload_id) == "failed":
        set_state(tx, upload_id, "queued")


def set_state(
    tx: Tx,
    upload_id: str,
    state: str,
    *,
    error: str | None = None,
    checksum: str | None = None,
    not_before: int = 0,
) -> None:
    """Moves an upload on."""
    tx.run(
        "UPDATE upload SET state = ?, error = ?, checksum = coalesce(?, checksum), not_before = ?, changed_ms = ? WHERE id = ?",
        state,
        error,
        checksum,
        not_before,
        _now(),
        upload_id,
    )
    _touch(tx, upload_id)


def wait_no_longer(tx: Tx) -> None:
    """Uploads that wait after a passing failure are due now."""
    tx.run("UPDATE upload SET not_before = 0 WHERE state IN ('queued', 'sending')")
    tx.run("DELETE FROM attempt WHERE recipe = 'upload'")


def set_multipart(tx: Tx, upload_id: str, multipart_id: str | None, part_size: int) -> None:
    """The server's id for the parts to come; stored before the first part leaves."""
    tx.run("DELETE FROM upload_part WHERE upload_id = ?", upload_id)
    tx.run(
        "UPDATE upload SET multipart_id = ?, part_size = ?, changed_ms = ? WHERE id = ?",
        multipart_id,
        part_size,
        _now(),
        upload_id,
    )
    _touch(tx, upload_id)


def add_part(tx: Tx, upload_id: str, number: int, size: int, etag: str, checksum: str) -> None:
    """A part that the server has."""
    tx.run(
        "INSERT OR REPLACE INTO upload_part VALUES (?,?,?,?,?)",
        upload_id,
        number,
        size,
        etag,
        checksum,
    )
    _touch(tx, upload_id)


def keep_parts(tx: Tx, upload_id: str, numbers: Collection[int]) -> None:
    """The server has none but these of the parts that were noted."""
    gone = tx.run(
        "DELETE FROM upload_part WHERE upload_id = ? AND number NOT IN (SELECT value FROM json_each(?))",
        upload_id,
        json.dumps(list(numbers)),
    )
    if gone:
        _touch(tx, upload_id)


def parts(reader: Reader, upload_id: str) -> list[tuple[int, int, str, str]]:
    """(number, size, etag, checksum) of the parts sent."""
    return [
        (r["number"], r["size"], r["etag"], r["checksum"])
        for r in reader.all(
            "SELECT * FROM upload_part WHERE upload_id = ? ORDER BY number", upload_id
        )
    ]


def get(reader: Reader, upload_id: str) -> Upload | None:
    """One upload."""
    row = reader.one(f"{_SELECT} WHERE u.id = ?", upload_id)
    return _upload(row) if row else None


def of_clip(reader: Reader, clip_id: str) -> list[Upload]:
    """All uploads of a clip."""
    return [
        _upload(row)
        for row in reader.all(f"{_SELECT} WHERE u.clip_id = ? ORDER BY u.wanted_at", clip_id)
    ]


def of_version(reader: Reader, clip_id: str, wanted_for: str) -> list[Upload]:
    """The uploads of a clip that its content of this full hash was approved for."""
    where = "WHERE u.clip_id = ? AND u.wanted_for = ? ORDER BY u.wanted_at"
    return [_upload(row) for row in reader.all(f"{_SELECT} {where}", clip_id, wanted_for)]


def every(reader: Reader, states: Sequence[str] = (), limit: int = 1000) -> list[Upload]:
    """Uploads, newest first."""
    condition = f"WHERE u.state IN ({','.join('?' * len(states))})" if states else ""
    return [
        _upload(row)
        for row in reader.all(
            f"{_SELECT} {condition} ORDER BY u.changed_ms DESC LIMIT ?", *states, limit
        )
    ]


def multiparts(reader: Reader, target_id: str) -> tuple[frozenset[str], frozenset[str]]:
    """Every key that was ever wanted at a target, and the server's ids of uploads that may go on, at any: two may share a bucket."""
    keys = reader.column("SELECT key FROM upload WHERE target_id = ?", target_id)
    alive = reader.column(
        "SELECT multipart_id FROM upload WHERE multipart_id <> '' AND state IN ('queued', 'sending', 'failed')"
    )
    return frozenset(str(key) for key in keys), frozenset(str(one) for one in alive)


def due(reader: Reader, limit: int) -> list[Upload]:
    """Uploads that may go on now."""
    return [
        _upload(row)
        for row in reader.all(
            f"{_SELECT} WHERE u.state IN ('queued', 'sending') AND u.not_before <= ? AND {_STANDS} ORDER BY u.wanted_at LIMIT ?",
            _now(),
            limit,
        )
    ]


def tally(reader: Reader) -> tuple[int, int]:
    """(verified, all that are wanted)."""
    row = reader.one(
        "SELECT count(*) FILTER (WHERE state = 'verified') AS done, count(*) AS wanted FROM upload WHERE state <> 'stopped'"
    )
    return (int(row["done"]), int(row["wanted"])) if row else (0, 0)


def _forget_failure(tx: Tx, upload_id: str) -> None:
    if tx.run("DELETE FROM attempt WHERE recipe = 'upload' AND subject = ?", upload_id):
        tx.touch(Aspect.ATTEMPT, upload_id)


def _touch(tx: Tx, upload_id: str) -> None:
    clip = tx.value("SELECT clip_id FROM upload WHERE id = ?", upload_id)
    if clip:
        tx.touch(Aspect.UPLOAD, str(clip))


@stored.reading
def _upload(row: Row) -> Upload:
    size = int(row["size"])
    return Upload(
        id=row["id"],
        target_id=row["target_id"],
        target=row["target"] or "",
        clip_id=row["clip_id"],
        key=row["key"],
        source=row["source"],
        state=row["state"],
        size=size,
        sent=size if row["state"] == "verified" else int(row["parts"]),
        hash=row["hash"],
        multipart_id=row["multipart_id"],
        part_size=row["part_size"],
        error=row["error"],
        changed_ms=row["changed_ms"],
    )


def _now() -> int:
    return time.time_ns() // 1_000_000
