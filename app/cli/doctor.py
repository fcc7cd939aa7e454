"""`doctor`: what is missing on this machine, and the exact command that gets it."""

import argparse
from pathlib import Path

from app.cli.output import Output
from app.cli.parsing import Commands
from app.core.media import tools
from app.core.model.errors import Missing, RushesError
from app.core.platform import doctor, settings
from app.core.platform.checking import Check, Probe
from app.core.post.models.store import Place, open_store


def register(commands: Commands) -> None:
    """Adds the command. It needs no catalog."""
    parser = commands.add_parser(
        "doctor",
        help="what is missing, and the command that gets it",
        description="Looks at tools, libraries, folders, limits, speech model. Exit 4 only when something required is missing.",
    )
    parser.set_defaults(plain=_doctor)


def _doctor(args: argparse.Namespace, out: Output) -> int:
    checks = [*doctor.checks(args.home, programs=_programs(args.home)), _model(args)]
    shaped = [
        {"name": c.name, "ok": c.ok, "required": c.required, "found": c.found, "todo": c.todo}
        for c in checks
    ]
    lines = [
        line
        for c in checks
        for line in (
            f"{'✓' if c.ok else '◆' if c.required else '▲'} {c.name}: {c.found}",
            *(f"    {todo}" for todo in c.todo.splitlines() if not c.ok),
        )
    ]
    out.answer({"checks": shaped}, lines)
    return Missing.exit_code if any(c.required and not c.ok for c in checks) else 0


def _programs(home: Path) -> dict[str, Probe]:
    """How the programs are found that Rushes really starts: those of the settings first."""
    try:
        choices = settings.load(home).tools
    except RushesError:
        return {}  # the check of the settings says what is wrong with them
    return {
        "ffmpeg": lambda: str(tools.find("ffmpeg", choices.ffmpeg)),
        "ffprobe": lambda: str(tools.find("ffprobe", choices.ffprobe or choices.ffmpeg)),
    }


def _model(args: argparse.Namespace) -> Check:
    try:
        wanted = settings.load(args.home).transcripts.model
        status = next((m for m in open_store(hub=False).list_models() if m.spec.id == wanted), None)
    except RushesError as error:
        return Check("speech model", ok=False, required=False, found=error.message, todo=error.todo)
    ready = status is not None and status.place is not Place.HUB
    return Check(
        "speech model",
        ok=ready,
        required=False,
        found=f"{wanted}: {status.place.value if status else 'unknown'}",
        todo="" if ready else f"rushes model get {wanted}",
    )
