"""`undo`, `redo` and `history`."""

import argparse
from collections.abc import Mapping, Sequence
from typing import Final

from app.cli.output import Output, counted, shown
from app.cli.parsing import Commands
from app.cli.positions import clip_of
from app.core.catalog import acts
from app.core.model.events import Event
from app.core.services import Services

_BARE: Final = frozenset({"text", "word", "value", "field", "name"})
"""What needs no name before it."""
_IDS: Final = frozenset({"clip", "parent", "hash", "round", "segment", "adds"})


def register(commands: Commands) -> None:
    """Adds the commands."""
    commands.add_parser(
        "undo", help="take back your last act", description="Takes back your last act, whole."
    ).set_defaults(run=_undo)
    commands.add_parser(
        "redo", help="do again what you undid", description="Does again what you undid last."
    ).set_defaults(run=_redo)
    parser = commands.add_parser(
        "history",
        help="what people said of a clip",
        description="Everything people said of a clip, newest first.",
    )
    parser.add_argument(
        "clip", metavar="CLIP", help="id, the unique start or end of it, or unique name"
    )
    parser.set_defaults(run=_history)


def _plain(kind: str) -> str:
    return str(kind).replace("-", " ")


def _told(body: Mapping[str, object]) -> str:
    """What was said, without the ids that say of what."""
    return ", ".join(
        shown(str(value)) if key in _BARE else f"{key} {shown(str(value))}"
        for key, value in body.items()
        if key not in _IDS and value not in (None, "")
    )


def _about(services: Services, events: Sequence[Event]) -> str:
    with services.catalog.read() as reader:
        act = acts.of_events(reader, events)
    told = (
        act.clip.name if act.clip else act.name or (counted(act.clips, "clip") if act.clips else "")
    )
    removed = act.event.body.get("field") == "removed" and act.event.body.get("value")
    said = str(act.event.kind).replace("-changed", "-removed") if removed else act.event.kind
    return f"{_plain(said)}{': ' if told else ''}{shown(told)}"


def _undo(services: Services, _args: argparse.Namespace, out: Output) -> int:
    events = services.notes.undo()
    out.answer(
        {"undone": [{"kind": str(e.kind), "entity": e.entity_id} for e in events]},
        f"undone: {_about(services, events)}",
    )
    return 0


def _redo(services: Services, _args: argparse.Namespace, out: Output) -> int:
    events = services.notes.redo()
    out.answer(
        {"redone": [{"kind": str(e.kind), "entity": e.entity_id} for e in events]},
        f"done again: {_about(services, events)}",
    )
    return 0


def _history(services: Services, args: argparse.Namespace, out: Output) -> int:
    clip = clip_of(services, args.clip)
    said = services.log.history(clip.id)
    out.answer(
        {
            "history": [
                {
                    "id": h.event_id,
                    "kind": h.kind,
                    "by": h.actor_name,
                    "at": h.at_ms,
                    "undone": h.undone,
                    "body": dict(h.body),
                }
                for h in said
            ]
        },
        [
            f"{'(undone) ' if h.undone else ''}{_plain(h.kind)} by {shown(h.actor_name)}: {_told(h.body)}".rstrip(
                ": "
            )
            for h in said
        ]
        or ["Nothing yet."],
    )
    return 0
