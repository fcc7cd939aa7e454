"""`check` and `backup`: is every promise held?"""

import argparse

from app.cli.output import Output, shown
from app.cli.parsing import Commands
from app.core import owner
from app.core.catalog import backups
from app.core.catalog.database import FILE_NAME
from app.core.checking import Checker
from app.core.model.errors import Refused
from app.core.services import Services


def register(commands: Commands) -> None:
    """Adds the commands."""
    check = commands.add_parser(
        "check",
        help="every promise held? catalog, files, renditions, uploads",
        description="Checks catalog, files, renditions and uploads. Exit 5 where something that was whole no longer is.",
    )
    check.add_argument(
        "--repair",
        action="store_true",
        help="mend what can be made again; the catalog is backed up first",
    )
    check.add_argument(
        "--read",
        action="store_true",
        help="read every proxy and original that is online whole, and compare",
    )
    check.set_defaults(run=_check)
    backup = commands.add_parser(
        "backup",
        help="a sound copy of the catalog",
        description="Copies the catalog while it is in use.",
    )
    backup.add_argument(
        "-o", "--out", metavar="FILE", help="the file; a dated one in the data folder when left out"
    )
    backup.set_defaults(run=_backup)
    back = commands.add_parser(
        "put-back",
        help="a backup in the place of a damaged catalog",
        description="Puts the newest sound backup in the place of the catalog. What is there now is kept beside it. Rushes must be closed.",
    )
    back.add_argument(
        "file", nargs="?", metavar="FILE", help="this backup; the newest sound one when left out"
    )
    back.set_defaults(plain=_put_back)


def _check(services: Services, args: argparse.Namespace, out: Output) -> int:
    checker = Checker(services.catalog, services.store)
    repaired = checker.repair() if args.repair else []
    report = checker.check(read=args.read)
    problems = [{"problem": p, "subject": shown(s)} for p, s in report.problems]
    known = [{"problem": p, "subject": shown(s)} for p, s in report.known]
    lines = [
        *(f"mended: {line}" for line in repaired),
        *(f"PROBLEM {p['problem']}: {p['subject']}" for p in problems),
        *(f"known: {k['problem']}: {k['subject']}" for k in known),
    ]
    out.answer(
        {"problems": problems, "known": known, "repaired": repaired, "checked": report.checked},
        [*lines, "Everything holds." if not problems else f"{len(problems)} problems"],
    )
    return 5 if problems else 0


def _put_back(args: argparse.Namespace, out: Output) -> int:
    ownership = owner.acquire(args.home)
    if ownership is None:
        raise Refused(
            "Rushes is running",
            "A catalog that is open cannot be replaced.",
            subject=str(args.home),
            todo="Close the window and every “rushes run”, and try again.",
        )
    try:
        taken, aside = backups.put_back(
            args.home / FILE_NAME, out.path(args.file) if args.file else None
        )
    finally:
        ownership.release()
    out.answer(
        {"taken": str(taken), "aside": str(aside)},
        [f"The catalog is again as in {taken}.", f"What was there is kept in {aside}."],
    )
    return 0


def _backup(services: Services, args: argparse.Namespace, out: Output) -> int:
    path = backups.make(services.catalog.path, "asked", out.path(args.out) if args.out else None)
    out.answer({"path": str(path), "bytes": path.stat().st_size}, str(path))
    return 0
