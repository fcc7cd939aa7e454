"""What must wait holds up nothing else, however much of it there is."""

import datetime
import threading

from app.core.model.errors import BadData
from app.core.work.courtesy import Courtesy
from app.core.work.recipes import Context, Subject, io_lane
from tests.integration.work.conftest import Start
from tests.integration.work.test_engine import _after_looks
from tests.support.shop import Shop

MANY = 300
"""Far more than are asked for at once."""


def test_a_slow_disk_with_much_to_do_holds_up_no_other(engine_of: Start) -> None:
    slow, gone_on = [f"slow/{n}" for n in range(MANY)], threading.Event()

    def held(context: Context, subject: Subject) -> None:
        if subject.id == "fast/0":
            gone_on.set()
        while not gone_on.wait(0.01):
            context.check()

    shop = Shop(act=held, lane=_disk)
    shop.want(*slow, "fast/0")
    engine = engine_of(shop)
    assert gone_on.wait(60), "the fast disk waited for the slow one"
    assert engine.wait_idle()
    assert sorted(shop.done) == sorted([*slow, "fast/0"])


def test_a_disk_outside_its_hours_holds_up_no_other(engine_of: Start) -> None:
    now = [datetime.datetime(2026, 5, 14, 12, 0, tzinfo=datetime.UTC)]
    courtesy = Courtesy(now=lambda: now[0])
    courtesy.set_hours({"night": "19:00-07:00"})
    shop = Shop(lane=lambda _: "encode", polite=True)
    night = [f"night/{n}" for n in range(MANY)]
    shop.want(*night, "day/0")
    engine = engine_of(shop, courtesy=courtesy)
    assert engine.wait_idle()
    assert shop.done == ["day/0"]
    now[0] = now[0].replace(hour=20)
    assert engine.wait_idle()
    assert sorted(shop.done) == sorted([*night, "day/0"])


def test_a_lane_that_is_always_busy_holds_up_no_other(engine_of: Start) -> None:
    """A recipe that makes new work of every job, before another of higher number on another lane."""
    ends = threading.Event()

    def more(_: Context, subject: Subject) -> None:
        if not ends.is_set():
            endless.want(f"{int(subject.id) + 1}")

    endless = Shop("endless", lane="quick", act=more, priority=1)
    endless.want("0")
    other = Shop("other", lane="encode", act=lambda *_: ends.set(), priority=99)
    other.want("x")
    engine = engine_of(endless, other)
    assert ends.wait(60)
    assert engine.wait_idle()
    assert other.done == ["x"]


def _disk(subject: str) -> str:
    return io_lane(subject.partition("/")[0])


def test_very_many_that_stand_still_hide_nothing(engine_of: Start) -> None:
    def broken(_: Context, subject: Subject) -> None:
        if subject.id != "good":
            raise BadData("Broken")

    shop = Shop(act=broken)
    shop.want(*(f"poison{n}" for n in range(MANY)), "good")
    assert engine_of(shop).wait_idle()
    assert shop.done == ["good"]


def test_a_lane_that_first_gets_work_while_paused_begins_nothing(engine_of: Start) -> None:
    shop = Shop()
    engine = engine_of(shop)
    engine.pause(True)
    shop.want("x")
    assert not engine.wait_idle(_after_looks(engine, 3))
    assert shop.begun == []
    engine.pause(False)
    assert engine.wait_idle()
    assert shop.done == ["x"]
