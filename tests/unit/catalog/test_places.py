import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core.catalog import clips, files, places, volumes
from app.core.catalog.clips import ClipRecord, Part
from app.core.catalog.database import Catalog
from app.core.catalog.files import Seen
from app.core.catalog.places import Place
from app.core.catalog.rows import Tx
from app.core.model.media import ClipKind, ClipState, Derive, FileRole, FileState
from app.core.planning.bins import Bins
from app.core.planning.projects import Projects
from app.core.review.decisions import Decisions
from app.core.review.logging import Log
from app.core.review.notes import Notes

FOLDERS = ("Day 1", "Day 1/A", "Day 1/A/deep", "Day 10", "Day 1.bak", "D\udcffy")


class Shelf:
    """A catalog with one clip in each folder."""

    def __init__(self, home: Path) -> None:
        self.catalog = Catalog.open(home)
        Projects(self.catalog).ensure()
        self.project = Projects(self.catalog).current().id
        self.volume = ""
        self.ids: list[str] = []
        self.catalog.write(self._fill)

    def _fill(self, tx: Tx) -> None:
        self.volume = volumes.add(
            tx,
            name="v",
            kind="local",
            derive=Derive.ALL,
            fs_key="",
            fs_type="",
            subpath="",
            mount="/nowhere",
        )
        for number, folder in enumerate(FOLDERS):
            path = os.fsencode(f"{folder}/c{number}.mov")
            seen = Seen(path, 10, 1, number + 1, "media", FileState.PRESENT)
            files.insert(tx, self.volume, [seen])
            row = tx.value("SELECT n FROM file WHERE path = ?", path)
            state = ClipState.DAMAGED if number == 5 else ClipState.READY
            record = ClipRecord(
                self.volume,
                folder,
                f"c{number}",
                ClipKind.VIDEO,
                state,
                (Part(row, FileRole.ESSENCE, 0),),
                duration_ms=1000 * (number + 1),
                gaps=((7, 8),) if number == 4 else (),
            )
            self.ids.append(clips.put(tx, record))

    def names(self, place: Place) -> list[str]:
        with self.catalog.read() as reader:
            rows, _ = places.listed(reader, places.condition(place, self.project), "name")
            return [str(reader.value("SELECT name FROM clip WHERE n = ?", n)) for n in rows]


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    made = Shelf(tmp_path / "home")
    yield made
    made.catalog.close()


def test_a_folder_holds_what_is_below_it_and_not_its_namesakes(shelf: Shelf) -> None:
    assert shelf.names(Place("folder", shelf.volume, "Day 1")) == ["c0", "c1", "c2"]
    assert shelf.names(Place("folder", shelf.volume, "Day 1/A")) == ["c1", "c2"]
    assert shelf.names(Place("folder", shelf.volume, "D\udcffy")) == ["c5"]
    assert len(shelf.names(Place("volume", shelf.volume))) == 6
    assert len(shelf.names(Place())) == 6


def test_standing_smart_bins_follow_what_is_said(shelf: Shelf) -> None:
    log, notes = Log(shelf.catalog), Notes(shelf.catalog)
    log.rate([shelf.ids[0]], 3)
    log.circle([shelf.ids[1]])
    log.tag([shelf.ids[2]], ["boat"])
    notes.add(shelf.ids[3], 0, None, "look")
    assert shelf.names(Place("unlogged")) == ["c4", "c5"]
    assert shelf.names(Place("circled")) == ["c1"]
    assert shelf.names(Place("open-notes")) == ["c3"]
    assert shelf.names(Place("problems")) == ["c4", "c5"]
    with shelf.catalog.read() as reader:
        assert places.counts(reader, shelf.project)["unlogged"] == 2


def test_approved_means_the_last_word_on_these_bytes(shelf: Shelf) -> None:
    decisions = Decisions(shelf.catalog)
    decisions.decide(shelf.ids[:2], "approved")
    decisions.decide([shelf.ids[1]], "rejected")
    assert shelf.names(Place("approved")) == ["c0"]


def test_a_bin_holds_what_was_put_in_and_conditions_join(shelf: Shelf) -> None:
    bins = Bins(shelf.catalog)
    bin_id = bins.create("Selects")
    bins.add(bin_id, shelf.ids[:4])
    inside = places.condition(Place("bin", bin_id), shelf.project)
    folder = places.condition(Place("folder", shelf.volume, "Day 1/A"), shelf.project)
    with shelf.catalog.read() as reader:
        rows, length_ms = places.listed(
            reader, places.both(inside, folder), "duration", descending=True
        )
        assert len(rows) == 2
        assert length_ms == 5000
        whole, whole_ms = places.listed(reader, ("", ()), "name")
        assert (len(whole), whole_ms) == (6, 21_000)
