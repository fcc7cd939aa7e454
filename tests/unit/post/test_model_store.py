"""The model store on made-up models: places, order, hashes, what it says when there is nothing."""

from pathlib import Path

import pytest

from app.core.model.errors import BadData, Cancelled, Missing, NoRoom, Refused
from app.core.platform import paths
from app.core.post.models import storage
from app.core.post.models.registry import LOADED_NAMES, WEIGHTS, load_registry
from app.core.post.models.store import ModelStore, Place
from tests.support import model_factory as factory


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    return ModelStore(tmp_path / "store", factory.registry())


def test_the_shipped_registry_pins_every_file() -> None:
    registry = load_registry(paths.resource("models/registry.toml"))
    assert {spec.id for spec in registry.models} >= {"base", "small", "medium", "large-v3-turbo"}
    for spec in registry.models:
        for release in spec.releases:
            names = {file.name for file in release.files}
            assert WEIGHTS in names
            assert names <= LOADED_NAMES
            assert release.repo or release.packs
            assert len(release.revision) == (40 if release.repo else 0)
            for pack in release.packs:
                assert set(pack.pieces) == names


def test_an_unknown_model_names_the_known_ones(store: ModelStore) -> None:
    with pytest.raises(Refused) as caught:
        store.resolve("huge")
    assert caught.value.choices == ("toy",)


def test_nothing_here_says_both_ways(store: ModelStore) -> None:
    with pytest.raises(Missing) as caught:
        store.resolve("toy")
    assert "rushes model get toy" in caught.value.todo
    assert "rushes model add FOLDER" in caught.value.todo
    assert [status.place for status in store.list_models()] == [Place.NOWHERE]


def test_a_model_in_the_store_is_found_and_remembered(store: ModelStore, tmp_path: Path) -> None:
    folder = factory.lay_out(tmp_path / "store" / "toy")
    found = store.resolve("toy")
    assert found.folder == folder
    assert found.identity.startswith("toy@")
    assert str(folder / "model.bin") in factory.remembered(tmp_path / "store")
    assert store.list_models()[0].place is Place.HERE


def test_a_changed_file_is_hashed_again_and_refused(store: ModelStore, tmp_path: Path) -> None:
    weights = factory.lay_out(tmp_path / "store" / "toy") / "model.bin"
    store.resolve("toy")
    weights.write_bytes(weights.read_bytes()[::-1])
    with pytest.raises(Missing):
        store.resolve("toy")


def test_an_untouched_file_is_not_hashed_again(
    store: ModelStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    factory.lay_out(tmp_path / "store" / "toy")
    store.resolve("toy")

    def fail(*_: object) -> str:
        pytest.fail("hashed again")

    monkeypatch.setattr("app.core.post.models.verifying.sha256_of", fail)
    fresh = ModelStore(tmp_path / "store", factory.registry())
    assert fresh.resolve("toy").spec.id == "toy"


def test_a_file_the_loader_would_pick_up_must_be_pinned(store: ModelStore, tmp_path: Path) -> None:
    folder = factory.lay_out(tmp_path / "store" / "toy")
    (folder / "tokenizer.json").write_text("{}")
    with pytest.raises(Missing):
        store.resolve("toy")


def test_an_added_folder_comes_first_and_survives_a_restart(
    store: ModelStore, tmp_path: Path
) -> None:
    factory.lay_out(tmp_path / "store" / "toy")
    deep = tmp_path / "stick" / "models--acme--toy" / "snapshots" / "0123abcd"
    factory.lay_out(deep)
    assert store.add_folder(tmp_path / "stick") == ("toy",)
    assert ModelStore(tmp_path / "store", factory.registry()).resolve("toy").folder == deep


def test_an_added_folder_that_is_gone_is_passed_over(store: ModelStore, tmp_path: Path) -> None:
    stick = factory.lay_out(tmp_path / "stick")
    store.add_folder(stick)
    stick.rename(tmp_path / "unplugged")
    here = factory.lay_out(tmp_path / "store" / "toy")
    assert store.resolve("toy").folder == here


def test_a_folder_with_other_bytes_is_refused(store: ModelStore, tmp_path: Path) -> None:
    wrong = {**factory.CONTENTS, "model.bin": factory.CONTENTS["model.bin"][::-1]}
    with pytest.raises(Refused):
        store.add_folder(factory.lay_out(tmp_path / "stick", wrong))
    with pytest.raises(Missing):
        store.add_folder(tmp_path / "nowhere")
    assert store.folders() == ()


def test_packages_are_joined_without_being_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pack = factory.make_packages(tmp_path / "site")
    monkeypatch.syspath_prepend(tmp_path / "site")
    store = ModelStore(tmp_path / "store", factory.registry((pack,)))
    assert store.list_models()[0].place is Place.PACKAGES
    seen: list[int] = []
    found = store.get("toy", lambda done, _total: seen.append(done))
    assert (found.folder / "model.bin").read_bytes() == factory.CONTENTS["model.bin"]
    assert seen == sorted(seen)
    assert seen[-1] == found.release.size
    assert not list(found.folder.glob("*.part"))


def test_a_damaged_package_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pack = factory.make_packages(tmp_path / "site")
    monkeypatch.syspath_prepend(tmp_path / "site")
    piece = tmp_path / "site" / "toy_part2" / "data" / "b"
    piece.write_bytes(piece.read_bytes()[::-1])
    store = ModelStore(tmp_path / "store", factory.registry((pack,)))
    with pytest.raises(BadData):
        store.resolve("toy")
    assert not (tmp_path / "store" / "toy" / "model.bin").exists()


def test_joining_can_be_called_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pack = factory.make_packages(tmp_path / "site")
    monkeypatch.syspath_prepend(tmp_path / "site")
    store = ModelStore(tmp_path / "store", factory.registry((pack,)))
    with pytest.raises(Cancelled):
        store.get("toy", cancelled=lambda: True)


def test_a_full_disk_is_said_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pack = factory.make_packages(tmp_path / "site")
    monkeypatch.syspath_prepend(tmp_path / "site")
    monkeypatch.setattr(storage, "_RESERVE", 1 << 62)
    store = ModelStore(tmp_path / "store", factory.registry((pack,)))
    with pytest.raises(NoRoom) as caught:
        store.get("toy")
    assert "RUSHES_MODELS" in caught.value.todo


def test_a_store_that_cannot_remember_still_serves(store: ModelStore, tmp_path: Path) -> None:
    folder = factory.lay_out(tmp_path / "store" / "toy")
    (tmp_path / "store" / "verified.json").mkdir()
    assert store.resolve("toy").folder == folder
