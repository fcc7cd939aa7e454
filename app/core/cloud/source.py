"""The file that is sent: read once, hashed on the way, and watched for changes.

A file that changes while it is read gives neither its old nor its new content. So its size, time
and inode are taken before, held against the open file, and taken again at the end; and the hash of
what was read must be the one that was asked for.
"""

import dataclasses
import os
import stat
from collections.abc import Callable, Generator, Iterable, Sequence
from typing import Any, BinaryIO, Final, Protocol, cast

import xxhash

from app.core.cloud.checksums import RunningChecksum
from app.core.cloud.pacing import IsCancelled, never
from app.core.cloud.store import Checksum, ChecksumAlgorithm, PartInfo
from app.core.model.errors import Away, Cancelled, Missing, Passing, Refused

HASH_PREFIX: Final = "xxh3-128:"
_SLICE: Final = 1 << 20
"""Bytes read and hashed at a time: they stay in the processor's cache."""


class SourceChanged(Refused):
    """The file is not, or no longer, the content that was to be sent."""


@dataclasses.dataclass(frozen=True, slots=True)
class Stamp:
    """What tells that a file was touched."""

    size: int
    mtime_ns: int
    inode: int

    @classmethod
    def of(cls, found: os.stat_result) -> "Stamp":
        """The stamp in what the system says about a file."""
        return cls(found.st_size, found.st_mtime_ns, found.st_ino)


@dataclasses.dataclass(frozen=True, slots=True)
class Source:
    """A file to send, and how to open and look at it.

    The caller gives the functions, so that the safe way of opening below a volume stays his.
    """

    name: str
    """For messages."""
    open: Callable[[], BinaryIO]
    look: Callable[[], os.stat_result]


@dataclasses.dataclass(frozen=True, slots=True)
class Part:
    """A piece of the file, in memory once, however often it is sent."""

    number: int
    """From 1."""
    data: memoryview
    checksum: Checksum


@dataclasses.dataclass(frozen=True, slots=True)
class Whole:
    """What a reading found out about the whole file."""

    size: int
    content_hash: str
    checksum: Checksum | None
    """None where the algorithm is MD5: it costs more than it tells about many parts."""


class _Digest(Protocol):
    """A running hash or checksum."""

    def update(self, data: memoryview, /) -> None: ...


class Reading:
    """One pass over a source, in parts.

    Args:
        source: the file.
        part_size: bytes of each part but the last.
        algorithm: the checksum of parts and whole.
        cancelled: asked between slices.
    """

    def __init__(
        self,
        source: Source,
        part_size: int,
        algorithm: ChecksumAlgorithm,
        cancelled: IsCancelled = never,
    ) -> None:
        self._source = source
        self._part_size = part_size
        self._algorithm = algorithm
        self._cancelled = cancelled
        self._hash = xxhash.xxh3_128()
        plain = algorithm is not ChecksumAlgorithm.MD5
        self._running = RunningChecksum(algorithm) if plain else None
        self.size = look(source).size

    def parts(self) -> Generator[Part]:
        """The parts in their order; at least one, empty for an empty file.

        Raises:
            SourceChanged: the file was touched meanwhile.
            Missing: it is gone, or its disk is.
            Passing: the disk does not answer.
            Cancelled: called off.
        """
        before = look(self._source)
        try:
            with self._source.open() as stream:
                self._check(before, Stamp.of(os.fstat(stream.fileno())))
                yield from self._pieces(stream, before.size)
                self._check(before, Stamp.of(os.fstat(stream.fileno())))
        except OSError as error:
            raise _unreadable(self._source.name, error) from error
        self._check(before, look(self._source))

    def again(self, sent: Iterable[PartInfo]) -> Generator[Part]:
        """These parts once more, without the rest of the file.

        Args:
            sent: with the checksums of the first reading, in the order of their numbers.

        Raises:
            SourceChanged: a part is not what was read at first.
            Missing, Passing, Cancelled: as for `parts`.
        """
        try:
            with self._source.open() as stream:
                for one in sent:
                    stream.seek((one.number - 1) * self._part_size)
                    part = self._piece(stream, one.number, one.size, ())
                    if part.checksum != one.checksum:
                        raise _changed(self._source.name, "It was written to while it was sent.")
                    yield part
        except OSError as error:
            raise _unreadable(self._source.name, error) from error

    def whole(self) -> Whole:
        """What was found; only after `parts` has run to its end."""
        checksum = self._running.result() if self._running else None
        return Whole(self.size, HASH_PREFIX + self._hash.hexdigest(), checksum)

    def _pieces(self, stream: BinaryIO, size: int) -> Generator[Part]:
        left, number = size, 0
        whole = (self._hash, self._running) if self._running else (self._hash,)
        while left or not number:
            number += 1
            length = min(left, self._part_size)
            yield self._piece(stream, number, length, whole)
            left -= length
        if stream.read(1):
            raise _changed(self._source.name, "It grew while it was read.")

    def _piece(self, stream: BinaryIO, number: int, length: int, whole: Sequence[_Digest]) -> Part:
        data = memoryview(bytearray(length))
        own = RunningChecksum(self._algorithm)
        at = 0
        while at < length:
            if self._cancelled():
                raise Cancelled("Called off", "The transfer was stopped.")
            got = _read_into(stream, data[at : at + _SLICE])
            if not got:
                raise _changed(self._source.name, "It became shorter while it was read.")
            fresh = data[at : at + got]
            own.update(fresh)
            for digest in whole:
                digest.update(fresh)
            at += got
        return Part(number, data.toreadonly(), own.result())

    def _check(self, before: Stamp, now: Stamp) -> None:
        if before != now:
            raise _changed(self._source.name, "It was written to while it was read.")


def look(source: Source) -> Stamp:
    """The source's stamp.

    Raises:
        Missing: it is not there.
        Refused: it is no regular file.
    """
    try:
        found = source.look()
    except OSError as error:
        raise _unreadable(source.name, error) from error
    if not stat.S_ISREG(found.st_mode):
        raise Refused("Only regular files are sent", subject=source.name)
    return Stamp.of(found)


class _Filling(Protocol):
    """What every binary file can and `BinaryIO` does not say."""

    def readinto(self, buffer: memoryview, /) -> int | None: ...


def _read_into(stream: BinaryIO, target: memoryview) -> int:
    filling: _Filling = cast("Any", stream)
    return filling.readinto(target) or 0


def _changed(name: str, reason: str) -> SourceChanged:
    return SourceChanged(
        "The file changed",
        f"{reason} What was sent of it is void.",
        subject=name,
        todo="Rushes looks at it again, and a changed clip needs a new approval.",
    )


def wrong_content(name: str) -> SourceChanged:
    """The file reads well, but it is not what the catalog says it is."""
    return _changed(name, "Its content is not the one that was approved.")


def _unreadable(name: str, error: OSError) -> Missing | Passing:
    words = os.strerror(error.errno or 0)
    if isinstance(error, FileNotFoundError | PermissionError | NotADirectoryError):
        kind = Missing if isinstance(error, PermissionError) else Away
        return kind(
            "The file cannot be read", words, subject=name, todo="Bring the file or its disk back."
        )
    return Passing("The disk does not answer", words, subject=name)
