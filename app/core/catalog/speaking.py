"""How features record what people said: the current project and person, one durable transaction."""

import dataclasses
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

from app.core.catalog import calling, events, projects, undo
from app.core.catalog.database import Catalog
from app.core.catalog.events import Draft
from app.core.catalog.rows import Reader, Tx
from app.core.model.errors import Refused
from app.core.model.events import Event

T = TypeVar("T")


@dataclasses.dataclass(frozen=True, slots=True)
class Here:
    """Who speaks, and in which project."""

    actor: str
    project_id: str


def here(reader: Reader) -> Here:
    """The current person and project.

    Raises:
        Refused: nobody has introduced themselves at this desk yet.
    """
    found = Here(projects.current_actor(reader), projects.current(reader))
    if not found.actor or not found.project_id:
        raise Refused(
            "Nobody is at this desk yet",
            "Rushes does not know who is speaking.",
            todo="Start the window once, or run any command again after “rushes settings”.",
        )
    return found


_heard: ContextVar[list[str] | None] = ContextVar("heard", default=None)


@contextmanager
def listening() -> Generator[list[str]]:
    """The id of an event of each act that is recorded inside, by services called on this thread."""
    heard: list[str] = []
    before = _heard.set(heard)
    try:
        yield heard
    finally:
        _heard.reset(before)


class Speaker:
    """Base of the services that record events."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog

    def say(
        self,
        drafts: Callable[[Reader, Here], Sequence[Draft]],
        then: Callable[[Tx, list[Event]], T],
        *,
        origin: str = "",
    ) -> T:
        """Records what `drafts` makes of the present state, as one act, durably; returns what `then` reads after."""

        def act(tx: Tx) -> T:
            who = here(tx)
            recorded.extend(events.record(tx, who.actor, *drafts(tx, who)))
            return then(tx, recorded)

        recorded: list[Event] = []
        result = self.catalog.write(act, origin=origin, durable=True)
        heard = _heard.get()
        if heard is not None:
            heard += [event.id for event in recorded[:1]]
        return result

    def tell(
        self, drafts: Callable[[Reader, Here], Sequence[Draft]], *, origin: str = ""
    ) -> list[Event]:
        """Records and returns the events."""
        return self.say(drafts, lambda _, recorded: recorded, origin=origin)

    def undo(self) -> list[Event]:
        """Takes back this person's newest act."""
        return self.catalog.write(lambda tx: undo.undo(tx, here(tx).actor), durable=True)

    def undo_said(self, said: Sequence[str]) -> list[Event]:
        """Takes back the acts that these events belong to, and nothing else that was said."""
        return self.catalog.write(lambda tx: undo.undo_said(tx, here(tx).actor, said), durable=True)

    def redo(self) -> list[Event]:
        """Does again what was undone last; returns what holds again."""
        return self.catalog.write(lambda tx: undo.redo(tx, here(tx).actor), durable=True)

    def clip_id(self, words: str) -> str:
        """The clip that is meant."""
        with self.catalog.read() as reader:
            return calling.resolve(reader, words)
