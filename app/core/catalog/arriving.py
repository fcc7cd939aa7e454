"""Files that are not whole yet: still being written, or unfinished inside, with the hour at which such a one is called damaged."""

import os
from collections.abc import Sequence

from app.core.catalog import stored
from app.core.catalog.rows import Reader, Row, marks
from app.core.model.entities import Arriving

_MINUTE = 60_000
MOST = 200
"""So many are listed of one volume."""


_OPEN = "f.facts IS NOT NULL AND json_extract(f.facts, '$.closed') = 0"
_FILE = f"""SELECT f.path, f.size, f.mtime_ns, (f.state = 'present' OR f.facts_sig IS NOT NULL) AND {_OPEN} AS open, c.n AS row
    FROM file f LEFT JOIN clip c ON c.id = f.clip_id AND c.retired = 0"""
# Between two looks, a minute apart, a file stands as present until it has been looked into again.
_LOOKED_AT = f"f.state = 'present' AND f.facts_sig IS NULL AND {_OPEN}"
_HERE = "SELECT id FROM volume WHERE forgotten = 0 AND (?1 = '' OR id = ?1)"


def on_volume(reader: Reader, volume_id: str, open_minutes: int) -> tuple[list[Arriving], int]:
    """The files of a volume that are not whole yet, the ones judged first before the others, and how many there are in all.

    Args:
        reader: the snapshot.
        volume_id: where they are; "" for all volumes.
        open_minutes: how long a file may stay unfinished inside: the setting `ingest.open_structure_minutes`.
    """
    # The plus keeps SQLite off the index of all files of the volume: those that grow are few.
    rows = reader.all(
        f"{_FILE} WHERE f.state = 'growing' AND +f.volume_id IN ({_HERE}) UNION ALL {_FILE} WHERE {_LOOKED_AT}"
        f" AND f.volume_id IN ({_HERE}) ORDER BY 3, 1",
        volume_id,
    )
    return [_arriving(row, open_minutes) for row in rows[:MOST]], len(rows)


def of_clips(
    reader: Reader, rows: Sequence[int], open_minutes: int
) -> dict[int, tuple[Arriving, ...]]:
    """By row of the clip: its files that are not whole yet, the one changed last first. Arguments as in `on_volume`."""
    found: dict[int, tuple[Arriving, ...]] = {}
    told = reader.all(
        f"{_FILE} WHERE c.n IN ({marks(len(rows))}) AND (f.state = 'growing' OR {_LOOKED_AT})"
        " ORDER BY f.mtime_ns DESC, f.path",
        *rows,
    )
    for row in told:
        found[int(row["row"])] = (*found.get(int(row["row"]), ()), _arriving(row, open_minutes))
    return found


@stored.reading
def _arriving(row: Row, open_minutes: int) -> Arriving:
    unchanged = int(row["mtime_ns"]) // 1_000_000
    return Arriving(
        path=os.fsdecode(row["path"]),
        size=int(row["size"]),
        unchanged_ms=unchanged,
        verdict_ms=unchanged + open_minutes * _MINUTE if row["open"] else None,
        row=int(row["row"]) if row["row"] is not None else None,
    )
