"""`clips` and `show`."""

import argparse
from typing import Any

from app.cli import shapes
from app.cli.output import Output, dump, shown, table
from app.cli.parsing import Commands
from app.core.catalog import decisions, library, logs, projects, uploads
from app.core.model.entities import Clip
from app.core.model.errors import Refused
from app.core.model.timecode import rate_text
from app.core.services import Services


def register(commands: Commands) -> None:
    """Adds the commands."""
    parser = commands.add_parser(
        "clips",
        help="everything catalogued, a page at a time",
        description="Lists clips; the query reads like the search field: words, cam:A rating>=3 fps:25 state:offline.",
    )
    parser.add_argument(
        "query", nargs="*", metavar="QUERY", help="what to list; everything when left out"
    )
    parser.add_argument("--limit", type=int, default=100, metavar="N", help="clips on a page (100)")
    parser.add_argument("--after", default="", metavar="CURSOR", help="“next” of the page before")
    parser.set_defaults(run=_clips)
    show = commands.add_parser(
        "show",
        help="one clip, whole",
        description="Everything known of a clip, with the origin of each fact.",
    )
    show.add_argument(
        "clip", metavar="CLIP", help="id, the unique start or end of it, or unique name"
    )
    show.set_defaults(run=_show)


def _clips(services: Services, args: argparse.Namespace, out: Output) -> int:
    if not 1 <= args.limit <= 10_000:
        raise Refused(
            "Not a page size",
            f"{args.limit} clips are no page: 1 to 10000 are.",
            subject=str(args.limit),
        )
    if args.after and not args.after.isdigit():
        raise Refused(
            "Not a cursor",
            f"{args.after!r} is none: give “next” of the page before.",
            subject=args.after,
        )
    words: list[str] = args.query
    cursor = int(args.after) if args.after else 0
    where, parameters = services.search.condition(" ".join(words))
    with services.catalog.read() as reader:
        rows = library.after(reader, cursor, args.limit + 1, where=where, parameters=parameters)
        found = library.page(reader, rows[: args.limit], projects.current(reader))
    limit: int = args.limit
    following = str(rows[limit - 1]) if len(rows) > limit else None
    if following:
        out.say(f"There are more clips than these {limit}. The next: --after {following}")
    out.answer(
        {"clips": [shapes.clip(c) for c in found], "next": following},
        table([_row(c) for c in found]),
    )
    return 0


def _row(clip: Clip) -> tuple[str, ...]:
    start = clip.timebase.label(clip.start_frame) if clip.start_frame is not None else ""
    return (
        clip.id,
        shown(clip.name),
        clip.kind.value,
        clip.state.value,
        rate_text(clip.rate) if clip.rate else "",
        start,
        clip.reel or "",
    )


def _show(services: Services, args: argparse.Namespace, out: Output) -> int:
    clip_id = services.notes.clip_id(args.clip)
    with services.catalog.read() as reader:
        project = projects.current(reader)
        clip = library.get(reader, clip_id, project)
        if clip is None:
            raise Refused("Unknown clip", f"No clip is called {args.clip!r}.", subject=args.clip)
        sent = uploads.of_clip(reader, clip.id)
        votes = decisions.of_clip(reader, clip.id, project)
        logged = logs.of_clip(reader, clip.id, project, projects.current_actor(reader))
        said = logs.history(reader, library.aliases(reader, clip.id))
    value: dict[str, Any] = {
        **shapes.clip(clip),
        "origins": dict(clip.origins),
        "tags": dict(clip.tags),
        "card": clip.card,
        "log": {
            "rating": logged.rating,
            "circled": logged.circled,
            "rejected": logged.rejected,
            "keywords": list(logged.tags),
            "in": logged.mark_in,
            "out": logged.mark_out,
        },
        "uploads": [shapes.upload(u) for u in sent],
        "decisions": [
            {
                "verdict": d.verdict,
                "by": d.by_name,
                "at": d.at_ms,
                "hash": d.hash,
                "pending": d.pending,
                "current": d.current,
                "disputed": d.disputed,
                "comment": d.comment,
            }
            for d in votes
        ],
        "history": [
            {
                "kind": h.kind,
                "by": h.actor_name,
                "at": h.at_ms,
                "undone": h.undone,
                "body": dict(h.body),
            }
            for h in said
        ],
    }
    lines = [
        f"{key:16} {_plain(val)}" for key, val in value.items() if val not in (None, [], {}, "")
    ]
    out.answer(value, lines)
    return 0


def _plain(value: object) -> str:
    return shown(value if isinstance(value, str) else dump(value))
