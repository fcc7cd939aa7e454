"""Volumes and where they are mounted on this machine."""

import os
import time

from app.core.catalog import copies, files, folders, stored
from app.core.catalog.rows import Reader, Row, Tx
from app.core.model.changes import Aspect
from app.core.model.entities import Skipped, Volume
from app.core.model.errors import Ambiguous, Refused
from app.core.model.ids import new_id
from app.core.model.media import Derive

_SELECT = f"""SELECT v.*, m.path AS mount, ({copies.COUNT}) AS copies,
    (SELECT count(*) FROM clip c WHERE c.volume_id = v.id AND c.retired = 0) AS own, ({copies.STRANGERS}) AS strangers,
    (SELECT count(*) FROM file f WHERE f.volume_id = v.id AND f.state <> 'missing') AS files,
    (SELECT coalesce(sum(size), 0) FROM file f WHERE f.volume_id = v.id AND f.state <> 'missing') AS size
    FROM volume v LEFT JOIN mount m ON m.volume_id = v.id WHERE v.forgotten = 0"""
_PLAIN = """SELECT v.*, m.path AS mount, 0 AS own, 0 AS strangers, 0 AS copies, 0 AS files, 0 AS size
    FROM volume v LEFT JOIN mount m ON m.volume_id = v.id WHERE v.forgotten = 0"""


def every(reader: Reader) -> list[Volume]:
    """All volumes, in the order they were added, with their counts."""
    return [_volume(row) for row in reader.all(f"{_SELECT} ORDER BY v.added_at, v.id")]


def plain(reader: Reader) -> list[Volume]:
    """All volumes with their counts left at 0: counting takes as long as a volume is large."""
    return [_volume(row) for row in reader.all(f"{_PLAIN} ORDER BY v.added_at, v.id")]


def plain_one(reader: Reader, volume_id: str) -> Volume | None:
    """One volume by its id, its counts left at 0."""
    row = reader.one(f"{_PLAIN} AND v.id = ?", volume_id)
    return _volume(row) if row else None


def get(reader: Reader, volume_id: str) -> Volume | None:
    """One volume by its id."""
    row = reader.one(f"{_SELECT} AND v.id = ?", volume_id)
    return _volume(row) if row else None


def find(reader: Reader, words: str) -> Volume:
    """A volume by id, unique prefix of it, or name.

    Raises:
        Refused: no such volume. Ambiguous: several.
    """
    known = plain(reader)
    found = [v for v in known if words in (v.id, v.name)] or [
        v for v in known if len(words) >= 4 and v.id.startswith(words)
    ]
    if not found:
        raise Refused(
            "Unknown volume",
            f"No volume is called {words!r}.",
            subject=words,
            todo="“rushes volume list” shows them.",
            choices=tuple(v.name for v in known),
        )
    if len(found) > 1:
        raise Ambiguous(
            "More than one volume fits",
            f"{words!r} fits {len(found)} volumes.",
            subject=words,
            choices=tuple(f"{v.id} {v.name}" for v in found),
        )
    return get(reader, found[0].id) or found[0]


def add(
    tx: Tx,
    *,
    name: str,
    kind: str,
    derive: Derive,
    fs_key: str,
    fs_type: str,
    subpath: str,
    mount: str,
) -> str:
    """A new volume; returns its id. Nothing is written to the volume itself."""
    volume_id = new_id()
    tx.run(
        "INSERT INTO volume (id, name, kind, derive, fs_key, fs_type, subpath, added_at) VALUES (?,?,?,?,?,?,?,?)",
        volume_id,
        name,
        kind,
        derive.value,
        fs_key,
        fs_type,
        subpath,
        _now(),
    )
    set_mount(tx, volume_id, mount)
    return volume_id


def set_mount(tx: Tx, volume_id: str, mount: str) -> None:
    """Where the volume is on this machine."""
    tx.run("INSERT OR REPLACE INTO mount VALUES (?,?)", volume_id, os.fsencode(mount))
    folders.distrust(tx, volume_id)
    tx.touch(Aspect.VOLUME, volume_id)


def set_identity(tx: Tx, volume_id: str, fs_key: str, fs_type: str, subpath: str) -> None:
    """The filesystem it was found on, after a person mapped it anew."""
    tx.run(
        "UPDATE volume SET fs_key = ?, fs_type = ?, subpath = ? WHERE id = ?",
        fs_key,
        fs_type,
        subpath,
        volume_id,
    )


def health(reader: Reader, volume_id: str) -> tuple[bool, str]:
    """(whether it is online, how it is watched in words)."""
    row = reader.one("SELECT online, watcher FROM volume WHERE id = ?", volume_id)
    return (bool(row["online"]), row["watcher"]) if row else (False, "")


def root_inode(reader: Reader, volume_id: str) -> int:
    """The inode number its folder had when it was last known to be itself; 0 where that is not known."""
    found = reader.value("SELECT inode FROM folder WHERE volume_id = ? AND path = x''", volume_id)
    return int(found or 0)


def set_root(tx: Tx, volume_id: str, inode: int) -> None:
    """Its folder as it is now; another one than before has to be listed."""
    tx.run("DELETE FROM folder WHERE volume_id = ? AND path = x'' AND inode <> ?", volume_id, inode)
    folders.expected(tx, volume_id, [b""])
    tx.run("UPDATE folder SET inode = ? WHERE volume_id = ? AND path = x''", inode, volume_id)


def set_online(tx: Tx, volume_id: str, online: bool) -> bool:
    """Notes that it is there or not; true where that changed. How it was watched before says nothing then."""
    changed = (
        tx.run(
            "UPDATE volume SET online = ?, watcher = '' WHERE id = ? AND online <> ?",
            online,
            volume_id,
            online,
        )
        > 0
    )
    if changed:
        tx.touch(Aspect.VOLUME, volume_id)
    return changed


def set_watcher(tx: Tx, volume_id: str, words: str) -> None:
    """How it is watched, in words."""
    if tx.run(
        "UPDATE volume SET watcher = ? WHERE id = ? AND watcher <> ?", words, volume_id, words
    ):
        tx.touch(Aspect.VOLUME, volume_id)


def set_option(
    tx: Tx,
    volume_id: str,
    *,
    name: str | None = None,
    derive: Derive | None = None,
    read_cap: int | None = None,
    hours: str | None = None,
) -> None:
    """Changes what a person chose for it."""
    for column, value in (
        ("name", name),
        ("derive", derive.value if derive else None),
        ("read_cap", read_cap),
        ("hours", hours),
    ):
        if value is not None:
            tx.run(f"UPDATE volume SET {column} = ? WHERE id = ?", value, volume_id)
    tx.touch(Aspect.VOLUME, volume_id)
    tx.touch(Aspect.CLIP)


def scanned(tx: Tx, volume_id: str, begun_ms: int) -> None:
    """Notes a complete scan, by when it began."""
    tx.run(
        "UPDATE volume SET scanned_at = ?, scan_no = scan_no + 1 WHERE id = ?", begun_ms, volume_id
    )
    tx.touch(Aspect.VOLUME, volume_id)


def forget(tx: Tx, volume_id: str) -> None:
    """Stops watching it. Clips that live nowhere else are retired; what people said of them stays in the log."""
    tx.run("UPDATE volume SET forgotten = 1, online = 0 WHERE id = ?", volume_id)
    tx.run("UPDATE file SET state = 'missing' WHERE volume_id = ?", volume_id)
    elsewhere = tx.column(
        "SELECT DISTINCT f.clip_id FROM file f JOIN file g ON g.clip_id = f.clip_id AND g.state <> 'missing' WHERE f.volume_id = ?",
        volume_id,
    )
    files.reassemble(tx, [str(clip) for clip in elsewhere])
    tx.run(
        "UPDATE clip SET retired = 1 WHERE volume_id = ? AND NOT EXISTS (SELECT 1 FROM file f JOIN volume v ON v.id = f.volume_id"
        " WHERE f.clip_id = clip.id AND v.forgotten = 0)",
        volume_id,
    )
    # What failed there can never be made up for, and is nobody's work any more.
    tx.run(
        "DELETE FROM attempt WHERE subject = ?1 OR subject IN (SELECT id FROM file WHERE volume_id = ?1)"
        " OR subject IN (SELECT id FROM clip WHERE volume_id = ?1 AND retired = 1)",
        volume_id,
    )
    tx.touch(Aspect.ATTEMPT)
    tx.touch(Aspect.VOLUME, volume_id)
    tx.touch(Aspect.CLIP)


def forgotten(reader: Reader, fs_key: str, subpath: str, mount: str) -> str | None:
    """The volume that was forgotten and is this very folder: its clips come back with it."""
    found = reader.value(
        "SELECT v.id FROM volume v JOIN mount m ON m.volume_id = v.id WHERE v.forgotten = 1 AND v.fs_key = ? AND v.subpath = ?"
        " AND (v.fs_key <> '' OR m.path = ?) ORDER BY v.added_at DESC LIMIT 1",
        fs_key,
        subpath,
        os.fsencode(mount),
    )
    return str(found) if found else None


def remember(tx: Tx, volume_id: str, *, name: str, kind: str, derive: Derive, mount: str) -> None:
    """Watches a forgotten volume again, with the clips it had; its next scan says what is there."""
    tx.run(
        "UPDATE volume SET forgotten = 0, online = 1, watcher = '', name = ?, kind = ?, derive = ? WHERE id = ?",
        name,
        kind,
        derive.value,
        volume_id,
    )
    tx.run(
        "UPDATE clip SET retired = 0 WHERE retired = 1 AND id IN (SELECT clip_id FROM file WHERE volume_id = ?)"
        " AND id NOT IN (SELECT alias FROM clip_alias)",
        volume_id,
    )
    set_mount(tx, volume_id, mount)
    tx.touch(Aspect.CLIP)


def set_skipped(tx: Tx, volume_id: str, entries: list[Skipped]) -> None:
    """The entries that a whole scan left alone; files that are catalogued and belong to no clip keep their reason."""
    tx.run(
        "DELETE FROM skipped WHERE volume_id = ? AND path NOT IN (SELECT path FROM file WHERE volume_id = ? AND clip_id IS NULL)",
        volume_id,
        volume_id,
    )
    tx.many(
        "INSERT OR REPLACE INTO skipped VALUES (?,?,?,?)",
        [(volume_id, os.fsencode(entry.path), entry.reason, _now()) for entry in entries],
    )


def set_unclaimed(tx: Tx, volume_id: str, entries: list[tuple[str, str]]) -> None:
    """Files that were seen and belong to no clip, with the reason."""
    tx.many(
        "INSERT OR REPLACE INTO skipped VALUES (?,?,?,?)",
        [(volume_id, os.fsencode(path), reason, _now()) for path, reason in entries],
    )


def skipped(reader: Reader, volume_id: str | None = None) -> list[Skipped]:
    """What was left alone, with the reason."""
    rows = reader.all(
        "SELECT * FROM skipped WHERE volume_id = ? OR ? IS NULL ORDER BY volume_id, path",
        volume_id,
        volume_id,
    )
    return [Skipped(row["volume_id"], os.fsdecode(row["path"]), row["reason"]) for row in rows]


@stored.reading
def _volume(row: Row) -> Volume:
    mount = row["mount"]
    return Volume(
        id=row["id"],
        name=row["name"],
        kind=row["kind"],
        derive=Derive(row["derive"]),
        online=bool(row["online"]),
        mount=os.fsdecode(mount) if mount is not None else None,
        fs_type=row["fs_type"],
        fs_key=row["fs_key"],
        subpath=row["subpath"],
        clips=row["own"] + row["strangers"],
        held=row["own"] + row["copies"],
        copies=row["copies"],
        files=row["files"],
        size=row["size"],
        watcher=row["watcher"],
        scanned_at=row["scanned_at"],
        read_cap=row["read_cap"],
        hours=row["hours"],
    )


def _now() -> int:
    return time.time_ns() // 1_000_000
