"""Scrubs: which copies of cards were proven longest ago, what reading them again found, and what was repaired."""

import json
import os
from collections.abc import Collection, Sequence
from typing import Final

from app.core.catalog import offloads
from app.core.catalog.rows import Reader, Row, Tx, marks
from app.core.model.changes import Aspect
from app.core.model.ids import new_id
from app.core.model.offloads import CopyState
from app.core.model.scrubs import GoodCopy, Repair, RepairState, ScrubCopy
from app.core.platform import clock

_COPY: Final = (
    "SELECT c.leg_id, c.n, c.state, c.said, c.at_ms, l.offload_id, l.name AS place, l.root, l.folder, l.lasting,"
    " e.path, e.size, e.mtime_ns, e.hash, e.hashes, o.name AS card"
)
_FROM: Final = (
    " FROM offload_copy c JOIN offload_leg l ON l.id = c.leg_id JOIN offload_entry e ON e.offload_id = l.offload_id AND e.n = c.n"
    " JOIN offload o ON o.id = l.offload_id"
)
_THERE: Final = (
    # What is being copied now is read back by its own offload. Hash lists go on beside the copies, so they are not as they were.
    " e.hash IS NOT NULL AND l.state <> 'open' AND (c.state <> 'failed' OR c.tried_ms IS NOT NULL)"
    " AND substr(e.path, 1, 7) <> x'6173636d686c2f' AND instr(e.path, x'2f6173636d686c2f') = 0"
)
_PROVEN: Final = (
    "max(coalesce(c.tried_ms, 0), CASE c.state WHEN 'verified' THEN c.at_ms ELSE 0 END)"
)
_WEIGHT: Final = "coalesce(sum(e.size + 1), 0)"
"""Empty files count as well: else a disk of nothing else would have no share."""
_WRONG: Final = " c.state IN ('differs', 'failed') AND c.tried_ms IS NOT NULL"


def any_due(reader: Reader, before_ms: int) -> bool:
    """Whether a copy was last proven before a time."""
    row = reader.one(f"SELECT 1{_FROM} WHERE{_THERE} AND {_PROVEN} < ? LIMIT 1", before_ms)
    return row is not None


def roots(reader: Reader) -> list[tuple[str, str, str]]:
    """(what tells the filesystem, root, folder) of every destination with copies, one filesystem after another."""
    rows = reader.all(
        f"SELECT DISTINCT l.lasting, l.root, l.folder{_FROM} WHERE{_THERE} ORDER BY l.lasting, l.root, l.folder"
    )
    return [(r["lasting"], os.fsdecode(r["root"]), os.fsdecode(r["folder"])) for r in rows]


def weight(reader: Reader, lasting: str) -> int:
    """Bytes of all copies on a filesystem, and one more for each file."""
    return int(reader.value(f"SELECT {_WEIGHT}{_FROM} WHERE{_THERE} AND l.lasting = ?", lasting))


def weight_since(reader: Reader, lasting: str, since_ms: int) -> int:
    """The same of those that a scrub read at that time or later."""
    return int(
        reader.value(
            f"SELECT {_WEIGHT}{_FROM} WHERE{_THERE} AND l.lasting = ? AND c.tried_ms >= ?",
            lasting,
            since_ms,
        )
    )


def due(
    reader: Reader, lasting: str, before_ms: int, away: Collection[tuple[str, str]], limit: int
) -> list[ScrubCopy]:
    """Copies on a filesystem that were last proven before a time, longest ago first.

    Args:
        reader: a snapshot.
        lasting: which filesystem.
        before_ms: what was read at this time or later is not due.
        away: (root, folder) of destinations that cannot be read now.
        limit: at most so many.
    """
    out = "".join(" AND NOT (l.root = ? AND l.folder = ?)" for _ in away)
    rows = reader.all(
        f"{_COPY}{_FROM} WHERE{_THERE} AND l.lasting = ? AND {_PROVEN} < ?{out} ORDER BY {_PROVEN}, c.leg_id, c.n LIMIT ?",
        lasting,
        before_ms,
        *(os.fsencode(part) for pair in away for part in pair),
        limit,
    )
    return [_copy(row) for row in rows]


def note(tx: Tx, copy: ScrubCopy, state: CopyState | None, said: str) -> None:
    """What reading a file again gave, for every offload that has this very file.

    Args:
        tx: the writer's transaction.
        copy: which.
        state: how it is; None: that could not be told, and stays as it was.
        said: how that was found, or what is wrong.
    """
    now = clock.now_ms()
    for one in _same_file(tx, copy):
        if state is None:
            tx.run(
                "UPDATE offload_copy SET tried_ms = ? WHERE leg_id = ? AND n = ?",
                now,
                one["leg_id"],
                one["n"],
            )
            continue
        # Damage that is known keeps the time and the words of when it was found.
        stays = state is not CopyState.VERIFIED and one["state"] == state.value and one["tried_ms"]
        tx.run(
            "UPDATE offload_copy SET state = ?, said = ?, at_ms = ?, tried_ms = ? WHERE leg_id = ? AND n = ?",
            state.value,
            one["said"] if stays else said,
            one["at_ms"] if stays else now,
            now,
            one["leg_id"],
            one["n"],
        )
        tx.touch(Aspect.OFFLOAD, one["offload_id"])


def withdraw(tx: Tx, copy: ScrubCopy) -> int:
    """The verdicts that called a card with these bytes safe before the damage was noted hold no more; returns how many."""
    found_ms = max((row["at_ms"] for row in _same_file(tx, copy)), default=0)
    cards = tx.all(
        "SELECT DISTINCT o.lasting, o.digest FROM offload_entry e JOIN offload o ON o.id = e.offload_id WHERE e.hash = ?",
        copy.hash,
    )
    count = 0
    for lasting, digest in cards:
        last = tx.one(
            "SELECT name, safe, at_ms FROM card_verdict WHERE lasting = ? AND digest = ? ORDER BY at_ms DESC, id DESC",
            lasting,
            digest,
        )
        # A later one was made of what is still right.
        if last is None or not last["safe"] or last["at_ms"] > found_ms:
            continue
        words = f"withdrawn: {copy.path} on {copy.place} is not what was copied"
        offloads.note_verdict(
            tx, lasting=lasting, digest=digest, name=last["name"], safe=False, words=words
        )
        count += 1
    return count


def forget(tx: Tx, copy: ScrubCopy) -> None:
    """No offload counts on a file being there any more."""
    for one in _same_file(tx, copy):
        offloads.copy_away(tx, one["offload_id"], one["leg_id"], [one["n"]])


def wrong(reader: Reader) -> list[ScrubCopy]:
    """Every copy that a scrub found damaged or gone and that is so still, each file once."""
    rows = reader.all(f"{_COPY}{_FROM} WHERE{_WRONG} ORDER BY l.root, l.folder, e.path, c.at_ms")
    return list({one.where: one for one in map(_copy, rows)}.values())


def others(reader: Reader, copy: ScrubCopy) -> list[GoodCopy]:
    """Other copies of the same bytes that are not known to be wrong, the one that was proven last first."""
    rows = reader.all(
        f"{_COPY}{_FROM} WHERE e.hash = ? AND c.state IN ('copied', 'verified') ORDER BY c.state = 'verified' DESC, c.at_ms DESC",
        copy.hash,
    )
    found: dict[tuple[str, str, str, str], GoodCopy] = {}
    for one in map(_copy, rows):
        if one.where != copy.where:
            proven = one.at_ms if one.state is CopyState.VERIFIED else 0
            good = GoodCopy(one.place, one.root, one.rel, one.lasting, proven, one)
            found.setdefault(one.where, good)
    return list(found.values())


def sources(reader: Reader, copy: ScrubCopy) -> list[GoodCopy]:
    """Where the same bytes lay on cards: they may be in."""
    rows = reader.all(
        "SELECT DISTINCT o.name, o.source, e.path FROM offload_entry e JOIN offload o ON o.id = e.offload_id WHERE e.hash = ?",
        copy.hash,
    )
    return [
        GoodCopy(f"the card {r['name']}", os.fsdecode(r["source"]), os.fsdecode(r["path"]), "", 0)
        for r in rows
    ]


# Repairs


def begin(tx: Tx, copy: ScrubCopy, work: str, aside: str) -> str:
    """Notes a repair before anything of it is on the disk; returns its id."""
    repair_id = new_id()
    tx.run(
        "INSERT INTO scrub_repair (id, leg_id, n, work, aside, state, made_ms) VALUES (?,?,?,?,?,'begun',?)",
        repair_id,
        copy.leg_id,
        copy.n,
        os.fsencode(work),
        os.fsencode(aside),
        clock.now_ms(),
    )
    tx.touch(Aspect.OFFLOAD, copy.offload_id)
    return repair_id


def set_repair(
    tx: Tx, repair: Repair, state: RepairState, *, said: str = "", source: str = "", kept: str = ""
) -> None:
    """How a repair goes on; words and names that are empty stay as they were."""
    ended = None if state in (RepairState.BEGUN, RepairState.UNDOING) else clock.now_ms()
    tx.run(
        "UPDATE scrub_repair SET state = ?, said = coalesce(nullif(?, ''), said), source = coalesce(nullif(?, ''), source),"
        " kept = coalesce(nullif(?, x''), kept), ended_ms = ? WHERE id = ?",
        state.value,
        said,
        source,
        os.fsencode(kept),
        ended,
        repair.id,
    )
    tx.touch(Aspect.OFFLOAD, repair.copy.offload_id)


def repairs(reader: Reader, states: Sequence[RepairState] = tuple(RepairState)) -> list[Repair]:
    """Repairs in one of these states, newest first."""
    rows = reader.all(
        f"{_COPY}, r.id AS repair_id, r.work, r.aside, r.kept, r.source, r.state AS repair_state, r.said AS repair_said, r.made_ms"
        f"{_FROM} JOIN scrub_repair r ON r.leg_id = c.leg_id AND r.n = c.n WHERE r.state IN ({marks(len(states))})"
        " ORDER BY r.made_ms DESC, r.id DESC",
        *(state.value for state in states),
    )
    return [
        Repair(
            id=row["repair_id"],
            copy=_copy(row),
            work=os.fsdecode(row["work"]),
            aside=os.fsdecode(row["aside"]),
            kept=os.fsdecode(row["kept"]),
            source=row["source"],
            state=RepairState(row["repair_state"]),
            said=row["repair_said"],
            made_ms=row["made_ms"],
        )
        for row in rows
    ]


def legs_of(reader: Reader, copy: ScrubCopy) -> list[tuple[str, str]]:
    """(offload, leg) of every offload that has this very file."""
    return [(r["offload_id"], r["leg_id"]) for r in _same_file(reader, copy)]


def _same_file(reader: Reader, copy: ScrubCopy) -> list[Row]:
    return reader.all(
        f"SELECT c.leg_id, c.n, c.state, c.said, c.at_ms, c.tried_ms, l.offload_id{_FROM} WHERE e.hash = ? AND e.path = ? AND l.root = ? AND l.folder = ?",
        copy.hash,
        os.fsencode(copy.path),
        os.fsencode(copy.root),
        os.fsencode(copy.folder),
    )


def _copy(row: Row) -> ScrubCopy:
    return ScrubCopy(
        offload_id=row["offload_id"],
        leg_id=row["leg_id"],
        n=row["n"],
        card=row["card"],
        place=row["place"],
        root=os.fsdecode(row["root"]),
        folder=os.fsdecode(row["folder"]),
        lasting=row["lasting"],
        path=os.fsdecode(row["path"]),
        size=row["size"],
        mtime_ns=row["mtime_ns"],
        hash=row["hash"],
        hashes=json.loads(row["hashes"]),
        state=CopyState(row["state"]),
        said=row["said"],
        at_ms=row["at_ms"],
    )
