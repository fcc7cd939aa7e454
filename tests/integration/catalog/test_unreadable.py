"""A failure to read belongs to the file that was tried: another copy, or another name, is tried before a clip is bad."""

import pytest

from app.core.catalog import attempts, clips, files, library, unreadable, volumes
from app.core.catalog.clips import Measured
from app.core.catalog.database import Catalog
from app.core.catalog.rows import Tx
from app.core.model import facts_json
from app.core.model.entities import Clip
from app.core.model.media import ClipKind, ClipState, MediaFacts
from app.core.post.material import material_of
from tests.support.catalogs import PROJECT, add_clip, add_volume, read_whole, record

HASH = "xxh3-128:11"


def _probed(tx: Tx) -> None:
    facts = facts_json.dump(MediaFacts(kind=ClipKind.STILL))
    tx.run("UPDATE file SET facts = ?, facts_sig = size || ':' || mtime_ns", facts)


@pytest.fixture
def volume(catalog: Catalog) -> str:
    return add_volume(catalog)


@pytest.fixture
def clip(catalog: Catalog, volume: str) -> str:
    """Two copies of equal bytes, the first misnamed."""
    one, two = (add_clip(catalog, volume, path) for path in ("a/wrong.jpg", "b/pic.png"))
    for each in (one, two):
        read_whole(catalog, each, HASH)
    catalog.write(_probed)
    return one


def _get(catalog: Catalog, clip: str) -> Clip:
    with catalog.read() as reader:
        found = library.get(reader, clip, PROJECT)
    assert found is not None
    return found


def _next(catalog: Catalog, clip: str) -> int:
    """The copy that is read next."""
    with catalog.read() as reader:
        return material_of(reader, clip).place


def _fails(catalog: Catalog, clip: str) -> None:
    """What the decode pass records when nothing of a file decodes, and what the engine does then."""
    place = _next(catalog, clip)

    def act(tx: Tx) -> None:
        found = Measured(state=ClipState.BAD, problem="nothing decodes", tried=place)
        clips.set_measured(tx, clip, found)

    catalog.write(act)
    catalog.write(lambda tx: attempts.failed(tx, "derive", clip, {}, passing=False))


def _put(catalog: Catalog, volume: str, path: str, row: int) -> None:
    catalog.write(lambda tx: clips.put(tx, record(volume, path, [row])))


def test_the_other_copy_is_read_before_the_clip_is_bad(catalog: Catalog, clip: str) -> None:
    first = _next(catalog, clip)
    catalog.write(lambda tx: attempts.stopped(tx, "poster", clip, {}))
    _fails(catalog, clip)
    assert _get(catalog, clip).state is ClipState.READY
    assert _next(catalog, clip) != first
    with catalog.read() as reader:
        assert attempts.of(reader, "poster", clip) is None, "the poster is tried with it as well"
    _fails(catalog, clip)
    found = _get(catalog, clip)
    assert (found.state, found.problem) == (ClipState.BAD, "nothing decodes")


def test_a_new_name_is_tried_and_the_old_one_is_not_tried_twice(
    catalog: Catalog, volume: str, clip: str
) -> None:
    first = _next(catalog, clip)
    for _ in range(2):
        _fails(catalog, clip)
    _put(catalog, volume, "a/wrong.jpg", first)
    assert _get(catalog, clip).state is ClipState.BAD, "put together again, nothing is new"

    def rename(tx: Tx) -> None:
        tx.run("UPDATE file SET path = ? WHERE n = ?", b"a/right.png", first)
        clips.put(tx, record(volume, "a/right.png", [first]))

    catalog.write(rename)
    assert _get(catalog, clip).state is ClipState.READY
    assert _next(catalog, clip) == first
    with catalog.read() as reader:
        assert attempts.of(reader, "derive", clip) is None


def test_a_further_copy_that_comes_later_is_tried(catalog: Catalog, volume: str, clip: str) -> None:
    for _ in range(2):
        _fails(catalog, clip)
    late = add_clip(catalog, volume, "c/late.png")
    catalog.write(_probed)
    read_whole(catalog, late, HASH)
    assert _get(catalog, clip).state is ClipState.READY
    with catalog.read() as reader:
        assert material_of(reader, clip).spans[0].name == "late.png"


def test_a_bad_clip_that_merges_into_a_good_one_makes_it_no_worse(
    catalog: Catalog, volume: str
) -> None:
    good, bad = add_clip(catalog, volume, "a/pic.png"), add_clip(catalog, volume, "b/wrong.jpg")
    catalog.write(_probed)
    _fails(catalog, bad)
    assert _get(catalog, bad).state is ClipState.BAD
    for each in (good, bad):
        read_whole(catalog, each, HASH)
    assert _get(catalog, bad).id == good
    assert _get(catalog, good).state is ClipState.READY
    with catalog.read() as reader:
        assert material_of(reader, good).spans[0].name == "pic.png"


def test_a_copy_on_a_volume_that_comes_back_is_tried(catalog: Catalog, volume: str) -> None:
    backup = add_volume(catalog, "Backup")
    one, two = add_clip(catalog, volume, "wrong.jpg"), add_clip(catalog, backup, "pic.png")
    for each in (one, two):
        read_whole(catalog, each, HASH)
    catalog.write(_probed)
    catalog.write(lambda tx: volumes.set_online(tx, backup, online=False))
    _fails(catalog, one)
    assert _get(catalog, one).state is ClipState.BAD

    def back(tx: Tx) -> None:
        volumes.set_online(tx, backup, online=True)
        clips.refresh_volume(tx, backup)

    catalog.write(back)
    assert _get(catalog, one).state is ClipState.READY
    with catalog.read() as reader:
        assert material_of(reader, one).spans[0].name == "pic.png"


def test_a_person_may_have_it_tried_again(catalog: Catalog, clip: str) -> None:
    for _ in range(2):
        _fails(catalog, clip)
    catalog.write(lambda tx: unreadable.again(tx, clip))
    assert _get(catalog, clip).state is ClipState.READY
    with catalog.read() as reader:
        assert unreadable.tried(reader, clip) == set()
        assert files.dirty_folders(reader) != [], "its files are asked for what they say of it"
    _fails(catalog, clip)
    _fails(catalog, clip)
    assert _get(catalog, clip).state is ClipState.BAD
