"""The labels in Sony's metadata of each frame, on files made field by field."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import PurePath

import pytest

from app.core.media import look_quicktime, quicktime_rtmd
from app.core.model.media import MediaFacts
from app.core.model.timecode import Timebase
from tests.support.probe_media import (
    MDAT,
    box,
    full,
    movie,
    rtmd_packet,
    rtmd_track,
    source,
    timecode_track,
    video_track,
)

XML = b"""<NonRealTimeMeta><LtcChangeTable tcFps="25"><LtcChange frameCount="0" value="00000011"
 status="increment"/></LtcChangeTable></NonRealTimeMeta>"""


def labels(first: str, rate: Fraction | int, each: int = 1, skip: int = 0) -> list[str]:
    """The labels of the first frames, each given to so many frames."""
    drop = ";" in first
    clock = Timebase(Fraction(rate), drop)
    count = clock.frame(first)
    return [clock.label(count + (n + skip) // each) for n in range(12)]


def clip(written: Sequence[str], *more: bytes, rate: int = 25, step: int = 1000) -> bytes:
    """A file whose picture has rate * 1000 / step frames a second and whose packets carry these labels."""
    data = b"".join(rtmd_packet(label) for label in written)
    picture = video_track(steps=[(len(written), step)], timescale=rate * 1000)
    return movie(picture, rtmd_track([MDAT], len(written)), *more, data=data)


def facts(data: bytes) -> MediaFacts:
    """What the first look says."""
    return look_quicktime.look(source(data), PurePath("C0001.MP4"), None).facts


def start(data: bytes) -> tuple[str, str] | None:
    """(label of the first frame, its origin)."""
    found = facts(data)
    if found.start is None or found.rate is None:
        return None
    label = Timebase(found.rate, found.start.drop).label(found.start.frame)
    assert found.origins["start"] == found.start.source
    return label, found.start.source


def test_the_first_packet_tells_the_start() -> None:
    assert start(clip(labels("10:20:30:24", 25))) == ("10:20:30:24", "rtmd")


def test_drop_frame_is_taken_as_it_is_written() -> None:
    ntsc = Fraction(30000, 1001)
    assert start(clip(labels("10:00:59;28", ntsc), rate=30, step=1001)) == ("10:00:59;28", "rtmd")
    assert start(clip(labels("10:00:59:28", ntsc), rate=30, step=1001)) == ("10:00:59:28", "rtmd")


@pytest.mark.parametrize("first", ["10:00:00:11", "10:00:00:44"])
def test_fifty_labels_for_fifty_frames(first: str) -> None:
    assert start(clip(labels(first, 50), rate=50)) == (first, "rtmd")


@pytest.mark.parametrize(
    ("rate", "each", "skip", "told"),
    [
        (50, 2, 0, "10:00:00:22"),
        (50, 2, 1, "10:00:00:23"),
        (100, 4, 0, "10:00:00:22.0"),
        (100, 4, 3, "10:00:00:23.1"),
    ],
)
def test_labels_that_several_frames_share(rate: int, each: int, skip: int, told: str) -> None:
    assert start(clip(labels("10:00:00:11", 25, each, skip), rate=rate)) == (told, "rtmd")


def test_packets_in_chunks_of_their_own_and_of_any_size() -> None:
    written = labels("10:00:00:11", 25, 2)[:3]
    packets = [rtmd_packet(label, size) for label, size in zip(written, (80, 90, 100), strict=True)]
    data = packets[0] + bytes(500) + packets[1] + bytes(50) + packets[2]
    places = [MDAT, MDAT + 580, MDAT + 720]
    picture = video_track(steps=[(3, 512)], timescale=25_600)
    one = movie(picture, rtmd_track(places, 1, sizes=(80, 90, 100)), data=data)
    assert start(one) == ("10:00:00:22", "rtmd")
    packed = movie(picture, rtmd_track([MDAT], 3, sizes=(80, 90, 100)), data=b"".join(packets))
    assert start(packed) == ("10:00:00:22", "rtmd")


def test_what_counts_more() -> None:
    written = labels("10:00:00:00", 25)
    xml = box("meta", bytes(4), full("hdlr", bytes(20)), full("xml ", XML))
    assert start(clip(written, xml)) == ("11:00:00:00", "camera-xml")
    assert start(clip(written, timecode_track(MDAT), xml)) is not None
    assert start(clip(written, timecode_track(MDAT), xml)) != ("10:00:00:00", "rtmd")
    assert facts(clip(written, timecode_track(MDAT), xml)).origins["start"] == "tmcd"


@pytest.mark.parametrize("label", ["00:00:00:00", "10:00:00:00"])
def test_labels_that_stand_still_say_nothing(label: str) -> None:
    assert start(clip([label] * 12)) is None
    assert start(clip(["00:00:00:00"])) is None


def test_a_clip_of_one_frame_has_its_label() -> None:
    assert start(clip(["10:00:00:05"])) == ("10:00:00:05", "rtmd")


def test_from_midnight_on() -> None:
    assert start(clip(labels("00:00:00:00", 25))) == ("00:00:00:00", "rtmd")


def test_packets_of_another_kind_and_broken_ones_say_nothing() -> None:
    good = clip(labels("10:00:00:05", 25))
    at = good.index(b"\x00\x1c\x01")
    assert start(good[:at] + b"\x00\x20" + good[at + 2 :]) is None
    assert start(good[: at + 13] + b"\xff\xff\xff\xff\xff" + good[at + 18 :]) is None
    picture = video_track()
    assert start(movie(picture, rtmd_track([10_000_000], 3))) is None
    assert start(movie(picture, rtmd_track([], 3, count=3))) is None
    assert start(movie(picture, rtmd_track([MDAT], 0, count=3))) is None


def test_only_some_hundred_bytes_are_read() -> None:
    """However many packets there are."""
    sizes = [1024] * 5000
    data = rtmd_packet("10:00:00:05") + rtmd_packet("10:00:00:06") * 4999
    read: list[int] = []

    class Counted:
        def at(self, offset: int, length: int) -> bytes:
            read.append(length)
            return data[offset : offset + length]

    from array import array

    from app.core.media.quicktime_boxes import find

    track = memoryview(rtmd_track([0], 5000, sizes=sizes))
    table = find(track, b"trak", b"mdia", b"minf", b"stbl")
    assert table is not None
    found = quicktime_rtmd.read(table, array("I", [0]), Counted())  # type: ignore[arg-type] - counts
    assert len(found) == 9
    assert sum(read) == 9 * 28
