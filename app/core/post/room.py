"""Room in the proxy store: what may be added beside the reserve, and what goes for it.

The reserve limits what Rushes adds. Nothing is evicted before what takes its place is made, and no more than that
takes; what people want more, what is the only picture of a clip that is away, and posters stay. Where others fill
the disk, nothing more is added.
"""

import contextlib
import dataclasses
import threading
import time
from collections.abc import Callable, Generator, Sequence
from pathlib import Path
from typing import Final

from app.core.catalog import attempts, renditions
from app.core.catalog.database import Catalog
from app.core.catalog.rows import Reader
from app.core.model.errors import NoRoom
from app.core.platform import filesystems
from app.core.platform.preferences import Derivatives

FULL: Final = "The proxy store's disk is full"
"""The title under which a pass waits for room."""
_GB: Final = 1_000_000_000
_IN_HAND_MS: Final = 3600 * 1000
_STEP: Final = 16_000_000
"""Bytes by which room must change before it is looked at again; the end of a pass that kept room is such a change."""
_BYTES_A_SECOND: Final = 400_000
"""Of a 720p proxy with its companions, generously, for the room that must be free before one begins."""
_BESIDE: Final = 50 << 20
_UNKNOWN: Final = 200 << 20
_MOST: Final = 200
_DISK_TODO: Final = "Free some space, choose another folder for proxies in the settings, or make the reserve smaller."
_CAP_TODO: Final = "Make the size cap of the store larger in the settings."


@dataclasses.dataclass(frozen=True, slots=True)
class Short:
    """Proxies that wait for room, with what there is; bytes."""

    clips: int
    free: int
    reserve: int
    held: int
    """What the store holds."""
    cap: int
    """The most it may hold; 0 where there is no limit."""

    @property
    def capped(self) -> bool:
        """Whether it is the store's own limit that is reached, not its disk."""
        return bool(self.cap) and self.free > self.reserve

    @property
    def words(self) -> str:
        """For people, with figures."""
        who = "1 proxy waits" if self.clips == 1 else f"{self.clips} proxies wait"
        return f"{who} for room: {self.figures}"

    @property
    def figures(self) -> str:
        """What there is, in GB."""
        if self.capped:
            return f"the store holds {_gb(self.held)} and may hold {_gb(self.cap)}"
        return f"{_gb(self.free)} free, the reserve is {_gb(self.reserve)}"

    @property
    def todo(self) -> str:
        """What a person can do."""
        return _CAP_TODO if self.capped else _DISK_TODO


def expected(duration_ms: int) -> int:
    """Bytes that must be free before a pass over so long a clip begins, at the most; 0: it is not known how long."""
    return duration_ms * _BYTES_A_SECOND // 1000 + _BESIDE if duration_ms else _UNKNOWN


class Room:
    """Measures the store's disk, and says what may be added and what goes for it."""

    def __init__(self, root: Path, settings: Derivatives) -> None:
        self._root = root
        self.settings = settings
        self.in_hand: Callable[[], Sequence[str]] = lambda: ()
        """The clips that people look at now."""
        self._lock = threading.Lock()
        self._promised = 0
        """Bytes that running passes may still write."""
        self._looked: dict[str, tuple[int, int, int]] = {}

    def reserve(self) -> int:
        """Bytes of the store's disk that are never filled."""
        total = filesystems.space(self._root).total
        percent, least = self.settings.reserve_percent, self.settings.reserve_gb * _GB
        wanted = max(total * percent // 100, least)
        # A small disk (a laptop, a test machine) keeps its share alone: else nothing could ever be made on it.
        return min(wanted, total * max(percent, 1) // 100) if total < 4 * least else wanted

    def free(self) -> int:
        """Bytes that are free on the store's disk."""
        return filesystems.free_bytes(self._root)

    def over_cap(self, reader: Reader, more: int = 0) -> int:
        """Bytes that the store would hold beyond its own limit with `more`; 0 where it has none."""
        cap = self.settings.size_cap_gb * _GB
        return max(0, renditions.total_size(reader) + more - cap) if cap else 0

    def fits(self, reader: Reader, content_id: str, size: int) -> bool:
        """Whether so much may be made of a content: beside the reserve, or in place of what is wanted less."""
        before = self.free() - self._promised
        short = self._short(reader, content_id, size, before)
        # What takes the place of others lies beside them until it is whole: half of the reserve is never used for that.
        return not short or (
            before - size >= self.reserve() // 2
            and sum(one for _, _, one in self._spare(reader, content_id)) >= short
        )

    @contextlib.contextmanager
    def kept(self, catalog: Catalog, clip_id: str) -> Generator[None]:
        """Keeps room for one pass over this clip as long as it runs.

        Raises:
            NoRoom: there is none, with figures and what to do; nothing was evicted.
        """
        with self._lock:
            with catalog.read() as reader:
                content, size = _to_make(reader, clip_id)
                if not self.fits(reader, content, size):
                    raise self._refusal(reader, size)
            self._promised += size
        try:
            yield
        finally:
            with self._lock:
                self._promised -= size

    def leaving(self, reader: Reader, content_id: str, size: int) -> list[str]:
        """Store paths of what goes for `size` bytes that lie on the disk and are about to be put into the store.

        Raises:
            NoRoom: what may go is not enough, so nothing goes, and what was made must not stay.
        """
        short = self._short(reader, content_id, size, self.free() + size)
        going: list[str] = []
        for _, path, one in self._spare(reader, content_id) if short else ():
            going.append(path)
            short -= one
            if short <= 0:
                break
        if short > 0:
            raise self._refusal(reader, size)
        return going

    def beyond_cap(self, reader: Reader) -> list[str]:
        """Store paths that go because the store holds more than its own limit: someone has made that smaller."""
        over, going = self.over_cap(reader), list[str]()
        for _, path, size in self._spare(reader, "") if over else ():
            if over <= 0:
                break
            going.append(path)
            over -= size
        return going

    def short(self, reader: Reader) -> Short | None:
        """What waits for room; None where nothing does."""
        waiting = attempts.wanting(reader, "derive", FULL)
        if not waiting:
            return None
        return Short(
            len(waiting),
            self.free(),
            self.reserve(),
            renditions.total_size(reader),
            self.settings.size_cap_gb * _GB,
        )

    def to_look_at(self, reader: Reader) -> list[str]:
        """Clips that wait for room and may try again now: there is more of it, or the settings are others."""
        waiting = [one for one, waits in attempts.wanting(reader, "derive", FULL) if waits]
        if not waiting:
            return []
        state = self._state()
        found: list[str] = []
        for clip in waiting[:_MOST]:
            before = self._looked.get(clip)
            if before == state:
                continue
            new = before is None or before[1:] != state[1:]
            if new or self.fits(reader, *_to_make(reader, clip)):
                found.append(clip)
        return found

    def looked(self, clip_ids: Sequence[str]) -> None:
        """These try again: not once more before something changes."""
        self._looked |= dict.fromkeys(clip_ids, self._state())

    def _state(self) -> tuple[int, int, int]:
        return (self.free() - self._promised) // _STEP, self.reserve(), self.settings.size_cap_gb

    def _short(self, reader: Reader, content_id: str, size: int, before: int) -> int:
        """Bytes that must go for `size` more, where `before` are free without them: never more than are added."""
        more = max(0, size - renditions.own_size(reader, content_id))
        return min(more, max(0, self.reserve() - (before - more), self.over_cap(reader, more)))

    def _spare(self, reader: Reader, content_id: str) -> list[tuple[str, str, int]]:
        """What is wanted less than this content, and is not in hand; the least used first."""
        before = time.time_ns() // 1_000_000 - _IN_HAND_MS
        if content_id:
            before = min(before, renditions.wanted_at(reader, content_id))
        return renditions.least_used(reader, before, but=content_id, in_hand=self.in_hand())

    def _refusal(self, reader: Reader, size: int) -> NoRoom:
        cap = self.settings.size_cap_gb * _GB
        if cap and self.free() - size >= self.reserve():
            held = renditions.total_size(reader)
            words = f"It holds {_gb(held)} and may hold {_gb(cap)}: there is no room for {size / _GB:.2f} GB more."
            return NoRoom(
                FULL,
                words,
                subject=str(self._root),
                todo=_CAP_TODO,
            )
        return NoRoom(
            FULL,
            f"{self.free() / _GB:.1f} GB are free and {self.reserve() / _GB:.1f} GB are kept in reserve: there is no room for {size / _GB:.2f} GB more.",
            subject=str(self._root),
            todo=_DISK_TODO,
        )


def _to_make(reader: Reader, clip_id: str) -> tuple[str, int]:
    content, duration_ms = renditions.content_and_length(reader, clip_id)
    return content, expected(duration_ms)


def _gb(size: int) -> str:
    return f"{size / _GB:.1f} GB"
