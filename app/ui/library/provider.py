"""Cards and paths for the grid, from the catalog. Runs on worker threads."""

import dataclasses
from collections.abc import Callable, Sequence

from app.core.catalog import arriving, library, places
from app.core.catalog.database import Catalog
from app.core.catalog.places import Place
from app.core.model.entities import ClipCard
from app.core.model.ids import ClipRow
from app.core.model.media import ClipKind, ClipState, FileState

_MOST_PATHS = 500


class CatalogCards:
    """The catalog as a `CardProvider`."""

    def __init__(
        self,
        catalog: Catalog,
        store: str,
        project_id: Callable[[], str],
        open_minutes: Callable[[], int],
    ) -> None:
        self._catalog = catalog
        self._open_minutes = open_minutes
        self._store = store
        self._project_id = project_id
        self.place = Place()
        """Where a person looks: a clip that has a further copy there is called as that is."""

    def fetch(self, rows: Sequence[ClipRow]) -> list[ClipCard]:
        """The cards of these rows."""
        with self._catalog.read() as reader:
            called = places.called(reader, self.place, rows)
            cards = library.cards(reader, rows, self._project_id(), self._store, called)
            grow = [card.row for card in cards if card.state is ClipState.GROWING]
            waiting = arriving.of_clips(reader, grow, self._open_minutes()) if grow else {}
        return [
            dataclasses.replace(card, arriving=waiting[card.row][0])
            if card.row in waiting
            else card
            for card in cards
        ]

    def paths(self, rows: Sequence[ClipRow]) -> list[str]:
        """Absolute paths of one copy of the first few hundred clips: all spans; of numbered frames the first.

        What another program is to open: a second copy of the same would come in twice.
        """
        found: list[str] = []
        with self._catalog.read() as reader:
            for clip in library.page(reader, rows[:_MOST_PATHS], self._project_id()):
                places = library.originals(reader, clip.id)
                if clip.kind is ClipKind.SEQUENCE:
                    places = places[:1]
                found += [
                    place.absolute
                    for place in places
                    if place.absolute and place.state is FileState.PRESENT
                ]
        return found
