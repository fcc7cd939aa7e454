"""What the sidebar lists, as plain values: sections, volumes, folders, bins, smart bins, with their counts."""

import dataclasses
from collections.abc import Iterable, Mapping, Sequence

from PySide6.QtCore import QCoreApplication

from app.core.catalog import copies, library, places, projects, query_language, search, volumes
from app.core.catalog.places import Place
from app.core.catalog.rows import Reader
from app.core.model.entities import Bin, Volume
from app.core.model.names import display
from app.ui.widgets import wording

translate = QCoreApplication.translate


@dataclasses.dataclass(slots=True)
class Node:
    """One line of the sidebar with what hangs below it."""

    title: str
    place: Place | None = None
    """Where it leads; None for the head of a section."""
    count: str = ""
    light: bool | None = None
    """A volume's light; None where there is none."""
    query: str | None = None
    """A smart bin's search."""
    hint: str = ""
    """Its tooltip; the query or the title where empty."""
    children: list["Node"] = dataclasses.field(default_factory=list["Node"])

    @property
    def key(self) -> str:
        """What identifies the line between two readings."""
        if self.place is None:
            return f"section:{self.title}"
        return f"{self.place.kind}:{self.place.id}:{self.place.path}"


@dataclasses.dataclass(frozen=True, slots=True)
class Shelves:
    """What one reading of the catalog gives."""

    volumes: Sequence[Volume]
    folders: dict[str, list[tuple[str, int]]]
    doubles: dict[str, dict[str, int]]
    """By volume and folder: clips that lie in several folders below it."""
    bins: Sequence[Bin]
    standing: dict[str, int]
    total: int


def read(reader: Reader, project_id: str) -> Shelves:
    """Everything the sidebar needs, in one snapshot."""
    known = volumes.every(reader)
    return Shelves(
        known,
        {volume.id: places.folders(reader, volume.id) for volume in known},
        {volume.id: copies.doubles(reader, volume.id) for volume in known},
        [_counted(reader, one, project_id) for one in projects.bins(reader, project_id)],
        places.counts(reader, project_id),
        library.counts(reader)[0],
    )


def _counted(reader: Reader, one: Bin, project_id: str) -> Bin:
    """A smart bin with the number of clips its search keeps."""
    query = query_language.parse(one.query or "")
    if one.query is None or query.empty:
        return one
    where, bound = search.condition(query, project_id)
    return dataclasses.replace(one, clips=library.counts(reader, where, bound)[0])


def nodes(shelves: Shelves) -> list[Node]:
    """The sidebar's sections."""
    return [
        Node(
            translate("Sidebar", "Volumes"),
            children=[_everything(shelves), *(_volume(v) for v in shelves.volumes)],
        ),
        Node(translate("Sidebar", "Folders"), children=_folders(shelves)),
        Node(
            translate("Sidebar", "Bins"),
            children=[_bin(b) for b in shelves.bins if b.query is None],
        ),
        Node(
            translate("Sidebar", "Smart bins"),
            children=[
                *_standing(shelves.standing),
                *(_bin(b) for b in shelves.bins if b.query is not None),
            ],
        ),
    ]


def standing_titles() -> dict[str, str]:
    """The smart bins every project has, in their order."""
    return {
        "unlogged": translate("Sidebar", "Unlogged"),
        "circled": translate("Sidebar", "Circled"),
        "approved": translate("Sidebar", "Approved"),
        "open-notes": translate("Sidebar", "Open notes"),
        "offline": translate("Sidebar", "Offline"),
        "problems": translate("Sidebar", "Problems"),
    }


def _everything(shelves: Shelves) -> Node:
    return Node(translate("Sidebar", "All clips"), Place(), str(shelves.total))


def _volume(volume: Volume) -> Node:
    count = str(volume.clips) if volume.online else translate("Sidebar", "offline")
    return Node(volume.name, Place("volume", volume.id), count, volume.online, hint=_hint(volume))


def _hint(volume: Volume) -> str:
    """What the number of a volume leaves out: copies of clips that lie there once more, or elsewhere."""
    if not volume.copies:
        return volume.name
    return f"{volume.name}: {wording.clips_there(volume.held, volume.copies)}"


def _bin(one: Bin) -> Node:
    return Node(one.name, Place("bin", one.id), str(one.clips), query=one.query)


def _standing(counts: dict[str, int]) -> Iterable[Node]:
    for kind, title in standing_titles().items():
        yield Node(title, Place(kind), str(counts.get(kind, 0)))


def _folders(shelves: Shelves) -> list[Node]:
    """The folder tree; volumes are its roots where there are several with folders."""
    trees = [
        (
            volume,
            tree(volume.id, shelves.folders.get(volume.id, []), shelves.doubles.get(volume.id, {})),
        )
        for volume in shelves.volumes
    ]
    filled = [(volume, roots) for volume, roots in trees if roots]
    if len(filled) == 1:
        return filled[0][1]
    return [
        Node(volume.name, Place("volume", volume.id), str(volume.clips), children=roots)
        for volume, roots in filled
    ]


def tree(
    volume_id: str,
    folders: Iterable[tuple[str, int]],
    doubles: Mapping[str, int] | None = None,
) -> list[Node]:
    """Folders with clips as a tree; a folder counts what is below it, chains of single folders stay whole.

    Args:
        volume_id: whose folders they are.
        folders: (path, clips directly in it).
        doubles: by path, clips that are counted again where what is below it is added up.
    """
    roots: list[Node] = []
    known: dict[str, Node] = {}
    sums: dict[str, int] = {}
    for path, count in sorted(folders):
        parts = path.split("/") if path else []
        for depth in range(1, len(parts) + 1):
            here = "/".join(parts[:depth])
            sums[here] = sums.get(here, 0) + count
            if here not in known:
                node = Node(display(parts[depth - 1]), Place("folder", volume_id, here))
                known[here] = node
                parent = known.get("/".join(parts[: depth - 1]))
                (parent.children if parent else roots).append(node)
    for path, node in known.items():
        node.count = str(sums[path] - (doubles or {}).get(path, 0))
    return roots
