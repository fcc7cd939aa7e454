"""One content, one clip: equal bytes become one with several places; what people said follows; ids go on meaning it."""

import pytest

from app.core.catalog import (
    calling,
    clips,
    events,
    files,
    integrity,
    library,
    merging,
    notes,
    places,
    volumes,
)
from app.core.catalog.clips import Measured
from app.core.catalog.database import Catalog
from app.core.catalog.renditions import Made, put
from app.core.catalog.rows import Tx
from app.core.model.entities import Clip
from app.core.model.errors import Ambiguous, Refused
from app.core.model.media import ClipState, FileState, RenditionKind
from app.core.review.decisions import Decisions
from app.core.review.logging import Log
from app.core.review.notes import Notes
from tests.support import catalogs
from tests.support.catalogs import PROJECT, add_clip, add_file, add_volume, read_whole, record

ONE, OTHER = "xxh3-128:11", "xxh3-128:22"


def _get(catalog: Catalog, clip: str) -> Clip:
    with catalog.read() as reader:
        found = library.get(reader, clip, PROJECT)
    assert found
    return found


def _live(catalog: Catalog) -> list[str]:
    with catalog.read() as reader:
        return [str(i) for i in reader.column("SELECT id FROM clip WHERE retired = 0 ORDER BY n")]


def _whole(catalog: Catalog) -> None:
    """The catalog holds together, and the tables say what the log says."""
    with catalog.read() as reader:
        assert [found for check in integrity.CHECKS for found in check(reader)] == []


def _assemble(catalog: Catalog, volume: str, path: str, *rows: int) -> str:
    return catalog.write(lambda tx: clips.put(tx, record(volume, path, rows)))


def _row(catalog: Catalog, clip: str) -> int:
    with catalog.read() as reader:
        return int(reader.value("SELECT n FROM file WHERE clip_id = ?", clip))


@pytest.fixture
def volume(catalog: Catalog) -> str:
    return add_volume(catalog)


def test_equal_bytes_become_one_clip_with_two_places_and_both_clips_words(
    catalog: Catalog, volume: str
) -> None:
    first, second = (add_clip(catalog, volume, f"{n}/A001.mov") for n in "ab")
    said = Notes(catalog)
    for clip in (first, second):
        said.add(clip, 1, None, f"from {clip == first}")
        Log(catalog).tag([clip], ["harbour"])
        Log(catalog).rate([clip], 3)
    Log(catalog).rate([second], 5)
    Log(catalog).circle([first])
    read_whole(catalog, first, ONE)
    assert _live(catalog) == [first, second]
    read_whole(catalog, second, ONE)
    assert _live(catalog) == [first]
    clip = _get(catalog, first)
    assert sorted(place.path for place in clip.files) == ["a/A001.mov", "b/A001.mov"]
    assert sorted(note.text for note in said.of_clip(first)) == ["from False", "from True"]
    log = Log(catalog).of_clip(first)
    assert (log.rating, log.circled, log.tags) == (5, True, ("harbour",)), "the last word on each"
    Log(catalog).tag([first], [], ["harbour"])
    assert Log(catalog).of_clip(first).tags == (), "one removal takes both adds"
    _whole(catalog)


def test_the_former_id_goes_on_meaning_the_clip(catalog: Catalog, volume: str) -> None:
    first, second = (add_clip(catalog, volume, f"{n}/A001.mov") for n in "ab")
    third = add_clip(catalog, volume, "c/A001.mov")
    for clip in (third, second, first):
        read_whole(catalog, clip, ONE)
    with catalog.read() as reader:
        for clip in (first, second, third):
            assert calling.resolve(reader, clip) == first
        assert sorted(library.aliases(reader, first)) == sorted([first, second, third])
    assert _get(catalog, third).id == first
    Log(catalog).rate([third], 4)
    Notes(catalog).add(second, 1, None, "hm")
    assert Log(catalog).of_clip(first).rating == 4
    assert [n.clip_id for n in Notes(catalog).of_clip(first)] == [first]
    assert len(Log(catalog).history(first)) == 2
    _whole(catalog)


def test_undo_reaches_what_was_said_under_a_former_id(catalog: Catalog, volume: str) -> None:
    first, second = (add_clip(catalog, volume, f"{n}/A001.mov") for n in "ab")
    log = Log(catalog)
    log.rate([first], 2)
    log.rate([second], 5)
    for clip in (first, second):
        read_whole(catalog, clip, ONE)
    assert log.of_clip(first).rating == 5
    log.undo()
    assert log.of_clip(first).rating == 2
    log.redo()
    assert log.of_clip(first).rating == 5
    _whole(catalog)


def test_what_was_derived_and_measured_follows(catalog: Catalog, volume: str) -> None:
    first, second = (add_clip(catalog, volume, f"{n}/A001.mov") for n in "ab")
    content = _get(catalog, second).content_id

    def derive(tx: Tx) -> None:
        put(tx, content, "derive", 1, "720p", [Made(RenditionKind.PROXY, "x/proxy.mp4", 5)])
        clips.set_measured(
            tx, second, Measured(frames=249, state=ClipState.DAMAGED, problem="cut", essence="e")
        )

    catalog.write(derive)
    read_whole(catalog, second, ONE)
    read_whole(catalog, first, ONE)
    _assemble(catalog, volume, "a/A001.mov", _row(catalog, first))
    clip = _get(catalog, first)
    assert clip.rendition(RenditionKind.PROXY) is not None
    assert (clip.state, clip.frames, clip.problem) == (ClipState.DAMAGED, 249, "cut")


def test_a_copy_that_proves_different_becomes_a_clip_of_its_own_and_the_words_stay(
    catalog: Catalog, volume: str
) -> None:
    first = add_clip(catalog, volume, "a/A001.mov")
    Notes(catalog).add(first, 1, None, "hm")
    read_whole(catalog, first, ONE)
    copy = add_file(catalog, volume, "b/A001.mov")

    def join(tx: Tx) -> None:
        tx.run("UPDATE file SET clip_id = ?, role = 'essence', place = n WHERE n = ?", first, copy)
        tx.run("UPDATE file SET full_hash = ? WHERE n = ?", OTHER, copy)
        merging.settle_content(tx, first)

    catalog.write(join)
    assert len(_live(catalog)) == 2
    assert [place.path for place in _get(catalog, first).files] == ["a/A001.mov"]
    (fresh,) = set(_live(catalog)) - {first}
    assert [place.path for place in _get(catalog, fresh).files] == ["b/A001.mov"]
    assert _get(catalog, fresh).state is ClipState.READY
    assert Notes(catalog).of_clip(fresh) == []
    assert len(Notes(catalog).of_clip(first)) == 1
    _whole(catalog)


def _replace(catalog: Catalog, volume: str, path: str, clip: str) -> str:
    """Other bytes at the clip's path; returns the clip that assembly makes of them."""
    row = _row(catalog, clip)

    def change(tx: Tx) -> None:
        seen = files.Seen(path.encode(), 2000, 99, 7, "media_video", FileState.PRESENT)
        lost = files.change(tx, [(row, seen)])
        clips.put(tx, record(volume, path, [row]))
        clips.retire_empty(tx, lost)

    catalog.write(change)
    with catalog.read() as reader:
        return str(reader.value("SELECT clip_id FROM file WHERE n = ?", row))


@pytest.mark.parametrize("touched", [True, False])
def test_a_rewritten_header_keeps_the_clip_and_asks_approval_again(
    catalog: Catalog, volume: str, touched: bool
) -> None:
    clip = add_clip(catalog, volume, "A001.mov")
    catalog.write(lambda tx: clips.set_measured(tx, clip, Measured(essence="packets")))
    read_whole(catalog, clip, ONE)
    if touched:
        Notes(catalog).add(clip, 1, None, "hm")
        Decisions(catalog).decide([clip], "approved")
    fresh = _replace(catalog, volume, "A001.mov", clip)
    assert fresh != clip
    read_whole(catalog, fresh, OTHER)
    catalog.write(lambda tx: clips.set_measured(tx, fresh, Measured(essence="packets")))
    assert _get(catalog, fresh).id == clip
    assert _get(catalog, clip).hash == OTHER
    assert _live(catalog) == [clip]
    if touched:
        assert len(Notes(catalog).of_clip(clip)) == 1
        (vote,) = Decisions(catalog).of_clip(clip)
        assert not vote.current
    _assemble(catalog, volume, "A001.mov", _row(catalog, clip))
    assert _get(catalog, clip).state is ClipState.READY
    _whole(catalog)


def test_another_picture_at_the_same_path_is_a_new_version(catalog: Catalog, volume: str) -> None:
    clip = add_clip(catalog, volume, "A001.mov")
    catalog.write(lambda tx: clips.set_measured(tx, clip, Measured(essence="packets")))
    read_whole(catalog, clip, ONE)
    Notes(catalog).add(clip, 1, None, "hm")
    fresh = _replace(catalog, volume, "A001.mov", clip)
    catalog.write(lambda tx: clips.set_measured(tx, fresh, Measured(essence="others")))
    assert _live(catalog) == [clip, fresh]
    assert _get(catalog, clip).state is ClipState.MISSING
    assert Notes(catalog).of_clip(fresh) == []
    with catalog.read() as reader:
        previous = reader.value(
            "SELECT previous FROM content WHERE id = ?", _get(catalog, fresh).content_id
        )
    assert previous == _get(catalog, clip).content_id
    _whole(catalog)


class TestPendingDecisions:
    def test_are_bound_when_the_file_was_read(self, catalog: Catalog, volume: str) -> None:
        clip = add_clip(catalog, volume)
        decisions = Decisions(catalog)
        (made,) = decisions.decide([clip], "approved", "fine")
        assert (made.pending, made.hash) == (True, "")
        read_whole(catalog, clip, ONE)
        (bound,) = decisions.of_clip(clip)
        assert (bound.pending, bound.hash, bound.current, bound.comment) == (
            False,
            ONE,
            True,
            "fine",
        )
        assert bound.at_ms == made.at_ms
        catalog.write(events.replay)
        assert decisions.of_clip(clip) == [bound]
        _whole(catalog)

    def test_are_void_for_other_bytes(self, catalog: Catalog, volume: str) -> None:
        """What is written in the place of an approved file was never approved, read whole or not."""
        clip = add_clip(catalog, volume, "A001.mov")
        Decisions(catalog).decide([clip], "approved")
        fresh = _replace(catalog, volume, "A001.mov", clip)
        read_whole(catalog, fresh, OTHER)
        for one in (clip, fresh):
            assert all(not vote.hash for vote in Decisions(catalog).of_clip(one))
        assert fresh != clip

    def test_binding_is_neither_undone_nor_in_the_way_of_redo(
        self, catalog: Catalog, volume: str
    ) -> None:
        clip = add_clip(catalog, volume)
        decisions = Decisions(catalog)
        decisions.decide([clip], "approved")
        decisions.undo()
        decisions.redo()
        read_whole(catalog, clip, ONE)
        decisions.undo()
        assert decisions.of_clip(clip) == []
        decisions.redo()
        assert [vote.hash for vote in decisions.of_clip(clip)] == [ONE]
        _whole(catalog)


class TestForgotten:
    def test_a_clip_with_another_copy_lives_on_there(self, catalog: Catalog, volume: str) -> None:
        other = add_volume(catalog, "Backup")
        first, second = (
            add_clip(catalog, volume, "A001.mov"),
            add_clip(catalog, other, "copy/A001.mov"),
        )
        for clip in (first, second):
            read_whole(catalog, clip, ONE)
        catalog.write(lambda tx: volumes.forget(tx, volume))
        with catalog.read() as reader:
            assert files.dirty_folders(reader) == [
                (other, "copy", files.dirty_folders(reader)[0][2])
            ]
        _assemble(catalog, other, "copy/A001.mov", 2)
        clip = _get(catalog, first)
        assert clip.state is ClipState.READY
        assert [(place.volume_id, place.path) for place in clip.files] == [(other, "copy/A001.mov")]
        with catalog.read() as reader:
            assert places.folders(reader, other) == [("copy", 1)]

    def test_a_volume_that_is_added_again_brings_its_clips_back(
        self, catalog: Catalog, volume: str
    ) -> None:
        clip = add_clip(catalog, volume)
        Notes(catalog).add(clip, 1, None, "hm")
        catalog.write(lambda tx: volumes.forget(tx, volume))
        assert _live(catalog) == []
        with catalog.read() as reader:
            assert volumes.forgotten(reader, "", "", "/") == volume
            assert volumes.forgotten(reader, "", "", "/elsewhere") is None

        def remember(tx: Tx) -> None:
            known = volumes.every(tx)
            assert known == []
            volumes.remember(
                tx, volume, name="Disk", kind="local", derive=volumes.Derive.ALL, mount="/"
            )
            files.back(tx, [(_row_in(tx, clip), 7)])
            clips.refresh_volume(tx, volume)

        catalog.write(remember)
        assert _live(catalog) == [clip]
        assert _get(catalog, clip).state is ClipState.READY

    def test_the_same_bytes_on_another_volume_bring_the_words_back(
        self, catalog: Catalog, volume: str
    ) -> None:
        clip = add_clip(catalog, volume)
        read_whole(catalog, clip, ONE)
        Notes(catalog).add(clip, 1, None, "hm")
        catalog.write(lambda tx: volumes.forget(tx, volume))
        fresh = add_clip(catalog, add_volume(catalog, "New disk"), "A001.mov")
        read_whole(catalog, fresh, ONE)
        assert _live(catalog) == [clip]
        assert _get(catalog, clip).state is ClipState.READY
        with catalog.read() as reader:
            assert [note.text for note in notes.of_clip(reader, clip, PROJECT)] == ["hm"]
        _whole(catalog)


def _row_in(tx: Tx, clip: str) -> int:
    return int(tx.value("SELECT n FROM file WHERE clip_id = ?", clip))


class TestNaming:
    """What a clip may be called on the command line."""

    def test_an_id_its_start_its_end_and_its_name(self, catalog: Catalog, volume: str) -> None:
        clip = add_clip(catalog, volume, "A001C002.mov")
        with catalog.read() as reader:
            for words in (clip, clip[:14], clip[-8:], "A001C002", "a001c002"):
                assert calling.resolve(reader, words) == clip

    def test_the_name_that_is_written_alike_wins_over_case_twins(
        self, catalog: Catalog, volume: str
    ) -> None:
        upper, lower = add_clip(catalog, volume, "Clip.mov"), add_clip(catalog, volume, "clip.mov")
        with catalog.read() as reader:
            assert calling.resolve(reader, "Clip") == upper
            assert calling.resolve(reader, "clip") == lower
            with pytest.raises(Ambiguous) as caught:
                calling.resolve(reader, "CLIP")
        assert len(caught.value.choices) == 2

    def test_a_name_a_person_gave(self, catalog: Catalog, volume: str) -> None:
        clip = add_clip(catalog, volume, "A001C002.mov")
        Log(catalog).set_field([clip], "name", "Boat leaves")
        with catalog.read() as reader:
            assert calling.resolve(reader, "Boat leaves") == clip
            assert calling.resolve(reader, "A001C002") == clip

    def test_a_name_that_is_the_end_of_another_id_is_ambiguous(
        self, catalog: Catalog, volume: str
    ) -> None:
        other = add_clip(catalog, volume, "A001.mov")
        named = add_clip(catalog, volume, f"{other[-4:]}.mov")
        with catalog.read() as reader:
            with pytest.raises(Ambiguous) as caught:
                calling.resolve(reader, other[-4:])
            assert calling.resolve(reader, named) == named
        assert len(caught.value.choices) == 2

    @pytest.mark.parametrize(
        "words", ["", " ", "*", "%", "abc*", "[a-z]", "'; DROP TABLE clip; --", "caf\udce9", "\0"]
    )
    def test_nothing_typed_is_a_pattern(self, catalog: Catalog, volume: str, words: str) -> None:
        add_clip(catalog, volume, "A001.mov")
        with pytest.raises(Refused, match="Unknown clip"), catalog.read() as reader:
            calling.resolve(reader, words)

    def test_a_name_that_is_no_utf8_can_be_typed(self, catalog: Catalog, volume: str) -> None:
        clip = add_clip(catalog, volume, "caf\udce9.mov")
        with catalog.read() as reader:
            assert calling.resolve(reader, "caf\udce9") == clip
            assert calling.resolve(reader, _get(catalog, clip).name) == clip
        assert catalogs.snapshot(catalog)["note"] == []
