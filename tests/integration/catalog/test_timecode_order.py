"""The library by timecode: by what the labels say, whatever the rate."""

from fractions import Fraction

import pytest

from app.core.catalog import clips, library, places, untimed
from app.core.catalog.clips import Measured, MeasuredStart
from app.core.catalog.database import Catalog
from tests.support import catalogs

HOUR = 3600
FILM, NTSC = Fraction(24000, 1001), Fraction(30000, 1001)


def test_labels_of_all_rates_lie_in_the_order_of_the_day(catalog: Catalog) -> None:
    volume = catalogs.add_volume(catalog)
    day = {
        "09:59:59:12 at 23.976": (FILM, 10 * HOUR * 24 - 12, False),
        "10:00:00:00 at 25": (Fraction(25), 10 * HOUR * 25, False),
        "10:00:00:15 at 29.97 without drop": (NTSC, 10 * HOUR * 30 + 15, False),
        "10:00:01;00 at 29.97 with drop": (NTSC, 10 * 107_892 + 30, True),
        "10:00:02:00 at 50": (Fraction(50), 10 * HOUR * 50 + 100, False),
    }
    for name, (rate, frame, drop) in reversed(day.items()):
        catalogs.add_clip(
            catalog, volume, f"{name}.mov", rate=rate, label_rate=rate, start_frame=frame, drop=drop
        )
    assert _names(catalog) == list(day)


def test_a_start_that_is_measured_later_finds_its_place(catalog: Catalog) -> None:
    volume = catalogs.add_volume(catalog)
    catalogs.add_clip(catalog, volume, "ten.mov", start_frame=10 * HOUR * 25)
    late = catalogs.add_clip(catalog, volume, "before.mov", rate=FILM, start_frame=None)
    start = MeasuredStart(10 * HOUR * 24 - 12, False, FILM, "ltc")
    catalog.write(lambda tx: clips.set_measured(tx, late, Measured(10, None, None, start=start)))
    assert _names(catalog) == ["before", "ten"]


@pytest.mark.parametrize("narrowed", [False, True])
def test_clips_without_timecode_are_last_both_ways(catalog: Catalog, narrowed: bool) -> None:
    volume = catalogs.add_volume(catalog)
    for name, frame in (("stray", None), ("one", 0), ("two", 25 * HOUR), ("other", None)):
        catalogs.add_clip(catalog, volume, f"{name}.mov", start_frame=frame)
    where = ("c.name <> ?", ("nobody",)) if narrowed else ("", ())
    with catalog.read() as reader:
        by_row = {
            int(c.row): c.name
            for c in library.page(reader, library.order(reader, "added"), catalogs.PROJECT)
        }
        for descending, timed in ((False, ["one", "two"]), (True, ["two", "one"])):
            rows, _ = places.listed(reader, where, "timecode", descending=descending)
            assert rows == library.order(
                reader, "timecode", descending=descending, where=where[0], parameters=where[1]
            )
            names = [by_row[row] for row in rows]
            assert names[:2] == timed
            assert sorted(names[2:]) == ["other", "stray"]


def test_counting_clips_without_timecode_comes_from_the_index(catalog: Catalog) -> None:
    with catalog.read() as reader:
        plan = " ".join(
            str(row["detail"]) for row in reader.all(f"EXPLAIN QUERY PLAN {untimed.COUNT}")
        )
    assert "COVERING INDEX clip_by_start" in plan


def _names(catalog: Catalog) -> list[str]:
    with catalog.read() as reader:
        rows = library.order(reader, "timecode")
        by_row = {int(c.row): c.name for c in library.page(reader, rows, catalogs.PROJECT)}
        return [by_row[row] for row in rows]
