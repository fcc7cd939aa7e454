"""The quick pass: lists the folders whose own times changed, takes nothing there for gone, and says what it cannot see."""

import contextlib
import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from app.core.catalog import folders
from app.core.ingest import folder_times
from app.core.ingest.comparing import ScanReport
from app.core.ingest.volumes import Presence
from app.core.ingest.walking import Walker
from app.core.model.entities import Volume
from tests.support.source import ROOT
from tests.support.volumes import Desk, age, later, put, wav

HOUR = 3_600_000


@pytest.fixture
def listed(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Every folder that is listed from now on."""
    seen: list[bytes] = []
    real = Walker._listed

    def noted(self: Walker, folder: bytes, *words: object, **more: object) -> object:
        seen.append(folder)
        return real(self, folder, *words, **more)  # pyright: ignore[reportArgumentType]

    monkeypatch.setattr(Walker, "_listed", noted)
    return seen


def _quick(desk: Desk, volume: Volume) -> ScanReport:
    report = desk.scanner.quick(volume.id)
    desk.catch_up()
    return report


def _states(desk: Desk) -> dict[str, str]:
    return {path: state for path, (_, state) in desk.places().items()}


def test_where_nothing_changed_nothing_is_listed_or_written(
    desk: Desk, card: Volume, listed: list[bytes]
) -> None:
    writes: list[object] = []
    desk.catalog.subscribe(writes.append)
    report = desk.scanner.quick(card.id)
    assert (report.online, report.unclear, report.seen) == (True, False, 0)
    assert listed == []
    assert writes == []


def test_only_what_changed_is_listed(
    desk: Desk, card: Volume, root: Path, listed: list[bytes]
) -> None:
    put(root, "A/new.wav", at=9)
    put(root, "D/deep/er/four.wav", at=10)
    report = _quick(desk, card)
    assert (report.new, report.missing) == (2, 0)
    assert listed == [b"", b"D", b"D/deep", b"D/deep/er", b"A"]
    listed.clear()
    assert _quick(desk, card).seen == 0
    assert listed == []


def test_deletions_moves_and_new_names_keep_identities(
    desk: Desk, card: Volume, root: Path
) -> None:
    notes = {path: desk.say(path) for path in ("A/one.wav", "A/in/two.wav", "B/three.wav")}
    (root / "A" / "one.wav").rename(root / "B" / "moved.wav")
    (root / "A" / "in").rename(root / "inside")
    (root / "top.wav").unlink()
    (root / "B").rename(root / "C")
    report = _quick(desk, card)
    assert (report.moved, report.missing, report.new) == (3, 1, 0)
    assert desk.noted_at(notes["A/one.wav"]) == desk.clip_at("C/moved.wav")
    assert desk.noted_at(notes["A/in/two.wav"]) == desk.clip_at("inside/two.wav")
    assert desk.noted_at(notes["B/three.wav"]) == desk.clip_at("C/three.wav")
    assert desk.state_of("top.wav") == "missing"
    assert desk.look(card).missing == 0


def test_a_tree_that_is_gone_is_missing_and_comes_back(
    desk: Desk, card: Volume, root: Path, tmp_path: Path
) -> None:
    (root / "A").rename(tmp_path / "away")
    assert _quick(desk, card).missing == 2
    with desk.catalog.read() as reader:
        assert [row.path for row in folders.known(reader, card.id)] == [b"", b"B"]
    (tmp_path / "away").rename(root / "A")
    assert _quick(desk, card).back == 2
    assert set(_states(desk).values()) == {"present"}


@pytest.mark.parametrize("hinted", [False, True])
@pytest.mark.parametrize("what", ["link", "file"])
def test_what_took_a_folders_place_is_not_entered(
    desk: Desk, card: Volume, root: Path, tmp_path: Path, what: str, hinted: bool
) -> None:
    (root / "A").rename(tmp_path / "elsewhere")
    if what == "link":
        (root / "A").symlink_to(tmp_path / "elsewhere")
    else:
        (root / "A").write_bytes(b"no folder")
    if hinted:
        desk.hint(card, "")
    assert _quick(desk, card).missing == 2
    states = _states(desk)
    assert {path for path in states if path.startswith("A/")} == {"A/one.wav", "A/in/two.wav"}
    assert states["A/one.wav"] == states["A/in/two.wav"] == "missing"


def test_another_folder_of_the_same_times_is_told_by_its_number(
    desk: Desk, card: Volume, root: Path
) -> None:
    put(root, "A/other/two.wav", "other words", at=20)
    _quick(desk, card)
    swap = {"in": "x", "other": "in", "x": "other"}
    for old, new in swap.items():
        (root / "A" / old).rename(root / "A" / new)
    for folder in ("A/in", "A/other"):
        os.utime(root / folder, ns=(1, 1))
    clips = {path: desk.clip_at(path) for path in ("A/in/two.wav", "A/other/two.wav")}
    assert _quick(desk, card).moved == 2
    assert desk.clip_at("A/in/two.wav") == clips["A/other/two.wav"]
    assert desk.clip_at("A/other/two.wav") == clips["A/in/two.wav"]


def test_what_is_written_over_in_place_waits_for_the_whole_scan(
    desk: Desk, card: Volume, root: Path
) -> None:
    old = desk.clip_at("A/one.wav")
    note = desk.say("A/one.wav")
    (root / "A" / "one.wav").write_bytes(wav("another take", 3))
    age(root / "A" / "one.wav", 50)
    assert _quick(desk, card).changed == 0
    assert desk.clip_at("A/one.wav") == old
    assert desk.look(card).changed == 1
    assert desk.noted_at(note) == old != desk.clip_at("A/one.wav")


def test_a_folder_that_changed_just_before_is_listed_again(
    desk: Desk, root: Path, listed: list[bytes]
) -> None:
    put(root, "A/one.wav")
    put(root, "B/two.wav", at=1)
    volume = desk.add(root)
    for clock in (0, -3_600, 1):
        # At once, by a clock that is behind the one of the disk, and within what the coarsest filesystem counts in.
        later(desk, clock)
        desk.look(volume)
        listed.clear()
        _quick(desk, volume)
        assert set(listed) == {b"", b"A", b"B"}, clock
    later(desk)
    _quick(desk, volume)
    listed.clear()
    _quick(desk, volume)
    assert listed == []


def test_a_change_that_leaves_the_folders_own_time_as_it_was_is_seen_by_its_other_one(
    desk: Desk, card: Volume, root: Path
) -> None:
    before = (root / "A").stat().st_mtime_ns
    put(root, "A/new.wav", at=9)
    os.utime(root / "A", ns=(before, before))
    assert _quick(desk, card).new == 1


@pytest.mark.parametrize(("column", "value"), [("fs_type", "vfat"), ("kind", "network")])
def test_where_times_say_nothing_a_whole_scan_is_asked_for(
    desk: Desk, card: Volume, root: Path, listed: list[bytes], column: str, value: str
) -> None:
    desk.catalog.write(lambda tx: tx.run(f"UPDATE volume SET {column} = ?", value))
    put(root, "A/new.wav", at=9)
    listed.clear()
    assert desk.scanner.quick(card.id).unclear
    assert listed == []
    assert "A/new.wav" not in desk.places()


def test_what_is_unclear_changes_nothing_until_the_whole_scan(
    desk: Desk, card: Volume, root: Path
) -> None:
    note = desk.say("A/one.wav")
    put(root, "A/one again.wav", at=30).replace(root / "A" / "one.wav")
    before = desk.places()
    for _ in range(2):
        assert desk.scanner.quick(card.id).unclear
        assert desk.places() == before
    desk.look(card)
    assert desk.noted_at(note) != desk.clip_at("A/one.wav")
    assert not desk.scanner.quick(card.id).unclear


def test_a_volume_that_is_away_keeps_its_rows(
    desk: Desk, card: Volume, root: Path, tmp_path: Path
) -> None:
    before = desk.places()
    root.rename(tmp_path / "away")
    assert not desk.scanner.quick(card.id).online
    root.mkdir()
    assert not desk.scanner.quick(card.id).online
    assert desk.places() == before


def test_a_volume_that_leaves_during_the_pass_keeps_its_rows(
    desk: Desk, card: Volume, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = desk.places()
    real = folder_times.changed

    def leaving(*words: object) -> list[bytes]:
        root.rename(tmp_path / "away")
        root.mkdir()
        return real(*words)  # pyright: ignore[reportArgumentType]

    monkeypatch.setattr(folder_times, "changed", leaving)
    assert not desk.scanner.quick(card.id).online
    assert desk.places() == before


@pytest.mark.parametrize("field", ["mtime_ns", "ctime_ns", "inode"])
def test_each_of_a_folders_numbers_tells(desk: Desk, card: Volume, root: Path, field: str) -> None:
    with desk.catalog.read() as reader:
        rows = folders.known(reader, card.id)
    rows[1] = rows[1]._replace(**{field: getattr(rows[1], field) + 1})
    assert folder_times.changed(root, root.stat().st_dev, rows) == [rows[1].path]


def test_a_filesystem_mounted_over_a_folder_is_not_a_deletion(
    desk: Desk, card: Volume, root: Path
) -> None:
    with desk.catalog.read() as reader:
        rows = folders.known(reader, card.id)
    device = root.stat().st_dev
    assert folder_times.changed(root, device, rows) == []
    covered = [row._replace(inode=1, mtime_ns=1) for row in rows]
    assert folder_times.changed(root, device + 1, covered) == []
    shutil.rmtree(root / "A")
    assert folder_times.changed(root, device, rows) == [b""]


def test_a_scan_that_is_broken_off_vouches_for_no_folder(
    desk: Desk, card: Volume, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(root, "A/new.wav", at=9)
    answers = iter([Presence(True), Presence(False, "gone")])
    with monkeypatch.context() as patched:
        patched.setattr(desk.scanner._volumes, "look", lambda _: next(answers))
        assert not desk.scanner.scan(card.id).online
    assert "A/new.wav" not in desk.places()
    assert _quick(desk, card).new == 1


def test_a_whole_scan_forgets_folders_that_are_gone(desk: Desk, card: Volume, root: Path) -> None:
    shutil.rmtree(root / "A")
    desk.look(card)
    with desk.catalog.read() as reader:
        assert [row.path for row in folders.known(reader, card.id)] == [b"", b"B"]


def test_a_hint_about_one_folder_leaves_the_new_ones_in_it_to_be_listed(
    desk: Desk, card: Volume, root: Path
) -> None:
    put(root, "A/fresh/four.wav", at=9)
    shutil.rmtree(root / "A" / "in")
    desk.hint(card, "A")
    assert "A/fresh/four.wav" not in desk.places()
    report = _quick(desk, card)
    assert (report.new, report.missing) == (1, 1)
    assert desk.state_of("A/fresh/four.wav") == "present"
    assert desk.state_of("A/in/two.wav") == "missing"


def test_a_hint_about_a_folder_that_is_gone_ends_the_matter(
    desk: Desk, card: Volume, root: Path, listed: list[bytes]
) -> None:
    shutil.rmtree(root / "A")
    desk.hint(card, "A", deep=True)
    desk.hint(card, "")
    listed.clear()
    assert _quick(desk, card).missing == 0
    assert listed == []
    with desk.catalog.read() as reader:
        assert [row.path for row in folders.known(reader, card.id)] == [b"", b"B"]


def test_a_volume_that_was_forgotten_or_mapped_is_listed_anew(
    desk: Desk, card: Volume, root: Path, tmp_path: Path
) -> None:
    desk.volumes.forget(card.id)
    assert set(_states(desk).values()) == {"missing"}
    again = desk.volumes.add(root)
    assert again.id == card.id
    _quick(desk, again)
    assert set(_states(desk).values()) == {"present"}
    copy = tmp_path / "copy"
    shutil.copytree(root, copy)
    put(copy, "A/new.wav", at=9)
    desk.volumes.map(card.id, copy)
    assert _quick(desk, card).new == 1


UNREADABLE = """
import os, sys, time
from pathlib import Path
from tests.support import volumes
root, home = Path(sys.argv[1]) / "card", Path(sys.argv[1]) / "home"
for path in ("A/one.wav", "A/in/two.wav", "B/three.wav", "four.wav"):
    volumes.put(root, path)
with volumes.desk(home) as desk:
    desk.scanner._now_ns = lambda: time.time_ns() + 10 ** 10
    volume = desk.add(root)
    for mode in (0o000, 0o444):
        (root / "A").chmod(mode)
        for _ in range(2):
            assert desk.scanner.quick(volume.id).missing == 0
            assert {state for _, state in desk.places().values()} == {"present"}
    (root / "A").chmod(0o755)
    volumes.put(root, f"A/in/new.wav")
    (root / "A" / "one.wav").unlink()
    report = desk.scanner.quick(volume.id)
    assert (report.new, report.missing) == (1, 1), report
    print("held")
"""


def test_a_folder_that_may_not_be_read_is_not_gone_and_is_tried_again(tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    for parent in tmp_path.parents[:3]:
        parent.chmod(parent.stat().st_mode | 0o055)
    words = [sys.executable, "-W", "error", "-c", textwrap.dedent(UNREADABLE), str(tmp_path)]
    if os.geteuid() == 0:
        words = ["setpriv", "--reuid", "65534", "--clear-groups", *words]
    env = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    finished = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False, env=env)
    assert (finished.returncode, finished.stdout) == (0, "held\n"), finished.stderr


def test_what_a_mounted_filesystem_hid_is_found_when_it_is_gone(
    desk: Desk, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(root, "A/one.wav")
    later(desk)
    volume = desk.volumes.add(root)
    real = Walker.__init__

    def elsewhere(self: Walker, *words: object, **more: object) -> None:
        real(self, *words, **more)  # pyright: ignore[reportArgumentType]
        self.device += 1

    with monkeypatch.context() as patched:
        patched.setattr(Walker, "__init__", elsewhere)
        assert desk.look(volume).seen == 0
    assert _quick(desk, volume).new == 1


def test_an_entry_that_cannot_be_looked_at_is_tried_again(
    desk: Desk, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(root, "A/one.wav")
    later(desk)
    volume = desk.volumes.add(root)
    real = os.scandir

    class Failing:
        """An entry whose disk answers with an error."""

        name = "one.wav"

        def stat(self, *, follow_symlinks: bool) -> os.stat_result:
            raise OSError(5, f"Input/output error, {follow_symlinks}")

    def failing(place: object) -> object:
        entries = list(real(place))  # pyright: ignore[reportArgumentType, reportCallIssue, reportUnknownVariableType, reportUnknownArgumentType]
        return contextlib.nullcontext(
            iter([Failing() if e.name == "one.wav" else e for e in entries])
        )

    with monkeypatch.context() as patched:
        patched.setattr("app.core.ingest.walking.os.scandir", failing)
        desk.scanner.scan(volume.id)
    assert desk.places() == {}
    assert _quick(desk, volume).new == 1
