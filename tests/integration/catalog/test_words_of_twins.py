"""Two clips that prove to have equal bytes: what was said of each is kept, and words that did not know of one another are disputed."""

import itertools
from collections.abc import Callable
from pathlib import Path

import pytest

from app.core.catalog import decisions, events, library, logs, merging, projects
from app.core.catalog.database import Catalog
from app.core.catalog.rows import Tx
from app.core.model.entities import Decision
from app.core.model.events import Event
from app.core.model.ids import new_id
from app.core.review.decisions import Decisions
from app.core.review.logging import Log
from app.core.review.marks import Marks
from app.core.review.notes import Notes
from tests.support import catalogs
from tests.support.catalogs import ANN, PROJECT, add_clip, add_volume, read_whole

BOB, EVE, HASH = "bob", "eve", "xxh3-128:11"


@pytest.fixture
def twins(catalog: Catalog) -> tuple[str, str]:
    volume = add_volume(catalog)
    return add_clip(catalog, volume, "a/one.mov"), add_clip(catalog, volume, "b/two.mov")


def _as(catalog: Catalog, actor: str) -> None:
    catalog.write(lambda tx: projects.set_current(tx, actor=actor))


def _vote(catalog: Catalog, actor: str, clip: str, verdict: str) -> None:
    _as(catalog, actor)
    Decisions(catalog).decide([clip], verdict)


def _merge(catalog: Catalog, *clips: str) -> None:
    for clip in clips:
        read_whole(catalog, clip, HASH)


def _word(catalog: Catalog, clip: str) -> Decision:
    with catalog.read() as reader:
        found = decisions.latest(reader, clip, PROJECT)
    assert found is not None
    return found


def _to_send(catalog: Catalog) -> list[str]:
    with catalog.read() as reader:
        return decisions.approved_clips(reader, 1 << 62)


@pytest.mark.parametrize("known", ["neither", "first", "second"])
@pytest.mark.parametrize("first", ["approved", "rejected"])
def test_two_peoples_words_on_two_clips_are_disputed_once_these_are_one(
    catalog: Catalog, twins: tuple[str, str], first: str, known: str
) -> None:
    """Whichever of the two had been read whole when they were decided on."""
    one, two = twins
    if known != "neither":
        read_whole(catalog, one if known == "first" else two, HASH)
    _vote(catalog, ANN, one, first)
    _vote(catalog, BOB, two, "rejected" if first == "approved" else "approved")
    _merge(catalog, one, two)
    assert _word(catalog, one).disputed
    assert _to_send(catalog) == []
    said = Decisions(catalog).of_clip(one)
    assert {(d.by, d.verdict) for d in said} == {
        (ANN, first),
        (BOB, "rejected" if first == "approved" else "approved"),
    }, "both words are kept"
    with catalog.read() as reader:
        (card,) = library.cards(reader, [1], PROJECT, "store")
    assert (card.approved, card.changes_asked) == (False, True)
    _vote(catalog, EVE, one, "approved")
    assert not _word(catalog, one).disputed, "who decides now knows of both"
    assert _to_send(catalog) == [one]


def test_who_had_said_it_before_may_decide_as_well(
    catalog: Catalog, twins: tuple[str, str]
) -> None:
    one, two = twins
    _vote(catalog, ANN, one, "approved")
    _vote(catalog, BOB, two, "rejected")
    _merge(catalog, one, two)
    _vote(catalog, ANN, two, "approved")
    assert not _word(catalog, one).disputed
    assert _to_send(catalog) == [one]


def test_a_word_after_the_other_on_the_same_clip_is_an_answer_also_after_the_merge(
    catalog: Catalog, twins: tuple[str, str]
) -> None:
    one, two = twins
    _vote(catalog, ANN, two, "rejected")
    _vote(catalog, BOB, two, "approved")
    _merge(catalog, one, two)
    assert not _word(catalog, one).disputed
    assert _to_send(catalog) == [one]


def test_of_one_persons_two_words_the_later_holds_and_history_has_both(
    catalog: Catalog, twins: tuple[str, str]
) -> None:
    one, two = twins
    _vote(catalog, ANN, two, "approved")
    _vote(catalog, ANN, one, "rejected")
    _merge(catalog, one, two)
    word = _word(catalog, one)
    assert (word.verdict, word.disputed) == ("rejected", False)
    with catalog.read() as reader:
        history = logs.history(reader, library.aliases(reader, one))
    assert [h.body["verdict"] for h in history if h.kind == "decision-made"] == [
        "rejected",
        "approved",
    ]


def test_taking_one_of_the_two_back_ends_the_dispute(
    catalog: Catalog, twins: tuple[str, str]
) -> None:
    one, two = twins
    _vote(catalog, ANN, one, "approved")
    _vote(catalog, BOB, two, "rejected")
    _merge(catalog, one, two)
    Decisions(catalog).undo()
    word = _word(catalog, one)
    assert (word.by, word.verdict, word.disputed) == (ANN, "approved", False)
    Decisions(catalog).redo()
    Decisions(catalog).withdraw([one])
    assert not _word(catalog, one).disputed


def test_three_clips_and_three_people(catalog: Catalog, twins: tuple[str, str]) -> None:
    """The one who agrees with the last word settles nothing that two others dispute with it."""
    one, two = twins
    three = add_clip(catalog, add_volume(catalog, "Other"), "c/three.mov")
    _vote(catalog, ANN, one, "rejected")
    _vote(catalog, BOB, two, "approved")
    _vote(catalog, EVE, three, "approved")
    _merge(catalog, three, one, two)
    assert _word(catalog, one).disputed
    assert len(Decisions(catalog).of_clip(one)) == 3


def test_a_word_on_other_bytes_disputes_nothing(catalog: Catalog, twins: tuple[str, str]) -> None:
    one, two = twins
    _vote(catalog, ANN, one, "approved")
    read_whole(catalog, one, HASH)
    catalog.write(lambda tx: tx.run("UPDATE content SET full_hash = 'xxh3-128:22'"))
    _vote(catalog, BOB, two, "rejected")
    read_whole(catalog, two, "xxh3-128:22")
    word = _word(catalog, one)
    assert (word.verdict, word.disputed) == ("rejected", False)


def _everything(catalog: Catalog) -> list[Event]:
    with catalog.read() as reader:
        return [event for _, event in events.since(reader, 0)]


def test_every_order_of_arrival_gives_the_same(
    catalog: Catalog, twins: tuple[str, str], tmp_path: Path
) -> None:
    """The events with the numbers the hub gave them, in any order, where the clips were merged before or after."""
    one, two = twins
    _vote(catalog, ANN, one, "approved")
    _vote(catalog, BOB, two, "rejected")
    _merge(catalog, one, two)
    said = [event for event in _everything(catalog) if event.entity == "decision"]
    assert len(said) == 4, "two words, each bound to the bytes"
    with catalog.read() as reader:
        numbers = dict(reader.tuples("SELECT id, server_seq FROM event"))
        wanted = events.snapshot(reader)["decision"]
    outcomes = set[tuple[str, str, bool]]()
    for number, order in enumerate(itertools.permutations(said)):
        with catalogs.opened(tmp_path / str(number)) as other:
            catalogs.settle_in(other)
            volume = add_volume(other)
            mine = [add_clip(other, volume, path) for path in ("a/one.mov", "b/two.mov")]
            read_whole(other, mine[0], HASH)

            def arrive(tx: Tx, order=order, mine=mine, early=number % 2 == 0) -> None:
                names = dict(zip(mine, (one, two), strict=True))
                for mine_is, known_as in names.items():
                    tx.run("UPDATE file SET clip_id = ? WHERE clip_id = ?", known_as, mine_is)
                    tx.run("UPDATE clip SET id = ? WHERE id = ?", known_as, mine_is)
                steps: list[Callable[[], object]] = [
                    lambda event=event: _told(tx, event, numbers) for event in order
                ]
                steps.insert(0 if early else 2, lambda: merging.absorb(tx, two, one))
                for step in steps:
                    step()

            other.write(arrive)
            word = _word(other, one)
            outcomes.add((word.verdict, word.by, word.disputed))
            assert catalogs.snapshot(other)["decision"] == wanted
    assert outcomes == {("rejected", BOB, True)}


def _told(tx: Tx, event: Event, numbers: dict[str, int]) -> None:
    events.append(tx, event, new_id())
    tx.run("UPDATE event SET server_seq = ? WHERE id = ?", numbers[event.id], event.id)


def test_nothing_that_was_said_of_either_is_lost(catalog: Catalog, twins: tuple[str, str]) -> None:
    one, two = twins
    notes, marks, log = Notes(catalog), Marks(catalog), Log(catalog)
    for actor, clip in ((ANN, one), (BOB, two)):
        _as(catalog, actor)
        note = notes.add(clip, 3, 9, f"note of {actor}")
        notes.add(clip, 3, 9, f"answer of {actor}", parent=note.id)
        marks.add(clip, 1, 4, name=f"mark of {actor}")
        log.rate([clip], 2 if actor == ANN else 4)
        log.tag([clip], ["both", f"of {actor}"])
        log.mark_range(clip, 10, 20 if actor == ANN else 30)
        log.set_field([clip], "scene" if actor == ANN else "shot", f"by {actor}")
    _merge(catalog, one, two)
    assert sorted(n.text for n in notes.of_clip(one)) == sorted(
        f"{what} of {who}" for what in ("note", "answer") for who in (ANN, BOB)
    )
    assert sorted(m.name for m in marks.of_clip(one)) == ["mark of ann", "mark of bob"]
    assert log.of_clip(one).tags == ("both", "of ann", "of bob")
    assert log.of_clip(one).rating == 4, "the last word on each"
    for actor, out in ((ANN, 20), (BOB, 30)):
        _as(catalog, actor)
        assert log.of_clip(one).mark_out == out, "in and out are each person's own"
    with catalog.read() as reader:
        clip = library.get(reader, one, PROJECT)
        history = logs.history(reader, library.aliases(reader, one))
    assert clip is not None
    assert (clip.scene, clip.shot) == ("by ann", "by bob")
    assert [h.body["rating"] for h in history if h.kind == "clip-rated"] == [4, 2]
    before = catalogs.snapshot(catalog)
    catalog.write(events.replay)
    assert catalogs.snapshot(catalog) == before
