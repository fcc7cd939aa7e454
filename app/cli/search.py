"""`search`: one box over names, what is said, notes, keywords and facts."""

import argparse

from app.cli import shapes
from app.cli.output import Output, shown
from app.cli.parsing import Commands
from app.core.catalog import library, projects
from app.core.services import Services


def register(commands: Commands) -> None:
    """Adds the command."""
    parser = commands.add_parser(
        "search",
        help="find moments: words, “phrases”, prefix*, -not, cam:A rating>=3",
        description="Finds moments over names, transcripts, notes, markers, keywords and facts.\n"
        "Words must all occur; “in quotes” is a phrase; word* a beginning; -word leaves out; cam:A, scene:12, fps:25, state:offline,\n"
        "rating>=3, has:notes and the like narrow it down.",
    )
    parser.add_argument("text", nargs="+", metavar="TEXT", help="what to look for")
    parser.add_argument("--limit", type=int, default=50, metavar="N", help="hits at the most (50)")
    parser.set_defaults(run=_search)


def _search(services: Services, args: argparse.Namespace, out: Output) -> int:
    hits = services.search.hits(" ".join(args.text), limit=max(1, min(args.limit, 1000)))
    with services.catalog.read() as reader:
        project = projects.current(reader)
        clips = {hit.clip_id: library.get(reader, hit.clip_id, project) for hit in hits}
    shaped = [shapes.hit(hit, clips[hit.clip_id]) for hit in hits]
    lines = [
        f"{h['start'] or '':14} {shown(h['name'])}  [{h['field']}] {shown(str(h['text']))}"
        for h in shaped
    ]
    out.answer({"hits": shaped}, lines or ["Nothing found."])
    return 0
