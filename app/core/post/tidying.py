"""Which folders of the proxy store no rendition names: looked for a few at a time, with rests between.

A store of a million clips has millions of folders. Whoever looks at them all in one go keeps the window waiting for as
long, and holds every path in memory.
"""

import itertools
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from app.core.catalog import renditions
from app.core.catalog.database import Catalog

Rest = Callable[[], None]
"""Called after each step: lets others go first, or calls the whole off by raising."""

CONTENTS: Final = 100
"""Contents whose folders are looked at in one step."""
ROWS: Final = 500
"""Renditions that are read in one step."""
_FRESH_SECONDS: Final = 3600


def at_once() -> None:
    """No rest: somebody waits for the answer."""


def unnamed(catalog: Catalog, root: Path, rest: Rest = at_once) -> list[str]:
    """Paths of folders in the store that no rendition names, relative to it, in their order.

    What was put within the last hour is left out: its row may be about to be written.

    Args:
        catalog: where renditions are named.
        root: the store.
        rest: called after each step.
    """
    left: set[str] = set()
    contents = _contents(root)
    while page := list(itertools.islice(contents, CONTENTS)):
        left |= _without_content(catalog, root, page)
        rest()
    # Few are left, but not all for good: what equal bytes brought together keeps the path it was put under.
    last: int | None = 0
    while left and last is not None:
        with catalog.read() as reader:
            named, last = renditions.paths_after(reader, last, ROWS)
        left -= {_folder(path) for path in named}
        rest()
    return sorted(left)


def _without_content(catalog: Catalog, root: Path, contents: list[str]) -> set[str]:
    """Folders of these contents, `xx/<content>`, that no rendition of the same content names."""
    # Listed before the catalog is asked: what is put in between is not among them.
    found = {
        f"{content}/{entry.name}": entry
        for content in contents
        for entry in _folders(root / content)
    }
    with catalog.read() as reader:
        named = renditions.paths_of(reader, [content.rpartition("/")[2] for content in contents])
    for path in named:
        found.pop(_folder(path), None)
    before = time.time() - _FRESH_SECONDS
    return {path for path, entry in found.items() if _older(entry, before)}


def _contents(root: Path) -> Iterator[str]:
    for first in _folders(root):
        if len(first.name) == 2:
            yield from (f"{first.name}/{entry.name}" for entry in _folders(Path(first.path)))


def _folders(place: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(place) as entries:
            return [entry for entry in entries if entry.is_dir(follow_symlinks=False)]
    except FileNotFoundError:
        return []  # it went meanwhile


def _older(entry: os.DirEntry[str], before: float) -> bool:
    try:
        return entry.stat(follow_symlinks=False).st_mtime < before
    except FileNotFoundError:
        return False


def _folder(path: str) -> str:
    return path.rpartition("/")[0]
