"""`offload`: a card copied to several destinations in one read, read back, and recorded."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from app.cli.output import Output, counted, shown, table
from app.cli.parsing import Commands, UsageError
from app.core.model.errors import Refused, RushesError
from app.core.model.offloads import (
    CopyState,
    EntryState,
    LegState,
    Offload,
    OffloadEntry,
    OffloadState,
    Verify,
)
from app.core.platform import clock

if TYPE_CHECKING:
    from app.core.ingest.offload_plan import OffloadPlan
    from app.core.services import Services

_EVERY: Final = 5_000_000_000
"""Nanoseconds between two lines of progress."""
_MORE: Final = ("md5", "sha1", "c4", "xxh3")
_MOST: Final = 20


def register(commands: Commands) -> None:
    """Adds the command."""
    parser = commands.add_parser(
        "offload",
        help="a card to several destinations, verified",
        description="Copies a whole card, or any folder, to one folder on each destination: every file is read once, written to all of them, made durable,\n"
        "read back from its disk, and read on the card a second time. A hash list (ASC MHL) is written beside each copy. What is there already is not copied\n"
        "again; what has other content is never overwritten: the card then goes to a new folder (“A003__2”). A destination that fails is parked, and the\n"
        "others go on; --go-on finishes it, from a destination that is proven where the card is not in any more. Nothing is ever written on the card.\n"
        "Exit 1 where something is left, named; 3 or 4 where it cannot begin.\n"
        'With --json: {"id","name","card","title","source","verify","state","problem","files","bytes","legs":[{"name","root","folder","state","problem","device",\n'
        '"copied","verified","manifest"}],"wrong":[{"path","why","leg"}],"left_out":[{"path","why"}],"problems":[…]}',
    )
    parser.add_argument(
        "source", metavar="SOURCE", nargs="?", help="the folder the card is mounted on"
    )
    parser.add_argument(
        "--to",
        metavar="DIR",
        action="append",
        default=[],
        help="a destination; repeat it for more. The card gets a folder of its own there",
    )
    parser.add_argument(
        "--then",
        metavar="DIR",
        action="append",
        default=[],
        help="a slower destination: it is copied from the first --to once that is read back, and compared with what the card gave",
    )
    _choices(parser)
    parser.add_argument(
        "--plan", action="store_true", help="say what would be done, and do nothing"
    )
    parser.add_argument("--list", action="store_true", help="every offload, and how it stands")
    parser.add_argument("--show", metavar="OFFLOAD", help="one offload, by id or card name")
    parser.add_argument(
        "--go-on", metavar="OFFLOAD", help="try again what failed or was parked, and finish it"
    )
    parser.add_argument(
        "--stop",
        metavar="OFFLOAD",
        help="give an offload up; what was copied stays where it is, and --go-on takes it up again",
    )
    parser.set_defaults(run=_offload)


def _choices(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--name",
        metavar="TEMPLATE",
        default="",
        help="how that folder is called: {project}/{shootday}/{card}; also {date} {cam} {reel} {counter:03}",
    )
    parser.add_argument(
        "--hash",
        metavar="NAMES",
        default="",
        help=f"hashes beside xxh64 and xxh128, with commas: {', '.join(_MORE)}",
    )
    parser.add_argument(
        "--verify",
        choices=[one.value for one in Verify],
        default=Verify.TWICE.value,
        help="twice: copies read back and source read twice (the default); copies: copies read back; nothing: copied, not verified",
    )
    parser.add_argument(
        "--own-device",
        metavar="DIR",
        action="append",
        default=[],
        help="says that this destination is a device of its own, where the system cannot tell",
    )
    parser.add_argument(
        "--legacy-mhl",
        action="store_true",
        help="also write a legacy MHL 1.1 into each finished copy",
    )


def _offload(services: "Services", args: argparse.Namespace, out: Output) -> int:
    if args.list:
        return _list(services, out)
    if args.show:
        return _told(services, services.offloads.get(args.show), out)
    if args.stop:
        services.offloads.stop(args.stop)
        found = services.offloads.get(args.stop)
        entries = services.offloads.entries(found.id)
        out.answer(_shape(found, entries), f"{shown(found.name)}: given up")
        return 0
    if args.go_on:
        return _carry_out(services, services.offloads.go_on(args.go_on).id, args, out)
    if not args.source or not args.to:
        raise UsageError(
            "give a SOURCE and at least one --to DIR, or --list, --show, --go-on, --stop"
        )
    planned = _plan(services, args, out)
    if args.plan:
        out.answer(_planned(planned), _planned_lines(planned))
        return 3 if planned.problems else 0
    return _carry_out(services, services.offloads.begin(planned), args, out)


def _plan(services: "Services", args: argparse.Namespace, out: Output) -> "OffloadPlan":
    from app.core.files.digests import NAMES, HashName
    from app.core.ingest.offload_plan import Choices

    asked = [word.strip() for word in args.hash.split(",") if word.strip()]
    hashes: list[HashName] = [name for name in NAMES if name in asked]
    if unknown := [word for word in asked if word not in NAMES]:
        raise Refused(
            "Unknown hash", f"{unknown[0]!r} is none.", subject=unknown[0], choices=tuple(NAMES)
        )
    project = services.projects.current()
    return services.offloads.plan(
        out.path(args.source),
        [out.path(one) for one in (*args.to, *args.then)],
        Choices(
            template=args.name,
            verify=Verify(args.verify),
            hashes=tuple(hashes),
            project_id=project.id,
            project=project.name,
            counter=services.offloads.next_number(project.id),
            then=tuple(str(out.path(one).resolve()) for one in args.then),
            own_device=tuple(str(out.path(one).resolve()) for one in args.own_device),
            by=services.projects.current_actor().name or "the person at this desk",
        ),
        cancel=out.gone,
    )


def _carry_out(services: "Services", offload_id: str, args: argparse.Namespace, out: Output) -> int:
    meter = _Meter(out)
    try:
        services.offloads.run(offload_id, cancel=out.gone, told=meter.told)
    except RushesError:
        found = services.offloads.get(offload_id)
        if found.state is OffloadState.WANTED:
            out.say(f"It goes on with: rushes offload --go-on {found.id}")
        raise
    if args.legacy_mhl:
        for path in services.offloads.legacy_lists(offload_id):
            out.say(f"legacy hash list: {shown(str(path))}")
    return _told(services, services.offloads.get(offload_id), out)


class _Meter:
    """Words on the way, now and then."""

    def __init__(self, out: Output) -> None:
        self._out = out
        self._last = clock.monotonic_ns()

    def told(self, done: int, total: int) -> None:
        """(bytes done, bytes in all)."""
        now = clock.monotonic_ns()
        if total and now - self._last > _EVERY:
            self._last = now
            self._out.say(f"{100 * done // total} %: {done:,} of {total:,} bytes read")


def _list(services: "Services", out: Output) -> int:
    every = services.offloads.every()
    rows = [(one.id[-8:], shown(one.name), one.title, _state(one)) for one in every]
    lines = table([("id", "card", "kind", "state"), *rows]) if rows else ["No offloads yet."]
    out.answer(
        {"offloads": [_shape(one, services.offloads.entries(one.id)) for one in every]}, lines
    )
    return 0


def _told(services: "Services", found: Offload, out: Output) -> int:
    entries = services.offloads.entries(found.id)
    out.answer(_shape(found, entries), _lines(found, entries))
    return 0 if found.state is OffloadState.DONE and not found.left_out else 1


def _state(one: Offload) -> str:
    if one.state is OffloadState.WANTED:
        parked = [leg.name for leg in one.legs if leg.state is LegState.PARKED]
        if all(leg.state is LegState.DONE for leg in one.legs):
            return "copies read back; the card is still to be read again"
        return f"parked: {', '.join(parked)}" if parked else "under way"
    return one.verify.words if one.state is OffloadState.DONE else one.state.value


def _shape(one: Offload, entries: Sequence[OffloadEntry]) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.name,
        "card": one.type or None,
        "title": one.title,
        "source": one.source,
        "verify": one.verify.value,
        "state": one.state.value,
        "problem": one.problem or None,
        "files": len(entries),
        "bytes": sum(entry.size for entry in entries),
        "legs": [
            {
                "name": leg.name,
                "root": leg.root,
                "folder": leg.folder,
                "state": leg.state.value,
                "problem": leg.problem or None,
                "device": leg.device.name or leg.device.key,
                "copied": sum(leg.id in e.copies for e in entries),
                "verified": sum(_at(e, leg.id) is CopyState.VERIFIED for e in entries),
                "manifest": leg.manifest or None,
            }
            for leg in one.legs
        ],
        "wrong": [{"path": p, "why": why, "leg": leg} for p, why, leg in _wrong(one, entries)],
        "left_out": [{"path": path, "why": why} for path, why in one.left_out],
    }


def _at(entry: OffloadEntry, leg_id: str) -> CopyState | None:
    return entry.copies.get(leg_id, (None, ""))[0]


def _wrong(one: Offload, entries: Sequence[OffloadEntry]) -> list[tuple[str, str, str | None]]:
    """(path, why, destination) of files that are not as they must be."""
    found: list[tuple[str, str, str | None]] = [
        (entry.path, entry.problem, None)
        for entry in entries
        if entry.state in (EntryState.DIFFERS, EntryState.UNREADABLE)
    ]
    for leg in one.legs:
        found += [
            (entry.path, entry.copies[leg.id][1], leg.name)
            for entry in entries
            if _at(entry, leg.id) in (CopyState.DIFFERS, CopyState.FAILED)
        ]
    return found


def _lines(one: Offload, entries: Sequence[OffloadEntry]) -> list[str]:
    size = sum(entry.size for entry in entries)
    lines = [f"{shown(one.name)}: {one.title}, {counted(len(entries), 'file')}, {size:,} bytes"]
    for leg in one.legs:
        verified = sum(_at(entry, leg.id) is CopyState.VERIFIED for entry in entries)
        copied = sum(_at(e, leg.id) in (CopyState.COPIED, CopyState.VERIFIED) for e in entries)
        mark = {LegState.DONE: "✓", LegState.OPEN: "·", LegState.PARKED: "✕"}[leg.state]
        lines.append(
            f"{mark} {shown(leg.name)}: {copied} copied, {verified} read back  {shown(str(Path(leg.root) / leg.folder))}"
        )
        if leg.problem:
            lines.append(f"    {leg.problem}")
    wrong = _wrong(one, entries)
    lines += [
        f"✕ {f'{leg}: ' if leg else ''}{shown(path)}: {why}" for path, why, leg in wrong[:_MOST]
    ]
    lines += [f"✕ not copied: {shown(path)} ({why})" for path, why in one.left_out[:_MOST]]
    if one.state is OffloadState.DONE:
        lines.append(f"✓ {one.verify.words}")
        lines.append("Whether the card may be erased: rushes card SOURCE --verdict")
    else:
        lines.append(f"Not finished. Go on with: rushes offload --go-on {one.id[-8:]}")
    return lines


def _planned(planned: "OffloadPlan") -> dict[str, Any]:
    return {
        "name": planned.wanted.name,
        "card": planned.wanted.type or None,
        "title": planned.wanted.title,
        "source": planned.wanted.source,
        "verify": planned.wanted.verify.value,
        "files": len(planned.contents.files),
        "bytes": planned.size,
        "legs": [
            {
                "name": one.leg.name,
                "root": one.leg.root,
                "folder": one.leg.folder,
                "already": one.already,
                "device": one.leg.device.name or one.leg.device.key,
                "own_device": one.other_device or bool(one.leg.said_by),
            }
            for one in planned.legs
        ],
        "left_out": [{"path": path, "why": why} for path, why in planned.wanted.left_out],
        "problems": [
            {"kind": one.kind, "message": one.error.message, "todo": one.error.todo}
            for one in planned.problems
        ],
    }


def _planned_lines(planned: "OffloadPlan") -> list[str]:
    files = counted(len(planned.contents.files), "file")
    return [
        f"{planned.wanted.title}, {files}, {planned.size:,} bytes: {planned.wanted.verify.words}",
        *(
            f"→ {shown(str(Path(one.leg.root) / one.leg.folder))}  {one.already} there already"
            + (
                ""
                if one.other_device or one.leg.said_by
                else ", not proven to be a device of its own"
            )
            for one in planned.legs
        ),
        *(f"✕ not copied: {shown(path)} ({why})" for path, why in planned.wanted.left_out),
        *(f"✕ {one.error.message} {one.error.todo}".rstrip() for one in planned.problems),
    ]
