"""Folds shared by many entities: last word wins, observed-remove sets, named fields, lifetimes."""

from collections.abc import Sequence
from typing import Any

from app.core.model.events import Event, Kind


def last_body(events: Sequence[Event]) -> dict[str, Any]:
    """The body of the last event: last writer wins, the losers stay in history."""
    return dict(events[-1].body)


def living_adds(events: Sequence[Event], added: Kind, removed: Kind) -> frozenset[str]:
    """Observed-remove set: the adds that no removal has seen. A concurrent add survives."""
    gone: set[str] = set()
    for event in events:
        if event.kind == removed:
            gone.update(str(add) for add in event.body["adds"])
    return frozenset(event.id for event in events if event.kind == added and event.id not in gone)


def fields(events: Sequence[Event], made: Kind, changed: Kind) -> dict[str, Any]:
    """Named fields, each won by its last word, over what the making said. A field set to None is not set."""
    result: dict[str, Any] = {}
    for event in events:
        if event.kind == made:
            result = {**event.body, **result}
        elif event.kind == changed:
            result[str(event.body["field"])] = event.body["value"]
    return {name: value for name, value in result.items() if value is not None}


def is_deleted(events: Sequence[Event], deleted: Kind, restored: Kind) -> bool:
    """Whether the last word on its life was a deletion."""
    life = [event.kind for event in events if event.kind in (deleted, restored)]
    return bool(life) and life[-1] == deleted
