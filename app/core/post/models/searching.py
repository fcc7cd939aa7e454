"""Where models may lie: the added folders, and what a folder holds."""

import json
import logging
import os
from collections.abc import Iterator
from pathlib import Path
from typing import cast

from app.core.post.models.registry import LOADED_NAMES, WEIGHTS, ModelFile, Release
from app.core.post.models.storage import publish, translated

log = logging.getLogger(__name__)

_DEPTH = 4
"""How deep a folder is searched: a hub's own cache nests its snapshots three deep."""


class AddedFolders:
    """The folders a person added, listed in one small file in the store."""

    def __init__(self, store: Path) -> None:
        self._list = store / "folders.json"

    def all(self) -> tuple[Path, ...]:
        """Every added folder, latest first; none where the list is missing or damaged."""
        try:
            listed = cast("object", json.loads(self._list.read_text(encoding="utf-8")))
        except (OSError, ValueError):
            return ()
        if not isinstance(listed, list):
            return ()
        return tuple(Path(str(each)) for each in cast("list[object]", listed))

    def remember(self, folder: Path) -> None:
        """Puts a folder first. The order is that of looking."""
        kept = [str(folder), *(str(each) for each in self.all() if each != folder)]
        temporary = self._list.with_suffix(".new")
        with translated(self._list):
            self._list.parent.mkdir(parents=True, exist_ok=True)
            temporary.write_text(json.dumps(kept, indent=1), encoding="utf-8")
        publish(temporary, self._list)


def places_of(weights: ModelFile, folder: Path) -> Iterator[Path]:
    """Folders here or a little below whose weights have the pinned size (the hash is not looked at)."""
    for root, below, names in os.walk(folder):
        place = Path(root)
        if len(place.relative_to(folder).parts) >= _DEPTH:
            below.clear()
        below.sort()
        if WEIGHTS in names and _size(place / WEIGHTS) == weights.size:
            yield place


def nothing_else(place: Path, release: Release) -> bool:
    """True where no unpinned file lies that a loader would pick up."""
    strange = LOADED_NAMES - {file.name for file in release.files}
    return not any((place / name).exists() for name in strange)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError as error:
        log.info("model file not readable: %s", error)
        return -1
