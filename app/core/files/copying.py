"""Copies files of a card or disk to several destinations in one read, so that what is told to be there is there.

For each leg: a short temporary name, all bytes, the time of the source, fsync, a rename that overwrites nothing, fsync of
the folder, and only then it is told as done. A leg that fails stops alone; the others finish. A source that changes
while it is read is published nowhere.

Whether the bytes arrived as they were read is not known then: `read_back` of each copy, and of the source, tells that.
"""

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final, Protocol

from app.core.files.copy_back import ReadBack, read_back
from app.core.files.copy_batch import Batch, Reading
from app.core.files.copy_folders import make_folders
from app.core.files.copy_legs import Leg, RootGuard, stops
from app.core.files.copy_plan import Planned, PlanProblem, plan_space
from app.core.files.copy_result import CopyResult
from app.core.files.digests import HashName
from app.core.files.hashing import OnProgress
from app.core.platform.pacing import IsCancelled, Limiter, never

__all__ = [
    "CopyResult",
    "Leg",
    "MapParts",
    "PlanProblem",
    "Planned",
    "ReadBack",
    "RootGuard",
    "copy_file",
    "copy_files",
    "make_folders",
    "plan_space",
    "read_back",
    "stops",
]

_A_WORKERS_SHARE: Final = 128
"""Files that one worker takes at a time."""
_DEFAULT: Final[Sequence[HashName]] = ("xxh128",)


class MapParts(Protocol):
    """Calls a function for many items, a few at a time, results in order: `work.parallel.Parallel`."""

    def __call__(
        self,
        act: Callable[[Sequence[str]], list[CopyResult]],
        items: Iterable[Sequence[str]],
        /,
    ) -> Iterator[list[CopyResult]]:
        """The results in the order of the items."""
        ...


def copy_file(
    source_root: Path,
    rel: str,
    legs: Sequence[Leg],
    *,
    hashes: Sequence[HashName] = _DEFAULT,
    cancel: IsCancelled = never,
    progress: OnProgress | None = None,
    cap: Limiter | None = None,
) -> CopyResult:
    """Copies one file to every leg; when it returns, `result.done` have it, durable under its name.

    What has the name already is never overwritten: with the same content it counts as there (`result.already`), else
    that leg refuses.

    Args:
        source_root: the card's or disk's folder.
        rel: the file below it, `/` between names.
        legs: where to; with ids of their own.
        hashes: names of the hashes taken while it is read; each of `digests.SLOW` takes a thread.
        cancel: asked for each MiB.
        progress: told (bytes done, bytes in all) for each MiB.
        cap: bytes a second, read.

    Raises:
        Cancelled: `cancel` said so; no temporary file stays.
        Passing: the source changed while it was read, or does not answer; it is on no leg.
        Refused, Away: the source is no regular file, or not there.
    """
    reading = Reading(tuple(hashes) or _DEFAULT, cancel, progress, cap)
    with Batch(source_root, legs, reading) as batch:
        batch.stage(rel)
        (result,) = batch.settle()
    if result.problem:
        raise result.problem
    return result


def copy_files(
    source_root: Path,
    rels: Iterable[str],
    legs: Sequence[Leg],
    *,
    hashes: Sequence[HashName] = _DEFAULT,
    map_parts: MapParts | None = None,
    cancel: IsCancelled = never,
    progress: OnProgress | None = None,
    cap: Limiter | None = None,
) -> Iterator[CopyResult]:
    """Copies many files, small ones a few dozen at once with one fsync a folder; results in order, each when it is durable.

    As `copy_file`, but a source that cannot be read is told in its result (`problem`) and the others go on. A leg whose
    disk fails takes no more of the files that are under way with it; their results say why.

    Args:
        source_root: the card's or disk's folder.
        rels: the files below it, `/` between names.
        legs: where to; with ids of their own.
        hashes: as for `copy_file`.
        map_parts: how several are copied at a time; one after another without.
        cancel: asked for each MiB.
        progress: told (bytes done, bytes in all) of each file; by several threads with `map_parts`.
        cap: bytes a second, read.

    Raises:
        Cancelled: `cancel` said so. What was yielded is there; no temporary file stays.
    """
    reading = Reading(tuple(hashes) or _DEFAULT, cancel, progress, cap)
    if map_parts is None:
        with Batch(source_root, legs, reading) as batch:
            for rel in rels:
                batch.stage(rel)
                if batch.full:
                    yield from batch.settle()
            yield from batch.settle()
        return

    def act(share: Sequence[str]) -> list[CopyResult]:
        return list(
            copy_files(
                source_root, share, legs, hashes=hashes, cancel=cancel, progress=progress, cap=cap
            )
        )

    for results in map_parts(act, _shares(rels)):
        yield from results


def _shares(rels: Iterable[str]) -> Iterator[Sequence[str]]:
    every = iter(rels)
    while share := list(itertools.islice(every, _A_WORKERS_SHARE)):
        yield share
