"""The tokens of the look: colours, spaces, radii, type sizes. Everything drawn is built from these.

Surfaces are neutral grey (red = green = blue), because the picture is the only colourful thing in
the window. The accent means "here, now, chosen" and nothing else. Widgets that paint themselves
ask `current()`, which follows the chosen theme; the few constants are for what lies on a picture.
"""

import dataclasses
from typing import Final

from PySide6.QtGui import QColor, QFont, QFontDatabase


@dataclasses.dataclass(frozen=True, slots=True)
class Tokens:
    """One palette. Values are `#rrggbb`."""

    name: str
    bg0: str
    """Canvas."""
    bg1: str
    """Panels and bars."""
    bg2: str
    """Cards and wells."""
    bg3: str
    """Controls."""
    line: str
    row_line: str
    text: str
    text2: str
    text3: str
    """Labels that are repeated elsewhere; only from 12 px on `bg0` and `bg1`."""
    accent: str
    accent_dim: str
    accent_mark: str
    """Behind the word being said."""
    on_accent: str
    ok: str
    warn: str
    bad: str
    info: str
    surround: str
    """Around a picture: neutral in both themes."""
    badge: str
    """Behind words that lie on a picture."""
    on_badge: str


DARK: Final = Tokens(
    name="dark",
    bg0="#161616",
    bg1="#1e1e1e",
    bg2="#262626",
    bg3="#303030",
    line="#3a3a3a",
    row_line="#2a2a2a",
    text="#e6e6e6",
    text2="#a8a8a8",
    text3="#7a7a7a",
    accent="#f0a030",
    accent_dim="#3a2c14",
    accent_mark="#6b4a1c",
    on_accent="#1a1204",
    ok="#5fb878",
    warn="#e6d24a",
    bad="#e06a5a",
    info="#6aa5e0",
    surround="#000000",
    badge="#141414",
    on_badge="#e6e6e6",
)

LIGHT: Final = Tokens(
    name="light",
    bg0="#f2f2f2",
    bg1="#e8e8e8",
    bg2="#fafafa",
    bg3="#dcdcdc",
    line="#bdbdbd",
    row_line="#d8d8d8",
    text="#1c1c1c",
    text2="#4a4a4a",
    text3="#6a6a6a",
    accent="#b26a00",
    accent_dim="#f3ddb8",
    accent_mark="#efc684",
    on_accent="#ffffff",
    ok="#1f7a3d",
    warn="#7a6400",
    bad="#b23a2a",
    info="#1f5fa8",
    surround="#767676",
    badge="#141414",
    on_badge="#e6e6e6",
)

LINE: Final = DARK.line
TEXT: Final = DARK.text
TEXT2: Final = DARK.text2

SPACE_XS: Final = 4
SPACE_S: Final = 8
SPACE_M: Final = 12
SPACE_L: Final = 16
SPACE_XL: Final = 24

RADIUS_TAG: Final = 3
RADIUS: Final = 6
RADIUS_CARD: Final = 8

HEADER: Final = 44
FOOTER: Final = 30
SIDEBAR: Final = 220
INSPECTOR: Final = 624

BODY_PX: Final = 13
SMALL_PX: Final = 12
CAPS_PX: Final = 11
TITLE_PX: Final = 20
TIMECODE_PX: Final = 20

_SANS: Final = ("Inter", "Inter Variable", "SF Pro Text", "Segoe UI", "Noto Sans", "DejaVu Sans")
_MONO: Final = ("JetBrains Mono", "SF Mono", "Cascadia Mono", "Noto Sans Mono", "DejaVu Sans Mono")


class _Theme:
    """The palette in use. One holder, so that painting code need not be told twice."""

    tokens: Tokens = DARK


def current() -> Tokens:
    """The palette in use now."""
    return _Theme.tokens


def choose(tokens: Tokens) -> None:
    """Makes a palette the one in use. The caller restyles and repaints."""
    _Theme.tokens = tokens


def colour(value: str, opacity: int = 255) -> QColor:
    """A token as a colour; `opacity` 0..255."""
    made = QColor(value)
    made.setAlpha(opacity)
    return made


def sans(pixels: int = BODY_PX, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """The interface font with tabular figures: Inter where installed, else the system's."""
    return _font(_SANS, pixels, weight, QFontDatabase.SystemFont.GeneralFont)


def mono(pixels: int = SMALL_PX, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """The font of timecode and hashes."""
    return _font(_MONO, pixels, weight, QFontDatabase.SystemFont.FixedFont)


def caps(pixels: int = CAPS_PX) -> QFont:
    """Small capitals of section heads, spaced by 0.6 px."""
    made = sans(pixels, QFont.Weight.Medium)
    made.setCapitalization(QFont.Capitalization.AllUppercase)
    made.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, 0.6)
    return made


def _font(
    families: tuple[str, ...], pixels: int, weight: QFont.Weight, fallback: QFontDatabase.SystemFont
) -> QFont:
    made = QFontDatabase.systemFont(fallback)
    made.setFamilies([*families, *made.families()])
    made.setPixelSize(pixels)
    made.setWeight(weight)
    # Figures of one width, so that counts and times do not dance while they change.
    made.setFeature(QFont.Tag("tnum"), 1)
    return made
