"""What a search shows of a hit, and which comes first."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest

from app.core.catalog.database import Catalog
from app.core.model.entities import Hit
from app.core.planning.bins import Bins
from app.core.platform.preferences import Derivatives
from app.core.post.search import Search
from app.core.post.store import ProxyStore
from app.core.post.timing import Timing
from app.core.review.logging import Log
from app.core.review.marks import Marks
from app.core.review.notes import Notes
from tests.support import catalogs


class Desk:
    """Two clips, the search over them, and those who say something."""

    def __init__(self, catalog: Catalog, home: Path) -> None:
        self.catalog = catalog
        self.search = Search(catalog, Timing(ProxyStore(catalog, home, Derivatives())))
        disk = catalogs.add_volume(catalog, "Disk")
        self.old, self.new = (
            catalogs.add_clip(catalog, disk, f"{name}.mov", camera=camera, rate=rate)
            for name, camera, rate in (
                ("A001_tern", "A", Fraction(25)),
                ("B001_crane", "B", Fraction(25, 2)),
            )
        )
        self.notes, self.log = Notes(catalog), Log(catalog)

    def hits(self, text: str, **how: bool | int) -> list[Hit]:
        return self.search.hits(text, **how)  # type: ignore[arg-type]

    def clips(self, text: str, **how: bool | int) -> list[str]:
        """`old` and `new`, in the order of the hits."""
        return ["old" if hit.clip_id == self.old else "new" for hit in self.hits(text, **how)]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with catalogs.opened(tmp_path / "home") as catalog:
        catalogs.settle_in(catalog)
        yield Desk(catalog, tmp_path / "home")


def test_every_hit_says_why(desk: Desk) -> None:
    desk.notes.add(desk.old, 5, None, "the heron sleeps")
    Marks(desk.catalog).add(desk.old, 7, name="Egret", text="flies in")
    desk.log.tag([desk.old], ["Low tide"])
    for text, why, frame in (
        ("heron", "in a note: the heron sleeps", 5),
        ("egret", "in a marker: Egret flies in", 7),
        ("tide", "keyword: Low tide", None),
        ("01_ter", "name: A001_tern", None),
        ("cam:A", "a fact of the clip: A001_tern", None),
    ):
        (hit,) = desk.hits(text)
        assert (hit.why, hit.start_frame, hit.name) == (why, frame, "A001_tern"), text


def test_of_a_long_text_the_reason_shows_the_words_that_were_found(desk: Desk) -> None:
    desk.notes.add(desk.old, 5, None, "so much to say " * 40 + "heron " + "and still more " * 40)
    (hit,) = desk.hits("heron")
    shown = hit.why.removeprefix("in a note: ")
    assert shown.startswith("…")
    assert shown.endswith("…")
    assert "heron" in shown
    assert len(shown) < 80


def test_the_best_comes_first_and_while_typing_the_newest(desk: Desk) -> None:
    desk.notes.add(desk.old, 5, None, "gannet, gannet!")
    desk.notes.add(desk.new, 5, None, "between the rocks and the sea there may be a gannet or none")
    assert desk.clips("gannet") == ["old", "new"]
    assert desk.clips("gannet", typing=True) == ["new", "old"]
    assert desk.clips("gannet", limit=1) == ["old"]


def test_of_equals_a_keyword_comes_before_a_note(desk: Desk) -> None:
    desk.log.tag([desk.old], ["puffin"])
    desk.notes.add(desk.new, 5, None, "puffin")
    assert [hit.field for hit in desk.hits("puffin")] == ["tag", "note"]


@pytest.mark.parametrize("text", ["heron", "01_ter", "cam:A", "heron tern", "heron cam:A"])
def test_a_clip_that_became_part_of_another_is_not_found(desk: Desk, text: str) -> None:
    desk.notes.add(desk.old, 5, None, "the heron sleeps")
    assert desk.clips(text) == ["old"]
    desk.catalog.write(lambda tx: tx.run("UPDATE clip SET retired = 1 WHERE id = ?", desk.old))
    assert desk.clips(text) == []
    assert desk.search.count(text)[0] == 0


def test_what_was_deleted_is_not_found(desk: Desk) -> None:
    note = desk.notes.add(desk.old, 5, None, "the heron sleeps")
    mark = Marks(desk.catalog).add(desk.old, 7, name="Egret")
    narrowed = ["has:notes", "note:heron", "by:Ann", "heron", "has:markers", "egret"]
    assert [desk.clips(text) for text in narrowed] == [["old"]] * 6
    desk.notes.delete(note.id)
    Marks(desk.catalog).delete(mark.id)
    assert [desk.clips(text) for text in narrowed] == [[]] * 6
    desk.notes.undo()
    desk.notes.undo()
    assert [desk.clips(text) for text in narrowed] == [["old"]] * 6


def test_half_the_rate_is_another_rate(desk: Desk) -> None:
    assert (desk.clips("fps:25"), desk.clips("fps:12.5")) == (["old"], ["new"])


def test_a_bin_that_was_deleted_keeps_nothing(desk: Desk) -> None:
    bins = Bins(desk.catalog)
    picks = bins.create("Picks")
    bins.add(picks, [desk.old])
    assert desk.clips("bin:picks") == ["old"]
    bins.delete(picks)
    assert desk.clips("bin:picks") == []


def test_a_clip_whose_files_are_missing_lies_on_no_volume(desk: Desk) -> None:
    assert desk.clips("volume:disk cam:A") == ["old"]
    desk.catalog.write(
        lambda tx: tx.run("UPDATE file SET state = 'missing' WHERE clip_id = ?", desk.old)
    )
    assert desk.clips("volume:disk cam:A") == []
    assert desk.clips("cam:A") == ["old"]
