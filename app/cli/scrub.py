"""`scrub`: copies of cards read again, what rotted named, and repaired when asked."""

import argparse
from typing import TYPE_CHECKING, Any

from app.cli.output import Output, counted, shown
from app.cli.parsing import Commands, UsageError
from app.core.model.scrubs import GoodCopy, RepairState, Rotten
from app.core.platform import clock

if TYPE_CHECKING:
    from app.core.ingest.scrub import ScrubReport
    from app.core.ingest.scrub_repair import Repaired, RepairPlan
    from app.core.services import Services


def register(commands: Commands) -> None:
    """Adds the command."""
    parser = commands.add_parser(
        "scrub",
        help="copies of cards read again; what rotted, and its repair",
        description="Reads copies of cards again from their disks and compares them with what was read from the card: what is left of this night's share,\n"
        "those that were proven longest ago first, or all that can be reached. “rushes run” and the window do so by themselves at night, so that every\n"
        "copy is read once in ingest.scrub_nights nights. Each damaged file is named, with the copy that was right last; no verdict that counted on it\n"
        "holds any more. Reading changes nothing.\n\n"
        "--repair shows what would be put in the place of one; with --yes a good copy is read, hashed, written beside it, read back, and given its name;\n"
        "the damaged file becomes NAME.damaged-DATE. --undo puts that back. Nothing is overwritten.\n\n"
        "Exit 5 where damage is known, 1 where --all could not reach everything, 4 where no disk with a good copy is there.\n"
        'With --json: {"files","bytes","rotten":[{"id","path","card","place","why","found","good":{"place","path","proven"},"repair"}],"away":[{"path","why"}],\n'
        '"left":[{"path","why"}]}; a preview: {"path","why","sources":[…]}; a repair: {"repair","path","beside","source","manifest","not_recorded"}',
    )
    parser.add_argument("--all", action="store_true", help="everything that can be reached")
    parser.add_argument(
        "--repair", metavar="FILE", help="a damaged file: its id, its path, or the end of it"
    )
    parser.add_argument("--yes", action="store_true", help="do it; without, --repair only shows")
    parser.add_argument("--undo", metavar="REPAIR", help="put the damaged file of a repair back")
    parser.add_argument(
        "--forget",
        metavar="FILE",
        help="say that a damaged or missing copy is not kept there any more; nothing on the disk is touched",
    )
    parser.set_defaults(run=_scrub)


def _scrub(services: "Services", args: argparse.Namespace, out: Output) -> int:
    if sum(one is not None for one in (args.repair, args.undo, args.forget)) > 1:
        raise UsageError("--repair, --undo and --forget do not go together")
    if args.yes and args.repair is None:
        raise UsageError("--yes goes with --repair")
    if args.undo is not None:
        return _done(services.scrub.undo(args.undo, cancel=out.gone), out, undone=True)
    if args.forget is not None:
        gone = services.scrub.forget(args.forget)
        out.answer({"path": gone.absolute}, f"{shown(gone.absolute)} is not counted on any more.")
        return 0
    if args.repair is not None:
        planned = services.scrub.plan_repair(args.repair)
        if args.yes:
            return _done(services.scrub.repair(planned, cancel=out.gone), out)
        out.answer(_planned(planned), _planned_lines(planned))
        return 0
    report = services.scrub.run(every=args.all, cancel=out.gone)
    return _told(report, services.scrub.damaged(), out, every=args.all)


def _told(report: "ScrubReport", rotten: list[Rotten], out: Output, *, every: bool) -> int:
    out.answer(
        {
            "files": report.files,
            "bytes": report.bytes,
            "rotten": [_shape(one) for one in rotten],
            "away": [{"path": path, "why": why} for path, why in report.away],
            "left": [{"path": path, "why": why} for path, why in report.left],
        },
        [
            *(line for one in rotten for line in _lines(one)),
            *(f"not read: {shown(path)}: {why}" for path, why in (*report.away, *report.left)),
            f"{counted(report.files, 'file')} read, {report.bytes:,} bytes. "
            + (f"{counted(len(rotten), 'file')} damaged." if rotten else "No damage is known."),
        ],
    )
    if rotten:
        return 5
    return 1 if every and (report.away or report.left) else 0


def _shape(one: Rotten) -> dict[str, Any]:
    short = one.unfinished
    return {
        "id": one.copy.id,
        "path": one.copy.absolute,
        "card": one.copy.card,
        "place": one.copy.place,
        "why": one.copy.said,
        "found": clock.utc_text(one.copy.at_ms),
        "good": _good(one.good) if one.good else None,
        "repair": {"id": short.id, "state": short.state.value} if short else None,
    }


def _good(one: GoodCopy) -> dict[str, Any]:
    proven = clock.utc_text(one.proven_ms) if one.proven_ms else None
    return {"place": one.place, "path": one.absolute, "proven": proven}


def _lines(one: Rotten) -> list[str]:
    lines = [
        f"DAMAGED {one.copy.id} {shown(one.copy.absolute)}",
        f"    {shown(one.copy.card)} on {shown(one.copy.place)}, found at {clock.utc_text(one.copy.at_ms)}: {one.copy.said}",
    ]
    if one.good is None:
        lines.append("    no other copy is known to be right")
    else:
        lines.append(f"    right last: {_source_line(one.good)}")
    short = one.unfinished
    if short is not None and short.state is RepairState.BEGUN:
        lines.append(f"    its repair was cut short: rushes scrub --repair {one.copy.id} --yes")
    elif short is not None:
        lines.append(f"    its undo was cut short: rushes scrub --undo {short.id[-8:]}")
    else:
        lines.append(f"    rushes scrub --repair {one.copy.id}")
    return lines


def _source_line(one: GoodCopy) -> str:
    when = (
        f"read back at {clock.utc_text(one.proven_ms)}" if one.proven_ms else "never read back yet"
    )
    return f"{shown(one.place)}, {when}: {shown(one.absolute)}"


def _planned(planned: "RepairPlan") -> dict[str, Any]:
    copy = planned.rotten.copy
    return {
        "id": copy.id,
        "path": copy.absolute,
        "why": copy.said,
        "size": copy.size,
        "hash": copy.hash,
        "sources": [_good(one) for one in planned.sources],
    }


def _planned_lines(planned: "RepairPlan") -> list[str]:
    copy = planned.rotten.copy
    return [
        f"{shown(copy.absolute)}: {copy.said}",
        f"is replaced by {copy.size:,} bytes, the first of these that has them right:",
        *(f"  {_source_line(one)}" for one in planned.sources),
        f"They are compared with the xxh128 of the card ({copy.hash}) when they are read, and again read back from {shown(copy.place)}.",
        "The damaged file stays beside it as NAME.damaged-DATE. Nothing was done yet: add --yes.",
    ]


def _done(found: "Repaired", out: Output, *, undone: bool = False) -> int:
    out.answer(
        {
            "repair": found.id,
            "path": found.path,
            "beside": found.beside or None,
            "source": found.source or None,
            "manifest": found.manifest or None,
            "not_recorded": found.not_recorded or None,
        },
        [
            f"{shown(found.path)} is {'the damaged file again' if undone else 'good again'}.",
            *([f"from {shown(found.source)}"] if found.source and not undone else []),
            *([f"beside it: {shown(found.beside)}"] if found.beside else []),
            f"Recorded in {shown(found.manifest)}."
            if found.manifest
            else f"Not recorded in its hash list: {found.not_recorded}",
            *([] if undone else [f"Undo: rushes scrub --undo {found.id[-8:]}"]),
        ],
    )
    return 0
