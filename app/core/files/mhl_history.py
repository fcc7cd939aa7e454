"""The history of a folder in ASC MHL 2.0: what other parts of Rushes call.

    read_history(root, *, cancel=never) -> History
    write_generation(root, *, hashes, process, creator=None, ignore=(), previous=None, cancel=never) -> Path
    verify(root, *, formats=(), ignore=(), first=False, write=True, process="in-place", creator=None,
           cancel=never, progress=None, cap=None) -> VerifyResult          (in `mhl_verify`)

Damage is a value (`History.problems`, each with a `State`), never an exception. Nothing is ever added to a damaged history.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

from app.core.files.digests import HashName
from app.core.files.mhl_ignore import Pattern, compiled, ignored
from app.core.files.mhl_places import not_written
from app.core.files.mhl_reading import History, Known, owner, read_history
from app.core.files.mhl_tree import FolderHashes, Unreadable, below, walk
from app.core.files.mhl_values import DEFAULT_IGNORE, FORMATS, Creator, Entry, MhlHash, Process
from app.core.files.mhl_writing import Generations, judge
from app.core.model.errors import Refused
from app.core.platform import durable
from app.core.platform.pacing import IsCancelled, never

__all__ = ["History", "Known", "Skips", "read_history", "skips", "write_generation"]


def write_generation(
    root: Path,
    *,
    hashes: Iterable[MhlHash],
    process: Process,
    creator: Creator | None = None,
    ignore: Sequence[str] = (),
    previous: History | None = None,
    cancel: IsCancelled = never,
) -> Path:
    """Adds a generation to the history of a folder, and to those nested in it that a file belongs to; makes the first where there is none.

    Each hash is compared with the history: `original` where it knows none of the file, `verified` where it agrees,
    `failed` where it differs or `MhlHash.action` says so. A file that is known only by other algorithms than those given
    is left out, as nothing is proven of it. Folders get hashes where each file in them has one here. Durable when
    it returns; no manifest is ever rewritten, and the chain is only extended.

    Args:
        root: the folder; `ascmhl` is made in it.
        hashes: the files, paths below the root, in any order.
        process: how they were hashed.
        creator: who; this Rushes on this machine when left out.
        ignore: patterns beside those of the history; what they hold out is not written.
        previous: the history as `read_history(root)` gave it; read now when left out.
        cancel: asked while the tree is walked.

    Returns:
        The manifest at the root.

    Raises:
        Damage: the history is damaged; nothing was written.
        Passing: somebody else added a generation meanwhile.
        NoRoom, Missing: it cannot be written there.
        Refused: it is a place where nothing is written, as a card or the inside of its structure.
        Cancelled: `cancel` said so; nothing was written.
    """
    if why := not_written(root):
        raise Refused("Nothing is written there", f"{root}: {why}.", subject=str(root))
    history = previous if previous is not None else read_history(root, cancel=cancel)
    skip = skips(history, ignore)
    given = {one.path: one for one in hashes if not skip.all_the_way(one.path, folder=False)}
    folders = {one.below: one for one in history.every()}
    tree = FolderHashes([n for n in FORMATS if any(n in one.hashes for one in given.values())])
    with Generations(history, process, creator or Creator(), ignore) as out:
        for folder in walk(root, skip, cancel=cancel):
            if isinstance(folder, Unreadable):
                continue
            found: dict[str, dict[HashName, str]] = {}
            for item in folder.items:
                one = given.pop(below(folder.path, item.name), None)
                if one and item.kind == "file":
                    found[item.name] = one.hashes
                    _write_file(out, folders, history, one)
            out.folder(folder.path, folder.mtime_ns, tree.close(folder, found))
        for one in given.values():  # gone since it was hashed, which does not undo that it was
            _write_file(out, folders, history, one)
        return out.finish()[-1]


def _write_file(out: Generations, folders: dict[str, History], top: History, one: MhlHash) -> None:
    history, path = owner(folders, top, one.path)
    known = history.known.get(path)
    if known is None and one.previous:
        former, was = owner(folders, top, one.previous)
        known = former.known.get(was)
    values = judge(known, one.hashes, failed=one.action == "failed").values
    if values:
        out.file(Entry(one.path, False, one.size, one.mtime_ns, values, one.previous))


def skips(history: History, ignore: Sequence[str] = ()) -> "Skips":
    """What the patterns of a history, of those in it, and these hold out of a walk from its top."""
    return Skips(history, ignore)


class Skips:
    """Asked with (path, is it a folder) for each name of a walk."""

    def __init__(self, history: History, ignore: Sequence[str]) -> None:
        self._rules = {
            one.below: compiled((*DEFAULT_IGNORE, *one.ignore, *(() if one.below else ignore)))
            for one in history.every()
        }
        self.held = 0
        """How often it held something out that not every history does."""
        self._folder: str | None = None
        self._here: list[tuple[int, tuple[Pattern, ...]]] = []

    def __call__(self, path: str, folder: bool, /) -> bool:
        """Whether it is held out, where the folders above it are not."""
        above, _, name = path.rpartition("/")
        if durable.is_ours(name):
            return True  # half-made; it becomes something, or is swept
        if above != self._folder:
            self._folder, self._here = above, self._above(above)
        out = any(ignored(rules, path[start:], folder=folder) for start, rules in self._here)
        self.held += out and name not in DEFAULT_IGNORE
        return out

    def all_the_way(self, path: str, *, folder: bool) -> bool:
        """Whether it, or a folder above it, is held out."""
        place = path.find("/")
        while place > 0:
            if self(path[:place], True):
                return True
            place = path.find("/", place + 1)
        return self(path, folder)

    def _above(self, folder: str) -> list[tuple[int, tuple[Pattern, ...]]]:
        """The rules of each history that the names in a folder lie in, and where a path begins in it."""
        found: list[tuple[int, tuple[Pattern, ...]]] = []
        while folder:
            if folder in self._rules:
                found.append((len(folder) + 1, self._rules[folder]))
            folder = folder.rpartition("/")[0]
        return [*found, (0, self._rules[""])]
