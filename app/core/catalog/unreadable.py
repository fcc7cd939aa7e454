"""Copies of a clip that could not be read.

A failure belongs to the file that was tried, by the name it had then: equal bytes under another name, or on
another disk, may read. A clip is bad once each copy that is there was tried.
"""

import json
import os
from typing import Any, Final

from app.core.catalog import files, stored
from app.core.catalog.rows import Reader, Tx
from app.core.model import names
from app.core.model.changes import Aspect
from app.core.model.media import ClipState

_BAD: Final = ClipState.BAD.value
_COPIES: Final = (
    "SELECT f.place, f.volume_id, f.path FROM file f JOIN volume v ON v.id = f.volume_id AND v.online = 1 AND v.forgotten = 0"
    " WHERE f.clip_id = ? AND f.place = f.n AND f.state = 'present' AND f.facts_sig IS NOT NULL"
)


def tried(reader: Reader, clip_id: str) -> set[int]:
    """The copies that are there and could not be read, each by the row of its first file."""
    known = _known(reader, clip_id).get("tried", ())
    return {place for place, key in _copies(reader, clip_id).items() if key in known}


def tell(tx: Tx, clip_id: str, place: int) -> tuple[list[str], bool]:
    """(what was tried of the clip by now, whether no other copy is left) after this copy could not be read."""
    copies = _copies(tx, clip_id)
    known = {*_known(tx, clip_id).get("tried", ()), copies.get(place, "")} - {""}
    over = not set(copies.values()) - known
    if over:
        tx.run("UPDATE attempt SET stopped = 1 WHERE subject = ? AND recipe = 'poster'", clip_id)
    else:
        _try_again(tx, clip_id)
    return sorted(known), over


def forgive(tx: Tx, clip_id: str) -> None:
    """Lets a bad clip be tried again where a copy is there that was not tried: another file, or one renamed."""
    found = _known(tx, clip_id)
    if found.get("state") == _BAD and set(_copies(tx, clip_id).values()) - {
        *found.get("tried", ())
    }:
        _drop(tx, clip_id, found)


def forgive_volume(tx: Tx, volume_id: str) -> None:
    """The same for every clip with a file on this volume, which may be back."""
    for clip in tx.column(
        "SELECT id FROM clip WHERE own_state = 'bad' AND retired = 0 AND id IN (SELECT clip_id FROM file WHERE volume_id = ?)",
        volume_id,
    ):
        forgive(tx, str(clip))


def again(tx: Tx, clip_id: str) -> None:
    """A person asked for it: every copy may be tried again."""
    found = _known(tx, clip_id)
    if found.get("state") == _BAD or found.get("tried"):
        _drop(tx, clip_id, {**found, "tried": []})


def _drop(tx: Tx, clip_id: str, found: dict[str, Any]) -> None:
    bad = found.get("state") == _BAD
    kept = {**found, "state": None, "problem": None} if bad else found
    tx.run(
        "UPDATE content SET measured = ? WHERE id = (SELECT content_id FROM clip WHERE id = ?)",
        json.dumps(kept),
        clip_id,
    )
    if bad:
        tx.run(
            "UPDATE clip SET own_state = 'ready', state = iif(state = 'bad', 'ready', state), problem = NULL"
            " WHERE id = ? AND own_state = 'bad'",
            clip_id,
        )
        # Its files may say more than that: assembly asks them.
        files.reassemble(tx, [clip_id])
    _try_again(tx, clip_id)
    tx.touch(Aspect.CLIP, clip_id)


def _try_again(tx: Tx, clip_id: str) -> None:
    if tx.run("DELETE FROM attempt WHERE subject = ? AND recipe IN ('poster', 'derive')", clip_id):
        tx.touch(Aspect.ATTEMPT, clip_id)


def _known(reader: Reader, clip_id: str) -> dict[str, Any]:
    text = reader.value(
        "SELECT measured FROM content WHERE id = (SELECT content_id FROM clip WHERE id = ?)",
        clip_id,
    )
    return stored.table(text)


def _copies(reader: Reader, clip_id: str) -> dict[int, str]:
    """Copies that could be read now: the row of the first file, and what it is called where."""
    return {
        int(row["place"]): f"{row['volume_id']}:{names.display(os.fsdecode(row['path']))}"
        for row in reader.all(_COPIES, clip_id)
    }
