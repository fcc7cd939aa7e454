"""Files seen on volumes: what the scanner compares with, and what is due to be probed, hashed, settled."""

import dataclasses
import os
import time
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from app.core.catalog import stored
from app.core.catalog.rows import Reader, Row, Tx, marks
from app.core.model import facts_json, names
from app.core.model.changes import Aspect
from app.core.model.ids import new_ids
from app.core.model.media import FileState, MediaFacts

_SOME: Final = 500
"""Rows named in one statement."""
IDENTITY_SQL: Final = "('essence', 'span', 'audio')"


class Known(NamedTuple):
    """What the catalog knows of a file, as the scanner compares it."""

    n: int
    size: int
    mtime_ns: int
    inode: int
    state: str
    quick_id: str | None


class Seen(NamedTuple):
    """What the scanner saw of a file."""

    path: bytes
    size: int
    mtime_ns: int
    inode: int
    sort: str
    state: FileState
    settle_at: int = 0
    """When to look again, for growing files; milliseconds since 1970."""


@dataclasses.dataclass(frozen=True, slots=True)
class FileRef:
    """A file that work is due on."""

    n: int
    id: str
    volume_id: str
    mount: str
    path: str
    size: int
    mtime_ns: int
    sort: str
    clip_id: str | None
    quick_id: str | None

    @property
    def shown(self) -> str:
        """Where it lies on this machine, for people."""
        return names.display(f"{self.mount}/{self.path}")

    @property
    def signature(self) -> str:
        """Size and time: what the work is valid for."""
        return f"{self.size}:{self.mtime_ns}"


_REF: Final = """SELECT f.n, f.id, f.volume_id, m.path AS mount, f.path, f.size, f.mtime_ns, f.sort, f.clip_id, f.quick_id
    FROM file f JOIN volume v ON v.id = f.volume_id AND v.online = 1 AND v.forgotten = 0 JOIN mount m ON m.volume_id = v.id"""


def known(reader: Reader, volume_id: str) -> dict[bytes, Known]:
    """Every file of a volume by its exact path."""
    # In the order of the paths, which is nearly that of the rows; by any other index each row is sought on its own.
    rows = reader.tuples(
        "SELECT path, n, size, mtime_ns, inode, state, quick_id FROM file WHERE volume_id = ? ORDER BY path",
        volume_id,
    )
    return {
        path: Known(n, size, mtime, inode, state, quick_id)
        for path, n, size, mtime, inode, state, quick_id in rows
    }


def known_under(reader: Reader, volume_id: str, folder: bytes, *, deep: bool) -> dict[bytes, Known]:
    """Files of one folder, with all below it where `deep`."""
    if deep and not folder:
        return known(reader, volume_id)
    where = "folder = ? OR (? AND folder > ? AND folder < ?)"
    rows = reader.all(
        f"SELECT path, n, size, mtime_ns, inode, state, quick_id FROM file WHERE volume_id = ? AND ({where})",
        volume_id,
        folder,
        deep,
        folder + b"/",
        folder + b"0",
    )
    return {row[0]: Known(row[1], row[2], row[3], row[4], row[5], row[6]) for row in rows}


def alike(reader: Reader, volume_id: str, size: int, mtime_ns: int) -> list[tuple[bytes, Known]]:
    """Files of a volume with this size and time, wherever they are: what a new file may have been before."""
    rows = reader.all(
        "SELECT path, n, size, mtime_ns, inode, state, quick_id FROM file WHERE volume_id = ? AND size = ? AND mtime_ns = ?",
        volume_id,
        size,
        mtime_ns,
    )
    return [(row[0], Known(row[1], row[2], row[3], row[4], row[5], row[6])) for row in rows]


def settled(tx: Tx, ref: "FileRef") -> None:
    """A growing file was quiet long enough: it is looked into again."""
    tx.run(
        "UPDATE file SET state = 'present', settled_at = 0, facts_sig = NULL WHERE n = ? AND state = 'growing' AND size = ? AND mtime_ns = ?",
        ref.n,
        ref.size,
        ref.mtime_ns,
    )


def later(tx: Tx, n: int, settle_at: int) -> None:
    """A growing file could not be looked at: again at that time."""
    tx.run("UPDATE file SET settled_at = ? WHERE n = ? AND state = 'growing'", settle_at, n)


def insert(tx: Tx, volume_id: str, seen: Sequence[Seen]) -> None:
    """New files."""
    now = _now()
    rows: list[tuple[object, ...]] = []
    # Once a file of a first scan: unpacked, and nothing asked twice.
    for made, (path, size, mtime_ns, inode, sort, state, settle_at) in zip(
        new_ids(len(seen)), seen, strict=True
    ):
        folder, _, name = path.rpartition(b"/")
        key = names.fold_key(os.fsdecode(name))
        rows.append((made, volume_id, path, folder, key, sort, size, mtime_ns, inode, state.value, settle_at, now))  # fmt: skip
    tx.many(
        "INSERT INTO file (id, volume_id, path, folder, name_key, sort, size, mtime_ns, inode, state, seen, settled_at, first_seen)"
        " VALUES (?,?,?,?,?,?,?,?,?,?,0,?,?) ON CONFLICT (volume_id, path) DO NOTHING",
        rows,
    )


def change(tx: Tx, changed: Iterable[tuple[int, Seen]], *, alike: bool = False) -> list[str]:
    """Files whose bytes changed: facts and hashes are void. What was whole, or gone, becomes a new version.

    A file that was never whole (growing, or its structure open) stays the same clip. `alike`: size and time are as
    before. Returns the clips that lost a file to it.
    """
    lost: list[str] = []
    for n, s in changed:
        whole = tx.value(
            f"SELECT clip_id FROM file WHERE n = ? AND (? OR size <> ? OR mtime_ns <> ?) AND role IN {IDENTITY_SQL} AND {_WHOLE}",
            n,
            alike,
            s.size,
            s.mtime_ns,
        )
        lost += [str(whole)] if whole else []
        tx.run(
            "UPDATE file SET clip_id = iif(?, NULL, clip_id), sort = ?, size = ?, mtime_ns = ?, inode = ?, state = ?, settled_at = ?,"
            " facts_sig = NULL, hashed_sig = NULL, quick_id = NULL, full_hash = NULL"
            " WHERE n = ? AND (? OR size <> ? OR mtime_ns <> ?)",
            bool(whole),
            s.sort,
            s.size,
            s.mtime_ns,
            s.inode,
            s.state.value,
            s.settle_at,
            n,
            alike,
            s.size,
            s.mtime_ns,
        )
    return lost


_WHOLE: Final = (
    "(state = 'missing' OR full_hash IS NOT NULL"
    " OR (state <> 'growing' AND facts_sig IS NOT NULL AND coalesce(json_extract(facts, '$.closed'), 1))"
    # Someone decided on these bytes before they were read whole: others must not be taken for them.
    " OR EXISTS (SELECT 1 FROM decision d WHERE d.clip_id = file.clip_id AND d.hash = ''))"
)


def retimed(tx: Tx, rows: Iterable[tuple[int, Seen]]) -> None:
    """Files with another time and, by their samples, the same bytes: they are read whole again, which decides."""
    tx.many(
        "UPDATE file SET mtime_ns = ?, inode = ?, state = 'present', hashed_sig = NULL WHERE n = ?",
        ((s.mtime_ns, s.inode, n) for n, s in rows),
    )


def back(tx: Tx, rows: Iterable[tuple[int, int]]) -> None:
    """Files that are there again, unchanged: (row, inode)."""
    tx.many(
        f"UPDATE file SET state = {_THERE}, facts_sig = nullif(facts_sig, '{UNREAD}'), inode = ? WHERE n = ?",
        ((inode, n) for n, inode in rows),
    )


def moved(tx: Tx, moves: Sequence[tuple[int, Seen, bool]]) -> None:
    """Files that are the same at another path: they keep their clip. Where only samples say so, a whole read decides."""
    # Files may have changed places with one another: no path may be taken twice on the way.
    tx.many("UPDATE file SET path = ? WHERE n = ?", ((b"\0%d" % n, n) for n, _, _ in moves))
    tx.many(
        f"UPDATE file SET path = ?, folder = ?, name_key = ?, inode = ?, state = {_THERE}, hashed_sig = iif(?, hashed_sig, NULL),"
        f" facts_sig = iif(sort = ?, nullif(facts_sig, '{UNREAD}'), NULL), sort = ? WHERE n = ?",
        (
            (
                s.path,
                folder_of(s.path),
                names.fold_key(os.fsdecode(s.path.rpartition(b"/")[2])),
                s.inode,
                certain,
                s.sort,
                s.sort,
                n,
            )
            for n, s, certain in moves
        ),
    )


def replaced(tx: Tx, pairs: Iterable[tuple[int, int]]) -> list[str]:
    """Files another known file was renamed over: (the one that is gone, the one in its place). Before `moved`.

    The clip in its place is a new version of the one that is gone. Returns the clips that lost a file.
    """
    lost: list[str] = []
    for old, new in pairs:
        row = tx.one(
            "SELECT clip_id, content_id FROM file f LEFT JOIN clip c ON c.id = f.clip_id WHERE f.n = ?",
            old,
        )
        if row is not None and row["clip_id"]:
            lost.append(str(row["clip_id"]))
            tx.run(
                "UPDATE content SET previous = ? WHERE previous IS NULL AND id ="
                " (SELECT c.content_id FROM file f JOIN clip c ON c.id = f.clip_id WHERE f.n = ?)",
                row["content_id"],
                new,
            )
        tx.run("DELETE FROM file WHERE n = ?", old)
        tx.run("UPDATE clip SET place = NULL WHERE place = ?", old)
    return lost


UNREAD: Final = "unread"
"""Stands for the signature of facts where a file could not be opened: tried again by the next scan."""
_THERE: Final = "iif(settled_at > 0, 'growing', 'present')"


def again(tx: Tx, rows: Iterable[int]) -> None:
    """Files that could not be opened are tried again."""
    tx.many(
        "UPDATE file SET state = 'present', facts_sig = NULL WHERE n = ? AND state = 'unreadable'",
        ((n,) for n in rows),
    )


def missing(tx: Tx, rows: Sequence[int]) -> None:
    """Files that are gone from a volume that is there."""
    tx.many("UPDATE file SET state = 'missing' WHERE n = ?", ((n,) for n in rows))
    for first in range(0, len(rows), _SOME):
        some = rows[first : first + _SOME]
        clips = tx.column(
            f"SELECT DISTINCT clip_id FROM file WHERE clip_id IS NOT NULL AND n IN ({marks(len(some))})",
            *some,
        )
        reassemble(tx, [str(clip) for clip in clips])


def reassemble(tx: Tx, clip_ids: Iterable[str]) -> None:
    """The folders of these clips wait for assembly: another copy may give the clip its name and facts now."""
    now = time.time_ns()
    tx.many(
        "INSERT INTO scope SELECT DISTINCT volume_id, folder, ?, 0 FROM file WHERE clip_id = ? AND state <> 'missing'"
        " ON CONFLICT (volume_id, path) DO UPDATE SET changed = excluded.changed",
        ((now, clip) for clip in clip_ids),
    )


def dirty(tx: Tx, volume_id: str, folders: Iterable[bytes]) -> None:
    """Folders whose clips must be put together anew."""
    now = time.time_ns()
    tx.many(
        "INSERT INTO scope VALUES (?,?,?,0) ON CONFLICT (volume_id, path) DO UPDATE SET changed = excluded.changed",
        ((volume_id, folder, now) for folder in folders),
    )
    tx.touch(Aspect.FILE, volume_id)


def dirty_folders(
    reader: Reader, volume_id: str | None = None, limit: int = 1000
) -> list[tuple[str, str, int]]:
    """(volume, folder, change stamp) of folders that wait for assembly."""
    rows = reader.all(
        "SELECT s.* FROM scope s JOIN volume v ON v.id = s.volume_id AND v.forgotten = 0 WHERE s.changed > s.done AND (v.id = ? OR ? IS NULL)"
        " ORDER BY s.changed LIMIT ?",
        volume_id,
        volume_id,
        limit,
    )
    return [(row["volume_id"], os.fsdecode(row["path"]), row["changed"]) for row in rows]


def assembled(tx: Tx, folders: Iterable[tuple[str, str, int]]) -> None:
    """Assembly took these in as they were at their stamp."""
    tx.many(
        "UPDATE scope SET done = ? WHERE volume_id = ? AND path = ?",
        ((stamp, v, os.fsencode(f)) for v, f, stamp in folders),
    )


_UNPROBED: Final = "f.facts_sig IS NULL AND f.state = 'present' AND f.sort IN ('media_video', 'media_sound', 'image', 'raw', 'unknown')"


NOT_WAITING: Final = "NOT EXISTS (SELECT 1 FROM attempt a WHERE a.recipe = ? AND a.subject = f.id AND (a.stopped OR a.not_before > ?))"
"""What failed waits for its next try, or for a person."""


def volumes_to_probe(reader: Reader) -> list[tuple[str, str]]:
    """(id, name) of online volumes with files whose facts are not known."""
    rows = reader.all(
        f"SELECT v.id, v.name FROM volume v WHERE v.online = 1 AND v.forgotten = 0 AND EXISTS"
        f" (SELECT 1 FROM file f WHERE f.volume_id = v.id AND {_UNPROBED}) ORDER BY v.added_at"
    )
    return [(row["id"], row["name"]) for row in rows]


def unprobed(reader: Reader, volume_id: str) -> int:
    """How many media files of a volume are still to be looked at: nobody knows yet how long they are."""
    return int(
        reader.value(
            f"SELECT count(*) FROM file f WHERE f.volume_id = ? AND {_UNPROBED}", volume_id
        )
    )


def due_probe(reader: Reader, volume_id: str, shard: int, shards: int, limit: int) -> list[FileRef]:
    """Media files of a volume whose facts are not known for their present bytes, one share of them."""
    return refs(
        reader,
        f"{_UNPROBED} AND f.volume_id = ? AND f.n % ? = ? AND {NOT_WAITING}",
        volume_id,
        shards,
        shard,
        "probe",
        _now(),
        limit=limit,
    )


def due_settle(reader: Reader, now_ms: int, limit: int) -> list[FileRef]:
    """Growing files that it is time to look at again."""
    where = "f.state = 'growing' AND f.settled_at <= ?"
    return refs(reader, where, now_ms, limit=limit, order="f.settled_at, f.n")


def settling(reader: Reader, until_ms: int) -> int:
    """How many growing files will be looked at before this time."""
    return int(
        reader.value(
            "SELECT count(*) FROM file f JOIN volume v ON v.id = f.volume_id AND v.online = 1"
            " WHERE f.state = 'growing' AND f.settled_at <= ?",
            until_ms,
        )
    )


def refs(
    reader: Reader, where: str, *parameters: object, limit: int = -1, order: str = "f.n"
) -> list[FileRef]:
    """Files of volumes that are online, by a condition and in an order of this package's own."""
    return [
        _ref(row)
        for row in reader.all(f"{_REF} WHERE {where} ORDER BY {order} LIMIT ?", *parameters, limit)
    ]


def by_ids(reader: Reader, ids: Sequence[str]) -> list[FileRef]:
    """These files, where their volume is online."""
    return refs(reader, f"f.id IN ({marks(len(ids))})", *ids) if ids else []


def set_facts(
    tx: Tx,
    ref: FileRef,
    facts: MediaFacts,
    quick_id: str | None,
    state: FileState,
    settle_at: int = 0,
) -> None:
    """What the probe found at that path, valid for that signature; its folder waits for assembly. Of a file moved meanwhile it says nothing."""
    changed = tx.run(
        "UPDATE file SET facts = ?, facts_sig = ?, quick_id = coalesce(?, quick_id), state = ?, settled_at = ?"
        " WHERE n = ? AND path = ? AND size = ? AND mtime_ns = ? AND state <> 'missing'",
        facts_json.dump(facts),
        UNREAD if state is FileState.UNREADABLE else ref.signature,
        quick_id,
        state.value,
        settle_at,
        ref.n,
        os.fsencode(ref.path),
        ref.size,
        ref.mtime_ns,
    )
    if changed:
        dirty(tx, ref.volume_id, [folder_of(os.fsencode(ref.path))])


def set_hash(tx: Tx, ref: FileRef, full_hash: str) -> bool:
    """The full hash, valid for the signature that was read; false where it says nothing of the file's clip.

    That is so where the file changed meanwhile, or proves to be another one than it was taken for: then it
    leaves its clip, and becomes one of its own.
    """
    row = tx.one(
        "SELECT full_hash FROM file WHERE n = ? AND size = ? AND mtime_ns = ?",
        ref.n,
        ref.size,
        ref.mtime_ns,
    )
    if row is None:
        return False
    other = row["full_hash"] is not None and row["full_hash"] != full_hash
    tx.run(
        "UPDATE file SET full_hash = ?, hashed_sig = ?, clip_id = iif(?, NULL, clip_id), facts_sig = iif(?, NULL, facts_sig) WHERE n = ?",
        full_hash,
        ref.signature,
        other,
        other,
        ref.n,
    )
    if other:
        dirty(tx, ref.volume_id, [folder_of(os.fsencode(ref.path))])
    return not other


def folder_of(path: bytes) -> bytes:
    """The folder of a path; empty at the volume's root."""
    return path.rpartition(b"/")[0]


@stored.reading
def _ref(row: Row) -> FileRef:
    return FileRef(
        row["n"],
        row["id"],
        row["volume_id"],
        os.fsdecode(row["mount"]),
        os.fsdecode(row["path"]),
        row["size"],
        row["mtime_ns"],
        row["sort"],
        row["clip_id"],
        row["quick_id"],
    )


def _now() -> int:
    return time.time_ns() // 1_000_000


def sample(reader: Reader, volume_id: str, count: int) -> list[tuple[bytes, int, int, int]]:
    """(path, size, time, inode) of some files that should be there, spread over the volume."""
    rows = reader.all(
        "SELECT path, size, mtime_ns, inode FROM file WHERE volume_id = ? AND state <> 'missing' ORDER BY n % 97, n LIMIT ?",
        volume_id,
        count,
    )
    return [(row[0], row[1], row[2], row[3]) for row in rows]


def inodes(reader: Reader, volume_id: str) -> dict[int, int]:
    """Size by inode number, of the files that should be there."""
    rows = reader.all(
        "SELECT inode, size FROM file WHERE volume_id = ? AND state <> 'missing'", volume_id
    )
    return {int(row[0]): int(row[1]) for row in rows}


def hashed(reader: Reader) -> list[tuple[FileRef, str]]:
    """Files that were read whole and are online, with their hash."""
    rows = reader.all(
        f"{_REF.replace('f.quick_id', 'f.quick_id, f.full_hash')} WHERE f.hashed_sig IS NOT NULL AND f.state = 'present' ORDER BY f.n"
    )
    return [(_ref(row), row["full_hash"]) for row in rows]
