"""What the catalog kept as text and does not read any more is told as damage, and no question about it goes on for ever."""

import contextlib
import dataclasses
import itertools
import shutil
import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from app.core.catalog import events, integrity, stored, unhashed
from app.core.catalog.database import FILE_NAME, Catalog
from app.core.catalog.event_store import CatalogEvents, exchange
from app.core.catalog.rows import Reader, Row
from app.core.catalog.search import Found
from app.core.model.errors import BadData, Damage
from app.core.model.events import Entity, Event, Kind
from tests.support import catalogs, rot, stored_catalog
from tests.support.command import NearDesk
from tests.support.guards import ExpectLog, Watcher
from tests.support.memory_hub import MemoryHub

RATED = Event("e1", 5, "x", "ann", "film", Entity.CLIP, "c1", Kind.CLIP_RATED, 1, {"rating": 3})
ASKED = (
    ("show", "A001C002"),
    ("history", "A001C002"),
    ("volume", "list"),
    ("check",),
)
TEXTS = (
    ("event", "body"),
    ("clip", "origins"),
    ("clip", "audio"),
    ("clip", "gaps"),
    ("clip", "tags"),
    ("project", "fields"),
    ("clip", "kind"),
    ("clip", "state"),
    ("file", "role"),
    ("file", "state"),
    ("volume", "derive"),
)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A closed data folder with a clip and words about it."""
    place = tmp_path_factory.mktemp("filled") / "home"
    place.mkdir()
    stored_catalog.fill(place)
    return place


@pytest.fixture
def home(filled: Path, tmp_path: Path) -> Path:
    """A copy of it, to be damaged."""
    return shutil.copytree(filled, tmp_path / "home")


def change(home: Path, sql: str, *values: object) -> int:
    with contextlib.closing(sqlite3.connect(home / FILE_NAME)) as plain, plain:
        plain.execute("PRAGMA ignore_check_constraints=ON")
        return plain.execute(sql, values).rowcount


@pytest.mark.parametrize(("table", "column"), TEXTS)
def test_a_text_that_does_not_read_is_damage_and_no_bug(
    home: Path, log_guard: Watcher, table: str, column: str
) -> None:
    desk = NearDesk(home)
    for text, words in itertools.product(('{"x', "[7]", '{"x": 7}'), ASKED):
        changed = change(home, f"UPDATE {table} SET {column} = ?", text)
        assert changed, "there is something to damage"
        reply = desk.run("--json", *words)
        assert reply.code in (0, 3, 5), (text, words, reply)
        if reply.code == 5 and "error" in reply.value:
            assert "put-back" in reply.error["todo"], reply
    log_guard.lines.clear()  # how much is logged depends on what was hit


def test_an_event_that_does_not_read_is_one_problem_of_many(home: Path) -> None:
    change(home, "UPDATE event SET body = '{' WHERE kind = 'note-added'")
    with catalogs.opened(home) as catalog, catalog.read() as reader:
        assert [what for what, _ in integrity.log_rows(reader)] == [
            "an event was changed after it was written"
        ]
        with pytest.raises(Damage, match="cannot be read"):
            events.since(reader, 0)


def test_a_word_of_a_newer_rushes_stays_as_it_is(catalog: Catalog) -> None:
    newer = dataclasses.replace(RATED, kind="clip-dreamt", entity="dream", body={"of": "sheep"})
    store = CatalogEvents(catalog)
    store.append([newer])
    assert [event for _, event in store.since(0) if event.id == newer.id] == [newer]


def test_what_is_read_back_is_of_its_kind() -> None:
    assert stored.table(None) == {}
    assert stored.listed('[1, "a"]') == [1, "a"]
    for read, told in ((stored.table, "["), (stored.table, "[7]"), (stored.listed, "{}")):
        with pytest.raises(Damage) as found:
            read(told)
        assert "put-back" in found.value.todo


def test_a_search_that_meets_bytes_for_a_name_says_damage(home: Path) -> None:
    with contextlib.closing(sqlite3.connect(home / FILE_NAME)) as plain:
        plain.row_factory = sqlite3.Row
        row = plain.execute(
            "SELECT 'c1' AS clip_id, 1 AS row, x'41' AS name, 'note' AS field, '' AS ref, NULL AS start_frame, NULL AS end_frame, 'door' AS text"
        ).fetchone()
    with pytest.raises(Damage):
        Found.of(row)


def test_text_that_is_none_is_damage(home: Path, expect_log: ExpectLog) -> None:
    expect_log("nothing is written any more")
    change(home, "UPDATE note SET text = CAST(x'ff' AS TEXT)")
    error = NearDesk(home).refuse("note", "list", "A001C002", code=5)
    assert "put-back" in error["todo"]


def test_an_event_that_is_there_twice_is_told(home: Path) -> None:
    with catalogs.opened(home) as catalog, catalog.read() as reader:
        one, other = reader.column("SELECT id FROM event ORDER BY seq LIMIT 2")
    assert rot.change(home / FILE_NAME, one.encode(), other.encode())
    problems = NearDesk(home).ask("check", code=5)["problems"]
    assert any("cannot be told anew" in one["problem"] for one in problems), problems


class ForgetfulHub(MemoryHub):
    """Numbers what it was not given."""

    def push(self, events: Sequence[Event]) -> Mapping[str, int]:
        return {"another": len(events)} if events else {}


class RepeatingHub(MemoryHub):
    """Gives the same at every call."""

    def pull(self, cursor: int, projects: Any = ()) -> Sequence[tuple[int, Event]]:  # noqa: ARG002 - always the same
        return [(1, RATED)]


def test_an_exchange_that_numbers_nothing_ends(catalog: Catalog) -> None:
    store = CatalogEvents(catalog)
    store.append([RATED])
    with pytest.raises(Damage) as found:
        exchange(store, ForgetfulHub())
    assert "put-back" in found.value.todo


def test_a_hub_that_repeats_itself_is_not_asked_for_ever(catalog: Catalog) -> None:
    with pytest.raises(BadData, match="repeats"):
        exchange(CatalogEvents(catalog), RepeatingHub())


def test_numbers_that_are_new_are_counted(catalog: Catalog) -> None:
    store = CatalogEvents(catalog)
    store.append([RATED])
    assert store.mark_acked({"e1": 90, "unknown": 7}) == 1
    assert store.mark_acked({"e1": 91}) == 0
    assert store.mark_acked({}) == 0


class TurningReader(Reader):
    """Pages whose order is lost: what comes after a place is what came before it."""

    def all(self, sql: str, *parameters: Any) -> list[Row]:
        return super().all(sql, 0, *parameters[1:])

    def column(self, sql: str, *parameters: Any) -> list[Any]:
        return super().column(sql, "", *parameters[1:])


def test_rows_that_lost_their_order_are_not_read_for_ever(home: Path) -> None:
    with contextlib.closing(sqlite3.connect(home / FILE_NAME)) as plain:
        plain.row_factory = sqlite3.Row
        reader = TurningReader(plain)
        with pytest.raises(Damage, match="order"):
            list(integrity.log_rows(reader))
        with pytest.raises(Damage, match="order"):
            list(unhashed._clips(reader, "note"))


def test_events_that_undo_each_other_in_a_ring_end(catalog: Catalog) -> None:
    store = CatalogEvents(catalog)
    store.append([RATED, dataclasses.replace(RATED, id="e2", hlc=6, undoes="e1")])
    catalog.write(lambda tx: tx.run("UPDATE event SET undoes = 'e2' WHERE id = 'e1'"))
    with pytest.raises(Damage, match="ring"):
        store.append([dataclasses.replace(RATED, id="e3", hlc=7, undoes="e1")])


def test_an_index_that_names_lost_texts_is_damage(home: Path) -> None:
    change(home, "DELETE FROM doc WHERE field = 'note'")
    reply = NearDesk(home).run("--json", "search", "door")
    assert reply.code in (0, 5), reply
