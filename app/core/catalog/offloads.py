"""Offloads: what is to be copied from a card, and what of it is where. A journal: a row is written once the file is durable.

Everything is written so that whoever goes on after a kill knows which file is where, and what of that was read back.
"""

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from app.core.catalog.rows import Reader, Row, Tx, marks
from app.core.model.changes import Aspect
from app.core.model.ids import new_id
from app.core.model.offloads import (
    CopyState,
    Device,
    EntryState,
    LegState,
    Offload,
    OffloadEntry,
    OffloadLeg,
    OffloadState,
    Verify,
)
from app.core.platform import clock

_HASH: Final = "xxh128"
"""The one that copies and cards are found again by."""


def add(
    tx: Tx,
    wanted: Offload,
    entries: Iterable[tuple[str, int, int]],
) -> str:
    """Notes an offload with its legs and all its files; returns its id.

    Args:
        tx: the writer's transaction.
        wanted: what is wanted; its id, states and times are given here.
        entries: (path, size, mtime in ns) of the files in the order of the card.
    """
    offload_id, now = new_id(), clock.now_ms()
    tx.run(
        "INSERT INTO offload (id, source, name, type, title, lasting, digest, verify, hashes, state, problem, project_id, folders, left_out, made_ms)"
        " VALUES (?,?,?,?,?,?,?,?,?,'wanted','',?,?,?,?)",
        offload_id,
        os.fsencode(wanted.source),
        wanted.name,
        wanted.type,
        wanted.title,
        wanted.lasting,
        wanted.digest,
        wanted.verify.value,
        json.dumps(wanted.hashes),
        wanted.project_id,
        _packed(wanted.folders),
        json.dumps([[_escaped(path), why] for path, why in wanted.left_out]),
        now,
    )
    for position, leg in enumerate(wanted.legs):
        tx.run(
            "INSERT INTO offload_leg (id, offload_id, position, name, root, folder, lasting, device, device_name, proven, said_by, after, state)"
            " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,'open')",
            new_id(),
            offload_id,
            position,
            leg.name,
            os.fsencode(leg.root),
            os.fsencode(leg.folder),
            leg.lasting,
            leg.device.key,
            leg.device.name,
            leg.device.proven,
            leg.said_by,
            leg.after,
        )
    tx.many(
        "INSERT INTO offload_entry (offload_id, n, path, size, mtime_ns, state) VALUES (?,?,?,?,?,'waiting')",
        (
            (offload_id, n, os.fsencode(p), size, mtime)
            for n, (p, size, mtime) in enumerate(entries)
        ),
    )
    tx.touch(Aspect.OFFLOAD, offload_id)
    return offload_id


def every(reader: Reader) -> list[Offload]:
    """All offloads with their legs, newest first."""
    return [
        _offload(reader, row) for row in reader.all(f"{_SELECT} ORDER BY made_ms DESC, id DESC")
    ]


def get(reader: Reader, offload_id: str) -> Offload | None:
    """One by its id."""
    row = reader.one(f"{_SELECT} WHERE id = ?", offload_id)
    return _offload(reader, row) if row else None


def unfinished(reader: Reader) -> list[Offload]:
    """Those that are wanted and have a leg that is open, or files that are to be read on the card again, in the order they were asked for."""
    rows = reader.all(
        f"{_SELECT} WHERE state = 'wanted' AND (EXISTS (SELECT 1 FROM offload_leg l WHERE l.offload_id = offload.id AND l.state = 'open')"
        " OR (verify = 'twice' AND EXISTS (SELECT 1 FROM offload_entry e WHERE e.offload_id = offload.id AND e.state = 'read'))) ORDER BY made_ms, id"
    )
    return [_offload(reader, row) for row in rows]


def halted(reader: Reader) -> list[Offload]:
    """Those that are wanted and are not done: what they wait for may have come back."""
    return [_offload(reader, row) for row in reader.all(f"{_SELECT} WHERE state = 'wanted'")]


def of_card(reader: Reader, lasting: str, digest: str) -> list[Offload]:
    """Offloads of a card in the state it is in now, newest first."""
    rows = reader.all(
        f"{_SELECT} WHERE lasting = ? AND digest = ? ORDER BY made_ms DESC, id DESC",
        lasting,
        digest,
    )
    return [_offload(reader, row) for row in rows]


def entries(reader: Reader, offload_id: str) -> list[OffloadEntry]:
    """Every file of an offload in the order of the card, with its copies."""
    copies: dict[int, dict[str, tuple[CopyState, str]]] = {}
    for leg, n, state, said in reader.tuples(
        "SELECT c.leg_id, c.n, c.state, c.said FROM offload_copy c JOIN offload_leg l ON l.id = c.leg_id WHERE l.offload_id = ?",
        offload_id,
    ):
        copies.setdefault(int(n), {})[str(leg)] = (CopyState(state), str(said))
    rows = reader.all("SELECT * FROM offload_entry WHERE offload_id = ? ORDER BY n", offload_id)
    return [
        OffloadEntry(
            n=row["n"],
            path=os.fsdecode(row["path"]),
            size=row["size"],
            mtime_ns=row["mtime_ns"],
            state=EntryState(row["state"]),
            hashes=json.loads(row["hashes"]),
            problem=row["problem"],
            copies=copies.get(row["n"], {}),
        )
        for row in rows
    ]


def set_read(
    tx: Tx, offload_id: str, rows: Iterable[tuple[int, EntryState, Mapping[str, str], str]]
) -> None:
    """Notes what was read of the source: (number, state, hashes by name, what is wrong). Hashes that were known stay."""
    for n, state, hashes, problem in rows:
        tx.run(
            "UPDATE offload_entry SET state = ?, hashes = json_patch(hashes, ?), hash = coalesce(?, hash), problem = ?, read_ms = ? WHERE offload_id = ? AND n = ?",
            state.value,
            json.dumps(dict(hashes)),
            hashes.get(_HASH),
            problem,
            clock.now_ms(),
            offload_id,
            n,
        )
    tx.touch(Aspect.OFFLOAD, offload_id)


def set_copies(tx: Tx, offload_id: str, rows: Iterable[tuple[str, int, CopyState, str]]) -> None:
    """Notes how files stand on legs: (leg, number, state, how that was found or what is wrong)."""
    tx.many(
        "INSERT INTO offload_copy (leg_id, n, state, said, at_ms) VALUES (?,?,?,?,?) ON CONFLICT (leg_id, n)"
        " DO UPDATE SET state = excluded.state, said = excluded.said, at_ms = excluded.at_ms",
        ((leg, n, state.value, said, clock.now_ms()) for leg, n, state, said in rows),
    )
    tx.touch(Aspect.OFFLOAD, offload_id)


def copy_away(tx: Tx, offload_id: str, leg_id: str, numbers: Iterable[int]) -> None:
    """Forgets what was said of these files on a leg: they are to be put there again."""
    tx.many("DELETE FROM offload_copy WHERE leg_id = ? AND n = ?", ((leg_id, n) for n in numbers))
    tx.touch(Aspect.OFFLOAD, offload_id)


def set_leg(
    tx: Tx, offload_id: str, leg_id: str, state: LegState, problem: str = "", *, away: bool = False
) -> None:
    """A leg goes on, is parked with the reason (`away`: until its disk is back), or is done."""
    tx.run(
        "UPDATE offload_leg SET state = ?, problem = ?, away = ? WHERE id = ?",
        state.value,
        problem,
        away,
        leg_id,
    )
    tx.touch(Aspect.OFFLOAD, offload_id)


def set_manifest(tx: Tx, offload_id: str, leg_id: str, manifest: str) -> None:
    """The manifest of a leg is written and durable."""
    tx.run(
        "UPDATE offload_leg SET manifest = ?, manifest_ms = ? WHERE id = ?",
        os.fsencode(manifest),
        clock.now_ms(),
        leg_id,
    )
    tx.touch(Aspect.OFFLOAD, offload_id)


def set_own_device(tx: Tx, offload_id: str, leg_id: str, by: str) -> None:
    """A person said that a leg lies on a device of its own."""
    tx.run("UPDATE offload_leg SET said_by = ? WHERE id = ?", by, leg_id)
    tx.touch(Aspect.OFFLOAD, offload_id)


def set_state(tx: Tx, offload_id: str, state: OffloadState, problem: str = "") -> None:
    """An offload goes on, stands still or has ended."""
    ended = clock.now_ms() if state in (OffloadState.DONE, OffloadState.STOPPED) else None
    tx.run(
        "UPDATE offload SET state = ?, problem = ?, ended_ms = ? WHERE id = ?",
        state.value,
        problem,
        ended,
        offload_id,
    )
    tx.touch(Aspect.OFFLOAD, offload_id)


def copies_of(
    reader: Reader, hashes: Sequence[str]
) -> dict[str, list[tuple[Offload, OffloadLeg, str, CopyState, int]]]:
    """By hash (xxh128): every copy that an offload made of such bytes: (offload, leg, path below the leg's folder, state, when)."""
    found: dict[str, list[tuple[Offload, OffloadLeg, str, CopyState, int]]] = {}
    known: dict[str, Offload] = {}
    for start in range(0, len(hashes), 500):
        some = hashes[start : start + 500]
        rows = reader.all(
            "SELECT e.hash, e.offload_id, e.path, c.leg_id, c.state, c.at_ms FROM offload_entry e JOIN offload_leg l ON l.offload_id = e.offload_id"
            f" JOIN offload_copy c ON c.leg_id = l.id AND c.n = e.n WHERE e.hash IN ({marks(len(some))}) ORDER BY c.at_ms",
            *some,
        )
        for row in rows:
            offload = known.get(row["offload_id"]) or get(reader, row["offload_id"])
            if offload is None:
                continue
            known[offload.id] = offload
            leg = next(leg for leg in offload.legs if leg.id == row["leg_id"])
            state = CopyState(row["state"])
            found.setdefault(row["hash"], []).append(
                (offload, leg, os.fsdecode(row["path"]), state, row["at_ms"])
            )
    return found


def proven_hash(reader: Reader, path: str, size: int, mtime_ns: int) -> str | None:
    """The xxh128 of a file that an offload put there and read back from its disk, where it is still of that size and time."""
    for leg in reader.all("SELECT id, offload_id, root, folder FROM offload_leg"):
        start = f"{os.fsdecode(leg['root']).rstrip('/')}/{os.fsdecode(leg['folder'])}/"
        if not path.startswith(start):
            continue
        found = reader.value(
            "SELECT e.hash FROM offload_entry e JOIN offload_copy c ON c.leg_id = ? AND c.n = e.n"
            " WHERE e.offload_id = ? AND e.path = ? AND e.size = ? AND e.mtime_ns = ? AND c.state = 'verified' AND e.state <> 'differs'",
            leg["id"],
            leg["offload_id"],
            os.fsencode(path[len(start) :]),
            size,
            mtime_ns,
        )
        if found:
            return str(found)
    return None


def note_verdict(tx: Tx, *, lasting: str, digest: str, name: str, safe: bool, words: str) -> None:
    """Keeps a verdict on a card as history: it was so at that time."""
    tx.run(
        "INSERT INTO card_verdict (id, lasting, digest, name, safe, words, at_ms) VALUES (?,?,?,?,?,?,?)",
        new_id(),
        lasting,
        digest,
        name,
        safe,
        words,
        clock.now_ms(),
    )
    tx.touch(Aspect.OFFLOAD)


def verdicts(
    reader: Reader, lasting: str | None = None
) -> list[tuple[str, str, str, bool, str, int]]:
    """(lasting, digest, name, safe, words, when in ms) of cards, newest first; of one card where it is named."""
    rows = reader.all(
        "SELECT * FROM card_verdict WHERE ? IS NULL OR lasting = ? ORDER BY at_ms DESC, id DESC",
        lasting,
        lasting,
    )
    return [
        (r["lasting"], r["digest"], r["name"], bool(r["safe"]), r["words"], r["at_ms"])
        for r in rows
    ]


_SELECT: Final = "SELECT * FROM offload"


def _offload(reader: Reader, row: Row) -> Offload:
    legs = reader.all("SELECT * FROM offload_leg WHERE offload_id = ? ORDER BY position", row["id"])
    return Offload(
        id=row["id"],
        source=os.fsdecode(row["source"]),
        name=row["name"],
        type=row["type"],
        title=row["title"],
        lasting=row["lasting"],
        digest=row["digest"],
        verify=Verify(row["verify"]),
        hashes=tuple(json.loads(row["hashes"])),
        state=OffloadState(row["state"]),
        problem=row["problem"],
        project_id=row["project_id"],
        folders=_unpacked(row["folders"]),
        left_out=tuple((_plain(path), why) for path, why in json.loads(row["left_out"])),
        made_ms=row["made_ms"],
        ended_ms=row["ended_ms"],
        legs=tuple(_leg(leg) for leg in legs),
    )


def _leg(row: Row) -> OffloadLeg:
    return OffloadLeg(
        id=row["id"],
        name=row["name"],
        root=os.fsdecode(row["root"]),
        folder=os.fsdecode(row["folder"]),
        lasting=row["lasting"],
        device=Device(row["device"], row["device_name"], bool(row["proven"])),
        said_by=row["said_by"],
        state=LegState(row["state"]),
        problem=row["problem"],
        after=row["after"],
        away=bool(row["away"]),
        manifest=os.fsdecode(row["manifest"]),
    )


def _packed(paths: Sequence[str]) -> bytes:
    return b"\0".join(os.fsencode(path) for path in paths)


def _unpacked(packed: bytes) -> tuple[str, ...]:
    return tuple(os.fsdecode(path) for path in packed.split(b"\0")) if packed else ()


def _escaped(path: str) -> str:
    return os.fsencode(path).decode("latin-1")


def _plain(path: str) -> str:
    return os.fsdecode(path.encode("latin-1"))
