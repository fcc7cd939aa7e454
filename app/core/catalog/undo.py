"""Undo and redo: the inverse of an act, as further events. Nothing is ever taken out of the log."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from app.core.catalog import events as log
from app.core.catalog.reducers import mark, note, values
from app.core.catalog.rows import Reader, Tx
from app.core.model.errors import Refused
from app.core.model.events import Entity, Event, Kind

Inverse = Callable[[Event, Sequence[Event]], tuple[Kind, dict[str, Any]] | None]


def _opposite(kind: Kind) -> Inverse:
    return lambda _event, _others: (kind, {})


def _back_to(empty: Mapping[str, Any], *keep: str) -> Inverse:
    """The same kind again, with what the others say, or with nothing set."""

    def inverse(event: Event, others: Sequence[Event]) -> tuple[Kind, dict[str, Any]]:
        before = next((e.body for e in reversed(others) if e.kind == event.kind), None)
        body = dict(before) if before is not None else {**event.body, **empty}
        return Kind(event.kind), {**body, **{key: event.body[key] for key in keep}}

    return inverse


def _field_back(made: Kind) -> Inverse:
    def inverse(event: Event, others: Sequence[Event]) -> tuple[Kind, dict[str, Any]]:
        field = str(event.body["field"])
        before = values.fields(others, made, Kind(event.kind)).get(field)
        return Kind(event.kind), {"field": field, "value": before}

    return inverse


def _note_text(event: Event, others: Sequence[Event]) -> tuple[Kind, dict[str, Any]] | None:
    before = note.fold(others)
    return (Kind.NOTE_EDITED, {"text": before.text, "base": event.id}) if before else None


def _mark_back(event: Event, others: Sequence[Event]) -> tuple[Kind, dict[str, Any]] | None:
    before = mark.fold(others)
    return (
        (Kind.MARK_EDITED, {"changes": {key: before[key] for key in event.body["changes"]}})
        if before
        else None
    )


def _vote_back(event: Event, others: Sequence[Event]) -> tuple[Kind, dict[str, Any]]:
    before = others[-1] if others else None
    if before is not None and before.kind == Kind.DECISION_MADE:
        return Kind.DECISION_MADE, dict(before.body)
    return Kind.DECISION_WITHDRAWN, {"clip": event.body["clip"], "round": event.body["round"]}


def _group_again(_event: Event, others: Sequence[Event]) -> tuple[Kind, dict[str, Any]] | None:
    made = next((e for e in reversed(others) if e.kind == Kind.GROUP_MADE), None)
    return (Kind.GROUP_MADE, dict(made.body)) if made else None


_INVERSES: Final[Mapping[Kind, Inverse]] = {
    Kind.CLIP_RATED: _back_to({"rating": 0}),
    Kind.CLIP_CIRCLED: _back_to({"circled": False}),
    Kind.CLIP_REJECTED: _back_to({"rejected": False}),
    Kind.CLIP_MARKED: _back_to({"in": None, "out": None}),
    Kind.CLIP_FIELD_SET: _back_to({"value": None}, "field"),
    Kind.TIMECODE_CORRECTED: _back_to({"offset": 0}),
    Kind.SYNC_OFFSET_SET: _back_to({"samples": None}, "to"),
    Kind.SEGMENT_CORRECTED: _back_to({"text": None, "speaker": None}),
    Kind.TAG_ADDED: lambda e, _o: (Kind.TAG_REMOVED, {"word": e.body["word"], "adds": [e.id]}),
    Kind.TAG_REMOVED: lambda e, _o: (Kind.TAG_ADDED, {"word": e.body["word"]}),
    Kind.BIN_CLIP_ADDED: lambda e, _o: (
        Kind.BIN_CLIP_REMOVED,
        {"clip": e.body["clip"], "adds": [e.id]},
    ),
    Kind.BIN_CLIP_REMOVED: lambda e, _o: (Kind.BIN_CLIP_ADDED, {"clip": e.body["clip"]}),
    Kind.NOTE_ADDED: _opposite(Kind.NOTE_DELETED),
    Kind.NOTE_DELETED: _opposite(Kind.NOTE_RESTORED),
    Kind.NOTE_RESTORED: _opposite(Kind.NOTE_DELETED),
    Kind.NOTE_RESOLVED: _opposite(Kind.NOTE_REOPENED),
    Kind.NOTE_REOPENED: _opposite(Kind.NOTE_RESOLVED),
    Kind.NOTE_EDITED: _note_text,
    Kind.MARK_ADDED: _opposite(Kind.MARK_DELETED),
    Kind.MARK_DELETED: _opposite(Kind.MARK_RESTORED),
    Kind.MARK_RESTORED: _opposite(Kind.MARK_DELETED),
    Kind.MARK_EDITED: _mark_back,
    Kind.BIN_CREATED: _opposite(Kind.BIN_DELETED),
    Kind.BIN_DELETED: _opposite(Kind.BIN_RESTORED),
    Kind.BIN_RESTORED: _opposite(Kind.BIN_DELETED),
    Kind.BIN_CHANGED: _field_back(Kind.BIN_CREATED),
    Kind.PROJECT_CHANGED: _field_back(Kind.PROJECT_CREATED),
    Kind.TARGET_CHANGED: _field_back(Kind.TARGET_ADDED),
    Kind.DECISION_MADE: _vote_back,
    Kind.DECISION_WITHDRAWN: _vote_back,
    Kind.GROUP_MADE: _opposite(Kind.GROUP_DISSOLVED),
    Kind.GROUP_DISSOLVED: _group_again,
}


def last_act(reader: Reader, actor: str) -> list[Event]:
    """The newest act of this person that can be undone; empty where there is none."""
    batch = reader.value(
        "SELECT batch FROM event WHERE actor = ? AND undoes IS NULL AND undone = 0 AND kind NOT IN"
        " ('project-created', 'actor-named', 'target-added') ORDER BY seq DESC LIMIT 1",
        actor,
    )
    return _of_batch(reader, batch)


def last_undo(reader: Reader, actor: str) -> list[Event]:
    """The newest undo of this person that can be taken back: none once something else was done since."""
    batch = reader.value(
        "SELECT batch FROM event u WHERE actor = ? AND undoes IS NOT NULL AND undone = 0"
        " AND (SELECT undoes FROM event WHERE id = u.undoes) IS NULL"
        " AND NOT EXISTS (SELECT 1 FROM event e WHERE e.actor = u.actor AND e.seq > u.seq AND e.undoes IS NULL)"
        " ORDER BY seq DESC LIMIT 1",
        actor,
    )
    return _of_batch(reader, batch)


def undo(tx: Tx, actor: str) -> list[Event]:
    """Takes back this person's newest act, whole. Returns the events that were undone.

    Raises:
        Refused: nothing is left to undo.
    """
    return _revert(tx, actor, last_act(tx, actor), "Nothing to undo")


def redo(tx: Tx, actor: str) -> list[Event]:
    """Does again what was undone last.

    Raises:
        Refused: nothing was undone since the last act.
    """
    return _revert(tx, actor, last_undo(tx, actor), "Nothing to redo")


def _of_batch(reader: Reader, batch: str | None) -> list[Event]:
    if not batch:
        return []
    return [
        log.from_row(row)
        for row in reader.all("SELECT * FROM event WHERE batch = ? ORDER BY seq DESC", batch)
    ]


def _revert(tx: Tx, actor: str, events: Sequence[Event], nothing: str) -> list[Event]:
    if not events:
        raise Refused(nothing, f"{nothing}.")
    drafts: list[log.Draft] = []
    for event in events:
        everything = log.of_part(tx, event)
        inverse = _INVERSES.get(Kind(event.kind))
        found = (
            inverse(event, [e for e in everything if e.order < event.order]) if inverse else None
        )
        if found is not None:
            _name_all_adds(found, everything)
            drafts.append(
                log.Draft(
                    event.project_id,
                    Entity(event.entity),
                    event.entity_id,
                    found[0],
                    found[1],
                    undoes=event.id,
                )
            )
    log.record(tx, actor, *drafts)
    return list(events)


def _name_all_adds(found: tuple[Kind, dict[str, Any]], everything: Sequence[Event]) -> None:
    """A removal names every add that lives now: redo adds anew, under another id."""
    added = {Kind.TAG_REMOVED: Kind.TAG_ADDED, Kind.BIN_CLIP_REMOVED: Kind.BIN_CLIP_ADDED}.get(
        found[0]
    )
    if added is not None:
        found[1]["adds"] = sorted(values.living_adds(everything, added, found[0]))
