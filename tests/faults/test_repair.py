"""`check --repair` from each damaged state: it is found in words, mended from what is there, and found no more.

What cannot be mended is named, with what to do. A repair that is cut off leaves nothing worse.
"""

import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from app.core.catalog import backups, events, mending
from app.core.catalog.database import FILE_NAME
from app.core.review.notes import Notes
from tests.support import catalogs, rot, stored_catalog
from tests.support.command import NearDesk
from tests.support.guards import ExpectLog
from tests.support.source import ROOT

SAID = "the light is too hard"
LATE, LAST = "said after the backup", "the very last"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A closed data folder: two clips, words, a rendition, a transcript, an upload, a backup and words after it."""
    home = tmp_path_factory.mktemp("whole") / "home"
    home.mkdir()
    stored_catalog.fill(home)
    with catalogs.opened(home) as catalog:
        volume = catalogs.add_volume(catalog, "B")
        other = catalogs.add_clip(catalog, volume, "Day 2/B001.mov")
        catalogs.read_whole(catalog, other, "xxh3-128:0b")
        Notes(catalog).add(other, 1, 2, SAID)
        rot.furnish(catalog, home / "renditions")
        backups.make(catalog.path, "asked")
        Notes(catalog).add(other, 3, 4, LATE)
        Notes(catalog).add(other, 5, 6, LAST)
    assert NearDesk(home).ask("check")["problems"] == []
    return home


@pytest.fixture
def home(whole: Path, tmp_path: Path) -> Path:
    """A copy of it, to be damaged."""
    return shutil.copytree(whole, tmp_path / "home")


def told(home: Path) -> Any:
    """What people said, and what search knows of it."""
    with catalogs.opened(home) as catalog, catalog.read() as reader:
        texts = reader.all(
            "SELECT clip_id, project_id, field, ref, text FROM doc WHERE project_id <> '' OR field = 'name' ORDER BY 1, 2, 3, 4, 5"
        )
        return events.snapshot(reader), [tuple(row) for row in texts]


def found(home: Path, *more: str) -> list[str]:
    """The problems that `check` names with exit code 5, each with what to do."""
    answer = NearDesk(home).ask("check", *more, code=5)
    assert all(problem["todo"] for problem in answer["problems"]), answer
    return [problem["problem"] for problem in answer["problems"]]


MENDED: Mapping[str, tuple[Callable[[Path], object], str]] = {
    "index rows lost": (rot.lose_index_rows, "an index does not say"),
    "index missing": (rot.sql("DROP INDEX file_by_clip"), "an index or view is missing"),
    "view missing": (rot.sql("DROP VIEW verdict"), "an index or view is missing"),
    "another index of that name": (
        rot.sql("DROP INDEX tag_by_word", "CREATE INDEX tag_by_word ON tag (clip_id)"),
        "an index or view is missing",
    ),
    "event changed": (
        rot.sql(f"UPDATE event SET body = replace(body, '{SAID}', 'fine') WHERE kind = 'note-added'"),
        "an event was changed",
    ),
    "event under another id": (
        rot.sql(f"UPDATE event SET id = 'x' || id WHERE body LIKE '%{SAID}%'"),
        "an event was changed",
    ),
    "event lost": (rot.sql(f"DELETE FROM event WHERE body LIKE '%{SAID}%'"), "events are missing"),
    "several events lost": (rot.sql("DELETE FROM event WHERE seq BETWEEN 2 AND 5"), "events are missing"),
    "note changed": (rot.sql("UPDATE note SET text = 'fine'"), "the table of notes"),
    "notes lost": (rot.sql("DELETE FROM note"), "the table of notes"),
    "approval changed": (rot.sql("UPDATE decision SET verdict = 'rejected'"), "the table of decisions"),
    "approval of other bytes": (rot.sql("UPDATE decision SET hash = 'xxh3-128:99'"), "the table of decisions"),
    "keywords lost": (rot.sql("DELETE FROM tag"), "the table of tags"),
    "projects changed": (rot.sql("UPDATE project SET fields = '{}'"), "the table of projects"),
    "hash of a clip": (
        rot.sql("UPDATE content SET full_hash = 'xxh3-128:99' WHERE full_hash = 'xxh3-128:00'"),
        "a clip's hash is not",
    ),
    "hash of a file": (
        rot.sql("UPDATE file SET full_hash = 'xxh3-128:99' WHERE full_hash = 'xxh3-128:00'"),
        "a clip's hash is not",
    ),
    "texts of search lost": (rot.sql("DELETE FROM doc WHERE field = 'note'"), "an index does not say"),
    "text of search changed": (rot.sql("UPDATE doc SET text = 'fine' WHERE field = 'note'"), "an index does not say"),
    "search index emptied": (rot.sql("DELETE FROM doc_fts_data WHERE id > 10"), "an index does not say"),
    "names not found": (rot.sql("DELETE FROM name_fts"), "a clip is not found by its name"),
    "names damaged": (rot.sql("DELETE FROM name_fts_data WHERE id > 10"), "an index does not say"),
    "name's text lost": (rot.sql("DELETE FROM doc WHERE field = 'name'"), "a clip is not found by its name"),
    "file of no clip": (rot.sql("UPDATE file SET clip_id = 'gone' WHERE n = 1"), "a file refers to a clip"),
    "file of no volume": (rot.sql("UPDATE file SET volume_id = 'gone' WHERE n = 2"), "a row of file names"),
    "mount of no volume": (rot.sql("INSERT INTO mount VALUES ('gone', x'2f')"), "a row of mount names"),
    "clip without content": (
        rot.sql("DELETE FROM content WHERE full_hash = 'xxh3-128:0b'"),
        "a clip has no content",
    ),
    "rendition without content": (
        rot.sql("UPDATE rendition SET content_id = 'gone'"),
        "a rendition belongs to no content",
    ),
    "transcript without content": (
        rot.sql("UPDATE transcript SET content_id = 'gone'", "UPDATE segment SET content_id = 'gone'"),
        "a row of transcript names",
    ),
    "segment without transcript": (rot.sql("DELETE FROM transcript"), "a segment belongs to no transcript"),
    "two clips of the same bytes": (
        rot.sql("UPDATE content SET full_hash = 'xxh3-128:00'", "UPDATE file SET full_hash = 'xxh3-128:00'",
                "UPDATE clip SET size = 1000"),
        "two clips have the same content hash",
    ),
    "upload without target": (rot.sql("UPDATE upload SET target_id = 'gone'"), "an upload belongs to no target"),
    "rendition lost": (rot.lose_rendition, "a rendition is lost"),
    "rendition cut off": (rot.cut_rendition, "a rendition is lost"),
    "backup damaged": (rot.spoil_backup, "a backup is not sound"),
}  # fmt: skip
SAME_WORDS = frozenset(MENDED) - {"two clips of the same bytes", "file of no volume"}
"""After these what people said stands in the very same rows."""


@pytest.mark.parametrize("name", MENDED)
def test_it_is_found_and_mended(home: Path, name: str) -> None:
    before = told(home)
    harm, words = MENDED[name]
    harm(home)
    problems = found(home)
    assert any(words in problem for problem in problems), problems
    desk = NearDesk(home)
    mended = desk.ask("check", "--repair")
    assert mended["problems"] == []
    copied = Path(mended["repaired"][0].removeprefix("the catalog was copied to "))
    assert copied.stat().st_size, "the catalog is copied first"
    again = desk.ask("check", "--repair")
    assert again == {**mended, "repaired": []}, "a second repair has nothing to do"
    if name in SAME_WORDS:
        assert told(home) == before


def test_nothing_is_done_where_nothing_is_wrong(home: Path) -> None:
    before = sorted(path.name for path in backups.folder(home / FILE_NAME).iterdir())
    assert NearDesk(home).ask("check", "--repair")["repaired"] == []
    assert sorted(path.name for path in backups.folder(home / FILE_NAME).iterdir()) == before


def test_a_rendition_that_rotted_is_found_by_reading_and_made_again(home: Path) -> None:
    rot.sql("UPDATE file SET state = 'offline'")(home)  # there are no originals to read
    rot.rot_rendition(home)
    assert NearDesk(home).ask("check")["problems"] == [], "its size is right"
    assert found(home, "--read") == ["a rendition differs from what was made"]
    mended = NearDesk(home).ask("check", "--read", "--repair")
    assert mended["problems"] == []
    assert any("will be made again" in line for line in mended["repaired"])


def test_what_nothing_refers_to_is_named_and_taken_out(home: Path) -> None:
    left = rot.orphan(home)
    known = NearDesk(home).ask("check")["known"]
    assert [one["subject"] for one in known] == [left.relative_to(home / "renditions").as_posix()]
    repaired = NearDesk(home).ask("check", "--repair")["repaired"]
    assert repaired == ["1 folders that nothing refers to were taken out of the proxy store"]
    assert not left.exists()
    assert NearDesk(home).ask("check")["known"] == []


def test_what_a_kill_left_is_gone_after_the_start(home: Path) -> None:
    rot.left_by_a_kill(home)
    assert NearDesk(home).ask("check")["problems"] == []
    names = {path.name for path in home.rglob("*")}
    assert not [name for name in names if name.endswith(".tmp") or name.startswith(".backup-")]


@pytest.mark.parametrize("harm", ["UPDATE event SET body = '{}'", "DELETE FROM event"])
def test_an_event_that_no_backup_has_is_named_and_the_table_stays(home: Path, harm: str) -> None:
    rot.sql(f"{harm} WHERE body LIKE '%{LATE}%'")(home)
    desk = NearDesk(home)
    for words in (("check",), ("check", "--repair"), ("check", "--repair")):
        problems = desk.ask(*words, code=5)["problems"]
        assert any("event" in one["problem"] for one in problems), problems
        assert any("put-back" in one["todo"] for one in problems), problems
        assert LATE in str(desk.ask("note", "list", "B001")), "the table is all that still says it"


def test_a_damaged_page_is_named_and_nothing_is_written(home: Path) -> None:
    rot.spoil_table(home, "segment")
    before = (home / FILE_NAME).read_bytes()
    for words in (("check",), ("check", "--repair")):
        (first, *_) = NearDesk(home).ask(*words, code=5)["problems"]
        assert first["problem"].startswith("the catalog's file is damaged"), first
        assert "put-back" in first["todo"]
    assert (home / FILE_NAME).read_bytes() == before


def test_words_since_the_backup_come_back_with_it(home: Path) -> None:
    before = told(home)[0]
    rot.spoil_table(home, "segment")
    desk = NearDesk(home)
    assert desk.ask("put-back")["since"] == 2
    assert desk.ask("check")["problems"] == []
    assert told(home)[0] == before
    assert LATE in str(before["note"])


def test_only_the_backup_where_that_is_asked_for(home: Path) -> None:
    desk = NearDesk(home)
    assert desk.ask("put-back", "--only-backup")["since"] == 0
    assert LATE not in str(told(home)[0])
    assert desk.ask("check")["problems"] == []


def test_a_broken_event_is_never_taken_over(home: Path) -> None:
    rot.sql(f"UPDATE event SET body = replace(body, '{LATE}', 'x') WHERE kind = 'note-added'")(home)
    back = NearDesk(home).ask("put-back", code=1)
    assert (back["since"], back["lost"]) == (1, 1)
    assert NearDesk(home).ask("check")["problems"] == []
    assert {LATE, LAST, "x"} & {row[5] for row in told(home)[0]["note"]} == {LAST}


def test_repairs_never_push_other_backups_out(home: Path) -> None:
    (asked,) = backups.newest_first(home / FILE_NAME)
    for day in range(1, 10):
        shutil.copy2(asked, asked.with_name(f"catalog_2020-01-0{day}_120000Z_before-repair.sqlite"))
    rot.sql("UPDATE note SET text = 'fine'")(home)
    NearDesk(home).ask("check", "--repair")
    names = [path.name for path in backups.newest_first(home / FILE_NAME)]
    assert sum("before-repair" in name for name in names) == 3
    assert asked.name in names


STEPS = range(len(mending.steps(())))
EVERYTHING = tuple(
    MENDED[name][0]
    for name in ("note changed", "event lost", "index missing", "names damaged", "rendition lost", "file of no clip")
)  # fmt: skip


@pytest.mark.parametrize("chosen", [(2, 4), pytest.param(STEPS, marks=pytest.mark.long)])
def test_cut_off_after_a_step_it_ends_the_same(
    home: Path, tmp_path: Path, chosen: Sequence[int]
) -> None:
    for harm in EVERYTHING:
        harm(home)
    for done in chosen:
        place = shutil.copytree(home, tmp_path / f"after {done}")
        with catalogs.opened(place) as catalog:
            for step in mending.steps(backups.newest_first(catalog.path))[:done]:
                catalog.write(step, durable=True)
        assert NearDesk(place).ask("check", "--repair")["problems"] == [], done
        shutil.rmtree(place)


def killed(home: Path, call: str, number: int) -> bool:
    """A repair that is killed on entering that call; whether it got so far."""
    inject = f"inject={call}:signal=KILL:when={number}"
    trace = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}", "-e", inject]
    words = [sys.executable, "-m", "app", "--home", str(home), "--json", "check", "--repair"]
    done = subprocess.run([*trace, *words], cwd=ROOT, capture_output=True, check=False)
    return done.returncode in (-signal.SIGKILL, 128 + signal.SIGKILL)


def swept(home: Path, tmp_path: Path, points: list[tuple[str, int]]) -> tuple[int, list[str]]:
    """Kills a repair at these points; how many were met, and what did not hold afterwards."""
    for harm in EVERYTHING:
        harm(home)
    mended = shutil.copytree(home, tmp_path / "mended")
    NearDesk(mended).ask("check", "--repair")
    wanted = told(mended)
    met, bad = 0, list[str]()
    for call, number in points:
        place = shutil.copytree(home, tmp_path / "killed")
        met += killed(place, call, number)
        answer = NearDesk(place).run("--json", "check", "--repair")
        if answer.code or told(place) != wanted:
            bad.append(f"{call} {number}: {answer}")
        shutil.rmtree(place)
    return met, bad


def test_killed_in_the_middle_it_is_begun_again(home: Path, tmp_path: Path) -> None:
    met, bad = swept(home, tmp_path, [("fdatasync", 4)])
    assert bad == []
    assert met == 1


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_killed_at_every_call_it_is_begun_again(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    calls = ("fdatasync", "fsync", "pwrite64", "unlink", "rename", "ftruncate")
    points = [(call, number) for call in calls for number in range(1, 41)]
    met, bad = swept(home, tmp_path, points)
    with capsys.disabled():
        print(f"\nrepairs killed: {met}, not mended afterwards: {len(bad)}")  # noqa: T201 - figures
    assert bad == []
    assert met > 20


def test_a_lost_log_is_told_until_it_was_noted(home: Path, expect_log: ExpectLog) -> None:
    expect_log("Words of people are missing")
    rot.lose_log(
        home, lambda catalog: Notes(catalog).add(rot.a_clip(catalog), 5, 6, "gone with the log")
    )
    problems = found(home)
    assert len(problems) == 1
    assert problems[0].startswith("1 entries of notes")
    assert found(home) == problems, "it is told at each check"
    mended = NearDesk(home).ask("check", "--repair")
    assert mended["problems"] == []
    assert any("loss of words was noted" in line for line in mended["repaired"])
    assert NearDesk(home).ask("check")["problems"] == []
