"""The stores of the targets: opened once, probed once, and cleared of what a killed run left.

A process that dies between the bucket's answer and the journal leaves a multipart upload that no row
names; one whose approval was taken back is nobody's any more. Both are given up here after a day,
and only under keys that are Rushes' own: a bucket may serve others as well.
"""

import logging
import threading
from typing import Final

from app.core.catalog import uploads
from app.core.catalog.database import Catalog
from app.core.cloud import places, transfer
from app.core.cloud.places import Place
from app.core.cloud.s3_probe import is_probe
from app.core.cloud.store import ObjectStore, OpenMultipart
from app.core.delivery.targets import place_of
from app.core.model.entities import Target
from app.core.model.errors import RushesError
from app.core.platform import clock

DAY_MS: Final = 24 * 60 * 60 * 1000
"""A younger upload may be another desk's that is under way."""

log = logging.getLogger(__name__)


class Stores:
    """One store for each bucket that is sent to."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._lock = threading.Lock()
        self._open: dict[Place, ObjectStore] = {}

    def of(self, target: Target) -> ObjectStore:
        """The target's store; nothing is asked of it but, the first time, what a killed run left.

        Raises:
            Refused: its endpoint cannot be used.
        """
        place = place_of(target)
        with self._lock:
            known = self._open.get(place)
            if known is not None:
                return known
            store = self._open[place] = places.open_store(place)
        self._sweep(store, target.id)
        return store

    def drop(self, target_id: str) -> None:
        """Lets go of a target's connections: its keys are others now."""
        with self._lock:
            gone = [place for place in self._open if place.target_id == target_id]
            stores = [self._open.pop(place) for place in gone]
        for store in stores:
            store.close()

    def close(self) -> None:
        """Lets go of all connections."""
        with self._lock:
            opened, self._open = list(self._open.values()), {}
        for store in opened:
            store.close()

    def _sweep(self, store: ObjectStore, target_id: str) -> None:
        with self._catalog.read() as reader:
            keys, alive = uploads.multiparts(reader, target_id)

        def orphaned(found: OpenMultipart) -> bool:
            ours = found.key in keys or is_probe(found.key)
            return ours and found.upload_id not in alive

        try:
            swept = transfer.sweep(store, orphaned, clock.now_ms() - DAY_MS)
        except RushesError as error:
            # No reason not to send: the right to list uploads is not needed for that.
            log.info("unfinished uploads in %s were not looked for: %s", store.place, error.title)
            return
        if swept:
            log.info("%d unfinished uploads in %s were given up", len(swept), store.place)
