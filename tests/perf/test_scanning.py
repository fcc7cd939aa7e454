"""Scanning a tree of 100,000 files in 1,000 folders, against the quickest programs that look at one."""

import functools
import itertools
import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from app.core.catalog import files
from app.core.catalog.files import Seen
from app.core.catalog.rows import Tx
from app.core.files.sorts import SortRules
from app.core.ingest.ignoring import IgnoreRules
from app.core.ingest.walking import Walker
from app.core.model.media import FileState
from tests.perf import bars, trees
from tests.perf.conftest import Compare, Note
from tests.support import catalogs, volumes
from tests.support.measuring import Versus, cost, versus

FILES = 100_000

pytestmark = pytest.mark.timeout(600)
Desks = Iterator[volumes.Desk]


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return trees.ready(tmp_path_factory.mktemp("tree") / "media", FILES)


@pytest.fixture
def desks(tmp_path: Path) -> Iterator[Desks]:
    """Desks with empty catalogs, as many as are asked for."""
    with ExitStack() as stack:
        homes = (tmp_path / f"home{number}" for number in itertools.count())
        yield (stack.enter_context(volumes.desk(home)) for home in homes)


def walked(tree: Path, count: int, rounds: int = 5) -> Versus:
    """A whole walk against `find` of the same."""
    ignore, sorts = IgnoreRules.load(), SortRules.load()

    def walk() -> None:
        assert sum(len(f.files) for f in Walker(tree, ignore, sorts).walk()) == count

    return versus(walk, lambda: trees.find(tree), rounds)


def first_scanned(tree: Path, count: int, desks: Desks, rounds: int = 5) -> Versus:
    """A scan into an empty catalog against the bare walk."""
    made: list[volumes.Desk] = []

    def scan() -> None:
        desk = made.pop()
        assert desk.scanner.scan(desk.volumes.add(tree).id).new == count

    bare = functools.partial(trees.bare_walk, os.fspath(tree))
    return versus(scan, bare, rounds, before=lambda: made.append(next(desks)))


def looked_again(
    tree: Path, count: int, home: Path, peer: Callable[[], None], rounds: int = 5
) -> tuple[Versus, Versus]:
    """A quick pass and a whole scan with nothing changed, each against a peer."""
    with volumes.desk(home) as desk:
        # Folders made within the last two seconds would be listed again.
        desk.scanner._now_ns = lambda: time.time_ns() + 60_000_000_000
        volume = desk.volumes.add(tree)
        desk.scanner.scan(volume.id)

        def quick() -> None:
            report = desk.scanner.quick(volume.id)
            assert (report.unclear, report.seen, report.new) == (False, 0, 0)

        def whole() -> None:
            report = desk.scanner.scan(volume.id)
            assert (report.seen, report.new, report.changed) == (count, 0, 0)

        return versus(quick, peer, rounds), versus(whole, peer, rounds)


def test_a_whole_scan_against_find(tree: Path, compare: Compare) -> None:
    what = "whole walk with size, time and kind, 100,000 files in 1,000 folders"
    compare(10, what, "walk", "`find -printf`", walked(tree, FILES), bars.WALK_LARGE)


def test_rows_committed_against_a_bare_walk(tree: Path, desks: Desks, compare: Compare) -> None:
    found = first_scanned(tree, FILES, desks, 3)
    what = "first scan, rows committed, 100,000 files"
    compare(11, what, "scan into an empty catalog", "bare walk with stat", found, bars.ROWS)


def test_looking_again_without_changes_against_git_status(
    tree: Path, tmp_path: Path, compare: Compare
) -> None:
    status = trees.known_to_git(tree, tmp_path / "kept")
    quick, whole = looked_again(tree, FILES, tmp_path / "home", status)
    what = "quick pass with nothing changed, 100,000 files in 1,000 folders"
    compare(12, what, "folders with their times", "`git status`", quick, bars.QUICK)
    what = "whole scan with nothing changed, 100,000 files"
    compare(13, what, "walked and compared", "`git status`", whole, None)
    assert whole.ratio < 10


def test_new_files_are_written_quickly(tmp_path: Path, note: Note) -> None:
    count = 50_000
    seen = [
        Seen(b"d%03d/c%05d.mov" % (n % 500, n), n, n, n, "media_video", FileState.PRESENT)
        for n in range(count)
    ]
    with catalogs.opened(tmp_path / "home") as catalog:
        volume = catalogs.add_volume(catalog)

        def write(tx: Tx) -> None:
            files.insert(tx, volume, seen)

        def known() -> None:
            with catalog.read() as reader:
                assert len(files.known(reader, volume)) == count

        writing, reading = cost(lambda: catalog.write(write)), cost(known)
    written, read = count / writing.cpu / 1000, count / reading.cpu / 1000
    note(15, "known files read for a scan", f"{read:.0f} k rows a CPU second")
    what = "new files written"
    note(14, what, f"{written:.0f} k rows a CPU second", bar=bars.NEW_ROWS, value=written)
