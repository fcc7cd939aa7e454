"""The catalog's own event store and read tables, and the exchange of events with a hub."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.core.catalog import events, stored
from app.core.catalog.database import Catalog
from app.core.catalog.ports import EventStore, Hub
from app.core.catalog.rows import Tx
from app.core.model.errors import BadData
from app.core.model.events import Event


class CatalogEvents:
    """`ports.EventStore` over the catalog; everything appended is projected in the same transaction."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def append(self, arrived: Sequence[Event]) -> int:
        """Stores events, all or none; returns how many were new."""
        return self._catalog.write(
            lambda tx: sum(events.append(tx, event) for event in arrived), durable=True
        )

    def since(self, cursor: int, limit: int = 1000) -> Sequence[tuple[int, Event]]:
        """(place, event) of what arrived after a place."""
        with self._catalog.read() as reader:
            return events.since(reader, cursor, limit)

    def unacknowledged(self, limit: int = 1000) -> Sequence[Event]:
        """What the hub has not numbered yet."""
        with self._catalog.read() as reader:
            rows = reader.all(
                f"SELECT {events.COLUMNS} FROM event WHERE server_seq IS NULL ORDER BY seq LIMIT ?",
                limit,
            )
        return [events.from_row(row) for row in rows]

    def mark_acked(self, numbers: Mapping[str, int]) -> int:
        """Keeps the hub's numbers; returns how many events had none."""

        def act(tx: Tx) -> int:
            return tx.many(
                "UPDATE event SET server_seq = ? WHERE id = ? AND server_seq IS NULL",
                [(number, event) for event, number in numbers.items()],
            )

        return self._catalog.write(act, durable=True) if numbers else 0


class ReadTables:
    """`ports.Projection` over the catalog."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def replay(self) -> int:
        """Makes the tables anew from the log."""
        return self._catalog.write(events.replay, durable=True)

    def snapshot(self) -> Mapping[str, Sequence[tuple[Any, ...]]]:
        """All rows by table."""
        with self._catalog.read() as reader:
            return events.snapshot(reader)


def exchange(store: EventStore, hub: Hub, cursor: int = 0) -> int:
    """Pushes what the hub does not have and takes what it has; returns the number pulled up to.

    May be broken off anywhere and done again: events are told apart by their ids.

    Raises:
        Damage: what is numbered counts as not numbered all the same.
        BadData: the hub gives the same again.
    """
    while numbers := hub.push(store.unacknowledged()):
        if not store.mark_acked(numbers):
            raise stored.damaged("Events that have their number are listed as if they had none.")
    while found := hub.pull(cursor):
        if found[-1][0] <= cursor:
            raise BadData("The hub repeats itself", f"After {cursor} it gave {found[-1][0]}.")
        store.append([event for _, event in found])
        store.mark_acked({event.id: number for number, event in found})
        cursor = found[-1][0]
    return cursor
