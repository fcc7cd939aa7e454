"""Folders of volumes as they were when they were last listed: what a quick pass compares with.

A row vouches for the rows of the files in its folder, so it is written in the same transaction as they are.
"""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from app.core.catalog.rows import Reader, Tx

NEVER: Final = -1
"""Stands for the time of a folder that says nothing: it has to be listed."""


class Listed(NamedTuple):
    """A folder as it was before its entries were read."""

    path: bytes
    """Relative to the volume's root; empty for the root itself."""
    mtime_ns: int
    ctime_ns: int
    inode: int


def known(reader: Reader, volume_id: str) -> list[Listed]:
    """Every folder of a volume that was walked or is to be, parents before their children."""
    rows = reader.all(
        "SELECT path, mtime_ns, ctime_ns, inode FROM folder WHERE volume_id = ? ORDER BY path",
        volume_id,
    )
    return [Listed(*row) for row in rows]


def replace(tx: Tx, volume_id: str, rows: Sequence[Listed]) -> None:
    """All folders of a volume, after all of them were walked. The root's row stays in any case."""
    before = {row.path: row for row in known(tx, volume_id)}
    listed(tx, volume_id, [row for row in rows if before.get(row.path) != row])
    over = before.keys() - {row.path for row in rows} - {b""}
    tx.many(
        "DELETE FROM folder WHERE volume_id = ? AND path = ?", ((volume_id, path) for path in over)
    )


def listed(tx: Tx, volume_id: str, rows: Iterable[Listed]) -> None:
    """These folders were listed, and what was found in them is written."""
    tx.many(
        "INSERT INTO folder (volume_id, path, mtime_ns, ctime_ns, inode, seen) VALUES (?,?,?,?,?,0) ON CONFLICT (volume_id, path)"
        " DO UPDATE SET mtime_ns = excluded.mtime_ns, ctime_ns = excluded.ctime_ns, inode = excluded.inode",
        ((volume_id, *row) for row in rows),
    )


def expected(tx: Tx, volume_id: str, paths: Iterable[bytes]) -> None:
    """Folders that are there: those that were never listed will be."""
    tx.many(
        f"INSERT INTO folder (volume_id, path, mtime_ns, ctime_ns, inode, seen) VALUES (?,?,{NEVER},0,0,0) ON CONFLICT DO NOTHING",
        ((volume_id, path) for path in paths),
    )


def gone(tx: Tx, volume_id: str, paths: Iterable[bytes]) -> None:
    """Folders that are not there any more, with all below them. Never the root."""
    tx.many(
        "DELETE FROM folder WHERE volume_id = ? AND (path = ? OR path > ? AND path < ?)",
        ((volume_id, path, path + b"/", path + b"0") for path in paths if path),
    )


def distrust(tx: Tx, volume_id: str) -> None:
    """What is known of a volume's folders says nothing any more: each is to be listed."""
    tx.run("UPDATE folder SET mtime_ns = ? WHERE volume_id = ?", NEVER, volume_id)
