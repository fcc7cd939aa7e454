"""`check` and `backup`: is every promise held?"""

import argparse
import contextlib

from app.cli.output import Output, counted, shown
from app.cli.parsing import Commands
from app.core import owner
from app.core.catalog import backups, putting_back
from app.core.catalog.database import FILE_NAME
from app.core.checking import Checker, advice
from app.core.delivery.stores import Stores
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
        help="mend what can be made again; where anything is wrong, the catalog is backed up first",
    )
    check.add_argument(
        "--read",
        action="store_true",
        help="read every proxy, backup and original that is online whole, and ask the buckets for what was delivered",
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
        description="Puts the newest sound backup in the place of the catalog, and takes over what people said since. What is there now is kept beside it. Rushes must be closed. Exit 1 where words are lost: it says how many.",
    )
    back.add_argument(
        "file", nargs="?", metavar="FILE", help="this backup; the newest sound one when left out"
    )
    back.add_argument(
        "--only-backup",
        action="store_true",
        help="leave out what people said since; else it is taken over where the former file still tells it",
    )
    back.set_defaults(plain=_put_back)


def _check(services: Services, args: argparse.Namespace, out: Output) -> int:
    with contextlib.closing(Stores(services.catalog)) as stores:
        checker = Checker(services.catalog, services.store, stores)
        repaired = checker.repair(read=args.read) if args.repair else []
        report = checker.check(read=args.read)
    problems = [
        {"problem": p, "subject": shown(s), "todo": advice(p, repaired=args.repair)}
        for p, s in report.problems
    ]
    known = [{"problem": p, "subject": shown(s)} for p, s in report.known]
    lines = [
        *(f"mended: {line}" for line in repaired),
        *(f"PROBLEM {p['problem']}: {p['subject']}" for p in problems),
        *(f"    {todo}" for todo in dict.fromkeys(p["todo"] for p in problems)),
        *(f"known: {k['problem']}: {k['subject']}" for k in known),
    ]
    out.answer(
        {"problems": problems, "known": known, "repaired": repaired, "checked": report.checked},
        [*lines, "Everything holds." if not problems else counted(len(problems), "problem")],
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
        taken, aside = putting_back.put_back(
            args.home / FILE_NAME, out.path(args.file) if args.file else None
        )
        said, unknown, lost = (
            (0, 0, 0) if args.only_backup else putting_back.take_over(args.home, aside)
        )
    finally:
        ownership.release()
    lines = [f"The catalog is again as in {taken}.", f"What was there is kept in {aside}."]
    if said:
        lines.append(
            f"{counted(said, 'entry') if said == 1 else f'{said} entries'} of notes, log and decisions that were made since were taken over from there"
            + (
                f"; {unknown} are about clips that are found again by “rushes run” only."
                if unknown
                else "."
            )
        )
    if lost:
        lines.append(
            f"LOST {'1 entry' if lost == 1 else f'{lost} entries'} of notes, log and decisions that were made since: neither file tells them."
            " Where a backup elsewhere has them: “rushes put-back FILE”."
        )
    found = {"since": said, "unknown": unknown, "lost": lost}
    out.answer({"taken": str(taken), "aside": str(aside), **found}, lines)
    return 1 if lost else 0


def _backup(services: Services, args: argparse.Namespace, out: Output) -> int:
    path = backups.make(services.catalog.path, "asked", out.path(args.out) if args.out else None)
    out.answer({"path": str(path), "bytes": path.stat().st_size}, str(path))
    return 0
