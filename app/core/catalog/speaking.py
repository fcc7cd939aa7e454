"""How features record what people said: the current project and person, one durable transaction."""

import dataclasses
from collections.abc import Callable, Sequence
from typing import TypeVar

from app.core.catalog import events, library, projects, undo
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
            return then(tx, events.record(tx, who.actor, *drafts(tx, who)))

        return self.catalog.write(act, origin=origin, durable=True)

    def tell(
        self, drafts: Callable[[Reader, Here], Sequence[Draft]], *, origin: str = ""
    ) -> list[Event]:
        """Records and returns the events."""
        return self.say(drafts, lambda _, recorded: recorded, origin=origin)

    def undo(self) -> list[Event]:
        """Takes back this person's newest act."""
        return self.catalog.write(lambda tx: undo.undo(tx, here(tx).actor), durable=True)

    def redo(self) -> list[Event]:
        """Does again what was undone last."""
        return self.catalog.write(lambda tx: undo.redo(tx, here(tx).actor), durable=True)

    def clip_id(self, words: str) -> str:
        """The clip that is meant."""
        with self.catalog.read() as reader:
            return library.resolve(reader, words)
