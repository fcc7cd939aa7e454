"""Applies what the reducers say to the read tables and the search index, in the writer's transaction."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from app.core.catalog import documents
from app.core.catalog.reducers import decision, mark, note, values
from app.core.catalog.rows import Tx
from app.core.model.changes import Aspect
from app.core.model.events import Entity, Event, Kind

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


def project(tx: Tx, event: Event, events: Sequence[Event]) -> None:
    """Brings the read tables along after an event.

    Args:
        tx: the writer's transaction.
        event: the one that arrived.
        events: all of its part, in order, the new one among them. Unknown kinds are left out.
    """
    known = [e for e in events if isinstance(e.kind, Kind)]
    apply = _APPLY.get(event.kind) if isinstance(event.kind, Kind) else None
    if apply is not None:
        apply(tx, event, known)


def clear(tx: Tx) -> None:
    """Empties the read tables of human facts, before a replay."""
    for table in TABLES:
        tx.run(f"DELETE FROM {table}")
    documents.clear(tx, "note", "marker", "tag")


def clip_of(tx: Tx, clip_id: str) -> str:
    """The clip that this id names now: contents found equal were merged."""
    return str(tx.value("SELECT clip_id FROM clip_alias WHERE alias = ?", clip_id) or clip_id)


def _log(column: str, key: str) -> Apply:
    def apply(tx: Tx, event: Event, events: Sequence[Event]) -> None:
        clip = clip_of(tx, event.entity_id)
        value = int((values.last_body(events) or {}).get(key) or 0)
        tx.run(
            f"INSERT INTO clip_log (clip_id, project_id, {column}) VALUES (?,?,?)"
            f" ON CONFLICT (clip_id, project_id) DO UPDATE SET {column} = excluded.{column}",
            clip,
            event.project_id,
            value,
        )
        _touch_clip(tx, clip, Aspect.LOG)

    return apply


def _touch_clip(tx: Tx, clip_id: str, aspect: Aspect) -> None:
    tx.run("UPDATE clip SET touched = 1 WHERE id = ? AND touched = 0", clip_id)
    tx.touch(aspect, clip_id)


def _range(tx: Tx, event: Event, events: Sequence[Event]) -> None:
    clip, body = clip_of(tx, event.entity_id), values.last_body(events) or {}
    tx.run(
        "INSERT OR REPLACE INTO clip_range VALUES (?,?,?,?,?)",
        clip,
        event.project_id,
        event.actor,
        body["in"],
        body["out"],
    )
    _touch_clip(tx, clip, Aspect.LOG)


def _field(tx: Tx, event: Event, events: Sequence[Event]) -> None:
    clip, body = clip_of(tx, event.entity_id), values.last_body(events) or {}
    tx.run(
        "INSERT OR REPLACE INTO clip_field VALUES (?,?,?,?)",
        clip,
        event.project_id,
        body["field"],
        body["value"],
    )
    _touch_clip(tx, clip, Aspect.CLIP)


def _tag(tx: Tx, event: Event, events: Sequence[Event]) -> None:
    clip, word = clip_of(tx, event.entity_id), str(event.body["word"])
    adds = values.living_adds(events, Kind.TAG_ADDED, Kind.TAG_REMOVED)
    tx.run(
        "DELETE FROM tag WHERE clip_id = ? AND project_id = ? AND word = ?",
        clip,
        event.project_id,
        word,
    )
    documents.drop(tx, clip, "tag", f"{event.project_id}:{word}")
    if adds:
        tx.run(
            "INSERT INTO tag VALUES (?,?,?,?)",
            clip,
            event.project_id,
            word,
            json.dumps(sorted(adds)),
        )
        documents.put(
            tx, clip, event.project_id, "tag", f"{event.project_id}:{word}", None, None, word
        )
    _touch_clip(tx, clip, Aspect.LOG)


def _note(tx: Tx, event: Event, events: Sequence[Event]) -> None:
    state = note.fold(events)
    if state is None:
        return
    clip = clip_of(tx, state.clip_id)
    tx.run(
        "INSERT OR REPLACE INTO note VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)",
        event.entity_id,
        clip,
        state.project_id,
        state.start_frame,
        state.end_frame,
        state.text,
        state.author,
        "resolved" if state.resolved else "open",
        state.parent,
        state.created_ms,
        state.deleted,
        state.edited_by_both,
        state.other_text,
    )
    documents.drop(tx, clip, "note", event.entity_id)
    if not state.deleted:
        documents.put(
            tx,
            clip,
            state.project_id,
            "note",
            event.entity_id,
            state.start_frame,
            state.end_frame,
            state.text,
        )
    _touch_clip(tx, clip, Aspect.NOTE)


def _mark(tx: Tx, event: Event, events: Sequence[Event]) -> None:
    state = mark.fold(events)
    if state is None:
        return
    clip = clip_of(tx, str(state["clip"]))
    tx.run(
        "INSERT OR REPLACE INTO mark VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)",
        event.entity_id,
        clip,
        state["project_id"],
        state["sort"],
        state["start"],
        state["end"],
        state["name"],
        state["colour"],
        state["category"],
        state["text"],
        state["author"],
        state["created_ms"],
        state["deleted"],
    )
    documents.drop(tx, clip, "marker", event.entity_id)
    words = " ".join(str(state[key]) for key in ("name", "text", "category") if state[key])
    if words and not state["deleted"]:
        documents.put(
            tx,
            clip,
            state["project_id"],
            "marker",
            event.entity_id,
            state["start"],
            state["end"],
            words,
        )
    _touch_clip(tx, clip, Aspect.MARK)


def _decision(tx: Tx, event: Event, events: Sequence[Event]) -> None:
    clip, round_id = clip_of(tx, event.entity_id), str(event.body["round"] or "")
    tx.run(
        "DELETE FROM decision WHERE clip_id = ? AND project_id = ? AND round = ? AND actor = ?",
        clip,
        event.project_id,
        round_id,
        event.actor,
    )
    vote = decision.fold(events)
    if vote is not None:
        tx.run(
            "INSERT INTO decision VALUES (?,?,?,?,?,?,?,?,?)",
            clip,
            event.project_id,
            round_id,
            event.actor,
            vote.verdict,
            vote.hash,
            vote.comment,
            vote.at_ms,
            vote.hlc,
        )
    _touch_clip(tx, clip, Aspect.DECISION)


def _bin(tx: Tx, event: Event, events: Sequence[Event]) -> None:
    state = values.fields(events, Kind.BIN_CREATED, Kind.BIN_CHANGED)
    if "name" in state:
        tx.run(
            "INSERT OR REPLACE INTO bin VALUES (?,?,?,?,?)",
            event.entity_id,
            event.project_id,
            state["name"],
            state.get("query"),
            values.is_deleted(events, Kind.BIN_DELETED, Kind.BIN_RESTORED),
        )
    tx.touch(Aspect.BIN, event.entity_id)


def _bin_clip(tx: Tx, event: Event, events: Sequence[Event]) -> None:
    clip = clip_of(tx, str(event.body["clip"]))
    adds = values.living_adds(events, Kind.BIN_CLIP_ADDED, Kind.BIN_CLIP_REMOVED)
    tx.run("DELETE FROM bin_clip WHERE bin_id = ? AND clip_id = ?", event.entity_id, clip)
    if adds:
        first = min(e.hlc for e in events if e.id in adds)
        tx.run(
            "INSERT INTO bin_clip VALUES (?,?,?,?)",
            event.entity_id,
            clip,
            json.dumps(sorted(adds)),
            first,
        )
    tx.run("UPDATE clip SET touched = 1 WHERE id = ? AND touched = 0", clip)
    tx.touch(Aspect.BIN, event.entity_id)


def _fields_of(table: str, made: Kind, changed: Kind, aspect: Aspect) -> Apply:
    def apply(tx: Tx, event: Event, events: Sequence[Event]) -> None:
        state = values.fields(events, made, changed)
        tx.run(
            f"INSERT OR REPLACE INTO {table} VALUES (?,?)",
            event.entity_id,
            json.dumps(state, ensure_ascii=False, sort_keys=True),
        )
        tx.touch(aspect, event.entity_id)

    return apply


def _actor(tx: Tx, event: Event, events: Sequence[Event]) -> None:
    body = values.last_body(events) or {}
    tx.run(
        "INSERT OR REPLACE INTO actor VALUES (?,?,?)",
        event.entity_id,
        body["name"],
        body["initials"],
    )
    tx.touch(Aspect.ACTOR, event.entity_id)


def _segment(tx: Tx, event: Event, events: Sequence[Event]) -> None:
    body = values.last_body(events) or {}
    clip = clip_of(tx, str(body["clip"]))
    tx.run(
        "INSERT OR REPLACE INTO correction VALUES (?,?,?,?,?,?,?,?)",
        event.entity_id,
        clip,
        body["start"],
        body["end"],
        body["was"],
        body["text"],
        body["speaker"],
        events[-1].hlc,
    )
    _touch_clip(tx, clip, Aspect.TRANSCRIPT)


def _group(tx: Tx, event: Event, events: Sequence[Event]) -> None:
    made = next((e for e in reversed(events) if e.kind == Kind.GROUP_MADE), None)
    if made is not None:
        tx.run(
            "INSERT OR REPLACE INTO clip_group VALUES (?,?,?,?,?)",
            event.entity_id,
            made.body["sort"],
            made.body["name"],
            json.dumps(made.body["clips"]),
            events[-1].kind == Kind.GROUP_DISSOLVED,
        )
        tx.touch(Aspect.CLIP, *(str(clip) for clip in made.body["clips"]))


def _sync_offset(tx: Tx, event: Event, events: Sequence[Event]) -> None:
    clip, body = clip_of(tx, event.entity_id), values.last_body(events) or {}
    tx.run("DELETE FROM sync_offset WHERE clip_id = ? AND to_clip = ?", clip, body["to"])
    if body["samples"] is not None:
        tx.run(
            "INSERT INTO sync_offset VALUES (?,?,?,?)",
            clip,
            body["to"],
            body["samples"],
            body["sample_rate"],
        )
    _touch_clip(tx, clip, Aspect.CLIP)


def _timecode(tx: Tx, event: Event, events: Sequence[Event]) -> None:
    clip, body = clip_of(tx, event.entity_id), values.last_body(events) or {}
    tx.run(
        "DELETE FROM timecode_correction WHERE clip_id = ? AND project_id = ?",
        clip,
        event.project_id,
    )
    if body["offset"]:
        tx.run(
            "INSERT INTO timecode_correction VALUES (?,?,?,?,?)",
            clip,
            event.project_id,
            body["offset"],
            body["rate"],
            body["reason"],
        )
    _touch_clip(tx, clip, Aspect.CLIP)


_BY_ENTITY: Final[Mapping[Entity, Apply]] = {
    Entity.PROJECT: _fields_of(
        "project", Kind.PROJECT_CREATED, Kind.PROJECT_CHANGED, Aspect.PROJECT
    ),
    Entity.TARGET: _fields_of("target", Kind.TARGET_ADDED, Kind.TARGET_CHANGED, Aspect.TARGET),
    Entity.ACTOR: _actor,
    Entity.NOTE: _note,
    Entity.MARK: _mark,
    Entity.DECISION: _decision,
    Entity.SEGMENT: _segment,
    Entity.GROUP: _group,
}
_BY_PREFIX: Final[Mapping[str, Entity]] = {
    "project-": Entity.PROJECT,
    "target-": Entity.TARGET,
    "actor-": Entity.ACTOR,
    "note-": Entity.NOTE,
    "mark-": Entity.MARK,
    "decision-": Entity.DECISION,
    "segment-": Entity.SEGMENT,
    "group-": Entity.GROUP,
}
_APPLY: Final[Mapping[Kind, Apply]] = {
    **{
        kind: _BY_ENTITY[entity]
        for kind in Kind
        for prefix, entity in _BY_PREFIX.items()
        if kind.value.startswith(prefix)
    },
    Kind.CLIP_RATED: _log("rating", "rating"),
    Kind.CLIP_CIRCLED: _log("circled", "circled"),
    Kind.CLIP_REJECTED: _log("rejected", "rejected"),
    Kind.CLIP_MARKED: _range,
    Kind.CLIP_FIELD_SET: _field,
    Kind.TAG_ADDED: _tag,
    Kind.TAG_REMOVED: _tag,
    Kind.BIN_CREATED: _bin,
    Kind.BIN_CHANGED: _bin,
    Kind.BIN_DELETED: _bin,
    Kind.BIN_RESTORED: _bin,
    Kind.BIN_CLIP_ADDED: _bin_clip,
    Kind.BIN_CLIP_REMOVED: _bin_clip,
    Kind.SYNC_OFFSET_SET: _sync_offset,
    Kind.TIMECODE_CORRECTED: _timecode,
}
