"""The hub of a desk that works alone: it acknowledges at commit, in the order things were said here.

A real hub (`ports.Hub`) would number events for all desks; what leaves the building acts on numbered
events only, so the rule is the same with and without one.
"""

from collections.abc import Callable, Collection, Mapping, Sequence

from app.core.catalog.database import Catalog
from app.core.catalog.rows import Tx, marks
from app.core.model.events import Event


def acknowledge(tx: Tx) -> None:
    """Numbers what was just said, in the order it was said, where this desk works alone."""
    if tx.value("SELECT 1 FROM meta WHERE key = 'hub'") is None:
        tx.run("UPDATE event SET server_seq = seq WHERE server_seq IS NULL")


class NullHub:
    """`ports.Hub` without a network."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def push(self, events: Sequence[Event]) -> Mapping[str, int]:
        """Takes everything: the number of each is its place in the local log."""
        with self._catalog.read() as reader:
            rows = reader.all(
                f"SELECT id, seq FROM event WHERE id IN ({marks(len(events))})",
                *(event.id for event in events),
            )
        return {str(row["id"]): int(row["seq"]) for row in rows}

    def pull(self, cursor: int, projects: Collection[str] = ()) -> Sequence[tuple[int, Event]]:  # noqa: ARG002 - nobody else says anything
        """Nothing: nobody else is there."""
        return ()

    def doorbell(self, ring: Callable[[], None]) -> Callable[[], None]:  # noqa: ARG002 - it never rings
        """Never rings; what is returned stops listening."""
        return lambda: None

    def presence(self) -> frozenset[str]:
        """Nobody but this desk."""
        return frozenset()
