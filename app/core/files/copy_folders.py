"""The folders of a copy: made below the root only, durable, and freed of what killed processes left in them."""

import contextlib
import os
from collections.abc import Iterable

from app.core.files import publish
from app.core.files.copy_legs import Leg, folder_of, on_leg
from app.core.platform import entries
from app.core.platform.entries import Place


def make_folders(leg: Leg, rels: Iterable[str] = ()) -> None:
    """Makes folders of a source's tree on a leg, with those above them up to the root; those that are there stay.

    They and their names are durable when it returns. Temporary files that killed processes of ours left in any of them
    are taken away, and nothing else.

    Args:
        leg: where.
        rels: folders relative to the source's root, `/` between names; the leg's own folder is always made.

    Raises:
        Away: the root is not there, or another filesystem is in its place; nothing was made.
        Refused: a file or a link has the name of a folder, or the name cannot be there.
        NoRoom, Missing, Passing: one cannot be made.
    """
    leg.guard.check()
    wanted = sorted({part for rel in ("", *rels) for part in _up_from(leg.below(rel))})
    for folder in wanted:
        above, _, name = folder.rpartition("/")
        with on_leg(leg, folder), folder_of(leg, above) as place:
            entries.make_folder(place, name)
    for folder in reversed(["", *wanted]):
        with on_leg(leg, folder), folder_of(leg, folder) as place:
            _sweep(place)
            entries.sync_place(place)
    leg.guard.check()


def make_missing(leg: Leg, folder: str) -> None:
    """Makes one folder below the root with those above it, each durable where it is new.

    Raises:
        OSError, RushesError: it cannot be made.
    """
    for part in _up_from(folder):
        above, _, name = part.rpartition("/")
        with folder_of(leg, above) as place:
            if entries.make_folder(place, name):
                entries.sync_place(place)


def _up_from(folder: str) -> list[str]:
    """A folder and those above it, the highest first; none for the root itself."""
    names = folder.split("/") if folder else []
    return ["/".join(names[: count + 1]) for count in range(len(names))]


def _sweep(place: Place) -> None:
    with os.scandir(place) as found:
        left = [entry for entry in found if publish.is_left_over(entry)]
    for entry in left:
        if entry.is_dir(follow_symlinks=False):
            entries.remove_tree(place, entry.name)
            continue
        with contextlib.suppress(OSError):
            entries.remove(place, entry.name)
