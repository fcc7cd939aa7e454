"""Frame maps, colours and turns: values without a decoder."""

from array import array
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.media import colour
from app.core.media.derive_picture import fitted
from app.core.media.frame_picture import turns
from app.core.media.framemap import FrameMap, from_times
from app.core.model.errors import BadData

SIXTEEN = 1 << 16


@given(st.lists(st.integers(-(10**9), 10**12), max_size=60), st.integers(1, 10**6))
def test_a_map_survives_its_file(times: list[int], den: int) -> None:
    made = from_times(times, Fraction(1, den))
    assert FrameMap.from_bytes(made.to_bytes()) == made
    assert len(made) == len(times)
    if times:
        assert made.ticks[0] == 0
        assert list(made.ticks) == sorted(made.ticks)


def test_a_map_answers_both_ways() -> None:
    made = from_times([300, 340, 310], Fraction(1, 100))
    assert [made.seconds(n) for n in range(3)] == [0, Fraction(1, 10), Fraction(4, 10)]
    asked = [Fraction(n, 100) for n in (-5, 0, 9, 10, 39, 40, 900)]
    assert [made.frame_at(seconds) for seconds in asked] == [0, 0, 0, 1, 1, 2, 2]


def test_even_is_even_within_half_a_frame() -> None:
    rate = Fraction(30000, 1001)
    rounded = from_times([round(n * 1001 / 30) for n in range(500)], Fraction(1, 1000))
    assert rounded.is_even(rate)
    assert not from_times([0, 33, 67, 133], Fraction(1, 1000)).is_even(rate)


@pytest.mark.parametrize("data", [b"", b"RFM1", b"RFM1{}\nxx", b"other", b'RFM1{"num":1}\n'])
def test_a_broken_map_is_bad_data(data: bytes) -> None:
    whole = FrameMap(Fraction(1, 25), array("q", range(100))).to_bytes()
    for broken in (data, whole[:-4], whole[1:]):
        with pytest.raises(BadData):
            FrameMap.from_bytes(broken)


@pytest.mark.parametrize(
    ("tag", "size", "expected"),
    [
        (None, (1280, 540), "bt709"),
        (None, (720, 578), "bt709"),
        (None, (1279, 576), "bt601"),
        ("bt470bg", (1920, 1080), "bt601"),
        ("smpte170m", (1920, 1080), "bt601"),
        ("bt709", (320, 180), "bt709"),
        ("bt2020nc", (320, 180), "bt2020"),
        ("unknown", (1920, 1080), "bt709"),
    ],
)
def test_the_matrix_comes_from_the_tag_or_the_size(
    tag: str | None, size: tuple[int, int], expected: str
) -> None:
    assert colour.filter_name(colour.matrix_of_tag(tag, *size)) == expected


def test_the_range_comes_from_the_tag_or_the_format() -> None:
    assert colour.is_full_range("pc", "yuv420p")
    assert not colour.is_full_range("tv", "yuvj420p")
    assert colour.is_full_range(None, "yuvj420p")
    assert not colour.is_full_range(None, "yuv422p10le")
    assert colour.is_rgb("gbrp10le")
    assert not colour.is_rgb("yuv444p")


@pytest.mark.parametrize(
    ("matrix", "filters"),
    [
        ((1, 0, 0, 1), []),
        ((0, 1, -1, 0), [("transpose", "clock")]),
        ((0, -1, 1, 0), [("transpose", "cclock")]),
        ((-1, 0, 0, -1), [("hflip", ""), ("vflip", "")]),
        ((-1, 0, 0, 1), [("hflip", "")]),
        ((0, 1, 1, 0), [("transpose", "cclock_flip")]),
    ],
)
def test_display_matrices_become_turns(
    matrix: tuple[int, int, int, int], filters: list[tuple[str, str]]
) -> None:
    a, b, c, d = (n * SIXTEEN for n in matrix)
    assert turns((a, b, 0, c, d, 0, 0, 0, 1 << 30)) == filters


@given(st.integers(2, 9000), st.integers(2, 9000), st.sampled_from([540, 720, 1080]))
def test_proxies_are_even_fit_and_keep_their_shape(wide: int, high: int, lines: int) -> None:
    width, height = fitted((Fraction(wide), Fraction(high)), lines)
    assert width % 2 == height % 2 == 0
    longer, shorter = max(width, height), min(width, height)
    assert longer <= lines * 16 / 9 + 1
    assert shorter <= max(lines, 2)
    assert width <= max(wide, 2)
    assert height <= max(high, 2)
