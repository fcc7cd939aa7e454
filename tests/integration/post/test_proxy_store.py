"""The proxy store: room is kept, the least used goes first and comes back when opened, what nothing names is swept."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core.catalog import clips, library, renditions
from app.core.catalog.database import Catalog
from app.core.catalog.ports import ArtifactKey
from app.core.catalog.renditions import Made
from app.core.catalog.rows import Tx
from app.core.checking import Checker
from app.core.model.media import RenditionKind
from app.core.platform.preferences import Derivatives
from app.core.post.store import ProxyStore
from tests.support import catalogs
from tests.support.jobs import run_all

PARAMS = "720p fast"
MADE = {RenditionKind.PROXY: 4000, RenditionKind.SPEECH: 1000, RenditionKind.POSTER: 500}


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    with catalogs.opened(tmp_path / "home") as opened:
        catalogs.settle_in(opened)
        yield opened


def write_down(catalog: Catalog, clip: str) -> None:
    """As if its speech had been transcribed: the sound of it is not needed any more."""
    catalog.write(
        lambda tx: tx.run(
            "INSERT INTO transcript SELECT content_id, 'base', 1, 'en', '{}', 0 FROM clip WHERE id = ?",
            clip,
        )
    )


class Desk:
    """A store with the derived files of some clips."""

    def __init__(self, catalog: Catalog, home: Path, settings: Derivatives) -> None:
        self.catalog, self.store = catalog, ProxyStore(catalog, home, settings)
        volume = catalogs.add_volume(catalog)
        self.clips = [catalogs.add_clip(catalog, volume, f"A00{n}.mov") for n in range(3)]
        for clip in self.clips:
            self.derive(clip)

    def content(self, clip: str) -> str:
        with self.catalog.read() as reader:
            found = renditions.content_of(reader, clip)
        assert found
        return found

    def derive(self, clip: str, params: str = PARAMS) -> None:
        key = ArtifactKey(self.content(clip), "derive", 1, params)
        with self.store.workshop() as folder:
            for kind, size in MADE.items():
                (folder / kind.value).write_bytes(bytes(size))
            self.store.put(key, folder)
        final = self.store.folder(key)
        made = [
            Made(kind, self.store.relative(final / kind.value), size) for kind, size in MADE.items()
        ]

        def act(tx: Tx) -> list[str]:
            return renditions.put(tx, key.content, "derive", 1, params, made)

        self.store.remove(self.catalog.write(act))

    def due(self, params: str = PARAMS) -> list[str]:
        with self.catalog.read() as reader:
            return renditions.due(reader, "derive", 1, params, ["video"], policy="wanted", limit=9)

    def states(self, clip: str) -> dict[str, str]:
        with self.catalog.read() as reader:
            found = library.get(reader, clip)
        assert found
        return {r.kind.value: r.state.value for r in found.renditions}

    def run(self, name: str) -> int:
        (recipe,) = [r for r in self.store.recipes() if r.name == name]
        return run_all(self.catalog, recipe, 20)

    def files(self) -> list[Path]:
        return sorted(p for p in self.store.root.rglob("*") if p.is_file())


@pytest.fixture
def desk(catalog: Catalog, tmp_path: Path) -> Desk:
    return Desk(catalog, tmp_path / "home", Derivatives(reserve_gb=0, reserve_percent=0))


def _cap(desk: Desk, monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    monkeypatch.setattr(
        desk.store.room,
        "over_cap",
        lambda reader, more=0: max(0, renditions.total_size(reader) + more - most),
    )
    desk.catalog.write(lambda tx: tx.run("UPDATE rendition SET used_at = 1"))
    for clip in desk.clips:
        write_down(desk.catalog, clip)


def test_the_least_used_proxy_goes_first_and_posters_never(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    _cap(desk, monkeypatch, 10_000)
    desk.catalog.write(lambda tx: clips.touch_by_person(tx, desk.clips[0]))
    assert desk.run("evict") > 0
    assert desk.states(desk.clips[0]) == {"proxy": "ready", "speech": "ready", "poster": "ready"}
    assert [desk.states(c)["poster"] for c in desk.clips] == ["ready"] * 3
    assert "stale" in {desk.states(c)["proxy"] for c in desk.clips[1:]}
    with desk.catalog.read() as reader:
        assert renditions.total_size(reader) <= 10_000
        assert sum(p.stat().st_size for p in desk.files()) == renditions.total_size(reader)


def test_what_was_evicted_is_made_again_when_it_is_opened_not_before(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    _cap(desk, monkeypatch, 0)
    desk.run("evict")
    assert desk.due() == []
    desk.catalog.write(lambda tx: clips.touch_by_person(tx, desk.clips[1]))
    assert desk.due() == [desk.clips[1]]
    desk.derive(desk.clips[1])
    assert desk.due() == []
    assert desk.states(desk.clips[1])["proxy"] == "ready"


def test_other_parameters_never_overwrite_what_is_recorded(desk: Desk) -> None:
    """A kill between the files and their rows leaves rows that still fit their files."""
    clip = desk.clips[0]
    key = ArtifactKey(desk.content(clip), "derive", 1, "540p fast")
    with desk.store.workshop() as folder:
        (folder / "proxy").write_bytes(b"smaller")
        desk.store.put(key, folder)
    assert Checker(desk.catalog, desk.store).check(read=True).problems == ()
    assert desk.due("540p fast") == desk.clips
    desk.derive(clip, "540p fast")
    assert len([p for p in desk.files() if desk.content(clip) in str(p)]) == len(MADE)


def test_a_lost_rendition_is_found_and_made_again(desk: Desk) -> None:
    checker = Checker(desk.catalog, desk.store)
    assert checker.check().problems == ()
    lost = next(p for p in desk.files() if p.name == "proxy")
    lost.unlink()
    ((words, subject),) = checker.check().problems
    assert "lost" in words
    assert subject.endswith("/proxy")
    checker.repair()
    assert checker.check().problems == ()
    (clip,) = desk.due()
    desk.derive(clip)
    assert desk.due() == []


def test_what_nothing_names_is_swept_once_it_is_old(desk: Desk) -> None:
    orphan = desk.store.put(ArtifactKey("0190-gone", "derive", 1), _folder(desk))
    assert desk.run("tidy") == 1
    assert orphan.is_dir(), "its row may be about to be written"
    old = time.time() - 7200
    for path in desk.store.root.glob("??/*/*"):
        os.utime(path, (old, old))
    assert desk.run("tidy") == 0, "once a day is enough"
    desk.catalog.write(lambda tx: renditions.set_tidied(tx, 0))
    assert desk.run("tidy") == 1
    assert not orphan.exists()
    assert Checker(desk.catalog, desk.store).check().problems == ()


def _folder(desk: Desk) -> Path:
    folder = desk.store.root / "in-work" / "made"
    folder.mkdir(parents=True)
    (folder / "proxy").write_bytes(b"x")
    return folder


def test_desks_on_one_disk_do_not_sweep_each_others_proxies(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    settings = Derivatives(store=str(disk))
    with catalogs.opened(tmp_path / "one") as one, catalogs.opened(tmp_path / "two") as two:
        first, second = (
            Desk(one, tmp_path / "one", settings),
            ProxyStore(two, tmp_path / "two", settings),
        )
        assert first.store.root != second.root
        assert first.store.root.parent == second.root.parent == disk
        assert second.sweep() == 0
        assert ProxyStore(one, tmp_path / "one", settings).root == first.store.root
