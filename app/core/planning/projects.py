"""Projects and people: who works on what at this desk."""

import getpass
from collections.abc import Sequence
from typing import Final

from app.core.catalog import events, projects
from app.core.catalog.events import Draft
from app.core.catalog.rows import Tx
from app.core.catalog.speaking import Speaker
from app.core.model.entities import Actor, Project
from app.core.model.errors import Refused
from app.core.model.events import Entity, Kind
from app.core.model.ids import new_id
from app.core.model.timecode import parse_rate, rate_text

LONGEST_NAME: Final = 200
_WHY_A_NAME: Final = "Notes carry the name of who wrote them."


class Projects(Speaker):
    """Makes and changes projects and people."""

    def ensure(self) -> bool:
        """Makes a person (from the login name) and a project where the catalog is new; true where it was."""
        return self.catalog.write(self._ensure, durable=True)

    def introduce(self, name: str, initials: str = "") -> Actor:
        """Names the person at this desk."""
        clean = _named(name, _WHY_A_NAME)
        letters = (initials or "".join(part[0] for part in clean.split())).upper()[:4]
        actor = self.current_actor().id

        def act(tx: Tx) -> None:
            events.record(
                tx,
                actor,
                Draft(
                    "", Entity.ACTOR, actor, Kind.ACTOR_NAMED, {"name": clean, "initials": letters}
                ),
            )
            projects.set_introduced(tx)

        self.catalog.write(act, durable=True)
        return self.current_actor()

    def introduced(self) -> bool:
        """Whether a person has given a name at this desk."""
        with self.catalog.read() as reader:
            return projects.introduced(reader)

    def add_actor(self, name: str, initials: str = "") -> Actor:
        """Another person at this desk, who becomes the current one."""
        _named(name, _WHY_A_NAME)
        actor = new_id()
        self.catalog.write(lambda tx: projects.set_current(tx, actor=actor), durable=True)
        return self.introduce(name, initials)

    def switch(self, *, project_id: str | None = None, actor: str | None = None) -> None:
        """Changes the current project or person."""
        self.catalog.write(
            lambda tx: projects.set_current(tx, project_id=project_id, actor=actor), durable=True
        )

    def create(self, name: str, rate: str = "25/1") -> Project:
        """A new project, which becomes the current one."""
        clean = _named(name, "A project needs a name.")
        project_id, exact = new_id(), rate_text(parse_rate(rate))

        def act(tx: Tx) -> None:
            actor = projects.current_actor(tx)
            events.record(
                tx,
                actor,
                Draft(
                    project_id, Entity.PROJECT, project_id, Kind.PROJECT_CREATED, {"name": clean}
                ),
                Draft(
                    project_id,
                    Entity.PROJECT,
                    project_id,
                    Kind.PROJECT_CHANGED,
                    {"field": "rate", "value": exact},
                ),
            )
            projects.set_current(tx, project_id=project_id)

        self.catalog.write(act, durable=True)
        return self.current()

    def change(self, field: str, value: object) -> Project:
        """Sets name, rate, drop, glossary or languages of the current project."""
        if field not in ("name", "rate", "drop", "glossary", "languages", "brief"):
            raise Refused("Unknown field", f"A project has no {field!r}.")
        if field == "rate":
            value = rate_text(parse_rate(str(value)))
        if field == "name":
            value = _named(str(value), "A project needs a name.")
        self.tell(
            lambda _, who: [
                Draft(
                    who.project_id,
                    Entity.PROJECT,
                    who.project_id,
                    Kind.PROJECT_CHANGED,
                    {"field": field, "value": value},
                )
            ]
        )
        return self.current()

    def current(self) -> Project:
        """The project this desk works on."""
        with self.catalog.read() as reader:
            found = projects.get(reader, projects.current(reader))
        if found is None:
            raise Refused(
                "No project", "This desk has no project yet.", todo="Make one on the Plan page."
            )
        return found

    def current_actor(self) -> Actor:
        """The person at this desk."""
        with self.catalog.read() as reader:
            wanted = projects.current_actor(reader)
            return next(
                (a for a in projects.actors(reader) if a.id == wanted), Actor(wanted, "", "")
            )

    def every(self) -> Sequence[Project]:
        """All projects."""
        with self.catalog.read() as reader:
            return projects.every(reader)

    def _ensure(self, tx: Tx) -> bool:
        fresh = not projects.current_actor(tx)
        if fresh:
            actor, login = new_id(), _login()
            projects.set_current(tx, actor=actor)
            events.record(
                tx,
                actor,
                Draft(
                    "",
                    Entity.ACTOR,
                    actor,
                    Kind.ACTOR_NAMED,
                    {"name": login, "initials": login[:2].upper()},
                ),
            )
        if not projects.current(tx):
            project = new_id()
            events.record(
                tx,
                projects.current_actor(tx),
                Draft(
                    project, Entity.PROJECT, project, Kind.PROJECT_CREATED, {"name": "My project"}
                ),
            )
            projects.set_current(tx, project_id=project)
        return fresh


def _named(name: str, why: str) -> str:
    clean = " ".join(name.split())[:LONGEST_NAME]
    if not clean:
        raise Refused("A name is needed", why)
    return clean


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        # No password entry and no environment: a bare container.
        return "Editor"
