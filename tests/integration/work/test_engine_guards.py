"""The engine's guards: nothing runs twice for one reason, and what is called off while it waits makes room at once."""

import threading
import time
from collections.abc import Sequence

import pytest

from app.core.catalog.rows import Reader
from app.core.work.engine import Engine
from app.core.work.lanes import Lane
from app.core.work.recipes import Context, Job, Recipe, Subject
from tests.integration.work.conftest import Start
from tests.integration.work.test_engine import Gate
from tests.support.command import wait_for
from tests.support.shop import Shop


def test_what_an_answer_names_twice_runs_once(engine_of: Start) -> None:
    """Two places of one clip may both make it due."""
    gate = Gate()
    shop = Shop(act=gate)
    asked = shop.recipe.due

    def twice(reader: Reader, limit: int, focus: Sequence[str]) -> list[Subject]:
        return [one for one in asked(reader, limit, focus) for _ in range(2)]

    shop.recipe = Recipe("press", "Press", twice, shop.recipe.run)
    shop.want("x")
    engine = engine_of(shop, quick=2)
    assert gate.begun.wait(30)
    wait_for(_looked(engine, 4))
    assert shop.begun == ["x"]
    gate.open.set()
    assert engine.wait_idle()
    assert shop.begun == ["x"]


def test_an_answer_from_before_a_job_ended_does_not_begin_it_anew(engine_of: Start) -> None:
    """The question sees a snapshot; what was in hand then may be done when the answer comes."""
    gate = Gate()
    shop = Shop(act=gate)
    asked, stale = shop.recipe.due, list[Subject]()

    def late(reader: Reader, limit: int, focus: Sequence[str]) -> list[Subject]:
        found = list(asked(reader, limit, focus))
        if shop.begun and not stale:
            stale.extend(found)
            gate.open.set()
            wait_for(lambda: engine.finished() == 1)
        return found

    shop.recipe = Recipe("press", "Press", late, shop.recipe.run)
    shop.want("x")
    engine = engine_of(shop, quick=2)
    assert gate.begun.wait(30)
    assert engine.wait_idle()
    assert [one.id for one in stale] == ["x"], "the answer was as old as this is about"
    assert shop.begun == ["x"]


def test_what_is_called_off_while_it_waits_makes_room_in_its_lane(engine_of: Start) -> None:
    gate = Gate()
    shop = Shop(act=lambda c, s: gate(c, s) if s.id == "0" else None)
    names = [str(n) for n in range(40)]
    shop.want(*names)
    engine = engine_of(shop, quick=1)
    assert gate.begun.wait(30)
    for count, name in enumerate(names[1:], 1):
        # A lane holds fewer than these: each that is called off lets another in.
        wait_for(lambda name=name: engine.cancel(f"press:{name}"))
        assert engine.finished() == count, "it ended when it was called off"
    gate.open.set()
    assert engine.wait_idle()
    assert shop.begun == ["0"]


def test_a_lane_takes_back_what_waits_and_nothing_else() -> None:
    begun, goes_on = threading.Event(), threading.Event()
    done: list[str] = []

    def execute(job: Job) -> None:
        begun.set()
        goes_on.wait(30)
        done.append(job.subject.id)

    recipe = Recipe("press", "Press", lambda _r, _l, _f: [], _nothing)
    first, second, third = (
        Job(recipe, Subject(name, "quick", name), threading.Event()) for name in "abc"
    )
    lane = Lane("quick", 1, execute)
    try:
        for number, job in enumerate((first, second, third)):
            lane.put(job, number)
        assert begun.wait(30)
        assert not lane.take_back(first), "it runs"
        assert lane.take_back(second)
        assert not lane.take_back(second), "it is gone"
        assert lane.load() == 2
        goes_on.set()
        wait_for(lambda: lane.load() == 0)
    finally:
        goes_on.set()
        lane.stop()
        assert lane.wait(time.monotonic() + 30) == []
    assert done == ["a", "c"]


@pytest.mark.parametrize("number", [5, 39])
def test_what_somebody_waits_for_goes_before_what_fills_the_lane(
    engine_of: Start, number: int
) -> None:
    """Both what waits in the lane already, and what there is no room for."""
    gate = Gate()
    shop = Shop(act=lambda c, s: gate(c, s) if s.id == "0" else None)
    shop.want(*map(str, range(40)))
    engine = engine_of(shop, quick=1)
    assert gate.begun.wait(30)
    wait_for(_looked(engine, 2))
    shop.waited.add(str(number))
    wait_for(_looked(engine, 2))
    gate.open.set()
    assert engine.wait_idle()
    assert shop.done[:3] == ["0", str(number), "1"]


def _nothing(_context: Context, _subject: Subject) -> None:
    return


def _looked(engine: Engine, times: int):
    """Whether the planner has looked so many times since."""
    begun = engine.looks()

    def enough() -> bool:
        engine.poke()
        return engine.looks() >= begun + times

    return enough
