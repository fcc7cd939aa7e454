"""Reading clips: whole, by name, by page, and in windows for the grid."""

import dataclasses
import itertools
import os
import re
from array import array
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any, Final

from app.core.catalog import copies, stored, untimed
from app.core.catalog.rows import Reader, Row, marks
from app.core.files import hashing
from app.core.model.entities import Audio, Clip, ClipCard, FilePlace, Rendition
from app.core.model.ids import ClipId, ClipRow
from app.core.model.media import (
    IDENTITY_ROLES,
    ClipKind,
    ClipState,
    FileRole,
    FileState,
    RenditionKind,
    RenditionState,
)
from app.core.model.timecode import Timebase

SORTS: Final[Mapping[str, str]] = {
    "name": "c.name_fold",
    "timecode": "c.start_key",
    "added": "c.made_at",
    "duration": "c.duration_ms",
    "size": "c.size",
    "recorded": "c.recorded_at",
    "camera": "c.camera",
    "state": "c.state",
}
"""What the library can be sorted by; each has an index."""

_NUMBER: Final = re.compile(r"%0?(\d*)d")
_CLIP: Final = """SELECT c.*, x.full_hash FROM clip c JOIN content x ON x.id = c.content_id"""


def get(reader: Reader, clip_id: str, project_id: str = "") -> Clip | None:
    """One clip whole, with its files and renditions; the project's corrections applied."""
    row = reader.one(
        f"{_CLIP} WHERE c.id = (SELECT coalesce((SELECT clip_id FROM clip_alias WHERE alias = ?1), ?1))",
        clip_id,
    )
    return _whole(reader, [row], project_id)[0] if row else None


def by_row(reader: Reader, row: int, project_id: str = "") -> Clip | None:
    """One clip by its row number."""
    found = reader.one(f"{_CLIP} WHERE c.n = ?", row)
    return _whole(reader, [found], project_id)[0] if found else None


def page(reader: Reader, rows: Sequence[int], project_id: str = "") -> list[Clip]:
    """Whole clips by row number, in this order."""
    found = {
        int(r["n"]): r for r in reader.all(f"{_CLIP} WHERE c.n IN ({marks(len(rows))})", *rows)
    }
    return _whole(reader, [found[n] for n in rows if n in found], project_id)


def order(
    reader: Reader,
    sort: str = "added",
    *,
    descending: bool = False,
    where: str = "",
    parameters: Sequence[Any] = (),
) -> "array[int]":
    """All row numbers of the library in this order, for a grid.

    Args:
        reader: the snapshot.
        sort: a key of `SORTS`.
        descending: the other way round; what has no timecode is last by timecode in both.
        where: a further condition on `clip c`, as the search module makes it.
        parameters: what is bound in it.
    """
    condition = f" AND ({where})" if where else ""
    rows = array("q")
    if where:
        rows.extend(row[0] for row in narrowed(reader, (where, parameters), sort, descending))
    else:
        way = "DESC" if descending else "ASC"
        rows.extend(
            reader.column(
                f"SELECT c.n FROM clip c WHERE c.retired = 0 ORDER BY {SORTS[sort]} {way}, c.n {way}"
            )
        )
    if sort == "timecode" and not descending:
        rows = untimed.last(rows, untimed.count(reader, condition, parameters))
    return rows


def narrowed(
    reader: Reader,
    where: tuple[str, Sequence[Any]],
    sort: str,
    descending: bool,
    columns: Sequence[str] = (),
) -> list[tuple[Any, ...]]:
    """What a condition keeps, in order: the row number, then these columns of `clip c`.

    Read as it lies in the table and sorted after. In the order of an index, each row lies somewhere else: four times slower.
    """
    way = "DESC" if descending else "ASC"
    return reader.tuples(
        f"SELECT n{''.join(f', {one}' for one in columns)} FROM"
        f" (SELECT c.n{''.join(f', c.{one}' for one in columns)}, {SORTS[sort]} AS key FROM clip c"
        f" WHERE c.retired = 0 AND ({where[0]}) ORDER BY c.n LIMIT -1) ORDER BY key {way}, n {way}",
        *where[1],
    )


def after(
    reader: Reader, cursor: int, limit: int, *, where: str = "", parameters: Sequence[Any] = ()
) -> list[int]:
    """The next row numbers after a cursor (0 at first), by keyset."""
    condition = f" AND ({where})" if where else ""
    return [
        int(n)
        for n in reader.column(
            f"SELECT c.n FROM clip c WHERE c.n > ? AND c.retired = 0{condition} ORDER BY c.n LIMIT ?",
            cursor,
            *parameters,
            limit,
        )
    ]


def cards(
    reader: Reader,
    rows: Sequence[int],
    project_id: str,
    store: str,
    called: Mapping[int, copies.Copy] | None = None,
) -> list[ClipCard]:
    """What the grid shows of these rows.

    Args:
        reader: the snapshot.
        rows: row numbers.
        project_id: whose words are shown.
        store: the folder that rendition paths are relative to.
        called: clips that have another name where a person looks, as `places.called` gives them.
    """
    found = reader.all(
        f"""SELECT c.n, c.id, c.name, c.kind, c.state, c.own_state, c.gaps <> '[]' AS gaps, c.rate_num, c.rate_den, c.drop_frame, c.start_frame, c.label_num, c.label_den,
            c.duration_ms, c.width, c.height, c.codec, c.reel, c.camera, c.scene, c.take, c.recorded_at, c.folder_text, c.volume_id,
            l.rating, l.circled, l.rejected, x.full_hash, t.offset_frames,
            (SELECT count(*) FROM note o WHERE o.clip_id = c.id AND o.project_id = ?1 AND o.state = 'open' AND o.deleted = 0 AND o.parent IS NULL) AS open_notes,
            (SELECT iif(disputed, 'disputed', verdict) || ':' || hash FROM verdict d WHERE d.clip_id = c.id AND d.project_id = ?1) AS verdict,
            (SELECT path FROM rendition r WHERE r.content_id = c.content_id AND r.kind = 'poster' AND r.state = 'ready'
                ORDER BY r.recipe = 'derive' DESC LIMIT 1) AS poster,
            s.path AS filmstrip, s.facts AS filmstrip_facts,
            EXISTS (SELECT 1 FROM rendition r WHERE r.content_id = c.content_id AND r.kind = 'proxy' AND r.state = 'ready') AS proxy
        FROM clip c JOIN content x ON x.id = c.content_id
        LEFT JOIN clip_log l ON l.clip_id = c.id AND l.project_id = ?1
        LEFT JOIN timecode_correction t ON t.clip_id = c.id AND t.project_id = ?1
        LEFT JOIN rendition s ON s.content_id = c.content_id AND s.kind = 'filmstrip' AND s.state = 'ready'
        WHERE c.n IN ({",".join(str(int(n)) for n in rows)})""",
        project_id,
    )
    by_n = {int(row["n"]): _card(row, store) for row in found}
    for n, copy in (called or {}).items():
        if n in by_n:
            by_n[n] = dataclasses.replace(by_n[n], **copy._asdict())
    return [by_n[n] for n in rows if n in by_n]


def counts(reader: Reader, where: str = "", parameters: Sequence[Any] = ()) -> tuple[int, int]:
    """How many clips, and how long they are together in milliseconds."""
    condition = f" AND ({where})" if where else ""
    row = reader.one(
        f"SELECT count(*) AS clips, coalesce(sum(duration_ms), 0) AS ms FROM clip c WHERE c.retired = 0{condition}",
        *parameters,
    )
    return (int(row["clips"]), int(row["ms"])) if row else (0, 0)


def _whole(reader: Reader, rows: Sequence[Row], project_id: str) -> list[Clip]:
    ids = [str(row["id"]) for row in rows]
    contents = [str(row["content_id"]) for row in rows]
    files = _files(reader, ids)
    made = _renditions(reader, contents)
    said = _said(reader, ids, project_id)
    return [
        _clip(
            row,
            files.get(str(row["id"]), ()),
            made.get(str(row["content_id"]), ()),
            said.get(str(row["id"]), {}),
        )
        for row in rows
    ]


_FILES: Final = """SELECT f.*, v.name AS volume, v.online, m.path AS mount, c.sequence, c.place AS first FROM file f
    JOIN volume v ON v.id = f.volume_id AND v.forgotten = 0 JOIN clip c ON c.id = f.clip_id
    LEFT JOIN mount m ON m.volume_id = v.id"""


def originals(reader: Reader, clip_id: str) -> list[FilePlace]:
    """Every file of picture and sound of one copy of a clip, the frames of a sequence one by one.

    The first copy that is wholly there; the first one known where none is.
    """
    copies: dict[int, list[FilePlace]] = {}
    for row in reader.all(
        f"{_FILES} WHERE f.clip_id = ? ORDER BY f.place, f.part, f.path", clip_id
    ):
        if FileRole(row["role"]) in IDENTITY_ROLES:
            copies.setdefault(row["place"], []).append(_place(row, os.fsdecode(row["path"])))
    ranked = sorted(copies.values(), key=lambda files: not all(map(_is_there, files)))
    return ranked[0] if ranked else []


def clip_of_file(reader: Reader, path: bytes) -> str | None:
    """The name of the clip that a file on this machine belongs to, by the file's absolute path, links resolved."""
    for row in reader.all("SELECT volume_id, path FROM mount"):
        root = os.path.realpath(bytes(row["path"])).rstrip(b"/") + b"/"
        if path.startswith(root):
            found = reader.value(
                "SELECT c.name FROM file f JOIN clip c ON c.id = f.clip_id WHERE f.volume_id = ? AND f.path = ?",
                row["volume_id"],
                path[len(root) :],
            )
            if found is not None:
                return str(found)
    return None


def _is_there(place: FilePlace) -> bool:
    return place.absolute is not None and place.state is FileState.PRESENT


def _files(reader: Reader, ids: Sequence[str]) -> dict[str, tuple[FilePlace, ...]]:
    rows = reader.all(
        f"{_FILES} WHERE f.clip_id IN ({marks(len(ids))}) ORDER BY f.place, f.role <> 'essence', f.role, f.part, f.path",
        *ids,
    )
    result: dict[str, list[FilePlace]] = {}
    for (clip, _, numbered, path), group in itertools.groupby(rows, _entry):
        frames = list(group)
        place = _place(frames[0], path)
        result.setdefault(clip, []).append(_of_frames(place, frames) if numbered else place)
    return {clip: tuple(places) for clip, places in result.items()}


def _entry(row: Row) -> tuple[str, int | None, bool, str]:
    """What is listed as one file: (clip, copy, whether numbered frames, path); all frames of a copy are one."""
    path, numbered = os.fsdecode(row["path"]), False
    if row["sequence"] and row["role"] == FileRole.ESSENCE:
        name = path.rpartition("/")[2]
        parts = (
            os.fsdecode(row["folder"]),
            _pattern(str(row["sequence"]).rpartition("/")[2], name),
        )
        path, numbered = "/".join(part for part in parts if part), True
    return row["clip_id"], row["place"], numbered, path


def _pattern(pattern: str, name: str) -> str:
    """The pattern of a copy by the name of one of its frames: it may be called otherwise than the clip."""
    found = _NUMBER.search(pattern)
    if found is None:
        return pattern
    head, tail = pattern[: found.start()], pattern[found.end() :]
    stem = name.removesuffix(tail)
    digits = len(stem) - len(stem.rstrip("0123456789"))
    width = min(int(found[1] or digits), digits)
    if not width or name.startswith(head) or not name.endswith(tail):
        return pattern
    return f"{stem[: len(stem) - width]}{found[0]}{tail}"


def _of_frames(place: FilePlace, frames: Sequence[Row]) -> FilePlace:
    """Numbered frames as one file: all their bytes, and the hash of the whole once each was read."""
    there = [row for row in frames if row["state"] != FileState.MISSING] or frames
    hashes = [str(row["full_hash"]) for row in there if row["full_hash"] is not None]
    return dataclasses.replace(
        place,
        size=sum(row["size"] for row in there),
        hash=hashing.combined(hashes) if len(hashes) == len(there) else None,
        state=_place(there[0], place.path).state,
    )


@stored.reading
def _place(row: Row, path: str) -> FilePlace:
    state = FileState(row["state"])
    online = bool(row["online"])
    mount = os.fsdecode(row["mount"]) if row["mount"] is not None else None
    return FilePlace(
        id=row["id"],
        volume_id=row["volume_id"],
        volume=row["volume"],
        path=path,
        role=FileRole(row["role"]),
        part=row["part"],
        state=state if online or state is FileState.MISSING else FileState.OFFLINE,
        size=row["size"],
        mtime_ns=row["mtime_ns"],
        hash=row["full_hash"],
        absolute=f"{mount}/{path}" if online and mount else None,
        copy=row["place"] is not None and row["place"] != row["first"],
        place=row["place"],
    )


def _renditions(reader: Reader, contents: Sequence[str]) -> dict[str, tuple[Rendition, ...]]:
    rows = reader.all(
        f"SELECT * FROM rendition WHERE content_id IN ({marks(len(contents))}) ORDER BY recipe = 'derive' DESC, kind",
        *contents,
    )
    result: dict[str, list[Rendition]] = {}
    for row in rows:
        result.setdefault(row["content_id"], []).append(rendition(row))
    return {content: tuple(made) for content, made in result.items()}


@stored.reading
def rendition(row: Row) -> Rendition:
    """A rendition as stored; its path is relative to the proxy store."""
    return Rendition(
        id=row["id"],
        kind=RenditionKind(row["kind"]),
        recipe=row["recipe"],
        state=RenditionState(row["state"]),
        path=row["path"],
        size=row["size"],
        facts=stored.table(row["facts"]),
        error=row["error"],
    )


def _said(reader: Reader, ids: Sequence[str], project_id: str) -> dict[str, dict[str, Any]]:
    """A person's word over the derived facts, by clip."""
    said: dict[str, dict[str, Any]] = {}
    for row in reader.all(
        f"SELECT clip_id, field, value FROM clip_field WHERE project_id = ? AND value IS NOT NULL AND clip_id IN ({marks(len(ids))})",
        project_id,
        *ids,
    ):
        said.setdefault(row["clip_id"], {})[row["field"]] = row["value"]
    for row in reader.all(
        f"SELECT clip_id, offset_frames FROM timecode_correction WHERE project_id = ? AND clip_id IN ({marks(len(ids))})",
        project_id,
        *ids,
    ):
        said.setdefault(row["clip_id"], {})["offset_frames"] = row["offset_frames"]
    return said


def _fraction(numerator: int | None, denominator: int | None) -> Fraction | None:
    return Fraction(numerator, denominator) if numerator and denominator else None


@stored.reading
def _clip(
    row: Row, files: tuple[FilePlace, ...], made: tuple[Rendition, ...], said: Mapping[str, Any]
) -> Clip:
    start, offset = row["start_frame"], said.get("offset_frames")
    start = start if offset is None else (start or 0) + int(offset)
    fields = {
        name: said.get(name, row[name])
        for name in ("name", "reel", "camera", "scene", "take", "shot")
    }
    return Clip(
        id=ClipId(row["id"]),
        row=ClipRow(row["n"]),
        content_id=row["content_id"],
        kind=ClipKind(row["kind"]),
        state=ClipState(row["state"]),
        rate=_fraction(row["rate_num"], row["rate_den"]),
        vfr=bool(row["vfr"]),
        drop=bool(row["drop_frame"]),
        start_frame=start,
        label_rate=_fraction(row["label_num"], row["label_den"]),
        frames=row["frames"],
        duration_ms=row["duration_ms"],
        width=row["width"],
        height=row["height"],
        codec=row["codec"],
        pix_fmt=row["pix_fmt"],
        rotation=row["rotation"],
        audio=tuple(Audio(**a) for a in stored.listed(row["audio"])),
        recorded_at=row["recorded_at"],
        gaps=tuple((int(a), int(b)) for a, b in stored.listed(row["gaps"])),
        problem=row["problem"],
        hash=row["full_hash"],
        card=row["card"],
        tags=stored.table(row["tags"]),
        origins={**stored.table(row["origins"]), **dict.fromkeys(said, "a person")},
        files=files,
        renditions=made,
        **fields,
    )


@stored.reading
def _card(row: Row, store: str) -> ClipCard:
    verdict, _, bound = str(row["verdict"] or "").partition(":")
    current = not bound or bound == row["full_hash"]
    return ClipCard(
        row=ClipRow(row["n"]),
        id=ClipId(row["id"]),
        name=row["name"],
        kind=ClipKind(row["kind"]),
        state=ClipState(row["state"]),
        rate=_fraction(row["rate_num"], row["rate_den"]),
        drop=bool(row["drop_frame"]),
        start=_start_label(row),
        duration_ms=row["duration_ms"],
        width=row["width"],
        height=row["height"],
        codec=row["codec"],
        reel=row["reel"],
        camera=row["camera"],
        scene=row["scene"],
        take=row["take"],
        recorded_at=row["recorded_at"],
        rating=row["rating"] or 0,
        circled=bool(row["circled"]),
        rejected=bool(row["rejected"]),
        approved=verdict == "approved" and current,
        changes_asked=verdict in ("rejected", "disputed") and current,
        disputed=verdict == "disputed" and current,
        open_notes=row["open_notes"],
        poster=f"{store}/{row['poster']}" if row["poster"] else None,
        filmstrip=f"{store}/{row['filmstrip']}" if row["filmstrip"] else None,
        filmstrip_facts=stored.table(row["filmstrip_facts"]),
        proxy_ready=bool(row["proxy"]),
        folder=row["folder_text"],
        volume_id=row["volume_id"],
        own_state=ClipState(row["own_state"]),
        gaps=bool(row["gaps"]),
    )


def _start_label(row: Row) -> str:
    label = _fraction(row["label_num"], row["label_den"])
    frame = row["start_frame"]
    if frame is None or label is None:
        return ""
    return Timebase(label, bool(row["drop_frame"])).label(frame + (row["offset_frames"] or 0))


def aliases(reader: Reader, clip_id: str) -> list[str]:
    """A clip's id and every id that was merged into it."""
    return [
        clip_id,
        *(str(a) for a in reader.column("SELECT alias FROM clip_alias WHERE clip_id = ?", clip_id)),
    ]


def ids_of(reader: Reader, rows: Iterable[int]) -> dict[int, str]:
    """Clip ids by row number."""
    wanted = list(rows)
    return {
        int(r["n"]): str(r["id"])
        for r in reader.all(f"SELECT n, id FROM clip WHERE n IN ({marks(len(wanted))})", *wanted)
    }
