"""Clips: put together by assembly, read whole or by name. Their windows for the grid are in `cards`."""

import dataclasses
import json
import os
import time
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any, Final

from app.core.catalog import (
    clip_owners,
    clip_texts,
    copies,
    documents,
    merging,
    renditions,
    shifts,
    unreadable,
)
from app.core.catalog.clip_states import IDENTITY, refresh_states
from app.core.catalog.clip_states import refresh_volume as _refresh_volume
from app.core.catalog.rows import Reader, Tx
from app.core.catalog.stored import listed, table
from app.core.model import names
from app.core.model.changes import Aspect
from app.core.model.entities import Audio
from app.core.model.ids import new_id
from app.core.model.media import IDENTITY_ROLES, ClipKind, ClipState, FileRole, start_rank


@dataclasses.dataclass(frozen=True, slots=True)
class Part:
    """One file of a clip as assembly says."""

    n: int
    role: FileRole
    index: int
    start: int | None = None
    """The frame of the clip that it begins at; None where that is not known, and in a sequence."""


@dataclasses.dataclass(frozen=True, slots=True)
class ClipRecord:
    """All that assembly knows of a clip; machine facts only."""

    volume_id: str
    folder: str
    name: str
    kind: ClipKind
    state: ClipState
    parts: tuple[Part, ...]
    rate: Fraction | None = None
    vfr: bool = False
    drop: bool = False
    start_frame: int | None = None
    label_rate: Fraction | None = None
    frames: int | None = None
    duration_ms: int = 0
    width: int | None = None
    height: int | None = None
    codec: str | None = None
    pix_fmt: str | None = None
    rotation: int = 0
    audio: tuple[Audio, ...] = ()
    reel: str | None = None
    camera: str | None = None
    scene: str | None = None
    take: str | None = None
    shot: str | None = None
    recorded_at: str | None = None
    gaps: tuple[tuple[int, int], ...] = ()
    problem: str | None = None
    card: str | None = None
    sequence: str | None = None
    """`dir/name.%07d.dpx` for image sequences."""
    proxy_base: str | None = None
    """The name of its original, where it looks like a proxy whose original is elsewhere."""
    size: int = 0
    facts: Mapping[str, Any] = dataclasses.field(default_factory=dict[str, Any])
    """More that is worth showing and searching: colour, field order, loudness …"""
    tags: Mapping[str, str] = dataclasses.field(default_factory=dict[str, str])
    origins: Mapping[str, str] = dataclasses.field(default_factory=dict[str, str])

    @property
    def place(self) -> int:
        """The row of its first identity file: what tells one copy of a clip from another."""
        return next((p.n for p in self.parts if p.role in IDENTITY_ROLES), self.parts[0].n)


_COLUMNS: Final = (
    "name",
    "name_fold",
    "kind",
    "own_state",
    "rate_num",
    "rate_den",
    "vfr",
    "drop_frame",
    "start_frame",
    "label_num",
    "label_den",
    "frames",
    "duration_ms",
    "width",
    "height",
    "codec",
    "pix_fmt",
    "rotation",
    "audio",
    "reel",
    "camera",
    "scene",
    "take",
    "shot",
    "recorded_at",
    "gaps",
    "problem",
    "card",
    "sequence",
    "facts",
    "tags",
    "origins",
    "volume_id",
    "folder",
    "folder_text",
    "start_key",
    "size",
    "place",
    "proxy_base",
    "layout",
)


def put(tx: Tx, record: ClipRecord) -> str:
    """Makes or updates the clip of these files; returns its id.

    The clip is the one they belong to already. A further copy of a known clip only gets its files
    assigned. Clips that lose all their files to this one are absorbed. Where files came before or between
    those of a clip, it becomes part of a new one: what was said counts its own frames.
    """
    owners = clip_owners.of(tx, record)
    if owners and shifts.step(tx, owners[0], record):
        clip_owners.free(tx, owners[0], record)
        owners.insert(0, _create(tx, record))
    clip_id = owners[0] if owners else _create(tx, record)
    places, other_files = clip_owners.free(tx, clip_id, record)
    tx.many(
        "UPDATE file SET clip_id = ?, role = ?, part = ?, place = ? WHERE n = ?",
        [(clip_id, p.role.value, p.index, record.place, p.n) for p in record.parts],
    )
    unreadable.forgive(tx, clip_id)
    row = tx.one("SELECT n, place FROM clip WHERE id = ?", clip_id)
    if row is not None and _leads(tx, clip_id, row["place"], places):
        _update(tx, clip_id, record)
        if other_files:
            _derive_anew(tx, clip_id)
        _apply_measured(tx, clip_id)
        clip_texts.index(tx, clip_id, record)
        copies.drop(tx, record.place)
    else:
        copies.note(tx, clip_id, record)
    for other in owners[1:]:
        merging.absorb(tx, other, clip_id, shifts.step(tx, other, record))
    if len(owners) > 1:
        _derive_anew(tx, clip_id)
    clip_texts.index_names(tx, clip_id)
    refresh_states(tx, [clip_id])
    if _is_read(tx, record):
        return merging.settle_content(tx, clip_id) or clip_id
    return clip_id


def _is_read(tx: Tx, record: ClipRecord) -> bool:
    """Whether a clip without a hash has only files that were read whole before: no reading is to come that settles it.

    What has a hash keeps it: an approved sequence that lost a frame is that sequence still.
    """
    return not tx.value(
        f"SELECT 1 FROM file f JOIN clip c ON c.id = f.clip_id JOIN content x ON x.id = c.content_id WHERE f.place = ?1"
        f" AND f.clip_id = (SELECT clip_id FROM file WHERE n = ?1) AND f.role IN {IDENTITY}"
        " AND (x.full_hash IS NOT NULL OR (f.hashed_sig IS NULL AND f.state <> 'missing')) LIMIT 1",
        record.place,
    )


def _leads(tx: Tx, clip_id: str, leading: int | None, places: Sequence[int]) -> bool:
    """Whether this copy gives the clip its name and facts: the first one that is still there."""
    if leading is None or leading in places:
        return True
    return not tx.value(
        "SELECT 1 FROM file WHERE n = ? AND clip_id = ? AND state <> 'missing'", leading, clip_id
    )


def _create(tx: Tx, record: ClipRecord) -> str:
    clip_id, content_id, now = new_id(), new_id(), time.time_ns() // 1_000_000
    previous = tx.value(
        "SELECT content_id FROM clip WHERE place = ? AND retired = 0 AND (kind = 'sequence') = ?",
        record.place,
        record.kind is ClipKind.SEQUENCE,
    )
    tx.run("INSERT INTO content (id, previous, made_at) VALUES (?,?,?)", content_id, previous, now)
    tx.run(
        "INSERT INTO clip (id, content_id, name, name_fold, kind, state, own_state, volume_id, folder, made_at) VALUES (?,?,?,?,?,?,?,?,?,?)",
        clip_id,
        content_id,
        names.display(record.name),
        names.fold_key(names.display(record.name)),
        record.kind.value,
        record.state.value,
        record.state.value,
        record.volume_id,
        os.fsencode(record.folder),
        now,
    )
    return clip_id


def _derive_anew(tx: Tx, clip_id: str) -> None:
    """Files came or went: what was derived and measured of those it had is out of date."""
    content = tx.value("SELECT content_id FROM clip WHERE id = ?", clip_id)
    renditions.outdated(tx, str(content))
    start = _measured(tx, clip_id).get("start")
    tx.run(
        "UPDATE content SET measured = ?, essence_hash = NULL WHERE id = ?",
        json.dumps({"start": start}) if start else None,
        content,
    )


def _update(tx: Tx, clip_id: str, record: ClipRecord) -> None:
    label = record.label_rate or record.rate
    values = (
        names.display(record.name),
        names.fold_key(names.display(record.name)),
        record.kind.value,
        record.state.value,
        record.rate.numerator if record.rate else None,
        record.rate.denominator if record.rate else None,
        record.vfr,
        record.drop,
        record.start_frame,
        label.numerator if label else None,
        label.denominator if label else None,
        record.frames,
        record.duration_ms,
        record.width,
        record.height,
        record.codec,
        record.pix_fmt,
        record.rotation,
        json.dumps([dataclasses.asdict(a) for a in record.audio]),
        record.reel,
        record.camera,
        record.scene,
        record.take,
        record.shot,
        record.recorded_at,
        json.dumps(record.gaps),
        record.problem,
        record.card,
        names.display(record.sequence) if record.sequence else None,
        json.dumps(dict(record.facts)),
        json.dumps(dict(record.tags)),
        json.dumps(dict(record.origins)),
        record.volume_id,
        os.fsencode(record.folder),
        names.display(record.folder),
        _start_key(record.start_frame, label, drop=record.drop),
        record.size,
        record.place,
        names.fold_key(record.proxy_base) if record.proxy_base else None,
        _layout(tx, clip_id, record),
    )
    changed = tx.run(
        f"UPDATE clip SET {', '.join(f'{c} = ?' for c in _COLUMNS)}, retired = 0 WHERE id = ?",
        *values,
        clip_id,
    )
    if changed:
        tx.touch(Aspect.CLIP, clip_id)


def _layout(tx: Tx, clip_id: str, record: ClipRecord) -> str | None:
    """While a file of it is away, what is left does not say where the others lie."""
    known = tx.value("SELECT layout FROM clip WHERE id = ?", clip_id)
    here = {part.n for part in record.parts}
    if known is not None and not {n for n, _ in listed(known)} <= here:
        return str(known)
    return shifts.layout(record) or known


def _start_key(frame: int | None, label: Fraction | None, *, drop: bool) -> int:
    """Milliseconds after midnight by the label, for sorting by timecode across rates.

    Labels without drop count whole frames a second: at 23.976 an hour of labels lasts 3.6 s longer.
    """
    if frame is None or not label:
        return -1
    return int(Fraction(frame) / (label if drop else round(label)) * 1000)


def left_over(tx: Tx, file_rows: Sequence[int]) -> None:
    """Files that no plan wants any more leave their clips."""
    tx.many(
        "UPDATE file SET clip_id = NULL, role = NULL, place = NULL WHERE n = ?",
        [(n,) for n in file_rows],
    )


def refresh_volume(tx: Tx, volume_id: str) -> int:
    """How every clip with a file on this volume stands now; returns how many changed."""
    unreadable.forgive_volume(tx, volume_id)
    return _refresh_volume(tx, volume_id)


def retire_empty(tx: Tx, clip_ids: Iterable[str]) -> None:
    """Clips without any file are retired; those that a person touched stay, as missing."""
    for clip_id in clip_ids:
        row = tx.one(
            "SELECT touched FROM clip WHERE id = ? AND retired = 0 AND NOT EXISTS (SELECT 1 FROM file WHERE clip_id = clip.id)",
            clip_id,
        )
        if row is None:
            continue
        if row["touched"]:
            tx.run("UPDATE clip SET state = 'missing' WHERE id = ?", clip_id)
        else:
            merging.retire(tx, clip_id)
        tx.touch(Aspect.CLIP, clip_id)


@dataclasses.dataclass(frozen=True, slots=True)
class MeasuredStart:
    """A start timecode that only decoding shows."""

    frame: int
    drop: bool
    label_rate: Fraction
    """What `frame` counts: frames a second."""
    origin: str


@dataclasses.dataclass(frozen=True, slots=True)
class Measured:
    """What the decode pass found better than the header said; kept with the content."""

    frames: int | None = None
    state: ClipState | None = None
    """`damaged` or `bad` where decoding said so."""
    problem: str | None = None
    """What is wrong; without a state, what is worth knowing besides."""
    essence: str | None = None
    """Hash of the packets alone."""
    start: MeasuredStart | None = None
    """Where the header tells none, or nothing better."""
    tried: int | None = None
    """The copy that was read, by the row of its first file: what makes one copy bad may not hold for another."""


def set_measured(tx: Tx, clip_id: str, found: Measured) -> None:
    """Keeps what was measured and applies it."""
    value: dict[str, Any] = {
        "frames": found.frames,
        "state": found.state.value if found.state else None,
        "problem": found.problem,
        "start": _kept_start(tx, clip_id, found.start),
    }
    if found.state is ClipState.BAD and found.tried is not None:
        value["tried"], over = unreadable.tell(tx, clip_id, found.tried)
        if not over:
            value |= {"state": None, "problem": None}
    tx.run(
        "UPDATE content SET measured = ?, essence_hash = coalesce(?, essence_hash) WHERE id = (SELECT content_id FROM clip WHERE id = ?)",
        json.dumps(value),
        found.essence,
        clip_id,
    )
    _apply_measured(tx, clip_id)
    refresh_states(tx, [clip_id])
    merging.rewritten(tx, clip_id)


def _kept_start(tx: Tx, clip_id: str, found: MeasuredStart | None) -> dict[str, Any] | None:
    """The start as it is kept. The first one stays: what a person corrects is an offset from it.

    Where a person corrected the clip before anything was measured, their word is all there is.
    """
    known = _measured(tx, clip_id).get("start")
    if known is not None or found is None:
        return known
    if tx.value("SELECT 1 FROM timecode_correction WHERE clip_id = ?", clip_id):
        return None
    rate = [found.label_rate.numerator, found.label_rate.denominator]
    return {"frame": found.frame, "drop": found.drop, "rate": rate, "origin": found.origin}


def _measured(tx: Tx, clip_id: str) -> dict[str, Any]:
    text = tx.value(
        "SELECT measured FROM content WHERE id = (SELECT content_id FROM clip WHERE id = ?)",
        clip_id,
    )
    return table(text)


def _apply_measured(tx: Tx, clip_id: str) -> None:
    found = _measured(tx, clip_id)
    if found.get("frames") is not None:
        tx.run("UPDATE clip SET frames = ? WHERE id = ?", found["frames"], clip_id)
    if found.get("state"):
        tx.run(
            "UPDATE clip SET own_state = ?, problem = ? WHERE id = ? AND own_state IN ('ready', 'damaged')",
            found["state"],
            found["problem"],
            clip_id,
        )
    elif found.get("problem"):
        _add_problem(tx, clip_id, found["problem"])
    if found.get("start"):
        _apply_start(tx, clip_id, found["start"])
    if found:
        tx.touch(Aspect.CLIP, clip_id)


def _add_problem(tx: Tx, clip_id: str, words: str) -> None:
    """What is worth knowing of a clip that is whole, after what its files said."""
    tx.run(
        "UPDATE clip SET problem = iif(problem IS NULL, ?1, problem || ' ' || ?1) WHERE id = ?2 AND coalesce(instr(problem, ?1), 0) = 0",
        words,
        clip_id,
    )


def _apply_start(tx: Tx, clip_id: str, start: Mapping[str, Any]) -> None:
    """Unless the headers know better, as when the clip's sidecar came later."""
    text = tx.value("SELECT origins FROM clip WHERE id = ?", clip_id)
    origins: dict[str, str] = table(text)
    if start_rank(origins.get("start", "")) < start_rank(start["origin"]):
        return
    above, below = start["rate"]
    tx.run(
        "UPDATE clip SET start_frame = ?, drop_frame = ?, label_num = ?, label_den = ?, start_key = ?, origins = ? WHERE id = ?",
        start["frame"],
        start["drop"],
        above,
        below,
        _start_key(start["frame"], Fraction(above, below), drop=bool(start["drop"])),
        json.dumps({**origins, "start": start["origin"]}),
        clip_id,
    )


def proxies_elsewhere(reader: Reader, limit: int = 500) -> list[tuple[str, str]]:
    """(stray, original) pairs by name: clips that look like proxies, and clips of the name they ask for."""
    rows = reader.all(
        "SELECT p.id AS stray, c.id AS original FROM clip p JOIN clip c ON c.name_fold = p.proxy_base AND c.retired = 0 AND c.id <> p.id"
        " AND c.proxy_base IS NULL WHERE p.proxy_base IS NOT NULL AND p.retired = 0 ORDER BY p.n LIMIT ?",
        limit,
    )
    return [(row["stray"], row["original"]) for row in rows]


def adopt(tx: Tx, stray: str, original: str) -> None:
    """The files of a stray proxy become a foreign proxy of its original; the stray is retired.

    What was derived of the proxy itself is dropped: it says less than what the original gives.
    """
    tx.run(
        f"UPDATE file SET role = 'foreign-proxy', place = (SELECT place FROM clip WHERE id = ?) WHERE clip_id = ? AND role IN {IDENTITY}",
        original,
        stray,
    )
    content = tx.value("SELECT content_id FROM clip WHERE id = ?", stray)
    for derived in ("rendition", "segment", "transcript"):
        tx.run(f"DELETE FROM {derived} WHERE content_id = ?", content)
    documents.drop(tx, stray, "transcript")
    merging.absorb(tx, stray, original)
    refresh_states(tx, [original])


def touch_by_person(tx: Tx, clip_id: str) -> None:
    """A person opened it: where only touched clips are derived, it is now wanted; what was evicted is made again."""
    fresh = tx.run("UPDATE clip SET touched = 1 WHERE id = ? AND touched = 0", clip_id)
    evicted = tx.run(
        "UPDATE rendition SET state = 'due' WHERE state = 'stale' AND content_id = (SELECT content_id FROM clip WHERE id = ?)",
        clip_id,
    )
    # Least used goes first where room is short.
    tx.run(
        "UPDATE rendition SET used_at = ? WHERE content_id = (SELECT content_id FROM clip WHERE id = ?)",
        time.time_ns() // 1_000_000,
        clip_id,
    )
    if fresh or evicted:
        tx.touch(Aspect.CLIP, clip_id)
