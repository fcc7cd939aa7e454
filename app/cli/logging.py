"""`rate`, `circle`, `tag`: the log of a clip."""

import argparse

from app.cli.output import Output
from app.cli.parsing import Commands
from app.cli.positions import clip_of
from app.core.services import Services


def register(commands: Commands) -> None:
    """Adds the commands."""
    rate = commands.add_parser(
        "rate", help="0 to 5 stars", description="Rates a clip: 0 (none) to 5 stars."
    )
    rate.add_argument(
        "clip", metavar="CLIP", help="id, the unique start or end of it, or unique name"
    )
    rate.add_argument("rating", metavar="N", type=int, help="0 to 5")
    rate.set_defaults(run=_rate)
    circle = commands.add_parser(
        "circle",
        help="a select: wanted in the cut",
        description="Circles a clip: wanted in the cut. Not an approval.",
    )
    circle.add_argument(
        "clip", metavar="CLIP", help="id, the unique start or end of it, or unique name"
    )
    circle.add_argument("--off", action="store_true", help="take the circle away")
    circle.set_defaults(run=_circle)
    tag = commands.add_parser(
        "tag",
        help="keywords: +word adds, -word takes away",
        description="Adds (+word) and takes away (-word) keywords.",
    )
    tag.add_argument(
        "clip", metavar="CLIP", help="id, the unique start or end of it, or unique name"
    )
    tag.add_argument("words", metavar="+WORD|-WORD", nargs="+", type=_signed, help="keywords")
    tag.set_defaults(run=_tag)


def _rate(services: Services, args: argparse.Namespace, out: Output) -> int:
    clip = clip_of(services, args.clip)
    services.log.rate([clip.id], args.rating)
    out.answer(
        {"clip": clip.id, "rating": args.rating}, f"{clip.name}: {'★' * args.rating or 'no rating'}"
    )
    return 0


def _circle(services: Services, args: argparse.Namespace, out: Output) -> int:
    clip = clip_of(services, args.clip)
    services.log.circle([clip.id], not args.off)
    out.answer(
        {"clip": clip.id, "circled": not args.off},
        f"{clip.name}: {'not circled' if args.off else 'circled'}",
    )
    return 0


def _tag(services: Services, args: argparse.Namespace, out: Output) -> int:
    clip = clip_of(services, args.clip)
    services.log.tag(
        [clip.id],
        [w[1:] for w in args.words if w[0] == "+"],
        [w[1:] for w in args.words if w[0] == "-"],
    )
    words = services.log.of_clip(clip.id).tags
    out.answer(
        {"clip": clip.id, "keywords": list(words)},
        f"{clip.name}: {', '.join(words) or 'no keywords'}",
    )
    return 0


def _signed(word: str) -> str:
    if word[:1] not in ("+", "-") or len(word) < 2:
        raise argparse.ArgumentTypeError(f"{word!r} begins with neither + nor -, or ends there")
    return word
