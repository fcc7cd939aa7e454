"""`card`: what a camera card, or any other folder, holds, and what is missing on it."""

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from app.cli.output import Output, counted
from app.cli.parsing import Commands
from app.core.ingest.card_reading import fileset_digest, read_card
from app.core.ingest.card_values import CardClip, CardContents, Listed, MissingPart
from app.core.ingest.verdict import Light, Policy, Verdict, unknown
from app.core.platform import clock

if TYPE_CHECKING:
    from app.core.services import Services

_MOST: Final = 20
"""Lines of one sort for people; with --json all are told."""


def register(commands: Commands) -> None:
    """Adds the command."""
    parser = commands.add_parser(
        "card",
        help="what a camera card holds, and what is missing on it",
        description="Reads a card, or any folder, and says which camera made it, its clips, and what is missing: spans, sidecars, clips that the\n"
        "card's own lists name. Nothing is written and no link is followed. Exit 1 when something is missing or cannot be read.\n"
        'With --json: {"source","card","maker","title","also":[…],"digest","size","files","folders","clips":[{"name","kind","card","size","essence":[…],\n'
        '"spans":[…],"sidecars":[…],"proxies":[…],"thumbnails":[…],"missing":[{"what","where","why"}]}],"own":[…],"orphans":[{"path","why"}],\n'
        '"others":[{"path","why"}],"odd":[{"path","kind"}],"missing":[{"clip","what","where","why"}],"hints":[…],"unreadable":[{"path","reason"}],\n'
        '"verdict":{"light","files","safe_files","open":[…],"proven":[…]},"offloads":[{"id","state","at"}],"earlier":[{"safe","words","at","same"}]}\n'
        "A verdict holds for now: without --verdict it is “not known”, and what was found earlier is history. With it: exit 1 unless the card is safe to format.",
    )
    parser.add_argument(
        "source", metavar="SOURCE", help="the folder a card is mounted on, or was copied to"
    )
    parser.add_argument(
        "--verdict",
        action="store_true",
        help="reads every file of the card and of its copies now, and says whether the card may be erased",
    )
    parser.add_argument(
        "--copies",
        type=int,
        choices=(2, 3),
        default=2,
        help="with --verdict: on how many devices each file must be (2)",
    )
    parser.set_defaults(run=_card)


def _card(services: "Services", args: argparse.Namespace, out: Output) -> int:
    source = out.path(args.source)
    contents = read_card(source, cancel=out.gone)
    if args.verdict:
        found = services.offloads.verdict(source, Policy(copies=args.copies), cancel=out.gone)
        told = {"verdict": _judged(found)}
        out.answer(shape(contents) | told, [*_lines(contents), *_verdict_lines(found)])
        return 0 if found.light is Light.SAFE else 1
    mine, verdicts = services.offloads.known_of(source)
    offloads = [
        {"id": one.id, "state": one.state.value, "at": clock.utc_text(one.made_ms)} for one in mine
    ]
    earlier = [
        {
            "safe": safe,
            "words": words,
            "at": clock.utc_text(at_ms),
            "same": digest == fileset_digest(contents),
        }
        for _, digest, _, safe, words, at_ms in verdicts
    ]
    history = {"offloads": offloads, "earlier": earlier}
    out.answer(
        shape(contents) | {"verdict": _judged(unknown(len(contents.files)))} | history,
        [*_lines(contents), *_history_lines(history)],
    )
    return 0 if contents.complete else 1


def _judged(found: Verdict) -> dict[str, Any]:
    return {
        "light": found.light.value,
        "files": found.files,
        "safe_files": found.safe_files,
        "open": list(found.open),
        "proven": list(found.proven),
    }


def _verdict_lines(found: Verdict) -> list[str]:
    mark = {Light.SAFE: "✓", Light.LOOK: "▲"}.get(found.light, "✕")
    return [
        f"{mark} {found.light.value.upper()}: {found.safe_files} of {found.files} files are proven as they must be",
        *(f"  ✕ {line}" for line in found.open),
        *(f"  ✓ {line}" for line in found.proven),
    ]


def _history_lines(history: dict[str, Any]) -> list[str]:
    """What is known without reading, which is no verdict."""
    lines = [
        f"· {'was safe to format' if one['safe'] else 'was not safe to format'} at {one['at']}"
        + ("" if one["same"] else ", when other files were on it")
        for one in history["earlier"][:3]
    ]
    return [
        *(
            f"offload {one['id'][-8:]} of {one['at']}: {one['state']}"
            for one in history["offloads"][:3]
        ),
        *lines,
        "Whether it may be erased is not known now: rushes card SOURCE --verdict reads it and its copies.",
    ]


def shape(contents: CardContents) -> dict[str, Any]:
    """The card as the contract has it; paths are relative to the card."""
    missing = list(contents.all_missing())
    return {
        "source": str(contents.root),
        "card": contents.type.id if contents.type else None,
        "maker": contents.maker or None,
        "title": contents.title,
        "also": [card.title for card in contents.also],
        "digest": fileset_digest(contents),
        "size": contents.size,
        "files": len(contents.files),
        "folders": len(contents.folders),
        "clips": [_clip(clip) for clip in contents.clips],
        "own": list(contents.own),
        "orphans": [_listed(one) for one in contents.orphans],
        "others": [_listed(one) for one in contents.others],
        "odd": [{"path": one.rel, "kind": one.kind.value} for one in contents.odd],
        "missing": [{"clip": clip or None, **_missing(part)} for clip, part in missing],
        "hints": list(contents.hints),
        "unreadable": [{"path": one.rel, "reason": one.reason} for one in contents.unreadable],
    }


def _clip(clip: CardClip) -> dict[str, Any]:
    return {
        "name": clip.name,
        "kind": clip.kind.value,
        "card": clip.card or None,
        "size": clip.size,
        "essence": list(clip.essence),
        "spans": list(clip.spans),
        "sidecars": list(clip.sidecars),
        "proxies": list(clip.proxies),
        "thumbnails": list(clip.thumbnails),
        "missing": [_missing(part) for part in clip.missing],
    }


def _missing(part: MissingPart) -> dict[str, Any]:
    return {"what": part.what, "where": part.where or None, "why": part.why}


def _listed(one: Listed) -> dict[str, Any]:
    return {"path": one.rel, "why": one.why}


def _lines(contents: CardContents) -> list[str]:
    """The card for people."""
    maker = f"{contents.maker}: " if contents.maker and contents.maker not in contents.title else ""
    clips, files = counted(len(contents.clips), "clip"), counted(len(contents.files), "file")
    missing = [
        f"✕ {f'{clip}: ' if clip else ''}{part.what} {part.where}".rstrip() + f"  ({part.why})"
        for clip, part in contents.all_missing()
    ]
    unreadable = [f"✕ {one.rel or '.'}: {one.reason}" for one in contents.unreadable]
    return [
        f"{maker}{contents.title}",
        *(f"also: {card.title}" for card in contents.also),
        f"{clips}, {files}, {contents.size:,} bytes in {counted(len(contents.folders), 'folder')}",
        *_some("missing", missing),
        *_some("cannot be read", unreadable),
        *_some("orphans", [f"▲ {one.rel}: {one.why}" for one in contents.orphans]),
        *_some(
            "no files", [f"▲ {one.rel}: {one.kind.value}, never opened" for one in contents.odd]
        ),
        *_some("to know", [f"· {hint}" for hint in contents.hints]),
        *([] if missing or unreadable else ["✓ nothing is missing"]),
    ]


def _some(title: str, lines: Sequence[str]) -> list[str]:
    if not lines:
        return []
    more = [f"  and {len(lines) - _MOST} more"] if len(lines) > _MOST else []
    return [f"{title}: {len(lines)}", *(f"  {line}" for line in lines[:_MOST]), *more]
