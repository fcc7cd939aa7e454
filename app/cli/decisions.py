"""`approve` and `reject`: the word on a version."""

import argparse

from app.cli.output import Output
from app.cli.parsing import Commands
from app.cli.positions import clip_of
from app.core.services import Services


def register(commands: Commands) -> None:
    """Adds the commands."""
    for verb, verdict in (("approve", "approved"), ("reject", "rejected")):
        parser = commands.add_parser(
            verb,
            help=f"say that a version is {verdict}",
            description=f"Says that a version is {verdict}; bound to its bytes. Nothing is sent by this alone.",
        )
        parser.add_argument(
            "clip", metavar="CLIP", help="id, the unique start or end of it, or unique name"
        )
        parser.add_argument("--comment", default="", help="why")
        parser.add_argument("--withdraw", action="store_true", help="take your word back")
        parser.set_defaults(run=_decide, verdict=verdict)


def _decide(services: Services, args: argparse.Namespace, out: Output) -> int:
    clip = clip_of(services, args.clip)
    if args.withdraw:
        services.decisions.withdraw([clip.id])
        sent = services.sync.withdrawn([clip.id])
        out.answer(
            {"clip": clip.id, "verdict": None, "sent": sent},
            [f"{clip.name}: withdrawn", *(f"already there: {s}" for s in sent)],
        )
        return 0
    decision = services.decisions.decide([clip.id], args.verdict, args.comment)[0]
    pending = " (pending hash: bound when the file has been read whole)" if decision.pending else ""
    if decision.disputed:
        pending += " (disputed: another person said otherwise, not knowing of this; “rushes show” has both)"
    out.answer(
        {
            "clip": clip.id,
            "verdict": decision.verdict,
            "disputed": decision.disputed,
            "hash": decision.hash or None,
            "pending": decision.pending,
            "by": decision.by_name,
        },
        f"{clip.name}: {decision.verdict}{pending}",
    )
    return 0
