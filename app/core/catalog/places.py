"""Where a person looks: the whole library, a volume, a folder, a bin, or one of the standing smart bins.

Each place is a condition on `clip c` for `library.order` and `library.counts`. Sub-selects are
written so that SQLite builds them once, not once a clip.
"""

import dataclasses
import os
from array import array
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from app.core.catalog import copies, library, untimed
from app.core.catalog.rows import Reader
from app.core.model import names

Condition = tuple[str, tuple[Any, ...]]
"""SQL on `clip c`, and what is bound in it; "" is no condition."""


@dataclasses.dataclass(frozen=True, slots=True)
class Place:
    """One place to look."""

    kind: str = "all"
    """`all`, `volume`, `folder`, `bin` or a key of `STANDING`."""
    id: str = ""
    """Of the volume or bin."""
    path: str = ""
    """Of the folder, relative to its volume."""


def condition(place: Place, project_id: str) -> Condition:
    """What holds for the clips of a place."""
    if place.kind in ("volume", "folder"):
        return copies.within(*_where(place))
    if place.kind == "bin":
        return ("c.id IN (SELECT clip_id FROM bin_clip WHERE bin_id = ?)", (place.id,))
    standing = STANDING.get(place.kind)
    return standing(project_id) if standing else ("", ())


def _where(place: Place) -> tuple[str, str | None]:
    return place.id, place.path if place.kind == "folder" else None


def called(
    reader: Reader, place: Place, rows: Sequence[int] | None = None
) -> dict[int, copies.Copy]:
    """Clips (of these rows, or all) that lie in a volume or folder by a further copy alone, as they are called there."""
    if place.kind not in ("volume", "folder"):
        return {}
    return copies.called(reader, *_where(place), rows)


def both(one: Condition, other: Condition) -> Condition:
    """Both conditions at once."""
    parts = [sql for sql, _ in (one, other) if sql]
    return (" AND ".join(f"({sql})" for sql in parts), (*one[1], *other[1]))


def listed(
    reader: Reader,
    where: Condition,
    sort: str,
    *,
    descending: bool = False,
    called: Mapping[int, copies.Copy] | None = None,
) -> tuple["array[int]", int]:
    """Row numbers in order and their length together in milliseconds, in one query.

    A search is dear to ask twice; the whole library is not, and is quicker counted by itself.

    Args:
        reader: the snapshot.
        where: which clips.
        sort: a key of `library.SORTS`.
        descending: the other way round.
        called: clips that have another name here; by name they stand where that one belongs.
    """
    if not where[0]:
        return library.order(reader, sort, descending=descending), library.counts(reader)[1]
    rows, total = array("q"), 0
    columns = ("duration_ms", "name_fold", "start_key")
    found = library.narrowed(reader, where, sort, descending, columns)
    if called and sort == "name":
        names_here = {n: names.fold_key(copy.name) for n, copy in called.items()}
        found.sort(key=lambda row: (names_here.get(row[0], row[2]), row[0]), reverse=descending)
    without = 0
    for n, duration_ms, _, start_key in found:
        rows.append(n)
        total += duration_ms
        without += start_key < 0
    if sort == "timecode" and not descending:
        rows = untimed.last(rows, without)
    return rows, total


def folders(reader: Reader, volume_id: str) -> list[tuple[str, int]]:
    """Folders that hold clips, or a copy of one, with how many lie directly in them, by path."""
    rows = reader.all(
        "SELECT folder, count(*) AS clips FROM clip WHERE volume_id = ? AND retired = 0 GROUP BY folder",
        volume_id,
    )
    found = {os.fsdecode(row["folder"]): int(row["clips"]) for row in rows}
    for folder, clips in copies.folders(reader, volume_id).items():
        found[folder] = found.get(folder, 0) + clips
    return sorted(found.items())


def counts(reader: Reader, project_id: str) -> dict[str, int]:
    """How many clips each standing smart bin holds."""
    found: dict[str, int] = {}
    for kind, make in STANDING.items():
        where, parameters = make(project_id)
        found[kind] = library.counts(reader, where, parameters)[0]
    return found


def _unlogged(project_id: str) -> Condition:
    return (
        "c.id NOT IN (SELECT clip_id FROM clip_log WHERE project_id = ?"
        " UNION SELECT clip_id FROM tag WHERE project_id = ?"
        " UNION SELECT clip_id FROM note WHERE project_id = ? AND deleted = 0)",
        (project_id, project_id, project_id),
    )


def _approved(project_id: str) -> Condition:
    return (
        "c.id IN (SELECT d.clip_id FROM verdict d JOIN clip k ON k.id = d.clip_id JOIN content x ON x.id = k.content_id"
        " WHERE d.project_id = ? AND d.verdict = 'approved' AND (d.hash = '' OR d.hash = x.full_hash) AND NOT d.disputed)",
        (project_id,),
    )


def _open_notes(project_id: str) -> Condition:
    return (
        "c.id IN (SELECT clip_id FROM note WHERE project_id = ? AND state = 'open' AND deleted = 0)",
        (project_id,),
    )


def _circled(project_id: str) -> Condition:
    return (
        "c.id IN (SELECT clip_id FROM clip_log WHERE project_id = ? AND circled = 1)",
        (project_id,),
    )


def _offline(_project_id: str) -> Condition:
    return ("c.state IN ('offline', 'missing')", ())


def _problems(_project_id: str) -> Condition:
    """What is damaged or not read, and what lacks frames or chapters, whether its volume is here or not."""
    return ("(c.own_state IN ('damaged', 'undecodable', 'bad') OR c.gaps <> '[]')", ())


STANDING: Final[dict[str, Callable[[str], Condition]]] = {
    "unlogged": _unlogged,
    "circled": _circled,
    "approved": _approved,
    "open-notes": _open_notes,
    "offline": _offline,
    "problems": _problems,
}
"""Smart bins that every project has."""
