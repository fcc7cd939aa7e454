"""What footage that comes in makes the writer ask is found by an index: it costs the same in a large library.

SQLite chooses its ways by the schema alone here, so the plans of a small catalog are those of a large one.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core.catalog import library, places
from app.core.catalog.rows import Reader
from tests.support import volumes
from tests.support.volumes import Desk, put

GROW = (
    "file",
    "clip",
    "content",
    "copy",
    "rendition",
    "doc",
    "segment",
    "transcript",
    "event",
    "note",
    "clip_log",
    "tag",
)
"""Tables with a row for each clip or more."""
SMALL = ("clip_by_proxy_base", "file_by_state", "scope_due")
"""Indexes that hold what is to be looked at, and not all: reading them from end to end is what they are for."""


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with volumes.desk(tmp_path / "home") as opened:
        yield opened


def _searching(reader: Reader, statements: set[str]) -> list[str]:
    """The statements that read a growing table from end to end, with their plans."""
    found: list[str] = []
    for sql in sorted(statements):
        if not re.match(r"\s*(SELECT|UPDATE|DELETE|INSERT|WITH)", sql) or "INTO main." in sql:
            continue
        plan = [str(row["detail"]) for row in reader.all(f"EXPLAIN QUERY PLAN {sql}")]
        tables = dict(re.findall(r"\b(?:FROM|JOIN|UPDATE)\s+(\w+)\s+(?:AS )?(\w+)", sql))
        names = {alias: table for table, alias in tables.items()} | {one: one for one in GROW}
        for line in plan:
            scan = re.match(r"SCAN (\w+)", line)
            if scan and names.get(scan[1]) in GROW and not any(index in line for index in SMALL):
                found.append(f"{line}: {' '.join(sql.split())}")
    return found


def test_new_moved_changed_and_lost_footage(desk: Desk, tmp_path: Path) -> None:
    card = tmp_path / "card"
    for number in range(6):
        put(card, f"A001/sound{number}.wav", at=number)
    asked: set[str] = set()
    desk.catalog.write(lambda tx: tx._connection.set_trace_callback(asked.add))
    volume = desk.add(card)
    note = desk.say("A001/sound1.wav")
    (card / "B001").mkdir()
    (card / "A001/sound1.wav").rename(card / "B001/sound1.wav")
    (card / "A001/sound2.wav").replace(card / "A001/sound3.wav")
    (card / "A001/sound4.wav").unlink()
    put(card, "A001/sound5.wav", "other words", at=99)
    put(card, "C001/again.wav", "A001/sound0.wav", at=0)
    volumes.later(desk)
    desk.look(volume, hashes=True)
    desk.catalog.write(lambda tx: tx._connection.set_trace_callback(None))
    assert desk.noted_at(note) == desk.clip_at("B001/sound1.wav")
    assert len(asked) > 50
    with desk.catalog.read() as reader:
        assert _searching(reader, asked) == []


@pytest.mark.parametrize("sort", library.SORTS)
def test_what_is_narrowed_is_not_read_in_the_order_of_an_index(desk: Desk, sort: str) -> None:
    """Its rows lie all over the table then: four times slower for a filter that no index answers."""
    asked: list[str] = []
    with desk.catalog.read() as reader:
        reader._connection.set_trace_callback(asked.append)
        places.listed(reader, ("c.reel = 'A001'", ()), sort)
        library.order(reader, sort, where="c.reel = 'A001'")
        reader._connection.set_trace_callback(None)
        plans = [
            str(row["detail"])
            for sql in asked
            if "ORDER BY" in sql
            for row in reader.all(f"EXPLAIN QUERY PLAN {sql}")
        ]
    assert [line for line in plans if " c" in line] == ["SCAN c"] * 2


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("sort", library.SORTS)
def test_what_is_narrowed_stands_in_the_order_of_the_whole(
    desk: Desk, tmp_path: Path, sort: str, descending: bool
) -> None:
    """Equals too: they are alike in most of what the library is sorted by."""
    card = tmp_path / "card"
    for number in range(5):
        put(card, f"sound{number}.wav", at=number)
    desk.add(card)
    with desk.catalog.read() as reader:
        whole = library.order(reader, sort, descending=descending)
        narrowed, _ = places.listed(reader, ("1", ()), sort, descending=descending)
        again = library.order(reader, sort, descending=descending, where="1")
    assert len(whole) == 5
    assert narrowed == whole == again
