"""How the folder of a card is called on its destinations: a template such as `{project}/{shootday}/{card}`.

Elements are looked up in a fixed table; nothing of a name is ever a format, a path or a pattern.
"""

import dataclasses
import datetime
import re
from collections.abc import Callable, Mapping
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from app.core.model import names
from app.core.model.errors import Refused

DEFAULT: Final = "{project}/{shootday}/{card}"
_LONGEST: Final = 200
"""Bytes of one folder's name: what every disk holds, with room for a number at its end."""
_PART: Final = re.compile(r"\{([a-z]+)(?::0?(\d))?\}|([^{}]+)|([{}])")
_UNSAFE: Final = re.compile(r'[\x00-\x1f\x7f\\/<>"|?*:]+')
_REEL: Final = re.compile(
    r"(?<![A-Z0-9])([A-Z]\d{3})(?:[_R]?[A-Z0-9]{2,4})?(?![0-9])", re.IGNORECASE
)
"""A camera's letter and the number of its roll, as cameras name them: A003, A003R1AB (field guide, reel names)."""


@dataclasses.dataclass(frozen=True, slots=True)
class Named:
    """What a card's folder is named from."""

    project: str
    reel: str
    """The card's own name; empty where nothing on it tells."""
    camera: str
    """Its maker or letter; may be empty."""
    shot: datetime.datetime
    """When its newest file was written, in UTC."""
    counter: int
    """The next number of a card of this project, from 1."""


@dataclasses.dataclass(frozen=True, slots=True)
class ShootDay:
    """When a shooting day ends, and where."""

    roll_over: int = 4
    """The hour until which the night still belongs to the day before."""
    zone: str = ""
    """Such as `Europe/Berlin`; this machine's where it is empty."""

    def there(self, moment: datetime.datetime) -> datetime.datetime:
        """A moment as clocks there show it.

        Raises:
            Refused: no such time zone.
        """
        try:
            return moment.astimezone(ZoneInfo(self.zone) if self.zone else None)
        except (ZoneInfoNotFoundError, ValueError) as problem:
            raise Refused(
                "Unknown time zone",
                f"{self.zone!r} is none.",
                subject=self.zone,
                todo="Give one such as Europe/Berlin.",
            ) from problem

    def of(self, moment: datetime.datetime) -> datetime.date:
        """The day that a moment belongs to.

        Raises:
            Refused: no such time zone.
        """
        there = self.there(moment)
        # The label on the clock counts, as it does on a call sheet: no hour of a changed clock moves the day.
        day = there.date()
        return day - datetime.timedelta(days=1) if there.hour < self.roll_over else day


_ELEMENTS: Final[Mapping[str, Callable[[Named, ShootDay, int], str]]] = {
    "project": lambda n, _day, _width: n.project,
    "shootday": lambda n, day, _width: day.of(n.shot).isoformat(),
    "date": lambda n, day, _width: dataclasses.replace(day, roll_over=0).of(n.shot).isoformat(),
    "cam": lambda n, _day, _width: n.camera,
    "card": lambda n, _day, _width: n.reel or f"CARD{n.counter:03d}",
    "reel": lambda n, _day, _width: n.reel,
    "counter": lambda n, _day, width: f"{n.counter:0{width}d}",
}
"""The elements. A folder whose elements are all unknown is left out."""


def folder_for(template: str, named: Named, day: ShootDay | None = None) -> str:
    """The folder of a card below a destination's root, `/` between names; never absolute, never with `..`.

    Raises:
        Refused: an unknown element, a stray brace, or nothing is left of it.
    """
    text, found = template or DEFAULT, list[str]()
    for segment in text.split("/"):
        parts = list(_parts(segment, text))
        values = [_value(part, named, day or ShootDay()) for part in parts]
        if any(name for name, _, _ in parts) and not any(
            value for value, (name, _, _) in zip(values, parts, strict=True) if name
        ):
            continue
        if clean := _clean("".join(values)):
            found.append(clean)
    if not found:
        raise Refused("Not a template", f"{text!r} names no folder.", subject=text)
    return "/".join(found)


def reel_of(clips: list[str]) -> str:
    """The reel that the names of a card's clips share, such as `A003`; empty where they do not tell one."""
    found = {match[1].upper() for match in map(_REEL.match, clips) if match}
    return found.pop() if len(found) == 1 else ""


def next_free(folder: str, taken: Callable[[str], bool]) -> str:
    """The folder itself, or with the next number behind it (`A003__2`) that nothing is in yet."""
    number, name = 1, folder
    while taken(name):
        number += 1
        name = f"{folder}__{number}"
    return name


def _parts(segment: str, text: str) -> list[tuple[str, str, str]]:
    """(element, width, literal) of a segment."""
    parts: list[tuple[str, str, str]] = []
    for element, width, literal, brace in _PART.findall(segment):
        if brace or (element and element not in _ELEMENTS):
            raise Refused(
                "Not a template",
                f"{text!r}: {{{element or brace}}} is no element.",
                subject=text,
                choices=tuple(_ELEMENTS),
            )
        parts.append((element, width, literal))
    return parts


def _value(part: tuple[str, str, str], named: Named, day: ShootDay) -> str:
    element, width, literal = part
    return _ELEMENTS[element](named, day, int(width or 3)) if element else literal


def _clean(piece: str) -> str:
    shown = _UNSAFE.sub("_", names.display(names.compare_key(piece))).strip(" .")
    return shown.encode()[:_LONGEST].decode(errors="ignore").strip(" .")
