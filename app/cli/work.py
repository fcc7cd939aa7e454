"""`work`: what is due, running and failed."""

import argparse

from app.cli.output import Output, reason, shown
from app.cli.parsing import Commands
from app.cli.waiting import short_of_room, waiting
from app.core.catalog import attempts
from app.core.model.errors import Refused
from app.core.services import Services


def register(commands: Commands) -> None:
    """Adds the commands."""
    noun = commands.add_parser(
        "work",
        help="what is due, running, failed and why; retry",
        description="What is due, running, failed and why.",
    )
    noun.add_argument("--failed", action="store_true", help="failures alone")
    noun.set_defaults(run=_work)
    verbs = noun.add_subparsers(dest="verb", metavar="VERB")
    retry = verbs.add_parser(
        "retry", help="try a failure again", description="Lets a failure be tried again."
    )
    retry.add_argument("key", metavar="KEY", help="its key, or “all”")
    retry.set_defaults(run=_retry)


def _work(services: Services, args: argparse.Namespace, out: Output) -> int:
    with services.catalog.read() as reader:
        failures = attempts.every(reader)
    failed = [
        {
            "key": a.key,
            "recipe": a.recipe,
            "name": shown(a.name),
            "tries": a.tries,
            "stopped": a.stopped,
            "at": a.at_ms,
            "error": dict(a.error),
        }
        for a in failures
    ]
    short, no_room = short_of_room(services)
    if args.failed:
        out.answer(
            {"failed": failed, "room": short},
            [*no_room, *(line for a in failures for line in reason(a))] or ["Nothing failed."],
        )
        return 0
    due = {
        recipe: [{"subject": s.id, "name": shown(s.name), "lane": s.lane} for s in subjects]
        for recipe, subjects in services.engine.due().items()
        if subjects
    }
    running = [
        {"key": j.key, "name": shown(j.subject.name), "done": j.done, "total": j.total}
        for j in services.engine.jobs()
    ]
    later, words = waiting(services)
    full = services.health.full
    lines = [
        *([f"{full.title}. {full.todo}"] if full else []),
        *(f"running {j['key']} {j['name']} {j['done']}/{j['total']}" for j in running),
        *(f"due {recipe}: {len(s)}" for recipe, s in due.items()),
        *words,
        *no_room,
        *(line for a in failures for line in reason(a, "failed ")),
    ]
    out.answer(
        {
            "due": due,
            "running": running,
            "waiting": later,
            "room": short,
            "failed": failed,
            "paused": services.engine.paused,
        },
        lines or ["Nothing to do."],
    )
    return 0


def _retry(services: Services, args: argparse.Namespace, out: Output) -> int:
    everything = args.key == "all"
    count = services.engine.ensure_all() if everything else int(services.engine.ensure(args.key))
    if not count and not everything:
        raise Refused(
            "Unknown failure",
            f"Nothing failed under {args.key!r}.",
            subject=args.key,
            todo="“rushes work --failed” lists the keys.",
        )
    out.answer({"retried": count}, f"{count} will be tried again")
    return 0
