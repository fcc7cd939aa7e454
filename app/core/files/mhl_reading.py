"""Reads the history of a folder: its chain, its generations, the histories nested in it, and what they say of each file.

Damage is a value (`History.problems`, each with a `State`), never an exception: a manifest that is gone, altered or
cut off, a chain that is gone, empty or broken. What still can be read is read.
"""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

from app.core.files import mhl_manifest
from app.core.files.digests import HashName, digest
from app.core.files.mhl_ignore import compiled, held_out
from app.core.files.mhl_manifest import Link
from app.core.files.mhl_tree import histories, names_in
from app.core.files.mhl_values import (
    CHAIN,
    DEFAULT_IGNORE,
    FOLDER,
    NUMBERED,
    Entry,
    Header,
    Problem,
    State,
)
from app.core.files.opening import open_folder, open_regular
from app.core.model.errors import Away, BadData, Cancelled, Refused, RushesError
from app.core.model.names import display
from app.core.platform.pacing import IsCancelled, never


@dataclasses.dataclass(slots=True)
class Known:
    """What a history says of one file or folder."""

    folder: bool
    size: int | None
    mtime_ns: int | None
    values: dict[HashName, str]
    """Of a file: the first hash of each name that did not fail. Of a folder: its newest, content and structure with `/` between."""
    failed: bool = False
    """The newest generation that names it says that it differs."""


@dataclasses.dataclass(frozen=True, slots=True)
class Generation:
    """One manifest of the chain."""

    number: int
    """Its place in the chain."""
    name: str
    """Its file in the folder `ascmhl`."""
    c4: str
    """As it was read; the chain may say otherwise."""
    header: Header
    files: int
    failed: int
    """Files in it of which a hash failed."""


@dataclasses.dataclass(slots=True)
class History:
    """One history: a folder, and what its manifests say of what lies in it."""

    top: Path
    """The folder that was asked about: files are opened from there, and never outside."""
    below: str
    """Its path below that; empty for that one itself."""
    there: bool = False
    """Whether it has a folder `ascmhl`."""
    links: tuple[Link, ...] = ()
    generations: tuple[Generation, ...] = ()
    known: dict[str, Known] = dataclasses.field(default_factory=dict[str, Known])
    """By path below its folder."""
    problems: list[Problem] = dataclasses.field(default_factory=list[Problem])
    """Of this one; `all_problems` has those of the nested ones as well."""
    nested: list["History"] = dataclasses.field(default_factory=list["History"])
    """Those that lie in it, without those in these."""
    unlisted: tuple[str, ...] = ()
    """Manifests beside the chain that it does not name; what they say is not used."""
    names: frozenset[str] = frozenset()
    """The files in its folder `ascmhl`."""

    def every(self) -> Iterator["History"]:
        """All of them, each after those nested in it, however deep."""
        stack: list[tuple[History, Iterator[History]]] = [(self, iter(self.nested))]
        while stack:
            history, left = stack[-1]
            deeper = next(left, None)
            if deeper:
                stack.append((deeper, iter(deeper.nested)))
            else:
                stack.pop()
                yield history

    @property
    def root(self) -> Path:
        """Its folder."""
        return self.top / self.below if self.below else self.top

    @property
    def all_problems(self) -> list[Problem]:
        """Of this history and those in it."""
        return [problem for one in self.every() for problem in one.problems]

    @property
    def damaged(self) -> bool:
        """Whether something of it or of those in it is lost or altered."""
        return any(problem.damage for problem in self.all_problems)

    @property
    def empty(self) -> bool:
        """Whether there is no history at all: none here, none below."""
        return not any(one.there for one in self.every())

    @property
    def ignore(self) -> tuple[str, ...]:
        """The patterns of its newest generation; the usual ones where it has none."""
        newest = self.generations[-1].header.ignore if self.generations else ()
        return newest or DEFAULT_IGNORE


def owner(folders: dict[str, History], top: History, path: str) -> tuple[History, str]:
    """The nearest history above a path, and the path below that one; `folders`: all histories by their place.

    A nested root belongs to itself, as an empty path.
    """
    folder = path
    while folder:
        found = folders.get(folder)
        if found:
            return found, path[len(folder) + 1 :]
        folder = folder.rpartition("/")[0]
    return top, path


def place(history: History, name: str = "") -> str:
    """A file of a history's folder `ascmhl`, below the folder that was asked about."""
    return "/".join(part for part in (history.below, FOLDER, name) if part)


def read_history(root: Path, *, cancel: IsCancelled = never) -> History:
    """Reads the history of a folder and those nested in it.

    Args:
        root: the folder that holds `ascmhl`; where it holds none the answer has no generation.
        cancel: asked for each folder and each 64 KiB.

    Raises:
        Refused, Missing, Passing: the folder itself cannot be read.
        Cancelled: `cancel` said so.
    """
    top = _read(root, "", cancel)
    folders = {"": top}
    for path in histories(root, cancel=cancel):
        one = _read(root, path, cancel)
        above, _ = owner(folders, top, path.rpartition("/")[0])
        above.nested.append(one)
        folders[path] = one
    for one in top.every():
        _check_references(one)
    return top


def _read(root: Path, path: str, cancel: IsCancelled) -> History:
    found = History(root, path)
    try:
        with open_folder(root, place(found)) as folder:
            found.names = names_in(folder)
        found.there = True
    except Away:
        with open_folder(root, path):
            return found  # the folder itself is there
    except Refused as error:
        found.there = True
        found.problems.append(Problem(State.NO_CHAIN, place(found), error.message))
        return found
    _read_chain(found)
    manifests = sorted(name for name in found.names if NUMBERED.fullmatch(name))
    # Without a chain the manifests still say what the files were, if not whether they say so themselves.
    links = found.links or tuple(Link(n, name, "") for n, name in enumerate(manifests, 1))
    for link in links:
        _read_generation(found, link, cancel)
    listed = {link.name for link in links}
    found.unlisted = tuple(name for name in manifests if name not in listed)
    found.problems += [Problem(State.UNLISTED, place(found, n)) for n in found.unlisted]
    return found


def _read_chain(history: History) -> None:
    subject = place(history, CHAIN)
    if CHAIN not in history.names:
        history.problems.append(Problem(State.NO_CHAIN, subject))
        return
    try:
        with open_regular(history.top, subject) as stream:
            links = mhl_manifest.read_chain(stream, subject)
    except Cancelled:
        raise
    except RushesError as error:
        history.problems.append(Problem(State.BAD_CHAIN, subject, error.message))
        return
    for link in links:
        if not _is_name(link.name):
            history.problems.append(Problem(State.LEADS_OUT, subject, display(link.name)))
            return
    history.links = links


def _is_name(name: str) -> bool:
    return bool(name) and name not in (".", "..") and not set("/\\\0") & set(name)


def _read_generation(history: History, link: Link, cancel: IsCancelled) -> None:
    subject = place(history, link.name)
    if link.name not in history.names:
        history.problems.append(Problem(State.NO_MANIFEST, subject))
        return
    taking = _Taking(history, subject)
    made = digest("c4")
    header: Header | None = None
    try:
        with open_regular(history.top, subject) as stream:
            header = mhl_manifest.read_manifest(
                stream, subject, taking.take, digest=made, cancel=cancel
            )
    except (BadData, Refused) as error:
        history.problems.append(Problem(State.BAD_MANIFEST, subject, error.message))
    except Away:
        history.problems.append(Problem(State.NO_MANIFEST, subject))
        return
    taking.settle()
    if link.c4 and made.text() != link.c4:
        history.problems.append(Problem(State.OTHER_MANIFEST, subject))
    if header:
        one = Generation(link.number, link.name, made.text(), header, taking.files, taking.failed)
        history.generations += (one,)


class _Taking:
    """Takes what one manifest says into its history."""

    def __init__(self, history: History, subject: str) -> None:
        self._history, self._subject = history, subject
        self._moved: dict[str, str] = {}
        """Folders that were renamed: former path to new."""
        self._led_out = False
        self.files = self.failed = 0

    def take(self, entry: Entry) -> None:
        """One file or folder."""
        if not is_below(entry.path) or not is_below(entry.previous or "a"):
            if not self._led_out:
                out = Problem(State.LEADS_OUT, self._subject, display(entry.path))
                self._history.problems.append(out)
            self._led_out = True
            return
        if entry.previous and entry.previous != entry.path:
            self._rename(entry.previous, entry)
        if entry.folder:
            values: dict[HashName, str] = {
                v.name: f"{v.text}/{v.structure}" for v in entry.values if v.structure
            }
            self._history.known[entry.path] = Known(True, None, entry.mtime_ns, values)
            return
        self.files += 1
        failed = any(value.action == "failed" for value in entry.values)
        self.failed += failed
        one = self._history.known.get(entry.path)
        if one is None or one.folder:
            one = self._history.known[entry.path] = Known(False, entry.size, entry.mtime_ns, {})
        one.failed = failed
        for value in entry.values:
            if value.action != "failed":
                one.values.setdefault(value.name, value.text)

    def _rename(self, former: str, entry: Entry) -> None:
        one = self._history.known.pop(former, None)
        if one and entry.path not in self._history.known:
            self._history.known[entry.path] = one
        if entry.folder:
            self._moved[former] = entry.path

    def settle(self) -> None:
        """At the end of the manifest: what lay in a renamed folder and was not named anew lies in it still."""
        if not self._moved:
            return
        known = self._history.known
        for path in list(known):
            folder = path
            while folder := folder.rpartition("/")[0]:
                if folder in self._moved:
                    one = known.pop(path)
                    known.setdefault(self._moved[folder] + path[len(folder) :], one)
                    break


def is_below(path: str) -> bool:
    """Whether a path of a manifest stays below its root: relative, without `..`, `.`, empty names."""
    return "\0" not in path and not any(name in ("", ".", "..") for name in path.split("/"))


def _check_references(history: History) -> None:
    """Whether the manifests of nested histories that this one names are there, and are those."""
    if not any(generation.header.references for generation in history.generations):
        return
    start = len(history.below) + 1 if history.below else 0
    below = {
        place(one, generation.name)[start:]: generation.c4
        for one in history.every()
        if one is not history
        for generation in one.generations
    }
    # A nested history that was renamed along with its folder is there under another path.
    anywhere = {(path.rpartition("/")[2], c4) for path, c4 in below.items()}
    named = {problem.subject for problem in history.all_problems}
    patterns = compiled(history.ignore)
    for number, generation in enumerate(history.generations, 1):
        for one in generation.header.references:
            subject = "/".join(part for part in (history.below, one.path) if part)
            state, said = None, ""
            if not is_below(one.path):
                state, said = State.LEADS_OUT, display(one.path)
                subject = place(history, generation.name)
            elif one.path in below:
                state = State.OTHER_MANIFEST if below[one.path] != one.c4 else None
            elif number == len(history.generations) and not held_out(
                patterns, one.folder, folder=True
            ):
                moved = (one.path.rpartition("/")[2], one.c4) in anywhere
                state = None if moved else State.NO_NESTED
            if state and subject not in named:
                named.add(subject)
                history.problems.append(Problem(state, subject, said))
