"""The six borders: one suite for whoever stands behind them."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core.catalog import ports
from app.core.catalog.database import Catalog
from app.core.catalog.event_store import CatalogEvents, ReadTables, exchange
from app.core.catalog.null_hub import NullHub
from app.core.catalog.ports import ArtifactKey, Hub
from app.core.model.errors import Refused
from app.core.model.events import Entity, Event, Kind
from app.core.services import Services
from tests.support import catalogs
from tests.support.memory_hub import MemoryHub

RATED = Event("e1", 5, "x", "ann", "film", Entity.CLIP, "c1", Kind.CLIP_RATED, 1, {"rating": 3})
LATER = dataclasses.replace(RATED, id="e2", hlc=6, body={"rating": 4})


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    services = Services(tmp_path / "home")
    yield services
    services.close()


@pytest.fixture(params=["null", "memory"])
def hub(request: pytest.FixtureRequest, catalog: Catalog) -> Hub:
    if request.param == "memory":
        return MemoryHub()
    CatalogEvents(catalog).append([RATED, LATER])
    return NullHub(catalog)


class TestEventStore:
    def test_what_is_appended_comes_back_once_in_order(self, catalog: Catalog) -> None:
        store: ports.EventStore = CatalogEvents(catalog)
        cursor = store.since(0)[-1][0]
        assert store.append([LATER, RATED]) == 2
        assert store.append([RATED, LATER]) == 0
        found = store.since(cursor)
        assert [event for _, event in found] == [LATER, RATED]
        assert [event for _, event in store.since(found[0][0])] == [RATED]
        assert [event for _, event in store.since(cursor, 1)] == [LATER]

    def test_all_are_stored_or_none(self, catalog: Catalog) -> None:
        store = CatalogEvents(catalog)
        with pytest.raises(Refused):
            store.append([RATED, dataclasses.replace(LATER, hlc=-1)])
        assert RATED not in [event for _, event in store.since(0)]

    def test_a_number_once_given_stays(self, catalog: Catalog) -> None:
        store = CatalogEvents(catalog)
        store.append([RATED, LATER])
        assert store.unacknowledged() == [RATED, LATER]
        store.mark_acked({"e1": 90})
        store.mark_acked({"e1": 91, "unknown": 7})
        assert store.unacknowledged() == [LATER]
        with catalog.read() as reader:
            assert reader.value("SELECT server_seq FROM event WHERE id = 'e1'") == 90


class TestHub:
    def test_pushing_twice_gives_the_same_number(self, hub: Hub) -> None:
        first = hub.push([RATED, LATER])
        assert sorted(first) == ["e1", "e2"]
        assert first["e1"] < first["e2"]
        assert hub.push([LATER]) == {"e2": first["e2"]}
        assert hub.push([]) == {}

    def test_pulling_goes_on_after_a_number(self, hub: Hub) -> None:
        hub.push([RATED, LATER])
        found = hub.pull(0)
        assert [event for _, event in found] in ([], [RATED, LATER])
        assert hub.pull(found[-1][0] if found else 0) in ([], ())
        assert hub.pull(0, {"another film"}) in ([], ())

    def test_the_bell_can_be_taken_down(self, hub: Hub) -> None:
        rung: list[int] = []
        stop = hub.doorbell(lambda: rung.append(1))
        hub.push([dataclasses.replace(RATED, id="e3")])
        before = len(rung)
        stop()
        hub.push([dataclasses.replace(RATED, id="e4")])
        assert len(rung) == before

    def test_nobody_else_is_there(self, hub: Hub) -> None:
        assert hub.presence() == frozenset()


def test_a_projection_is_a_function_of_the_log(catalog: Catalog) -> None:
    tables: ports.Projection = ReadTables(catalog)
    CatalogEvents(catalog).append([LATER, RATED])
    before = tables.snapshot()
    assert before["clip_log"] == [("c1", "film", 4, 0, 0)]
    catalog.write(lambda tx: tx.run("DELETE FROM clip_log"))
    assert tables.replay() == 4
    assert tables.snapshot() == before


def test_an_exchange_with_the_null_hub_acknowledges_everything(catalog: Catalog) -> None:
    store = CatalogEvents(catalog)
    store.append([RATED])
    assert exchange(store, NullHub(catalog)) == 0
    assert store.unacknowledged() == []


def test_the_services_stand_behind_the_borders(services: Services) -> None:
    assert isinstance(services.events, ports.EventStore)
    assert isinstance(services.hub, ports.Hub)
    assert isinstance(services.read_tables, ports.Projection)
    assert isinstance(services.search, ports.LibrarySearch)
    assert isinstance(services.store, ports.ArtifactStore)
    assert isinstance(services.engine, ports.JobEngine)


def test_what_another_version_left_unnumbered_is_numbered_at_the_start(tmp_path: Path) -> None:
    with catalogs.opened(tmp_path / "home") as catalog:
        catalogs.settle_in(catalog)
        CatalogEvents(catalog).append([RATED])
    services = Services(tmp_path / "home")
    try:
        assert services.events.unacknowledged() == []
    finally:
        services.close()


class TestArtifactStore:
    def test_what_is_put_is_found_under_its_whole_key(self, services: Services) -> None:
        store: ports.ArtifactStore = services.store
        key = ArtifactKey("0190-content", "derive", 1, "720p fast")
        assert store.get(key) is None
        made = _made(services, "one")
        there = store.put(key, made)
        assert not made.exists()
        assert store.get(key) == there
        assert (there / "proxy.mp4").read_text() == "one"
        for other in (
            dataclasses.replace(key, version=2),
            dataclasses.replace(key, params="540p fast"),
            dataclasses.replace(key, params=""),
            dataclasses.replace(key, content="0190-other"),
            dataclasses.replace(key, processor="poster"),
        ):
            assert store.get(other) is None

    def test_putting_again_replaces_it_whole(self, services: Services) -> None:
        key = ArtifactKey("0190-content", "derive", 1)
        services.store.put(key, _made(services, "one"))
        there = services.store.put(key, _made(services, "two"))
        assert (there / "proxy.mp4").read_text() == "two"
        assert [p.name for p in there.parent.iterdir()] == [there.name]


def _made(services: Services, text: str) -> Path:
    folder = services.store.root / "in-work"
    folder.mkdir(parents=True)
    (folder / "proxy.mp4").write_text(text)
    return folder


class TestJobEngine:
    def test_a_job_that_is_not_there_is_neither_called_off_nor_ensured(
        self, services: Services
    ) -> None:
        engine: ports.JobEngine = services.engine
        assert not engine.cancel("derive:nothing")
        assert not engine.ensure("derive:nothing")
        assert list(engine.jobs()) == []
