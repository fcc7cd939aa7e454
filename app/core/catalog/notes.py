"""Notes on frames and ranges: reading them. They are written through events alone."""

from app.core.catalog import stored
from app.core.catalog.rows import Reader, Row
from app.core.model.entities import Mark, Note
from app.core.model.errors import Refused
from app.core.model.ids import may_be_part
from app.core.model.names import sound_text

_NOTE = """SELECT n.*, coalesce(a.name, '') AS author_name FROM note n LEFT JOIN actor a ON a.id = n.author WHERE n.deleted = 0"""


def of_clip(reader: Reader, clip_id: str, project_id: str) -> list[Note]:
    """A clip's notes in this project: by frame, replies after what they answer."""
    rows = reader.all(
        f"{_NOTE} AND n.clip_id = ? AND n.project_id = ? ORDER BY n.start_frame, n.created_ms, n.id",
        clip_id,
        project_id,
    )
    return [_note(row) for row in rows]


def get(reader: Reader, note_id: str) -> Note:
    """One note by id or unique prefix or suffix of it.

    Raises:
        Refused: no such note, or more than one.
    """
    note_id = sound_text(note_id)
    rows = reader.all(f"{_NOTE} AND n.id = ?", note_id)
    if not rows and may_be_part(note_id):
        parts = (f"{note_id}*", f"*{note_id}")
        rows = reader.all(f"{_NOTE} AND (n.id GLOB ? OR n.id GLOB ?) LIMIT 5", *parts)
    if len(rows) != 1:
        raise Refused(
            "Unknown note" if not rows else "More than one note fits",
            f"{note_id!r} names {len(rows)} notes.",
            subject=note_id,
            choices=tuple(f"{row['id']} {row['text'][:40]}" for row in rows),
        )
    return _note(rows[0])


def base_of(reader: Reader, note_id: str) -> str:
    """What an edit made now builds on: the last edit so far, else the note as it was written."""
    found = reader.value(
        "SELECT id FROM event WHERE entity = 'note' AND entity_id = ? AND part = '' AND kind = 'note-edited'"
        " ORDER BY hlc DESC, node DESC, id DESC LIMIT 1",
        note_id,
    )
    return str(found or note_id)


def open_count(reader: Reader, project_id: str) -> int:
    """How many notes wait for an answer."""
    return int(
        reader.value(
            "SELECT count(*) FROM note WHERE project_id = ? AND state = 'open' AND deleted = 0 AND parent IS NULL",
            project_id,
        )
    )


def open_notes(reader: Reader, project_id: str, limit: int = 500) -> list[Note]:
    """Open notes of all clips, newest first."""
    return [
        _note(row)
        for row in reader.all(
            f"{_NOTE} AND n.project_id = ? AND n.state = 'open' AND n.parent IS NULL ORDER BY n.created_ms DESC LIMIT ?",
            project_id,
            limit,
        )
    ]


def marks_of(reader: Reader, clip_id: str, project_id: str) -> list[Mark]:
    """A clip's markers, ranges and subclips in this project, by frame."""
    rows = reader.all(
        "SELECT * FROM mark WHERE clip_id = ? AND project_id = ? AND deleted = 0 ORDER BY start_frame, created_ms, id",
        clip_id,
        project_id,
    )
    return [_mark(row) for row in rows]


def mark(reader: Reader, mark_id: str) -> Mark:
    """One mark.

    Raises:
        Refused: there is none of this id.
    """
    mark_id = sound_text(mark_id)
    row = reader.one("SELECT * FROM mark WHERE id = ? AND deleted = 0", mark_id)
    if row is None:
        raise Refused("Unknown mark", f"No mark has the id {mark_id!r}.", subject=mark_id)
    return _mark(row)


def made_on(reader: Reader, mark_id: str) -> str:
    """The clip that a mark was made on, which may be a part of its clip now; "" where it is not known."""
    found = reader.value(
        "SELECT body ->> '$.clip' FROM event WHERE entity = 'mark' AND entity_id = ? AND kind = 'mark-added'",
        mark_id,
    )
    return str(found or "")


@stored.reading
def _note(row: Row) -> Note:
    return Note(
        id=row["id"],
        clip_id=row["clip_id"],
        project_id=row["project_id"],
        start_frame=row["start_frame"],
        end_frame=row["end_frame"],
        text=row["text"],
        author=row["author"],
        author_name=row["author_name"],
        state=row["state"],
        parent=row["parent"],
        created_ms=row["created_ms"],
        edited_by_both=bool(row["edited_by_both"]),
        other_text=row["other_text"],
    )


@stored.reading
def _mark(row: Row) -> Mark:
    return Mark(
        id=row["id"],
        clip_id=row["clip_id"],
        sort=row["sort"],
        start_frame=row["start_frame"],
        end_frame=row["end_frame"],
        name=row["name"],
        colour=row["colour"],
        category=row["category"],
        text=row["text"],
        author=row["author"],
        created_ms=row["created_ms"],
        project_id=row["project_id"],
    )
