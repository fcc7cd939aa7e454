"""Cards of every sort, made small: recognised by their shape, clips whole, and each part that goes is the one that is missed."""

import os
import random
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core.ingest.card_reading import fileset_digest, read_card
from app.core.ingest.card_values import UNKNOWN_TITLE, CardContents, EntryKind
from tests.support.card_trees import CARDS, MadeCard, put

EVERY = pytest.mark.parametrize("name", CARDS)


def where(contents: CardContents) -> list[str]:
    """The paths that are missing."""
    return [part.where for _, part in contents.all_missing()]


def places(contents: CardContents) -> list[str]:
    """The files by their place on the card, each as often as it has one."""
    return [
        *(part.rel for clip in contents.clips for part in clip.parts),
        *contents.own,
        *(one.rel for one in (*contents.orphans, *contents.others)),
    ]


@EVERY
def test_a_card_is_known_by_its_shape_and_its_clips_are_whole(name: str, tmp_path: Path) -> None:
    made = CARDS[name]
    contents = read_card(made.make(tmp_path))
    assert (contents.type.id if contents.type else "") == made.id
    assert contents.maker == made.maker
    assert {clip.name: {part.rel for part in clip.parts} for clip in contents.clips} == {
        clip: set(paths) for clip, paths in made.clips.items()
    }
    assert contents.complete
    assert not contents.hints
    assert not contents.orphans
    assert {entry.rel for entry in contents.folders} >= set(made.empty)
    assert contents.size == sum((tmp_path / path).stat().st_size for path in made.files)


@EVERY
def test_each_part_that_goes_is_missed_and_nothing_else(name: str, tmp_path: Path) -> None:
    made = CARDS[name]
    made.make(tmp_path)
    for path in (path for paths in made.clips.values() for path in paths):
        data = (tmp_path / path).read_bytes()
        (tmp_path / path).unlink()
        contents = read_card(tmp_path)
        untold = path in made.silent or path in made.hinted
        assert where(contents) == ([] if untold else [""] if path in made.unnamed else [path]), path
        assert any(path.rpartition("/")[2] in hint for hint in contents.hints) is (
            path in made.hinted
        )
        put(tmp_path, path, data)


@EVERY
def test_the_name_of_the_volume_says_nothing(name: str, tmp_path: Path) -> None:
    here = CARDS[name].make(tmp_path / "BPAV" / "XDROOT")
    assert (found := read_card(here).type) is None or found.id == CARDS[name].id


@EVERY
def test_of_any_part_of_a_card_each_entry_has_one_place(name: str, tmp_path: Path) -> None:
    made = CARDS[name]
    made.make(tmp_path)
    for kept in _subsets(made):
        for path in made.files - kept:
            (tmp_path / path).unlink()
        contents = read_card(tmp_path)
        assert sorted(places(contents)) == sorted(kept)
        assert {entry.rel for entry in contents.files} == kept
        assert not contents.unreadable
        assert kept.isdisjoint(where(contents)), sorted(kept)
        made.make(tmp_path)


def _subsets(made: MadeCard) -> Iterator[set[str]]:
    """Some of the files, at random, the same each time."""
    chance = random.Random(7)
    files = sorted(made.files)
    for _ in range(12):
        yield set(chance.sample(files, chance.randrange(len(files) + 1)))


def test_an_unknown_folder_is_read_whole(tmp_path: Path) -> None:
    contents = read_card(CARDS["nothing known"].make(tmp_path))
    assert contents.title == UNKNOWN_TITLE == "No known card structure"
    assert {entry.rel for entry in contents.entries} == {
        "day",
        "day/empty",
        "day/empty/deeper",
        "day/interview.mov",
        "day/notes.txt",
        "day/sub",
        "day/sub/.hidden",
        "day/wind.wav",
    }


def test_an_empty_card_is_known_too(tmp_path: Path) -> None:
    (tmp_path / "XDROOT" / "Clip").mkdir(parents=True)
    contents = read_card(tmp_path)
    assert contents.type is not None
    assert contents.type.id == "sony-xdroot"
    assert not contents.clips
    assert contents.complete


def test_two_structures_on_one_card_are_both_told(tmp_path: Path) -> None:
    CARDS["Sony XAVC S"].make(tmp_path)
    put(tmp_path, "DCIM/100MSDCF/DSC00001.JPG")
    contents = read_card(tmp_path)
    assert contents.type is not None
    assert contents.type.id == "sony-m4root"
    assert [card.id for card in contents.also] == ["dcim"]


def test_what_the_systems_left_is_counted_and_is_no_clip(tmp_path: Path) -> None:
    made = CARDS["GoPro"]
    made.make(tmp_path)
    left = {".DS_Store", "DCIM/100GOPRO/._GX010042.MP4", ".Trashes/501/GX010099.MP4", "Thumbs.db"}
    for path in left:
        put(tmp_path, path)
    contents = read_card(tmp_path)
    assert {one.rel for one in contents.others} == left
    assert {entry.rel for entry in contents.files} == made.files | left
    assert len(contents.clips) == len(made.clips)


def test_a_number_that_is_skipped_is_no_loss_but_told(tmp_path: Path) -> None:
    for number in (1, 2, 4, 9):
        put(tmp_path, f"PRIVATE/M4ROOT/CLIP/C{number:04d}.MP4")
        put(tmp_path, f"PRIVATE/M4ROOT/CLIP/C{number:04d}M01.XML")
    contents = read_card(tmp_path)
    assert contents.complete
    assert contents.hints == (
        "C0003 (between C0002 and C0004) is not on the card; it may have been deleted in the camera.",
        "C0005 to C0008 (between C0004 and C0009) are not on the card; they may have been deleted in the camera.",
    )


@pytest.mark.parametrize(
    ("name", "deleted", "number"),
    [
        ("RED", "A006_C002", "C002"),
        ("ARRI", "C002_141024", "C002"),
        ("Blackmagic", "C002", "C002"),
        ("Canon XF", "AA0002", "AA0002"),
        ("DJI", "_0002_D", "0002"),
    ],
)
def test_clips_are_counted_as_their_maker_counts(
    name: str, deleted: str, number: str, tmp_path: Path
) -> None:
    made = CARDS[name]
    for path in made.files:
        if deleted not in path and not path.endswith(".ale"):
            put(tmp_path, path, made.own.get(path, b"x"))
    contents = read_card(tmp_path)
    assert contents.complete
    (hint,) = contents.hints
    assert hint.startswith(f"{number} (between ")


def test_of_a_copy_that_kept_picture_and_sound_alone_nothing_is_called_lost(tmp_path: Path) -> None:
    for name in ("A001C001_260514R1", "A001C002_260514R1"):
        put(tmp_path, f"XDROOT/Clip/{name}.MXF")
    contents = read_card(tmp_path)
    assert contents.complete
    (hint,) = contents.hints
    assert "Only picture and sound seem to be here" in hint


def test_a_recording_that_goes_on_on_another_card_is_told(tmp_path: Path) -> None:
    made = CARDS["Panasonic P2"]
    made.make(tmp_path)
    rel = "CONTENTS/CLIP/0003EF.XML"
    link = b"<Relation><Connection><Next><GlobalClipID>060A2B34ELSEWHERE</GlobalClipID></Next></Connection></Relation>"
    put(tmp_path, rel, made.own[rel].replace(b"<EssenceList>", link + b"<EssenceList>"))
    contents = read_card(tmp_path)
    assert contents.complete
    assert contents.hints == (
        "0003EF: A part of this recording is not here: on another card, perhaps.",
    )


def test_a_recording_that_ends_with_a_full_file_is_told(tmp_path: Path) -> None:
    CARDS["RED"].make(tmp_path)
    last = "A006_0514AB.RDM/A006_C002_0514AB.RDC/A006_C002_0514AB_003.R3D"
    os.truncate(tmp_path / last, 2_147_000_000)
    contents = read_card(tmp_path)
    assert contents.complete
    (hint,) = contents.hints
    assert hint.startswith(f"{last} is as large as a file of a recorder gets")


def test_a_folder_of_a_clip_that_holds_none_is_missed(tmp_path: Path) -> None:
    CARDS["RED"].make(tmp_path)
    folder = "A006_0514AB.RDM/A006_C004_0514AB.RDC"
    (tmp_path / folder).mkdir()
    ((clip, part),) = read_card(tmp_path).all_missing()
    assert (clip, part.what, part.where) == ("", "clip", folder)


def test_an_empty_file_is_no_picture(tmp_path: Path) -> None:
    CARDS["Sony XAVC S"].make(tmp_path)
    put(tmp_path, "PRIVATE/M4ROOT/CLIP/C0002.MP4", b"")
    contents = read_card(tmp_path)
    ((clip, part),) = contents.all_missing()
    assert (clip, part.what, part.where) == ("C0002", "content", "PRIVATE/M4ROOT/CLIP/C0002.MP4")


def test_stills_have_none_of_what_films_have(tmp_path: Path) -> None:
    CARDS["DJI"].make(tmp_path)
    for number in (4, 5):
        put(tmp_path, f"DCIM/100MEDIA/DJI_2026051410150{number}_000{number}_D.JPG")
    contents = read_card(tmp_path)
    assert len(contents.clips) == 5
    assert contents.complete
    assert not contents.hints


def test_of_twins_what_one_has_is_not_missing(tmp_path: Path) -> None:
    CARDS["Sony XAVC S"].make(tmp_path)
    put(tmp_path, "PRIVATE/M4ROOT/CLIP/C0001.mp4", b"another")
    assert "PRIVATE/M4ROOT/CLIP/C0001M01.XML" not in where(read_card(tmp_path))


def test_a_lone_thumbnail_is_an_orphan_and_no_error(tmp_path: Path) -> None:
    CARDS["GoPro"].make(tmp_path)
    put(tmp_path, "DCIM/100GOPRO/GX010077.THM")
    contents = read_card(tmp_path)
    assert [one.rel for one in contents.orphans] == ["DCIM/100GOPRO/GX010077.THM"]
    assert contents.complete


def test_a_whole_clip_that_only_the_list_knows_is_missed(tmp_path: Path) -> None:
    made = CARDS["Sony XDROOT"]
    made.make(tmp_path)
    for path in made.clips["A001C002_260514R1"]:
        (tmp_path / path).unlink()
    contents = read_card(tmp_path)
    ((clip, part),) = contents.all_missing()
    assert (clip, part.what, part.where) == ("", "clip", "XDROOT/Clip/A001C002_260514R1.MXF")
    assert part.why == "MEDIAPRO.XML names it."


def test_capitals_of_a_list_do_not_count(tmp_path: Path) -> None:
    made = CARDS["Sony XDROOT"]
    made.make(tmp_path)
    text = made.own["XDROOT/MEDIAPRO.XML"].replace(b"./Clip/", b".\\CLIP\\")
    put(tmp_path, "XDROOT/MEDIAPRO.XML", text)
    assert read_card(tmp_path).complete


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\0\1\2 no list at all",
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>',
        b"<MediaProfile>" + b"<a>" * 100 + b"</a>" * 100 + b"</MediaProfile>",
        b" " * (4 << 20) + b"<MediaProfile/>",
    ],
    ids=["empty", "bytes", "entities", "deep", "large"],
)
def test_a_list_that_does_not_read_settles_nothing_and_is_named(
    text: bytes, tmp_path: Path
) -> None:
    CARDS["Sony XDROOT"].make(tmp_path)
    put(tmp_path, "XDROOT/MEDIAPRO.XML", text)
    contents = read_card(tmp_path)
    assert contents.complete
    (hint,) = contents.hints
    assert hint.startswith("XDROOT/MEDIAPRO.XML: the card's own list is not clear.")


def test_a_list_names_nothing_outside_the_card(tmp_path: Path) -> None:
    CARDS["Sony XDROOT"].make(tmp_path)
    text = (
        b'<MediaProfile><Contents><Material uri="../../../etc/passwd" type="MXF"/>'
        b'<Material uri="/etc/shadow.mxf" type="MXF"/></Contents></MediaProfile>'
    )
    put(tmp_path, "XDROOT/MEDIAPRO.XML", text)
    assert read_card(tmp_path).complete


def test_a_list_of_a_whole_job_is_not_the_cards(tmp_path: Path) -> None:
    made = CARDS["ARRI"]
    made.make(tmp_path)
    job = made.own["A002R2EC/A002R2EC.ale"]
    more = b"".join(
        b"B00%dC001_141024_R9ZZ.mov\tV\t01:00:00:00\t01:00:10:00\t\r\n" % n for n in range(9)
    )
    put(tmp_path, "A002R2EC/A002R2EC.ale", job + more)
    contents = read_card(tmp_path)
    assert contents.complete
    (hint,) = contents.hints
    assert "names 12 files, 9 of them are not here" in hint


def test_the_digest_tells_a_card_that_was_changed(tmp_path: Path) -> None:
    CARDS["GoPro"].make(tmp_path)
    first = fileset_digest(read_card(tmp_path))
    assert first == fileset_digest(read_card(tmp_path))
    assert first.startswith("fs1:")
    seen = {first}
    put(tmp_path, "DCIM/100GOPRO/GX010099.MP4")
    seen.add(fileset_digest(read_card(tmp_path)))
    (tmp_path / "DCIM/100GOPRO/GX010099.MP4").write_bytes(b"xx")
    seen.add(fileset_digest(read_card(tmp_path)))
    (tmp_path / "DCIM/100GOPRO/GX010099.MP4").unlink()
    (tmp_path / "DCIM/101GOPRO").mkdir()
    seen.add(fileset_digest(read_card(tmp_path)))
    assert len(seen) == 4


def test_a_long_row_of_lost_spans_is_told_in_short(tmp_path: Path) -> None:
    for number in (1, 90):
        put(tmp_path, f"DCIM/100GOPRO/GX{number:02d}0042.MP4")
    missed = where(read_card(tmp_path))
    assert len(missed) == 21
    assert missed[0] == "DCIM/100GOPRO/GX020042.MP4"


def _track(family: str, total: int) -> bytes:
    """A sound file of one track whose recorder says how many files the take has."""
    ixml = (
        f"<BWFXML><FILE_SET><TOTAL_FILES>{total}</TOTAL_FILES><FAMILY_UID>{family}</FAMILY_UID></FILE_SET></BWFXML>"
    ).encode()
    ixml += b" " * (len(ixml) % 2)
    chunks = (
        b"fmt \x10\0\0\0\x01\0\x01\0\x80\xbb\0\0\0w\x01\0\x02\0\x10\0"
        + b"data\x60\0\0\0"
        + bytes(96)
        + b"iXML"
        + struct.pack("<I", len(ixml))
        + ixml
    )
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks


def test_a_recorder_knows_how_many_files_a_take_has(tmp_path: Path) -> None:
    for track in (1, 2):
        put(tmp_path, f"26Y05M14/T002_{track}.WAV", _track("F2", 2) + bytes(track * 2))
        put(tmp_path, f"26Y05M14/T003_{track}.WAV", _track("F3", 3))
    contents = read_card(tmp_path)
    assert [clip.name for clip in contents.clips] == ["T002", "T003"]
    ((clip, part),) = contents.all_missing()
    assert (clip, part.what, part.where) == ("T003", "sound", "")
    assert part.why == "The recorder wrote 3 files of this take, 2 of them are here."


def test_entries_are_in_order_and_know_their_kind(tmp_path: Path) -> None:
    put(tmp_path, "a.b/file")
    put(tmp_path, "a/file")
    (tmp_path / "link").symlink_to("a")
    contents = read_card(tmp_path)
    assert [(entry.rel, entry.kind) for entry in contents.entries] == [
        ("a", EntryKind.FOLDER),
        ("a/file", EntryKind.FILE),
        ("a.b", EntryKind.FOLDER),
        ("a.b/file", EntryKind.FILE),
        ("link", EntryKind.LINK),
    ]
    assert [entry.rel for entry in contents.odd] == ["link"]


@pytest.mark.parametrize("seed", range(6))
def test_of_any_mixture_of_names_each_entry_has_one_place(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    made = _mixture(chance, tmp_path)
    contents = read_card(tmp_path)
    assert sorted(places(contents)) == sorted(made)
    assert {entry.rel for entry in contents.files} == made
    lost = {part.where for _, part in contents.all_missing() if part.what != "content"}
    assert lost.isdisjoint(made)
    assert not contents.unreadable
    assert fileset_digest(contents) == fileset_digest(read_card(tmp_path))


def _mixture(chance: random.Random, root: Path) -> set[str]:
    """Files of all sorts of cards, thrown together and called by each other's names."""
    files = [path for card in CARDS.values() for path in sorted(card.files)]
    texts = {path: text for card in CARDS.values() for path, text in card.own.items()}
    folders = [path.rpartition("/")[0] for path in files] + ["", "Proxy", "x\udcff", "DCIM"]
    made: set[str] = set()
    for _ in range(150):
        path, other = chance.choice(files), chance.choice(files)
        stem, _, ending = path.rpartition("/")[2].rpartition(".")
        if chance.random() < 0.3:
            stem = other.rpartition("/")[2].rpartition(".")[0]
        if chance.random() < 0.2:
            stem += chance.choice(
                ["_2", "\udce9", "\n", " ", "M01", "T01", "9" * 30, "%", "|", "._"]
            )
        if chance.random() < 0.2:
            ending = chance.choice([ending.lower(), ending.upper(), "xml", "mp4", "wav", "", "dpx"])
        folder = path.rpartition("/")[0] if chance.random() < 0.7 else chance.choice(folders)
        rel = "/".join(filter(None, (folder, f"{stem}.{ending}" if ending else stem)))
        if (root / rel).is_dir() or any((root / above).is_file() for above in Path(rel).parents):
            continue
        made.add(rel)
        put(root, rel, texts.get(path, b"") if chance.random() < 0.8 else b"")
    return made
