"""`desk`: who works here, and on what."""

import argparse

from app.cli.output import Output
from app.cli.parsing import Commands
from app.core.services import Services


def register(commands: Commands) -> None:
    """Adds the command."""
    parser = commands.add_parser(
        "desk",
        help="who works here, and on what: person and project",
        description="The person and project of this desk: whose name stands under notes and decisions, and in which project.",
    )
    parser.add_argument("--person", metavar="NAME", help="your name, as it stands under notes")
    parser.add_argument("--initials", metavar="XY", help="your initials; made of the name")
    parser.add_argument(
        "--project",
        metavar="NAME",
        help="the project to work in; a new one where none is called so",
    )
    parser.set_defaults(run=_desk)


def _desk(services: Services, args: argparse.Namespace, out: Output) -> int:
    projects = services.projects
    if args.person is not None or args.initials is not None:
        before = projects.current_actor()
        projects.introduce(args.person or before.name, args.initials or "")
    if args.project is not None:
        name = " ".join(args.project.split())
        known = next((p for p in projects.every() if p.name == name), None)
        if known is not None:
            projects.switch(project_id=known.id)
        else:
            projects.create(name)
    person, project = projects.current_actor(), projects.current()
    out.answer(
        {
            "person": {"name": person.name, "initials": person.initials},
            "project": {"id": project.id, "name": project.name},
            "projects": [p.name for p in projects.every()],
        },
        [f"{person.name} ({person.initials}) in {project.name}"],
    )
    return 0
