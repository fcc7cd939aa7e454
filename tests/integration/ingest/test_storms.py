"""Storms: hundreds or thousands of files renamed, moved and swapped in no time, each with words on it. No identity is lost."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from app.core.catalog import events
from app.core.catalog.events import Draft
from app.core.catalog.rows import Tx
from app.core.ingest import recipes
from app.core.ingest.recipes import Hashing, Scans, Settling
from app.core.ingest.watching import WATCHING, Watcher
from app.core.model.entities import Volume
from app.core.model.events import Entity, Kind
from app.core.model.ids import new_id
from app.core.platform.preferences import Ingest
from app.core.work.engine import Engine
from app.core.work.read_caps import ReadCaps
from tests.support import catalogs
from tests.support.command import wait_for
from tests.support.volumes import Desk, put

COUNTS = pytest.mark.parametrize("count", [500, pytest.param(10_000, marks=pytest.mark.long)])
pytestmark = pytest.mark.timeout(1_800)


class Storm:
    """Files on a volume, each with a note, and what is done to them."""

    def __init__(self, desk: Desk, root: Path, count: int) -> None:
        self.desk, self.root = desk, root
        self.chance = random.Random(count)
        self.at = {n: f"{n % 7}/take {n}.wav" for n in range(count)}
        """Where each file is."""
        for n, path in self.at.items():
            # All of one size, and ten of each time: only inodes and bytes tell them apart.
            put(root, path, at=n // 10)
        self.volume: Volume = desk.add(root)
        self.notes = {n: new_id() for n in self.at}
        places = desk.places()
        desk.catalog.write(lambda tx: [self._say(tx, n, places[self.at[n]][0]) for n in self.at])

    def _say(self, tx: Tx, n: int, clip: str) -> None:
        words = {"text": f"about {n}", "start": 0, "end": 1, "parent": None}
        body = {"clip": clip, **words}
        events.record(
            tx,
            catalogs.ANN,
            Draft(catalogs.PROJECT, Entity.NOTE, self.notes[n], Kind.NOTE_ADDED, body),
        )

    def blow(self, between: Callable[[int], None] = lambda _: None) -> None:
        """Every file gets another place, some several; folders too."""
        for step, n in enumerate(self.chance.sample(sorted(self.at), len(self.at))):
            self._move(n, f"sorted {n % 3}/{(n * 7) % len(self.at):05}.wav")
            if not step % 5:
                self._swap(n, self.chance.randrange(len(self.at)))
            if not step % 7:
                self._move(n, f"again/{self.chance.randrange(9)}/take {n}.wav")
            if not step % 100:
                self._rename_folder(f"sorted {n % 3}", f"kept {step}")
            between(step)

    def _move(self, n: int, path: str) -> None:
        target = self.root / path
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            (self.root / self.at[n]).rename(target)
            self.at[n] = path

    def _swap(self, one: int, other: int) -> None:
        if one != other:
            first, second, spare = (
                self.root / self.at[one],
                self.root / self.at[other],
                self.root / "spare",
            )
            first.rename(spare)
            second.rename(first)
            spare.rename(second)
            self.at[one], self.at[other] = self.at[other], self.at[one]

    def _rename_folder(self, old: str, new: str) -> None:
        (self.root / old).rename(self.root / new)
        self.at = {
            n: f"{new}{path[len(old) :]}" if path.startswith(f"{old}/") else path
            for n, path in self.at.items()
        }

    def lost(self) -> list[int]:
        """Files that are not there for Rushes, or whose note is with other bytes."""
        places = self.desk.places()
        with self.desk.catalog.read() as reader:
            rows = reader.all("SELECT id, clip_id FROM note")
        noted = {str(row["id"]): str(row["clip_id"]) for row in rows}
        return [
            n
            for n, path in self.at.items()
            if places.get(path) != (noted.get(self.notes[n]), "present")
        ]


@COUNTS
def test_a_storm_while_rushes_is_off(desk: Desk, root: Path, count: int) -> None:
    storm = Storm(desk, root, count)
    storm.blow()
    report = desk.look(storm.volume)
    assert (report.moved, report.new, report.missing) == (count, 0, 0)
    assert storm.lost() == []
    assert len(desk.places()) == len(desk.clips()) == count


@COUNTS
def test_a_storm_while_rushes_watches(desk: Desk, root: Path, count: int) -> None:
    storm = Storm(desk, root, count)
    watcher = Watcher(desk.catalog)
    scans = Scans(desk.catalog, desk.volumes, desk.scanner, watcher, Ingest())
    every = recipes.recipes(scans, Settling(desk.scanner, 8_000), Hashing(ReadCaps()))
    engine = Engine(desk.catalog, [one for one in every if one.name not in ("hash", "settle")])
    engine.start()
    watcher.keep(desk.volumes.every())
    try:
        assert engine.wait_idle()
        assert desk.volumes.get(storm.volume.id).watcher == WATCHING
        looked = engine.finished()

        def between(step: int) -> None:
            # Some of it is seen halfway.
            if not step % (count // 5) and step:
                before = engine.finished()
                wait_for(lambda: engine.finished() > before)

        storm.blow(between)
        # What the system tells, it tells in order.
        put(root, "last.wav", at=1)
        wait_for(lambda: "last.wav" in desk.places())
        wait_for(lambda: not watcher.pending())
        assert engine.wait_idle()
        assert engine.finished() - looked >= 4
    finally:
        engine.close()
        watcher.close()
    desk.catch_up()
    assert storm.lost() == []
    places = desk.places()
    there = {path for path, (_, state) in places.items() if state != "missing"}
    assert there == {*storm.at.values(), "last.wav"}
    assert len(desk.clips()) == count + 1, "nobody is there twice"


@pytest.mark.parametrize("swapped", [False, True])
def test_a_file_that_moves_while_its_folders_are_read_keeps_its_words(
    desk: Desk, root: Path, swapped: bool
) -> None:
    # All alike but in their bytes.
    for path in ("A/one.wav", "B/two.wav", "C/three.wav"):
        put(root, path)
    volume = desk.add(root)
    notes = {path: desk.say(path) for path in ("A/one.wav", "B/two.wav")}
    done: list[int] = []

    def halfway(seen: int) -> None:
        # A is read, B is not.
        if seen == 1 and not done:
            done.append(seen)
            if swapped:
                (root / "B/two.wav").rename(root / "A/spare")
            (root / "A/one.wav").rename(root / "B/two.wav" if swapped else root / "B/one.wav")
            if swapped:
                (root / "A/spare").rename(root / "A/one.wav")

    report = desk.scanner.scan(volume.id, progress=halfway)
    desk.catch_up()
    assert done
    assert (report.new, report.missing) == (0, 0)
    desk.look(volume)
    one, two = ("B/two.wav", "A/one.wav") if swapped else ("B/one.wav", "B/two.wav")
    assert desk.noted_at(notes["A/one.wav"]) == desk.clip_at(one)
    assert desk.noted_at(notes["B/two.wav"]) == desk.clip_at(two)
    assert len(desk.clips()) == 3
