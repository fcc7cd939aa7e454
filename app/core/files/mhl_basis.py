"""What a folder is verified against: its history with those nested in it, or the legacy lists in it; and what was renamed."""

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, Literal

from app.core.files.digests import HashName
from app.core.files.mhl_history import History, Known, Skips, owner
from app.core.files.mhl_legacy import LegacyList, read_legacy
from app.core.files.mhl_tree import Folder, below, names_in
from app.core.files.mhl_values import FAST_FIRST, SUFFIX, USUAL, Problem, State
from app.core.files.opening import open_folder
from app.core.model.errors import BadData, Refused
from app.core.model.names import compare_key, display
from app.core.platform.pacing import IsCancelled

Name = Literal["history", "legacy list", "nothing"]

_ROOM: Final = 1000
"""Missing files of one size that a new file is compared with."""


@dataclasses.dataclass(frozen=True, slots=True)
class Little:
    """What a legacy list without a hash that counts says of a file."""

    xxh32: int | None
    size: int | None


class Basis:
    """What is known of each path, and which of it was not met yet."""

    def __init__(self, name: Name, top: History) -> None:
        self.name: Name = name
        self.problems: list[Problem] = []
        self.lists: frozenset[str] = frozenset()
        """The legacy lists themselves: files that no list names."""
        self.little: dict[str, Little] = {}
        self._top = top
        self._folders = {one.below: one for one in top.every()}
        self._left = {one.below: set(one.known) for one in top.every()}
        self._memo: tuple[str | None, History, str] = (None, top, "")

    def place(self, path: str) -> tuple[History, str]:
        """The history of what lies in the folder of a path, and the path there."""
        folder, _, name = path.rpartition("/")
        if self._memo[0] != folder:
            self._memo = (folder, *owner(self._folders, self._top, folder))
        _, history, inside = self._memo
        return history, below(inside, name)

    def of(self, path: str, *, folder: bool = False) -> Known | None:
        """What is known of a path, as a file or as a folder."""
        history, inside = self.place(path)
        known = history.known.get(inside)
        return known if known and known.folder is folder else None

    def seen(self, path: str, *, folder: bool) -> None:
        """It is there."""
        history, inside = self.place(path)
        known = history.known.get(inside)
        if known and known.folder is folder:
            self._left[history.below].discard(inside)

    def is_left(self, path: str, *, folder: bool) -> bool:
        """Whether it is known as that and was not met."""
        history, inside = self.place(path)
        known = history.known.get(inside)
        return bool(known and known.folder is folder) and inside in self._left[history.below]

    def forget(self, unread: Sequence[str], skip: Skips) -> None:
        """Nothing is said of what is held out, nor of what lies in folders that could not be read."""
        closed = frozenset(unread)
        for history in self._top.every():
            left = self._left[history.below]
            for inside in list(left):
                path = below(history.below, inside)
                known = history.known[inside]
                if skip.all_the_way(path, folder=known.folder) or _lies_in(path, closed):
                    left.discard(inside)

    def missing(self) -> list[tuple[History, str, Known]]:
        """What was not met: (history, path there, what is known of it), in order."""
        return [
            (one, path, one.known[path])
            for one in self._top.every()
            for path in sorted(self._left[one.below])
        ]

    def missing_paths(self) -> list[str]:
        """The same as paths below the top, those of folders with `/` at their end."""
        return sorted(
            below(one.below, path) + ("/" if known.folder else "")
            for one, path, known in self.missing()
        )

    def usual(self) -> tuple[HashName, ...]:
        """The hash that it holds of most files, the quicker of two that are equal."""
        counts = dict.fromkeys(FAST_FIRST, 0)
        for one in self._top.every():
            for known in one.known.values():
                for name in known.values if not known.folder else ():
                    counts[name] += 1
        best = max(FAST_FIRST, key=counts.__getitem__)
        return (best,) if counts[best] else (USUAL,)


def _lies_in(path: str, folders: frozenset[str]) -> bool:
    while folders and path:
        path = path.rpartition("/")[0]
        if path in folders:
            return True
    return False


def basis_of(root: Path, history: History, cancel: IsCancelled) -> Basis:
    """What a folder can be verified against: its history, else the legacy lists in it, else nothing.

    Raises:
        Missing, Passing, Cancelled: as `mhl_history.read_history`.
    """
    if not history.empty:
        return Basis("history", history)
    with open_folder(root) as place:
        names = sorted(n for n in names_in(place) if n.lower().endswith(SUFFIX) and n[:2] != "._")
    top = History(root, "")
    problems: list[Problem] = []
    lists: list[LegacyList] = []
    for name in names:
        try:
            lists.append(read_legacy(root / name, cancel=cancel))
        except (BadData, Refused) as error:
            problems.append(Problem(State.BAD_MANIFEST, name, error.message))
    little: dict[str, Little] = {}
    for one in sorted(lists, key=lambda one: (one.finished, one.name)):
        problems += [Problem(State.LEADS_OUT, one.name, display(p)) for p in one.led_out[:1]]
        for file in one.files:
            top.known[file.path] = Known(False, file.size, file.mtime_ns, dict(file.hashes))
            little.pop(file.path, None)
            if not file.hashes:
                little[file.path] = Little(file.xxh32, file.size)
    found = Basis("legacy list" if names else "nothing", top)
    found.problems, found.little, found.lists = problems, little, frozenset(names)
    return found


class Renames:
    """Finds what a missing file or folder became: new, and of the same content."""

    def __init__(self, basis: Basis) -> None:
        """Made once the tree was listed, and `basis` knows what is missing."""
        self._basis = basis
        self._sizes: dict[tuple[str, int], list[str]] = {}
        self._spelled: dict[tuple[str, str], str] = {}
        self._folders: dict[tuple[str, str], list[str]] = {}
        for history, path, known in basis.missing():
            key = history.below
            self._spelled[key, compare_key(path)] = path
            if known.folder:
                for name, pair in known.values.items():
                    self._folders.setdefault((key, f"{name}:{pair}"), []).append(path)
            else:  # the reference tool leaves a size of nought out
                self._sizes.setdefault((key, known.size or 0), []).append(path)

    def same_name(self, path: str) -> str | None:
        """The missing file whose name is the same, but for how its letters are composed (a Mac writes é as two)."""
        history, inside = self._basis.place(path)
        found = self._spelled.get((history.below, compare_key(inside)))
        return self._still(below(history.below, found)) if found else None

    def names(self, path: str, size: int) -> list[HashName]:
        """The hashes that missing files of a size are known by."""
        found: list[HashName] = []
        for known in self._alike(path, size).values():
            if known.values and not set(found) & set(known.values):
                found.append(min(known.values, key=FAST_FIRST.index))
        return found

    def file(self, path: str, size: int, hashes: Mapping[HashName, str]) -> str | None:
        """The missing file that a new one is; of several that with the same name, else the first.

        Empty files are all the same: there the name must be, too.
        """
        name = path.rpartition("/")[2]
        alike = [
            former
            for former, known in self._alike(path, size).items()
            if any(known.values.get(made) == text for made, text in hashes.items())
            and (size or former.rpartition("/")[2] == name)
        ]
        return min(alike, key=lambda one: (one.rpartition("/")[2] != name, one), default=None)

    def folder(self, folder: Folder, hashes: Mapping[HashName, tuple[str, str]]) -> str | None:
        """The missing folder that a new one is: what lies in it, and how that is named, is the same."""
        if not folder.path or not folder.items or self._basis.of(folder.path, folder=True):
            return None
        history, _ = self._basis.place(folder.path)
        for name, (content, structure) in hashes.items():
            for path in self._folders.get((history.below, f"{name}:{content}/{structure}"), ()):
                former = below(history.below, path)
                if self._still(former, folder=True):
                    return former
        return None

    def _alike(self, path: str, size: int) -> dict[str, Known]:
        history, _ = self._basis.place(path)
        found: dict[str, Known] = {}
        for one in self._sizes.get((history.below, size), ())[:_ROOM]:
            former = below(history.below, one)
            known = self._basis.of(former)
            if known and self._still(former):
                found[former] = known
        return found

    def _still(self, path: str, *, folder: bool = False) -> str | None:
        """The path, where it is missing still."""
        return path if self._basis.is_left(path, folder=folder) else None
