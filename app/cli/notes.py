"""`note`: notes on frames and ranges."""

import argparse

from app.cli import shapes
from app.cli.output import Output, shown
from app.cli.parsing import Commands
from app.cli.positions import clip_of, frame_of
from app.core.model.entities import Note
from app.core.services import Services


def register(commands: Commands) -> None:
    """Adds the command."""
    noun = commands.add_parser(
        "note",
        help="notes on frames: add, list, reply, resolve, reopen, edit, delete",
        description="Notes on frames and ranges.",
    )
    verbs = noun.add_subparsers(dest="verb", metavar="VERB", required=True)
    add = verbs.add_parser(
        "add",
        help="write a note on a frame or range",
        description="Writes a note on a frame, or on a range up to --to (exclusive).",
    )
    add.add_argument(
        "clip", metavar="CLIP", help="id, the unique start or end of it, or unique name"
    )
    add.add_argument("--at", required=True, metavar="TC", help="timecode, @FRAME or +SECONDSs")
    add.add_argument("--to", metavar="TC", help="end of the range, exclusive")
    add.add_argument("text", metavar="TEXT", help="the note")
    add.set_defaults(run=_add)
    listing = verbs.add_parser(
        "list", help="a clip's notes", description="A clip's notes, by frame."
    )
    listing.add_argument(
        "clip", metavar="CLIP", help="id, the unique start or end of it, or unique name"
    )
    listing.set_defaults(run=_list)
    for verb, words in (("reply", "answer a note"), ("edit", "write it anew")):
        parser = verbs.add_parser(verb, help=words, description=f"{words.capitalize()}.")
        parser.add_argument(
            "note", metavar="NOTE", help="the note's id, or the unique start or end of it"
        )
        parser.add_argument("text", metavar="TEXT", help="the words")
        parser.set_defaults(run=_reply if verb == "reply" else _edit)
    for verb, words in (
        ("resolve", "mark as dealt with"),
        ("reopen", "open again"),
        ("delete", "hide; undo brings it back"),
    ):
        parser = verbs.add_parser(verb, help=words, description=f"{words.capitalize()}.")
        parser.add_argument(
            "note", metavar="NOTE", help="the note's id, or the unique start or end of it"
        )
        parser.set_defaults(run={"resolve": _resolve, "reopen": _reopen, "delete": _delete}[verb])


def _add(services: Services, args: argparse.Namespace, out: Output) -> int:
    clip = clip_of(services, args.clip)
    start = frame_of(clip, args.at)
    end = frame_of(clip, args.to, end=True) if args.to else None
    return _tell(services, services.notes.add(clip.id, start, end, args.text), out)


def _list(services: Services, args: argparse.Namespace, out: Output) -> int:
    clip = clip_of(services, args.clip)
    found = [shapes.note(n, clip) for n in services.notes.of_clip(clip.id)]
    lines = [
        f"{n['start']}  {'✓' if n['state'] == 'resolved' else '●'} {n['author']}: {shown(n['text'])}  ({n['id']})"
        for n in found
    ]
    out.answer({"notes": found}, lines or ["No notes."])
    return 0


def _reply(services: Services, args: argparse.Namespace, out: Output) -> int:
    return _tell(services, services.notes.reply(args.note, args.text), out)


def _edit(services: Services, args: argparse.Namespace, out: Output) -> int:
    return _tell(services, services.notes.edit(args.note, args.text), out)


def _resolve(services: Services, args: argparse.Namespace, out: Output) -> int:
    return _tell(services, services.notes.resolve(args.note), out)


def _reopen(services: Services, args: argparse.Namespace, out: Output) -> int:
    return _tell(services, services.notes.resolve(args.note, resolved=False), out)


def _delete(services: Services, args: argparse.Namespace, out: Output) -> int:
    note = services.notes.get(args.note)
    services.notes.delete(note.id)
    out.answer({"deleted": note.id}, "Hidden. “rushes undo” brings it back.")
    return 0


def _tell(services: Services, note: Note, out: Output) -> int:
    clip = clip_of(services, note.clip_id)
    shaped = shapes.note(note, clip)
    out.answer(shaped, f"{shaped['start']}  {shown(note.text)}  ({note.id})")
    return 0
