"""Good manners: polite work gives way to playback, to other programs and to a volume's hours; the rest does not."""

import datetime

import pytest

from app.core.model.errors import BadData
from app.core.work.courtesy import Courtesy
from app.core.work.recipes import Context, Subject
from app.core.work.waiting import Held
from tests.integration.work.conftest import Start
from tests.integration.work.test_engine import _after_looks
from tests.support.shop import Shop


def test_polite_work_waits_while_something_plays(engine_of: Start) -> None:
    courtesy = Courtesy()
    courtesy.set_playing(True)
    polite, other = Shop("derive", polite=True), Shop("hash")
    polite.want("a")
    other.want("b")
    engine = engine_of(polite, other, courtesy=courtesy)
    assert not engine.wait_idle(_after_looks(engine, 4)), "it will go on in a moment"
    assert (polite.begun, other.done) == ([], ["b"])
    courtesy.set_playing(False)
    assert engine.wait_idle()
    assert polite.done == ["a"]


def test_polite_work_waits_for_another_program(engine_of: Start) -> None:
    busy = ["DaVinci Resolve is at work"]
    courtesy = Courtesy(foreign_busy=lambda: busy[0] if busy else "")
    polite = Shop("derive", polite=True)
    polite.want("a")
    engine = engine_of(polite, courtesy=courtesy)
    assert not engine.wait_idle(_after_looks(engine, 3))
    assert courtesy.reason() == busy[0]
    busy.clear()
    assert engine.wait_idle()
    assert polite.done == ["a"]


def test_outside_a_volumes_hours_it_is_idle_and_nothing_begins(engine_of: Start) -> None:
    noon = datetime.datetime(2026, 5, 14, 12, 0, tzinfo=datetime.UTC)
    now = [noon]
    courtesy = Courtesy(now=lambda: now[0])
    courtesy.set_hours({"": "19:00-07:00"})
    polite = Shop("derive", polite=True)
    polite.want("a")
    engine = engine_of(polite, courtesy=courtesy)
    assert engine.wait_idle(), (
        "what is not to be done before tonight keeps nobody waiting: see `held`"
    )
    assert polite.begun == []
    now[0] = noon.replace(hour=23)
    assert engine.wait_idle()
    assert polite.done == ["a"]


@pytest.mark.parametrize(
    ("hours", "inside", "outside"),
    [
        ("19:00-07:00", ["19:00", "23:59", "00:00", "06:59"], ["07:00", "12:00", "18:59"]),
        ("09:00-17:00", ["09:00", "16:59"], ["17:00", "08:59", "00:00"]),
        ("", ["00:00", "12:00"], []),
    ],
)
def test_hours_may_go_over_midnight(hours: str, inside: list[str], outside: list[str]) -> None:
    moment = [""]

    def now() -> datetime.datetime:
        return datetime.datetime.fromisoformat(f"2026-05-14T{moment[0]}:00+00:00")

    courtesy = Courtesy(now=now)
    courtesy.set_hours({"disk": hours})
    for text, expected in [(t, True) for t in inside] + [(t, False) for t in outside]:
        moment[0] = text
        assert courtesy.in_hours("disk") is expected
        assert courtesy.in_hours("another")


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        ("2026-05-14T12:00", "2026-05-14T19:00"),
        ("2026-05-14T07:00", "2026-05-14T19:00"),
        ("2026-05-14T19:00", None),
        ("2026-05-15T06:59", None),
    ],
)
def test_it_says_when_a_volumes_hours_begin(now: str, opens: str | None) -> None:
    here = datetime.datetime.fromisoformat(now).astimezone()
    courtesy = Courtesy(now=lambda: here)
    courtesy.set_hours({"disk": "19:00-07:00", "other": ""})
    wanted = opens and datetime.datetime.fromisoformat(opens).astimezone()
    assert courtesy.opens("disk") == wanted
    assert courtesy.opens("other") is None
    assert courtesy.closed() is (opens is not None)


def test_hours_that_are_over_for_today_begin_tomorrow() -> None:
    evening = datetime.datetime.fromisoformat("2026-12-31T18:00").astimezone()
    courtesy = Courtesy(now=lambda: evening)
    courtesy.set_hours({"disk": "09:00-17:00"})
    assert (
        courtesy.opens("disk") == datetime.datetime.fromisoformat("2027-01-01T09:00").astimezone()
    )


def test_an_idle_engine_says_what_is_left_for_the_hours(engine_of: Start) -> None:
    noon = datetime.datetime.fromisoformat("2026-05-14T12:00").astimezone()
    now = [noon]
    courtesy = Courtesy(now=lambda: now[0])
    courtesy.set_hours({"night": "19:00-07:00", "always": ""})
    hashes, proxies = Shop("hash", polite=True), Shop("derive", polite=True)
    posters = Shop("poster")
    for shop in (hashes, posters, proxies):
        shop.want("night/a", "night/b", "always/c")
    proxies.want("night/d")
    engine = engine_of(hashes, proxies, posters, courtesy=courtesy)
    assert engine.wait_idle()
    seven = noon.replace(hour=19)
    assert engine.held() == [Held("night", seven, 3, ("hash", "derive"))]
    assert engine.cancel("hash:night/a") is False, "nothing of it is in hand"
    now[0] = seven
    assert engine.wait_idle()
    assert engine.held() == []
    assert not proxies.due


def test_what_failed_is_not_said_to_wait(engine_of: Start) -> None:
    noon = datetime.datetime.fromisoformat("2026-05-14T12:00").astimezone()
    now = [noon]

    def act(_context: Context, subject: Subject) -> None:
        raise BadData("Broken", subject=subject.name)

    courtesy = Courtesy(now=lambda: now[0])
    courtesy.set_hours({"night": "12:00-13:00"})
    shop = Shop("hash", polite=True, act=act)
    shop.want("night/a")
    engine = engine_of(shop, courtesy=courtesy)
    assert engine.wait_idle()
    now[0] = noon.replace(hour=14)
    assert engine.held() == []
