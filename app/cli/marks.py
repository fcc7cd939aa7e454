"""`mark` and `subclip`."""

import argparse

from app.cli import shapes
from app.cli.output import Output, shown
from app.cli.parsing import Commands
from app.cli.positions import clip_of, frame_of
from app.core.review.marks import COLOURS
from app.core.services import Services


def register(commands: Commands) -> None:
    """Adds the commands."""
    for noun, words in (
        ("mark", "markers and ranges: add, list, delete"),
        ("subclip", "subclips: add, list, delete"),
    ):
        parser = commands.add_parser(noun, help=words, description=words.capitalize() + ".")
        verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
        add = verbs.add_parser("add", help="set one", description="Sets one.")
        add.add_argument(
            "clip", metavar="CLIP", help="id, the unique start or end of it, or unique name"
        )
        add.add_argument("--at", required=True, metavar="TC", help="timecode, @FRAME or +SECONDSs")
        add.add_argument("--to", metavar="TC", required=noun == "subclip", help="end, exclusive")
        add.add_argument("--name", default="", help="its name")
        add.add_argument("--colour", choices=COLOURS, default="blue", help="its colour (blue)")
        add.add_argument("--category", default="", help="its category")
        add.add_argument("--text", default="", help="its words")
        add.set_defaults(run=_add, sort="subclip" if noun == "subclip" else "")
        listing = verbs.add_parser(
            "list", help="a clip's", description="Those of a clip, by frame."
        )
        listing.add_argument(
            "clip", metavar="CLIP", help="id, the unique start or end of it, or unique name"
        )
        listing.set_defaults(run=_list, sort=noun)
        delete = verbs.add_parser(
            "delete",
            help="hide one; undo brings it back",
            description="Hides one; undo brings it back.",
        )
        delete.add_argument("mark", metavar="ID", help="its id")
        delete.set_defaults(run=_delete)


def _add(services: Services, args: argparse.Namespace, out: Output) -> int:
    clip = clip_of(services, args.clip)
    end = frame_of(clip, args.to, end=True) if args.to else None
    mark = services.marks.add(
        clip.id,
        frame_of(clip, args.at),
        end,
        sort=args.sort,
        name=args.name,
        colour=args.colour,
        category=args.category,
        text=args.text,
    )
    shaped = shapes.mark(mark, clip)
    out.answer(
        shaped, f"{shaped['start']} – {shaped['end']}  {mark.sort}  {shown(mark.name)}  ({mark.id})"
    )
    return 0


def _list(services: Services, args: argparse.Namespace, out: Output) -> int:
    clip = clip_of(services, args.clip)
    found = [
        shapes.mark(m, clip)
        for m in services.marks.of_clip(clip.id)
        if (m.sort == "subclip") == (args.sort == "subclip")
    ]
    out.answer(
        {f"{args.sort}s": found},
        [f"{m['start']} – {m['end']}  {m['sort']}  {shown(m['name'])}  ({m['id']})" for m in found]
        or ["None."],
    )
    return 0


def _delete(services: Services, args: argparse.Namespace, out: Output) -> int:
    services.marks.delete(args.mark)
    out.answer({"deleted": args.mark}, "Hidden. “rushes undo” brings it back.")
    return 0
