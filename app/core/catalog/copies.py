"""Further copies of clips: where equal bytes lie once more, and what they are called there.

A clip has its name, folder and facts from its first copy that is there (the clip's own row). Each further
copy has a row here, so that its folder lists the clip as well, by the name it has in that folder.
"""

import os
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from app.core.catalog.rows import Reader, Tx
from app.core.model import names
from app.core.model.changes import Aspect

if TYPE_CHECKING:
    from app.core.catalog.clips import ClipRecord

_COPIES: Final = (
    "FROM copy p JOIN file f ON f.n = p.place AND f.place = p.place AND f.state <> 'missing'"
    " JOIN clip k ON k.id = f.clip_id AND k.retired = 0 AND k.place IS NOT p.place"
)
"""Copies that are there: `p`, of the clip `k`."""
_KEEP: Final = (
    "ON CONFLICT (place) DO UPDATE SET volume_id = excluded.volume_id, folder = excluded.folder, folder_text = excluded.folder_text,"
    " name = excluded.name, name_fold = excluded.name_fold WHERE (volume_id, folder, name) IS NOT (excluded.volume_id, excluded.folder, excluded.name)"
)
_COPIES_OF: Final = (
    "FROM clip k CROSS JOIN file f ON f.clip_id = k.id AND f.place = f.n AND f.state <> 'missing'"
    " CROSS JOIN copy p ON p.place = f.n AND k.n IN ({}) AND k.retired = 0 AND k.place IS NOT p.place"
)
"""The same of some clips, by their row numbers: asked clip by clip."""
COUNT: Final = f"SELECT count(*) {_COPIES} WHERE p.volume_id = v.id"
"""How many copies lie on the volume `v` of clips that have their name from elsewhere."""
STRANGERS: Final = (
    f"SELECT count(DISTINCT k.n) {_COPIES} AND k.volume_id <> p.volume_id WHERE p.volume_id = v.id"
)
"""How many clips lie on the volume `v` by a copy alone."""
Condition = tuple[str, tuple[Any, ...]]


class Copy(NamedTuple):
    """A clip as it is called in one folder."""

    name: str
    folder: str
    volume_id: str


def note(tx: Tx, clip_id: str, record: "ClipRecord") -> None:
    """These files are a further copy of the clip."""
    name = names.display(record.name)
    if tx.run(
        f"INSERT INTO copy (place, volume_id, folder, folder_text, name, name_fold) VALUES (?,?,?,?,?,?) {_KEEP}",
        record.place,
        record.volume_id,
        os.fsencode(record.folder),
        names.display(record.folder),
        name,
        names.fold_key(name),
    ):
        tx.touch(Aspect.CLIP, clip_id)


def follow(tx: Tx, clip_id: str) -> None:
    """What this clip was called becomes the name of a copy: it is about to be merged into another."""
    tx.run(
        "INSERT INTO copy (place, volume_id, folder, folder_text, name, name_fold)"
        f" SELECT place, volume_id, folder, folder_text, name, name_fold FROM clip WHERE id = ? AND place IS NOT NULL {_KEEP}",
        clip_id,
    )


def drop(tx: Tx, place: int) -> None:
    """The copy that begins with this file is none any more, or it is the first one now."""
    tx.run("DELETE FROM copy WHERE place = ?", place)


def within(volume_id: str, folder: str | None = None) -> Condition:
    """Clips that lie on this volume, or in this folder of it and below, by their first copy or another."""
    first, bound = _inside("h", volume_id, folder)
    copy, more = _inside("p", volume_id, folder)
    return (
        f"c.n IN (SELECT h.n FROM clip h WHERE h.retired = 0 AND {first} UNION ALL SELECT k.n {_COPIES} WHERE {copy})",
        (*bound, *more),
    )


def where(sql: str) -> str:
    """Clips of which a copy `p` meets this: a condition on `clip c`."""
    return f"c.n IN (SELECT k.n {_COPIES} WHERE {sql})"


def called(
    reader: Reader, volume_id: str, folder: str | None = None, rows: Sequence[int] | None = None
) -> dict[int, Copy]:
    """By row number: clips that lie in this place by a copy alone, as they are called there.

    Args:
        reader: the snapshot.
        volume_id: the volume.
        folder: a folder of it, with all below; the whole volume where None.
        rows: of these clips alone.
    """
    here, bound = _inside("p", volume_id, folder)
    first, again = _inside("k", volume_id, folder)
    source = _COPIES if rows is None else _COPIES_OF.format(",".join(str(int(n)) for n in rows))
    found: dict[int, Copy] = {}
    for row in reader.all(
        f"SELECT k.n, p.name, p.folder_text, p.volume_id {source} WHERE {here} AND NOT ({first}) ORDER BY p.folder, p.name_fold, p.place",
        *bound,
        *again,
    ):
        found.setdefault(
            int(row["n"]), Copy(row["name"], row["folder_text"], str(row["volume_id"]))
        )
    return found


def folders(reader: Reader, volume_id: str) -> dict[str, int]:
    """By folder: how many clips lie directly in it by a further copy alone."""
    rows = reader.all(
        f"SELECT p.folder, count(DISTINCT k.n) AS clips {_COPIES} WHERE p.volume_id = ?"
        " AND (k.volume_id, k.folder) IS NOT (p.volume_id, p.folder) GROUP BY p.folder",
        volume_id,
    )
    return {os.fsdecode(row["folder"]): int(row["clips"]) for row in rows}


def doubles(reader: Reader, volume_id: str) -> dict[str, int]:
    """By folder: how often a clip is counted again where the folders below it are added up."""
    several = (
        f"SELECT k.n {_COPIES} WHERE p.volume_id = ?1 GROUP BY k.n"
        " HAVING count(*) > 1 OR max(k.volume_id = p.volume_id)"
    )
    places: dict[int, set[str]] = {}
    for row in reader.all(
        f"SELECT k.n, p.folder, iif(k.volume_id = p.volume_id, k.folder, NULL) AS own {_COPIES} WHERE p.volume_id = ?1 AND k.n IN ({several})",
        volume_id,
    ):
        here = [os.fsdecode(path) for path in (row["folder"], row["own"]) if path is not None]
        places.setdefault(int(row["n"]), set()).update(here)
    counted: Counter[str] = Counter()
    for found in places.values():
        above = Counter(path for folder in found for path in _upwards(folder))
        counted.update({path: times - 1 for path, times in above.items() if times > 1})
    return dict(counted)


def _upwards(folder: str) -> list[str]:
    parts = folder.split("/")
    return ["/".join(parts[:depth]) for depth in range(1, len(parts) + 1)]


def total(reader: Reader) -> int:
    """How many copies there are beyond the first of each clip."""
    return int(reader.value(f"SELECT count(*) {_COPIES}"))


def _inside(table: str, volume_id: str, folder: str | None) -> Condition:
    """A row of `copy` or `clip` that lies on this volume, or in this folder of it and below."""
    if folder is None:
        return f"{table}.volume_id = ?", (volume_id,)
    path = os.fsencode(folder)
    return (
        f"{table}.volume_id = ? AND ({table}.folder = ? OR ({table}.folder > ? AND {table}.folder < ?))",
        (volume_id, path, path + b"/", path + b"0"),
    )
