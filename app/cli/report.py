"""`report`: an offload, or a whole shooting day, as a PDF to sign and as a table."""

import argparse
import datetime
from typing import TYPE_CHECKING

from app.cli.output import Output, counted, shown
from app.cli.parsing import Commands, UsageError
from app.core.model.errors import Refused

if TYPE_CHECKING:
    from app.core.services import Services


def register(commands: Commands) -> None:
    """Adds the command."""
    parser = commands.add_parser(
        "report",
        help="an offload, or a shooting day, as a PDF and as a table",
        description="Writes what is known of an offload: clips with pictures, every file with its hashes, times, destinations and how it stands on each, who said that a\n"
        "destination is a device of its own, what was said of the card, and lines to sign. What was copied and not read back is called copied, not verified.\n"
        "With --day: all cards of a shooting day, totals, and what is still open. An offload belongs to the day on which it was begun, and to that of its newest file.\n"
        "No file is overwritten without --replace, none is written on a card or inside the copy of one.\n"
        'With --json: {"pdf","csv","pages","replaced_letters"}',
    )
    parser.add_argument("offload", metavar="OFFLOAD", nargs="?", help="by id or card name")
    parser.add_argument("--day", metavar="YYYY-MM-DD", help="a shooting day instead")
    parser.add_argument("--pdf", metavar="FILE", help="the PDF to write")
    parser.add_argument(
        "--csv", metavar="FILE", help="the table to write: a line for each file and destination"
    )
    parser.add_argument(
        "--replace", action="store_true", help="files of these names may be replaced"
    )
    parser.add_argument("--paper", choices=["A4", "Letter"], default="A4", help="of the PDF (A4)")
    parser.add_argument(
        "--zone",
        metavar="NAME",
        default="",
        help="the time zone of all times: Europe/Berlin; this computer's where left out",
    )
    parser.add_argument(
        "--roll-over",
        metavar="HOUR",
        type=int,
        default=4,
        choices=range(24),
        help="the hour until which the night still belongs to the shooting day before (4)",
    )
    parser.add_argument("--no-pictures", action="store_true", help="clips without pictures")
    parser.set_defaults(run=_report)


def _report(services: "Services", args: argparse.Namespace, out: Output) -> int:
    from app.core.ingest.offload_naming import ShootDay
    from app.core.ingest.reports import Wanted

    if bool(args.offload) == bool(args.day):
        raise UsageError("give an OFFLOAD or --day, one of them")
    if not args.pdf and not args.csv:
        raise UsageError("give --pdf FILE, --csv FILE or both")
    wanted = Wanted(
        pdf=out.path(args.pdf) if args.pdf else None,
        csv=out.path(args.csv) if args.csv else None,
        replace=args.replace,
        paper=args.paper,
        pictures=not args.no_pictures,
    )
    day = ShootDay(args.roll_over, args.zone)
    if args.day:
        made = services.reports.write_day(_date(args.day), wanted, day=day, cancel=out.gone)
    else:
        made = services.reports.write_offload(args.offload, wanted, day=day, cancel=out.gone)
    files = [one for one in (made.pdf, made.csv) if one is not None]
    lines = [f"✓ {shown(str(one))}" for one in files]
    if made.pdf:
        lines[0] += f": {counted(made.pages, 'page')}"
    if made.replaced:
        lines.append(
            f"{counted(made.replaced, 'letter')} that no font here has: their numbers stand in the PDF"
        )
    out.answer(
        {
            "pdf": str(made.pdf) if made.pdf else None,
            "csv": str(made.csv) if made.csv else None,
            "pages": made.pages,
            "replaced_letters": made.replaced,
        },
        lines,
    )
    return 0


def _date(text: str) -> datetime.date:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError as problem:
        raise Refused(
            "Not a day", f"{text!r} is none.", subject=text, todo="Write it as 2026-05-14."
        ) from problem
