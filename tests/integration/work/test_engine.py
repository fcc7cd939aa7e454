"""The engine: order, focus, failures, calling off, pausing, idling, and a clean end."""

import threading
import time

import pytest

from app.core.catalog import attempts
from app.core.catalog.attempts import Attempt
from app.core.catalog.database import Catalog
from app.core.model.changes import Aspect
from app.core.model.errors import BadData, NoRoom, Passing
from app.core.work import engine as engine_module
from app.core.work.engine import Engine
from app.core.work.recipes import Context, Subject
from tests.integration.work.conftest import Start
from tests.support.guards import ExpectLog
from tests.support.shop import Shop


def _failures(catalog: Catalog) -> list[Attempt]:
    with catalog.read() as reader:
        return attempts.every(reader)


class Gate:
    """Work that begins, and goes on when the test lets it."""

    def __init__(self) -> None:
        self.begun, self.open = threading.Event(), threading.Event()

    def __call__(self, context: Context, _subject: Subject) -> None:
        self.begun.set()
        while not self.open.wait(0.01):
            context.check()


def test_everything_due_is_done_once(engine_of: Start) -> None:
    shop = Shop()
    shop.want(*map(str, range(100)))
    assert engine_of(shop).wait_idle()
    assert sorted(shop.done, key=int) == [str(n) for n in range(100)]
    assert sorted(shop.begun) == sorted(shop.done)


def test_within_a_lane_the_lower_number_goes_first(engine_of: Start) -> None:
    gate = Gate()
    first = Shop("gate", act=gate, priority=1)
    first.want("gate")
    order: list[str] = []
    shops = [
        Shop(name, act=lambda _, s: order.append(s.id), priority=p)
        for name, p in (("late", 9), ("early", 2))
    ]
    for shop in shops:
        shop.want(*(f"{shop.recipe.name}{n}" for n in range(5)))
    engine = engine_of(first, *shops, quick=1)
    assert gate.begun.wait(30)
    gate.open.set()
    assert engine.wait_idle()
    assert order == [f"early{n}" for n in range(5)] + [f"late{n}" for n in range(5)]


def test_what_is_on_screen_goes_first_at_once(engine_of: Start) -> None:
    gate = Gate()
    shop = Shop(act=lambda c, s: gate(c, s) if s.id == "0" else None)
    shop.want(*map(str, range(200)))
    engine = engine_of(shop, quick=1)
    assert gate.begun.wait(30)
    engine.focus(["150", "151"])
    gate.open.set()
    assert engine.wait_idle()
    assert set(shop.done[1:3]) == {"150", "151"}


def test_lanes_run_side_by_side_as_wide_as_they_are(engine_of: Start) -> None:
    meeting = threading.Barrier(3)
    one = Shop("one", lane="quick", act=lambda *_: meeting.wait(30) and None)
    two = Shop("two", lane="io:disk", act=lambda *_: meeting.wait(30) and None)
    one.want("a", "b")
    two.want("c")
    assert engine_of(one, two, quick=2).wait_idle()
    assert len(one.done) == 2


def test_a_poison_subject_stops_after_two_tries_and_the_rest_goes_on(
    catalog: Catalog, engine_of: Start
) -> None:
    def act(_: Context, subject: Subject) -> None:
        if subject.id == "poison":
            raise BadData("Broken", "Nothing reads.", subject=subject.name)

    shop = Shop(act=act)
    shop.want("a", "poison", "b")
    engine = engine_of(shop)
    assert engine.wait_idle()
    assert sorted(shop.done) == ["a", "b"]
    assert shop.begun.count("poison") == 2
    (failure,) = _failures(catalog)
    assert (failure.key, failure.tries, failure.stopped) == ("press:poison", 2, True)
    assert failure.error["title"] == "Broken"
    engine.poke()
    assert engine.wait_idle()
    assert shop.begun.count("poison") == 2


def test_our_own_bug_is_logged_and_stops_as_well(
    catalog: Catalog, engine_of: Start, expect_log: ExpectLog
) -> None:
    expect_log("a handler broke: press:x")
    shop = Shop(act=lambda *_: list[int]().pop())
    shop.want("x")
    assert engine_of(shop).wait_idle()
    (failure,) = _failures(catalog)
    assert (failure.stopped, failure.error["family"]) == (True, "our bug")
    assert "IndexError" in failure.error["message"]


def test_a_passing_fault_waits_and_goes_on_for_ever(catalog: Catalog, engine_of: Start) -> None:
    def act(_: Context, subject: Subject) -> None:
        raise Passing("Busy", "The server is busy.", subject=subject.name)

    shop = Shop(act=act)
    shop.want("x")
    engine = engine_of(shop)
    assert engine.wait_idle()
    waits: list[int] = []
    for tries in range(1, 13):
        (failure,) = _failures(catalog)
        assert (failure.tries, failure.stopped) == (tries, False)
        with catalog.read() as reader:
            waits.append(reader.value("SELECT (not_before - at) / 1000 FROM attempt"))
            assert attempts.blocked(reader, "press") == {"x"}
        catalog.write(lambda tx: tx.run("UPDATE attempt SET not_before = 0"))
        assert engine.wait_idle()
    assert waits[:4] == [15, 30, 60, 120]
    assert waits[-1] == waits[-2] == 15 * 256


@pytest.mark.parametrize(
    ("error", "stubborn"), [(NoRoom("The disk is full"), False), (BadData("Broken"), True)]
)
def test_what_passes_by_itself_or_is_housekeeping_never_stands_still(
    catalog: Catalog, engine_of: Start, error: Exception, stubborn: bool
) -> None:
    def act(_: Context, __: Subject) -> None:
        raise error

    shop = Shop(act=act, stubborn=stubborn)
    shop.want("x")
    engine = engine_of(shop)
    for tries in range(1, 4):
        assert engine.wait_idle()
        (failure,) = _failures(catalog)
        assert (failure.tries, failure.stopped) == (tries, False)
        catalog.write(lambda tx: tx.run("UPDATE attempt SET not_before = 0"))


def test_success_forgets_the_failures_before_it(catalog: Catalog, engine_of: Start) -> None:
    shop = Shop()

    def act(_: Context, subject: Subject) -> None:
        if shop.begun.count(subject.id) < 2:
            raise BadData("Broken")

    shop._act = act
    shop.want("x")
    assert engine_of(shop).wait_idle()
    assert shop.done == ["x"]
    assert _failures(catalog) == []


def test_a_retry_tries_again_and_tells_the_recipe(engine_of: Start) -> None:
    broken, again = [True], list[str]()

    def act(_: Context, __: Subject) -> None:
        if broken:
            raise BadData("Broken")

    shop = Shop(act=act, again=lambda _, subject: again.append(subject))
    shop.want("x", "y")
    engine = engine_of(shop)
    assert engine.wait_idle()
    assert not engine.ensure("press:z")
    broken.clear()
    assert engine.ensure("press:x")
    assert engine.wait_idle()
    assert (shop.done, again) == (["x"], ["x"])
    assert engine.ensure_all() == 1
    assert engine.wait_idle()
    assert shop.done == ["x", "y"]


def test_a_running_job_is_called_off_and_stays_off(catalog: Catalog, engine_of: Start) -> None:
    gate = Gate()
    shop = Shop(act=gate)
    shop.want("x")
    engine = engine_of(shop)
    assert gate.begun.wait(30)
    assert [job.key for job in engine.jobs()] == ["press:x"]
    assert engine.cancel("press:x")
    assert engine.wait_idle()
    assert (shop.begun, shop.done) == (["x"], [])
    (failure,) = _failures(catalog)
    assert (failure.stopped, failure.error["title"]) == (True, "Called off")
    gate.open.set()
    assert engine.ensure("press:x")
    assert engine.wait_idle()
    assert shop.done == ["x"]


def test_what_is_called_off_does_not_begin_anew_before_that_is_stored(
    engine_of: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate, real = Gate(), attempts.stopped
    shop = Shop(act=gate)
    shop.want("x")
    engine = engine_of(shop)
    assert gate.begun.wait(30)

    def late(*what) -> None:
        enough = _after_looks(engine, 4)
        while not enough():
            time.sleep(0.005)
        real(*what)

    monkeypatch.setattr(attempts, "stopped", late)
    assert engine.cancel("press:x")
    assert shop.begun == ["x"]
    assert engine.wait_idle()
    assert (shop.begun, shop.done) == (["x"], [])


def test_a_waiting_job_is_called_off_before_it_begins(engine_of: Start) -> None:
    gate = Gate()
    shop = Shop(act=lambda c, s: gate(c, s) if s.id == "a" else None)
    shop.want("a", "b", "c")
    engine = engine_of(shop, quick=1)
    assert gate.begun.wait(30)
    assert _until(lambda: engine.cancel("press:b"))
    gate.open.set()
    assert engine.wait_idle()
    assert shop.begun == ["a", "c"]


def test_pausing_finishes_what_runs_and_begins_nothing(engine_of: Start) -> None:
    gate = Gate()
    shop = Shop(act=lambda c, s: gate(c, s) if s.id == "a" else None)
    shop.want("a", "b")
    engine = engine_of(shop, quick=1)
    assert gate.begun.wait(30)
    engine.pause(True)
    gate.open.set()
    assert _until(lambda: shop.done == ["a"])
    assert not engine.wait_idle(_after_looks(engine, 3))
    assert shop.begun == ["a"]
    engine.pause(False)
    assert engine.wait_idle()
    assert shop.done == ["a", "b"]


def test_a_change_in_the_catalog_wakes_it(
    catalog: Catalog, engine_of: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_module, "_BEAT", 3600.0)
    shop = Shop()
    engine = engine_of(shop)
    assert engine.wait_idle()
    shop.want("x")
    catalog.write(lambda tx: tx.touch(Aspect.FILE, "disk"))
    assert _until(lambda: shop.done == ["x"])


def test_it_is_not_idle_while_something_is_due_soon(engine_of: Start) -> None:
    shop = Shop()
    shop.soon = 1
    engine = engine_of(shop)
    assert not engine.wait_idle(_after_looks(engine, 3))
    shop.soon = 0
    assert engine.wait_idle()


def test_closing_calls_everything_off_and_leaves_no_thread(catalog: Catalog) -> None:
    gate = Gate()
    shop = Shop(act=gate)
    shop.want(*map(str, range(50)))
    engine = Engine(catalog, [shop.recipe], widths={"quick": 3})
    engine.start()
    assert gate.begun.wait(30)
    engine.close()
    assert shop.done == []
    assert _failures(catalog) == []
    assert not [t for t in threading.enumerate() if t.name.startswith(("lane", "planner"))]
    engine.close()


def test_an_outcome_that_cannot_be_stored_ends_no_lane(
    catalog: Catalog, engine_of: Start, expect_log: ExpectLog
) -> None:
    expect_log("the outcome of press:x was not stored")
    full = [True]

    def act(_: Context, __: Subject) -> None:
        if full:
            raise NoRoom("The disk is full")

    shop = Shop(act=act)
    shop.want("x")

    def refuse(tx) -> None:
        tx.run(
            "CREATE TRIGGER full BEFORE INSERT ON attempt BEGIN SELECT RAISE(ABORT, 'disk full'); END"
        )

    catalog.write(refuse)
    engine = engine_of(shop)
    assert _until(lambda: len(shop.begun) >= 2)
    full.clear()
    assert engine.wait_idle()
    assert shop.done == ["x"]


def test_a_query_that_breaks_does_not_end_the_planner(
    engine_of: Start, expect_log: ExpectLog
) -> None:
    expect_log("looking for due work failed")
    shop = Shop()
    due, broken = shop.due, [True]

    class Breaks(dict[str, None]):
        def __iter__(self):
            if broken:
                broken.clear()
                raise RuntimeError("row is odd")
            return super().__iter__()

    shop.due = Breaks(due)
    shop.want("x")
    assert engine_of(shop).wait_idle()
    assert shop.done == ["x"]


def test_listeners_hear_of_progress_and_harm_nothing(
    engine_of: Start, expect_log: ExpectLog
) -> None:
    expect_log("a listener of the engine failed")
    seen: list[tuple[int, int]] = []
    gate = Gate()

    def act(context: Context, subject: Subject) -> None:
        gate(context, subject)
        for n in (1, 2, 3):
            context.progress(n, 3)

    shop = Shop(act=act)
    shop.want("x")
    engine = engine_of(shop)
    assert gate.begun.wait(30)
    stop_listening = engine.subscribe(
        lambda: seen.extend((job.done, job.total) for job in engine.jobs())
    )
    stop = engine.subscribe(lambda: 1 // 0)
    gate.open.set()
    assert engine.wait_idle()
    stop()
    stop_listening()
    assert list(dict.fromkeys(seen)) == [(1, 3), (2, 3), (3, 3)]
    assert engine.finished() == 1


def _until(holds, seconds: float = 30) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.005)
    return False


def _after_looks(engine: Engine, looks: int):
    """Stops waiting once the planner has looked so many times."""
    begun = engine.looks()

    def stop() -> bool:
        engine.poke()
        return engine.looks() >= begun + looks

    return stop


@pytest.mark.parametrize("subject", ["caf\udce9", "100%", "a:b|c", "'; DROP TABLE attempt; --"])
def test_awkward_names_can_fail_be_shown_and_be_tried_again(
    catalog: Catalog, engine_of: Start, subject: str
) -> None:
    broken = [True]

    def act(_: Context, what: Subject) -> None:
        if broken:
            raise BadData("Broken", f"{what.name} is broken", subject=what.name)

    shop = Shop(act=act)
    shop.want(subject)
    engine = engine_of(shop)
    assert engine.wait_idle()
    assert shop.begun == [subject, subject]
    (failure,) = _failures(catalog)
    assert failure.name.isprintable()
    broken.clear()
    assert engine.ensure(failure.key)
    assert engine.wait_idle()
    assert shop.done == [subject]
