"""Files that are whole or not there."""

import os
from pathlib import Path

import pytest

from app.core.model.errors import Missing, NoRoom
from app.core.platform import durable


def test_a_file_is_replaced_whole_and_private(tmp_path: Path) -> None:
    target = tmp_path / "a.toml"
    durable.write_file(target, b"one")
    durable.write_file(target, b"two")
    assert target.read_bytes() == b"two"
    assert target.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.toml"]


def test_a_name_of_255_bytes_has_room_for_its_temporary_twin(tmp_path: Path) -> None:
    target = tmp_path / ("é" * 127 + "x")
    assert len(os.fsencode(target.name)) == 255
    durable.write_file(target, b"data")
    assert target.read_bytes() == b"data"


def test_what_was_there_survives_a_failed_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "a"
    durable.write_file(target, b"old")

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(NoRoom):
        durable.write_file(target, b"new")
    assert target.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a"]


def test_a_folder_that_is_gone_is_missing(tmp_path: Path) -> None:
    with pytest.raises(Missing, match="could not be written"):
        durable.write_file(tmp_path / "gone" / "a", b"x")


def test_temporary_names_are_ours_and_differ() -> None:
    names = {durable.temporary_name() for _ in range(100)}
    assert len(names) == 100
    assert all(name.startswith(durable.TEMPORARY_PREFIX) and len(name) < 40 for name in names)


def test_only_what_a_gone_process_left_is_abandoned() -> None:
    mine = durable.temporary_name()
    desk = mine.split("-")[1]
    gone = mine.replace(f"-{os.getpid():x}-", "-7fffffff-")
    running = mine.replace(f"-{os.getpid():x}-", f"-{os.getppid():x}-")
    foreign = mine.replace(desk, "00000000" if desk != "00000000" else "11111111")
    assert durable.is_abandoned(gone, 0)
    assert not durable.is_abandoned(mine, 1e9)
    assert not durable.is_abandoned(running, 3600)
    assert durable.is_abandoned(running, 1e9)
    assert not durable.is_abandoned(foreign, 3600)
    assert durable.is_abandoned(foreign, 1e9)
    assert not durable.is_abandoned("clip.mov.part", 1e9)
    assert not durable.is_abandoned(".rushes-notes.tmp", 1e9)


def test_a_finished_file_gets_its_name(tmp_path: Path) -> None:
    temporary = tmp_path / durable.temporary_name()
    temporary.write_bytes(b"made")
    (tmp_path / "proxy.mp4").write_bytes(b"old")
    durable.publish_file(temporary, tmp_path / "proxy.mp4")
    assert (tmp_path / "proxy.mp4").read_bytes() == b"made"
    assert not temporary.exists()
    with pytest.raises(Missing):
        durable.publish_file(temporary, tmp_path / "proxy.mp4")


def test_the_order_is_write_sync_rename_sync_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    real_sync, real_replace = os.fsync, Path.replace

    def sync(handle: int) -> None:
        steps.append("folder" if Path(f"/proc/self/fd/{handle}").is_dir() else "file")
        real_sync(handle)

    def replace(self: Path, target: Path) -> Path:
        steps.append("rename")
        return real_replace(self, target)

    monkeypatch.setattr(os, "fsync", sync)
    monkeypatch.setattr(Path, "replace", replace)
    durable.write_file(tmp_path / "a", b"x")
    assert steps == ["file", "rename", "folder"]
