"""`export`: clips as a timeline for editing programs."""

import argparse

from app.cli.output import Output, counted
from app.cli.parsing import Commands
from app.cli.positions import clip_of, frame_of
from app.core.post.timelines import FORMATS, Choice
from app.core.services import Services


def register(commands: Commands) -> None:
    """Adds the command."""
    parser = commands.add_parser(
        "export",
        help="clips as a timeline: otio, otioz",
        description="Writes clips (their in and out, where marked) as a timeline with source timecode, original, proxy and notes.",
    )
    parser.add_argument(
        "clips",
        nargs="+",
        metavar="CLIP",
        help="id, the unique start or end of it, or unique name, in order",
    )
    parser.add_argument(
        "--format",
        choices=FORMATS,
        default="otio",
        help="otio (links) or otioz (with the proxies) (otio)",
    )
    parser.add_argument("-o", "--out", required=True, metavar="FILE", help="the file to write")
    parser.add_argument(
        "--replace", action="store_true", help="a file of this name may be replaced"
    )
    parser.add_argument("--from", dest="begin", metavar="TC", help="of one clip: from here")
    parser.add_argument("--to", metavar="TC", help="of one clip: up to here, exclusive")
    parser.add_argument("--whole", action="store_true", help="whole clips, whatever is marked")
    parser.set_defaults(run=_export)


def _export(services: Services, args: argparse.Namespace, out: Output) -> int:
    choices: list[Choice] = []
    for words in args.clips:
        clip = clip_of(services, words)
        start = frame_of(clip, args.begin) if args.begin and len(args.clips) == 1 else None
        end = frame_of(clip, args.to, end=True) if args.to and len(args.clips) == 1 else None
        choices.append(Choice(clip.id, start, end))
    done = services.timelines.export(
        choices, out.path(args.out), form=args.format, marked=not args.whole, replace=args.replace
    )
    for name in done.left_out:
        out.say(
            f"left out: {name} has no picture or sound of a known length, or a file of it has none"
        )
    out.answer(
        {
            "path": str(done.path),
            "clips": done.clips,
            "markers": done.markers,
            "left_out": list(done.left_out),
        },
        f"{done.path}: {counted(done.clips, 'clip')}, {counted(done.markers, 'marker')}",
    )
    return 1 if done.left_out else 0
