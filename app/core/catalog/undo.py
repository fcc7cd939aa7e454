"""Undo and redo: the inverse of an act, as further events. Nothing is ever taken out of the log."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from app.core.catalog import events as log
from app.core.catalog import stored
from app.core.catalog.reducers import decision, mark, note, values
from app.core.catalog.rows import Reader, Tx, marks
from app.core.model.errors import Refused
from app.core.model.events import Entity, Event, Kind

Inverse = Callable[[Event, Sequence[Event]], tuple[Kind, dict[str, Any]] | None]


def _life(made: Kind, deleted: Kind, restored: Kind) -> Inverse:
    """Deleted where it was not made, or was deleted, by what the others say."""

    def inverse(_event: Event, others: Sequence[Event]) -> tuple[Kind, dict[str, Any]]:
        lives = any(e.kind == made for e in others)
        return (
            restored if lives and not values.is_deleted(others, deleted, restored) else deleted
        ), {}

    return inverse


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


def _note_text(_event: Event, others: Sequence[Event]) -> tuple[Kind, dict[str, Any]] | None:
    before = note.fold(others)
    return (Kind.NOTE_EDITED, {"text": before.text}) if before else None


def _mark_back(event: Event, others: Sequence[Event]) -> tuple[Kind, dict[str, Any]] | None:
    before = mark.fold(others)
    return (
        (Kind.MARK_EDITED, {"changes": {key: before[key] for key in event.body["changes"]}})
        if before
        else None
    )


def _vote_back(event: Event, others: Sequence[Event]) -> tuple[Kind, dict[str, Any]]:
    before = decision.fold(others)
    if before is None:
        body = {"clip": event.body["clip"], "round": event.body["round"]}
        return Kind.DECISION_WITHDRAWN, body
    said = next(e for e in others if e.id == before.event_id)
    return Kind.DECISION_MADE, {**said.body, "hash": before.hash}


def _group_back(_event: Event, others: Sequence[Event]) -> tuple[Kind, dict[str, Any]]:
    if others and others[-1].kind == Kind.GROUP_MADE:
        return Kind.GROUP_MADE, dict(others[-1].body)
    return Kind.GROUP_DISSOLVED, {}


def _in_again(added: Kind, key: str) -> Inverse:
    """Put in again where others put it in, and did not take it out since."""

    def inverse(event: Event, others: Sequence[Event]) -> tuple[Kind, dict[str, Any]] | None:
        out = [e for e in others if e.kind == event.kind]
        inside = any(e.kind == added and not any(_saw(o, e) for o in out) for e in others)
        return (added, {key: event.body[key]}) if inside else None

    return inverse


def _saw(removal: Event, add: Event) -> bool:
    """Whether a removal took this add out: what was said before at the same desk was in sight."""
    same_desk = removal.node == add.node and removal.order > add.order
    return same_desk or add.id in removal.body["adds"]


def _resolved_back(_event: Event, others: Sequence[Event]) -> tuple[Kind, dict[str, Any]]:
    before = note.fold(others)
    return (Kind.NOTE_RESOLVED if before and before.resolved else Kind.NOTE_REOPENED), {}


_note_life: Final = _life(Kind.NOTE_ADDED, Kind.NOTE_DELETED, Kind.NOTE_RESTORED)
_mark_life: Final = _life(Kind.MARK_ADDED, Kind.MARK_DELETED, Kind.MARK_RESTORED)
_bin_life: Final = _life(Kind.BIN_CREATED, Kind.BIN_DELETED, Kind.BIN_RESTORED)
_INVERSES: Final[Mapping[Kind, Inverse]] = {
    Kind.CLIP_RATED: _back_to({"rating": 0}),
    Kind.CLIP_CIRCLED: _back_to({"circled": False}),
    Kind.CLIP_REJECTED: _back_to({"rejected": False}),
    Kind.CLIP_MARKED: _back_to({"in": None, "out": None}),
    Kind.CLIP_FIELD_SET: _back_to({"value": None}, "field"),
    Kind.TIMECODE_CORRECTED: _back_to({"offset": 0}),
    Kind.SYNC_OFFSET_SET: _back_to({"samples": None}, "to"),
    Kind.SEGMENT_CORRECTED: _back_to({"text": None, "speaker": None}),
    Kind.TAG_ADDED: lambda e, _: (Kind.TAG_REMOVED, {"word": e.body["word"]}),
    Kind.TAG_REMOVED: _in_again(Kind.TAG_ADDED, "word"),
    Kind.BIN_CLIP_ADDED: lambda e, _: (Kind.BIN_CLIP_REMOVED, {"clip": e.body["clip"]}),
    Kind.BIN_CLIP_REMOVED: _in_again(Kind.BIN_CLIP_ADDED, "clip"),
    **dict.fromkeys((Kind.NOTE_ADDED, Kind.NOTE_DELETED, Kind.NOTE_RESTORED), _note_life),
    Kind.NOTE_RESOLVED: _resolved_back,
    Kind.NOTE_REOPENED: _resolved_back,
    Kind.NOTE_EDITED: _note_text,
    **dict.fromkeys((Kind.MARK_ADDED, Kind.MARK_DELETED, Kind.MARK_RESTORED), _mark_life),
    Kind.MARK_EDITED: _mark_back,
    **dict.fromkeys((Kind.BIN_CREATED, Kind.BIN_DELETED, Kind.BIN_RESTORED), _bin_life),
    Kind.BIN_CHANGED: _field_back(Kind.BIN_CREATED),
    Kind.PROJECT_CHANGED: _field_back(Kind.PROJECT_CREATED),
    Kind.TARGET_ADDED: lambda _e, _o: (Kind.TARGET_CHANGED, {"field": "removed", "value": True}),
    Kind.TARGET_CHANGED: _field_back(Kind.TARGET_ADDED),
    Kind.DECISION_MADE: _vote_back,
    Kind.DECISION_WITHDRAWN: _vote_back,
    Kind.GROUP_MADE: _group_back,
    Kind.GROUP_DISSOLVED: _group_back,
}


# A person or a project would be taken away: both stay. Undo passes over the making of a project; it stops where
# a person was introduced, since what was said before belongs to setting the desk up.


def last_act(reader: Reader, actor: str) -> list[Event]:
    """The newest act of this person where it can be undone; empty where there is none."""
    batch = reader.value(
        "SELECT batch FROM event a WHERE actor = ? AND undoes IS NULL AND undone = 0 AND batch <> ''"
        " AND NOT EXISTS (SELECT 1 FROM event b WHERE b.batch = a.batch AND b.batch <> '' AND b.kind = 'project-created')"
        " ORDER BY seq DESC LIMIT 1",
        actor,
    )
    events = _of_batch(reader, batch)
    return [] if any(event.kind == Kind.ACTOR_NAMED for event in events) else events


def last_undo(reader: Reader, actor: str) -> list[Event]:
    """The newest undo of this person that can be taken back: none once something else was done since."""
    batch = reader.value(
        "SELECT batch FROM event u WHERE actor = ? AND undoes IS NOT NULL AND undone = 0"
        " AND (SELECT undoes FROM event WHERE id = u.undoes) IS NULL"
        " AND NOT EXISTS (SELECT 1 FROM event e WHERE e.actor = u.actor AND e.seq > u.seq AND e.undoes IS NULL AND e.batch <> '')"
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


def undo_said(tx: Tx, actor: str, said: Sequence[str]) -> list[Event]:
    """Takes back the acts of this person that these events belong to, whole, and nothing said since.

    Args:
        tx: the transaction.
        actor: who takes them back.
        said: the id of any event of each act.

    Raises:
        Refused: they are undone already, or cannot be undone.
    """
    events = [e for batch in _standing(tx, said, actor) for e in _of_batch(tx, batch)]
    lasting = any(event.kind not in _INVERSES for event in events)
    return _revert(tx, actor, [] if lasting else events, "Undone already")


def standing(reader: Reader, said: Sequence[str]) -> bool:
    """Whether any act that these events belong to holds still, and could be taken back."""
    return bool(_standing(reader, said))


def _standing(reader: Reader, said: Sequence[str], actor: str | None = None) -> list[str]:
    return [
        str(batch)
        for batch in reader.column(
            f"SELECT DISTINCT batch FROM event WHERE id IN ({marks(len(said))})"
            " AND undone = 0 AND undoes IS NULL AND batch <> '' AND actor = coalesce(?, actor)",
            *said,
            actor,
        )
    ]


def redo(tx: Tx, actor: str) -> list[Event]:
    """Does again what was undone last. Returns the events that hold again.

    Raises:
        Refused: nothing was undone since the last act.
    """
    undone = _revert(tx, actor, last_undo(tx, actor), "Nothing to redo")
    again = [event.undoes for event in undone if event.undoes]
    rows = tx.all(
        f"SELECT {log.COLUMNS} FROM event WHERE id IN ({marks(len(again))}) ORDER BY seq DESC",
        *again,
    )
    return [log.from_row(row) for row in rows]


def _of_batch(reader: Reader, batch: str | None) -> list[Event]:
    if not batch:
        return []
    rows = reader.all(
        f"SELECT {log.COLUMNS} FROM event WHERE batch = ? AND batch <> '' ORDER BY seq DESC", batch
    )
    return [log.from_row(row) for row in rows]


def _revert(tx: Tx, actor: str, events: Sequence[Event], nothing: str) -> list[Event]:
    """Says the opposite of these events: what would hold had they not been said, whatever others said since."""
    if not events:
        raise Refused(nothing, f"{nothing}.")
    going, coming = {event.id for event in events}, {event.undoes for event in events}
    drafts: list[log.Draft] = []
    for event in events:
        everything = log.of_part(tx, event)
        left = {e.id for e in log.of_part(tx, event, standing=True)} - going | coming
        others = [e for e in everything if e.id in left]
        found = _INVERSES[Kind(event.kind)](event, others)
        if found is None:
            log.toggle(tx, event.id)
            continue
        kind, body = found[0], {**found[1], **_known(found[0], event, everything, others)}
        about = _said_of(event, others)
        drafts.append(
            log.Draft(event.project_id, Entity(event.entity), about, kind, body, event.id)
        )
    log.record(tx, actor, *drafts)
    return list(events)


def _said_of(event: Event, others: Sequence[Event]) -> str:
    """The id that the inverse is about: in and out count the frames of the clip that they were said of."""
    if event.kind != Kind.CLIP_MARKED:
        return event.entity_id
    return next((e.entity_id for e in reversed(others) if e.kind == event.kind), event.entity_id)


_ADDED: Final = {
    Kind.TAG_REMOVED: Kind.TAG_ADDED,
    Kind.BIN_CLIP_REMOVED: Kind.BIN_CLIP_ADDED,
}


def _known(
    kind: Kind, event: Event, everything: Sequence[Event], others: Sequence[Event]
) -> dict[str, Any]:
    """What the inverse builds on: the last edit, and the adds that a removal has seen.

    A removal names every living add where none would be left, else those of this act alone.
    """
    if kind == Kind.NOTE_EDITED:
        return {"base": next(e.id for e in reversed(everything) if e.kind == kind)}
    added = _ADDED.get(kind)
    if added is None:
        return {}
    living = values.living_adds(everything, added, kind)
    if values.living_adds(others, added, kind):
        living &= _chain(event, everything)
    return {"adds": sorted(living)}


def _chain(event: Event, everything: Sequence[Event]) -> set[str]:
    """An act with everything that undid it and did it again."""
    by_id = {e.id: e for e in everything}

    def root(one: Event) -> str:
        met = {one.id}
        while one.undoes in by_id:
            one = by_id[one.undoes]
            if one.id in met:
                raise stored.damaged("Events undo each other in a ring.", one.id)
            met.add(one.id)
        return one.id

    return {e.id for e in everything if root(e) == root(event)}
