"""What was said of a clip in a project, as rows: the log, keywords, corrections of facts, votes.

A clip that was merged into another has several ids; the events of all of them are folded together.
"""

import json
from collections.abc import Sequence

from app.core.catalog import documents, shifts
from app.core.catalog.reducers import decision, values
from app.core.catalog.rows import Reader, Tx
from app.core.model.changes import Aspect
from app.core.model.events import Event, Kind


def clip_of(reader: Reader, clip_id: str) -> str:
    """The clip that this id names now: contents found equal were merged."""
    return str(reader.value("SELECT clip_id FROM clip_alias WHERE alias = ?", clip_id) or clip_id)


def touch_clip(tx: Tx, clip_id: str, aspect: Aspect) -> None:
    """A person said something of it: it is wanted, and the feed hears of it."""
    tx.run("UPDATE clip SET touched = 1 WHERE id = ? AND touched = 0", clip_id)
    tx.touch(aspect, clip_id)


def rating(tx: Tx, event: Event, events: Sequence[Event]) -> None:
    """0 to 5 stars."""
    _log(tx, event, "rating", int(values.last_body(events)["rating"]))


def circled(tx: Tx, event: Event, events: Sequence[Event]) -> None:
    """A select."""
    _log(tx, event, "circled", int(values.last_body(events)["circled"]))


def rejected(tx: Tx, event: Event, events: Sequence[Event]) -> None:
    """Not wanted in the cut."""
    _log(tx, event, "rejected", int(values.last_body(events)["rejected"]))


def _log(tx: Tx, event: Event, column: str, value: int) -> None:
    clip = clip_of(tx, event.entity_id)
    tx.run(
        f"INSERT INTO clip_log (clip_id, project_id, {column}) VALUES (?,?,?)"
        f" ON CONFLICT (clip_id, project_id) DO UPDATE SET {column} = excluded.{column}",
        clip,
        event.project_id,
        value,
    )
    # A clip with nothing logged has no row: that is what "unlogged" asks.
    tx.run(
        "DELETE FROM clip_log WHERE clip_id = ? AND project_id = ? AND NOT (rating OR circled OR rejected)",
        clip,
        event.project_id,
    )
    touch_clip(tx, clip, Aspect.LOG)


def marked(tx: Tx, event: Event, events: Sequence[Event]) -> None:
    """In and out, of each person."""
    clip, body = clip_of(tx, event.entity_id), values.last_body(events)
    tx.run(
        "DELETE FROM clip_range WHERE clip_id = ? AND project_id = ? AND actor = ?",
        clip,
        event.project_id,
        event.actor,
    )
    steps = shifts.of(tx, events[-1].entity_id)
    first, out = body["in"], body["out"]
    if first is not None or out is not None:
        tx.run(
            "INSERT INTO clip_range VALUES (?,?,?,?,?)",
            clip,
            event.project_id,
            event.actor,
            None if first is None else shifts.frame(steps, first),
            None if out is None else shifts.frame(steps, out - 1) + 1,
        )
    touch_clip(tx, clip, Aspect.LOG)


def field(tx: Tx, event: Event, events: Sequence[Event]) -> None:
    """A person's word over a derived fact."""
    clip, body = clip_of(tx, event.entity_id), values.last_body(events)
    sort = "name" if body["field"] in ("name", "title") else "fact"
    reference = f"{event.project_id}:{body['field']}"
    documents.drop(tx, clip, sort, reference)
    tx.run(
        "DELETE FROM clip_field WHERE clip_id = ? AND project_id = ? AND field = ?",
        clip,
        event.project_id,
        body["field"],
    )
    if body["value"] is not None:
        tx.run(
            "INSERT INTO clip_field VALUES (?,?,?,?)",
            clip,
            event.project_id,
            body["field"],
            body["value"],
        )
        text = str(body["value"])
        documents.put(tx, clip, event.project_id, sort, reference, None, None, text)
    touch_clip(tx, clip, Aspect.CLIP)


def tag(tx: Tx, event: Event, events: Sequence[Event]) -> None:
    """A keyword: there while an add lives that no removal has seen."""
    clip, word = clip_of(tx, event.entity_id), str(event.body["word"])
    adds = values.living_adds(events, Kind.TAG_ADDED, Kind.TAG_REMOVED)
    reference = f"{event.project_id}:{word}"
    tx.run(
        "DELETE FROM tag WHERE clip_id = ? AND project_id = ? AND word = ?",
        clip,
        event.project_id,
        word,
    )
    documents.drop(tx, clip, "tag", reference)
    if adds:
        tx.run(
            "INSERT INTO tag VALUES (?,?,?,?)",
            clip,
            event.project_id,
            word,
            json.dumps(sorted(adds)),
        )
        documents.put(tx, clip, event.project_id, "tag", reference, None, None, word)
    touch_clip(tx, clip, Aspect.LOG)


def sync_offset(tx: Tx, event: Event, events: Sequence[Event]) -> None:
    """How far one clip's sound lies from another's."""
    body = values.last_body(events)
    clip, to = clip_of(tx, event.entity_id), clip_of(tx, str(body["to"]))
    tx.run(
        "DELETE FROM sync_offset WHERE clip_id = ? AND to_clip = ? AND project_id = ?",
        clip,
        to,
        event.project_id,
    )
    if body["samples"] is not None:
        tx.run(
            "INSERT INTO sync_offset VALUES (?,?,?,?,?)",
            clip,
            to,
            event.project_id,
            body["samples"],
            body["sample_rate"],
        )
    touch_clip(tx, clip, Aspect.CLIP)


def timecode(tx: Tx, event: Event, events: Sequence[Event]) -> None:
    """A shift of a clip's labels."""
    clip, body = clip_of(tx, event.entity_id), values.last_body(events)
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
    touch_clip(tx, clip, Aspect.CLIP)


def vote(tx: Tx, event: Event, events: Sequence[Event]) -> None:
    """A person's word on a version."""
    clip = clip_of(tx, event.entity_id)
    tx.run(
        "DELETE FROM decision WHERE clip_id = ? AND project_id = ? AND round = ? AND actor = ?",
        clip,
        event.project_id,
        str(event.body["round"] or ""),
        event.actor,
    )
    said = decision.fold(events)
    if said is not None:
        tx.run(
            "INSERT INTO decision VALUES (?,?,?,?,?,?,?,?,?,?,?)",
            clip,
            said.project_id,
            said.round,
            said.actor,
            said.verdict,
            said.hash,
            said.comment,
            said.at_ms,
            said.hlc,
            said.event_id,
            said.seen,
        )
    touch_clip(tx, clip, Aspect.DECISION)
