"""Rushes' own folders: its data folder, proxy store and models. No footage lies there, whatever the files look like.

Told by identity, so that links and bind mounts lead nowhere: the path with all links resolved, and the
filesystem's number with the inode number.
"""

import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from app.core.model.errors import Passing
from app.core.work.patience import Patience

REASON: Final = "Rushes' own folder"
_ANSWER_SECONDS: Final = 10
_SAMPLE_DAY: Final = re.compile(r"day-\d+")
"""The sample's footage is made in the sample's own data folder."""
Key = tuple[int, int]
"""(number of the filesystem, inode number)."""


class OwnFolders:
    """What Rushes keeps for itself on this desk."""

    def __init__(self, *folders: Path) -> None:
        self._folders = folders
        self._paths: frozenset[str] = frozenset()
        self._keys: frozenset[Key] = frozenset()
        self._patience = Patience(_ANSWER_SECONDS)

    def refresh(self) -> None:
        """Looks where they are now: one may have been made or mounted since. What does not answer is as it was."""
        if not self._folders:
            return
        try:
            found = self._patience.ask("Rushes' own folders", self._look)
        except Passing:
            return
        self._paths, self._keys = found

    def _look(self) -> tuple[frozenset[str], frozenset[Key]]:
        paths = [os.path.realpath(folder) for folder in self._folders]
        return frozenset(paths), frozenset(key for path in paths if (key := _key_at(path)))

    def is_one(self, path: str, info: os.stat_result | None) -> bool:
        """Whether this folder is one of them; what lies inside them is not asked here. Call `refresh` before.

        Args:
            path: its path, absolute, no links in it.
            info: what the system says of it, where it says anything.
        """
        return path in self._paths or (info is not None and _key(info) in self._keys)

    def around(self, root: Path) -> str:
        """The folder at or above `root` that is one of them; nothing where there is none, or it is the sample's day."""
        self.refresh()
        below = ""
        for place in map(str, (root, *root.parents)):
            if self.is_one(place, _info_at(place)):
                return "" if _SAMPLE_DAY.fullmatch(below) else place
            below = os.path.basename(place)  # noqa: PTH119 - of a plain text
        return ""

    def holds(self, root: Path, folder: str) -> bool:
        """Whether a folder of a volume is one of them or lies in one. Call `refresh` before.

        Args:
            root: the volume's folder, no links in its path.
            folder: the path in the volume, `/` between names.
        """
        names = folder.split("/") if folder else []
        places = (os.path.join(root, *names[:n]) for n in range(1, len(names) + 1))  # noqa: PTH118 - plain texts
        return any(self.is_one(place, _info_at(place)) for place in places)

    def below(self, root: Path) -> tuple[str, ...]:
        """Those inside a volume, by their paths in it."""
        self.refresh()
        return tuple(
            os.path.relpath(path, root) for path in self._paths if Path(path).is_relative_to(root)
        )


def is_inside(folder: str, places: Iterable[str]) -> bool:
    """Whether a path of a volume is one of these places of it, or inside one."""
    return any(folder == place or folder.startswith(place + "/") for place in places)


def _info_at(path: str) -> os.stat_result | None:
    try:
        return os.lstat(path)
    except OSError:
        return None


def _key_at(path: str) -> Key | None:
    info = _info_at(path)
    return _key(info) if info else None


def _key(info: os.stat_result) -> Key | None:
    # Where a filesystem has no numbers, all its folders have the same.
    return (info.st_dev, info.st_ino) if info.st_ino else None
