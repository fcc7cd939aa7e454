"""A hub in memory: two catalogs in one test exchange what was said, as desks of a team would."""

from collections.abc import Callable, Collection, Mapping, Sequence

from app.core.model.events import Event


class MemoryHub:
    """`ports.Hub`: numbers what arrives, gives it to whoever asks, rings."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._events: list[Event] = []
        self._bells: list[Callable[[], None]] = []

    def push(self, events: Sequence[Event]) -> Mapping[str, int]:
        """Numbers what is new; what is known keeps its number."""
        fresh = [event for event in events if event.id not in self._numbers]
        for event in fresh:
            self._events.append(event)
            self._numbers[event.id] = len(self._events)
        if fresh:
            for ring in list(self._bells):
                ring()
        return {event.id: self._numbers[event.id] for event in events}

    def pull(self, cursor: int, projects: Collection[str] = ()) -> Sequence[tuple[int, Event]]:
        """What came after a number."""
        numbered = enumerate(self._events[cursor:], cursor + 1)
        return [(n, e) for n, e in numbered if not projects or e.project_id in projects][:3]

    def doorbell(self, ring: Callable[[], None]) -> Callable[[], None]:
        """Rings at every push."""
        self._bells.append(ring)
        return lambda: self._bells.remove(ring)

    def presence(self) -> frozenset[str]:
        """Nobody says who is there."""
        return frozenset()
