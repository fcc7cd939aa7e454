"""The log itself: clocks that never run back, digests, what `check` finds and `--repair` mends."""

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.catalog import events, integrity, mending
from app.core.catalog.database import Catalog
from app.core.model.events import Entity, Event, Kind
from app.core.model.hlc import milliseconds, tick
from app.core.review.decisions import Decisions
from app.core.review.notes import Notes
from tests.support import catalogs
from tests.support.catalogs import say


def _all(catalog: Catalog) -> list[Event]:
    with catalog.read() as reader:
        return [event for _, event in events.since(reader, 0)]


def _problems(catalog: Catalog) -> list[str]:
    with catalog.read() as reader:
        return [words for check in integrity.CHECKS for words, _ in check(reader)]


def test_time_never_runs_back_when_the_machines_clock_is_set_back(tmp_path: Path) -> None:
    """What was said an hour from now, by the clock of then, stays before what is said now."""
    ahead = tick(0, time.time_ns() // 1_000_000 + 3_600_000)
    with catalogs.opened(tmp_path / "home") as catalog:
        catalogs.settle_in(catalog)
        catalog.write(lambda tx: tx.run("UPDATE meta SET value = ? WHERE key = 'hlc'", str(ahead)))
    for start in range(2):
        with catalogs.opened(tmp_path / "home") as catalog:
            for n in range(5):
                say(catalog, Entity.CLIP, "c1", Kind.CLIP_RATED, {"rating": n})
            stamps = [event.hlc for event in _all(catalog)][2:]
            assert stamps == list(range(ahead + 1, ahead + 6 + 5 * start))


@given(walls=st.lists(st.integers(0, 1 << 47), min_size=1, max_size=30))
def test_stamps_rise_strictly_and_keep_up_with_the_wall(walls: list[int]) -> None:
    stamp = 0
    for wall in walls:
        after = tick(stamp, wall)
        assert after > stamp
        assert milliseconds(after) >= wall
        stamp = after


def test_what_is_said_after_hearing_others_comes_after_them(catalog: Catalog) -> None:
    ahead = (1 << 62) + 5
    heard = Event(
        "far", ahead, "z", "bob", "film", Entity.CLIP, "c1", Kind.CLIP_RATED, 1, {"rating": 1}
    )
    catalog.write(lambda tx: events.append(tx, heard), durable=True)
    said = say(catalog, Entity.CLIP, "c1", Kind.CLIP_RATED, {"rating": 5})
    assert said.hlc > ahead
    assert catalogs.snapshot(catalog)["clip_log"] == [("c1", "film", 5, 0, 0)]


def test_an_event_knows_what_its_writer_had_seen(catalog: Catalog) -> None:
    first = say(catalog, Entity.CLIP, "c1", Kind.CLIP_RATED, {"rating": 1})
    second = say(catalog, Entity.CLIP, "c1", Kind.CLIP_RATED, {"rating": 2})
    assert second.seen == first.seen + 1
    with catalog.read() as reader:
        assert reader.column("SELECT server_seq = seq FROM event") == [1, 1, 1, 1]


def test_a_whole_catalog_has_no_problem(catalog: Catalog) -> None:
    clip = catalogs.add_clip(catalog, catalogs.add_volume(catalog))
    Notes(catalog).add(clip, 1, None, "hm")
    Decisions(catalog).decide([clip], "approved")
    catalogs.read_whole(catalog, clip, "xxh3-128:11")
    assert _problems(catalog) == []


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (
            "UPDATE event SET body = replace(body, 'hm', 'ho') WHERE kind = 'note-added'",
            "an event was changed",
        ),
        ("UPDATE event SET hlc = hlc + 1 WHERE kind = 'note-added'", "an event was changed"),
        ("UPDATE event SET actor = 'eve' WHERE kind = 'decision-made'", "an event was changed"),
        ("UPDATE note SET text = 'ho'", "the table of notes"),
        ("UPDATE decision SET hash = 'xxh3-128:22'", "the table of decisions"),
        ("DELETE FROM tag", "the table of tags"),
        ("UPDATE file SET clip_id = 'gone'", "a file refers to a clip"),
        ("UPDATE project SET fields = '{}'", "the table of projects"),
    ],
)
def test_what_was_changed_behind_our_back_is_found(catalog: Catalog, harm: str, words: str) -> None:
    clip = catalogs.add_clip(catalog, catalogs.add_volume(catalog))
    Notes(catalog).add(clip, 1, None, "hm")
    say(catalog, Entity.CLIP, clip, Kind.TAG_ADDED, {"word": "sea"})
    Decisions(catalog).decide([clip], "approved")
    catalog.write(lambda tx: tx.run(harm))
    assert any(words in problem for problem in _problems(catalog))


def test_repair_brings_the_tables_back_from_the_log(catalog: Catalog) -> None:
    clip = catalogs.add_clip(catalog, catalogs.add_volume(catalog))
    Notes(catalog).add(clip, 1, None, "hm")
    say(catalog, Entity.CLIP, clip, Kind.TAG_ADDED, {"word": "sea"})
    before = catalogs.snapshot(catalog)

    def harm(tx: events.Tx) -> None:
        tx.run("UPDATE note SET text = 'ho'")
        tx.run("DELETE FROM tag")
        tx.run("DELETE FROM doc")
        tx.run("UPDATE file SET clip_id = 'gone'")

    catalog.write(harm)
    for step in mending.steps(()):
        catalog.write(step, durable=True)
    assert catalogs.snapshot(catalog) == before
    assert _problems(catalog) == []
