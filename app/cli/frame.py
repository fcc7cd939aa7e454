"""`frame`: that exact frame as a PNG."""

import argparse

from app.cli.output import Output
from app.cli.parsing import Commands
from app.cli.positions import clip_of, frame_of
from app.core.services import Services


def register(commands: Commands) -> None:
    """Adds the command."""
    parser = commands.add_parser(
        "frame",
        help="that exact frame as a PNG",
        description="Writes that exact frame of the original: full size, upright.",
    )
    parser.add_argument(
        "clip", metavar="CLIP", help="id, the unique start or end of it, or unique name"
    )
    parser.add_argument(
        "--at", default="@0", metavar="TC", help="timecode, @FRAME or +SECONDSs (@0)"
    )
    parser.add_argument("-o", "--out", required=True, metavar="FILE.png", help="the file to write")
    parser.add_argument(
        "--replace", action="store_true", help="a file of this name may be replaced"
    )
    parser.add_argument("--proxy", action="store_true", help="of the proxy instead")
    parser.set_defaults(run=_frame)


def _frame(services: Services, args: argparse.Namespace, out: Output) -> int:
    clip = clip_of(services, args.clip)
    number = frame_of(clip, args.at)
    path = out.path(args.out)
    services.frames.png(clip.id, number, path, proxy=args.proxy, replace=args.replace)
    out.answer(
        {"clip": clip.id, "frame": number, "label": clip.label(number), "path": str(path)},
        f"{clip.name} {clip.label(number)}: {path}",
    )
    return 0
