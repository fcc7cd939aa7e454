"""Which known clip some files are: the one that most of them belong to, as long as it is of their kind.

Frames of a sequence never make or merge clips. Pictures that were put together and fall apart become
stills of their own, and the sequence comes back, with what was said of it, when they are together again.
"""

import os
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from app.core.catalog.clip_states import IDENTITY
from app.core.catalog.rows import Reader, Row, Tx, marks
from app.core.model import names
from app.core.model.media import IDENTITY_ROLES, ClipKind

if TYPE_CHECKING:
    from app.core.catalog.clips import ClipRecord

_SOME: Final = 500
_SEQUENCE: Final = ClipKind.SEQUENCE.value
_EMPTY: Final = (
    "NOT EXISTS (SELECT 1 FROM file WHERE clip_id = c.id)"
    " AND NOT EXISTS (SELECT 1 FROM clip_alias WHERE alias = c.id)"
)


def of(reader: Reader, record: "ClipRecord") -> list[str]:
    """The clips these files are, the one whose id stays first; none where they are a new clip.

    Those after the first belong together with it, and are to be absorbed.
    """
    rows = _files(reader, identity(record))
    sequence = record.kind is ClipKind.SEQUENCE
    held = Counter(
        (str(row["clip_id"]), int(row["place"] or 0))
        for row in rows
        if row["clip_id"] and (row["kind"] == _SEQUENCE) == sequence
    )
    claimed = [
        (clip, count)
        for (clip, place), count in held.items()
        if _may_take(reader, record, clip, place, count)
    ]
    if sequence:
        claimed.sort(key=lambda each: -each[1])
        claimed = claimed[:1]
    owners = list(dict.fromkeys(clip for clip, _ in claimed))
    if not owners and any(row["clip_id"] for row in rows):
        owners = _fallen_apart(reader, record)
    return owners


def identity(record: "ClipRecord") -> list[int]:
    """The rows of its files of picture and sound, in order."""
    return [part.n for part in record.parts if part.role in IDENTITY_ROLES]


def free(tx: Tx, clip_id: str, record: "ClipRecord") -> tuple[list[int], bool]:
    """Takes the copies that these files were part of from the clip.

    What is missing leaves too: what is left is the clip, and assembly says what it lacks. Proxies that
    were found elsewhere stay.

    Returns:
        The places of those copies, and whether the clip has other files now than before.
    """
    wanted = identity(record)
    places = [
        int(row["place"])
        for row in _files(tx, wanted)
        if row["clip_id"] == clip_id and row["place"]
    ]
    places = list(dict.fromkeys([record.place, *places]))
    where = f"clip_id = ? AND place IN ({marks(len(places))})"
    before = tx.column(f"SELECT n FROM file WHERE {where} AND role IN {IDENTITY}", clip_id, *places)
    tx.run(
        f"UPDATE file SET clip_id = NULL, place = NULL WHERE {where} AND (role <> 'foreign-proxy' OR state = 'missing')",
        clip_id,
        *places,
    )
    return places, bool(before) and {int(n) for n in before} != set(wanted)


def _files(reader: Reader, rows: Sequence[int]) -> list[Row]:
    found: dict[int, Row] = {}
    for first in range(0, len(rows), _SOME):
        some = rows[first : first + _SOME]
        for row in reader.all(
            "SELECT f.n, f.clip_id, f.place, c.kind FROM file f LEFT JOIN clip c ON c.id = f.clip_id"
            f" WHERE f.n IN ({marks(len(some))})",
            *some,
        ):
            found[int(row["n"])] = row
    return [found[n] for n in rows if n in found]


def _may_take(reader: Reader, record: "ClipRecord", clip: str, place: int, count: int) -> bool:
    """Whether a copy is these files now: in their folder always, elsewhere where most of it went there."""
    here = reader.value(
        "SELECT 1 FROM clip WHERE id = ? AND volume_id = ? AND folder = ?",
        clip,
        record.volume_id,
        os.fsencode(record.folder),
    )
    if here:
        return True
    whole = reader.value(
        f"SELECT count(*) FROM file WHERE clip_id = ? AND place = ? AND role IN {IDENTITY} AND state <> 'missing'",
        clip,
        place,
    )
    return count * 2 > int(whole or 0)


def _fallen_apart(reader: Reader, record: "ClipRecord") -> list[str]:
    """The clip these files were before they were put together otherwise: it has none now."""
    if record.kind is ClipKind.SEQUENCE:
        found = reader.value(
            f"SELECT c.id FROM clip c WHERE c.kind = '{_SEQUENCE}' AND c.volume_id = ? AND c.folder = ? AND c.sequence = ? AND {_EMPTY}"
            " ORDER BY c.touched DESC, c.frames DESC, c.n LIMIT 1",
            record.volume_id,
            os.fsencode(record.folder),
            names.display(record.sequence or ""),
        )
    else:
        found = reader.value(
            f"SELECT c.id FROM clip c WHERE c.place = ? AND c.kind <> '{_SEQUENCE}' AND {_EMPTY} ORDER BY c.n DESC LIMIT 1",
            record.place,
        )
    return [str(found)] if found else []
