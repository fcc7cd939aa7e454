"""Rushes' own folders are no footage: refused as volumes, skipped inside one, however they are reached."""

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core.catalog.database import Catalog
from app.core.ingest.own_folders import REASON, OwnFolders
from app.core.ingest.scanning import Scanner
from app.core.ingest.watching import Place, Watcher
from app.core.model.entities import Volume
from app.core.model.errors import Refused
from app.core.platform import settings as settings_file
from app.core.services import Services
from tests.support.volumes import Desk, later, put


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    """Services whose data folder, proxy store and models lie apart, each with something that looks like footage."""
    home = tmp_path / "disk" / "data" / "home"
    home.mkdir(parents=True)
    settings_file.set_value(home, "derivatives.store", str(tmp_path / "disk" / "store"))
    monkeypatch.setenv("RUSHES_MODELS", str(tmp_path / "disk" / "models"))
    with contextlib.closing(Services(home)) as services:
        for folder in (home / "made", services.store.root / "made", tmp_path / "disk" / "models"):
            put(folder, "looks like footage.wav")
        put(tmp_path / "disk", "day/one.wav")
        yield services


def _paths(catalog: Catalog, *, missing: bool = False) -> set[str]:
    with catalog.read() as reader:
        rows = reader.all("SELECT path FROM file WHERE (state = 'missing') = ?", missing)
    return {bytes(row[0]).decode() if isinstance(row[0], bytes) else str(row[0]) for row in rows}


def test_a_volume_in_an_own_folder_is_refused(opened: Services, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(opened.home)
    store, models = opened.store.root, tmp_path / "disk" / "models"
    for folder in (opened.home, opened.home / "made", link, store, store / "made", models):
        with pytest.raises(Refused) as caught:
            opened.volumes.add(folder)
        assert caught.value.title == "Rushes' own folder"
        assert caught.value.todo
    assert opened.volumes.every() == []


def test_own_folders_inside_a_volume_are_skipped_with_their_reason(
    opened: Services, tmp_path: Path
) -> None:
    volume = opened.volumes.add(tmp_path / "disk")
    report = opened.scanner.scan(volume.id)
    assert _paths(opened.catalog) == {"day/one.wav"}
    desk = opened.store.root.name
    skipped = {s.path for s in report.skipped if s.reason == REASON}
    assert skipped == {"data/home", f"store/{desk}", "models"}
    put(tmp_path / "disk", "data/home/made/two.wav")
    opened.scanner.scan_folders(volume.id, [("data/home/made", True), ("data", True)])
    assert _paths(opened.catalog) == {"day/one.wav"}


def test_another_name_of_an_own_folder_is_told_by_its_identity(
    desk: Desk, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(root, "other name/made.wav")
    put(root, "good.wav")
    own = OwnFolders(root / "usual name")
    # As through a bind mount: the same folder, and a path that says nothing.
    info = (root / "other name").stat()
    keys = frozenset({(info.st_dev, info.st_ino)})
    monkeypatch.setattr(own, "_look", lambda: (frozenset[str](), keys))
    desk.volumes.own = own
    volume = desk.add(root)
    assert _paths(desk.catalog) == {"good.wav"}
    desk.hint(volume, "other name", deep=True)
    assert _paths(desk.catalog) == {"good.wav"}
    with pytest.raises(Refused) as caught:
        desk.volumes.map(volume.id, root / "other name")
    assert caught.value.title == "Rushes' own folder"


def _known_from_before(desk: Desk, root: Path) -> Volume:
    """A volume of which an own folder was catalogued."""
    put(root, "own/made/one.wav")
    put(root, "good.wav", at=1)
    later(desk)
    volume = desk.add(root)
    assert _paths(desk.catalog) == {"own/made/one.wav", "good.wav"}
    desk.volumes.own = OwnFolders(root / "own")
    return volume


def test_what_was_taken_from_there_before_goes(desk: Desk, root: Path) -> None:
    volume = _known_from_before(desk, root)
    desk.look(volume)
    assert _paths(desk.catalog) == {"good.wav"}
    assert _paths(desk.catalog, missing=True) == {"own/made/one.wav"}


def test_a_quick_pass_takes_nothing_from_there(desk: Desk, root: Path) -> None:
    volume = _known_from_before(desk, root)
    put(root, "own/made/two.wav", at=2)
    report = desk.scanner.quick(volume.id)
    assert not report.unclear
    assert _paths(desk.catalog) == {"own/made/one.wav", "good.wav"}
    put(root, "day/three.wav", at=3)
    later(desk)
    assert not desk.scanner.quick(volume.id).unclear
    assert _paths(desk.catalog) == {"day/three.wav", "good.wav"}


def test_a_volume_that_was_added_in_an_own_folder_stands_still(desk: Desk, root: Path) -> None:
    volume = desk.add(root)
    desk.volumes.own = OwnFolders(root.parent)
    put(root, "made.wav")
    report = Scanner(desk.catalog, desk.volumes).scan(volume.id)
    assert not report.online
    assert "own folder" in desk.volumes.get(volume.id).watcher
    assert _paths(desk.catalog) == set()


def test_the_sample_is_footage_in_the_data_folder(tmp_path: Path) -> None:
    day = tmp_path / "day-1" / "Harbour film"
    day.mkdir(parents=True)
    assert OwnFolders(tmp_path).around(day) == ""
    assert OwnFolders(tmp_path).around(tmp_path / "day") == str(tmp_path)


def test_changes_in_an_own_folder_are_no_hints(desk: Desk, root: Path) -> None:
    put(root, "own/catalog.wav")
    put(root, "day/one.wav")
    volume = desk.add(root)
    watcher = Watcher(desk.catalog, OwnFolders(root / "own"))
    with contextlib.closing(watcher):
        watcher.keep(desk.volumes.every())
        put(root, "own/catalog.wav", "other words")
        put(root, "own/new/one.wav")
        put(root, "day/two.wav")
        while not watcher.ready():
            time.sleep(0.02)
        assert watcher.take(volume.id) == [Place("day", deep=False)]


def test_the_catalog_that_is_written_is_no_change_of_the_volume_around_it(
    opened: Services, tmp_path: Path
) -> None:
    volume = opened.volumes.add(tmp_path / "disk")
    opened.watcher.keep(opened.volumes.every())
    opened.volumes.change(volume.id, name="Other name")
    put(tmp_path / "disk", "day/two.wav")
    while not opened.watcher.ready():
        time.sleep(0.02)
    assert opened.watcher.take(volume.id) == [Place("day", deep=False)]
