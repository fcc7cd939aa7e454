"""A start timecode that decoding found, beside headers, sidecars and people who say otherwise."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest

from app.core.catalog import clips, library
from app.core.catalog.clips import Measured, MeasuredStart
from app.core.catalog.database import Catalog
from app.core.model.entities import Clip
from app.core.model.events import Entity, Kind
from app.core.model.media import ClipState
from tests.support.catalogs import (
    PROJECT,
    add_file,
    add_volume,
    opened,
    record,
    say,
    settle_in,
)

ORIGIN = "LTC on audio track 2"
HOUR = 25 * 3600


class Desk:
    """One clip that is put together again and again."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self.volume = add_volume(catalog)
        self.row = add_file(catalog, self.volume, "A001.mov")
        self.id = ""

    def assemble(self, start: int | None = None, origin: str = "") -> None:
        """As scans and new sidecars make it happen."""
        origins = {"start": origin} if origin else {}
        more = {"start_frame": start, "origins": origins}
        what = record(self.volume, "A001.mov", [self.row], **more)
        self.id = self.catalog.write(lambda tx: clips.put(tx, what))

    def measure(self, hour: int | None, *, state: ClipState | None = None) -> None:
        """As the decode pass does."""
        found = MeasuredStart(hour * HOUR, False, Fraction(25), ORIGIN) if hour else None
        measured = Measured(start=found, state=state)
        self.catalog.write(lambda tx: clips.set_measured(tx, self.id, measured))

    def correct(self, offset: int) -> None:
        """A person shifts the labels."""
        body = {"offset": offset, "rate": "25", "reason": "jam"}
        say(self.catalog, Entity.CLIP, self.id, Kind.TIMECODE_CORRECTED, body)

    def clip(self) -> Clip:
        with self.catalog.read() as reader:
            found = library.get(reader, self.id, PROJECT)
        assert found is not None
        return found

    def told(self) -> tuple[int | None, str | None]:
        """(start frame, its origin)."""
        clip = self.clip()
        return clip.start_frame, clip.origins.get("start")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with opened(tmp_path) as catalog:
        settle_in(catalog)
        desk = Desk(catalog)
        desk.assemble()
        yield desk


def test_it_stays_when_the_clip_is_put_together_again(desk: Desk) -> None:
    assert desk.told() == (None, None)
    desk.measure(10)
    assert desk.told() == (10 * HOUR, ORIGIN)
    assert desk.clip().label(0) == "10:00:00:00"
    desk.assemble()
    assert desk.told() == (10 * HOUR, ORIGIN)
    desk.measure(None, state=ClipState.BAD)
    assert desk.told() == (10 * HOUR, ORIGIN)


def test_clips_sort_by_it(desk: Desk) -> None:
    desk.measure(10)
    with desk.catalog.read() as reader:
        assert reader.value("SELECT start_key FROM clip WHERE id = ?", desk.id) == 36_000_000


@pytest.mark.parametrize("origin", ["mxf", "tmcd", "camera-xml", "rtmd", "avchd", "bext"])
def test_what_headers_and_sidecars_know_counts_more(desk: Desk, origin: str) -> None:
    desk.measure(10)
    desk.assemble(HOUR, origin)
    assert desk.told() == (HOUR, origin)
    desk.measure(10)
    assert desk.told() == (HOUR, origin)
    desk.assemble()
    assert desk.told() == (10 * HOUR, ORIGIN)


def test_a_written_tag_counts_less(desk: Desk) -> None:
    desk.assemble(HOUR, "tag")
    desk.measure(10)
    assert desk.told() == (10 * HOUR, ORIGIN)


def test_a_correction_is_an_offset_from_what_was_found(desk: Desk) -> None:
    desk.measure(10)
    desk.correct(50)
    assert desk.told()[0] == 10 * HOUR + 50
    desk.measure(10)
    desk.assemble()
    assert desk.told()[0] == 10 * HOUR + 50


def test_a_correction_from_before_stays_the_only_word(desk: Desk) -> None:
    """Somebody gave the clip its start by hand: ten hours more would be wrong."""
    desk.correct(HOUR)
    desk.measure(10)
    desk.assemble()
    assert desk.told()[0] == HOUR
    desk.correct(0)
    desk.measure(10)
    assert desk.told() == (10 * HOUR, ORIGIN)
