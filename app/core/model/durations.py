"""How long something plays, everywhere the same: exact seconds are kept as whole milliseconds, cut off, never rounded.

So whole seconds, nearest first and half a second up, come out as they would from the exact length: a card, a list, the
inspector, a search and a sum all say the same of one clip. Rounded milliseconds would round twice.
"""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from fractions import Fraction

SECOND: Final = 1000
HALF: Final = SECOND // 2
_MINUTE: Final = 60 * SECOND


def milliseconds(length: "Fraction") -> int:
    """Whole milliseconds of a length in seconds, not negative."""
    return length.numerator * SECOND // length.denominator


def seconds(milliseconds: int) -> int:
    """The nearest whole seconds; half a second counts up."""
    return (milliseconds + HALF) // SECOND


def minutes(milliseconds: int) -> int:
    """The nearest whole minutes; half a minute counts up."""
    return (milliseconds + _MINUTE // 2) // _MINUTE
