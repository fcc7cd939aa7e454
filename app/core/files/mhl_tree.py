"""The tree that a media hash list is about: each folder after those in it, names in order, and the hashes of folders.

Links and everything that is no regular file are told, never followed. A folder that cannot be read is told as well:
what lies in it is unknown then, which is not the same as gone.
"""

import dataclasses
import os
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal

from app.core.files.digests import HashName, c4_bytes, digest
from app.core.files.mhl_values import FOLDER
from app.core.files.opening import lstat, open_folder
from app.core.model.errors import RushesError
from app.core.platform.pacing import IsCancelled, called_off, never

Kind = Literal["file", "folder", "other"]

Skip = Callable[[str, bool], bool]
"""(path, is it a folder) -> it is held out."""


@dataclasses.dataclass(frozen=True, slots=True)
class Item:
    """What lies in a folder."""

    name: str
    kind: Kind
    size: int
    mtime_ns: int
    mode: int


@dataclasses.dataclass(frozen=True, slots=True)
class Folder:
    """One folder, read."""

    path: str
    """Below the root; empty for the root itself."""
    mtime_ns: int
    items: tuple[Item, ...]
    """In the order of their names; without what is held out."""


@dataclasses.dataclass(frozen=True, slots=True)
class Unreadable:
    """A folder that could not be read."""

    path: str
    error: RushesError


def below(folder: str, name: str) -> str:
    """The path of a name in a folder."""
    return f"{folder}/{name}" if folder else name


def walk(root: Path, skip: Skip, *, cancel: IsCancelled = never) -> Iterator[Folder | Unreadable]:
    """Every folder of a tree after those in it, the root last.

    Raises:
        Refused, Missing, Passing: the root itself cannot be read.
        Cancelled: `cancel` said so; it is asked for each folder.
    """
    stack = [_Level(_read(root, "", skip))]
    while stack:
        if cancel():
            raise called_off()
        level = stack[-1]
        path = level.next()
        if path is None:
            stack.pop()
            yield level.folder
            continue
        try:
            stack.append(_Level(_read(root, path, skip)))
        except RushesError as error:
            yield Unreadable(path, error)


class _Level:
    """A folder whose folders are walked."""

    def __init__(self, folder: Folder) -> None:
        self.folder = folder
        self._left = iter([item.name for item in folder.items if item.kind == "folder"])

    def next(self) -> str | None:
        name = next(self._left, None)
        return None if name is None else below(self.folder.path, name)


def _read(root: Path, path: str, skip: Skip) -> Folder:
    items: list[Item] = []
    changed = lstat(root, path).st_mtime_ns if path else root.stat().st_mtime_ns
    with open_folder(root, path) as place, os.scandir(place) as entries:
        for entry in entries:
            item = _item(entry)
            if item and not skip(below(path, item.name), item.kind == "folder"):
                items.append(item)
    items.sort(key=lambda item: item.name)
    return Folder(path, changed, tuple(items))


def _item(entry: os.DirEntry[str]) -> Item | None:
    try:
        found = entry.stat(follow_symlinks=False)
    except FileNotFoundError:
        return None  # it went between the two looks
    kind: Kind = "other"
    if stat.S_ISDIR(found.st_mode):
        kind = "folder"
    elif stat.S_ISREG(found.st_mode):
        kind = "file"
    return Item(entry.name, kind, found.st_size, found.st_mtime_ns, found.st_mode)


def histories(root: Path, *, cancel: IsCancelled = never) -> list[str]:
    """Every folder below the root that holds a history of its own, as paths; folders that cannot be read are passed over.

    Raises:
        Cancelled: `cancel` said so.
    """
    found: list[str] = []
    left = [""]
    while left:
        if cancel():
            raise called_off()
        path = left.pop()
        try:
            with open_folder(root, path) as place, os.scandir(place) as entries:
                names = [entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]
        except RushesError:
            if not path:
                raise
            continue  # the walk over all files names it
        if FOLDER in names:
            found.append(path)
        left += [below(path, name) for name in names if name != FOLDER]
    return sorted(path for path in found if path)


def names_in(place: int | str | Path) -> frozenset[str]:
    """The names in a folder, as `opening.open_folder` gives it. Raises OSError."""
    with os.scandir(place) as entries:
        return frozenset(entry.name for entry in entries)


class FolderHash:
    """The hashes of one folder in one algorithm, from those of what lies in it."""

    def __init__(self, name: HashName) -> None:
        self._name: HashName = name
        self._content: list[str] = []
        self._structure: list[str] = []

    def file(self, name: str, text: str) -> None:
        """A file of the folder with its hash."""
        self._content.append(text)
        self._structure.append(self._named(name, text))

    def folder(self, name: str, content: str, structure: str) -> None:
        """A folder in it with its two hashes."""
        self._content.append(content)
        self._structure.append(self._named(name, structure))

    def both(self) -> tuple[str, str]:
        """(content, structure)."""
        return self._of(self._content), self._of(self._structure)

    def _named(self, name: str, text: str) -> str:
        made = digest(self._name)
        made.update(name.encode("utf-8", "surrogateescape"))
        made.update(_bytes(self._name, [text]))
        return made.text()

    def _of(self, texts: Sequence[str]) -> str:
        made = digest(self._name)
        made.update(_bytes(self._name, sorted(texts)))
        return made.text()


def _bytes(name: HashName, texts: Sequence[str]) -> bytes:
    return c4_bytes(texts) if name == "c4" else bytes.fromhex("".join(texts))


class FolderHashes:
    """The hashes of the folders of a walk, in several algorithms at once, given in the walk's order.

    A folder in which one file has no hash in an algorithm has none in it either, and so up to the root.
    """

    def __init__(self, names: Sequence[HashName]) -> None:
        self._names = tuple(names)
        self._done: dict[str, dict[HashName, tuple[str, str]]] = {}

    def close(
        self, folder: Folder, files: Mapping[str, Mapping[HashName, str]]
    ) -> dict[HashName, tuple[str, str]]:
        """The hashes of a folder whose folders were closed before.

        Args:
            folder: as the walk gave it.
            files: by name, the hashes of each file in it.
        """
        inside = {
            item.name: self._done.pop(below(folder.path, item.name), {})
            for item in folder.items
            if item.kind == "folder"
        }
        found: dict[HashName, tuple[str, str]] = {}
        for name in self._names:
            made = FolderHash(name)
            if all(self._add(made, name, item, files, inside) for item in folder.items):
                found[name] = made.both()
        self._done[folder.path] = found
        return found

    @staticmethod
    def _add(
        made: FolderHash,
        name: HashName,
        item: Item,
        files: Mapping[str, Mapping[HashName, str]],
        inside: Mapping[str, Mapping[HashName, tuple[str, str]]],
    ) -> bool:
        if item.kind == "folder":
            pair = inside[item.name].get(name)
            if pair is None:
                return False
            made.folder(item.name, *pair)
            return True
        text = files.get(item.name, {}).get(name)
        if text is None:
            return False
        made.file(item.name, text)
        return True
