"""Whatever order events arrive in, however often, the read tables are the same."""

import dataclasses
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.catalog import events
from app.core.catalog.database import Catalog
from app.core.catalog.rows import Tx
from app.core.model.errors import Refused
from app.core.model.events import Entity, Event, Kind
from tests.support import catalogs
from tests.support.event_sets import SAID, event_sets


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Catalog:  # type: ignore[misc]
    with catalogs.opened(tmp_path_factory.mktemp("desk") / "home") as opened:
        yield opened


def _told(desk: Catalog, said: list[Event]) -> object:
    def act(tx: Tx) -> object:
        tx.run("DELETE FROM event")
        tx.run("DELETE FROM clip_alias")
        events.replay(tx)
        for event in said:
            events.append(tx, event)
        texts = tx.all(
            "SELECT clip_id, project_id, field, ref, text FROM doc ORDER BY 1, 2, 3, 4, 5"
        )
        return events.snapshot(tx), [tuple(row) for row in texts]

    return desk.write(act)


@given(said=event_sets(), seed=st.integers(0, 1 << 30))
@settings(max_examples=40)
def test_any_order_and_any_repetition_tell_the_same(
    desk: Catalog, said: list[Event], seed: int
) -> None:
    shuffled = [*said, *said[: len(said) // 2]]
    random.Random(seed).shuffle(shuffled)
    assert _told(desk, said) == _told(desk, shuffled)


@given(said=event_sets())
@settings(max_examples=25)
def test_replay_makes_the_same_tables_as_live(desk: Catalog, said: list[Event]) -> None:
    live = _told(desk, said)

    def again(tx: Tx) -> object:
        events.replay(tx)
        texts = tx.all(
            "SELECT clip_id, project_id, field, ref, text FROM doc ORDER BY 1, 2, 3, 4, 5"
        )
        return events.snapshot(tx), [tuple(row) for row in texts]

    assert desk.write(again) == live


@given(
    said=event_sets(),
    merged=st.lists(
        st.sampled_from([("c1", "c2"), ("c2", "c3"), ("c3", "c1")]), max_size=2, unique=True
    ),
    cut=st.integers(0, 25),
)
@settings(max_examples=25)
def test_merging_clips_before_between_or_after_tells_the_same(
    desk: Catalog, said: list[Event], merged: list[tuple[str, str]], cut: int
) -> None:
    from app.core.catalog import merging

    def told(order: list[Event | tuple[str, str]]) -> object:
        def act(tx: Tx) -> object:
            tx.run("DELETE FROM event")
            tx.run("DELETE FROM clip_alias")
            events.replay(tx)
            for one in order:
                if isinstance(one, Event):
                    events.append(tx, one)
                elif events.names_of(tx, one[0])[0] != events.names_of(tx, one[1])[0]:
                    merging.absorb(
                        tx, events.names_of(tx, one[0])[0], events.names_of(tx, one[1])[0]
                    )
            return events.snapshot(tx)

        return desk.write(act)

    before = told([*merged, *said])
    assert told([*said[:cut], *merged, *said[cut:]]) == before
    assert told([*said, *merged]) == before


def test_every_kind_is_generated() -> None:
    assert set(SAID) == set(Kind)


def test_what_a_newer_rushes_says_is_kept_and_left_out(desk: Catalog) -> None:
    plain = Event("e1", 1, "x", "ann", "p", Entity.CLIP, "c1", Kind.CLIP_RATED, 1, {"rating": 3})
    newer = [
        dataclasses.replace(plain, id="e2", hlc=2, v=2, body={"stars": "five"}),
        dataclasses.replace(plain, id="e3", hlc=3, kind="clip-smelled", body={"of": "fish"}),
        dataclasses.replace(
            plain, id="e4", hlc=4, entity="hologram", kind="hologram-made", body={}
        ),
        dataclasses.replace(plain, id="e5", hlc=5, body={}),
    ]
    tables, _ = _told(desk, [plain, *newer])  # type: ignore[misc]
    assert tables["clip_log"] == [("c1", "p", 3, 0, 0)]
    with desk.read() as reader:
        assert [event for _, event in events.since(reader, 0)] == [plain, *newer]


@pytest.mark.parametrize("stamp", [-1, 1 << 63])
def test_a_time_that_no_clock_gives_is_refused(desk: Catalog, stamp: int) -> None:
    event = Event(
        "e1", stamp, "x", "ann", "p", Entity.CLIP, "c1", Kind.CLIP_RATED, 1, {"rating": 3}
    )
    with pytest.raises(Refused):
        desk.write(lambda tx: events.append(tx, event))


def test_text_that_is_no_text_is_made_visible(desk: Catalog) -> None:
    said = Event(
        "e1", 1, "x", "ann", "p", Entity.CLIP, "c1", Kind.TAG_ADDED, 1, {"word": "bad\udcff\ud800"}
    )
    tables, texts = _told(desk, [said])  # type: ignore[misc]
    assert tables["tag"][0][2] == "bad\\xff\\ud800"
    assert texts[0][4] == "bad\\xff\\ud800"


def test_the_catalog_of_a_desk_is_the_sum_of_what_was_said(tmp_path: Path) -> None:
    """A second desk that only gets the events has the same tables."""
    with catalogs.opened(tmp_path / "one") as one, catalogs.opened(tmp_path / "two") as two:
        catalogs.settle_in(one)
        catalogs.say(one, Entity.CLIP, "c1", Kind.CLIP_RATED, {"rating": 4})
        with one.read() as reader:
            said = [event for _, event in events.since(reader, 0)]
        for event in reversed(said):
            two.write(lambda tx, event=event: events.append(tx, event))
        assert catalogs.snapshot(two) == catalogs.snapshot(one)
