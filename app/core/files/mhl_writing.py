"""Writes new generations: one manifest for a history and for each nested one that is touched, then their chains, bottom up.

A manifest is written beside its place under a temporary name, made durable, and given its name without ever replacing
one; only then the chain names it. A crash in between leaves a manifest that no chain names: the next generation takes
it into the chain first where it is whole and follows the last. A first generation is made in a folder beside and comes
with its chain in one step. Nothing is added to a damaged history.
"""

import contextlib
import dataclasses
import errno
import io
import os
import shutil
from collections.abc import Generator, Mapping, Sequence
from pathlib import Path
from typing import Final

from app.core.files import mhl_manifest
from app.core.files.digests import Digest, HashName, digest
from app.core.files.mhl_manifest import Link
from app.core.files.mhl_reading import History, Known, owner, place
from app.core.files.mhl_tree import names_in
from app.core.files.mhl_values import (
    CHAIN,
    DEFAULT_IGNORE,
    FOLDER,
    NUMBERED,
    SUFFIX,
    Creator,
    Entry,
    Process,
    Reference,
    Value,
)
from app.core.files.mhl_xml import carried, moment
from app.core.files.opening import open_regular
from app.core.files.publish import sweep
from app.core.model.errors import BadData, Damage, Passing, Refused
from app.core.platform import clock, durable, handles

_NAME: Final = 160
"""Bytes of a folder's name that go into the name of a manifest: 255 are what filesystems take in all."""
_NO_LINKS: Final = frozenset(
    {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}
)
_PIECE: Final = 1 << 20


def refuse_damaged(history: History) -> None:
    """Nothing is added to a damaged history.

    Raises:
        Damage: it is, with what and where.
    """
    for problem in history.all_problems:
        if problem.damage:
            raise Damage(
                "The history is damaged",
                f"{problem.subject}: {problem.state.value}.",
                subject=str(history.top),
                todo="Nothing was added to it. Put the ascmhl folder back from another copy, and verify again.",
            )


class Generations:
    """The new generations of a history and those in it, while their files and folders are named.

    Use it in `with`: what was not finished is taken away at the end.
    """

    def __init__(
        self,
        history: History,
        process: Process,
        creator: Creator,
        ignore: Sequence[str] = (),
        *,
        top: bool = True,
    ) -> None:
        """Begins; nothing is written yet.

        Args:
            history: what goes on, or begins.
            process: how the hashes came about.
            creator: who.
            ignore: patterns beside those of the history.
            top: write at the top as well; else in the nested ones alone, and what lies outside of them in none.

        Raises:
            Damage: the history is damaged.
        """
        refuse_damaged(history)
        self._top = top
        self._history = history
        self._folders = {one.below: one for one in history.every()}
        self._process: Process = process
        self._creator = creator
        self._ignore = tuple(ignore)
        self._begun = clock.now_ms() * 1_000_000
        self._bodies: dict[str, _Body] = {}
        self._staged: dict[str, Path] = {}
        """Where the first generation of a history is made: whole, it becomes its folder `ascmhl`."""

    def __enter__(self) -> "Generations":
        return self

    def __exit__(self, *_: object) -> None:
        for body in self._bodies.values():
            body.close()
        for folder in self._staged.values():
            shutil.rmtree(folder, ignore_errors=True)

    def begin(self) -> None:
        """Makes room for each manifest, so that a place where nothing can be written is known before the work.

        Raises:
            NoRoom, Missing: nothing can be written there.
        """
        for one in self._history.every():
            if one.below or self._top:
                self._body(one).rest()

    def file(self, entry: Entry) -> None:
        """A file with its hashes; its path is below the top."""
        history, path = owner(self._folders, self._history, entry.path)
        if not history.below and not self._top:
            return
        previous = entry.previous
        if previous is not None:
            former, previous = owner(self._folders, self._history, previous)
            previous = previous if former is history else None
        mine = dataclasses.replace(entry, path=path, previous=previous)
        self._body(history).write(mhl_manifest.file_element(mine, clock.now_ms() * 1_000_000))

    def folder(
        self,
        path: str,
        mtime_ns: int,
        hashes: Mapping[HashName, tuple[str, str]],
        previous: str | None = None,
    ) -> None:
        """A folder with its hashes over content and structure, after what lies in it; the top is the empty path.

        The root of a nested history is named in that one and in the one above.
        """
        history = self._folders.get(path)
        if history and (path or self._top):
            body = self._body(history)
            body.root = dict(hashes)
            body.rest()
        if not path:
            return
        values = tuple(Value(name, pair[0], None, pair[1]) for name, pair in hashes.items())
        above, _ = owner(self._folders, self._history, path.rpartition("/")[0])
        if not above.below and not self._top:
            return
        start = len(above.below) + 1 if above.below else 0
        former = previous[start:] if previous and previous.startswith(above.below) else None
        entry = Entry(path[start:], True, None, mtime_ns, values, former)
        self._body(above).write(mhl_manifest.folder_element(entry))

    def finish(self) -> list[Path]:
        """Writes the manifests and the chains, nested ones first; each is durable before the next.

        Returns:
            The manifests, that at the top last.

        Raises:
            Passing: somebody else added a generation since the history was read.
            NoRoom, Missing: it cannot be written; what was finished before stands.
        """
        named: dict[str, list[Reference]] = {}
        written: list[Path] = []
        for one in self._history.every():
            references, body = (
                named.get(one.below, []),
                self._body(one) if self._wanted(one) else None,
            )
            if body is None or (one.below and not (body.root or body.filled or references)):
                continue
            path, c4 = self._write(one, body, references)
            written.append(path)
            if one.below:
                above, _ = owner(self._folders, self._history, one.below.rpartition("/")[0])
                start = len(above.below) + 1 if above.below else 0
                named.setdefault(above.below, []).append(
                    Reference(place(one, path.name)[start:], c4)
                )
        return written

    def _wanted(self, history: History) -> bool:
        return bool(history.below) or self._top

    def _body(self, history: History) -> "_Body":
        body = self._bodies.get(history.below)
        if body is None:
            folder = history.root / FOLDER
            try:
                if history.there:
                    sweep(folder)
                else:
                    sweep(history.root)
                    folder = history.root / durable.temporary_name()
                    folder.mkdir()
                    self._staged[history.below] = folder
                body = _Body(folder)
            except OSError as problem:
                raise durable.write_error(folder, problem) from problem
            self._bodies[history.below] = body
        return body

    def _write(
        self, history: History, body: "_Body", references: Sequence[Reference]
    ) -> tuple[Path, str]:
        final = history.root / FOLDER
        folder = self._staged.get(history.below, final)
        with _alone(folder):
            links = _links_now(history) if folder is final else []
            numbers = [
                int(found[1]) for name in names_in(folder) if (found := NUMBERED.fullmatch(name))
            ]
            number = max([*numbers, len(links)]) + 1
            name = f"{number:04}_{_folder_name(history.root)}_{self._stamp()}{SUFFIX}"
            opening = mhl_manifest.opening(
                self._creator, self._begun, self._process, self._patterns(history), body.root
            )
            plain = [one for one in references if carried(one.path)]
            try:
                c4 = body.publish(opening, mhl_manifest.references(plain), folder / name)
                chain = mhl_manifest.chain_text([*links, Link(len(links) + 1, name, c4)])
                durable.write_file(folder / CHAIN, chain.encode(), mode=0o666)
            except OSError as problem:
                raise durable.write_error(folder / name, problem) from problem
        if folder is not final:
            _begin_history(folder, final)
            del self._staged[history.below]
        return final / name, c4

    def _stamp(self) -> str:
        text = moment(self._begun) or ""
        return text[:10] + "_" + text[11:19].replace(":", "") + "Z"

    def _patterns(self, history: History) -> tuple[str, ...]:
        """What holds for one history: its own, the usual ones, and those asked for now as they read from its folder."""
        added = self._ignore if not history.below else _from(self._ignore, history.below)
        return tuple(dict.fromkeys((*DEFAULT_IGNORE, *history.ignore, *added)))


def _from(patterns: Sequence[str], folder: str) -> list[str]:
    """Patterns of the top as they read from a folder in it; those that hold elsewhere only are left out."""
    found: list[str] = []
    for pattern in patterns:
        bare = pattern.removeprefix("/")
        if "/" not in pattern.rstrip("/") or pattern.startswith("**/"):
            found.append(pattern)
        elif bare.startswith(f"{folder}/"):
            found.append(bare[len(folder) :])
    return found


def _folder_name(root: Path) -> str:
    name = root.name or root.resolve().name or "root"
    plain = "".join(c if c.isprintable() and c not in '/\\:*?"<>|' else "_" for c in name)
    return plain.encode("utf-8", "replace")[:_NAME].decode("utf-8", "ignore")


def _begin_history(folder: Path, final: Path) -> None:
    """Gives a first generation and its chain their place in one step; at most an empty folder is replaced."""
    try:
        folder.rename(final)
        durable.sync_folder(final.parent)
    except OSError as problem:
        if problem.errno in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR):
            raise _grown(final) from problem
        raise durable.write_error(final, problem) from problem


@contextlib.contextmanager
def _alone(folder: Path) -> Generator[None]:
    """Keeps two of ours from adding to one history at once (folders cannot be locked everywhere: then nothing is)."""
    try:
        handle = os.open(folder, os.O_RDONLY | handles.PLAIN)
    except OSError:
        yield
        return
    try:
        if not handles.try_lock(handle):
            raise _grown(folder)
        yield
    finally:
        os.close(handle)


def _grown(folder: Path) -> Passing:
    return Passing(
        "The history grew meanwhile",
        f"Something else added a generation in {folder}.",
        subject=str(folder),
        todo="Verify again.",
    )


def _links_now(history: History) -> list[Link]:
    """The chain as it is now, which must be as it was read; with what a crash left outside of it."""
    links: tuple[Link, ...] = ()
    if (history.root / FOLDER / CHAIN).exists():
        try:
            with open_regular(history.top, place(history, CHAIN)) as stream:
                links = mhl_manifest.read_chain(stream, place(history, CHAIN))
        except (BadData, Refused) as error:
            raise _grown(history.root / FOLDER) from error
    if links != history.links:
        raise _grown(history.root / FOLDER)
    return [*links, *_left_over(history)]


def _left_over(history: History) -> list[Link]:
    """A whole manifest that follows the last of the chain and is in none: what a crash between the two leaves."""
    following = [n for n in history.unlisted if int(n.partition("_")[0]) == len(history.links) + 1]
    if len(following) != 1 or len(history.unlisted) != 1 or not history.links:
        return []
    made = digest("c4")
    try:
        with open_regular(history.top, place(history, following[0])) as stream:
            mhl_manifest.read_manifest(stream, following[0], lambda _: None, digest=made)
    except (BadData, Refused):
        return []
    return [Link(len(history.links) + 1, following[0], made.text())]


class _Body:
    """The list of a manifest while it grows, in a temporary file beside its place."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / durable.temporary_name()
        self._file: io.BufferedWriter | None = self._path.open("xb")
        self.root: dict[HashName, tuple[str, str]] = {}
        self.filled = False
        """Whether anything stands in it."""

    def write(self, text: str) -> None:
        """One more element."""
        try:
            if self._file is None:
                self._file = self._path.open("ab")
            self._file.write(text.encode())
        except OSError as problem:
            raise durable.write_error(self._path, problem) from problem
        self.filled = True

    def rest(self) -> None:
        """Holds no file open until more is written: there may be thousands of nested histories."""
        file, self._file = self._file, None
        try:
            if file:
                file.close()
        except OSError as problem:
            raise durable.write_error(self._path, problem) from problem

    def publish(self, opening: str, closing: str, final: Path) -> str:
        """Writes the whole under a temporary name, gives it its own, and says its C4 ID. Raises OSError."""
        self.rest()
        made = digest("c4")
        temporary = final.with_name(durable.temporary_name())
        try:
            with self._path.open("rb") as body, temporary.open("xb") as file:
                out = _Hashed(file, made)
                out.write(opening.encode())
                if self.filled:
                    out.write(b"  <hashes>\n")
                    while piece := body.read(_PIECE):
                        out.write(piece)
                    out.write(b"  </hashes>\n")
                out.write(closing.encode())
                out.write(mhl_manifest.CLOSING.encode())
                file.flush()
                os.fsync(file.fileno())
            _claim(temporary, final)
            durable.sync_folder(final.parent)
        finally:
            temporary.unlink(missing_ok=True)
        self.close()
        return made.text()

    def close(self) -> None:
        """Takes the temporary file away; what a full disk did not take of it is not wanted any more."""
        if self._file:
            with contextlib.suppress(OSError):
                self._file.close()
            self._file = None
        # Where a disk turned read-only it stays, and `sweep` has it the next time.
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)


class _Hashed:
    def __init__(self, file: io.BufferedWriter, made: Digest) -> None:
        self._file, self._made = file, made

    def write(self, data: bytes) -> None:
        self._made.update(data)
        self._file.write(data)


def _claim(temporary: Path, final: Path) -> None:
    """Gives a file its name where nothing has it yet. Raises OSError."""
    try:
        os.link(temporary, final)
    except OSError as problem:
        if problem.errno not in _NO_LINKS:
            raise
        # No links here (exFAT, some shares): looking first is all there is.
        if os.path.lexists(final):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(final)) from problem
        temporary.rename(final)


@dataclasses.dataclass(frozen=True, slots=True)
class Judged:
    """What becomes of the hashes of one file."""

    values: tuple[Value, ...]
    """What is written; empty where nothing is proven."""
    differs: tuple[tuple[HashName, str, str], ...] = ()
    """(hash, what the history holds, what was found)."""
    fresh: bool = False
    """The history knew nothing of it."""


def judge(known: Known | None, found: Mapping[HashName, str], *, failed: bool = False) -> Judged:
    """Compares the hashes of a file with its history.

    A new hash of a known file is `verified` only beside an old one that agrees; where an old one differs it is left
    out, since nothing says that it is that of the file once hashed. What only ever failed does so still.
    """
    held: Mapping[HashName, str] = known.values if known and not known.folder else {}
    if failed or (known and known.failed and not held):
        return Judged(tuple(Value(name, text, "failed") for name, text in found.items()))
    if not held:
        return Judged(
            tuple(Value(name, text, "original") for name, text in found.items()), fresh=True
        )
    common: list[HashName] = [name for name in found if name in held]
    differs: list[tuple[HashName, str, str]] = [
        (n, held[n], found[n]) for n in common if held[n] != found[n]
    ]
    if differs or not common:
        wrong = {name for name, _, _ in differs}
        return Judged(
            tuple(Value(n, found[n], "failed" if n in wrong else "verified") for n in common),
            tuple(differs),
        )
    return Judged(tuple(Value(name, text, "verified") for name, text in found.items()))
