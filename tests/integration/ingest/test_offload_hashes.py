"""What an offload read back from a disk is not read a second time for the catalog."""

from pathlib import Path

import pytest

from app.core.files import hashing
from app.core.ingest.offload_plan import Choices
from app.core.ingest.offloads import Offloads
from app.core.model.offloads import OffloadState, Verify
from tests.support.volumes import Desk, put

SOUNDS = ("A/one.wav", "A/two.wav", "three.wav")


def _shot(tmp_path: Path) -> Path:
    card = tmp_path / "shot"
    for name in SOUNDS:
        put(card, name, words=name)
    return card


def _offload(desk: Desk, tmp_path: Path, root: Path, verify: Verify = Verify.TWICE) -> None:
    offloads = Offloads(desk.catalog)
    planned = offloads.plan(_shot(tmp_path), [root], Choices("A001", verify))
    assert offloads.run(offloads.begin(planned)).state is OffloadState.DONE


def _counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    read: list[str] = []
    real = hashing.full_hash

    def counted(stream: hashing.Stream, **more: object) -> str:
        read.append(Path(str(stream.name)).name)
        return real(stream, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(hashing, "full_hash", counted)
    return read


def _hashes(desk: Desk) -> dict[str, str | None]:
    return {f.path: f.hash for clip in desk.clips().values() for f in clip.files}


def test_what_was_read_back_is_known_to_the_catalog(
    desk: Desk, tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _offload(desk, tmp_path, root)
    read = _counted(monkeypatch)
    desk.look(desk.add(root), hashes=True)
    assert read == []
    with (root / "A001/three.wav").open("rb", buffering=0) as stream:
        truth = hashing.full_hash(stream)
    assert _hashes(desk)["A001/three.wav"] == truth
    assert set(_hashes(desk)) == {f"A001/{name}" for name in SOUNDS}


def test_what_was_not_read_back_or_changed_since_is_read(
    desk: Desk, tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _offload(desk, tmp_path, root)
    put(root, "A001/three.wav", words="another", at=5)
    read = _counted(monkeypatch)
    desk.look(desk.add(root), hashes=True)
    assert read == ["three.wav"]


def test_what_was_copied_and_not_verified_is_read(
    desk: Desk, tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _offload(desk, tmp_path, root, Verify.NOTHING)
    read = _counted(monkeypatch)
    desk.look(desk.add(root), hashes=True)
    assert sorted(read) == ["one.wav", "three.wav", "two.wav"]
