"""J, K, L as a ladder of speeds. Pure: keys in, signed speed out."""

from fractions import Fraction
from typing import Final

LADDER: Final = (Fraction(1), Fraction(2), Fraction(4), Fraction(8), Fraction(16))
SLOW: Final = Fraction(1, 4)
"""K held together with J or L."""

STOPPED: Final = Fraction(0)


def faster(speed: Fraction, direction: int) -> Fraction:
    """The speed after one press of L (`direction` 1) or J (-1).

    The same way again climbs 1-2-4-8-16; the other key steps down one, and from 1× turns round.
    """
    if speed * direction <= 0:
        return direction * LADDER[0] if abs(speed) <= LADDER[0] else _down(speed)
    higher = [step for step in LADDER if step > abs(speed)]
    return direction * (higher[0] if higher else LADDER[-1])


def _down(speed: Fraction) -> Fraction:
    lower = [step for step in LADDER if step < abs(speed)]
    sign = 1 if speed > 0 else -1
    return sign * lower[-1]


def speed_text(speed: Fraction) -> str:
    """`1×`, `−4×`, `¼×`: as the transport shows it."""
    size = abs(speed)
    words = {Fraction(1, 4): "¼", Fraction(1, 2): "½"}.get(size, str(size))
    return f"{'−' if speed < 0 else ''}{words}×"
