"""Two desks that say things, undo, merge, exchange, crash and open again, in any order: the tables are what the log says.

A model of plain facts (which note has which text, which clip which rating) is kept beside the last words of each thing.
"""

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from app.core.catalog import events, integrity, merging
from app.core.catalog.database import Catalog
from app.core.catalog.event_store import CatalogEvents
from app.core.catalog.rows import Tx
from app.core.catalog.speaking import Speaker
from app.core.model.errors import Refused
from app.core.model.events import Event
from app.core.review.decisions import Decisions
from app.core.review.logging import Log
from app.core.review.marks import Marks
from app.core.review.notes import Notes
from tests.support import catalogs

CLIPS = ("c1", "c2", "c3")
DESKS = st.integers(0, 1)
_clip = st.sampled_from(CLIPS)


class Crash(Exception):
    """A process that ends in the middle of a transaction."""


class Desk:
    """One installation and its person."""

    def __init__(self, home: Path, actor: str) -> None:
        self.home, self.actor = home, actor
        self.catalog = Catalog.open(home)
        catalogs.settle_in(self.catalog, actor)
        volume = catalogs.add_volume(self.catalog)
        for name in CLIPS:
            made = catalogs.add_clip(self.catalog, volume, f"{name}.mov")
            self.catalog.write(lambda tx, name=name, made=made: self._call(tx, made, name))

    @staticmethod
    def _call(tx: Tx, made: str, name: str) -> None:
        """Both desks know the clip by the same id, as where one has heard of it from the other."""
        tx.run("UPDATE clip SET id = ? WHERE id = ?", name, made)
        for table in ("file", "doc"):
            tx.run(f"UPDATE {table} SET clip_id = ? WHERE clip_id = ?", name, made)

    def open_again(self) -> None:
        self.catalog.close()
        self.catalog = Catalog.open(self.home)

    def log(self) -> list[Event]:
        with self.catalog.read() as reader:
            return [event for _, event in events.since(reader, 0, 100_000)]


class Machine(RuleBasedStateMachine):
    """What a day of two desks may bring."""

    @initialize()
    def begin(self) -> None:
        self.place = Path(tempfile.mkdtemp(prefix="desks-"))
        self.desks = []
        for name in ("ann", "bob"):
            (self.place / name).mkdir()
            self.desks.append(Desk(self.place / name, name))
        self.notes: list[str] = []

    def teardown(self) -> None:
        if hasattr(self, "desks"):
            for desk in self.desks:
                desk.catalog.close()
            shutil.rmtree(self.place)

    @rule(at=DESKS, clip=_clip, text=st.sampled_from(["harbour", "tide", "naïve ☃"]))
    def note(self, at: int, clip: str, text: str) -> None:
        desk = self.desks[at]
        before = len(desk.log())
        with desk.catalog.read() as reader:
            clip = events.names_of(reader, clip)[0]
        self.notes.append(Notes(desk.catalog).add(clip, 1, 5, text).id)
        assert len(desk.log()) == before + 1

    @rule(at=DESKS, which=st.integers(0, 9), act=st.sampled_from(["edit", "delete", "resolve"]))
    def on_a_note(self, at: int, which: int, act: str) -> None:
        if not self.notes:
            return
        notes, note = Notes(self.desks[at].catalog), self.notes[which % len(self.notes)]
        acts = {
            "edit": lambda: notes.edit(note, f"edited {which}"),
            "delete": lambda: notes.delete(note),
            "resolve": lambda: notes.resolve(note, resolved=which % 2 == 0),
        }
        self._may(acts[act])

    @rule(
        at=DESKS,
        clip=_clip,
        n=st.integers(0, 5),
        act=st.sampled_from(["rate", "tag", "untag", "approve", "reject", "mark"]),
    )
    def on_a_clip(self, at: int, clip: str, n: int, act: str) -> None:
        catalog = self.desks[at].catalog
        acts = {
            "rate": lambda: Log(catalog).rate([clip], n),
            "tag": lambda: Log(catalog).tag([clip], [f"w{n}"]),
            "untag": lambda: Log(catalog).tag([clip], [], [f"w{n}"]),
            "approve": lambda: Decisions(catalog).decide([clip], "approved"),
            "reject": lambda: Decisions(catalog).decide([clip], "rejected", "soft"),
            "mark": lambda: Marks(catalog).add(clip, n),
        }
        self._may(acts[act])

    @rule(at=DESKS, redo=st.booleans())
    def undo_or_redo(self, at: int, redo: bool) -> None:
        speaker = Speaker(self.desks[at].catalog)
        self._may(speaker.redo if redo else speaker.undo)

    @rule(at=DESKS, one=_clip, other=_clip)
    def merge(self, at: int, one: str, other: str) -> None:
        def act(tx: Tx) -> None:
            loser, winner = events.names_of(tx, one)[0], events.names_of(tx, other)[0]
            if loser != winner:
                merging.absorb(tx, loser, winner)

        self.desks[at].catalog.write(act, durable=True)

    @rule(to=DESKS, backwards=st.booleans(), twice=st.booleans())
    def hear(self, to: int, backwards: bool, twice: bool) -> None:
        """Everything of the other desk, in an order of its own, some of it again."""
        heard = self.desks[1 - to].log()
        heard = heard[::-1] if backwards else heard
        CatalogEvents(self.desks[to].catalog).append([*heard, *heard] if twice else heard)

    @rule(at=DESKS, clip=_clip)
    def crash_between(self, at: int, clip: str) -> None:
        """An act that a crash cuts off leaves nothing; the process begins again."""
        desk = self.desks[at]
        before = desk.log()

        def act(tx: Tx) -> None:
            draft = events.Draft(
                catalogs.PROJECT,
                catalogs.Entity.CLIP,
                clip,
                catalogs.Kind.CLIP_RATED,
                {"rating": 5},
            )
            events.record(tx, desk.actor, draft)
            raise Crash

        with pytest.raises(Crash):
            desk.catalog.write(act, durable=True)
        desk.open_again()
        assert desk.log() == before

    @rule(at=DESKS)
    def killed(self, at: int) -> None:
        """What a kill leaves is a copy of the folder at any moment: it opens with every word."""
        desk = self.desks[at]
        copy = shutil.copytree(desk.home, self.place / "copy")
        try:
            with catalogs.opened(copy) as catalog:
                assert catalogs.snapshot(catalog) == catalogs.snapshot(desk.catalog)
                assert catalog.lost is None
        finally:
            shutil.rmtree(copy)

    @rule(at=DESKS)
    def replayed(self, at: int) -> None:
        catalog = self.desks[at].catalog
        before = catalogs.snapshot(catalog)
        catalog.write(events.replay, durable=True)
        assert catalogs.snapshot(catalog) == before

    @rule()
    def meet(self) -> None:
        """Both hear all and know the same clips to be one: they say the same."""
        one, other = self.desks
        for desk, from_ in ((one, other), (other, one)):
            CatalogEvents(desk.catalog).append(from_.log())
        aliases = []
        for desk in self.desks:
            with desk.catalog.read() as reader:
                aliases.append(
                    sorted(tuple(r) for r in reader.all("SELECT alias, clip_id FROM clip_alias"))
                )
        assert {e.id for e in one.log()} == {e.id for e in other.log()}
        if aliases[0] == aliases[1]:
            assert catalogs.snapshot(one.catalog) == catalogs.snapshot(other.catalog)

    @invariant()
    def the_tables_say_what_the_log_says(self) -> None:
        for desk in getattr(self, "desks", ()):
            with desk.catalog.read() as reader:
                assert [*integrity.log_rows(reader), *integrity.words_match(reader)] == []

    def _may(self, act: object) -> None:
        try:
            act()  # type: ignore[operator]
        except Refused:
            return  # there is nothing to edit, undo or take out


def _run(examples: int, steps: int) -> None:
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_a_day_of_two_desks() -> None:
    _run(6, 20)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_many_days_of_two_desks() -> None:
    _run(400, 50)
