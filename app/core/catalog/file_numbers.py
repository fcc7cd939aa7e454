"""Files that a filesystem tells under another time or inode number, and that are what they were."""

from collections.abc import Iterable

from app.core.catalog import files
from app.core.catalog.files import Seen
from app.core.catalog.rows import Tx


def shifted(tx: Tx, rows: Iterable[tuple[int, Seen]]) -> None:
    """Files whose time is only told in another way: all that is known of them stays."""
    tx.many(
        "UPDATE file SET mtime_ns = ?1, inode = ?2, hashed_sig = iif(hashed_sig IS NULL, NULL, size || ':' || ?1),"
        f" facts_sig = iif(facts_sig IS NULL OR facts_sig = '{files.UNREAD}', facts_sig, size || ':' || ?1) WHERE n = ?3",
        ((s.mtime_ns, s.inode, n) for n, s in rows),
    )


def renumbered(tx: Tx, rows: Iterable[tuple[int, int]]) -> None:
    """The same files under other inode numbers: (row, inode)."""
    tx.many("UPDATE file SET inode = ? WHERE n = ?", ((inode, n) for n, inode in rows))
