"""Decisions on versions: reading them, and which approvals count."""

from typing import Final

from app.core.catalog import stored
from app.core.catalog.rows import Reader, Row
from app.core.model.entities import Decision

_COLUMNS: Final = "d.*, x.full_hash, coalesce(a.name, '') AS by_name"
_JOINS: Final = """JOIN clip c ON c.id = d.clip_id JOIN content x ON x.id = c.content_id LEFT JOIN actor a ON a.id = d.actor"""


def of_clip(reader: Reader, clip_id: str, project_id: str) -> list[Decision]:
    """All standing votes on a clip, newest first."""
    rows = reader.all(
        f"SELECT {_COLUMNS}, 0 AS disputed FROM decision d {_JOINS} WHERE d.clip_id = ? AND d.project_id = ?"
        " ORDER BY d.hlc DESC, d.event_id DESC",
        clip_id,
        project_id,
    )
    found = [_decision(row) for row in rows]
    counts = latest(reader, clip_id, project_id)
    return [counts, *found[1:]] if counts else found


def latest(reader: Reader, clip_id: str, project_id: str) -> Decision | None:
    """The word that counts now."""
    row = reader.one(
        f"SELECT {_COLUMNS}, d.disputed FROM verdict d {_JOINS} WHERE d.clip_id = ? AND d.project_id = ?",
        clip_id,
        project_id,
    )
    return _decision(row) if row else None


def every(reader: Reader, project_id: str, limit: int = 500) -> list[Decision]:
    """All decisions of a project, newest first."""
    rows = reader.all(
        f"SELECT {_COLUMNS}, coalesce(v.disputed, 0) AS disputed FROM decision d {_JOINS} LEFT JOIN verdict v ON v.clip_id = d.clip_id"
        " AND v.project_id = d.project_id AND v.event_id = d.event_id WHERE d.project_id = ? ORDER BY d.hlc DESC LIMIT ?",
        project_id,
        limit,
    )
    return [_decision(row) for row in rows]


def approved_clips(reader: Reader, settled_before_ms: int) -> list[str]:
    """Clips whose last word is an approval of the bytes they have now, said before this time.

    Only what the hub has acknowledged counts where something leaves the building (alone, the
    embedded hub acknowledges at commit), and nothing that two people dispute.
    """
    rows = reader.column(
        f"SELECT DISTINCT d.clip_id FROM {STANDING} AND d.at_ms <= ?", settled_before_ms
    )
    return [str(clip) for clip in rows]


def last_approval(reader: Reader, after_ms: int) -> int | None:
    """When the newest approval that counts was said, if it was after this time; milliseconds since 1970, UTC."""
    found = reader.value(f"SELECT max(d.at_ms) FROM {STANDING} AND d.at_ms > ?", after_ms)
    return None if found is None else int(found)


def project_of(reader: Reader, clip_id: str) -> str:
    """The project in which the clip is approved; "" where it is not."""
    found = reader.value(
        f"SELECT d.project_id FROM {STANDING} AND d.clip_id = ? ORDER BY d.hlc DESC LIMIT 1",
        clip_id,
    )
    return str(found or "")


STANDING: Final = (
    "verdict d JOIN clip c ON c.id = d.clip_id AND c.retired = 0 JOIN content x ON x.id = c.content_id"
    " WHERE d.verdict = 'approved' AND d.hash <> '' AND d.hash = x.full_hash AND NOT d.disputed AND d.server_seq IS NOT NULL"
)
"""What counts as an approval of the clip `c` where something leaves the building."""


def pending_here(reader: Reader) -> bool:
    """Whether an approval waits for the hash of a file that can be read now."""
    return bool(
        reader.value(
            "SELECT 1 FROM decision d JOIN file f ON f.clip_id = d.clip_id AND f.hashed_sig IS NULL AND f.state = 'present' AND f.role IN"
            " ('essence', 'span', 'audio') JOIN volume v ON v.id = f.volume_id AND v.online = 1 WHERE d.verdict = 'approved' AND d.hash = ''"
            " AND NOT EXISTS (SELECT 1 FROM attempt a WHERE a.recipe = 'hash' AND a.subject = f.id AND a.stopped) LIMIT 1"
        )
    )


@stored.reading
def _decision(row: Row) -> Decision:
    return Decision(
        clip_id=row["clip_id"],
        verdict=row["verdict"],
        hash=row["hash"],
        pending=row["hash"] == "",
        current=row["hash"] in ("", row["full_hash"]),
        by=row["actor"],
        by_name=row["by_name"],
        at_ms=row["at_ms"],
        comment=row["comment"],
        disputed=bool(row["disputed"]),
    )
