"""Bins of chosen clips and smart bins, which are saved searches."""

from collections.abc import Sequence
from typing import Final

from app.core.catalog import projects
from app.core.catalog.events import Draft
from app.core.catalog.rows import Reader
from app.core.catalog.speaking import Here, Speaker
from app.core.model.entities import Bin
from app.core.model.errors import Refused
from app.core.model.events import Entity, Kind
from app.core.model.ids import new_id

LONGEST_NAME: Final = 200


class Bins(Speaker):
    """Makes and fills bins of the current project."""

    def create(self, name: str, query: str | None = None) -> str:
        """A bin, or with a query a smart bin; returns its id."""
        clean, bin_id = _named(name), new_id()
        self.tell(
            lambda _, who: [
                Draft(
                    who.project_id,
                    Entity.BIN,
                    bin_id,
                    Kind.BIN_CREATED,
                    {"name": clean, "query": query},
                )
            ]
        )
        return bin_id

    def rename(self, bin_id: str, name: str) -> None:
        """Another name."""
        clean = _named(name)
        self.tell(
            lambda _, who: [
                Draft(
                    who.project_id,
                    Entity.BIN,
                    bin_id,
                    Kind.BIN_CHANGED,
                    {"field": "name", "value": clean},
                )
            ]
        )

    def delete(self, bin_id: str) -> None:
        """Takes the bin away; its clips stay, and undo brings it back."""
        self.tell(lambda _, who: [Draft(who.project_id, Entity.BIN, bin_id, Kind.BIN_DELETED, {})])

    def add(self, bin_id: str, clip_ids: Sequence[str]) -> None:
        """Puts clips into a bin."""
        self.tell(
            lambda _, who: [
                Draft(who.project_id, Entity.BIN, bin_id, Kind.BIN_CLIP_ADDED, {"clip": c})
                for c in clip_ids
            ]
        )

    def remove(self, bin_id: str, clip_ids: Sequence[str]) -> None:
        """Takes clips out of a bin; no file is touched."""

        def drafts(reader: Reader, who: Here) -> list[Draft]:
            return [
                Draft(
                    who.project_id,
                    Entity.BIN,
                    bin_id,
                    Kind.BIN_CLIP_REMOVED,
                    {"clip": c, "adds": adds},
                )
                for c in clip_ids
                if (adds := projects.bin_adds(reader, bin_id, c))
            ]

        self.tell(drafts)

    def every(self) -> list[Bin]:
        """All bins of the current project."""
        with self.catalog.read() as reader:
            return projects.bins(reader, projects.current(reader))


def _named(name: str) -> str:
    clean = " ".join(name.split())[:LONGEST_NAME]
    if not clean:
        raise Refused("A name is needed", "A bin needs a name.")
    return clean
