"""The event log: append, read back, and project into the read tables in the same transaction."""

import dataclasses
import json
import time
from collections.abc import Mapping, Sequence
from typing import Any, Final

from app.core.catalog import projection
from app.core.catalog.reducers.parts import part_of
from app.core.catalog.rows import Reader, Row, Tx
from app.core.model import hlc
from app.core.model.errors import Bug
from app.core.model.events import BODIES, Body, Entity, Event, Kind
from app.core.model.ids import new_id

_VERSION: Final = 1
_COLUMNS: Final = "id, hlc, node, actor, project_id, entity, entity_id, kind, v, body, undoes"


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


def record(tx: Tx, actor: str, *drafts: Draft) -> list[Event]:
    """Appends events as one act of this person (undone as one) and brings the read tables along.

    Use it in a `durable` write only: what a person said survives a power cut.
    """
    batch = new_id()
    events = [_stamp(tx, actor, draft) for draft in drafts]
    for event in events:
        append(tx, event, batch)
    return events


def append(tx: Tx, event: Event, batch: str = "") -> bool:
    """Stores one event, from here or elsewhere, and projects it. False where it was known already."""
    body = json.dumps(event.body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    fresh = tx.run(
        f"INSERT INTO event ({_COLUMNS}, part, batch, digest) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT (id) DO NOTHING",
        event.id,
        event.hlc,
        event.node,
        event.actor,
        event.project_id,
        event.entity.value,
        event.entity_id,
        str(event.kind),
        event.v,
        body,
        event.undoes,
        part_of(event),
        batch,
        digest(event, body),
    )
    if not fresh:
        return False
    if event.undoes:
        _toggle(tx, event.undoes)
    projection.project(tx, event, of_part(tx, event))
    return True


def of_part(reader: Reader, event: Event) -> list[Event]:
    """All events of the same independent part, in the order that counts."""
    rows = reader.all(
        f"SELECT {_COLUMNS} FROM event WHERE entity = ? AND entity_id = ? AND project_id = ? AND part = ? ORDER BY hlc, node, id",
        event.entity.value,
        event.entity_id,
        event.project_id,
        part_of(event),
    )
    return [from_row(row) for row in rows]


def since(reader: Reader, sequence: int, limit: int = 1000) -> list[tuple[int, Event]]:
    """Events after this local sequence number, in the order of their arrival."""
    rows = reader.all(
        f"SELECT seq, {_COLUMNS} FROM event WHERE seq > ? ORDER BY seq LIMIT ?", sequence, limit
    )
    return [(int(row["seq"]), from_row(row)) for row in rows]


def from_row(row: Row) -> Event:
    """An event as stored; unknown kinds stay plain text."""
    kind = str(row["kind"])
    return Event(
        id=row["id"],
        hlc=row["hlc"],
        node=row["node"],
        actor=row["actor"],
        project_id=row["project_id"],
        entity=Entity(row["entity"]),
        entity_id=row["entity_id"],
        kind=Kind(kind) if kind in _KNOWN else kind,
        v=row["v"],
        body=json.loads(row["body"]),
        undoes=row["undoes"],
    )


_KNOWN: Final = frozenset(kind.value for kind in Kind)


def digest(event: Event, body: str) -> str:
    """A hash over the row, so that a flipped bit in what people said is found by `check`."""
    from xxhash import xxh3_64_hexdigest

    parts = (
        event.id,
        str(event.hlc),
        event.node,
        event.actor,
        event.project_id,
        event.entity.value,
        event.entity_id,
        str(event.kind),
        str(event.v),
        body,
        event.undoes or "",
    )
    return xxh3_64_hexdigest("\x1f".join(parts).encode("utf-8", "surrogatepass"))


def _stamp(tx: Tx, actor: str, draft: Draft) -> Event:
    missing = BODIES[draft.kind] ^ frozenset(draft.body)
    if missing:
        raise Bug("Malformed event", f"{draft.kind} has wrong keys: {', '.join(sorted(missing))}.")
    last = int(tx.value("SELECT value FROM meta WHERE key = 'hlc'") or 0)
    stamp = hlc.tick(last, time.time_ns() // 1_000_000)
    tx.run(
        "INSERT INTO meta VALUES ('hlc', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        str(stamp),
    )
    return Event(
        id=new_id(),
        hlc=stamp,
        node=node(tx),
        actor=actor,
        project_id=draft.project_id,
        entity=draft.entity,
        entity_id=draft.entity_id,
        kind=draft.kind,
        v=_VERSION,
        body=draft.body,
        undoes=draft.undoes,
    )


def _toggle(tx: Tx, event_id: str) -> None:
    """Marks an event undone, or done again; and so on down a chain of undo and redo."""
    undone = 1
    current: str | None = event_id
    while current:
        tx.run("UPDATE event SET undone = ? WHERE id = ?", undone, current)
        current = tx.value("SELECT undoes FROM event WHERE id = ?", current)
        undone = 1 - undone


def replay(tx: Tx) -> int:
    """Makes the read tables of human facts anew from the log; returns the number of events."""
    projection.clear(tx)
    count = 0
    seen: set[tuple[str, str, str, str]] = set()
    for row in tx.all(f"SELECT {_COLUMNS} FROM event ORDER BY hlc, node, id"):
        event = from_row(row)
        count += 1
        key = (event.entity.value, event.entity_id, event.project_id, part_of(event))
        if key not in seen:
            seen.add(key)
            projection.project(tx, event, of_part(tx, event))
    return count


def snapshot(reader: Reader) -> Mapping[str, Sequence[tuple[Any, ...]]]:
    """All read tables of human facts, for comparing two replicas."""
    return {
        table: [tuple(row) for row in reader.all(f"SELECT * FROM {table} ORDER BY 1, 2")]
        for table in projection.TABLES
    }
