"""Files that were not read whole yet, in the order in which somebody waits for them."""

import itertools
import time
from collections.abc import Iterator, Sequence
from typing import Final

from app.core.catalog import files, stored
from app.core.catalog.files import FileRef
from app.core.catalog.rows import Reader, marks

FEW: Final = 10_000
"""So many unread files are looked at one by one; of more, those that are waited for are sought by what was said."""
_PAGE: Final = 500
"""Clips that are asked about at once."""
_HERE: Final = "JOIN volume v ON v.id = f.volume_id AND v.online = 1 AND v.forgotten = 0"
_DUE: Final = (
    f"f.hashed_sig IS NULL AND f.role IN {files.IDENTITY_SQL} AND f.state = 'present' AND f.clip_id IS NOT NULL AND"
    " (v.derive = 'all' OR EXISTS (SELECT 1 FROM clip c WHERE c.id = f.clip_id AND c.touched = 1))"
    f" AND {files.NOT_WAITING}"
)
_SAID: Final = (
    "decision WHERE hash = ''",  # its word holds only once these bytes are known
    "decision",
    "note",
    "clip_log",
)
"""Where words of people are, as tables of clips; the most urgent first."""


def due(
    reader: Reader, limit: int, focus: Sequence[str] = ()
) -> tuple[list[FileRef], list[FileRef]]:
    """Essence files not read whole yet, where everything is derived or the clip was touched.

    Args:
        reader: the snapshot.
        limit: at most so many of both together.
        focus: clips on screen.

    Returns:
        What somebody waits for: of clips on screen, then of those whose decision waits for these bytes, then of others
        that were decided on, noted or rated. And the rest, oldest first.
    """
    unread = reader.value(
        "SELECT count(*) FROM (SELECT 1 FROM file WHERE role IS NOT NULL AND hashed_sig IS NULL"
        f" AND role IN {files.IDENTITY_SQL} LIMIT {FEW})"
    )
    if not unread:
        return [], []
    rows = (_few if int(unread) < FEW else _many)(reader, limit, focus)
    found = dict(reversed(list(rows)))  # each as soon as it is named first
    wanted = sorted(found, key=lambda n: (found[n], n))[:limit]
    known = {ref.n: ref for ref in files.refs(reader, f"f.n IN ({marks(len(wanted))})", *wanted)}
    refs = [known[n] for n in wanted if n in known]
    last = len(_SAID)
    return [r for r in refs if found[r.n] < last], [r for r in refs if found[r.n] == last]


def _few(reader: Reader, limit: int, focus: Sequence[str]) -> Iterator[tuple[int, int]]:
    """(file, turn) of the first, every unread file being looked at."""
    turns = " ".join(
        f"WHEN EXISTS (SELECT 1 FROM {said} {'AND' if 'WHERE' in said else 'WHERE'} clip_id = f.clip_id) THEN {turn}"
        for turn, said in enumerate(_SAID)
    )
    rows = reader.all(
        f"SELECT f.n, CASE WHEN f.clip_id IN ({marks(len(focus))}) THEN -1 {turns} ELSE {len(_SAID)} END AS turn"
        f" FROM file f INDEXED BY file_unhashed {_HERE} WHERE f.role IS NOT NULL AND {_DUE} ORDER BY turn, f.n LIMIT ?",
        *focus,
        "hash",
        _now(),
        limit,
    )
    return ((int(row["n"]), int(row["turn"])) for row in rows)


def _many(reader: Reader, limit: int, focus: Sequence[str]) -> Iterator[tuple[int, int]]:
    """The same by what was said, some clips at a time: SQLite would look at all files for one question about all."""
    seen: set[int] = set()
    for turn, clips in ((-1, focus), *((n, _clips(reader, said)) for n, said in enumerate(_SAID))):
        some = iter(clips)
        while len(seen) < limit and (page := list(itertools.islice(some, _PAGE))):
            for n in _of(reader, f"f.clip_id IN ({marks(len(page))})", page, limit):
                if n not in seen:
                    seen.add(n)
                    yield n, turn
    for n in _of(reader, "1", (), limit):
        yield n, len(_SAID)


def _clips(reader: Reader, said: str) -> Iterator[str]:
    """The clips something was said of, in the order of their ids, read as far as they are wanted."""
    last = ""
    where = f"{said} {'AND' if 'WHERE' in said else 'WHERE'} clip_id > ? ORDER BY clip_id"
    while page := reader.column(f"SELECT DISTINCT clip_id FROM {where} LIMIT {_PAGE}", last):
        if str(page[-1]) <= last:
            raise stored.damaged("Clips are not in their order.")
        yield from map(str, page)
        last = str(page[-1])


def _of(reader: Reader, where: str, parameters: Sequence[str], limit: int) -> list[int]:
    sql = f"SELECT f.n FROM file f {_HERE} WHERE {where} AND {_DUE} ORDER BY f.n LIMIT ?"
    return [int(n) for n in reader.column(sql, *parameters, "hash", _now(), limit)]


def _now() -> int:
    return time.time_ns() // 1_000_000
