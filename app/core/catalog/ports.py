"""The six borders behind which a shared hub and a farm would stand: values only, no SQL, no paths of one machine.

| port | here | what it is for |
|---|---|---|
| `EventStore` | `event_store.CatalogEvents` | what people said, in the order it arrived |
| `Hub` | `null_hub.NullHub` | exchanging that with other desks |
| `Projection` | `event_store.ReadTables` | the tables that views read, made from it |
| `LibrarySearch` | `post.search.Search` | finding moments |
| `ArtifactStore` | `post.store.ProxyStore` | what machines derived, by what it was made of and how |
| `JobEngine` | `work.engine.Engine` | getting due work done |

Whoever implements one passes `tests/integration/catalog/test_ports.py`.
"""

import dataclasses
import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from app.core.model.entities import Hit
from app.core.model.events import Event


@dataclasses.dataclass(frozen=True, slots=True)
class ArtifactKey:
    """What a derived thing is made of, and how: the same key is the same thing on every machine."""

    content: str
    processor: str
    version: int
    params: str = ""

    @property
    def params_hash(self) -> str:
        """Eight digits that stand for the parameters in a file name; "" where there are none."""
        return hashlib.sha256(self.params.encode()).hexdigest()[:8] if self.params else ""


@runtime_checkable
class EventStore(Protocol):
    """Keeps every event for good. Storing one twice changes nothing."""

    def append(self, events: Sequence[Event], /) -> int:
        """Stores events, from here or elsewhere, durably; returns how many were new.

        Raises:
            Refused: one is no event; none of them is stored.
        """
        ...

    def since(self, cursor: int, limit: int = 1000) -> Sequence[tuple[int, Event]]:
        """(place, event) of what arrived after a place, in the order of arrival."""
        ...

    def unacknowledged(self, limit: int = 1000) -> Sequence[Event]:
        """What the hub has not numbered yet, oldest first."""
        ...

    def mark_acked(self, numbers: Mapping[str, int]) -> int:
        """Keeps the hub's numbers by event id; returns how many were new. A number once given stays."""
        ...


@runtime_checkable
class Hub(Protocol):
    """Where desks exchange events. Its order decides nothing but what was known when."""

    def push(self, events: Sequence[Event], /) -> Mapping[str, int]:
        """Hands events over; returns their numbers. Handing one over twice gives the same number."""
        ...

    def pull(self, cursor: int, projects: Collection[str] = ()) -> Sequence[tuple[int, Event]]:
        """(number, event) of what was said after a number in these projects (all where none is named)."""
        ...

    def doorbell(self, ring: Callable[[], None]) -> Callable[[], None]:
        """Calls `ring` when there may be something to pull; returns what stops that. A lost ring costs time only."""
        ...

    def presence(self) -> frozenset[str]:
        """The people at other desks now."""
        ...


@runtime_checkable
class Projection(Protocol):
    """The tables of human facts: a pure function of the events, whatever the order they came in."""

    def replay(self) -> int:
        """Makes them anew from the log; returns the number of events."""
        ...

    def snapshot(self) -> Mapping[str, Sequence[tuple[Any, ...]]]:
        """All rows by table, in an order that two replicas share."""
        ...


@runtime_checkable
class LibrarySearch(Protocol):
    """Finds moments. Nothing that can be typed is an error."""

    def hits(self, text: str, *, limit: int = 50, typing: bool = False) -> Sequence[Hit]:
        """Moments that hold every word, best first; newest first while typing."""
        ...


@runtime_checkable
class ArtifactStore(Protocol):
    """Keeps derived files. What is there under a key is whole."""

    def get(self, key: ArtifactKey) -> Path | None:
        """The folder of what was made under this key; None where it is not there."""
        ...

    def put(self, key: ArtifactKey, made: Path) -> Path:
        """Takes a finished folder over (on the store's own disk), whole or not at all; returns where it is."""
        ...


class JobProgress(Protocol):
    """How far a job is."""

    done: int
    total: int

    @property
    def key(self) -> str:
        """`recipe:subject`."""
        ...


@runtime_checkable
class JobEngine(Protocol):
    """Gets due work done. What is due is a query; nothing is queued by hand."""

    def ensure(self, key: str) -> bool:
        """Lets a job that failed or was called off be tried again, soon; false where there was none."""
        ...

    def cancel(self, key: str) -> bool:
        """Calls a job off until it is ensured; false where none of this key is in hand."""
        ...

    def jobs(self) -> Sequence[JobProgress]:
        """What runs now, oldest first."""
        ...
