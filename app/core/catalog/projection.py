"""Applies what the reducers say to the read tables and the search index, in the writer's transaction."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from app.core.catalog import documents
from app.core.catalog import projection_clips as clips
from app.core.catalog import projection_things as things
from app.core.catalog.rows import Tx
from app.core.model.changes import Aspect
from app.core.model.events import Event, Kind

Apply = Callable[[Tx, Event, Sequence[Event]], None]
TABLES: Final = (
    "project",
    "actor",
    "clip_log",
    "clip_range",
    "clip_field",
    "tag",
    "note",
    "mark",
    "decision",
    "bin",
    "bin_clip",
    "correction",
    "clip_group",
    "sync_offset",
    "timecode_correction",
    "target",
)
BY_CLIP: Final = (
    "clip_log",
    "clip_range",
    "clip_field",
    "tag",
    "decision",
    "bin_clip",
    "sync_offset",
    "timecode_correction",
)
"""Those whose rows have no id but the clip's: made anew when clips are merged."""


def project(tx: Tx, event: Event, events: Sequence[Event]) -> None:
    """Brings the read tables along after an event.

    Args:
        tx: the writer's transaction.
        event: the one that arrived.
        events: all of its part, in order, the new one among them. What is not understood is left out.
    """
    if event.understood:
        _APPLY[Kind(event.kind)](tx, event, [e for e in events if e.understood])


def clear(tx: Tx) -> None:
    """Empties the read tables of human facts, before a replay."""
    for table in TABLES:
        tx.run(f"DELETE FROM {table}")
    documents.drop_said(tx)


def clear_clip(tx: Tx, clip_id: str) -> None:
    """Takes out what was said of a clip and has no id of its own, before it is projected anew."""
    for table in BY_CLIP:
        tx.run(f"DELETE FROM {table} WHERE clip_id = ?", clip_id)
    tx.run("DELETE FROM sync_offset WHERE to_clip = ?", clip_id)
    for field in ("tag", "name", "fact"):
        documents.drop_said(tx, clip_id, field)


_APPLY: Final[Mapping[Kind, Apply]] = {
    Kind.PROJECT_CREATED: (
        _project := things.named_fields(
            "project", Kind.PROJECT_CREATED, Kind.PROJECT_CHANGED, Aspect.PROJECT
        )
    ),
    Kind.PROJECT_CHANGED: _project,
    Kind.TARGET_ADDED: (
        _target := things.named_fields(
            "target", Kind.TARGET_ADDED, Kind.TARGET_CHANGED, Aspect.TARGET
        )
    ),
    Kind.TARGET_CHANGED: _target,
    Kind.ACTOR_NAMED: things.actor,
    Kind.CLIP_FIELD_SET: clips.field,
    Kind.CLIP_RATED: clips.rating,
    Kind.CLIP_CIRCLED: clips.circled,
    Kind.CLIP_REJECTED: clips.rejected,
    Kind.CLIP_MARKED: clips.marked,
    Kind.TAG_ADDED: clips.tag,
    Kind.TAG_REMOVED: clips.tag,
    Kind.TIMECODE_CORRECTED: clips.timecode,
    Kind.SYNC_OFFSET_SET: clips.sync_offset,
    Kind.DECISION_MADE: clips.vote,
    Kind.DECISION_WITHDRAWN: clips.vote,
    Kind.DECISION_BOUND: clips.vote,
    Kind.NOTE_ADDED: things.note,
    Kind.NOTE_EDITED: things.note,
    Kind.NOTE_DELETED: things.note,
    Kind.NOTE_RESTORED: things.note,
    Kind.NOTE_RESOLVED: things.note,
    Kind.NOTE_REOPENED: things.note,
    Kind.MARK_ADDED: things.mark,
    Kind.MARK_EDITED: things.mark,
    Kind.MARK_DELETED: things.mark,
    Kind.MARK_RESTORED: things.mark,
    Kind.BIN_CREATED: things.bin_itself,
    Kind.BIN_CHANGED: things.bin_itself,
    Kind.BIN_DELETED: things.bin_itself,
    Kind.BIN_RESTORED: things.bin_itself,
    Kind.BIN_CLIP_ADDED: things.bin_clip,
    Kind.BIN_CLIP_REMOVED: things.bin_clip,
    Kind.SEGMENT_CORRECTED: things.segment,
    Kind.GROUP_MADE: things.group,
    Kind.GROUP_DISSOLVED: things.group,
}
