"""Where a result may be written: never over a file of a clip, and over another file only when a person said so."""

import os
from pathlib import Path

from app.core.catalog import library
from app.core.catalog.database import Catalog
from app.core.model.errors import Missing, Refused


def checked(catalog: Catalog, out: Path, *, replace: bool) -> Path:
    """The file to write.

    Args:
        catalog: knows which files are clips'.
        out: the file a person named.
        replace: whether a file of this name may be replaced.

    Raises:
        Missing: its folder is not there.
        Refused: it is a file of a clip; or a file of the name is there and may not be replaced.
    """
    if not out.parent.is_dir():
        raise Missing(
            "The folder is not there",
            f"{out.parent} does not exist.",
            subject=str(out.parent),
            todo="Make the folder first.",
        )
    # The file itself may be a link: renaming replaces the link, never what it points to.
    place = out.parent.resolve() / out.name
    with catalog.read() as reader:
        clip = library.clip_of_file(reader, os.fsencode(place))
    own = place.parent == catalog.path.parent.resolve() and place.name.startswith(catalog.path.name)
    if clip is not None or own:
        owner = f"a file of the clip {clip}" if clip else "the catalog of Rushes"
        raise Refused(
            "Not over this file",
            f"{out} is {owner}: nothing is ever written over it.",
            subject=str(out),
            todo="Give another name.",
        )
    if os.path.lexists(out) and not (replace and out.is_file()):
        raise Refused(
            "The file is there already",
            f"{out} was not overwritten.",
            subject=str(out),
            todo="Give another name, or say that it is to be replaced (--replace).",
        )
    return out
