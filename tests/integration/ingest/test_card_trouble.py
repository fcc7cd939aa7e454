"""Cards full of trouble: nothing is opened that is no list, nothing is followed, nothing is written, and every entry has its answer."""

import os
import re
import socket
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from app.core.ingest.card_reading import read_card
from app.core.ingest.card_values import EntryKind
from app.core.model.errors import Away, Cancelled, Refused
from tests.support.card_trees import CARDS, OLD_NS, put
from tests.support.loop_disk import LoopDisk
from tests.support.source import ROOT

GOPRO = CARDS["GoPro"]


def test_what_is_no_file_is_named_and_never_opened(tmp_path: Path) -> None:
    card, outside = tmp_path / "card", tmp_path / "outside"
    GOPRO.make(card)
    put(outside, "DCIM/100GOPRO/GX010099.MP4")
    here = Path.cwd()
    os.mkfifo(card / "DCIM/100GOPRO/GX010050.MP4")
    os.mkfifo(card / "MEDIAPRO.XML")
    (card / "loop").symlink_to(card)
    (card / "DCIM/101GOPRO").symlink_to(outside / "DCIM/100GOPRO")
    (card / "nowhere").symlink_to("nothing")
    os.chdir(card)
    try:
        with socket.socket(socket.AF_UNIX) as server:
            server.bind("socket")
    finally:
        os.chdir(here)
    contents = read_card(card)
    assert {entry.rel: entry.kind for entry in contents.odd} == {
        "DCIM/100GOPRO/GX010050.MP4": EntryKind.PIPE,
        "MEDIAPRO.XML": EntryKind.PIPE,
        "loop": EntryKind.LINK,
        "DCIM/101GOPRO": EntryKind.LINK,
        "nowhere": EntryKind.LINK,
        "socket": EntryKind.SOCKET,
    }
    assert {entry.rel for entry in contents.files} == GOPRO.files
    assert contents.complete


@pytest.mark.parametrize("odd", ["link", "pipe"])
def test_a_list_that_is_a_link_or_a_pipe_is_not_read(odd: str, tmp_path: Path) -> None:
    card = CARDS["Sony XDROOT"].make(tmp_path / "card")
    own = card / "XDROOT/MEDIAPRO.XML"
    own.rename(tmp_path / "list")
    if odd == "link":
        own.symlink_to(tmp_path / "list")
    else:
        os.mkfifo(own)
    contents = read_card(card)
    assert [entry.rel for entry in contents.odd] == ["XDROOT/MEDIAPRO.XML"]
    assert not contents.hints
    assert contents.complete


def test_names_of_any_bytes_are_kept(tmp_path: Path) -> None:
    names = [
        b"latin1_\xe9.MP4",
        b"new\nline.MP4",
        b"-rf.MP4",
        "Cafe\u0301.MP4".encode(),
        b"x" * 255,
    ]
    for name in names:
        (tmp_path / os.fsdecode(name)).write_bytes(b"x")
    contents = read_card(tmp_path)
    assert sorted(os.fsencode(entry.rel) for entry in contents.files) == sorted(names)


def test_folders_deeper_than_any_path_are_read_and_the_bottomless_is_named(tmp_path: Path) -> None:
    here = Path.cwd()
    os.chdir(tmp_path)
    try:
        for _ in range(230):
            Path("folder of a long name").mkdir()
            os.chdir("folder of a long name")
        Path("deep.mov").write_bytes(b"x")
    finally:
        os.chdir(here)
    contents = read_card(tmp_path)
    assert len(contents.folders) == 201
    assert max(len(entry.rel) for entry in contents.folders) > 4096
    (unread,) = contents.unreadable
    assert "200 folders deep" in unread.reason
    assert not contents.complete


def test_what_goes_while_the_card_is_read_is_named(tmp_path: Path) -> None:
    for name in ("A", "B"):
        put(tmp_path, f"{name}/clip.mov")
    looks: list[int] = []

    def cancel() -> bool:
        looks.append(1)
        if len(looks) == 2:
            (tmp_path / "A/clip.mov").unlink()
            (tmp_path / "A").rmdir()
        return False

    contents = read_card(tmp_path, cancel=cancel)
    # The folder that was seen stays told, with the word that nobody knows what it held.
    assert {entry.rel for entry in contents.entries} == {"A", "B", "B/clip.mov"}
    assert [(one.rel, one.reason) for one in contents.unreadable] == [
        ("A", "A is not there any more.")
    ]
    assert not contents.complete


def test_another_folder_in_its_place_is_no_card_that_was_read(tmp_path: Path) -> None:
    card = GOPRO.make(tmp_path / "card")
    looks: list[int] = []

    def cancel() -> bool:
        looks.append(1)
        if len(looks) == 2:
            card.rename(tmp_path / "away")
            card.mkdir()
        return False

    with pytest.raises(Away):
        read_card(card, cancel=cancel)


def test_it_can_be_called_off_and_wants_a_folder(tmp_path: Path) -> None:
    GOPRO.make(tmp_path)
    with pytest.raises(Cancelled):
        read_card(tmp_path, cancel=lambda: True)
    for nothing in (tmp_path / "nothing", tmp_path / "MISC/version.txt"):
        with pytest.raises(Refused):
            read_card(nothing)


AS_ANOTHER = """
import sys
from pathlib import Path
from app.core.ingest.card_reading import read_card
from app.core.model.errors import Refused
root = Path(sys.argv[1])
contents = read_card(root / "card")
told = {one.rel: one.reason for one in contents.unreadable}
assert set(told) == {"DCIM/101GOPRO", "MISC/version.txt"}, told
assert all("no right" in reason for reason in told.values()), told
assert {entry.rel for entry in contents.files} >= {"MISC/version.txt"}
assert not contents.complete
try:
    read_card(root / "closed")
except Refused as error:
    assert "no right" in error.message, error
    print("held")
"""


def test_what_may_not_be_read_is_named(tmp_path: Path) -> None:
    card = GOPRO.make(tmp_path / "card")
    put(card, "DCIM/101GOPRO/GX010050.MP4")
    (card / "DCIM/101GOPRO").chmod(0)
    (card / "MISC/version.txt").chmod(0)
    (tmp_path / "closed").mkdir(mode=0)
    for parent in (tmp_path, *tmp_path.parents[:3]):
        parent.chmod(parent.stat().st_mode | 0o055)
    # Root reads everything: an ordinary user looks.
    words = [sys.executable, "-W", "error", "-c", textwrap.dedent(AS_ANOTHER), str(tmp_path)]
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


def test_each_entry_is_looked_at_once(tmp_path: Path) -> None:
    count = 10_000
    card, bare = tmp_path / "card", tmp_path / "bare"
    for folder in range(10):
        (card / f"DCIM/{folder + 100}CANON").mkdir(parents=True)
    for number in range(count):
        (card / f"DCIM/{number % 10 + 100}CANON/IMG_{number:05d}.JPG").touch()
    bare.mkdir()
    assert _looks(card) - _looks(bare) <= count + 100


def _looks(root: Path) -> int:
    """Calls that look at an entry, or open one, while a folder is read."""
    words = f"from pathlib import Path\nfrom app.core.ingest.card_reading import read_card\nread_card(Path({str(root)!r}))"
    finished = subprocess.run(
        [
            "strace",
            "-f",
            "-c",
            "-e",
            "trace=%%stat,open,openat,access,faccessat,faccessat2",
            sys.executable,
            "-c",
            words,
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    total = re.search(r"^\s*100\.00.*?(\d+)(?:\s+\d+)?\s+total$", finished.stderr, re.MULTILINE)
    assert total, finished.stderr
    return int(total[1])


def test_reading_leaves_no_trace_on_the_card(tmp_path: Path) -> None:
    with LoopDisk(tmp_path / "image", tmp_path / "card") as disk:
        # Not even the time of the last look, on a volume that notes each one.
        subprocess.run(["mount", "-o", "remount,strictatime", str(disk.mount)], check=True)
        for name in ("Sony XDROOT", "Panasonic P2", "AVCHD"):
            CARDS[name].make(disk.mount / name)
        (disk.mount / "link").symlink_to("nothing")
        for path in (disk.mount, *disk.mount.rglob("*")):
            os.utime(path, ns=(OLD_NS, OLD_NS), follow_symlinks=False)
        entries = [(str(path), path.lstat()) for path in (disk.mount, *_below(disk.mount))]
        for path, _ in entries:
            os.utime(path, ns=(OLD_NS, OLD_NS), follow_symlinks=False)
        before = {path: _traces(path) for path, _ in entries}
        assert len(read_card(disk.mount).clips) == 9
        assert {path: _traces(path) for path, _ in entries} == before


def _below(root: Path) -> list[Path]:
    return sorted(root.rglob("*"))


def _traces(path: str) -> tuple[int, ...]:
    info = os.lstat(path)
    return info.st_ino, info.st_atime_ns, info.st_mtime_ns, info.st_ctime_ns, info.st_size


def test_a_card_that_is_locked_is_read(tmp_path: Path) -> None:
    with LoopDisk(tmp_path / "image", tmp_path / "card") as disk:
        GOPRO.make(disk.mount)
        subprocess.run(["mount", "-o", "remount,ro", str(disk.mount)], check=True)
        contents = read_card(disk.mount)
        assert contents.complete
        assert {entry.rel for entry in contents.files} == GOPRO.files


def test_what_is_mounted_below_is_no_part_of_the_card(tmp_path: Path) -> None:
    card = GOPRO.make(tmp_path / "card")
    with LoopDisk(tmp_path / "image", card / "DCIM/other") as disk:
        put(disk.mount, "GX010050.MP4")
        contents = read_card(card)
    assert {entry.rel for entry in contents.files} == GOPRO.files
    assert [one.rel for one in contents.unreadable] == ["DCIM/other"]
    assert "Another filesystem" in contents.unreadable[0].reason
