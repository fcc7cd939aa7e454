"""Reads a file back from its disk, not from what the system keeps in memory, and says how it was read.

A file that was just written lies in memory: a read then says nothing of the disk. So it is made durable, memory is
asked to let go of it, and it is read past memory where the filesystem allows that. Over a network nobody but the server
can do so: what comes is what the server has, and it is called that.
"""

import contextlib
import dataclasses
import errno
import functools
import io
import mmap
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, Literal

from app.core.files import opening
from app.core.files.copy_sums import Sums
from app.core.files.digests import HashName
from app.core.files.hashing import PIECE, Identity, OnProgress, pieces
from app.core.model.errors import Passing, RushesError
from app.core.model.names import display
from app.core.platform import entries, filesystems, grounds
from app.core.platform.grounds import Ground
from app.core.platform.pacing import IsCancelled, Limiter, never

How = Literal["past the page cache", "read back from the server", "perhaps from memory"]

PAST: Final[How] = "past the page cache"
SERVER: Final[How] = "read back from the server"
UNSURE: Final[How] = "perhaps from memory"
"""The system has it still in memory and does not read past that: filesystems in memory, and systems that nobody tried."""

_IN_MEMORY: Final = frozenset(("tmpfs", "ramfs"))
_LOOKS: Final = 16
"""Places of a file where memory is asked whether it has it."""
_NO_SYNC: Final = frozenset((errno.EROFS, errno.EINVAL, errno.EBADF, errno.ENOSYS, errno.EACCES))


@dataclasses.dataclass(frozen=True, slots=True)
class ReadBack:
    """What a file is on its disk."""

    size: int
    mtime_ns: int
    hashes: Mapping[HashName, str]
    how: How


class Buffers:
    """Memory to read into, on whole pages, used again for every file of one worker."""

    def __init__(self) -> None:
        self._every: list[memoryview] = []

    def take(self, count: int) -> Sequence[memoryview]:
        """So many of a MiB each."""
        while len(self._every) < count:
            self._every.append(memoryview(mmap.mmap(-1, PIECE)))
        return self._every[:count]


def read_back(
    root: Path,
    rel: str,
    hashes: Sequence[HashName],
    *,
    cancel: IsCancelled = never,
    progress: OnProgress | None = None,
    cap: Limiter | None = None,
    buffers: Buffers | None = None,
    durable: bool = False,
) -> ReadBack:
    """The hashes of a file as its disk has it: of a copy, and of a source that is read a second time.

    Args:
        root: the volume's folder.
        rel: the path below it, `/` between names.
        hashes: their names; each slow one takes a thread.
        cancel: asked for each MiB.
        progress: told (bytes done, bytes in all) for each MiB.
        cap: bytes a second.
        buffers: to be used again; fresh ones otherwise.
        durable: makes it survive a power cut as well: for a file that somebody else wrote.

    Raises:
        Cancelled: `cancel` said so.
        Refused, Away: it is not there, or is no regular file.
        Passing: the disk failed, or the file changed while it was read.
    """
    memory, filesystem = buffers or Buffers(), _filesystem(root)
    with opening.open_regular(root, rel) as stream:
        entries.leave_no_trace(stream.fileno())
        before = Identity.of(stream)

        def read(how: How) -> ReadBack:
            with Sums(hashes, before.size) as sums:
                into = memory.take(sums.buffers)
                found = read_source(stream, rel, into, cancel=cancel, progress=progress, cap=cap)
                for piece in found:
                    sums.update(piece)
                return ReadBack(before.size, before.mtime_ns, sums.texts(), how)

        how = _bare(stream, rel, filesystem, durable=durable)
        try:
            return read(how)
        except Passing as problem:
            cause = problem.__cause__
            if not isinstance(cause, OSError) or cause.errno != errno.EINVAL:
                raise
        # It took the wish to be read past memory, and not the reads.
        return read(_bare(stream, rel, filesystem, durable=durable, direct=False))


def read_source(
    stream: io.FileIO,
    rel: str,
    into: Sequence[memoryview],
    *,
    cancel: IsCancelled,
    progress: OnProgress | None,
    cap: Limiter | None,
) -> Iterator[memoryview]:
    """Every byte of an open file, as `hashing.pieces`; a place that cannot be read is told by its number.

    Raises:
        Cancelled, Passing: as `hashing.pieces`.
    """
    done = 0
    try:
        for piece in pieces(stream, into=into, cancel=cancel, progress=progress, cap=cap):
            done += len(piece)
            yield piece
    except Passing as problem:
        cause = problem.__cause__
        if not isinstance(cause, OSError) or cause.errno != errno.EIO:
            raise
        name = display(rel)
        raise Passing(
            "The file cannot be read there",
            f"{name} cannot be read at byte {done}: {cause.strerror}.",
            subject=name,
            todo="Read it again. Where it fails at the same place, the disk or card is damaged there.",
        ) from cause


def _bare(
    stream: io.FileIO,
    rel: str,
    filesystem: tuple[str, bool],
    *,
    durable: bool,
    direct: bool = True,
) -> How:
    """Takes memory from between the reader and the disk; says how well that went."""
    handle, (kind, network) = stream.fileno(), filesystem
    direct = entries.past_cache(handle, wanted=direct)
    if durable or not direct:
        # Only what is on the disk can be let go of; a read past memory writes it there first by itself.
        try:
            entries.sync_handle(handle)
        except OSError as problem:
            if problem.errno not in _NO_SYNC:
                raise opening.read_error(rel, problem) from problem
    # Also before a read past memory: some filesystems that take the wish read through it all the same.
    with contextlib.suppress(OSError):
        entries.forget(handle)
    if network:
        return SERVER
    if kind in _IN_MEMORY:
        return UNSURE
    return PAST if direct or not _remembered(stream) else UNSURE


def _remembered(stream: io.FileIO) -> bool:
    size = Identity.of(stream).size
    step = max(1, size // _LOOKS)
    return any(entries.remembered(stream.fileno(), start) for start in range(0, size, step))


def _filesystem(root: Path) -> tuple[str, bool]:
    """Its type, and whether a network is between."""
    try:
        return _asked(root, grounds.ground_of(root))
    except RushesError:
        return "", False


@functools.lru_cache(64)
def _asked(root: Path, _ground: Ground) -> tuple[str, bool]:
    # The table of mounts may be long: it is read once for what stands there now.
    mount = filesystems.mount_of(root)
    return mount.fs_type, mount.network
