"""The event log: append, read back, and project into the read tables in the same transaction."""

import dataclasses
import json
import time
from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from app.core.catalog import null_hub, projection, stored
from app.core.catalog.projection_clips import clip_of
from app.core.catalog.reducers.parts import CLIP_BOUND, clip_in, part_of
from app.core.catalog.rows import Reader, Row, Tx, marks
from app.core.model import hlc
from app.core.model.errors import Bug, Refused
from app.core.model.events import BODIES, VERSION, Body, Entity, Event, Kind
from app.core.model.ids import new_id
from app.core.model.names import sound_text

COLUMNS: Final = "id, hlc, node, actor, project_id, entity, entity_id, kind, v, body, undoes, seen"
_LATEST: Final = (1 << 63) - 1


@dataclasses.dataclass(frozen=True, slots=True)
class Draft:
    """An event before it has an id, a time and an actor."""

    project_id: str
    entity: Entity
    entity_id: str
    kind: Kind
    body: Body
    undoes: str | None = None


def node(tx: Tx) -> str:
    """This installation's id; made at first use."""
    known = tx.value("SELECT value FROM meta WHERE key = 'node'")
    if known is None:
        known = new_id()
        tx.run("INSERT INTO meta VALUES ('node', ?)", known)
    return str(known)


def record(tx: Tx, actor: str, *drafts: Draft, undoable: bool = True) -> list[Event]:
    """Appends events as one act of this person (undone as one) and brings the read tables along.

    Use it in a `durable` write only: what a person said survives a power cut.
    """
    batch = new_id() if undoable else ""
    events = [_stamp(tx, actor, draft) for draft in drafts]
    for event in events:
        append(tx, event, batch)
    null_hub.acknowledge(tx)
    return events


def append(tx: Tx, event: Event, batch: str = "") -> bool:
    """Stores one event, from here or elsewhere, and projects it. False where it was known already.

    Raises:
        Refused: its time is none that a clock can give.
    """
    if not 0 <= event.hlc <= _LATEST or event.seen < 0:
        raise Refused("Not an event", "Its time is out of range.", subject=event.id)
    event = _sound(event)
    body = json.dumps(event.body, sort_keys=True, separators=(",", ":"))
    fresh = tx.run(
        f"INSERT INTO event ({COLUMNS}, part, batch, digest) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT (id) DO NOTHING",
        event.id,
        event.hlc,
        event.node,
        event.actor,
        event.project_id,
        str(event.entity),
        event.entity_id,
        str(event.kind),
        event.v,
        body,
        event.undoes,
        event.seen,
        part_of(event),
        batch,
        digest(event, body),
    )
    if not fresh:
        return False
    # What is said from now on comes after what is known now, whatever the clocks say.
    _raise_clock(tx, event.hlc)
    if event.undoes:
        toggle(tx, event.undoes)
    projection.project(tx, event, of_part(tx, event))
    return True


def of_part(reader: Reader, event: Event, *, standing: bool = False) -> list[Event]:
    """All events of the same independent part, in the order that counts.

    Args:
        reader: the snapshot.
        event: one of them.
        standing: without those that were undone and those that undo.
    """
    entities, parts, project = _family(reader, event)
    where = (
        f"entity = ? AND entity_id IN ({marks(len(entities))}) AND part IN ({marks(len(parts))})"
    )
    bound = [str(event.entity), *entities, *parts]
    if project is not None:
        where, bound = f"{where} AND project_id = ?", [*bound, project]
    if standing:
        where += " AND undone = 0 AND undoes IS NULL"
    rows = reader.all(f"SELECT {COLUMNS} FROM event WHERE {where} ORDER BY hlc, node, id", *bound)
    return [from_row(row) for row in rows]


def _family(reader: Reader, event: Event) -> tuple[list[str], list[str], str | None]:
    """(entity ids, parts, project) of what is folded together: a merged clip is meant by each of its ids."""
    part = part_of(event)
    clip = clip_in(part)
    parts = [part]
    if clip is not None:
        parts = [f"{part.partition(':')[0]}:{one}" for one in names_of(reader, clip)]
    if event.entity in CLIP_BOUND:
        return names_of(reader, event.entity_id), parts, event.project_id
    return [event.entity_id], parts, None


def names_of(reader: Reader, clip_id: str) -> list[str]:
    """Every id of the clip that this id names."""
    clip = clip_of(reader, clip_id)
    others = reader.column("SELECT alias FROM clip_alias WHERE clip_id = ?", clip)
    return [clip, *(str(alias) for alias in others)]


def since(reader: Reader, sequence: int, limit: int = 1000) -> list[tuple[int, Event]]:
    """Events after this local sequence number, in the order of their arrival."""
    return [(int(row["seq"]), from_row(row)) for row in rows_since(reader, sequence, limit)]


def rows_since(reader: Reader, sequence: int, limit: int = 1000) -> list[Row]:
    """The same as they are stored, with `seq` and `digest`.

    Raises:
        Damage: they do not go on after that number: whoever asked on would ask for ever.
    """
    rows = reader.all(
        f"SELECT seq, digest, {COLUMNS} FROM event WHERE seq > ? ORDER BY seq LIMIT ?",
        sequence,
        limit,
    )
    if rows and rows[-1]["seq"] <= sequence:
        raise stored.damaged("Events are not in their order.")
    return rows


@stored.reading
def from_row(row: Row) -> Event:
    """An event as stored; unknown entities and kinds stay plain text."""
    entity, kind = str(row["entity"]), str(row["kind"])
    return Event(
        id=row["id"],
        hlc=row["hlc"],
        node=row["node"],
        actor=row["actor"],
        project_id=row["project_id"],
        entity=Entity(entity) if entity in _ENTITIES else entity,
        entity_id=row["entity_id"],
        kind=Kind(kind) if kind in _KINDS else kind,
        v=row["v"],
        body=stored.table(row["body"]),
        undoes=row["undoes"],
        seen=row["seen"],
    )


_ENTITIES: Final = frozenset(entity.value for entity in Entity)
_KINDS: Final = frozenset(kind.value for kind in Kind)


def digest(event: Event, body: str) -> str:
    """A hash over the row, so that a flipped bit in what people said is found by `check`."""
    return _digest(
        event.id,
        str(event.hlc),
        event.node,
        event.actor,
        event.project_id,
        str(event.entity),
        event.entity_id,
        str(event.kind),
        str(event.v),
        body,
        event.undoes or "",
        str(event.seen),
    )


def digest_of(row: Row) -> str:
    """The same of a stored row, whether it can be read or not."""
    return _digest(*("" if row[name] is None else str(row[name]) for name in COLUMNS.split(", ")))


def _digest(*parts: str) -> str:
    from xxhash import xxh3_64_hexdigest

    return xxh3_64_hexdigest("\x1f".join(parts).encode("utf-8", "surrogatepass"))


def _stamp(tx: Tx, actor: str, draft: Draft) -> Event:
    missing = BODIES[draft.kind] ^ frozenset(draft.body)
    if missing:
        raise Bug("Malformed event", f"{draft.kind} has wrong keys: {', '.join(sorted(missing))}.")
    last = int(tx.value("SELECT value FROM meta WHERE key = 'hlc'") or 0)
    stamp = hlc.tick(last, time.time_ns() // 1_000_000)
    _raise_clock(tx, stamp)
    return Event(
        id=new_id(),
        hlc=stamp,
        node=node(tx),
        actor=actor,
        project_id=draft.project_id,
        entity=draft.entity,
        entity_id=draft.entity_id,
        kind=draft.kind,
        v=VERSION,
        body=draft.body,
        undoes=draft.undoes,
        seen=int(tx.value("SELECT max(server_seq) FROM event") or 0),
    )


def _raise_clock(tx: Tx, stamp: int) -> None:
    tx.run(
        "INSERT INTO meta VALUES ('hlc', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value"
        " WHERE CAST(value AS INTEGER) < CAST(excluded.value AS INTEGER)",
        str(stamp),
    )


def _sound(event: Event) -> Event:
    """The event with text that can be stored: broken surrogates, as of names that are no UTF-8, made visible."""
    return dataclasses.replace(
        event,
        body={key: _sound_value(value) for key, value in event.body.items()},
        entity_id=sound_text(event.entity_id),
        actor=sound_text(event.actor),
        project_id=sound_text(event.project_id),
    )


def _sound_value(value: Any) -> Any:
    if isinstance(value, str):
        return sound_text(value)
    if isinstance(value, Mapping):
        table = cast("Mapping[str, Any]", value)
        return {sound_text(key): _sound_value(one) for key, one in table.items()}
    if isinstance(value, list | tuple):
        return [_sound_value(one) for one in cast("Sequence[Any]", value)]
    return value


def toggle(tx: Tx, event_id: str) -> None:
    """Marks an event undone, or done again; and so on down a chain of undo and redo."""
    undone = 1
    current: str | None = event_id
    met: set[str] = set()
    while current:
        if current in met:
            raise stored.damaged("Events undo each other in a ring.", current)
        met.add(current)
        tx.run("UPDATE event SET undone = ? WHERE id = ?", undone, current)
        current = tx.value("SELECT undoes FROM event WHERE id = ?", current)
        undone = 1 - undone


def project_again(tx: Tx, clip_id: str) -> None:
    """Makes what was said of a clip anew, under all its ids, once other ids were merged into it."""
    names = names_of(tx, clip_id)
    for name in names:
        projection.clear_clip(tx, name)
    parts = [f"{sort}:{name}" for sort in ("clip", "sync") for name in names]
    rows = tx.all(
        f"SELECT {COLUMNS} FROM event WHERE entity IN ('clip', 'decision') AND entity_id IN ({marks(len(names))})"
        f" UNION ALL SELECT {COLUMNS} FROM event WHERE part IN ({marks(len(parts))})"
        " AND kind IN ('bin-clip-added', 'bin-clip-removed', 'sync-offset-set')",
        *names,
        *parts,
    )
    _project_each(tx, [from_row(row) for row in rows])


def project_things(tx: Tx, clip_id: str) -> None:
    """Makes the notes, marks and corrections of a clip anew: its frames count from elsewhere now."""
    for entity, table in (("note", "note"), ("mark", "mark"), ("segment", "correction")):
        rows = tx.all(
            f"SELECT {COLUMNS} FROM event WHERE entity = ? AND entity_id IN (SELECT id FROM {table} WHERE clip_id = ?)",
            entity,
            clip_id,
        )
        _project_each(tx, [from_row(row) for row in rows])


def _project_each(tx: Tx, events: Sequence[Event]) -> None:
    """Projects every part of these events once."""
    seen: set[tuple[str, ...]] = set()
    for event in events:
        entities, parts, project = _family(tx, event)
        key = (str(event.entity), *entities, *parts, project or "")
        if event.understood and key not in seen:
            seen.add(key)
            projection.project(tx, event, of_part(tx, event))


def replay(tx: Tx) -> int:
    """Makes the read tables of human facts anew from the log; returns the number of events."""
    projection.clear(tx)
    events = [
        from_row(row) for row in tx.all(f"SELECT {COLUMNS} FROM event ORDER BY hlc, node, id")
    ]
    # A version that knows more kinds than the one that stored an event sees its part for the first time.
    tx.many("UPDATE event SET part = ? WHERE id = ?", [(part_of(e), e.id) for e in events])
    _project_each(tx, events)
    return len(events)


def snapshot(reader: Reader) -> Mapping[str, Sequence[tuple[Any, ...]]]:
    """All read tables of human facts, for comparing two replicas."""
    return {
        table: sorted((tuple(row) for row in reader.all(f"SELECT * FROM {table}")), key=repr)
        for table in projection.TABLES
    }


def count(reader: Reader) -> int:
    """Events in the log."""
    return int(reader.value("SELECT count(*) FROM event"))
