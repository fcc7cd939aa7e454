"""How a position is shown and typed: source timecode, frames, seconds, feet and frames. Pure."""

import enum
import re
from fractions import Fraction
from typing import Final

from PySide6.QtCore import QCoreApplication

from app.core.model.errors import Refused
from app.core.model.timecode import parse_entry
from app.ui.player.source import PlayerSource

FRAMES_A_FOOT: Final = 16
"""35 mm, four perforations."""

_SECONDS: Final = re.compile(r"^\d{1,7}(\.\d{0,9})?$")
_FEET: Final = re.compile(r"^(\d{1,6})\+(\d{1,2})$")


class Display(enum.Enum):
    """In what positions are shown."""

    TIMECODE = "timecode"
    FRAMES = "frames"
    SECONDS = "seconds"
    FEET = "feet"


def display_name(display: Display) -> str:
    """Its name in a menu."""
    translate = QCoreApplication.translate
    return {
        Display.TIMECODE: translate("Positions", "Source timecode"),
        Display.FRAMES: translate("Positions", "Frames"),
        Display.SECONDS: translate("Positions", "Seconds"),
        Display.FEET: translate("Positions", "Feet and frames"),
    }[display]


def text(source: PlayerSource, frame: int, display: Display) -> str:
    """A position as on screen."""
    if display is Display.TIMECODE:
        return source.text(frame)
    if display is Display.SECONDS:
        milliseconds = int(source.seconds(frame) * 1000)
        return f"{milliseconds // 1000}.{milliseconds % 1000:03d}"
    count = int(frame // source.step)
    if display is Display.FRAMES:
        return str(count)
    return f"{count // FRAMES_A_FOOT}+{count % FRAMES_A_FOOT:02d}"


def length(source: PlayerSource, frames: int, display: Display) -> str:
    """A duration: as a position from nothing, timecode without leading noughts (`3:14`)."""
    if display is not Display.TIMECODE:
        return text(source, frames, display)
    label = source.timebase.label(int(frames // source.step))
    shortened = re.sub(r"^(00:){1,2}", "", label)
    return re.sub(r"^0(?=\d)", "", shortened)


def parse(typed: str, source: PlayerSource, current: int, display: Display) -> int:
    """The frame a person typed, from 0; may lie outside the clip.

    In the other displays plain numbers mean what is shown; everything `parse_entry` knows works too.

    Raises:
        Refused: it is no position.
    """
    typed = typed.strip()
    if not typed:
        raise Refused("Nothing typed", "Type a timecode, +12, @7, or digits filled from the right.")
    if display is Display.FRAMES and typed.isdecimal():
        return int(int(typed) * source.step)
    if display is Display.SECONDS and _SECONDS.match(typed):
        return int(Fraction(typed.rstrip(".")) * source.rate)
    feet = _FEET.match(typed) if display is Display.FEET else None
    if feet:
        return int((int(feet[1]) * FRAMES_A_FOOT + int(feet[2])) * source.step)
    now = int(current // source.step)
    return int(parse_entry(typed, source.timebase, now, source.start_frame) * source.step)
