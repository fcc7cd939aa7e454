"""Absence is a state: offline, missing, back; a clip stands as its best copy does."""

import pytest

from app.core.catalog import calling, clips, files, library, renditions, volumes
from app.core.catalog.database import Catalog
from app.core.catalog.rows import Tx
from app.core.model.entities import Clip
from app.core.model.media import ClipState, FileState
from app.core.review.notes import Notes
from tests.support import catalogs
from tests.support.catalogs import add_clip, add_file, add_volume, read_whole, record


def _get(catalog: Catalog, clip: str) -> Clip:
    with catalog.read() as reader:
        found = library.get(reader, clip)
    assert found
    return found


def _online(catalog: Catalog, volume: str, online: bool) -> None:
    def act(tx: Tx) -> None:
        volumes.set_online(tx, volume, online)
        clips.refresh_volume(tx, volume)

    catalog.write(act)


def _gone(catalog: Catalog, *rows: int) -> None:
    def act(tx: Tx) -> None:
        files.missing(tx, rows)
        clips.refresh_states(tx, [str(i) for i in tx.column("SELECT id FROM clip")])

    catalog.write(act)


@pytest.fixture
def volume(catalog: Catalog) -> str:
    return add_volume(catalog)


def test_a_clip_goes_offline_with_its_volume_and_comes_back(catalog: Catalog, volume: str) -> None:
    clip = add_clip(catalog, volume, state=ClipState.DAMAGED)
    _online(catalog, volume, False)
    assert _get(catalog, clip).state is ClipState.OFFLINE
    (place,) = _get(catalog, clip).files
    assert (place.state, place.absolute) == (FileState.OFFLINE, None)
    _online(catalog, volume, True)
    assert _get(catalog, clip).state is ClipState.DAMAGED, "as it was"


def test_a_copy_elsewhere_keeps_it_ready_and_derived(catalog: Catalog, volume: str) -> None:
    other = add_volume(catalog, "Backup")
    first, second = add_clip(catalog, volume), add_clip(catalog, other)
    for clip in (first, second):
        read_whole(catalog, clip, "xxh3-128:11")
    _online(catalog, volume, False)
    assert _get(catalog, first).state is ClipState.READY
    with catalog.read() as reader:
        assert renditions.due(reader, "derive", 1, "", ["video"], policy="wanted", limit=5) == [
            first
        ]
    _online(catalog, other, False)
    assert _get(catalog, first).state is ClipState.OFFLINE
    with catalog.read() as reader:
        assert renditions.due(reader, "derive", 1, "", ["video"], policy="wanted", limit=5) == []


def test_missing_is_worse_than_offline(catalog: Catalog, volume: str) -> None:
    other = add_volume(catalog, "Backup")
    first, second = add_clip(catalog, volume), add_clip(catalog, other)
    for clip in (first, second):
        read_whole(catalog, clip, "xxh3-128:11")
    _online(catalog, other, False)
    _gone(catalog, 1)
    assert _get(catalog, first).state is ClipState.OFFLINE
    _gone(catalog, 2)
    assert _get(catalog, first).state is ClipState.MISSING


def test_a_missing_file_that_is_back_is_ready_with_its_notes(catalog: Catalog, volume: str) -> None:
    clip = add_clip(catalog, volume)
    Notes(catalog).add(clip, 0, None, "hm")
    _gone(catalog, 1)
    assert _get(catalog, clip).state is ClipState.MISSING
    assert _get(catalog, clip).files[0].state is FileState.MISSING

    def back(tx: Tx) -> None:
        files.back(tx, [(1, 7)])
        clips.refresh_states(tx, [clip])

    catalog.write(back)
    assert _get(catalog, clip).state is ClipState.READY
    assert len(Notes(catalog).of_clip(clip)) == 1


def test_a_clip_of_parts_is_what_assembly_says_once_one_is_gone(
    catalog: Catalog, volume: str
) -> None:
    rows = [add_file(catalog, volume, f"GX0{n}0012.MP4") for n in (1, 2)]
    clip = catalog.write(lambda tx: clips.put(tx, record(volume, "GX010012.MP4", rows)))
    _gone(catalog, rows[1])
    assert _get(catalog, clip).state is ClipState.MISSING

    def assemble(tx: Tx) -> str:
        lacking = record(
            volume,
            "GX010012.MP4",
            rows[:1],
            state=ClipState.DAMAGED,
            problem="chapter 2 is missing",
        )
        return clips.put(tx, lacking)

    assert catalog.write(assemble) == clip
    assert _get(catalog, clip).state is ClipState.DAMAGED
    assert [f.path for f in _get(catalog, clip).files] == ["GX010012.MP4"]


def test_the_copy_that_is_left_gives_the_clip_its_name(catalog: Catalog, volume: str) -> None:
    other = add_volume(catalog, "Backup")
    first, second = (
        add_clip(catalog, volume, "A001.mov"),
        add_clip(catalog, other, "safe/copy of A001.mov"),
    )
    for clip in (first, second):
        read_whole(catalog, clip, "xxh3-128:11")
    assert _get(catalog, first).name == "A001"
    _gone(catalog, 1)
    with catalog.read() as reader:
        waiting = {(volume_id, folder) for volume_id, folder, _ in files.dirty_folders(reader)}
    assert (other, "safe") in waiting
    catalog.write(lambda tx: clips.put(tx, record(other, "safe/copy of A001.mov", [2])))
    assert _get(catalog, first).name == "copy of A001"


def test_clips_without_files_go_but_those_with_words_stay(catalog: Catalog, volume: str) -> None:
    plain, noted = add_clip(catalog, volume, "a.mov"), add_clip(catalog, volume, "b.mov")
    Notes(catalog).add(noted, 0, None, "hm")

    def act(tx: Tx) -> None:
        clips.left_over(tx, [1, 2])
        clips.retire_empty(tx, [plain, noted])

    catalog.write(act)
    with catalog.read() as reader:
        rows = dict(reader.all("SELECT id, retired FROM clip"))
        assert rows == {plain: 1, noted: 0}
        assert library.counts(reader) == (1, 10_000)
        assert calling.resolve(reader, "b") == noted
    assert _get(catalog, noted).state is ClipState.MISSING
    assert catalogs.snapshot(catalog)["note"]
