"""Files as the members of clips: what assembly puts together, and where a clip's files are."""

import dataclasses
import os

from app.core.catalog import stored
from app.core.catalog.rows import Reader, Row
from app.core.model import facts_json
from app.core.model.media import FileRole, FileState, MediaFacts


@dataclasses.dataclass(frozen=True, slots=True)
class Member:
    """A file as assembly sees it."""

    n: int
    id: str
    path: str
    size: int
    mtime_ns: int
    sort: str
    state: FileState
    facts: MediaFacts | None
    clip_id: str | None
    role: FileRole | None
    full_hash: str | None
    quick_id: str | None


def folders(reader: Reader, volume_id: str) -> list[str]:
    """Every folder of a volume that holds files."""
    return [
        os.fsdecode(f)
        for f in reader.column("SELECT DISTINCT folder FROM file WHERE volume_id = ?", volume_id)
    ]


def directly_in(reader: Reader, volume_id: str, folder: str) -> list[Member]:
    """The files of one folder alone."""
    return [
        _member(row)
        for row in reader.all(
            "SELECT f.* FROM file f WHERE f.volume_id = ? AND f.folder = ? ORDER BY f.path",
            volume_id,
            os.fsencode(folder),
        )
    ]


def of_clip(reader: Reader, clip_id: str) -> list[tuple[str, int, int, Member]]:
    """(mount, place, part, file) of a clip's files on volumes that are online, copy by copy, parts in order."""
    rows = reader.all(
        "SELECT f.*, m.path AS mount FROM file f JOIN volume v ON v.id = f.volume_id AND v.online = 1 AND v.forgotten = 0"
        " JOIN mount m ON m.volume_id = v.id WHERE f.clip_id = ? AND f.state <> 'missing' ORDER BY f.place, f.part, f.path",
        clip_id,
    )
    return [
        (os.fsdecode(row["mount"]), int(row["place"] or 0), int(row["part"]), _member(row))
        for row in rows
    ]


def lengths(reader: Reader, clip_id: str) -> dict[str, int | None]:
    """Frames of each file of a clip, by the file's id, whether its volume is there or not; None where not known."""
    rows = reader.all("SELECT f.* FROM file f WHERE f.clip_id = ? AND f.role IS NOT NULL", clip_id)
    known = [_member(row) for row in rows]
    return {one.id: one.facts.frames if one.facts else None for one in known}


@stored.reading
def _member(row: Row) -> Member:
    return Member(
        n=row["n"],
        id=row["id"],
        path=os.fsdecode(row["path"]),
        size=row["size"],
        mtime_ns=row["mtime_ns"],
        sort=row["sort"],
        state=FileState(row["state"]),
        facts=facts_json.load(row["facts"]) if row["facts"] and row["facts_sig"] else None,
        clip_id=row["clip_id"],
        role=FileRole(row["role"]) if row["role"] else None,
        full_hash=row["full_hash"],
        quick_id=row["quick_id"],
    )
