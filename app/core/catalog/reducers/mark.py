"""Markers, ranges and subclips: fields by last word, deletion hides."""

from collections.abc import Sequence
from typing import Any

from app.core.catalog.reducers.values import is_deleted
from app.core.model import hlc
from app.core.model.events import Event, Kind

MarkState = dict[str, Any]
"""The body of the making, changed by the edits, with `author`, `created_ms`, `deleted`, `project_id`."""


def fold(events: Sequence[Event]) -> MarkState | None:
    """The mark after these events; None while the event that adds it has not arrived."""
    added = next((event for event in events if event.kind == Kind.MARK_ADDED), None)
    if added is None:
        return None
    state: MarkState = dict(added.body)
    for event in events:
        if event.kind == Kind.MARK_EDITED:
            state.update(event.body["changes"])
    state.update(
        author=added.actor,
        project_id=added.project_id,
        created_ms=hlc.milliseconds(added.hlc),
        deleted=is_deleted(events, Kind.MARK_DELETED, Kind.MARK_RESTORED),
    )
    return state
