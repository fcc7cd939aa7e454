"""Results get their names whole, and what a killed process left is swept away."""

import os
from pathlib import Path

import pytest

from app.core.files import publish
from app.core.model.errors import Missing
from app.core.platform import durable


def _gone(name: str) -> str:
    return name.replace(f"-{os.getpid():x}-", "-7fffffff-")


def test_a_written_file_is_as_open_as_the_umask_allows(tmp_path: Path) -> None:
    umask = os.umask(0o022)
    try:
        publish.atomic_write(tmp_path / "cut.otio", b"{}")
    finally:
        os.umask(umask)
    assert (tmp_path / "cut.otio").stat().st_mode & 0o777 == 0o644


def test_a_folder_is_published_whole(tmp_path: Path) -> None:
    final = tmp_path / "store" / "ab" / "clip"
    with publish.temporary_folder(tmp_path / "store") as folder:
        (folder / "deep").mkdir()
        (folder / "deep" / "proxy.mp4").write_bytes(b"one")
        publish.publish_folder(folder, final)
    assert (final / "deep" / "proxy.mp4").read_bytes() == b"one"
    assert sorted(entry.name for entry in (tmp_path / "store").iterdir()) == ["ab"]


def test_a_folder_takes_the_place_of_an_older_one(tmp_path: Path) -> None:
    final = tmp_path / "clip"
    for content in (b"one", b"two"):
        with publish.temporary_folder(tmp_path) as folder:
            (folder / content.decode()).write_bytes(content)
            publish.publish_folder(folder, final)
    assert [entry.name for entry in final.iterdir()] == ["two"]
    assert [entry.name for entry in tmp_path.iterdir()] == ["clip"]


def test_a_folder_that_is_not_published_is_gone(tmp_path: Path) -> None:
    with publish.temporary_folder(tmp_path) as folder:
        (folder / "half").write_bytes(b"x")
    assert list(tmp_path.iterdir()) == []


def test_everything_is_durable_before_the_name_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    sync_file, sync_folder, rename = durable.sync_file, durable.sync_folder, Path.rename
    monkeypatch.setattr(
        durable, "sync_file", lambda path: (steps.append(f"file {path.name}"), sync_file(path))
    )
    monkeypatch.setattr(
        durable, "sync_folder", lambda path: (steps.append("folder"), sync_folder(path))
    )
    monkeypatch.setattr(
        Path, "rename", lambda self, to: (steps.append("rename"), rename(self, to))[1]
    )
    with publish.temporary_folder(tmp_path) as folder:
        (folder / "a").write_bytes(b"x")
        publish.publish_folder(folder, tmp_path / "final")
    assert steps == ["file a", "folder", "rename", "folder"]


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Missing), publish.temporary_folder(tmp_path / "file"):
        pass


def test_only_leavings_of_the_dead_are_swept(tmp_path: Path) -> None:
    keep = ["clip.mov", "clip.mov.part", ".rushes-notes.tmp", durable.temporary_name()]
    for name in keep:
        (tmp_path / name).touch()
    (tmp_path / _gone(durable.temporary_name())).write_bytes(b"half")
    folder = tmp_path / _gone(durable.temporary_name())
    folder.mkdir()
    (folder / "half").touch()
    (folder / "out").symlink_to(tmp_path / "clip.mov")
    (tmp_path / _gone(durable.temporary_name())).symlink_to(tmp_path / "clip.mov")
    assert publish.sweep(tmp_path) == 3
    assert sorted(entry.name for entry in tmp_path.iterdir()) == sorted(keep)
    assert publish.sweep(tmp_path / "no such folder") == 0
