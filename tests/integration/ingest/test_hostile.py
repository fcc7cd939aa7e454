"""What a volume may hold that is no file: never opened, never followed, named; and what cannot be read is never gone."""

import os
import socket
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from app.core.files.sorts import SortRules
from app.core.ingest.ignoring import IgnoreRules
from app.core.ingest.walking import Walker, inode_of, time_of
from tests.support.source import ROOT
from tests.support.volumes import Desk, put


def test_pipes_sockets_and_links_are_named_and_left_alone(
    desk: Desk, root: Path, tmp_path: Path
) -> None:
    put(tmp_path / "outside", "secret.wav")
    put(root, "A/one.wav")
    os.mkfifo(root / "pipe.wav")
    # A socket's path must be short: it is made by a relative name.
    here = Path.cwd()
    os.chdir(root)
    try:
        with socket.socket(socket.AF_UNIX) as server:
            server.bind("socket.wav")
    finally:
        os.chdir(here)
    (root / "A" / "loop").symlink_to(root)
    (root / "out").symlink_to(tmp_path / "outside")
    (root / "link.wav").symlink_to(tmp_path / "outside" / "secret.wav")
    (root / "nowhere.wav").symlink_to("nothing")
    volume = desk.volumes.add(root)
    report = desk.look(volume)
    reasons = {skipped.path: skipped.reason for skipped in report.skipped}
    assert set(desk.places()) == {"A/one.wav"}
    assert "pipe" in reasons["pipe.wav"]
    assert "socket" in reasons["socket.wav"]
    for name in ("A/loop", "out", "link.wav", "nowhere.wav"):
        assert "link" in reasons[name]


def test_another_filesystem_below_is_named_and_what_it_hides_is_not_gone(
    desk: Desk, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(root, "A/one.wav")
    put(root, "B/two.wav")
    volume = desk.add(root)
    real = Walker.__init__

    def elsewhere(self: Walker, *words: object, **more: object) -> None:
        real(self, *words, **more)  # pyright: ignore[reportArgumentType]
        self.device += 1

    monkeypatch.setattr(Walker, "__init__", elsewhere)
    report = desk.look(volume)
    assert report.missing == 0
    assert {s.path for s in report.skipped if "another filesystem" in s.reason} == {"A", "B"}
    assert desk.state_of("A/one.wav") == "present"


UNREADABLE = """
import sys
from pathlib import Path
from tests.support import volumes
root, home = Path(sys.argv[1]) / "card", Path(sys.argv[1]) / "home"
for path in ("A/one.wav", "A/in/two.wav", "B/three.wav", "four.wav"):
    volumes.put(root, path)
with volumes.desk(home) as desk:
    volume = desk.add(root)
    for closed in (["A"], ["B"], ["A", "B"]):
        for name in closed:
            (root / name).chmod(0)
        report = desk.look(volume)
        assert report.online and report.missing == 0, report
        assert {s.path for s in report.skipped} == set(closed), report.skipped
        assert {state for _, state in desk.places().values()} == {"present"}
        for name in closed:
            (root / name).chmod(0o755)
    (root / "four.wav").chmod(0)
    (root / "A").chmod(0o444)
    report = desk.look(volume)
    assert report.missing == 0, report
    assert {state for _, state in desk.places().values()} == {"present"}, desk.places()
    (root / "A").chmod(0o755)
    (root / "A" / "one.wav").unlink()
    assert desk.look(volume).missing == 1
    print("held")
"""


def test_what_may_not_be_read_is_not_gone(tmp_path: Path) -> None:
    # Root reads everything: an ordinary user looks.
    tmp_path.chmod(0o777)
    for parent in tmp_path.parents[:3]:
        parent.chmod(parent.stat().st_mode | 0o055)
    words = [sys.executable, "-W", "error", "-c", textwrap.dedent(UNREADABLE), str(tmp_path)]
    if os.geteuid() == 0:
        words = ["setpriv", "--reuid", "65534", "--clear-groups", *words]
    finished = subprocess.run(
        words,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert (finished.returncode, finished.stdout) == (0, "held\n"), finished.stderr


def test_numbers_that_no_database_holds(root: Path) -> None:
    put(root, "one.wav")
    found = os.stat_result((0o100644, (1 << 64) - 1, 1, 1, 0, 0, 5, 0, 0, 0))
    assert inode_of(found) == (1 << 63) - 1
    folder = Walker(root, IgnoreRules.load(), SortRules.load()).look(b"")
    assert folder.complete
    assert time_of(root.stat()) == root.stat().st_mtime_ns


def test_a_link_that_takes_a_folders_place_during_the_walk_leads_nowhere(
    root: Path, tmp_path: Path
) -> None:
    put(tmp_path / "outside", "in/secret.wav")
    put(root, "A/in/one.wav")
    put(root, "B/two.wav")
    walk = Walker(root, IgnoreRules.load(), SortRules.load()).walk()
    assert next(walk).folders == (b"A", b"B")
    (root / "A").rename(tmp_path / "away")
    (root / "A").symlink_to(tmp_path / "outside")
    rest = {folder.path: folder for folder in walk}
    assert rest.keys() == {b"A", b"B"}
    assert not rest[b"A"].complete
    assert [file[0] for folder in rest.values() for file in folder.files] == ["two.wav"]


def test_a_walk_ends_with_no_folder_held_open_and_holds_few(root: Path) -> None:
    for branch in "ab":
        deep = Path(*[branch] * 90)
        for parent in (deep, *deep.parents[:-1]):
            put(root, os.fsencode(parent / "x.wav"))
    held = Path("/proc/self/fd")
    before = len(list(held.iterdir()))
    most, seen = 0, 0
    for folder in Walker(root, IgnoreRules.load(), SortRules.load()).walk():
        assert folder.complete, folder
        seen += len(folder.files)
        most = max(most, len(list(held.iterdir())) - before)
    assert seen == 180
    assert most <= 64
    assert len(list(held.iterdir())) == before
    walk = Walker(root, IgnoreRules.load(), SortRules.load()).walk()
    assert [next(walk).path for _ in range(5)][-1] == b"a/a/a/a"
    walk.close()
    assert len(list(held.iterdir())) == before


def test_a_media_ending_does_not_hide_what_a_rule_leaves_out(desk: Desk, root: Path) -> None:
    for name in ("a.wav", "b.wav", "._a.wav", "~$b.wav", "c.tmp", "amov", ".wav"):
        put(root, name)
    report = desk.look(desk.volumes.add(root))
    assert set(desk.places()) == {"a.wav", "b.wav", "amov", ".wav"}
    assert {s.path for s in report.skipped} >= {"._a.wav", "~$b.wav", "c.tmp"}
