"""Notes, marks, bins, projects, people, targets, corrections and groups, as rows: each has an id of its own."""

import json
from collections.abc import Callable, Sequence

from app.core.catalog import documents, shifts
from app.core.catalog.projection_clips import clip_of, touch_clip
from app.core.catalog.reducers import mark as mark_fold
from app.core.catalog.reducers import note as note_fold
from app.core.catalog.reducers import values
from app.core.catalog.rows import Tx
from app.core.model.changes import Aspect
from app.core.model.events import Event, Kind


def note(tx: Tx, event: Event, events: Sequence[Event]) -> None:
    """A note on a frame or range."""
    state = note_fold.fold(events)
    if state is None:
        return
    clip = clip_of(tx, state.clip_id)
    start, end = shifts.span(shifts.of(tx, state.clip_id), state.start_frame, state.end_frame)
    _drop_text(tx, "note", "note", event.entity_id)
    tx.run(
        "INSERT OR REPLACE INTO note VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)",
        event.entity_id,
        clip,
        state.project_id,
        start,
        end,
        state.text,
        state.author,
        "resolved" if state.resolved else "open",
        state.parent,
        state.created_ms,
        state.deleted,
        state.edited_by_both,
        state.other_text,
    )
    if not state.deleted:
        documents.put(
            tx,
            clip,
            state.project_id,
            "note",
            event.entity_id,
            start,
            end,
            state.text,
        )
    touch_clip(tx, clip, Aspect.NOTE)


def mark(tx: Tx, event: Event, events: Sequence[Event]) -> None:
    """A marker, range or subclip."""
    state = mark_fold.fold(events)
    if state is None:
        return
    clip = clip_of(tx, str(state["clip"]))
    steps = shifts.of(tx, str(state["clip"]))
    start, end = shifts.span(steps, int(state["start"]), int(state["end"]))
    _drop_text(tx, "mark", "marker", event.entity_id)
    tx.run(
        "INSERT OR REPLACE INTO mark VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)",
        event.entity_id,
        clip,
        state["project_id"],
        state["sort"],
        start,
        end,
        state["name"],
        state["colour"],
        state["category"],
        state["text"],
        state["author"],
        state["created_ms"],
        state["deleted"],
    )
    words = " ".join(str(state[key]) for key in ("name", "text", "category") if state[key])
    if words and not state["deleted"]:
        documents.put(
            tx,
            clip,
            state["project_id"],
            "marker",
            event.entity_id,
            start,
            end,
            words,
        )
    touch_clip(tx, clip, Aspect.MARK)


def _drop_text(tx: Tx, table: str, field: str, entity_id: str) -> None:
    """Takes the text out that stands for a note or mark now, under the clip it is known of."""
    clip = tx.value(f"SELECT clip_id FROM {table} WHERE id = ?", entity_id)
    if clip is not None:
        documents.drop(tx, str(clip), field, entity_id)


def bin_itself(tx: Tx, event: Event, events: Sequence[Event]) -> None:
    """A bin's name, search and life."""
    made = next((e for e in events if e.kind == Kind.BIN_CREATED), None)
    if made is not None:
        state = values.fields(events, Kind.BIN_CREATED, Kind.BIN_CHANGED)
        tx.run(
            "INSERT OR REPLACE INTO bin VALUES (?,?,?,?,?)",
            event.entity_id,
            made.project_id,
            state.get("name", ""),
            state.get("query"),
            values.is_deleted(events, Kind.BIN_DELETED, Kind.BIN_RESTORED),
        )
    tx.touch(Aspect.BIN, event.entity_id)


def bin_clip(tx: Tx, event: Event, events: Sequence[Event]) -> None:
    """A clip in a bin: there while an add lives that no removal has seen."""
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


def named_fields(
    table: str, made: Kind, changed: Kind, aspect: Aspect
) -> Callable[[Tx, Event, Sequence[Event]], None]:
    """Projects and targets: named fields, kept as one object."""

    def apply(tx: Tx, event: Event, events: Sequence[Event]) -> None:
        tx.run(
            f"INSERT OR REPLACE INTO {table} VALUES (?,?)",
            event.entity_id,
            json.dumps(values.fields(events, made, changed), sort_keys=True),
        )
        tx.touch(aspect, event.entity_id)

    return apply


def actor(tx: Tx, event: Event, events: Sequence[Event]) -> None:
    """A person's name and initials."""
    body = values.last_body(events)
    tx.run(
        "INSERT OR REPLACE INTO actor VALUES (?,?,?)",
        event.entity_id,
        body["name"],
        body["initials"],
    )
    tx.touch(Aspect.ACTOR, event.entity_id)


def segment(tx: Tx, event: Event, events: Sequence[Event]) -> None:
    """A person's words over a stretch of a transcript."""
    body = values.last_body(events)
    clip, steps = clip_of(tx, str(body["clip"])), shifts.of(tx, str(body["clip"]))
    tx.run("DELETE FROM correction WHERE id = ?", event.entity_id)
    if body["text"] is not None or body["speaker"] is not None:
        tx.run(
            "INSERT INTO correction VALUES (?,?,?,?,?,?,?,?)",
            event.entity_id,
            clip,
            shifts.samples(steps, int(body["start"])),
            shifts.samples(steps, int(body["end"]) - 1) + 1,
            body["was"],
            body["text"],
            body["speaker"],
            events[-1].hlc,
        )
    touch_clip(tx, clip, Aspect.TRANSCRIPT)


def group(tx: Tx, event: Event, events: Sequence[Event]) -> None:
    """Clips that belong together: sync sound, multicam."""
    made = next((e for e in reversed(events) if e.kind == Kind.GROUP_MADE), None)
    if made is None:
        return
    tx.run("DELETE FROM clip_group WHERE id = ?", event.entity_id)
    if events[-1].kind == Kind.GROUP_MADE:
        tx.run(
            "INSERT INTO clip_group VALUES (?,?,?,?,?)",
            event.entity_id,
            made.project_id,
            made.body["sort"],
            made.body["name"],
            json.dumps(made.body["clips"]),
        )
    tx.touch(Aspect.CLIP, *(str(clip) for clip in made.body["clips"]))
