"""Undo brings back what was; redo what was undone; for everything that can be said, and whoever else spoke."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.catalog import projects, undo
from app.core.catalog.database import Catalog
from app.core.catalog.speaking import Speaker, listening
from app.core.catalog.undo import _INVERSES
from app.core.delivery.targets import Targets
from app.core.model.errors import Refused
from app.core.model.events import Entity, Kind
from app.core.planning.bins import Bins
from app.core.planning.projects import Projects
from app.core.review.decisions import Decisions
from app.core.review.logging import Log
from app.core.review.marks import Marks
from app.core.review.notes import Notes
from tests.support import catalogs
from tests.support.catalogs import say

LASTING = {Kind.PROJECT_CREATED, Kind.ACTOR_NAMED, Kind.DECISION_BOUND}
IGNORED = {"decision": (7, 8, 9, 10), "tag": (3,), "bin_clip": (2, 3), "correction": (7,)}
"""Columns that name the very event: a thing said again is another event."""
TOMBSTONE = {"note": 10, "mark": 12, "bin": 4}
"""The column that hides a row."""


def _hidden(table: str, row: Sequence[Any]) -> bool:
    if table == "target":
        return bool(json.loads(row[1]).get("removed"))
    return table in TOMBSTONE and bool(row[TOMBSTONE[table]])


def told(catalog: Catalog) -> Mapping[str, Sequence[tuple[Any, ...]]]:
    return {
        table: sorted(
            (
                tuple(v for n, v in enumerate(row) if n not in IGNORED.get(table, ()))
                for row in rows
                if not _hidden(table, row)
            ),
            key=repr,
        )
        for table, rows in catalogs.snapshot(catalog).items()
    }


class Desk:
    """Everything that can be said at a desk, on two clips."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self.speaker = Speaker(catalog)
        volume = catalogs.add_volume(catalog)
        self.clips = [catalogs.add_clip(catalog, volume, f"A00{n}.mov") for n in (1, 2)]
        self.notes, self.marks, self.log = Notes(catalog), Marks(catalog), Log(catalog)
        self.bins, self.decisions, self.projects = (
            Bins(catalog),
            Decisions(catalog),
            Projects(catalog),
        )
        self.note = self.notes.add(self.clips[0], 3, None, "too loud").id
        self.mark = self.marks.add(self.clips[0], 5, 9, name="door").id
        self.bin = self.bins.create("Day 1")
        self.target = Targets(catalog).add("cold", "bucket").id

    def act(self, name: str, clip: str, n: int) -> None:
        acts: dict[str, Callable[[], object]] = {
            "note": lambda: self.notes.add(clip, n, None, "again"),
            "reply": lambda: self.notes.reply(self.note, "yes"),
            "edit": lambda: self.notes.edit(self.note, f"loud {n}"),
            "resolve": lambda: self.notes.resolve(self.note, resolved=n % 2 == 0),
            "delete": lambda: self.notes.delete(self.note),
            "mark": lambda: self.marks.add(clip, n),
            "remark": lambda: self.marks.edit(self.mark, {"name": f"door {n}"}),
            "unmark": lambda: self.marks.delete(self.mark),
            "rate": lambda: self.log.rate(self.clips, n),
            "circle": lambda: self.log.circle([clip], n % 2 == 0),
            "reject": lambda: self.log.reject([clip], n % 2 == 0),
            "range": lambda: self.log.mark_range(clip, n, n + 2 if n % 2 else None),
            "field": lambda: self.log.set_field([clip], "reel", f"A00{n}" if n else None),
            "tag": lambda: self.log.tag([clip], ["harbour"], []),
            "untag": lambda: self.log.tag([clip], [], ["harbour"]),
            "timecode": lambda: self.log.correct_timecode([clip], n, "25", "jam"),
            "bin": lambda: self.bins.create("Day 2"),
            "rename": lambda: self.bins.rename(self.bin, f"Day {n}"),
            "unbin": lambda: self.bins.delete(self.bin),
            "fill": lambda: self.bins.add(self.bin, self.clips),
            "empty": lambda: self.bins.remove(self.bin, [clip]),
            "approve": lambda: self.decisions.decide([clip], "approved"),
            "refuse": lambda: self.decisions.decide([clip], "rejected", "soft"),
            "withdraw": lambda: self.decisions.withdraw([clip]),
            "project": lambda: self.projects.change("rate", str(24 + n)),
            "confirm": lambda: Targets(self.catalog).confirm(self.target, confirmed=n % 2 == 0),
            "target": lambda: Targets(self.catalog).add(f"tape {n}", "bucket"),
            "correct": lambda: say(
                self.catalog,
                Entity.SEGMENT,
                "s1",
                Kind.SEGMENT_CORRECTED,
                {
                    "clip": clip,
                    "start": 0,
                    "end": 9,
                    "was": "tied",
                    "text": f"tide {n}",
                    "speaker": None,
                },
            ),
            "group": lambda: say(
                self.catalog,
                Entity.GROUP,
                "g1",
                Kind.GROUP_MADE,
                {"sort": "sync", "clips": self.clips, "name": f"{n}"},
            ),
            "ungroup": lambda: say(self.catalog, Entity.GROUP, "g1", Kind.GROUP_DISSOLVED, {}),
            "offset": lambda: say(
                self.catalog,
                Entity.CLIP,
                clip,
                Kind.SYNC_OFFSET_SET,
                {"clip": clip, "to": self.clips[1], "samples": n, "sample_rate": 48_000},
            ),
        }
        acts[name]()


ACTS = [
    "note",
    "reply",
    "edit",
    "resolve",
    "delete",
    "mark",
    "remark",
    "unmark",
    "rate",
    "circle",
    "reject",
    "range",
    "field",
    "tag",
    "untag",
    "timecode",
    "bin",
    "rename",
    "unbin",
    "fill",
    "empty",
    "approve",
    "refuse",
    "withdraw",
    "project",
    "confirm",
    "target",
    "correct",
    "group",
    "ungroup",
    "offset",
]
_step = st.tuples(st.sampled_from(ACTS), st.integers(0, 1), st.integers(0, 5))


def _try(desk: Desk, name: str, clip: int, n: int) -> bool:
    """False where nothing was said: there was nothing to edit any more."""
    before = _events(desk.catalog)
    try:
        desk.act(name, desk.clips[clip], n)
    except Refused:
        return False
    return _events(desk.catalog) > before


def _events(catalog: Catalog) -> int:
    with catalog.read() as reader:
        return int(reader.value("SELECT count(*) FROM event"))


@given(steps=st.lists(_step, min_size=1, max_size=8))
@settings(max_examples=20)
def test_undo_walks_back_and_redo_forth_through_every_state(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int, int]]
) -> None:
    with catalogs.opened(tmp_path_factory.mktemp("desk") / "home") as catalog:
        catalogs.settle_in(catalog)
        desk = Desk(catalog)
        states = [told(catalog)]
        states += [told(catalog) for name, clip, n in steps if _try(desk, name, clip, n)]
        for state in reversed(states[:-1]):
            desk.speaker.undo()
            assert told(catalog) == state
        for state in states[1:]:
            desk.speaker.redo()
            assert told(catalog) == state
        with pytest.raises(Refused, match="Nothing to redo"):
            desk.speaker.redo()
        for state in reversed(states[:-1]):
            desk.speaker.undo()
            assert told(catalog) == state


@pytest.mark.parametrize("name", ACTS)
def test_each_act_alone(catalog: Catalog, name: str) -> None:
    desk = Desk(catalog)
    if name in ("untag", "empty", "ungroup", "withdraw"):
        _try(
            desk,
            {"untag": "tag", "empty": "fill", "ungroup": "group", "withdraw": "approve"}[name],
            0,
            1,
        )
    before = told(catalog)
    assert _try(desk, name, 0, 2)
    after = told(catalog)
    assert after != before
    desk.speaker.undo()
    assert told(catalog) == before
    desk.speaker.redo()
    assert told(catalog) == after


@given(steps=st.lists(_step, min_size=2, max_size=7), data=st.data())
@settings(max_examples=40)
def test_acts_are_undone_one_by_one_in_any_order(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int, int]], data: st.DataObject
) -> None:
    with catalogs.opened(tmp_path_factory.mktemp("desk") / "home") as catalog:
        catalogs.settle_in(catalog)
        desk = Desk(catalog)
        before = told(catalog)
        said = [event for step in steps if (event := _said(desk, step))]
        for event in data.draw(st.permutations(said)):
            held = told(catalog)
            desk.speaker.undo_said([event])
            without = told(catalog)
            if _undoing(catalog, event):
                desk.speaker.redo()
                assert told(catalog) == held
                desk.speaker.undo_said([event])
                assert told(catalog) == without
        assert told(catalog) == before


def _said(desk: Desk, step: tuple[str, int, int]) -> str:
    """The first event of what was said; "" where nothing was."""
    known = _events(desk.catalog)
    if not _try(desk, *step):
        return ""
    with desk.catalog.read() as reader:
        return str(reader.value("SELECT id FROM event ORDER BY seq LIMIT 1 OFFSET ?", known))


def _undoing(catalog: Catalog, event: str) -> bool:
    """Whether an event was needed to take this one back."""
    with catalog.read() as reader:
        return bool(reader.value("SELECT count(*) FROM event WHERE undoes = ?", event))


def test_an_act_is_undone_by_its_name_whatever_was_said_since(catalog: Catalog) -> None:
    desk = Desk(catalog)
    first, second = desk.clips
    with listening() as approved:
        desk.decisions.decide([first], "approved")
    desk.log.tag([first], ["harbour"])
    note = desk.notes.add(second, 2, None, "soft").id
    desk.speaker.undo_said(approved)
    assert desk.decisions.of_clip(first) == []
    assert desk.log.of_clip(first).tags == ("harbour",)
    assert desk.notes.get(note).text == "soft"
    with catalog.read() as reader:
        assert not undo.standing(reader, approved)
    with pytest.raises(Refused, match="Undone already"):
        desk.speaker.undo_said(approved)
    again = desk.speaker.redo()
    assert [(e.id, e.kind) for e in again] == [(approved[0], Kind.DECISION_MADE)]
    assert [d.verdict for d in desk.decisions.of_clip(first)] == ["approved"]


def test_a_later_word_on_the_same_thing_stays(catalog: Catalog) -> None:
    desk = Desk(catalog)
    clip = desk.clips[0]
    with listening() as approved:
        desk.decisions.decide([clip], "approved")
    desk.decisions.decide([clip], "rejected", "soft")
    desk.speaker.undo_said(approved)
    assert [(d.verdict, d.comment) for d in desk.decisions.of_clip(clip)] == [("rejected", "soft")]
    desk.speaker.undo()
    assert desk.decisions.of_clip(clip) == []


@pytest.mark.parametrize(("put", "taken"), [("fill", "empty"), ("tag", "untag")])
def test_what_was_never_put_in_does_not_come_back(catalog: Catalog, put: str, taken: str) -> None:
    desk = Desk(catalog)
    before = told(catalog)
    with listening() as came:
        desk.act(put, desk.clips[0], 0)
    with listening() as went:
        desk.act(taken, desk.clips[0], 0)
    desk.speaker.undo_said(came)
    desk.speaker.undo_said(went)
    assert told(catalog) == before


def test_what_was_taken_out_stays_out_when_its_putting_in_is_done_again(catalog: Catalog) -> None:
    desk = Desk(catalog)
    with listening() as tagged:
        desk.act("tag", desk.clips[0], 0)
    desk.speaker.undo()
    desk.speaker.redo()
    desk.act("untag", desk.clips[0], 0)
    desk.speaker.undo_said(tagged)
    desk.speaker.redo()
    assert desk.log.of_clip(desk.clips[0]).tags == ()


def test_what_another_person_said_is_not_undone_by_its_name(catalog: Catalog) -> None:
    desk = Desk(catalog)
    with listening() as rated:
        desk.log.rate(desk.clips, 3)
    with listening() as nothing:
        desk.projects.current()
    assert len(rated) == 1
    assert nothing == []
    desk.projects.add_actor("Bob")
    with pytest.raises(Refused, match="Undone already"):
        desk.speaker.undo_said(rated)
    assert desk.log.of_clip(desk.clips[0]).rating == 3


def test_every_kind_can_be_undone_or_stays_for_good_reason() -> None:
    assert set(_INVERSES) == set(Kind) - LASTING


def test_undo_after_others_spoke_takes_back_only_ones_own(catalog: Catalog) -> None:
    desk = Desk(catalog)
    clip = desk.clips[0]
    desk.log.rate([clip], 2)
    desk.log.tag([clip], ["harbour"])
    say(catalog, Entity.CLIP, clip, Kind.CLIP_RATED, {"rating": 5}, actor="bob")
    say(catalog, Entity.CLIP, clip, Kind.TAG_ADDED, {"word": "harbour"}, actor="bob")
    desk.speaker.undo()
    assert desk.log.of_clip(clip).tags == ("harbour",), "Bob's keyword stays"
    desk.speaker.undo()
    assert desk.log.of_clip(clip).rating == 5, "Bob's rating stays"
    desk.speaker.redo()
    assert desk.log.of_clip(clip).rating == 5, "Bob spoke later"


def test_a_new_act_ends_what_can_be_redone(catalog: Catalog) -> None:
    desk = Desk(catalog)
    desk.log.rate(desk.clips, 2)
    desk.speaker.undo()
    desk.log.circle(desk.clips)
    with pytest.raises(Refused, match="Nothing to redo"):
        desk.speaker.redo()


def test_making_a_project_is_not_undone_and_hides_nothing(catalog: Catalog) -> None:
    desk = Desk(catalog)
    desk.log.rate(desk.clips, 2)
    project = desk.projects.create("Second film", "24")
    desk.speaker.undo()
    with catalog.read() as reader:
        found = projects.get(reader, project.id)
    assert found is not None
    assert found.rate == 24
    desk.projects.switch(project_id=catalogs.PROJECT)
    assert desk.log.of_clip(desk.clips[0]).rating == 0


def test_undo_survives_a_restart(tmp_path: Path) -> None:
    with catalogs.opened(tmp_path / "home") as catalog:
        catalogs.settle_in(catalog)
        desk = Desk(catalog)
        desk.log.rate(desk.clips, 3)
        desk.speaker.undo()
    with catalogs.opened(tmp_path / "home") as catalog:
        Speaker(catalog).redo()
        assert Log(catalog).of_clip(desk.clips[0]).rating == 3


def test_nothing_to_undo_is_said(catalog: Catalog) -> None:
    with pytest.raises(Refused, match="Nothing to undo"):
        Speaker(catalog).undo()


def test_undo_stops_where_the_person_was_introduced(catalog: Catalog) -> None:
    desk = Desk(catalog)
    desk.projects.change("name", "Harbour film")
    desk.projects.introduce("Ingrid Nilsen")
    desk.act("rate", desk.clips[0], 3)
    desk.speaker.undo()
    with pytest.raises(Refused, match="Nothing to undo"):
        desk.speaker.undo()
    assert desk.projects.current().name == "Harbour film"
