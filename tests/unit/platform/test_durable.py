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
    assert all(durable.is_temporary(name) and len(name) < 30 for name in names)
    assert not durable.is_temporary("clip.mov.part")


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
