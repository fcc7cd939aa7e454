"""Only regular files inside the root are opened, whatever lies there or is swapped in."""

import os
import socket
import threading
from pathlib import Path

import pytest

from app.core.files import opening
from app.core.files.opening import lstat, open_folder, open_regular
from app.core.model.errors import Missing, Passing, Refused, RushesError


@pytest.fixture
def root(tmp_path: Path) -> Path:
    volume = tmp_path / "volume"
    (volume / "DAY 1" / "A").mkdir(parents=True)
    (volume / "DAY 1" / "A" / "clip.mov").write_bytes(b"inside")
    (tmp_path / "outside.mov").write_bytes(b"outside")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "clip.mov").write_bytes(b"outside")
    return volume


def _read(root: Path, rel: str) -> bytes:
    with open_regular(root, rel) as file:
        return file.read()


def _open_handles() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def test_a_regular_file_is_read_and_knows_its_name(root: Path) -> None:
    assert _read(root, "DAY 1/A/clip.mov") == b"inside"
    with open_regular(root, "DAY 1/A/clip.mov") as file:
        assert file.name == str(root / "DAY 1/A/clip.mov")
        assert not file.writable()
    assert lstat(root, "DAY 1/A/clip.mov").st_size == 6


def test_a_root_behind_a_link_is_the_persons_choice(root: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(root)
    assert _read(tmp_path / "link", "DAY 1/A/clip.mov") == b"inside"


@pytest.mark.parametrize(
    "rel",
    [
        "",
        "/etc/passwd",
        "..",
        "../outside.mov",
        "DAY 1/../../outside.mov",
        "DAY 1//A",
        "./x",
        "a\0b",
        "DAY 1/.",
    ],
)
def test_a_path_that_leads_out_is_refused(root: Path, rel: str) -> None:
    for act in (open_regular, lstat):
        with pytest.raises(Refused, match="leads out"):
            act(root, rel)


@pytest.mark.parametrize(
    "target", ["../outside.mov", "DAY 1/A/clip.mov", "/etc/passwd", "nowhere", "link.mov"]
)
def test_a_link_is_not_opened(root: Path, target: str) -> None:
    (root / "link.mov").symlink_to(target)
    with pytest.raises(Refused, match="a link"):
        open_regular(root, "link.mov")


def test_a_link_on_the_way_is_not_followed(root: Path) -> None:
    (root / "away").symlink_to(root.parent / "outside")
    (root / "loop").symlink_to(".")
    for rel in ("away/clip.mov", "loop/DAY 1/A/clip.mov", "loop/loop/loop"):
        for act in (open_regular, lstat):
            with pytest.raises(Refused, match="through a link"):
                act(root, rel)
    with pytest.raises(Refused), open_folder(root, "away"):
        pass


def test_pipes_sockets_devices_and_folders_are_named_and_never_block(root: Path) -> None:
    os.mkfifo(root / "fifo.mov")
    (root / "tty.mov").symlink_to("/dev/null")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(root / "socket.mov"))
        with pytest.raises(Refused, match="a socket"):
            open_regular(root, "socket.mov")
    with pytest.raises(Refused, match="a pipe"):
        open_regular(root, "fifo.mov")
    with pytest.raises(Refused, match="a folder"):
        open_regular(root, "DAY 1")
    with pytest.raises(Refused, match="a device"):
        open_regular(Path("/dev"), "null")


def test_a_pipe_that_takes_the_files_place_does_not_block(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = root / "DAY 1" / "A" / "clip.mov"
    seen = clip.stat()
    clip.unlink()
    os.mkfifo(clip)
    monkeypatch.setattr(opening, "_look", lambda _place, _name: seen)
    with pytest.raises(Refused, match="a pipe"):
        open_regular(root, "DAY 1/A/clip.mov")


def test_another_file_in_its_place_is_noticed(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = (root.parent / "outside.mov").stat()
    monkeypatch.setattr(opening, "_look", lambda _place, _name: seen)
    with pytest.raises(Passing, match="replaced"):
        open_regular(root, "DAY 1/A/clip.mov")


def test_a_link_swapped_in_while_opening_never_leads_out(root: Path) -> None:
    """A racer swaps the folder for a link to the outside, over and over; what opens is always the inside."""
    folder, away = root / "DAY 1" / "A", root / "DAY 1" / "B"
    link = root / "DAY 1" / "L"
    stop = threading.Event()

    def swap() -> None:
        while not stop.is_set():
            folder.rename(away)
            folder.symlink_to(root.parent / "outside")
            folder.rename(link)
            away.rename(folder)
            link.unlink()

    racer = threading.Thread(target=swap)
    racer.start()
    opened = refused = 0
    try:
        while opened + refused < 4000 or not (opened and refused):
            try:
                assert _read(root, "DAY 1/A/clip.mov") == b"inside"
                opened += 1
            except (Refused, Missing):
                refused += 1
            if opened + refused > 400_000:
                break
    finally:
        stop.set()
        racer.join()
    assert opened


def test_names_that_are_no_utf_8_open(root: Path) -> None:
    raw = os.fsencode(root) + b"/caf\xe9 \xff.mov"
    with open(raw, "wb") as file:  # noqa: PTH123 - a Path cannot be made of bytes
        file.write(b"latin")
    rel = os.fsdecode(b"caf\xe9 \xff.mov")
    assert _read(root, rel) == b"latin"
    with pytest.raises(Missing) as caught:
        open_regular(root, rel + "x")
    caught.value.message.encode("utf-8")


def test_a_path_of_4000_bytes_opens(tmp_path: Path) -> None:
    names = ["d" * 200] * 20
    handle = os.open(tmp_path, os.O_RDONLY)
    for name in names:
        os.mkdir(name, dir_fd=handle)
        deeper = os.open(name, os.O_RDONLY, dir_fd=handle)
        os.close(handle)
        handle = deeper
    with os.fdopen(os.open("é" * 127 + "x", os.O_WRONLY | os.O_CREAT, dir_fd=handle), "wb") as file:
        file.write(b"deep")
    os.close(handle)
    rel = "/".join([*names, "é" * 127 + "x"])
    assert len(os.fsencode(tmp_path / rel)) > 4096
    assert _read(tmp_path, rel) == b"deep"
    assert lstat(tmp_path, rel).st_size == 4


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("ESTALE", Passing),
        ("EIO", Passing),
        ("ENOENT", Missing),
        ("ELOOP", Refused),
        ("EACCES", Refused),
    ],
)
def test_what_the_system_says_becomes_words(
    root: Path, monkeypatch: pytest.MonkeyPatch, code: str, kind: type[RushesError]
) -> None:
    number = getattr(opening.errno, code)

    def fails(*_words: object, **_more: object) -> int:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(opening.os, "open", fails)
    with pytest.raises(kind) as caught:
        open_regular(root, "DAY 1/A/clip.mov")
    assert caught.value.subject == "DAY 1/A/clip.mov"


def test_no_handle_is_left_whatever_happens(root: Path) -> None:
    os.mkfifo(root / "fifo")
    before = _open_handles()
    open_regular(root, "DAY 1/A/clip.mov").close()
    for rel in ("DAY 1/none", "fifo", "..", "DAY 1", "none/x"):
        with pytest.raises(RushesError):
            open_regular(root, rel)
    with open_folder(root, "DAY 1") as place, os.scandir(place) as entries:
        assert [entry.name for entry in entries] == ["A"]
    assert _open_handles() == before
