"""Moved, replaced or new: tells which file each path holds now, from what was there before.

A file that left one path and appeared on another keeps its clip, also where files changed places. An
inode number counts only together with size and time: some filesystems hand out numbers as they like.
"""

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from app.core.catalog.files import Known, Seen
from app.core.model.media import FileState

QuickId = Callable[[Seen], str | None]
"""The quick id of a file as it is now; None where it cannot be read."""


class Arrival(NamedTuple):
    """A file that is not what the catalog knows at its path."""

    seen: Seen
    own: Known | None = None
    """What the catalog knows at this path: these are not its bytes."""

    @property
    def exchanged(self) -> bool:
        """Whether another file took the path, instead of the same one being written to."""
        return self.own is not None and self.own.inode != self.seen.inode


@dataclasses.dataclass(slots=True)
class Outcome:
    """What became of the arrivals."""

    moved: list[tuple[int, Seen, bool]] = dataclasses.field(default_factory=list)
    """(row, where it is now, whether that is certain without reading it whole)."""
    new: list[Seen] = dataclasses.field(default_factory=list)
    changed: list[tuple[int, Seen]] = dataclasses.field(default_factory=list)
    retimed: list[tuple[int, Seen]] = dataclasses.field(default_factory=list)
    """Another time, and by its samples the same bytes."""
    shifted: list[tuple[int, Seen]] = dataclasses.field(default_factory=list)
    """The same moment told in another way, as FAT tells it after a change to summer time."""
    replaced: list[tuple[int, int]] = dataclasses.field(default_factory=list)
    """(row that another file was renamed over, row of that file)."""
    taken: set[int] = dataclasses.field(default_factory=set)
    """Rows that were found at another path."""
    unclear: list[Arrival] = dataclasses.field(default_factory=list)
    """Took a path whose former file was not found among what was looked at."""


def sort_out(
    arrivals: Sequence[Arrival],
    gone: Mapping[bytes, Known],
    quick_id: QuickId,
    *,
    vague: bool = False,
) -> Outcome:
    """Finds the former places of files.

    Args:
        arrivals: files at new paths, and files that differ from what was known at their path.
        gone: what is known and was not seen.
        quick_id: reads a file's quick id; asked only where it decides.
        vague: the filesystem tells times by the local clock, in steps, and hands out inode numbers as it likes.
    """
    pool = _Pool(gone.items(), arrivals, vague=vague)
    out = Outcome()
    left: list[Arrival] = []
    # Inode numbers first, for all: a copy that kept its times must not pass for the file itself.
    for arrival in arrivals:
        row = pool.by_inode(arrival.seen, quick_id)
        _note(out, arrival, row, left, certain=True)
    waiting, left = left, []
    for arrival in waiting:
        elsewhere = arrival.own is None or arrival.exchanged
        row = pool.by_bytes(arrival, quick_id) if elsewhere else None
        _note(out, arrival, row, left, certain=False)
    for arrival in left:
        _in_place(out, arrival, quick_id, vague=vague)
    _displaced(out, arrivals)
    return out


def _note(
    out: Outcome, arrival: Arrival, row: Known | None, left: list[Arrival], *, certain: bool
) -> None:
    if row is None:
        left.append(arrival)
        return
    out.moved.append((row.n, arrival.seen, certain))
    out.taken.add(row.n)


def _in_place(out: Outcome, arrival: Arrival, quick_id: QuickId, *, vague: bool) -> None:
    own, seen = arrival.own, arrival.seen
    if own is None or own.n in out.taken:
        out.new.append(seen)
    elif (
        vague
        and _same_moment(own, seen)
        and (own.quick_id is None or _same_bytes(own, seen, quick_id))
    ):
        out.shifted.append((own.n, seen))
    elif _same_bytes(own, seen, quick_id):
        out.retimed.append((own.n, seen))
    else:
        out.changed.append((own.n, seen))
        if arrival.exchanged and own.state != FileState.MISSING:
            out.unclear.append(arrival)


def _same_moment(own: Known, seen: Seen) -> bool:
    """Whether the times differ by whole quarters of an hour, as time zones do, or only by the steps they are told in."""
    same = own.size == seen.size and own.state == FileState.PRESENT
    return same and same_moment(own.mtime_ns, seen.mtime_ns)


def same_moment(one_ns: int, other_ns: int) -> bool:
    """Whether two times, in nanoseconds, are one moment by the clocks of two zones, told in steps or exactly."""
    apart = abs(one_ns - other_ns)
    beside = min(apart % _QUARTER_NS, -apart % _QUARTER_NS)
    return apart < _MOST_NS and beside < _STEP_NS


_QUARTER_NS: Final = 15 * 60 * 1_000_000_000
_MOST_NS: Final = 27 * 3_600 * 1_000_000_000
"""No two zones are further apart."""
_STEP_NS: Final = 2_000_000_000
"""FAT's."""


def _same_bytes(own: Known, seen: Seen, quick_id: QuickId) -> bool:
    comparable = own.size == seen.size and own.quick_id and own.state != FileState.GROWING
    return bool(comparable) and quick_id(seen) == own.quick_id


def _displaced(out: Outcome, arrivals: Iterable[Arrival]) -> None:
    here = {seen.path: n for n, seen, _ in out.moved}
    for arrival in arrivals:
        mover = here.get(arrival.seen.path)
        if mover is not None and arrival.own is not None and arrival.own.n not in out.taken:
            out.replaced.append((arrival.own.n, mover))
            if arrival.own.state != FileState.MISSING:
                out.unclear.append(arrival)


class _Pool:
    """Files that are not where they were known, by size and time."""

    def __init__(
        self, gone: Iterable[tuple[bytes, Known]], arrivals: Iterable[Arrival], *, vague: bool
    ) -> None:
        self._vague = vague
        self._by_signature: dict[tuple[int, int], list[tuple[bytes, Known]]] = {}
        for path, known in gone:
            self._add(path, known)
        for arrival in arrivals:
            if arrival.own is not None:
                self._add(arrival.seen.path, arrival.own)

    def _add(self, path: bytes, known: Known) -> None:
        self._by_signature.setdefault((known.size, known.mtime_ns), []).append((path, known))

    def _candidates(self, seen: Seen) -> list[tuple[bytes, Known]]:
        found = self._by_signature.get((seen.size, seen.mtime_ns), [])
        name = _name(seen.path)
        return sorted(found, key=lambda entry: _name(entry[0]) != name)

    def by_inode(self, seen: Seen, quick_id: QuickId) -> Known | None:
        """The file with this inode number, size and time; among many alike only with its name or samples."""
        among = self._candidates(seen)
        for path, known in among:
            if known.inode != seen.inode:
                continue
            alone = len(among) == 1 and not self._vague
            sure = alone or _name(path) == _name(seen.path) or not known.quick_id
            if sure or quick_id(seen) == known.quick_id:
                return self._take(path, known)
        return None

    def by_bytes(self, arrival: Arrival, quick_id: QuickId) -> Known | None:
        """The file with this size, time and quick id; by name alone where it has none and nothing else fits."""
        seen = arrival.seen
        among = self._candidates(seen) if seen.size else []
        with_id = [entry for entry in among if entry[1].quick_id]
        if with_id:
            found = quick_id(seen)
            same = next((entry for entry in with_id if entry[1].quick_id == found), None)
            return self._take(*same) if same else None
        named = [entry for entry in among if _name(entry[0]) == _name(seen.path)]
        if arrival.own is None and len(named) == 1:
            return self._take(*named[0])
        return None

    def _take(self, path: bytes, known: Known) -> Known:
        self._by_signature[(known.size, known.mtime_ns)].remove((path, known))
        return known


def _name(path: bytes) -> bytes:
    return path.rpartition(b"/")[2]
