"""What was logged of clips in a project: rating, circled, reject, in and out, keywords; and their history."""

from typing import Any

from app.core.catalog import shifts, stored
from app.core.catalog.rows import Reader, Row, marks
from app.core.model import hlc
from app.core.model.entities import ClipLog, HistoryEntry


def of_clip(reader: Reader, clip_id: str, project_id: str, actor: str = "") -> ClipLog:
    """One clip's log; in and out are this person's."""
    row = reader.one(
        "SELECT * FROM clip_log WHERE clip_id = ? AND project_id = ?", clip_id, project_id
    )
    span = reader.one(
        "SELECT * FROM clip_range WHERE clip_id = ? AND project_id = ? AND actor = ?",
        clip_id,
        project_id,
        actor,
    )
    words = reader.column(
        "SELECT word FROM tag WHERE clip_id = ? AND project_id = ? ORDER BY word",
        clip_id,
        project_id,
    )
    return ClipLog(
        rating=row["rating"] if row else 0,
        circled=bool(row and row["circled"]),
        rejected=bool(row and row["rejected"]),
        mark_in=span["mark_in"] if span else None,
        mark_out=span["mark_out"] if span else None,
        tags=tuple(str(w) for w in words),
    )


def timecode_corrected(reader: Reader, clip_id: str) -> bool:
    """Whether somebody shifted the labels of a clip, in any project."""
    return bool(reader.value("SELECT 1 FROM timecode_correction WHERE clip_id = ?", clip_id))


def tag_adds(reader: Reader, clip_id: str, project_id: str, word: str) -> list[str]:
    """The adds that a removal must name."""
    adds: list[str] = stored.listed(
        reader.value(
            "SELECT adds FROM tag WHERE clip_id = ? AND project_id = ? AND word = ?",
            clip_id,
            project_id,
            word,
        )
        or "[]"
    )
    return adds


def keywords(reader: Reader, project_id: str, limit: int = 200) -> list[tuple[str, int]]:
    """Keywords of the project, most used first."""
    rows = reader.all(
        "SELECT word, count(*) AS uses FROM tag WHERE project_id = ? GROUP BY word ORDER BY uses DESC, word LIMIT ?",
        project_id,
        limit,
    )
    return [(row["word"], row["uses"]) for row in rows]


def history(reader: Reader, clip_ids: list[str], limit: int = 500) -> list[HistoryEntry]:
    """Everything people said of a clip (under each of its ids), newest first."""
    slots = marks(len(clip_ids))
    rows = reader.all(
        f"""WITH said (seq) AS (
            SELECT seq FROM event WHERE entity IN ('clip', 'decision') AND entity_id IN ({slots})
            UNION SELECT e.seq FROM note n JOIN event e ON e.entity = 'note' AND e.entity_id = n.id WHERE n.clip_id IN ({slots})
            UNION SELECT e.seq FROM mark m JOIN event e ON e.entity = 'mark' AND e.entity_id = m.id WHERE m.clip_id IN ({slots})
            UNION SELECT e.seq FROM correction k JOIN event e ON e.entity = 'segment' AND e.entity_id = k.id WHERE k.clip_id IN ({slots})
            UNION SELECT seq FROM event WHERE part IN ({slots}) AND kind IN ('bin-clip-added', 'bin-clip-removed', 'sync-offset-set'))
        SELECT e.*, coalesce(a.name, '') AS actor_name FROM said s JOIN event e ON e.seq = s.seq LEFT JOIN actor a ON a.id = e.actor
        ORDER BY e.hlc DESC, e.seq DESC LIMIT ?""",
        *clip_ids * 4,
        *(f"clip:{clip}" for clip in clip_ids),
        limit,
    )
    return [
        HistoryEntry(
            event_id=r["id"],
            kind=r["kind"],
            actor=r["actor"],
            actor_name=r["actor_name"],
            at_ms=hlc.milliseconds(r["hlc"]),
            body=_body(reader, r),
            undone=bool(r["undone"]),
        )
        for r in rows
    ]


@stored.reading
def _body(reader: Reader, row: Row) -> dict[str, Any]:
    """What was said; the frames of a note or mark are those of the clip as it is joined now."""
    body: dict[str, Any] = stored.table(row["body"])
    if row["kind"] in ("note-added", "mark-added"):
        steps = shifts.of(reader, str(body["clip"]))
        body["start"], body["end"] = shifts.span(steps, int(body["start"]), int(body["end"]))
    return body
