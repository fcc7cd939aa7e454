"""The power goes off, at any call that changes the disk: what was promised is there, and no row is without its file.

The disk is a filesystem of its own whose memory is thrown away (`tests/support/loop_disk.py`). What Rushes writes may lie on
two disks, of which one alone may lose its power: then the rows of the other must not know of files that never came.
"""

import contextlib
import gzip
import random
import shutil
import sqlite3
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from app.core.catalog import backups, integrity, migrations
from app.core.catalog.database import FILE_NAME
from tests.support import catalogs, state_child, strace_kill
from tests.support.loop_disk import LoopDisk
from tests.support.state_sweep import MADE_AGAIN, before, unfinished, words, wrong
from tests.support.stored_catalog import FOLDER
from tests.support.strace_kill import Point

__all__ = ["before"]

KINDS = ("ext4", "xfs")
ROUNDS = 50
SEED = 4
FILES = ("rendition", "object")
"""Phases that write files beside the catalog, which may lie on another disk."""
NEVER = Point("fsync", 60_000)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[LoopDisk]:
    """An ext4 disk."""
    with LoopDisk(tmp_path / "image", tmp_path / "mount") as disk:
        yield disk


@contextlib.contextmanager
def laid_out(start: Path, disk: LoopDisk, tmp_path: Path, *, apart: bool) -> Iterator[Path]:
    """A data folder on that disk; with `apart` only proxies and bucket are there, the catalog is elsewhere."""
    home = shutil.copytree(start, (tmp_path if apart else disk.mount) / "home")
    for name in (state_child.STORE, state_child.BUCKET) if apart else ():
        (home / name).mkdir(exist_ok=True)
        shutil.move(home / name, disk.mount / name)
        (home / name).symlink_to(disk.mount / name)
    disk.flush()
    yield home
    for place in (home, *(disk.mount / name for name in (state_child.STORE, state_child.BUCKET))):
        shutil.rmtree(place, ignore_errors=True)


def cut_at(home: Path, disk: LoopDisk, phase: str, point: Point, *, apart: bool) -> list[str]:
    """Runs until that call, and cuts the power there; what did not hold."""
    told = strace_kill.killed_at(point, words(home, phase, "--die"))
    disk.cut()
    found = wrong(home, told if apart else told - MADE_AGAIN)
    return [f"{phase} {point} {disk.kind}: {what}" for what in (*found, *unfinished(home))]


@pytest.mark.parametrize(
    ("phase", "apart"),
    [
        ("notes", False),
        ("backup", False),
        ("settings", False),
        *((phase, True) for phase in FILES),
    ],
)
def test_what_was_promised_survives_a_power_cut_right_after(
    before: Mapping[str, Path], disk: LoopDisk, tmp_path: Path, phase: str, apart: bool
) -> None:
    with laid_out(before[phase], disk, tmp_path, apart=apart) as home:
        assert cut_at(home, disk, phase, NEVER, apart=apart) == []


@pytest.mark.long
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("apart", [False, True])
def test_the_power_is_cut_at_any_call(
    before: Mapping[str, Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    kind: str,
    apart: bool,
) -> None:
    chance = random.Random(SEED)
    phases: Sequence[str] = FILES if apart else state_child.PHASES
    places: list[tuple[str, Point]] = []
    for phase in phases:
        home = shutil.copytree(before[phase], tmp_path / f"counted {phase}")
        places += [(phase, point) for point in strace_kill.points(words(home, phase, "--die"))]
    chosen = chance.sample(places, ROUNDS)
    bad: list[str] = []
    with LoopDisk(tmp_path / "image", tmp_path / "mount", kind) as disk:
        for phase, point in chosen:
            with laid_out(before[phase], disk, tmp_path, apart=apart) as home:
                bad += cut_at(home, disk, phase, point, apart=apart)
    with capsys.disabled():
        what = "proxies and bucket" if apart else "everything"
        print(f"\n{kind}, {what}: {len(chosen)} of {len(places)} calls, {len(bad)} wrong")  # noqa: T201 - figures
    assert bad == []


OPENED = """
import sys
from pathlib import Path
from app.core.catalog.database import Catalog
Catalog.open(Path(sys.argv[1])).close()
"""


def schema(path: Path) -> Mapping[str, str]:
    """Every table and index by its name."""
    with contextlib.closing(sqlite3.connect(path)) as plain:
        rows = plain.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")
        return {name: sql for name, sql in rows if not name.startswith(("sqlite_", "_sqlite_"))}


def said(path: Path) -> Sequence[object]:
    """What people said."""
    with contextlib.closing(sqlite3.connect(path)) as plain:
        return plain.execute("SELECT id, kind, body FROM event ORDER BY id").fetchall()


@pytest.fixture(scope="session")
def schemas(tmp_path_factory: pytest.TempPathFactory) -> Sequence[Mapping[str, str]]:
    """The schema after the first migration, after the second, and so on."""
    found: list[Mapping[str, str]] = []
    with pytest.MonkeyPatch.context() as patch:
        every = list(migrations.MIGRATIONS.items())
        for count in range(1, len(every) + 1):
            path = tmp_path_factory.mktemp("schema") / FILE_NAME
            patch.setattr(migrations, "MIGRATIONS", dict(every[:count]))
            migrations.prepare(path)
            found.append(schema(path))
    return found


def cut_in_migration(
    disk: LoopDisk, point: Point, schemas: Sequence[Mapping[str, str]]
) -> list[str]:
    """Opens the oldest catalog, cuts the power at that call; what did not hold."""
    home = disk.mount / "home"
    home.mkdir()
    path = home / FILE_NAME
    path.write_bytes(gzip.decompress((FOLDER / "tables_of_0_1.sqlite.gz").read_bytes()))
    before = said(path)
    disk.flush()
    strace_kill.killed_at(point, [sys.executable, "-B", "-c", OPENED, str(home)])
    disk.cut()
    found: list[str] = []
    kept = [p for p in backups.folder(path).glob("*.sqlite") if said(p) == before]
    now = schema(path)
    if now not in schemas:
        found.append("a schema between two")
    if now != schemas[0] and [schema(p) for p in kept] != [schemas[0]]:
        found.append("migrated without a backup")
    if said(path) != before:
        found.append("words are lost")
    with catalogs.opened(home) as catalog, catalog.read() as reader:
        found += [f"{what}: {of}" for check in integrity.CHECKS for what, of in check(reader)]
    if schema(path) != schemas[-1] or said(path) != before:
        found.append("the next start does not finish it")
    found += [f"left over: {p.name}" for p in home.rglob(".backup-*")]
    shutil.rmtree(home)
    return [f"{point} {disk.kind}: {what}" for what in found]


@pytest.mark.parametrize("number", [3, 12])
def test_the_power_is_cut_in_a_migration(
    disk: LoopDisk, schemas: Sequence[Mapping[str, str]], number: int
) -> None:
    assert cut_in_migration(disk, Point("fdatasync", number), schemas) == []


@pytest.mark.long
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("kind", KINDS)
def test_the_power_is_cut_at_fifty_calls_of_a_migration(
    tmp_path: Path,
    schemas: Sequence[Mapping[str, str]],
    capsys: pytest.CaptureFixture[str],
    kind: str,
) -> None:
    home = tmp_path / "counted"
    home.mkdir()
    stored = gzip.decompress((FOLDER / "tables_of_0_1.sqlite.gz").read_bytes())
    (home / FILE_NAME).write_bytes(stored)
    places = strace_kill.points([sys.executable, "-B", "-c", OPENED, str(home)])
    # Between two calls that make something durable, one write is as good as another.
    written = [point for point in places if point.call == "pwrite64"]
    chosen = [point for point in places if point.call != "pwrite64"]
    chosen += random.Random(SEED).sample(written, ROUNDS - len(chosen))
    bad: list[str] = []
    with LoopDisk(tmp_path / "image", tmp_path / "mount", kind) as disk:
        for point in chosen:
            bad += cut_in_migration(disk, point, schemas)
    with capsys.disabled():
        print(f"\n{kind}, a migration: {len(chosen)} of {len(places)} calls, {len(bad)} wrong")  # noqa: T201 - figures
    assert bad == []
