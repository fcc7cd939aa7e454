"""Hashes of files: a quick id from three samples, and the full hash of every byte.

xxh3-128 as in MHL's `xxh128`: at 20 GB a second and core it costs nothing beside the disk. A quick
id only suggests that two files are the same; the full hash decides.
"""

import dataclasses
import io
import itertools
import os
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from app.core.files.opening import read_error
from app.core.model.errors import Passing
from app.core.platform.pacing import IsCancelled, Limiter, called_off, never

PIECE: Final = 1 << 20
"""Bytes read at once. Larger pieces were slower, see docs/decisions."""

SAMPLE: Final = 1 << 16
"""Bytes of each of the three samples of a quick id."""

QUICK: Final = "q1"
FULL: Final = "xxh3-128"

Stream = io.RawIOBase | io.BufferedIOBase
"""A file opened for reading bytes that can seek: what `open_regular` and `Path.open("rb")` give."""

OnProgress = Callable[[int, int], None]
"""Told (bytes done, bytes in all)."""


@dataclasses.dataclass(frozen=True, slots=True)
class Identity:
    """What says that a file is still the one that was opened."""

    size: int
    mtime_ns: int
    inode: int

    @classmethod
    def of(cls, stream: Stream) -> "Identity":
        """The identity of an open file as it is now."""
        found = os.fstat(stream.fileno())
        return cls(found.st_size, found.st_mtime_ns, found.st_ino)


def quick_id(stream: Stream, size: int) -> str:
    """A file's quick id, `q1:<hex>`: its size and xxh3-128 over size, head, middle and tail.

    Args:
        stream: an unbuffered or buffered file that can seek; where it stands afterwards is not said.
        size: the size it was seen with.

    Raises:
        Passing: it is shorter than that, or cannot be read now.
    """
    import xxhash

    digest = xxhash.xxh3_128(size.to_bytes(8, "little"))
    starts = (
        [0, max(0, size // 2 - SAMPLE // 2), max(0, size - SAMPLE)] if size > 3 * SAMPLE else [0]
    )
    length = SAMPLE if size > 3 * SAMPLE else size
    try:
        for start in starts:
            stream.seek(start)
            digest.update(_exactly(stream, length))
    except OSError as problem:
        raise read_error(_name(stream), problem) from problem
    return f"{QUICK}:{digest.hexdigest()}"


def full_hash(
    stream: Stream,
    *,
    cancel: IsCancelled = never,
    progress: OnProgress | None = None,
    cap: Limiter | None = None,
) -> str:
    """The hash of every byte, `xxh3-128:<hex>`, from the beginning of the stream.

    Args:
        stream: an open file.
        cancel: asked for each MiB and while the cap holds it back.
        progress: told for each MiB.
        cap: the limit in bytes a second, shared by all that read from the same volume.

    Raises:
        Cancelled: `cancel` said so.
        Passing: the file changed while it was read, or cannot be read now.
    """
    import xxhash

    digest = xxhash.xxh3_128()
    for piece in pieces(stream, cancel=cancel, progress=progress, cap=cap):
        digest.update(piece)
    return f"{FULL}:{digest.hexdigest()}"


def pieces(
    stream: Stream,
    *,
    into: Sequence[memoryview] = (),
    cancel: IsCancelled = never,
    progress: OnProgress | None = None,
    cap: Limiter | None = None,
) -> Iterator[memoryview]:
    """Every byte of an open file in pieces of 1 MiB; each piece is gone when the next is asked for.

    Args:
        stream: an open file.
        into: buffers of that size to read into by turns: then a piece lives until its buffer's turn comes again.
        cancel: asked for each MiB and while the cap holds it back.
        progress: told for each MiB.
        cap: the limit in bytes a second, shared by all that read from the same volume.

    Raises:
        Cancelled, Passing: as `full_hash`.
    """
    before = Identity.of(stream)
    buffers = itertools.cycle(into or (memoryview(bytearray(PIECE)),))
    done = 0
    try:
        stream.seek(0)
        while True:
            if cancel():
                raise called_off()
            if cap:
                cap.take(min(PIECE, max(0, before.size - done)), cancel)
            buffer = next(buffers)
            got = stream.readinto(buffer)
            if not got:
                break
            yield buffer[:got]
            done += got
            if done > before.size:
                break  # it grows: its end may never come
            if progress:
                progress(done, before.size)
    except OSError as problem:
        raise read_error(_name(stream), problem) from problem
    if done != before.size or Identity.of(stream) != before:
        raise changing(stream)


def combined(hashes: Sequence[str]) -> str:
    """The hash of several essence files that are one content, in their order; one file's hash stays its own."""
    if len(hashes) == 1:
        return hashes[0]
    import xxhash

    listed = "\n".join(hashes).encode("ascii")
    return f"{FULL}:{xxhash.xxh3_128_hexdigest(listed)}"


def _exactly(stream: Stream, length: int) -> bytes:
    found = bytearray()
    while len(found) < length:
        more = stream.read(length - len(found))
        if not more:
            raise changing(stream)
        found += more
    return bytes(found)


def changing(stream: Stream) -> Passing:
    """What to raise where a file is not what it was when it was looked at."""
    return Passing(
        "The file is changing",
        f"{_name(stream)} changed while it was read.",
        subject=_name(stream),
        todo="It is read again when it has been quiet for a while.",
    )


def _name(stream: Stream) -> str:
    name: object = getattr(stream, "name", "")
    return name if isinstance(name, str) else "the file"
