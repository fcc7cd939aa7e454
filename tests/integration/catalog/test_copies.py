"""Further copies: a folder lists every clip that has a file there, by the name it has there, and counts what it lists."""

import pytest

from app.core.catalog import (
    calling,
    clips,
    copies,
    files,
    library,
    places,
    projects,
    query_language,
    search,
    volumes,
)
from app.core.catalog.database import Catalog
from app.core.catalog.places import Place
from app.core.catalog.rows import Tx
from app.core.model.entities import Clip, ClipCard
from app.core.model.media import ClipState
from tests.support.catalogs import PROJECT, add_clip, add_volume, read_whole, record

ONE, OTHER = "xxh3-128:11", "xxh3-128:22"


@pytest.fixture
def volume(catalog: Catalog) -> str:
    return add_volume(catalog, "NAS")


@pytest.fixture
def backup(catalog: Catalog) -> str:
    return add_volume(catalog, "Backup")


def _cards(catalog: Catalog, place: Place, sort: str = "name") -> list[ClipCard]:
    """As the library page shows a place."""
    with catalog.read() as reader:
        called = places.called(reader, place)
        rows, _ = places.listed(reader, places.condition(place, PROJECT), sort, called=called)
        window = places.called(reader, place, rows)
        assert window == called
        return library.cards(reader, rows, PROJECT, "store", window)


def _names(catalog: Catalog, place: Place) -> list[tuple[str, str]]:
    return [(card.folder, card.name) for card in _cards(catalog, place)]


def _found(catalog: Catalog, words: str) -> set[str]:
    where, bound = search.condition(query_language.parse(words), PROJECT)
    with catalog.read() as reader:
        return {
            str(i)
            for i in reader.column(f"SELECT id FROM clip c WHERE retired = 0 AND {where}", *bound)
        }


def _copy(catalog: Catalog, of: str, volume: str, path: str, full_hash: str = ONE) -> str:
    """A further copy of a clip, proven by reading it whole; returns the id that it had before."""
    fresh = add_clip(catalog, volume, path)
    read_whole(catalog, fresh, full_hash)
    with catalog.read() as reader:
        assert calling.resolve(reader, fresh) == of
    return fresh


@pytest.fixture
def clip(catalog: Catalog, volume: str) -> str:
    made = add_clip(catalog, volume, "A001/A001C001.mov")
    read_whole(catalog, made, ONE)
    return made


def test_each_folder_lists_the_clip_by_its_name_there(
    catalog: Catalog, volume: str, backup: str, clip: str
) -> None:
    _copy(catalog, clip, volume, "DESK/copy of it.mov")
    _copy(catalog, clip, backup, "day 1/A001C001.mov")
    assert _names(catalog, Place("folder", volume, "A001")) == [("A001", "A001C001")]
    assert _names(catalog, Place("folder", volume, "DESK")) == [("DESK", "copy of it")]
    assert _names(catalog, Place("folder", backup, "day 1")) == [("day 1", "A001C001")]
    assert _names(catalog, Place("volume", backup)) == [("day 1", "A001C001")]
    assert _names(catalog, Place("volume", volume)) == [("A001", "A001C001")]
    assert _names(catalog, Place()) == [("A001", "A001C001")]
    (card,) = _cards(catalog, Place("folder", volume, "DESK"))
    assert card.id == clip, "whatever it is called there, it is the one clip"


def test_a_folder_is_not_its_neighbour_nor_the_one_above(
    catalog: Catalog, volume: str, clip: str
) -> None:
    _copy(catalog, clip, volume, "DESK/in/copy.mov")
    for path in ("DES", "DESK/i", "DESK/in/copy.mov", "in", "A001/DESK"):
        assert _names(catalog, Place("folder", volume, path)) == []
    for path in ("DESK", "DESK/in"):
        assert _names(catalog, Place("folder", volume, path)) == [("DESK/in", "copy")]


def test_by_name_a_copy_stands_where_its_name_there_belongs(
    catalog: Catalog, volume: str, clip: str
) -> None:
    for path in ("DESK/m.mov", "DESK/z.mov"):
        read_whole(catalog, add_clip(catalog, volume, path), f"xxh3-128:{path}")
    _copy(catalog, clip, volume, "DESK/n copy.mov")
    desk = Place("folder", volume, "DESK")
    assert [card.name for card in _cards(catalog, desk)] == ["m", "n copy", "z"]
    with catalog.read() as reader:
        called = places.called(reader, desk)
        rows, _ = places.listed(
            reader, places.condition(desk, PROJECT), "name", descending=True, called=called
        )
        cards = library.cards(reader, rows, PROJECT, "store", called)
    assert [card.name for card in cards] == ["z", "n copy", "m"]


def test_counts_say_what_a_click_shows(
    catalog: Catalog, volume: str, backup: str, clip: str
) -> None:
    """Two copies below one folder are one clip of it; in each of the two folders they are one."""
    _copy(catalog, clip, volume, "A001/again.mov")
    _copy(catalog, clip, volume, "DESK/x/one.mov")
    _copy(catalog, clip, volume, "DESK/y/two.mov")
    _copy(catalog, clip, volume, "DESK/y/three.mov")
    read_whole(catalog, add_clip(catalog, volume, "DESK/y/own.mov"), OTHER)
    _copy(catalog, clip, backup, "four.mov")
    with catalog.read() as reader:
        direct = dict(places.folders(reader, volume))
        doubles = copies.doubles(reader, volume)
        known = {v.name: v for v in volumes.every(reader)}
    assert direct == {"A001": 1, "DESK/x": 1, "DESK/y": 2}
    for path in ("A001", "DESK", "DESK/x", "DESK/y"):
        below = sum(n for at, n in direct.items() if at == path or at.startswith(f"{path}/"))
        shown = _cards(catalog, Place("folder", volume, path))
        assert len(shown) == below - doubles.get(path, 0), path
        assert len({card.id for card in shown}) == len(shown)
    for one in (volume, backup):
        named = "NAS" if one == volume else "Backup"
        assert known[named].clips == len(_cards(catalog, Place("volume", one)))
    assert (known["NAS"].clips, known["NAS"].copies) == (2, 4)
    assert (known["Backup"].clips, known["Backup"].copies) == (1, 1)


def test_the_search_narrows_by_every_folder_name_and_volume(
    catalog: Catalog, volume: str, backup: str, clip: str
) -> None:
    own = add_clip(catalog, volume, "DESK/own.mov")
    read_whole(catalog, own, OTHER)
    _copy(catalog, clip, volume, "DESK/in/copy of it.mov")
    _copy(catalog, clip, backup, "b/third.mov")
    assert _found(catalog, "folder:DESK") == {clip, own}
    assert _found(catalog, "folder:DESK/in") == {clip}
    assert _found(catalog, "folder:A001") == {clip}
    assert _found(catalog, "-folder:DESK") == set()
    assert _found(catalog, 'name:"copy of*"') == {clip}
    assert _found(catalog, "volume:Backup") == {clip}
    assert _found(catalog, "volume:NAS") == {clip, own}
    assert _found(catalog, "is:duplicate") == {clip}


def test_a_clip_is_online_while_one_copy_is(
    catalog: Catalog, volume: str, backup: str, clip: str
) -> None:
    _copy(catalog, clip, backup, "b/A001C001.mov")

    def online(which: str, there: bool) -> Clip | None:
        def act(tx: Tx) -> None:
            volumes.set_online(tx, which, there)
            clips.refresh_volume(tx, which)

        catalog.write(act)
        with catalog.read() as reader:
            return library.get(reader, clip)

    for which, there, wanted in (
        (volume, False, ClipState.READY),
        (backup, False, ClipState.OFFLINE),
        (volume, True, ClipState.READY),
    ):
        found = online(which, there)
        assert found is not None
        assert found.state is wanted
    assert _found(catalog, "state:offline") == set()
    assert _names(catalog, Place("volume", backup)) == [("b", "A001C001")], "away, it stays listed"


def test_a_copy_that_goes_is_listed_no_more_and_the_next_gives_the_name(
    catalog: Catalog, volume: str, clip: str
) -> None:
    _copy(catalog, clip, volume, "DESK/copy.mov")
    row = {path: n for n, path in _rows(catalog)}
    catalog.write(lambda tx: files.missing(tx, [row["DESK/copy.mov"]]))
    assert _names(catalog, Place("folder", volume, "DESK")) == []

    def back_and_first_away(tx: Tx) -> None:
        files.back(tx, [(row["DESK/copy.mov"], 7)])
        files.missing(tx, [row["A001/A001C001.mov"]])
        clips.put(tx, record(volume, "DESK/copy.mov", [row["DESK/copy.mov"]]))

    catalog.write(back_and_first_away)
    assert _names(catalog, Place()) == [("DESK", "copy")]
    assert _names(catalog, Place("folder", volume, "A001")) == []

    def first_back(tx: Tx) -> None:
        files.back(tx, [(row["A001/A001C001.mov"], 8)])
        clips.put(tx, record(volume, "A001/A001C001.mov", [row["A001/A001C001.mov"]]))

    catalog.write(first_back)
    assert _names(catalog, Place("folder", volume, "A001")) == [("A001", "A001C001")]
    assert _names(catalog, Place()) == [("DESK", "copy")]


def test_a_renamed_copy_is_called_as_it_is_now(catalog: Catalog, volume: str, clip: str) -> None:
    _copy(catalog, clip, volume, "DESK/copy.mov")
    row = {path: n for n, path in _rows(catalog)}["DESK/copy.mov"]

    def rename(tx: Tx) -> None:
        tx.run("UPDATE file SET path = ?, folder = ? WHERE n = ?", b"EDIT/better.mov", b"EDIT", row)
        clips.put(tx, record(volume, "EDIT/better.mov", [row]))

    catalog.write(rename)
    assert _names(catalog, Place("folder", volume, "DESK")) == []
    assert _names(catalog, Place("folder", volume, "EDIT")) == [("EDIT", "better")]


def test_a_copy_that_proves_different_is_a_clip_of_its_own(
    catalog: Catalog, volume: str, clip: str
) -> None:
    _copy(catalog, clip, volume, "DESK/copy.mov")
    row = {path: n for n, path in _rows(catalog)}["DESK/copy.mov"]

    def other_bytes(tx: Tx) -> None:
        tx.run("UPDATE file SET clip_id = NULL, full_hash = ? WHERE n = ?", OTHER, row)
        clips.put(tx, record(volume, "DESK/copy.mov", [row]))

    catalog.write(other_bytes)
    (card,) = _cards(catalog, Place("folder", volume, "DESK"))
    assert (card.id != clip, card.name) == (True, "copy")
    with catalog.read() as reader:
        assert copies.total(reader) == 0


def test_info_says_which_file_is_a_further_copy(catalog: Catalog, volume: str, clip: str) -> None:
    _copy(catalog, clip, volume, "DESK/copy.mov")
    with catalog.read() as reader:
        found = library.get(reader, clip, projects.current(reader))
    assert found is not None
    assert {f.path: f.copy for f in found.files} == {
        "A001/A001C001.mov": False,
        "DESK/copy.mov": True,
    }


def _rows(catalog: Catalog) -> list[tuple[int, str]]:
    with catalog.read() as reader:
        return [
            (int(n), bytes(path).decode()) for n, path in reader.tuples("SELECT n, path FROM file")
        ]
