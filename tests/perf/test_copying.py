"""Verified copies of cards, against programs that only copy."""

import statistics
import subprocess
from pathlib import Path

import pytest

from app.core.work.parallel import Parallel
from tests.perf import bars
from tests.perf.conftest import Compare, Note
from tests.perf.copying import MIB, Place, by_turns, slow_hash
from tests.support.measuring import spread

SIZE, SMALL = 256 * MIB, 2_000
FAST = ("xxh64", "xxh128", "crc64nvme")

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return Place(tmp_path_factory.mktemp("large"), SIZE)


def version(program: str) -> str:
    """Of a peer, for the table."""
    asked = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    words = asked.stdout.splitlines()[0].split()
    return next(word for word in words if word[0].isdigit())


def test_one_destination(large: Place, waited: Compare) -> None:
    what, peer = "copy of 256 MiB, durable", f"`cp` {version('cp')} + fsync"
    found = by_turns(large, lambda: large.ours(1, "xxh64"), lambda: large.cp(1), 7)
    waited(90, what, "xxh64 on the way", peer, found, bars.COPY)
    found = by_turns(large, lambda: large.ours(1, *FAST), lambda: large.cp(1), 7)
    waited(91, what, "xxh64, xxh128 and crc64nvme on the way", peer, found, bars.COPY)
    sorts = ((92, (), bars.COPY_AGAINST_MEMORY), (93, ("--fsync",), bars.COPY_AGAINST_RSYNC))
    for order, more, bar in sorts:
        found = by_turns(large, lambda: large.ours(1, "xxh64"), lambda: large.rsync(*more), 7)  # noqa: B023 - run at once
        peer = f"`rsync {' '.join(('-W', *more))}` {version('rsync')}"
        waited(order, what, "xxh64 on the way", peer, found, bar)


def test_two_destinations_in_one_read(large: Place, waited: Compare) -> None:
    what, peer = "copy of 256 MiB to two destinations, durable", "`cp` + fsync twice"
    found = by_turns(large, lambda: large.ours(2, *FAST), lambda: large.cp(2), 7)
    waited(94, what, "one read, three hashes", peer, found, bars.COPY_TO_TWO)


@pytest.mark.parametrize("name", ["md5", "c4"])
def test_a_slow_hash_on_a_thread_of_its_own(large: Place, note: Note, name: str) -> None:
    copies, alone = slow_hash(large, name, 5)
    ratios = sorted(
        both.wall / max(plain.wall, only.wall)
        for both, plain, only in zip(copies.ours, copies.peer, alone.peer, strict=True)
    )
    ratio = statistics.median(ratios)
    walls = [
        statistics.median(c.wall for c in side) for side in (copies.ours, copies.peer, alone.peer)
    ]
    note(
        95,
        f"copy of 256 MiB with {name} too",
        f"{walls[0]:.2f} s wall",
        f"without: {walls[1]:.2f}, {name} alone: {walls[2]:.2f} s wall",
        f"{ratio:.2f} × the longer",
        spread(ratios),
        bars.COPY_SLOW_HASH,
        ratio,
    )


def test_small_files(tmp_path: Path, waited: Compare) -> None:
    place = Place(tmp_path, 0, SMALL)
    what, ours = "2,000 files of 64 KiB, durable", "two at a time, two hashes"
    found = by_turns(
        place, lambda: place.small_ours(Parallel(2)), lambda: place.cp_tree(durable=False), 5
    )
    waited(96, what, ours, "`cp -r`, no fsync", found, bars.COPY_SMALL)
    found = by_turns(
        place, lambda: place.small_ours(Parallel(2)), lambda: place.cp_tree(durable=True), 5
    )
    waited(97, what, ours, "`cp -r`, then `sync -f`", found, None)
