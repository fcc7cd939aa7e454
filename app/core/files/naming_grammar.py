"""What the names of files and folders say: reel, camera, clip, take, chapter, span, date.

The makers' grammars are those of the field guide §7.3 and §7.4. A name is only evidence: containers and
camera XML are asked first. Nothing here looks at a disk.
"""

import dataclasses
import re
from collections.abc import Callable, Sequence


@dataclasses.dataclass(frozen=True, slots=True)
class NameFacts:
    """What one file name says; what it does not say is None."""

    maker: str | None = None
    """`arri`, `sony`, `red`, `blackmagic`, `gopro`, `dji`, `canon`, `recorder`."""
    reel: str | None = None
    camera: str | None = None
    """The camera's letter."""
    clip: str | None = None
    """The clip's own number or name on its card (`C006`, `0042`)."""
    take: str | None = None
    chapter: int | None = None
    """Which part of one recording (GoPro)."""
    span: int | None = None
    """Which file of one clip (RED `_003`, Blackmagic second file)."""
    date: str | None = None
    """ISO 8601 as far as the name goes: `2014-10-24`, `--08-15` without the year."""


_REEL = re.compile(r"^[A-Z]\d{3}(?:[A-Z0-9]{3,5})?$")
_FULL_REEL = re.compile(r"^[A-Z]\d{3}R[A-Z0-9]{3}$")
_MAGAZINE = re.compile(r"^([A-Z]\d{3}_\d{4}[A-Z0-9]{2})\.RDM$", re.IGNORECASE)
_CARD_FOLDERS = frozenset({"XDROOT", "M4ROOT", "CONTENTS", "BPAV", "DCIM", "PRIVATE", "CLIPS001"})


def reel_from_folders(parts: Sequence[str]) -> str | None:
    """The reel that a clip's folders name, or None.

    Args:
        parts: the folders from the volume down to the clip's own, without the file name.

    A RED magazine (`A006_0514AB.RDM`), the folder that holds a card's own structure where it is named
    like a reel (`A001R1AB/XDROOT/…`), an ARRI reel folder (`A005R1AB`). The innermost one counts.
    """
    for at in range(len(parts) - 1, -1, -1):
        name = parts[at]
        magazine = _MAGAZINE.match(name)
        if magazine:
            return magazine[1].upper()
        if _FULL_REEL.match(name):
            return name
        below = parts[at + 1].upper() if at + 1 < len(parts) else ""
        if below in _CARD_FOLDERS and _REEL.match(name):
            return name
    return None


def name_facts(name: str) -> NameFacts:
    """What a file's name says, with or without its extension."""
    stem = name.rpartition(".")[0] or name
    for pattern, reader in _GRAMMARS:
        found = pattern.match(stem)
        if found:
            return reader(found)
    return NameFacts()


def _day(digits: str) -> str | None:
    """`141024` or `20260514` as a date; None where there is no such month or day."""
    year, rest = (digits[:4], digits[4:]) if len(digits) == 8 else ("20" + digits[:2], digits[2:])
    month, day = int(rest[:2]), int(rest[2:])
    return f"{year}-{month:02d}-{day:02d}" if 1 <= month <= 12 and 1 <= day <= 31 else None


def _yearless(digits: str) -> str | None:
    month, day = int(digits[:2]), int(digits[2:])
    return f"--{month:02d}-{day:02d}" if 1 <= month <= 12 and 1 <= day <= 31 else None


def _arri(found: re.Match[str]) -> NameFacts:
    camera, card, clip, date, ident = found.groups()
    reel = f"{camera}{card}{ident}"
    return NameFacts("arri", reel, camera, f"C{clip}", date=_day(date))


def _cinema(found: re.Match[str]) -> NameFacts:
    """Sony and Canon: the letters after the date are no part of the reel's name."""
    camera, card, clip, date, ident = found.groups()
    maker = "sony" if len(ident) == 2 else "canon"
    return NameFacts(maker, f"{camera}{card}", camera, f"C{clip}", date=_day(date))


def _red(found: re.Match[str]) -> NameFacts:
    camera, card, clip, date, _, span = found.groups()
    return NameFacts(
        "red",
        f"{camera}{card}",
        camera,
        f"C{clip}",
        span=int(span) if span else None,
        date=_yearless(date),
    )


def _blackmagic(found: re.Match[str]) -> NameFacts:
    camera, card, date, clip, part = found.groups()
    span = int(part) if part else None
    return NameFacts(
        "blackmagic", f"{camera}{card}", camera, f"C{clip}", span=span, date=_yearless(date)
    )


def _gopro(found: re.Match[str]) -> NameFacts:
    return NameFacts("gopro", clip=found[2], chapter=int(found[1]))


def _old_gopro(found: re.Match[str]) -> NameFacts:
    return NameFacts("gopro", clip=found[2], chapter=int(found[1]) + 1 if found[1] else 1)


def _dji(found: re.Match[str]) -> NameFacts:
    date, clip = found[1], found[2]
    return NameFacts("dji", clip=clip, date=_day(date[:8]) if date else None)


def _sony(found: re.Match[str]) -> NameFacts:
    return NameFacts("sony", clip=found[1])


def _recorder(found: re.Match[str]) -> NameFacts:
    return NameFacts("recorder", take=found[1])


_GRAMMARS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], NameFacts]], ...] = (
    # A002C006_141024_R2EC: ARRI's camera id begins with R.
    (re.compile(r"^([A-Z])(\d{3})C(\d{3})_(\d{6})_(R[A-Z0-9]{3})(?:_.*)?$"), _arri),
    # A001C001_260514R1 (Sony), A012C001_230515_BY9X and A012C001_230515BY9X (Canon).
    (
        re.compile(r"^([A-Z])(\d{3})C(\d{3})_(\d{6})_?([A-Z0-9]{2}|[A-Z0-9]{4})(?:[A-Z]\d\d)?$"),
        _cinema,
    ),
    # A002_C001_0908R4_003
    (re.compile(r"^([A-Z])(\d{3})_C(\d{3})_(\d{4})([A-Z0-9]{2})(?:_(\d{3}))?$"), _red),
    # A001_08151512_C001
    (re.compile(r"^([A-Z])(\d{3})_(\d{4})\d{4}_C(\d{3})(?:_S(\d{3}))?$"), _blackmagic),
    # GX011000: chapter 01 of recording 1000.
    (re.compile(r"^G[HXLS](\d{2})(\d{4})$"), _gopro),
    # GOPR1000, then GP011000, GP021000.
    (re.compile(r"^(?:GOPR|GP(\d{2}))(\d{4})$"), _old_gopro),
    # DJI_0001, DJI_20260514101500_0001_D
    (re.compile(r"^DJI_(?:(\d{14})_)?(\d{4})(?:_[A-Z])?$"), _dji),
    (re.compile(r"^(C\d{4})(?:[MT]\d{2}|S\d{2})?$"), _sony),
    (re.compile(r"^(T\d{3,})(?:_\d+)?$"), _recorder),
)
