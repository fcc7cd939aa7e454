"""The reader of QuickTime structure, on files made field by field."""

import struct
from fractions import Fraction

import pytest

from app.core.media import quicktime
from tests.support.probe_media import MDAT, box, full, movie, source, timecode_track, video_track


def test_a_plain_track_is_read() -> None:
    found = quicktime.read(source(movie(video_track(), created=3_600_000_000)))
    assert found.has_index
    assert found.missing_bytes == 0
    assert found.duration == Fraction(400, 1000)
    assert found.created == 3_600_000_000
    (track,) = found.tracks
    assert (track.handler, track.codec, track.samples, track.timescale) == (
        "vide",
        "avc1",
        10,
        12800,
    )
    assert track.index_fault == ""


@pytest.mark.parametrize(
    ("turn", "clockwise"),
    [((1, 0, 0, 1), 0), ((0, 1, -1, 0), 90), ((-1, 0, 0, -1), 180), ((0, -1, 1, 0), 270)],
)
def test_the_matrix_tells_how_to_show_it_upright(
    turn: tuple[int, int, int, int], clockwise: int
) -> None:
    found = quicktime.read(source(movie(video_track(turn=turn))))
    assert found.tracks[0].rotation == clockwise


def test_pixels_may_be_oblong() -> None:
    found = quicktime.read(source(movie(video_track(pixel=(4, 3)))))
    assert found.tracks[0].sample_aspect == Fraction(4, 3)


def test_a_timecode_track_tells_label_flag_and_reel() -> None:
    data = struct.pack(">I", 109_690) + bytes(4000)
    code = timecode_track(MDAT, drop=True, timescale=30000, step=1001, labels=30, reel="A005R1AB")
    found = quicktime.read(source(movie(video_track(codes=[9]), code, data=data)))
    assert found.tracks[0].timecode_ids == (9,)
    read = found.tracks[1].timecode
    assert read is not None
    assert (read.value, read.drop, read.frames, read.reel) == (109_690, True, 30, "A005R1AB")


def test_gopro_counts_thirty_labels_whatever_its_byte_says() -> None:
    code = timecode_track(MDAT, timescale=90000, step=3003, labels=29)
    read = quicktime.read(source(movie(video_track(), code))).tracks[1].timecode
    assert read is not None
    assert read.frames == 30


def test_a_missing_index_is_told() -> None:
    whole = movie(video_track())
    cut = whole[: whole.index(b"moov") + 100]
    found = quicktime.read(source(cut))
    assert not found.has_index
    assert found.missing_bytes == len(whole) - len(cut)


def test_missing_media_data_is_told() -> None:
    index = movie(video_track())
    index = index[index.index(b"moov") - 4 :]
    head = box("ftyp", b"qt  ", bytes(4)) + index
    found = quicktime.read(source(head + struct.pack(">I4s", 5008, b"mdat") + bytes(2000)))
    assert found.has_index
    assert found.missing_bytes == 3000


def test_rubbish_after_the_end_is_no_damage() -> None:
    found = quicktime.read(source(movie(video_track()) + b"\x7f\xff\xff\xffjunk" + bytes(20)))
    assert found.missing_bytes == 0
    assert found.has_index


def test_samples_without_a_place_are_a_fault() -> None:
    whole = movie(video_track()).replace(b"stco", b"free")
    assert "where they are" in quicktime.read(source(whole)).tracks[0].index_fault


def test_chunks_that_do_not_exist_are_a_fault() -> None:
    whole = movie(video_track())
    at = whole.index(b"stsc") + 12
    broken = whole[:at] + struct.pack(">I", 7) + whole[at + 4 :]
    assert "contradict" in quicktime.read(source(broken)).tracks[0].index_fault


def test_metadata_of_both_kinds_is_read() -> None:
    name = b"com.apple.quicktime.model"
    keys = full("keys", struct.pack(">I", 1), box("mdta", name))
    data = box("data", struct.pack(">II", 1, 0), b"iPhone 6")
    items = box("ilst", struct.pack(">II", len(data) + 8, 1) + data)
    meta = box("meta", full("hdlr", bytes(20)), keys, items)
    place = b"+54.3200+010.1400/"
    user = box("udta", box("\xa9xyz", struct.pack(">HH", len(place), 0x15C7), place))
    tags = quicktime.read(source(movie(video_track(), meta, user))).tags
    assert tags["model"] == "iPhone 6"
    assert tags["location"] == "+54.3200+010.1400/"


def test_camera_xml_in_a_meta_box_is_found() -> None:
    xml = box("meta", bytes(4), full("hdlr", bytes(20)), full("xml ", b"<NonRealTimeMeta/>\0"))
    assert quicktime.read(source(movie(video_track()) + xml)).xml == b"<NonRealTimeMeta/>"
    assert quicktime.read(source(movie(video_track(), xml))).xml == b"<NonRealTimeMeta/>"
