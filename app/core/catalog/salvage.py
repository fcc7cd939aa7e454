"""Words that another file of the catalog still tells: a backup, or a damaged catalog that was set aside.

Every event carries the digest it was written with. Only what fits its digest is taken.
"""

import contextlib
import sqlite3
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Final

from app.core.catalog import events, null_hub, promised
from app.core.catalog.reducers.parts import CLIP_BOUND
from app.core.catalog.rows import Reader, Row, Tx, marks
from app.core.catalog.sqlite_errors import quoting

_WHOLE: Final = f"seq, {events.COLUMNS}, part, server_seq, recv_at, batch, undone, digest"
_AT_ONCE: Final = 500


@contextlib.contextmanager
def opened(path: Path) -> Generator[sqlite3.Connection]:
    """A file that may be damaged, for reading; its log is read as well, and nothing is written to either.

    Raises:
        sqlite3.Error: it cannot be opened.
    """
    address = f"{path.absolute().as_uri()}?mode=ro"
    with contextlib.closing(sqlite3.connect(address, uri=True, isolation_level=None)) as connection:
        connection.row_factory = sqlite3.Row
        with quoting():
            yield connection


def told(path: Path, numbers: Sequence[int] = ()) -> dict[int, Row]:
    """What a file tells of the log, by number: whole rows that fit their digest.

    Args:
        path: the file; it may be damaged anywhere.
        numbers: only these; everything when left out.
    """
    found: dict[int, Row] = {}
    try:
        with opened(path) as connection:
            wanted = numbers or range(1, _last(connection, path) + 1)
            for first in range(0, len(wanted), _AT_ONCE):
                for row in _some(connection, wanted[first : first + _AT_ONCE]):
                    found[int(row["seq"])] = row
    except sqlite3.Error:
        return found
    return found


def _last(connection: sqlite3.Connection, path: Path) -> int:
    _, known = promised.named(path)
    try:
        row = connection.execute("SELECT max(seq) FROM event").fetchone()
        return max(known, int(row[0] or 0))
    except sqlite3.Error:
        return known


def _some(connection: sqlite3.Connection, numbers: Sequence[int]) -> list[Row]:
    """Many at once where that can be read, else each alone: what lies on a broken page is left out."""
    try:
        rows = connection.execute(
            f"SELECT {_WHOLE} FROM event WHERE seq IN ({marks(len(numbers))})", tuple(numbers)
        ).fetchall()
    except sqlite3.Error:
        if len(numbers) == 1:
            return []
        return [row for number in numbers for row in _some(connection, [number])]
    return [row for row in rows if row["digest"] == events.digest_of(row)]


def take_over(tx: Tx, rows: Sequence[Row]) -> tuple[int, int]:
    """Says again what this catalog does not know, in the order it was said.

    Returns:
        How many entries those were, and how many of them are about clips that are not known here.
    """
    fresh = unknown = 0
    for row in rows:
        event = events.from_row(row)
        if events.append(tx, event, str(row["batch"])):
            fresh += 1
            clip = event.entity_id if event.entity in CLIP_BOUND else event.body.get("clip")
            unknown += clip is not None and not tx.value(
                "SELECT 1 FROM clip WHERE id = ?", events.names_of(tx, str(clip))[0]
            )
    null_hub.acknowledge(tx)
    return fresh, unknown


def broken(reader: Reader) -> list[int]:
    """The numbers of events that do not fit their digest, and of those that are missing; ascending."""
    here = set[int]()
    wrong = set[int]()
    sequence = 0
    while batch := events.rows_since(reader, sequence):
        here |= {int(row["seq"]) for row in batch}
        wrong |= {int(row["seq"]) for row in batch if row["digest"] != events.digest_of(row)}
        sequence = int(batch[-1]["seq"])
    return sorted(wrong | (set(range(1, sequence + 1)) - here))


def heal(tx: Tx, copies: Sequence[Path]) -> int:
    """Takes broken events from copies of this catalog, the first that has them; returns how many were mended.

    A copy counts where it tells the same of the event before: one from before another backup was put back may not.
    """
    numbers = broken(tx)
    mended = 0
    for copy in copies if numbers else ():
        rows = told(copy, sorted({*numbers, *(number - 1 for number in numbers)}))
        for number in list(numbers):
            if _fits(tx, number, rows):
                _put(tx, rows[number])
                numbers.remove(number)
                mended += 1
    return mended


def _fits(reader: Reader, number: int, rows: dict[int, Row]) -> bool:
    row, before = rows.get(number), rows.get(number - 1)
    if row is None:
        return False
    known = reader.value("SELECT seq FROM event WHERE id = ?", row["id"])
    if known is not None:
        return int(known) == number
    earlier = reader.value("SELECT id FROM event WHERE seq = ?", number - 1)
    return number == 1 or (before is not None and before["id"] == earlier)


def _put(tx: Tx, row: Row) -> None:
    tx.run("DELETE FROM event WHERE seq = ?", row["seq"])
    tx.run(f"INSERT INTO event ({_WHOLE}) VALUES ({marks(len(row))})", *row)
