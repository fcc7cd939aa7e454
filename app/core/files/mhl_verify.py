"""Verifies a folder against its history: every file is read from its disk, compared, and recorded in a new generation.

First the tree is listed: what the history names and is not there is missing, or was renamed where a new file turns
out to be the same. Then the files are read in their order. What could not be read is told, and is not called missing.
"""

import contextlib
import dataclasses
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Final

from app.core.files import hashing
from app.core.files.copy_back import Buffers, read_source
from app.core.files.copy_sums import Sums
from app.core.files.digests import HashName
from app.core.files.mhl_basis import Basis, Little, Renames, basis_of
from app.core.files.mhl_history import History, Known, Skips, read_history, skips
from app.core.files.mhl_places import not_written
from app.core.files.mhl_tree import Folder, FolderHashes, Item, Unreadable, below, walk
from app.core.files.mhl_values import FAST_FIRST, FOLDER, Creator, Entry, Problem, Process, Value
from app.core.files.mhl_writing import Generations, judge
from app.core.files.opening import open_folder, open_regular
from app.core.model.errors import Cancelled, Refused, RushesError
from app.core.platform import entries, filesystems
from app.core.platform.pacing import IsCancelled, Limiter, called_off, never

XXH32: Final = "xxh32"
"""What only legacy lists hold; a number in eight hexadecimal digits here."""

SIZE: Final = "size"
"""Where a legacy list holds no hash at all: what is compared then, in decimal."""


@dataclasses.dataclass(frozen=True, slots=True)
class Failure:
    """A file that is not what its history says."""

    path: str
    name: str
    """The hash that differs; `size` where the history holds nothing else."""
    held: str
    """What the history says."""
    found: str
    """What the file has now."""


@dataclasses.dataclass(slots=True)
class VerifyResult:
    """What came of a verification. Paths are below the folder, those of folders end in `/`."""

    root: Path
    basis: str
    """What it was compared with: `history`, `legacy list`, or `nothing` where the first generation was made."""
    files: int = 0
    """Files that were read whole."""
    bytes: int = 0
    verified: int = 0
    """Files that are as the history says."""
    by_size: int = 0
    """Of these, those of which it says the size alone."""
    failed: list[Failure] = dataclasses.field(default_factory=list[Failure])
    missing: list[str] = dataclasses.field(default_factory=list[str])
    new: list[str] = dataclasses.field(default_factory=list[str])
    """Files that the history does not name; not filled for the first generation."""
    renamed: list[tuple[str, str]] = dataclasses.field(default_factory=list[tuple[str, str]])
    """(former path, path now): the same content."""
    unreadable: list[tuple[str, str]] = dataclasses.field(default_factory=list[tuple[str, str]])
    """(path, why): nothing is said of them, nor of what lies below."""
    passed_over: list[tuple[str, str]] = dataclasses.field(default_factory=list[tuple[str, str]])
    """(path, why): links and the like that the history does not name."""
    left_out: int = 0
    """Files and folders that a pattern holds out, without those that every history leaves out."""
    problems: list[Problem] = dataclasses.field(default_factory=list[Problem])
    generation: Path | None = None
    """The manifest that was written at the root."""
    generations: list[Path] = dataclasses.field(default_factory=list[Path])
    """All that were written: those of nested histories, then that one."""
    not_recorded: str = ""
    """Why none was written."""
    record_failed: bool = False
    """It was wanted and could not be written."""

    @property
    def damage(self) -> bool:
        """Whether something that was whole no longer is."""
        return bool(self.failed or self.missing or any(p.damage for p in self.problems))

    @property
    def left(self) -> bool:
        """Whether something was not done, or is to be looked at, without being damage."""
        return bool(self.unreadable or self.problems or self.record_failed)


def verify(
    root: Path,
    *,
    formats: Sequence[HashName] = (),
    ignore: Sequence[str] = (),
    first: bool = False,
    write: bool = True,
    process: Process = "in-place",
    creator: Creator | None = None,
    cancel: IsCancelled = never,
    progress: hashing.OnProgress | None = None,
    cap: Limiter | None = None,
) -> VerifyResult:
    """Verifies a folder against its history in ASC MHL, else against the legacy lists in it.

    Args:
        root: the folder.
        formats: the hashes to take; those that the history holds most when left out. A file is always compared in one
            that the history holds of it.
        ignore: patterns that hold out more than the history's; recorded with the generation.
        first: make the first generation where there is no history at the folder itself.
        write: record a generation; nothing is written otherwise.
        process: what the generation says of how it came about.
        creator: who; this Rushes on this machine when left out.
        cancel: asked for each folder and each MiB; what was begun is taken away.
        progress: told (bytes done, bytes in all).
        cap: bytes a second.

    Raises:
        Refused: there is no history, and the first was not asked for.
        Missing, Passing: the folder itself cannot be read.
        Cancelled: `cancel` said so; nothing was written.
    """
    history = read_history(root, cancel=cancel)
    basis = basis_of(root, history, cancel)
    if basis.name == "nothing" and not first:
        raise _no_history(root)
    result = VerifyResult(root, basis.name, problems=[*history.all_problems, *basis.problems])
    wanted = tuple(formats) or basis.usual()
    verifying = _Verifying(root, basis, wanted, skips(history, ignore), result)
    verifying.look(cancel)
    recorded = basis.name == "history" or first
    with _Recorder(history, process, creator or Creator(), ignore, result) as recorder:
        if write and recorded:
            recorder.begin(top=history.there or first)
        elif not recorded:
            result.not_recorded = "the folder has a legacy list, and no history in ASC MHL"
        verifying.read(recorder, _Reading(root, verifying.total, cancel, progress, cap))
        recorder.finish()
    return result


def _no_history(root: Path) -> Refused:
    above = next((one for one in root.absolute().parents if (one / "ascmhl").is_dir()), None)
    return Refused(
        "There is no history to verify against",
        f"{root} holds neither an ascmhl folder nor a legacy list of hashes.",
        subject=str(root),
        todo=f"It lies in {above}, which has a history: verify that one."
        if above
        else "Make the first generation of what is there now: rushes verify --first FOLDER",
    )


class _Recorder:
    """Writes the new generation along; where that fails, says so and lets the verification go on."""

    def __init__(
        self,
        history: History,
        process: Process,
        creator: Creator,
        ignore: Sequence[str],
        result: VerifyResult,
    ) -> None:
        self._history = history
        self._process: Process = process
        self._creator, self._ignore, self._result = creator, ignore, result
        self._out: Generations | None = None

    def __enter__(self) -> "_Recorder":
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def begin(self, *, top: bool) -> None:
        """Makes ready, so that a place where nothing can be written is known at once.

        Without `top` the nested histories alone go on: none is begun above them unasked.
        """
        if self._history.damaged:
            self._result.not_recorded = "nothing is added to a damaged history"
            return
        if why := not_written(self._history.root):
            self._result.not_recorded = why
            return
        with self._trying():
            self._out = Generations(
                self._history, self._process, self._creator, self._ignore, top=top
            )
            self._out.begin()

    def file(self, entry: Entry) -> None:
        """A file with its hashes."""
        if self._out and entry.values:
            with self._trying():
                self._out.file(entry)

    def folder(
        self, folder: Folder, hashes: dict[HashName, tuple[str, str]], previous: str | None
    ) -> None:
        """A folder with its hashes."""
        if self._out:
            with self._trying():
                self._out.folder(folder.path, folder.mtime_ns, hashes, previous)

    def finish(self) -> None:
        """Gives the manifests their names."""
        if self._out and self._result.failed and self._result.basis != "history":
            # A first generation would call what differs the original.
            self._close()
            self._result.not_recorded = "no history is begun over files that differ from their list"
        if self._out:
            with self._trying():
                self._result.generations = self._out.finish()
                at_root = [
                    p for p in self._result.generations if p.parent == self._history.root / FOLDER
                ]
                self._result.generation = at_root[0] if at_root else None

    @contextlib.contextmanager
    def _trying(self) -> Generator[None]:
        try:
            yield
        except Cancelled:
            raise
        except RushesError as error:
            self._close()
            self._result.record_failed = True
            self._result.not_recorded = error.message

    def _close(self) -> None:
        if self._out:
            self._out.__exit__()
            self._out = None


class _Reading:
    """Reads files from their disk, and tells how far it is.

    What was written shortly before still lies in memory: it is made durable first, in one call where the filesystem
    knows one, and memory is asked to let go of each file.
    """

    def __init__(
        self,
        root: Path,
        total: int,
        cancel: IsCancelled,
        progress: hashing.OnProgress | None,
        cap: Limiter | None,
    ) -> None:
        self._root, self._total = root, total
        self.cancel = cancel
        self._progress, self._cap = progress, cap
        self._buffers = Buffers()
        self._done = 0
        self._durable = _all_durable(root)

    def hashes(self, path: str, names: Sequence[HashName]) -> tuple[int, int, dict[HashName, str]]:
        """(bytes, time of change, hashes) of a file. Raises as `copy_back.read_back`."""
        with open_regular(self._root, path) as stream:
            handle = stream.fileno()
            with contextlib.suppress(OSError):
                if not self._durable:
                    entries.sync_handle(handle)
                entries.forget(handle)
            seen = hashing.Identity.of(stream)
            with Sums(names, seen.size) as sums:
                for piece in read_source(
                    stream,
                    path,
                    self._buffers.take(sums.buffers),
                    cancel=self.cancel,
                    progress=self._told,
                    cap=self._cap,
                ):
                    sums.update(piece)
                found = sums.texts()
        self._done += seen.size
        return seen.size, seen.mtime_ns, found

    def short(self, path: str) -> str:
        """XXH32 of a file, in hexadecimal. Raises as `copy_back.read_back`."""
        import xxhash

        made = xxhash.xxh32()
        with open_regular(self._root, path) as stream:
            for piece in hashing.pieces(stream, cancel=self.cancel, cap=self._cap):
                made.update(piece)
        return made.hexdigest()

    def _told(self, done: int, _size: int) -> None:
        if self._progress:
            self._progress(min(self._done + done, self._total), self._total)


def _all_durable(root: Path) -> bool:
    """Makes all of a folder's filesystem durable in one call; false where there is none that does so."""
    try:
        with open_folder(root) as place:
            return entries.sync_all(place, filesystems.mount_of(root).fs_type)
    except (OSError, RushesError):
        return False


class _Verifying:
    """One verification: the look, then the reading."""

    def __init__(
        self, root: Path, basis: Basis, formats: Sequence[HashName], skip: Skips, out: VerifyResult
    ) -> None:
        self._root, self._basis, self._skip, self._out = root, basis, skip, out
        self._formats = tuple(formats)
        self._renames = Renames(basis)
        self.total = 0
        """Bytes to read."""

    def look(self, cancel: IsCancelled) -> None:
        """Lists the tree: what there is to read, and what is missing."""
        unread: list[str] = []
        for folder in walk(self._root, self._skip, cancel=cancel):
            self._basis.seen(folder.path, folder=True)
            if isinstance(folder, Unreadable):
                unread.append(folder.path)
                self._out.unreadable.append((f"{folder.path}/", folder.error.message))
                continue
            for item in folder.items:
                if item.kind != "folder":
                    self._basis.seen(below(folder.path, item.name), folder=False)
                    self.total += item.size if item.kind == "file" else 0
        self._out.left_out = self._skip.held
        self._basis.forget(unread, self._skip)
        self._renames = Renames(self._basis)

    def read(self, recorder: _Recorder, reading: _Reading) -> None:
        """Reads every file, folder by folder."""
        tree = FolderHashes(self._formats)
        for folder in walk(self._root, self._skip, cancel=reading.cancel):
            if isinstance(folder, Unreadable):
                continue  # told at the look
            found: dict[str, dict[HashName, str]] = {}
            for item in folder.items:
                if reading.cancel():
                    raise called_off()
                path = below(folder.path, item.name)
                if item.kind == "file":
                    found[item.name] = self._file(path, item, recorder, reading)
                elif item.kind == "other":
                    self._other(path)
            hashes = tree.close(folder, found)
            former = self._renames.folder(folder, hashes)
            if former:
                self._basis.seen(former, folder=True)
                self._out.renamed.append((f"{former}/", f"{folder.path}/"))
            recorder.folder(folder, hashes, former)
        self._out.missing += self._basis.missing_paths()

    def _other(self, path: str) -> None:
        known = self._basis.of(path)
        why = "it is a link or no regular file, and is not followed"
        (self._out.unreadable if known else self._out.passed_over).append((path, why))

    def _file(
        self, path: str, item: Item, recorder: _Recorder, reading: _Reading
    ) -> dict[HashName, str]:
        known, former = self._basis.of(path), None
        if known is None and (former := self._renames.same_name(path)):
            known = self._basis.of(former)
        little = self._basis.little.get(former or path)
        try:
            names = self._names(path, item, known)
            size, mtime_ns, found = reading.hashes(path, names)
            less = _compare(path, little, size, reading) if little else None
        except Cancelled:
            raise
        except RushesError as error:
            self._out.unreadable.append((path, error.message))
            return {}
        self._out.files += 1
        self._out.bytes += size
        if known is None and (former := self._renames.file(path, size, found)):
            known = self._basis.of(former)
        judged = judge(known, found, failed=less is not None)
        failures = [less] if less else [Failure(path, *one) for one in judged.differs[:1]]
        self._count(path, former, known, little, failures)
        recorder.file(Entry(path, False, size, mtime_ns, self._actions(judged.values), former))
        return found

    def _actions(self, values: tuple[Value, ...]) -> tuple[Value, ...]:
        """In a first generation all that is right is the original, also what a legacy list knew already."""
        if self._basis.name == "history":
            return values
        return tuple(
            dataclasses.replace(v, action="original") if v.action == "verified" else v
            for v in values
        )

    def _count(
        self,
        path: str,
        former: str | None,
        known: Known | None,
        little: Little | None,
        failures: Sequence[Failure],
    ) -> None:
        """What came of a file that was read."""
        out = self._out
        if former:
            self._basis.seen(former, folder=False)
            out.renamed.append((former, path))
        out.failed += failures
        if known is None:
            if self._basis.name != "nothing" and path not in self._basis.lists:
                out.new.append(path)
        elif not failures and (known.values or little):
            out.verified += 1
            out.by_size += bool(little and little.xxh32 is None)
        elif not failures:
            out.unreadable.append((path, "the history holds no hash of it that can be compared"))

    def _names(self, path: str, item: Item, known: Known | None) -> list[HashName]:
        """The hashes to take of a file: those wanted, and one that can be compared."""
        names = list(self._formats)
        if known is None:
            return names + [n for n in self._renames.names(path, item.size) if n not in names]
        if known.values and not set(names) & set(known.values):
            names.append(min(known.values, key=FAST_FIRST.index))
        return names


def _compare(path: str, little: Little, size: int, reading: _Reading) -> Failure | None:
    """Compares a file with a legacy list that holds no hash of it that counts."""
    if little.xxh32 is not None:
        held, found = f"{little.xxh32:08x}", reading.short(path)
        return None if found == held else Failure(path, XXH32, held, found)
    if little.size is None or little.size == size:
        return None
    return Failure(path, SIZE, str(little.size), str(size))
