"""The library by timecode: by what the labels say, whatever the rate."""

from fractions import Fraction

from app.core.catalog import clips, library
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


def _names(catalog: Catalog) -> list[str]:
    with catalog.read() as reader:
        rows = library.order(reader, "timecode")
        by_row = {int(c.row): c.name for c in library.page(reader, rows, catalogs.PROJECT)}
        return [by_row[row] for row in rows]
