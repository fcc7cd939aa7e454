"""Timecode and time of recording in the pictures of AVCHD camcorders, on streams made byte by byte."""

from fractions import Fraction

import pytest

from app.core.media import avchd
from app.core.media.avchd import Recording
from app.core.media.start_labels import Written
from app.core.model.timecode import Timebase
from tests.support.avchd_factory import date_packs, label_pack, picture, stream, user_data
from tests.support.probe_media import source

STEP = 3600
"""Ticks of a frame at 25 a second."""
DATE = date_packs("20240307142501", 0x02)


def read(data: bytes) -> Recording | None:
    return avchd.read(source(data))


def label(data: bytes) -> str | None:
    """The label as written, with what is shown before it."""
    found = read(data)
    written = found.label if found else None
    if written is None:
        return None
    text = written.text[:-3] + (";" if written.drop else ":") + written.text[-2:]
    return f"{text} after {written.later}" if written.later else text


def labelled(text: str, *packs: bytes) -> bytes:
    return picture(user_data(label_pack(text), *packs))


@pytest.mark.parametrize("blu_ray", [True, False])
@pytest.mark.parametrize("sound", [True, False])
def test_label_and_date_of_the_first_picture(blu_ray: bool, sound: bool) -> None:
    pictures = [(9000, labelled("10:11:12:13", DATE)), (9000 + STEP, labelled("10:11:12:14"))]
    found = read(stream(pictures, blu_ray=blu_ray, sound=sound))
    assert found == Recording(Written("10:11:12:13", False, "avchd"), "2024-03-07T14:25:01+01:00")


def test_drop_frame_is_taken_as_it_is_written() -> None:
    assert label(stream([(0, labelled("00:59:59;28"))])) == "00:59:59;28"
    assert label(stream([(0, labelled("00:59:59:28"))])) == "00:59:59:28"


def test_pictures_shown_before_the_key_picture_count() -> None:
    """As a real camcorder's clip begins: the key picture, then two that are shown before it."""
    shown = [(2, "10:00:00:13"), (0, "10:00:00:11"), (1, "10:00:00:12"), (4, "10:00:00:15")]
    pictures = [(9000 + n * STEP, labelled(text)) for n, text in shown]
    assert label(stream(pictures)) == "10:00:00:11"


def test_where_only_key_pictures_have_labels() -> None:
    bare = picture()
    pictures = [(2 * STEP, labelled("10:00:00:01")), (0, bare), (STEP, bare), (4 * STEP, bare)]
    data = stream(pictures)
    assert label(data) == "10:00:00:01 after 2"
    found = read(data)
    assert found is not None
    assert found.label is not None
    start = found.label.start(Fraction(25))
    assert start is not None
    assert Timebase(Fraction(25)).label(start.frame) == "09:59:59:24"


def test_zeros_are_escaped_in_the_stream() -> None:
    data = stream([(0, labelled("00:00:00:00", DATE))])
    assert b"\0\0\3" in data
    assert label(data) == "00:00:00:00"
    assert read(data) == Recording(
        Written("00:00:00:00", False, "avchd"), "2024-03-07T14:25:01+01:00"
    )


@pytest.mark.parametrize(
    ("zone", "told"),
    [
        (0x00, "+00:00"),
        (0x44, "+02:00"),
        (0x0B, "+05:30"),
        (0x27, "-03:30"),
        (0x34, "-10:00"),
        (0xFF, ""),
        (0x3E, ""),
    ],
)
def test_zones(zone: int, told: str) -> None:
    found = read(stream([(0, picture(user_data(date_packs("20240307142501", zone))))]))
    assert found == Recording(None, "2024-03-07T14:25:01" + told)


@pytest.mark.parametrize("date", ["ffffffffffffff", "20241307142501", "00000000000000"])
def test_dates_that_cannot_exist_say_nothing(date: str) -> None:
    assert read(stream([(0, picture(user_data(date_packs(date, 2))))])) == Recording(None, None)


def test_labels_that_cannot_exist_say_nothing() -> None:
    assert label(stream([(0, picture(user_data(b"\x13\xff\xff\xff\xff", DATE)))])) is None
    assert label(stream([(0, picture(user_data(b"\x13\x0a\x00\x00\x00", DATE)))])) is None
    impossible = read(stream([(0, labelled("10:00:61:00"))]))
    assert impossible is not None
    assert impossible.label is not None
    assert impossible.label.start(Fraction(25)) is None


def test_user_data_that_goes_over_many_packets() -> None:
    """Behind a thousand bytes of other units."""
    other = b"\0\0\1\6" + b"\5\xf0" + b"\x55" * 1000
    assert label(stream([(0, picture(other, user_data(label_pack("10:00:00:01"))))])) == (
        "10:00:00:01"
    )


def test_other_streams_are_none() -> None:
    assert read(stream([(0, picture())])) is None
    assert read(stream([(None, labelled("10:00:00:00"))])) is None
    assert read(stream([])) is None
    assert read(b"\x47" + bytes(187)) is None
    assert read(bytes(5000)) is None
    assert read(b"") is None


def test_a_broken_stream_is_read_as_far_as_it_goes() -> None:
    whole = stream([(0, labelled("10:00:00:00", DATE)), (STEP, labelled("10:00:00:01"))])
    assert label(whole[:5000]) == "10:00:00:00"
    cut = whole[: whole.index(b"MDPM") + 8]
    assert read(cut) in (None, Recording(None, None))
    assert label(whole[:5760] + bytes(4000)) == "10:00:00:00"


def test_a_file_without_a_picture_is_given_up_early() -> None:
    """However long it is."""
    taken: list[int] = []

    class Counted:
        def at(self, _offset: int, length: int) -> bytes:
            taken.append(length)
            return (b"\x47\x01\x00\x10" + bytes(184)) * (length // 188) or b"\x47"

    assert avchd.read(Counted()) is None  # type: ignore[arg-type] - counts
    assert 200_000 < sum(taken) < 400_000


@pytest.mark.parametrize(
    ("text", "rate", "told"),
    [
        ("10:00:00:12", Fraction(50), "10:00:00:24"),
        ("10:00:00:30", Fraction(50), "10:00:00:30"),
        ("10:00:59:29", Fraction(60000, 1001), "10:00:59;58"),
        ("10:00:59:29", Fraction(30000, 1001), "10:00:59;29"),
    ],
)
def test_labels_of_pairs_and_of_single_frames(text: str, rate: Fraction, told: str) -> None:
    drop = ";" in told
    start = Written(text, drop, "avchd").start(rate)
    assert start is not None
    assert (start.drop, start.source) == (drop, "avchd")
    assert Timebase(rate, drop).label(start.frame) == told
