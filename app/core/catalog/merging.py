"""One content, one clip: clips whose bytes turn out equal become one, with several places."""

import time
from typing import Final

from app.core.catalog import clip_states, copies, documents, events, files, shifts, unreadable
from app.core.catalog.clip_states import IDENTITY
from app.core.catalog.events import Draft
from app.core.catalog.rows import Tx
from app.core.files import hashing
from app.core.model.changes import Aspect
from app.core.model.events import Entity, Kind
from app.core.model.ids import new_id

_OWN_ID: Final = ("note", "mark", "correction")
"""What has an id of its own follows its clip; the rest of what was said is folded anew under all the clip's ids."""


def settle_content(tx: Tx, clip_id: str) -> str | None:
    """Once every essence file of a copy has been read whole: gives the content its hash.

    Copies of the clip with another hash become clips of their own; another clip with the same hash is merged in.
    Returns the id of the clip that now stands for this content, or None while hashes are missing.
    """
    places = tx.all(
        f"SELECT place, count(*) AS files, count(full_hash) AS hashed FROM file WHERE clip_id = ? AND role IN {IDENTITY}"
        " AND state <> 'missing' GROUP BY place ORDER BY place",
        clip_id,
    )
    hashes = {
        int(row["place"]): _hash_of(tx, clip_id, int(row["place"]))
        for row in places
        if row["files"] == row["hashed"]
    }
    if not hashes:
        return None
    row = tx.one(
        "SELECT c.place, c.content_id, x.full_hash FROM clip c JOIN content x ON x.id = c.content_id WHERE c.id = ?",
        clip_id,
    )
    if row is None:
        return None
    wanted = row["full_hash"] or hashes.get(row["place"]) or next(iter(hashes.values()))
    for place, found in hashes.items():
        if found != wanted and len(places) > 1:
            _split(tx, clip_id, place)
        elif found != wanted:
            wanted = found
    if row["full_hash"] != wanted:
        tx.run("UPDATE content SET full_hash = ? WHERE id = ?", wanted, row["content_id"])
        tx.touch(Aspect.CLIP, clip_id)
    _bind_decisions(tx, clip_id, wanted)
    return _merge_equal(tx, clip_id, wanted)


def _bind_decisions(tx: Tx, clip_id: str, full_hash: str) -> None:
    """Decisions that waited for the hash are about these bytes."""
    for row in tx.all("SELECT * FROM decision WHERE clip_id = ? AND hash = ''", clip_id):
        body = {
            "clip": clip_id,
            "round": row["round"] or None,
            "decision": row["event_id"],
            "hash": full_hash,
        }
        draft = Draft(row["project_id"], Entity.DECISION, clip_id, Kind.DECISION_BOUND, body)
        events.record(tx, row["actor"], draft, undoable=False)


def _hash_of(tx: Tx, clip_id: str, place: int) -> str:
    hashes = tx.column(
        f"SELECT full_hash FROM file WHERE clip_id = ? AND place = ? AND role IN {IDENTITY} AND state <> 'missing'"
        " ORDER BY role, part, path",
        clip_id,
        place,
    )
    return hashing.combined([str(one) for one in hashes])


def _merge_equal(tx: Tx, clip_id: str, full_hash: str) -> str:
    largest = f"SELECT max(size) FROM file WHERE clip_id = ? AND role IN {IDENTITY}"
    if not tx.value(largest, clip_id):
        # Files without a byte say nothing of what they were to be: each is a clip that is missing.
        return clip_id
    twin = tx.one(
        "SELECT c.id, c.n FROM content x JOIN clip c ON c.content_id = x.id WHERE x.full_hash = ? AND c.id <> ? AND (c.retired = 0"
        " OR (c.touched = 1 AND NOT EXISTS (SELECT 1 FROM clip_alias WHERE alias = c.id))) ORDER BY c.n LIMIT 1",
        full_hash,
        clip_id,
    )
    if twin is None:
        return clip_id
    mine = int(tx.value("SELECT n FROM clip WHERE id = ?", clip_id))
    winner, loser = (str(twin["id"]), clip_id) if twin["n"] < mine else (clip_id, str(twin["id"]))
    absorb(tx, loser, winner)
    return winner


def _split(tx: Tx, clip_id: str, place: int) -> None:
    """A copy that proved different becomes a clip of its own; what people said stays with the first."""
    fresh, content, now = new_id(), new_id(), time.time_ns() // 1_000_000
    tx.run("INSERT INTO content (id, made_at) VALUES (?,?)", content, now)
    columns = [
        str(row["name"])
        for row in tx.all("PRAGMA table_info(clip)")
        if row["name"] not in ("n", "id", "content_id", "place", "touched")
    ]
    tx.run(
        f"INSERT INTO clip (id, content_id, place, {', '.join(columns)}) SELECT ?, ?, ?, {', '.join(columns)} FROM clip WHERE id = ?",
        fresh,
        content,
        place,
        clip_id,
    )
    tx.run("UPDATE file SET clip_id = ? WHERE clip_id = ? AND place = ?", fresh, clip_id, place)
    files.reassemble(tx, [fresh])
    clip_states.refresh_states(tx, [fresh, clip_id])
    tx.touch(Aspect.CLIP, fresh, clip_id)


def absorb(tx: Tx, loser: str, winner: str, step: shifts.Step | None = None) -> None:
    """`loser` becomes another name of `winner`: files, words, renditions and index follow.

    Args:
        tx: the writer's transaction.
        loser: a clip.
        winner: the clip that it proved to be, or to be a part of.
        step: where the loser's frames lie in the winner, where not at its beginning.
    """
    copies.follow(tx, loser)
    tx.run("UPDATE file SET clip_id = ? WHERE clip_id = ?", winner, loser)
    for table in _OWN_ID:
        tx.run(f"UPDATE {table} SET clip_id = ? WHERE clip_id = ?", winner, loser)
    tx.run("UPDATE upload SET clip_id = ? WHERE clip_id = ?", winner, loser)
    _move_derived(tx, loser, winner)
    documents.drop(tx, loser, "name", "")
    documents.drop(tx, loser, "fact", "")
    documents.move(tx, loser, winner)
    shifts.follow(tx, loser, winner, step)
    events.project_again(tx, winner)
    if step:
        events.project_things(tx, winner)
    tx.run(
        "UPDATE clip SET touched = 1 WHERE id = ? AND EXISTS (SELECT 1 FROM clip l WHERE l.id = ? AND l.touched = 1)",
        winner,
        loser,
    )
    retire(tx, loser)
    # A clip that was put away with its volume comes back with its bytes, and with what was said of it.
    tx.run("UPDATE clip SET retired = 0 WHERE id = ?", winner)
    tx.run("DELETE FROM attempt WHERE subject = ?", loser)
    files.reassemble(tx, [winner])
    unreadable.forgive(tx, winner)
    clip_states.refresh_states(tx, [winner])
    tx.touch(Aspect.CLIP, winner, loser)


def rewritten(tx: Tx, clip_id: str) -> str:
    """A file whose packets are those of the clip it replaced only had its header rewritten.

    It becomes that clip again: its notes stay, and approval is asked again, since the bytes differ.
    Returns the id of the clip that now stands for the file.
    """
    row = tx.one(
        "SELECT p.id FROM clip c JOIN content x ON x.id = c.content_id JOIN content y ON y.id = x.previous AND y.essence_hash = x.essence_hash"
        " JOIN clip p ON p.content_id = y.id WHERE c.id = ? AND NOT EXISTS (SELECT 1 FROM file WHERE clip_id = p.id)"
        " AND NOT EXISTS (SELECT 1 FROM clip_alias WHERE alias = p.id)",
        clip_id,
    )
    if row is None:
        return clip_id
    former = str(row["id"])
    fresh = tx.value(
        "SELECT x.full_hash FROM clip c JOIN content x ON x.id = c.content_id WHERE c.id = ?",
        clip_id,
    )
    place = tx.value("SELECT place FROM clip WHERE id = ?", clip_id)
    absorb(tx, clip_id, former)
    tx.run(
        "UPDATE content SET full_hash = ? WHERE id = (SELECT content_id FROM clip WHERE id = ?)",
        fresh,
        former,
    )
    tx.run("UPDATE clip SET place = ? WHERE id = ?", place, former)
    return former


def _move_derived(tx: Tx, loser: str, winner: str) -> None:
    old = tx.value("SELECT content_id FROM clip WHERE id = ?", loser)
    new = tx.value("SELECT content_id FROM clip WHERE id = ?", winner)
    tx.run("UPDATE content SET previous = ? WHERE previous = ? AND id <> ?", new, old, new)
    tx.run(
        "UPDATE content SET measured = coalesce(content.measured, o.measured), essence_hash = coalesce(content.essence_hash, o.essence_hash)"
        " FROM content o WHERE content.id = ? AND o.id = ?",
        new,
        old,
    )
    tx.run("UPDATE OR IGNORE rendition SET content_id = ? WHERE content_id = ?", new, old)
    tx.run("DELETE FROM rendition WHERE content_id = ?", old)
    if tx.run("UPDATE OR IGNORE transcript SET content_id = ? WHERE content_id = ?", new, old):
        tx.run("UPDATE segment SET content_id = ? WHERE content_id = ?", new, old)
    else:
        tx.run("DELETE FROM segment WHERE content_id = ?", old)
        tx.run("DELETE FROM transcript WHERE content_id = ?", old)
        documents.drop(tx, loser, "transcript")


def retire(tx: Tx, clip_id: str) -> None:
    """Takes a clip out of every list; its row stays for what refers to it."""
    row = tx.one("SELECT n FROM clip WHERE id = ?", clip_id)
    if row is not None:
        tx.run("DELETE FROM name_fts WHERE rowid = ?", row["n"])
    documents.drop(tx, clip_id, "name")
    documents.drop(tx, clip_id, "fact")
    tx.run("UPDATE clip SET retired = 1 WHERE id = ?", clip_id)
