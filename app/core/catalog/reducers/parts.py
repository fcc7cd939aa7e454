"""Which independent part of its entity an event speaks of."""

from collections.abc import Callable, Mapping
from typing import Final

from app.core.model.events import Event, Kind

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
    Kind.DECISION_MADE: lambda event: f"{event.body['round']}:{event.actor}",
    Kind.DECISION_WITHDRAWN: lambda event: f"{event.body['round']}:{event.actor}",
}


def part_of(event: Event) -> str:
    """The part; "" where the entity changes as a whole."""
    return (
        _PARTS[event.kind](event) if isinstance(event.kind, Kind) and event.kind in _PARTS else ""
    )
