import threading

import pytest
from pytestqt.qtbot import QtBot

from app.core.model.changes import Aspect, ChangeSet
from app.ui.bridge import MANY, Bridge, merged

pytestmark = pytest.mark.usefixtures("qapp")


def change(aspect: Aspect, *ids: str, origin: str = "") -> ChangeSet:
    return ChangeSet({aspect: frozenset(ids)}, origin)


@pytest.fixture
def bridge() -> Bridge:
    return Bridge()


def test_a_burst_from_another_thread_is_one_signal_on_the_main_thread(
    qtbot: QtBot, bridge: Bridge
) -> None:
    seen: list[tuple[int, ChangeSet]] = []
    bridge.changed.connect(lambda c: seen.append((threading.get_ident(), c)))

    def write() -> None:
        for number in range(500):
            bridge.take(change(Aspect.CLIP, f"c{number}"))
        bridge.take(change(Aspect.NOTE, "c1"))

    writer = threading.Thread(target=write)
    writer.start()
    writer.join()
    qtbot.waitUntil(lambda: bool(seen))
    where, together = seen[0]
    assert len(seen) == 1
    assert where == threading.get_ident()
    assert len(together.ids(Aspect.CLIP)) == 500
    assert together.ids(Aspect.NOTE) == {"c1"}


def test_changes_after_a_handover_come_in_the_next(qtbot: QtBot, bridge: Bridge) -> None:
    seen: list[ChangeSet] = []
    bridge.changed.connect(seen.append)
    bridge.take(change(Aspect.CLIP, "a"))
    qtbot.waitUntil(lambda: len(seen) == 1)
    bridge.take(change(Aspect.CLIP, "b"))
    qtbot.waitUntil(lambda: len(seen) == 2)
    assert [s.ids(Aspect.CLIP) for s in seen] == [{"a"}, {"b"}]


def test_many_swallows_ids_and_too_many_become_many() -> None:
    both = merged([change(Aspect.CLIP, "a"), change(Aspect.CLIP), change(Aspect.CLIP, "b")])
    assert both.changes[Aspect.CLIP] == frozenset()
    flood = merged([change(Aspect.FILE, *map(str, range(MANY + 1)))])
    assert flood.touches(Aspect.FILE)
    assert flood.changes[Aspect.FILE] == frozenset()


def test_the_origin_survives_where_all_share_it() -> None:
    own = [change(Aspect.NOTE, "a", origin="w"), change(Aspect.MARK, "a", origin="w")]
    assert merged(own).origin == "w"
    assert merged([*own, change(Aspect.CLIP, "b")]).origin == ""


def test_a_closed_bridge_listens_no_more(bridge: Bridge) -> None:
    listeners: list[object] = []

    def subscribe(listener: object):
        listeners.append(listener)
        return lambda: listeners.remove(listener)

    bridge.listen(subscribe)
    assert len(listeners) == 1
    bridge.close()
    assert listeners == []


def test_job_news_are_coalesced(qtbot: QtBot, bridge: Bridge) -> None:
    seen: list[None] = []
    bridge.jobs_changed.connect(lambda: seen.append(None))
    for _ in range(100):
        bridge.take_job()
    qtbot.waitUntil(lambda: bool(seen))
    assert len(seen) == 1
