"""`volume` and `scan`."""

import argparse
from typing import Any

from app.cli import shapes
from app.cli.output import Output, counted, shown, table
from app.cli.parsing import Commands, Parser
from app.core.ingest.scanning import ScanReport
from app.core.ingest.volumes import KINDS
from app.core.model.entities import Volume
from app.core.model.media import Derive
from app.core.services import Services


def register(commands: Commands) -> None:
    """Adds the commands."""
    noun = commands.add_parser(
        "volume",
        help="watched folders: add, list, map, forget, set",
        description="Folders that Rushes watches.",
    )
    verbs = noun.add_subparsers(dest="verb", metavar="VERB", required=True)
    _register_add(verbs)
    verbs.add_parser(
        "list", help="all volumes and their health", description="All volumes."
    ).set_defaults(run=_list)
    mapping = verbs.add_parser(
        "map",
        help="say where a volume is on this machine",
        description="Says where a volume is on this machine.",
    )
    _which(mapping)
    mapping.add_argument("dir", metavar="DIR", help="where it is mounted now")
    mapping.set_defaults(run=_map)
    forget = verbs.add_parser(
        "forget", help="stop watching", description="Stops watching a volume. No file is touched."
    )
    _which(forget)
    forget.set_defaults(run=_forget)
    _register_set(verbs)
    scan = commands.add_parser(
        "scan",
        help="look at volumes now",
        description="Scans volumes (all when none is named) and puts their clips together.",
    )
    scan.add_argument("volumes", nargs="*", metavar="VOLUME", help="id, its start, or name")
    scan.set_defaults(run=_scan)


def _which(parser: Parser) -> None:
    parser.add_argument("volume", metavar="ID", help="the volume: id, its start, or name")


def _register_add(verbs: Commands) -> None:
    add = verbs.add_parser(
        "add",
        help="begin to watch a folder",
        description="Lists the folder's clips; nothing is written to it.",
    )
    add.add_argument("dir", metavar="DIR", help="the folder")
    add.add_argument(
        "--name", default="", help="what it is called; the folder's name when left out"
    )
    add.add_argument(
        "--kind", choices=KINDS, default="", help="found from the filesystem when left out"
    )
    add.add_argument(
        "--derive",
        choices=[d.value for d in Derive],
        help="how much is made of its clips: all on local volumes, posters on network ones",
    )
    add.set_defaults(run=_add)


def _register_set(verbs: Commands) -> None:
    options = verbs.add_parser(
        "set",
        help="change what was chosen for it",
        description="Changes what was chosen for a volume.",
    )
    _which(options)
    options.add_argument("--name", help="what it is called")
    options.add_argument(
        "--derive", choices=[d.value for d in Derive], help="how much is made of its clips"
    )
    options.add_argument(
        "--read-cap",
        type=int,
        metavar="MB",
        help="most that is read for derived work, MB/s; 0: no limit",
    )
    options.add_argument(
        "--hours", help="hours for derived work, such as 19:00-07:00; empty: always"
    )
    options.set_defaults(run=_set)


def _add(services: Services, args: argparse.Namespace, out: Output) -> int:
    volume = services.volumes.add(
        out.path(args.dir),
        name=args.name,
        kind=args.kind,
        derive=Derive(args.derive) if args.derive else None,
    )
    report = services.scanner.scan(volume.id)
    services.assembling.all_now(volume.id)
    services.scans.last[volume.id] = report
    services.tend()
    volume = services.volumes.get(volume.id)
    out.answer(
        {"volume": shapes.volume(volume), **_counts([report])},
        [
            f"{volume.name}: {_clips(volume)} in {counted(volume.files, 'file')}",
            f"derives: {volume.derive.value}",
        ],
    )
    return 0


def _list(services: Services, _args: argparse.Namespace, out: Output) -> int:
    for volume in services.volumes.every():
        services.volumes.look(volume)
    services.tend()
    volumes = services.volumes.every()
    out.answer(
        {"volumes": [shapes.volume(v) for v in volumes]},
        table([_row(v) for v in volumes]) or ["No volume yet: “rushes volume add DIR”."],
    )
    return 0


def _row(volume: Volume) -> tuple[str, ...]:
    return (
        volume.id,
        shown(volume.name),
        volume.kind,
        "online" if volume.online else "offline",
        _clips(volume),
        volume.watcher,
        shown(volume.mount or ""),
    )


def _clips(volume: Volume) -> str:
    """`17 clips, 4 of them copies`: known once the files were read whole."""
    copies = f", {volume.copies} of them copies" if volume.copies else ""
    return f"{counted(volume.held, 'clip')}{copies}"


def _map(services: Services, args: argparse.Namespace, out: Output) -> int:
    volume = services.volumes.map(args.volume, out.path(args.dir))
    out.answer(
        {"volume": shapes.volume(volume)}, f"{volume.name} is at {shown(volume.mount or '')}"
    )
    return 0


def _forget(services: Services, args: argparse.Namespace, out: Output) -> int:
    volume = services.volumes.forget(args.volume)
    services.tend()
    out.answer(
        {"forgotten": volume.id, "name": volume.name},
        f"{volume.name} is not watched any more; no file was touched.",
    )
    return 0


def _set(services: Services, args: argparse.Namespace, out: Output) -> int:
    volume = services.volumes.change(
        args.volume,
        name=args.name,
        derive=Derive(args.derive) if args.derive else None,
        read_cap=None if args.read_cap is None else args.read_cap * 1_000_000,
        hours=args.hours,
    )
    services.tend()
    out.answer({"volume": shapes.volume(volume)}, f"{volume.name}: changed")
    return 0


def _scan(services: Services, args: argparse.Namespace, out: Output) -> int:
    wanted = [services.volumes.get(words) for words in args.volumes] or services.volumes.every()
    reports: list[ScanReport] = []
    for volume in wanted:
        report = services.scanner.scan(volume.id)
        services.scans.last[volume.id] = report
        if not report.online:
            out.say(f"{volume.name}: {report.reason}")
        reports.append(report)
    services.assembling.all_now()
    known = [services.volumes.get(volume.id) for volume in wanted]
    counts: dict[str, Any] = {**_counts(reports), "copies": sum(v.copies for v in known)}
    out.answer(
        counts,
        [
            f"{counts['seen']} files seen, {counts['new']} new, {counts['changed']} changed, {counts['moved']} moved,"
            f" {counts['missing']} missing",
            *(f"{shown(v.name)}: {_clips(v)}" for v in known if v.copies),
            *(f"skipped {shown(s['path'])}: {s['reason']}" for s in counts["skipped"]),
        ],
    )
    return 1 if any(not report.online for report in reports) else 0


def _counts(reports: list[ScanReport]) -> dict[str, Any]:
    return {
        **{
            name: sum(getattr(report, name) for report in reports)
            for name in ("seen", "new", "changed", "moved", "missing")
        },
        "skipped": [
            {"path": s.path, "reason": s.reason} for report in reports for s in report.skipped
        ],
        "offline": [
            {"volume": report.volume_id, "reason": report.reason}
            for report in reports
            if not report.online
        ],
    }
