"""Timecode: labels, drop-frame, parsing, entry. Frames are integers, rates are fractions, never floats.

Rules and vectors: SMPTE ST 12-1. Drop-frame exists at 30000/1001 (two labels a minute) and
60000/1001 (four), except in each tenth minute; the flag is stored, never inferred from the rate.
Above 60 frames a second labels count at a base rate of at most 60, with the sub-frame behind a dot.
"""

import dataclasses
import re
from fractions import Fraction
from typing import NoReturn

from app.core.model.errors import Refused

DROP_RATES = (Fraction(30000, 1001), Fraction(60000, 1001))
_LABEL = re.compile(r"^(\d{1,2}):(\d{2}):(\d{2})([:;.,])(\d{2,3})(?:\.(\d{1,2}))?$")
_RATE = re.compile(r"^(\d{1,9})(?:/(\d{1,9}))?$")
_DECIMAL = re.compile(r"[0-9]{1,9}\.[0-9]{1,12}")
_FRAME = re.compile(r"@[0-9]{1,15}")
_SECONDS = re.compile(r"\+(?:[0-9]{1,12}(?:[./][0-9]{1,12})?|\.[0-9]{1,12})s")
_NTSC = {
    "23.976": 24,
    "23.98": 24,
    "29.97": 30,
    "47.952": 48,
    "47.95": 48,
    "59.94": 60,
    "119.88": 120,
}


def rate_text(rate: Fraction) -> str:
    """`30000/1001`, `25/1`: lowest terms, always with the denominator."""
    return f"{rate.numerator}/{rate.denominator}"


def parse_rate(text: str) -> Fraction:
    """Reads `30000/1001`, `25`, `25/1`, `29.97`, `12.5`; refuses zero, negative and absurd rates."""
    text = text.strip()
    if text in _NTSC:
        return Fraction(_NTSC[text] * 1000, 1001)
    found = _RATE.match(text)
    if found and int(found[2] or 1):
        rate = Fraction(int(found[1]), int(found[2] or 1))
    else:
        rate = Fraction(text) if _DECIMAL.fullmatch(text) else Fraction(0)
    if not 0 < rate <= 1_000_000:
        raise Refused(
            "Not a frame rate",
            f"{text!r} is no frame rate.",
            subject=text,
            todo="Give a rate such as 25, 24000/1001 or 29.97.",
        )
    return rate


@dataclasses.dataclass(frozen=True, slots=True)
class Timebase:
    """How frames of one clip or timeline are labelled."""

    rate: Fraction
    drop: bool = False

    def __post_init__(self) -> None:
        if self.drop and self.rate not in DROP_RATES:
            raise Refused(
                "No drop-frame at this rate",
                f"Drop-frame exists at 29.97 and 59.94 only, not at {rate_text(self.rate)}.",
                subject=rate_text(self.rate),
            )

    @property
    def steps(self) -> int:
        """Frames under one label: 1 up to 60 a second, more above."""
        return max(1, -(-self._whole // 60))

    @property
    def _whole(self) -> int:
        return max(1, int(self.rate + Fraction(1, 2)))

    @property
    def nominal(self) -> int:
        """Labels a second."""
        return max(1, self._whole // self.steps)

    @property
    def day(self) -> int:
        """Frames in 24 hours of labels."""
        return self._count(24, 0, 0, 0) * self.steps

    def _count(self, hours: int, minutes: int, seconds: int, frames: int) -> int:
        total = hours * 60 + minutes
        count = (total * 60 + seconds) * self.nominal + frames
        if self.drop:
            count -= self.nominal // 15 * (total - total // 10)
        return count

    def label(self, frame: int) -> str:
        """The label of a frame counted from 00:00:00:00; wraps at 24 h, also below zero."""
        count, sub = divmod(frame % self.day, self.steps)
        if self.drop:
            dropped = self.nominal // 15
            ten = self._count(0, 10, 0, 0)
            tens, rest = divmod(count, ten)
            if rest >= self.nominal * 60:
                minute = self.nominal * 60 - dropped
                count += dropped * ((rest - self.nominal * 60) // minute + 1)
            count += dropped * 9 * tens
        seconds, frames = divmod(count, self.nominal)
        mark = ";" if self.drop else ":"
        text = (
            f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{mark}{frames:02d}"
        )
        return f"{text}.{sub}" if self.steps > 1 else text

    def frame(self, label: str) -> int:
        """The frame of a label; refuses what cannot exist (dropped labels, 25 of 25, 61 seconds)."""
        found = _LABEL.match(label.strip())
        if not found:
            raise _illegal(label, "it does not read HH:MM:SS:FF")
        hours, minutes, seconds, frames = (int(found[n]) for n in (1, 2, 3, 5))
        sub = int(found[6] or 0)
        if found[4] == ";" and not self.drop:
            raise _illegal(
                label, "a semicolon means drop-frame, and this is not drop-frame material"
            )
        if (
            hours > 23
            or minutes > 59
            or seconds > 59
            or frames >= self.nominal
            or sub >= self.steps
        ):
            raise _illegal(label, f"no such time at {self.nominal} frames a second")
        if self.drop and seconds == 0 and minutes % 10 and frames < self.nominal // 15:
            raise _illegal(
                label,
                "drop-frame skips this label: the next one is "
                + self.label(self._count(hours, minutes, 0, self.nominal // 15) * self.steps),
            )
        return self._count(hours, minutes, seconds, frames) * self.steps + sub

    def seconds_to_frame(self, seconds: Fraction) -> int:
        """The frame that is shown at this time: floor(seconds × rate)."""
        return int(seconds * self.rate // 1)


def _illegal(label: str, why: str) -> Refused:
    return Refused(
        "Illegal timecode",
        f"{label!r}: {why}.",
        subject=label,
        todo="Give HH:MM:SS:FF (a semicolon before the frames where it is drop-frame), @FRAME or +SECONDSs.",
    )


def parse_entry(text: str, base: Timebase, current: int, start: int) -> int:
    """What a person types in the timecode field, as a frame from the clip's first frame.

    `+12` and `-12` move by frames, `+1.15.` style dots stand for pairs of digits filled from the
    right (`1.15.` is one second fifteen … of minutes), `10203` fills from the right like any
    digits, `@7` is a frame number. Anything with a colon is a full label.

    Args:
        text: what was typed.
        base: the clip's timebase.
        current: the frame shown now, from 0.
        start: the label frame of the clip's first frame.
    """
    text = text.strip()
    if text.startswith("@") and text[1:].isdigit():
        return int(text[1:])
    if text[:1] in "+-" and text[1:]:
        sign = 1 if text[0] == "+" else -1
        body = text[1:]
        plain = body.isdigit() and len(body) <= 2
        amount = int(body) if plain else _filled(body, Timebase(base.rate))
        return current + sign * amount
    if ":" in text or ";" in text:
        return (base.frame(text) - start) % base.day
    return (_filled(text, base) - start) % base.day


def _filled(text: str, base: Timebase) -> int:
    digits = "".join(part.rjust(2, "0") for part in text.split(".")) if "." in text else text
    if not digits.isdigit() or len(digits) > 8:
        raise _illegal(text, "only digits and dots can be filled in from the right")
    digits = digits.rjust(8, "0")
    mark = ";" if base.drop else ":"
    return base.frame(f"{digits[:2]}:{digits[2:4]}:{digits[4:6]}{mark}{digits[6:]}")


def parse_seconds(text: str) -> Fraction:
    """Reads `+1.5s`, `+1/3s`: seconds from the clip's first frame.

    Raises:
        Refused: anything else, exponents too: they make numbers that no machine can hold.
    """
    try:
        return (
            Fraction(text.strip()[1:-1]) if _SECONDS.fullmatch(text.strip()) else _no_seconds(text)
        )
    except ZeroDivisionError:
        return _no_seconds(text)


def _no_seconds(text: str) -> NoReturn:
    raise _illegal(text, "these are no seconds")


def parse_position(text: str, base: Timebase, start: int | None, frames: int | None) -> int:
    """A position as the command line takes it: label, `@FRAME` or `+SECONDSs`, as a frame from 0.

    Raises:
        Refused: illegal label, or a position outside the clip.
    """
    text = text.strip()
    if text.startswith("@"):
        if not _FRAME.fullmatch(text):
            raise _illegal(text, "a frame is a whole number from 0")
        frame = int(text[1:])
    elif text.startswith("+"):
        frame = base.seconds_to_frame(parse_seconds(text))
    else:
        frame = (base.frame(text) - (start or 0)) % base.day
    if frames is not None and not 0 <= frame < max(frames, 1):
        raise Refused(
            "Outside the clip",
            f"{text} is frame {frame}; the clip has {frames} frames.",
            subject=text,
            todo="Give a time inside the clip.",
        )
    return frame
