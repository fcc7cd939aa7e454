"""One writer, many readers: whole transactions, one change set a commit, errors that say what they are."""

import sqlite3
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app.core.catalog.database import Catalog
from app.core.catalog.rows import Tx
from app.core.model.changes import Aspect, ChangeSet
from app.core.model.errors import Bug, Damage, Missing
from tests.support import catalogs


def _set(tx: Tx, key: str, value: object) -> None:
    tx.run("INSERT OR REPLACE INTO meta VALUES (?,?)", key, str(value))
    tx.touch(Aspect.SETTINGS, key)


def _get(catalog: Catalog, key: str) -> str | None:
    with catalog.read() as reader:
        found = reader.value("SELECT value FROM meta WHERE key = ?", key)
    return None if found is None else str(found)


def test_writes_from_many_threads_come_one_after_another(catalog: Catalog) -> None:
    def add(_: int) -> None:
        catalog.write(
            lambda tx: _set(
                tx, "sum", int(tx.value("SELECT value FROM meta WHERE key = 'sum'") or 0) + 1
            )
        )

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, range(400)))
    assert _get(catalog, "sum") == "400"


def test_an_exception_rolls_everything_back_and_reaches_the_caller(catalog: Catalog) -> None:
    heard: list[ChangeSet] = []
    catalog.subscribe(heard.append)

    def act(tx: Tx) -> None:
        _set(tx, "half", 1)
        raise KeyError("no more")

    with pytest.raises(KeyError, match="no more"):
        catalog.write(act)
    assert _get(catalog, "half") is None
    assert heard == []
    catalog.write(lambda tx: _set(tx, "whole", 1))
    assert _get(catalog, "whole") == "1"


def test_a_wrong_query_is_a_bug_and_the_writer_lives_on(catalog: Catalog) -> None:
    with pytest.raises(Bug, match="no such column"):
        catalog.write(lambda tx: tx.run("DELETE FROM meta WHERE nowhere = 1"))
    with pytest.raises(Bug, match="no such column"), catalog.read() as reader:
        reader.all("SELECT nowhere FROM meta")
    catalog.write(lambda tx: _set(tx, "after", 1))


def test_a_write_inside_a_write_is_refused(catalog: Catalog) -> None:
    with pytest.raises(Bug, match="inside a write"):
        catalog.write(lambda _: catalog.write(lambda tx: _set(tx, "a", 1)))


def test_readers_cannot_write(catalog: Catalog) -> None:
    with pytest.raises(Missing), catalog.read() as reader:
        reader.all("DELETE FROM meta RETURNING key")


def test_a_commit_is_told_once_with_everything_it_touched(catalog: Catalog) -> None:
    heard: list[ChangeSet] = []
    stop = catalog.subscribe(heard.append)

    def act(tx: Tx) -> None:
        tx.touch(Aspect.CLIP, "a")
        tx.touch(Aspect.CLIP, "b")
        tx.touch(Aspect.NOTE, "a")

    catalog.write(act, origin="inspector")
    catalog.write(lambda _: None)
    stop()
    catalog.write(act)
    assert [change.origin for change in heard] == ["inspector"]
    assert heard[0].ids(Aspect.CLIP) == {"a", "b"}
    assert heard[0].ids(Aspect.CLIP, Aspect.NOTE) == {"a", "b"}
    assert not heard[0].touches(Aspect.BIN)


def test_what_is_told_can_be_read_already(catalog: Catalog) -> None:
    seen: list[str | None] = []
    catalog.subscribe(lambda _: seen.append(_get(catalog, "fresh")))
    catalog.write(lambda tx: _set(tx, "fresh", 7))
    assert seen == ["7"]


def test_a_listener_that_fails_harms_nobody(catalog: Catalog, expect_log) -> None:
    expect_log("a listener of the change feed failed")
    heard: list[ChangeSet] = []

    def broken(_: ChangeSet) -> None:
        raise ValueError("view is gone")

    catalog.subscribe(broken)
    catalog.subscribe(heard.append)
    catalog.write(lambda tx: _set(tx, "a", 1))
    assert len(heard) == 1


def test_readers_never_see_half_a_transaction(catalog: Catalog) -> None:
    def both(n: int) -> None:
        def act(tx: Tx) -> None:
            _set(tx, "left", n)
            _set(tx, "right", n)

        catalog.write(act)

    both(0)
    done = threading.Event()
    torn: list[tuple[str, str]] = []

    def look() -> None:
        while not done.is_set():
            with catalog.read() as reader:
                left = str(reader.value("SELECT value FROM meta WHERE key = 'left'"))
                right = str(reader.value("SELECT value FROM meta WHERE key = 'right'"))
            if left != right:
                torn.append((left, right))

    lookers = [threading.Thread(target=look) for _ in range(3)]
    for looker in lookers:
        looker.start()
    for n in range(300):
        both(n)
    done.set()
    for looker in lookers:
        looker.join()
    assert torn == []


def test_a_snapshot_stays_while_others_write(catalog: Catalog) -> None:
    catalog.write(lambda tx: _set(tx, "a", 1))
    with catalog.read() as reader:
        assert reader.value("SELECT value FROM meta WHERE key = 'a'") == "1"
        catalog.write(lambda tx: _set(tx, "a", 2))
        assert reader.value("SELECT value FROM meta WHERE key = 'a'") == "1"
    assert _get(catalog, "a") == "2"


def test_closing_waits_for_what_was_asked_and_refuses_what_comes_after(tmp_path: Path) -> None:
    with catalogs.opened(tmp_path / "home") as catalog:
        with ThreadPoolExecutor(4) as pool:
            asked = [
                pool.submit(catalog.write, lambda tx, n=n: _set(tx, f"k{n}", n)) for n in range(50)
            ]
            asked[0].result()
            catalog.close()
        answers = [f.exception() for f in asked]
        assert all(isinstance(e, Bug) for e in answers if e)
        with pytest.raises(Bug, match="closed"):
            catalog.write(lambda tx: _set(tx, "late", 1))
        catalog.close()
    with catalogs.opened(tmp_path / "home") as catalog:
        kept = sum(_get(catalog, f"k{n}") is not None for n in range(50))
    assert kept == sum(e is None for e in answers)


def test_the_catalog_is_private(catalog: Catalog) -> None:
    for path in catalog.path.parent.glob("catalog.sqlite*"):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0


def test_a_file_that_is_no_catalog_is_damage_with_words(tmp_path: Path) -> None:
    (tmp_path / "catalog.sqlite").write_bytes(b"these are no tables" * 100)
    with pytest.raises(Damage) as caught:
        Catalog.open(tmp_path)
    assert "put-back" in caught.value.todo
    assert (tmp_path / "catalog.sqlite").read_bytes() == b"these are no tables" * 100


def test_one_durable_write_makes_all_before_it_safe(catalog: Catalog) -> None:
    """`synchronous` follows each write; a derived write after a durable one is quick again."""

    def level(tx: Tx) -> int:
        return int(tx.value("PRAGMA synchronous"))

    assert [catalog.write(level, durable=d) for d in (False, True, False)] == [1, 2, 1]


def test_the_write_ahead_log_is_emptied_at_the_end(tmp_path: Path) -> None:
    with catalogs.opened(tmp_path / "home") as catalog:
        catalogs.settle_in(catalog)
    assert not (tmp_path / "home" / "catalog.sqlite-wal").exists()
    with sqlite3.connect(tmp_path / "home" / "catalog.sqlite") as plain:
        assert plain.execute("SELECT count(*) FROM event").fetchone()[0] == 2
    plain.close()
