"""What an act was about: the clips, the bin, the target it names. For words such as “Undone: …”."""

import dataclasses
from collections.abc import Sequence

from app.core.catalog import library
from app.core.catalog.rows import Reader
from app.core.model.entities import Clip
from app.core.model.events import Entity, Event


@dataclasses.dataclass(frozen=True, slots=True)
class Act:
    """One act of a person: its first event, and what that was about."""

    event: Event
    clips: int
    """How many clips it was about."""
    clip: Clip | None
    """The only one of them."""
    name: str
    """Of the bin, target or project; "" where it was about clips."""


_NAMES = {
    Entity.BIN: "SELECT name FROM bin WHERE id = ?",
    Entity.TARGET: "SELECT fields ->> '$.name' FROM target WHERE id = ?",
    Entity.PROJECT: "SELECT fields ->> '$.name' FROM project WHERE id = ?",
}
_CLIPS = {
    Entity.NOTE: "SELECT clip_id FROM note WHERE id = ?",
    Entity.MARK: "SELECT clip_id FROM mark WHERE id = ?",
}


def of_events(reader: Reader, events: Sequence[Event]) -> Act:
    """The act that these events make, in the order they were said or the other way round."""
    first = min(events, key=lambda event: (event.hlc, event.id))
    clips = {clip for event in events if (clip := _clip_of(reader, event))}
    known = library.get(reader, clips.pop(), first.project_id) if len(clips) == 1 else None
    named = _NAMES.get(Entity(first.entity))
    name = reader.value(named, first.entity_id) if named else ""
    return Act(first, 1 if known else len(clips), known, str(name or ""))


def _clip_of(reader: Reader, event: Event) -> str:
    if event.entity in (Entity.CLIP, Entity.DECISION):
        return event.entity_id
    if event.body.get("clip"):
        return str(event.body["clip"])
    asked = _CLIPS.get(Entity(event.entity))
    return str(reader.value(asked, event.entity_id) or "") if asked else ""
