"""Which independent part of its entity an event speaks of: events of one part are folded together."""

from collections.abc import Callable, Mapping
from typing import Final

from app.core.model.events import Entity, Event, Kind

CLIP_BOUND: Final = (Entity.CLIP, Entity.DECISION)
"""Their entity id is a clip, and what is said holds in one project. All others have an id of their own."""


def _vote(event: Event) -> str:
    return f"{event.body['round'] or ''}:{event.actor}"


_PARTS: Final[Mapping[Kind, Callable[[Event], str]]] = {
    Kind.CLIP_RATED: lambda _: "rating",
    Kind.CLIP_CIRCLED: lambda _: "circled",
    Kind.CLIP_REJECTED: lambda _: "rejected",
    Kind.CLIP_MARKED: lambda event: f"range:{event.actor}",
    Kind.CLIP_FIELD_SET: lambda event: f"field:{event.body['field']}",
    Kind.TAG_ADDED: lambda event: f"tag:{event.body['word']}",
    Kind.TAG_REMOVED: lambda event: f"tag:{event.body['word']}",
    Kind.TIMECODE_CORRECTED: lambda _: "timecode",
    Kind.SYNC_OFFSET_SET: lambda event: f"sync:{event.body['to']}",
    Kind.BIN_CLIP_ADDED: lambda event: f"clip:{event.body['clip']}",
    Kind.BIN_CLIP_REMOVED: lambda event: f"clip:{event.body['clip']}",
    Kind.DECISION_MADE: _vote,
    Kind.DECISION_WITHDRAWN: _vote,
    Kind.DECISION_BOUND: _vote,
}


def part_of(event: Event) -> str:
    """The part; "" where the entity changes as a whole, or where this version does not know what is said."""
    if not event.understood or event.kind not in _PARTS:
        return ""
    return _PARTS[Kind(event.kind)](event)


def clip_in(part: str) -> str | None:
    """The clip that a part names, where it names one."""
    sort, _, clip = part.partition(":")
    return clip if sort in ("clip", "sync") else None
