"""How long something plays: exact, and the same wherever it is said."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.model import durations

LENGTHS = st.fractions(min_value=0, max_value=10**7, max_denominator=240_000)


def _nearest(length: Fraction) -> int:
    return (2 * length.numerator + length.denominator) // (2 * length.denominator)


@given(LENGTHS)
def test_whole_seconds_and_minutes_are_those_of_the_exact_length(length: Fraction) -> None:
    kept = durations.milliseconds(length)
    assert kept <= length * 1000 < kept + 1
    assert durations.seconds(kept) == _nearest(length)
    assert durations.minutes(kept) == _nearest(length / 60)


@pytest.mark.parametrize(
    ("length", "kept", "seconds"),
    [
        (Fraction(0), 0, 0),
        (Fraction(1, 48_000), 0, 0),
        (Fraction(4_499_999, 1_000_000), 4_499, 4),
        (Fraction(9, 2), 4_500, 5),
        (Fraction(135 * 1001, 30_000), 4_504, 5),
        (Fraction(59_4999, 10_000), 59_499, 59),
        (Fraction(89_4996, 10_000), 89_499, 89),
        (Fraction(2**40, 48_000), 22_906_492_245, 22_906_492),
    ],
)
def test_edges(length: Fraction, kept: int, seconds: int) -> None:
    assert durations.milliseconds(length) == kept
    assert durations.seconds(kept) == seconds


def test_minutes_are_not_rounded_from_rounded_seconds() -> None:
    assert durations.seconds(89_500) == 90
    assert durations.minutes(89_500) == 1
    assert durations.minutes(90_000) == 2
