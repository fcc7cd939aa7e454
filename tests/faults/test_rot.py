"""A catalog whose bytes rot: it is found out at open or by the next check, told in words, never written over, and put back.

Of each damaged copy a desk asks what people ask. A lie is a copy whose `check` finds nothing although what people
said there is not what they said.
"""

import contextlib
import random
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.core.catalog import backups, events, promised
from app.core.catalog.database import FILE_NAME, Catalog
from app.core.model.errors import Damage, RushesError
from app.core.review.notes import Notes
from tests.support import catalogs, rot, state_child, stored_catalog
from tests.support.command import NearDesk, Reply
from tests.support.guards import ExpectLog, Watcher
from tests.support.source import ROOT

NOTES = 60
SEEDS = 2
"""Of each kind; all hundred are in the long lane."""
AFTER = "after the damage"
QUESTIONS = (
    ("clips",),
    ("note", "list", "A001C002"),
    ("search", "door"),
    ("note", "add", "A001C002", "--at", "@1", AFTER),
    ("history", "A001C002"),
    ("check",),
)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A closed data folder with words of people and a backup of them."""
    home = tmp_path_factory.mktemp("whole") / "home"
    home.mkdir()
    stored_catalog.fill(home)
    with catalogs.opened(home) as catalog:
        clip = catalogs.add_clip(catalog, catalogs.add_volume(catalog, "B"), "Day 2/B001.mov")
        notes = Notes(catalog)
        for number in range(NOTES):
            notes.add(clip, number, number + 1, f"note {number}: the door, the harbour, the light")
        backups.make(catalog.path, "asked")
    return home


@pytest.fixture
def damaged(whole: Path, tmp_path: Path) -> Path:
    """A copy of it, to be damaged."""
    return shutil.copytree(whole, tmp_path / "home")


def said(home: Path) -> Any:
    """What people said before the damage, as the tables have it; None where they cannot be read."""
    try:
        with catalogs.opened(home) as catalog, catalog.read() as reader:
            tables = dict(events.snapshot(reader))
    except RushesError:
        return None
    tables["note"] = [row for row in tables["note"] if AFTER not in row]
    return tables


def in_words(reply: Reply) -> None:
    """No traceback, no bug; where it failed, what happened and what to do."""
    assert reply.code != 70, reply
    assert "Traceback" not in reply.out + reply.err, reply
    if reply.code == 5 and "error" in reply.value:
        assert reply.error["message"], reply
        assert "put-back" in reply.error["todo"], reply


def survive(home: Path, what: str, true: Any) -> bool:
    """Asks everything of a damaged catalog and puts the backup back; whether the damage was found."""
    desk = NearDesk(home)
    told = said(home)
    replies = [desk.run("--json", *words) for words in QUESTIONS]
    for reply in replies:
        in_words(reply)
    reply = desk.run("--json", "put-back")
    back = reply.value
    assert reply.code == bool(back["lost"]), reply
    assert Path(back["aside"], FILE_NAME).is_file(), "nothing of the damaged catalog is thrown away"
    assert desk.ask("check")["problems"] == [], what
    found = any(reply.code == 5 for reply in replies)
    assert found or told == true, f"a lie: {what}"
    assert said(home) == true, what
    return found


@pytest.mark.parametrize("seed", range(SEEDS))
@pytest.mark.parametrize("kind", rot.DAMAGES)
def test_damage_is_found_and_the_backup_put_back(
    whole: Path, damaged: Path, log_guard: Watcher, kind: str, seed: int
) -> None:
    what = rot.DAMAGES[kind](damaged / FILE_NAME, random.Random(seed))
    found = survive(damaged, what, said(whole))
    log_guard.lines.clear()  # how much is logged depends on what was hit
    assert found or kind in ("header", "flip"), what


def test_damage_that_sqlite_quotes_in_bytes_that_are_no_text_is_told(
    whole: Path, damaged: Path, log_guard: Watcher
) -> None:
    """Its words then are no UTF-8 either."""
    assert rot.change(damaged / FILE_NAME, b"CREATE TABLE", b"CREATE \xce\x28BLE")
    told = NearDesk(damaged).refuse("check", code=5)
    assert told["message"].startswith("SQLite says: malformed database schema"), told
    assert survive(damaged, "a word of the schema", said(whole))
    log_guard.lines.clear()


@pytest.mark.parametrize("table", ["meta", "_sqlite_migrations"])
def test_a_catalog_that_forgot_what_it_is_is_not_begun_anew(
    whole: Path, damaged: Path, log_guard: Watcher, table: str
) -> None:
    """An empty page stands in the place of such a table: without it every word would seem gone."""
    with contextlib.closing(sqlite3.connect(damaged / FILE_NAME, isolation_level=None)) as plain:
        plain.execute(f"DELETE FROM {table}")
    assert NearDesk(damaged).refuse("clips", code=5)["title"] == "The catalog is damaged"
    assert survive(damaged, table, said(whole))
    log_guard.lines.clear()


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_a_hundred_damages_of_each_kind(
    whole: Path, tmp_path: Path, log_guard: Watcher, capsys: pytest.CaptureFixture[str]
) -> None:
    found, wrong = dict.fromkeys(rot.DAMAGES, 0), list[str]()
    true = said(whole)
    for kind, damage in rot.DAMAGES.items():
        for seed in range(100):
            home = shutil.copytree(whole, tmp_path / "home")
            what = damage(home / FILE_NAME, random.Random(seed))
            try:
                found[kind] += survive(home, what, true)
            except AssertionError as error:
                wrong.append(f"{kind} {seed}, {what}: {error}")
            shutil.rmtree(home)
    log_guard.lines.clear()
    with capsys.disabled():
        print("\nfound of 100 each:", found)  # noqa: T201 - the figures of the long lane
    assert wrong == []


def test_other_words_of_the_same_length_are_found(damaged: Path) -> None:
    note = stored_catalog.NOTE.encode()
    changed = rot.change(damaged / FILE_NAME, note, note.replace(b"open", b"shut"))
    assert changed >= 3, "in the log, in the table and in the index"
    problems = NearDesk(damaged).ask("check", code=5)["problems"]
    assert any("event was changed" in one["problem"] for one in problems), problems


def flips(home: Path, count: int, seed: int) -> tuple[int, list[str]]:
    """Flips bits of words, approvals and hashes; how many were found, and those that were not."""
    chance = random.Random(seed)
    missed = [
        where
        for where, found in (rot.flipped_cell(home, chance) for _ in range(count))
        if not found
    ]
    return count - len(missed), missed


def test_a_bit_of_words_approvals_and_hashes_is_found_that_sqlite_does_not_see(
    damaged: Path,
) -> None:
    assert flips(damaged, 60, 1) == (60, [])


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_two_thousand_such_bits_are_found(
    damaged: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found, missed = flips(damaged, 2_000, 2)
    with capsys.disabled():
        print(f"\nbits of words, approvals and hashes: {found} of 2000 found")  # noqa: T201 - figures
    assert missed == []


def test_a_page_that_hides_what_was_migrated_is_damage(damaged: Path) -> None:
    rot.sql("DELETE FROM _sqlite_migrations")(damaged)
    assert "put-back" in NearDesk(damaged).refuse("clips", code=5)["todo"]
    assert NearDesk(damaged).ask("put-back")["since"] == 0


def test_other_words_in_the_table_alone_are_found_and_mended(damaged: Path) -> None:
    with catalogs.opened(damaged) as catalog:
        catalog.write(lambda tx: tx.run("UPDATE note SET text = replace(text, 'open', 'shut')"))
    desk = NearDesk(damaged)
    problems = desk.ask("check", code=5)["problems"]
    assert any("does not say what people said" in one["problem"] for one in problems), problems
    desk.ask("check", "--repair")
    assert stored_catalog.NOTE in str(desk.ask("note", "list", "A001C002"))


@pytest.mark.parametrize("lost", ["emptied", "removed"])
def test_a_lost_catalog_is_not_begun_anew(damaged: Path, lost: str) -> None:
    path = damaged / FILE_NAME
    if lost == "emptied":
        path.write_bytes(b"")
    else:
        path.unlink()
    desk = NearDesk(damaged)
    error = desk.refuse("clips", code=5)
    assert "put-back" in error["todo"]
    assert path.exists() == (lost == "emptied"), "nothing was written"
    assert desk.ask("put-back")["taken"].endswith("_asked.sqlite")
    assert len(desk.clips()) == 2


def test_after_damage_was_found_nothing_is_written(damaged: Path, expect_log: ExpectLog) -> None:
    with contextlib.closing(Catalog.open(damaged)) as catalog:
        with catalog.read() as reader:
            root = reader.value("SELECT rootpage FROM sqlite_master WHERE name = 'segment'")
        with catalog.path.open("r+b") as stream:
            stream.seek((root - 1) * rot.PAGE)
            stream.write(b"\xff" * rot.PAGE)
        expect_log("nothing is written any more")
        with pytest.raises(Damage), catalog.read() as reader:
            reader.all("SELECT * FROM segment")
        before = catalog.path.read_bytes()
        with pytest.raises(Damage, match="malformed"):
            Notes(catalog).add("any", 1, 2, "too late")
        with catalog.read() as reader:
            assert reader.value("SELECT count(*) FROM note") == NOTES + 1, "the rest is read"
        assert catalog.path.read_bytes() == before


@pytest.fixture
def killed(whole: Path, tmp_path: Path) -> Iterator[Path]:
    """A data folder as a kill leaves it: the last words are in the log beside the catalog alone."""
    home = shutil.copytree(whole, tmp_path / "running")
    with catalogs.opened(home) as catalog:
        with catalog.read() as reader:
            clip = reader.value("SELECT id FROM clip LIMIT 1")
        Notes(catalog).add(clip, 3, 4, "the last word")
        yield shutil.copytree(home, tmp_path / "killed")


def test_the_log_beside_the_catalog_has_the_last_words(killed: Path) -> None:
    assert (killed / f"{FILE_NAME}-wal").stat().st_size
    assert "the last word" in str(said(killed))


def test_a_torn_log_loses_whole_words_and_no_more(killed: Path, log_guard: Watcher) -> None:
    wal = killed / f"{FILE_NAME}-wal"
    whole = wal.read_bytes()
    told = 0
    for cut in range(0, len(whole), max(1, len(whole) // 12)):
        home = shutil.copytree(killed, killed.with_name("torn"))
        (home / wal.name).write_bytes(whole[:cut])
        desk = NearDesk(home)
        lost = "the last word" not in str(said(home))
        problems = [one["problem"] for one in desk.ask("check", code=5 if lost else 0)["problems"]]
        assert [p.startswith("1 entries of notes") for p in problems] == [True] * lost, (
            cut,
            problems,
        )
        told += lost
        shutil.rmtree(home)
    assert told
    log_guard.lines.clear()  # each loss is logged as well


def test_a_log_that_was_deleted_is_told(killed: Path, expect_log: ExpectLog) -> None:
    expect_log("Words of people are missing")
    for ending in ("-wal", "-shm"):
        (killed / f"{FILE_NAME}{ending}").unlink()
    desk = NearDesk(killed)
    reply = desk.run("clips")
    assert reply.code == 0, "it starts"
    assert "1 entries of notes, log and decisions are not in the catalog" in reply.err


@pytest.mark.parametrize("content", [b"", b"nonsense", b"rushes-1 x 999 1 00000000" + b" " * 99])
def test_a_side_file_that_does_not_read_accuses_nobody(damaged: Path, content: bytes) -> None:
    (damaged / promised.FILE_NAME).write_bytes(content)
    assert NearDesk(damaged).ask("check")["problems"] == []


def test_the_side_file_of_another_desk_accuses_nobody(damaged: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    with catalogs.opened(other) as catalog:
        catalogs.settle_in(catalog)
    shutil.copy2(damaged / promised.FILE_NAME, other / promised.FILE_NAME)
    assert NearDesk(other).ask("check")["problems"] == []


def test_a_promise_is_noted_only_after_its_words_are_on_the_disk(tmp_path: Path) -> None:
    home, log = tmp_path / "home", tmp_path / "calls"
    home.mkdir()
    child = [sys.executable, "-m", "tests.support.state_child", str(home), "notes"]
    trace = [
        "strace",
        "-f",
        "-y",
        "-qq",
        "-o",
        str(log),
        "-e",
        "trace=pwrite64,write,fdatasync,fsync",
    ]
    subprocess.run([*trace, *child], cwd=ROOT, check=True, capture_output=True)
    unsynced, promises = False, 0
    for line in log.read_text().splitlines():
        if f"{FILE_NAME}-wal>" in line:
            unsynced = "write" in line.partition("(")[0]
        elif f"{promised.FILE_NAME}>" in line and "write(" in line:
            promises += 1
            assert not unsynced, line
    assert promises >= len(state_child.NOTES)


def test_an_older_copy_in_its_place_is_told(damaged: Path, expect_log: ExpectLog) -> None:
    """A person copies a backup over the catalog by hand: nothing of what was said since is in it."""
    expect_log("Words of people are missing")
    with catalogs.opened(damaged) as catalog, catalog.read() as reader:
        clip = reader.value("SELECT id FROM clip LIMIT 1")
        Notes(catalog).add(clip, 3, 4, "one")
        Notes(catalog).add(clip, 3, 4, "two")
    (kept,) = backups.newest_first(damaged / FILE_NAME)
    shutil.copy2(kept, damaged / FILE_NAME)
    (problem,) = NearDesk(damaged).ask("check", code=5)["problems"]
    assert problem["problem"].startswith("2 entries"), problem
    assert "notes the loss" in problem["todo"], problem


def test_what_a_newer_backup_has_comes_back_over_an_older_copy(
    damaged: Path, expect_log: ExpectLog
) -> None:
    expect_log("Words of people are missing")
    (older,) = backups.newest_first(damaged / FILE_NAME)
    with catalogs.opened(damaged) as catalog, catalog.read() as reader:
        clip = reader.value("SELECT id FROM clip LIMIT 1")
        Notes(catalog).add(clip, 3, 4, "in the newer backup")
        backups.make(catalog.path, "daily")
        Notes(catalog).add(clip, 3, 4, "in no backup")
    shutil.copy2(older, damaged / FILE_NAME)
    desk = NearDesk(damaged)
    done = desk.ask("check", "--repair")["repaired"]
    assert "1 words of people came back from a backup" in done, done
    assert any("loss of words was noted" in line for line in done), done
    assert desk.ask("check")["problems"] == []
    assert "in the newer backup" in str(said(damaged))


def test_where_a_backup_has_every_lost_word_nothing_is_lost(
    damaged: Path, expect_log: ExpectLog
) -> None:
    expect_log("Words of people are missing")
    (older,) = backups.newest_first(damaged / FILE_NAME)
    with catalogs.opened(damaged) as catalog, catalog.read() as reader:
        clip = reader.value("SELECT id FROM clip LIMIT 1")
        Notes(catalog).add(clip, 3, 4, "in the newer backup")
        backups.make(catalog.path, "daily")
    shutil.copy2(older, damaged / FILE_NAME)
    desk = NearDesk(damaged)
    done = desk.ask("check", "--repair")["repaired"]
    assert not any("loss of words" in line for line in done), done
    assert desk.run("clips").err == ""


def test_words_that_went_with_the_catalog_are_counted(damaged: Path) -> None:
    with catalogs.opened(damaged) as catalog:
        clip = rot.a_clip(catalog)
        Notes(catalog).add(clip, 3, 4, "one")
        Notes(catalog).add(clip, 3, 4, "two")
    (damaged / FILE_NAME).unlink()
    shutil.copytree(damaged, damaged.with_name("again"))
    assert NearDesk(damaged).ask("put-back", code=1)["lost"] == 2
    reply = NearDesk(damaged.with_name("again")).run("put-back")
    assert "LOST 2 entries of notes" in reply.out, reply
    assert "put-back FILE" in reply.out, reply


def test_a_search_index_that_is_damaged_is_built_anew(damaged: Path) -> None:
    rot.sql("DELETE FROM doc_fts_data WHERE id > 10")(damaged)
    desk = NearDesk(damaged)
    assert "check --repair" in desk.refuse("search", "door", code=5)["todo"]
    desk.ask("check", "--repair")
    assert desk.ask("search", "door")["hits"]


def test_a_backup_is_not_joined_with_the_log_of_the_former_catalog(killed: Path) -> None:
    desk = NearDesk(killed)
    aside = Path(desk.ask("put-back", "--only-backup")["aside"])
    assert {path.name for path in aside.iterdir()} >= {FILE_NAME, f"{FILE_NAME}-wal"}
    assert desk.ask("check")["problems"] == []
    assert "the last word" not in str(said(killed))


def test_the_words_of_the_former_log_are_taken_over(killed: Path) -> None:
    desk = NearDesk(killed)
    assert desk.ask("put-back")["since"] == 1
    assert desk.ask("check")["problems"] == []
    assert "the last word" in str(said(killed))


def test_only_a_sound_backup_is_put_back_and_only_while_nobody_has_it_open(
    damaged: Path, tmp_path: Path
) -> None:
    desk = NearDesk(damaged)
    newest = backups.folder(damaged / FILE_NAME) / "catalog_2999-01-01_000000Z_daily.sqlite"
    newest.write_bytes(b"SQLite format 3\0 and nothing else")
    assert desk.ask("put-back")["taken"] != str(newest)
    assert "sound" in desk.refuse("put-back", newest, code=4)["title"]
    assert "sound" in desk.refuse("put-back", tmp_path / "no-such", code=4)["title"]
    with desk.owner():
        assert "running" in desk.refuse("put-back")["title"]
    assert len(list(damaged.glob("put-aside_*"))) == 1, "what was refused moved nothing"
