"""Two desks that did not hear of one another: what holds once they have. The rules of the shared hub, on one machine."""

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from app.core.catalog import decisions, events, library, logs, notes
from app.core.catalog.database import Catalog
from app.core.catalog.event_store import CatalogEvents, exchange
from app.core.model.entities import Decision, Note
from app.core.model.events import Entity, Event, Kind
from tests.support import catalogs
from tests.support.catalogs import PROJECT
from tests.support.memory_hub import MemoryHub

CLIP, HASH = "c1", "xxh3-128:aa"


class Desk:
    """One replica that exchanges with the hub when it is told to."""

    def __init__(self, catalog: Catalog, hub: MemoryHub, actor: str) -> None:
        self.catalog, self._hub, self.actor = catalog, hub, actor
        self._cursor = 0
        catalog.write(lambda tx: tx.run("INSERT INTO meta VALUES ('hub', 'memory')"))
        fresh = catalogs.add_clip(catalog, catalogs.add_volume(catalog))
        catalogs.read_whole(catalog, fresh, HASH)
        catalog.write(
            lambda tx: [
                tx.run(f"UPDATE {t} SET {c} = ? WHERE {c} = ?", CLIP, fresh)
                for t, c in (("clip", "id"), ("file", "clip_id"))
            ]
        )

    def say(
        self, kind: Kind, body: Mapping[str, Any], about: str = CLIP, entity: Entity = Entity.CLIP
    ) -> Event:
        return catalogs.say(self.catalog, entity, about, kind, body, actor=self.actor)

    def note(self, kind: Kind, body: Mapping[str, Any], about: str = "n1") -> Event:
        return self.say(kind, body, about, Entity.NOTE)

    def vote(self, verdict: str) -> Event:
        body = {"clip": CLIP, "verdict": verdict, "hash": HASH, "round": None, "comment": ""}
        return self.say(Kind.DECISION_MADE, body, CLIP, Entity.DECISION)

    def meet(self) -> None:
        self._cursor = exchange(CatalogEvents(self.catalog), self._hub, self._cursor)

    def notes(self) -> list[Note]:
        with self.catalog.read() as reader:
            return notes.of_clip(reader, CLIP, PROJECT)

    def decision(self) -> Decision | None:
        with self.catalog.read() as reader:
            return decisions.latest(reader, CLIP, PROJECT)

    def to_send(self) -> list[str]:
        with self.catalog.read() as reader:
            return decisions.approved_clips(reader, 1 << 62)


class Pair:
    """Two desks and their hub."""

    def __init__(self, one: Desk, other: Desk) -> None:
        self.ann, self.bob = one, other

    def meet(self) -> None:
        """Both hear everything; their tables are the same."""
        for desk in (self.ann, self.bob, self.ann):
            desk.meet()
        assert catalogs.snapshot(self.ann.catalog) == catalogs.snapshot(self.bob.catalog)


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    hub = MemoryHub()
    with contextlib.ExitStack() as stack:
        desks = [
            Desk(stack.enter_context(catalogs.opened(tmp_path / name)), hub, name)
            for name in ("ann", "bob")
        ]
        both = Pair(*desks)
        both.ann.note(
            Kind.NOTE_ADDED,
            {"clip": CLIP, "start": 1, "end": 2, "text": "too loud", "parent": None},
        )
        both.meet()
        yield both


def test_notes_of_both_are_there(pair: Pair) -> None:
    for desk, name in ((pair.ann, "n2"), (pair.bob, "n3")):
        desk.note(
            Kind.NOTE_ADDED,
            {"clip": CLIP, "start": 1, "end": 2, "text": name, "parent": None},
            name,
        )
    pair.meet()
    assert sorted(note.text for note in pair.ann.notes()) == ["n2", "n3", "too loud"]


def test_a_note_edited_by_both_shows_the_last_and_keeps_the_other(pair: Pair) -> None:
    pair.ann.note(Kind.NOTE_EDITED, {"text": "much too loud", "base": "n1"})
    pair.bob.note(Kind.NOTE_EDITED, {"text": "a bit loud", "base": "n1"})
    pair.meet()
    (note,) = pair.ann.notes()
    assert (note.text, note.edited_by_both, note.other_text) == (
        "a bit loud",
        True,
        "much too loud",
    )
    with pair.ann.catalog.read() as reader:
        base = notes.base_of(reader, "n1")
    pair.ann.note(Kind.NOTE_EDITED, {"text": "loud", "base": base})
    pair.meet()
    (note,) = pair.bob.notes()
    assert (note.text, note.edited_by_both, note.other_text) == ("loud", False, None)


def test_deleting_hides_and_restoring_brings_the_edited_text(pair: Pair) -> None:
    pair.ann.note(Kind.NOTE_DELETED, {})
    pair.bob.note(Kind.NOTE_EDITED, {"text": "a bit loud", "base": "n1"})
    pair.meet()
    assert pair.ann.notes() == []
    pair.bob.note(Kind.NOTE_RESTORED, {})
    pair.meet()
    assert [note.text for note in pair.ann.notes()] == ["a bit loud"]


def test_an_answer_to_a_deleted_note_is_kept(pair: Pair) -> None:
    pair.ann.note(Kind.NOTE_DELETED, {})
    pair.bob.note(
        Kind.NOTE_ADDED,
        {"clip": CLIP, "start": 1, "end": 2, "text": "indeed", "parent": "n1"},
        "n2",
    )
    pair.meet()
    assert [(note.text, note.parent) for note in pair.ann.notes()] == [("indeed", "n1")]


def test_the_last_word_on_resolving_counts(pair: Pair) -> None:
    pair.ann.note(Kind.NOTE_RESOLVED, {})
    pair.bob.note(Kind.NOTE_REOPENED, {})
    pair.meet()
    assert pair.ann.notes()[0].state == "open"


def test_a_removal_takes_only_what_it_saw(pair: Pair) -> None:
    seen = pair.ann.say(Kind.TAG_ADDED, {"word": "harbour"})
    pair.meet()
    pair.ann.say(Kind.TAG_REMOVED, {"word": "harbour", "adds": [seen.id]})
    pair.bob.say(Kind.TAG_ADDED, {"word": "harbour"})
    pair.meet()
    with pair.ann.catalog.read() as reader:
        assert logs.of_clip(reader, CLIP, PROJECT).tags == ("harbour",)


def test_of_two_ratings_the_last_counts_and_the_other_stays_in_history(pair: Pair) -> None:
    pair.ann.say(Kind.CLIP_RATED, {"rating": 2})
    pair.bob.say(Kind.CLIP_RATED, {"rating": 4})
    pair.meet()
    with pair.ann.catalog.read() as reader:
        assert logs.of_clip(reader, CLIP, PROJECT).rating == 4
        ratings = [h.body["rating"] for h in logs.history(reader, [CLIP]) if h.kind == "clip-rated"]
    assert ratings == [4, 2]


def test_the_last_vote_of_a_person_counts(pair: Pair) -> None:
    pair.ann.vote("rejected")
    pair.ann.vote("approved")
    pair.meet()
    assert pair.bob.to_send() == [CLIP]


def test_an_approval_acts_only_once_the_hub_has_it(pair: Pair) -> None:
    pair.ann.vote("approved")
    assert pair.ann.to_send() == []
    pair.ann.meet()
    assert pair.ann.to_send() == [CLIP]


@pytest.mark.parametrize("first", ["approved", "rejected"])
def test_two_words_that_did_not_know_of_one_another_are_disputed(pair: Pair, first: str) -> None:
    pair.ann.vote(first)
    pair.bob.vote("rejected" if first == "approved" else "approved")
    pair.meet()
    for desk in (pair.ann, pair.bob):
        decision = desk.decision()
        assert decision is not None
        assert decision.disputed
        assert desk.to_send() == []
        with desk.catalog.read() as reader:
            (card,) = library.cards(reader, [1], PROJECT, "store")
        assert (card.approved, card.changes_asked) == (False, True)
    pair.ann.vote("approved")
    pair.meet()
    assert pair.bob.to_send() == [CLIP]


def test_who_knew_of_the_other_decides(pair: Pair) -> None:
    pair.ann.vote("rejected")
    pair.meet()
    pair.bob.vote("approved")
    pair.meet()
    decision = pair.ann.decision()
    assert decision is not None
    assert not decision.disputed
    assert pair.ann.to_send() == [CLIP]


def test_a_new_version_begins_unapproved(pair: Pair) -> None:
    pair.ann.vote("approved")
    pair.meet()
    pair.ann.catalog.write(lambda tx: tx.run("UPDATE content SET full_hash = 'xxh3-128:bb'"))
    decision = pair.ann.decision()
    assert decision is not None
    assert not decision.current
    assert pair.ann.to_send() == []


def test_a_lost_answer_of_the_hub_costs_nothing(pair: Pair) -> None:
    """What was pushed and not marked is pushed again, and keeps its number."""
    pair.ann.say(Kind.CLIP_RATED, {"rating": 3})
    store = CatalogEvents(pair.ann.catalog)
    pair.ann._hub.push(store.unacknowledged())
    pair.meet()
    with pair.bob.catalog.read() as reader:
        assert len([e for _, e in events.since(reader, 0) if e.kind == "clip-rated"]) == 1
