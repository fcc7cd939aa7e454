"""What tests of uploads need: content, a journal, a clock that does not wait, and several threads."""

import collections
import concurrent.futures
import dataclasses
import random
from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path

import xxhash

from app.core.cloud.pacing import Backoff, Timer
from app.core.cloud.sending import Wanted
from app.core.cloud.source import HASH_PREFIX, Part, Source
from app.core.cloud.store import PartInfo

MIB = 1 << 20


def content(size: int, seed: int = 1) -> bytes:
    """Bytes without a pattern, the same each time."""
    return random.Random(seed).randbytes(size)


def content_hash(data: bytes) -> str:
    """As the catalog has it."""
    return HASH_PREFIX + xxhash.xxh3_128(data).hexdigest()


def written(path: Path, data: bytes) -> Path:
    """A file with that content."""
    path.write_bytes(data)
    return path


def plain_file(path: Path) -> Source:
    """A source for a file of the test's own; a link or a device is no such file."""
    return Source(path.name, lambda: path.open("rb", buffering=0), path.lstat)


def wanted(data: bytes, key: str = "day/clip.mov", part_size: int = MIB) -> Wanted:
    """That content at a key, in parts of 1 MiB (see `small_parts`) or the smallest S3 takes."""
    return Wanted(key, content_hash(data), part_size=part_size)


@dataclasses.dataclass
class ListJournal:
    """A journal in memory."""

    upload_ids: list[str] = dataclasses.field(default_factory=list)
    parts: list[PartInfo] = dataclasses.field(default_factory=list)

    def on_upload_id(self, upload_id: str) -> None:
        self.upload_ids.append(upload_id)

    def on_part(self, part: PartInfo) -> None:
        self.parts.append(part)

    def on_parts_there(self, numbers: Collection[int]) -> None:
        self.parts = [part for part in self.parts if part.number in numbers]


class FakeTimer:
    """Time that passes only where somebody sleeps."""

    def __init__(self) -> None:
        self.time = 0
        self.slept: list[int] = []

    def timer(self) -> Timer:
        """As the code under test takes it."""
        return Timer(lambda: self.time, self._sleep)

    def _sleep(self, nanoseconds: int) -> None:
        self.time += nanoseconds
        self.slept.append(nanoseconds)


def eager(fake: FakeTimer | None = None, **options: int) -> Backoff:
    """A back-off that waits on a fake clock only."""
    return Backoff(timer=(fake or FakeTimer()).timer(), **options)


def in_threads(workers: int) -> Callable[..., Iterator[PartInfo]]:
    """A `map_parts` with that many threads, no more than one part ahead of each."""

    def mapping(send: Callable[[Part], PartInfo], parts: Iterable[Part]) -> Iterator[PartInfo]:
        with concurrent.futures.ThreadPoolExecutor(workers) as pool:
            waiting: collections.deque[concurrent.futures.Future[PartInfo]] = collections.deque()
            for part in parts:
                waiting.append(pool.submit(send, part))
                if len(waiting) >= workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()

    return mapping
