"""An offload is killed at calls that change the disk: what its journal says is there is there, and the next start finishes it."""

import random
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from app.core.catalog import integrity
from app.core.files import mhl_history
from app.core.ingest.offloads import Offloads
from app.core.model.offloads import CopyState
from tests.support import catalogs, strace_kill
from tests.support.copy_truth import left_over
from tests.support.offloading import files_of, make_card
from tests.support.source import ROOT
from tests.support.strace_kill import CALLS, OF_COPIES, Point

LEGS = ("one", "two")
SAMPLE, LONG = 4, 200
SEED = 11
EVERY = tuple(dict.fromkeys((*CALLS, *OF_COPIES)))
FOLDER = "A001"


@pytest.fixture(scope="module")
def card(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_card(tmp_path_factory.mktemp("source") / "card", seed=5, clips=4)


@pytest.fixture(scope="module")
def points(card: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Point]:
    place = tmp_path_factory.mktemp("counted")
    return strace_kill.points(words(card, place), EVERY)


def words(card: Path, place: Path) -> list[str]:
    for name in ("home", *LEGS):
        (place / name).mkdir(exist_ok=True)
    roots = [str(place / name) for name in LEGS]
    program = [sys.executable, "-B", "-m", "tests.support.offload_child"]
    return [*program, str(place / "home"), str(card), *roots]


def lies(card: Path, place: Path) -> list[str]:
    """What the journal says and is not so, and half files under final names."""
    truth, bad = files_of(card), list[str]()
    for name in LEGS:
        there = files_of(place / name / FOLDER)
        bad += [
            f"{name}: {path} is half"
            for path, data in there.items()
            if data != truth.get(path) and ".rushes-" not in path
        ]
    if not (place / "home" / "catalog.sqlite").exists():
        return bad
    with catalogs.opened(place / "home") as catalog:
        for offload in Offloads(catalog).every():
            for entry in Offloads(catalog).entries(offload.id):
                for leg in offload.legs:
                    state, _ = entry.copies.get(leg.id, (None, ""))
                    copy = Path(leg.root) / leg.folder / entry.path
                    if state is not None and (
                        not copy.is_file() or copy.read_bytes() != truth[entry.path]
                    ):
                        bad.append(f"{leg.name}: {entry.path} is said to be {state}")
    return bad


def unfinished(card: Path, place: Path) -> list[str]:
    """What the next start leaves undone."""
    done = subprocess.run(words(card, place), cwd=ROOT, capture_output=True, text=True, check=False)
    bad = [] if done.returncode == 0 else [f"it ended with {done.returncode}: {done.stderr[-800:]}"]
    for name in LEGS:
        folder = place / name / FOLDER
        bad += [f"{name}: {rel} is left over" for rel in left_over(folder)]
        if files_of(folder) != files_of(card):
            bad.append(f"{name}: not what is on the card")
        elif mhl_history.read_history(folder).damaged:
            bad.append(f"{name}: its hash lists are damaged")
    with catalogs.opened(place / "home") as catalog:
        (offload,) = Offloads(catalog).every()
        states = {
            state
            for entry in Offloads(catalog).entries(offload.id)
            for state, _ in entry.copies.values()
        }
        if states != {CopyState.VERIFIED}:
            bad.append(f"not all is read back: {states}")
        with catalog.read() as reader:
            bad += [text for check in integrity.CHECKS for text in map(str, check(reader))]
    return bad


def swept(card: Path, tmp_path: Path, chosen: Sequence[Point]) -> list[str]:
    bad: list[str] = []
    for point in chosen:
        place = tmp_path / "killed"
        place.mkdir()
        strace_kill.killed_at(point, words(card, place))
        bad += [f"{point}: {what}" for what in (*lies(card, place), *unfinished(card, place))]
        shutil.rmtree(place)
    return bad


def test_killed_at_some_of_its_calls(card: Path, points: list[Point], tmp_path: Path) -> None:
    assert {point.call for point in points} >= {"renameat2", "fsync", "pwrite64"}
    chance = random.Random(SEED)
    kinds = ("renameat2", "fsync")
    chosen = [chance.choice([one for one in points if one.call == kind]) for kind in kinds]
    chosen += chance.sample(points, SAMPLE - len(chosen))
    assert swept(card, tmp_path, chosen) == []


@pytest.mark.long
@pytest.mark.timeout(7200)
def test_killed_at_many_of_its_calls(
    card: Path, points: list[Point], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chosen = random.Random(SEED).sample(points, min(LONG, len(points)))
    bad = swept(card, tmp_path, chosen)
    with capsys.disabled():
        sys.stdout.write(f"\n{len(chosen)} of {len(points)} calls, {len(bad)} bad\n")
    assert bad == []
