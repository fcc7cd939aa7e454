"""Notes: text by last word with the loser kept, resolve by last word, deletion hides."""

import dataclasses
from collections.abc import Sequence

from app.core.catalog.reducers.values import is_deleted
from app.core.model import hlc
from app.core.model.events import Event, Kind


@dataclasses.dataclass(frozen=True, slots=True)
class NoteState:
    """What is true of one note."""

    clip_id: str
    project_id: str
    start_frame: int
    end_frame: int
    text: str
    author: str
    resolved: bool
    parent: str | None
    created_ms: int
    deleted: bool
    edited_by_both: bool
    other_text: str | None


def fold(events: Sequence[Event]) -> NoteState | None:
    """The note after these events; None while the event that adds it has not arrived."""
    added = next((event for event in events if event.kind == Kind.NOTE_ADDED), None)
    if added is None:
        return None
    edits = [event for event in events if event.kind == Kind.NOTE_EDITED]
    both, other = _rivals(edits)
    turns = [
        event.kind for event in events if event.kind in (Kind.NOTE_RESOLVED, Kind.NOTE_REOPENED)
    ]
    return NoteState(
        clip_id=str(added.body["clip"]),
        project_id=added.project_id,
        start_frame=int(added.body["start"]),
        end_frame=int(added.body["end"]),
        text=str(edits[-1].body["text"] if edits else added.body["text"]),
        author=added.actor,
        resolved=bool(turns) and turns[-1] == Kind.NOTE_RESOLVED,
        parent=added.body["parent"],
        created_ms=hlc.milliseconds(added.hlc),
        deleted=is_deleted(events, Kind.NOTE_DELETED, Kind.NOTE_RESTORED),
        edited_by_both=both,
        other_text=other,
    )


def _rivals(edits: Sequence[Event]) -> tuple[bool, str | None]:
    """Two edits of the same base are rivals: the last is shown, the other's text is kept."""
    rival = next(
        (e for e in reversed(edits[:-1]) if e.body["base"] == edits[-1].body["base"]), None
    )
    return (True, str(rival.body["text"])) if rival else (False, None)
