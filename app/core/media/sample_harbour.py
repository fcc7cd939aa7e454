"""Paints the harbour of the made shooting day, at four hours.

Flat and drawn, so that nobody takes it for footage.
"""

import dataclasses
from typing import TYPE_CHECKING, Final

from app.core.media.sample_paint import HEIGHT, WIDTH, Colour, blend, edge, flat, grid, line, ridge

if TYPE_CHECKING:
    from app.core.media.sample_paint import Floats


@dataclasses.dataclass(frozen=True, slots=True)
class Harbour:
    """One hour of the harbour."""

    top: Colour
    low: Colour
    """The sky above and at the horizon."""
    hills: Colour
    sea: Colour
    lamp: Colour
    """Sun or moon, and what shines on the water."""
    at: tuple[int, int]
    """Where it stands, in hundredths of width and height."""
    radius: int = 4
    """In hundredths of the height."""
    stars: bool = False
    lighthouse: bool = False
    boat: int = 0
    """Where a boat lies, in hundredths of the width; 0: none."""


DUSK: Final = Harbour(
    (40, 28, 92), (255, 138, 84), (38, 30, 58), (40, 40, 70), (255, 222, 150), (60, 47), 6, boat=34
)
DAWN: Final = Harbour(
    (62, 120, 160),
    (246, 214, 186),
    (58, 88, 102),
    (70, 116, 128),
    (255, 244, 214),
    (30, 40),
    5,
    boat=66,
)
NIGHT: Final = Harbour(
    (8, 12, 30),
    (36, 52, 88),
    (10, 16, 30),
    (12, 24, 44),
    (214, 226, 255),
    (74, 20),
    4,
    stars=True,
    lighthouse=True,
)
FOG: Final = Harbour(
    (176, 190, 194),
    (216, 222, 220),
    (128, 146, 152),
    (150, 166, 170),
    (250, 250, 244),
    (52, 30),
    5,
    lighthouse=True,
    boat=40,
)


def harbour(hour: Harbour) -> "Floats":
    """Sky, sun or moon, three rows of hills, the sea, and what stands on it."""
    import numpy as np

    y, x = grid()
    horizon = 0.62
    picture = blend(flat(hour.top), flat(hour.low), np.clip(y / horizon, 0, 1) ** 1.4)
    lamp_x, lamp_y = hour.at[0] / 100 * WIDTH / HEIGHT, hour.at[1] / 100
    away = np.hypot(x - lamp_x, y - lamp_y)
    if hour.stars:
        picture = blend(picture, flat((255, 255, 255)), _stars(x, y) * np.clip(1 - y / 0.5, 0, 1))
    picture = blend(picture, flat(hour.lamp), 0.75 * np.exp(-6 * away))
    picture = blend(picture, flat(hour.lamp), edge(hour.radius / 100 - away))
    for row in range(3):
        crest = horizon - 0.13 + 0.05 * row + ridge(x, row) * (0.05 - 0.01 * row)
        haze = blend(flat(hour.low), flat(hour.hills), np.full_like(x, 0.45 + 0.27 * row))
        picture = blend(picture, haze, edge(y - crest))
    sea = _sea(hour, x, y, lamp_x, horizon)
    picture = blend(picture, sea, edge(y - horizon))
    if hour.lighthouse:
        picture = _lighthouse(picture, hour, x, y)
    if hour.boat:
        picture = _boat(picture, hour, x, y)
    return picture


def _sea(hour: Harbour, x: "Floats", y: "Floats", lamp_x: float, horizon: float) -> "Floats":
    import numpy as np

    depth = np.clip((y - horizon) / (1 - horizon), 0, 1)
    wave = np.sin(190 * np.sqrt(depth + 0.02) + 3 * np.sin(9 * x + 4 * depth))
    wave = 0.5 + 0.5 * wave * np.sin(31 * x * (1.4 - depth) + 23 * depth)
    glitter = np.exp(-np.abs(x - lamp_x) / (0.06 + 0.5 * depth)) * wave
    sea = blend(flat(hour.low), flat(hour.sea), np.clip(0.45 + 0.8 * depth, 0, 1))
    sea = blend(sea, flat(hour.hills), 0.25 * (1 - wave) * depth)
    return blend(sea, flat(hour.lamp), 0.85 * glitter)


def _lighthouse(picture: "Floats", hour: Harbour, x: "Floats", y: "Floats") -> "Floats":
    import numpy as np

    foot, top, at = 0.72, 0.3, 0.48
    half = 0.018 + 0.02 * (y - top)
    bands = np.where(np.floor((y - top) / 0.07) % 2 == 0, 1.0, 0.0)
    tower = edge(half - np.abs(x - at)) * edge(y - top) * edge(foot - y)
    white = blend(flat(hour.sea), flat((236, 232, 222)), np.full_like(x, 0.75))
    red = blend(flat(hour.sea), flat((178, 48, 40)), np.full_like(x, 0.8))
    beam = edge(0.02 + 0.16 * np.abs(x - at) - np.abs(y - top + 0.025 - 0.06 * (x - at)))
    beam = beam * np.exp(-1.6 * np.abs(x - at)) * np.where(x > at, 0.4, 0.16)
    picture = blend(picture, flat((255, 240, 190)), beam)
    picture = blend(picture, blend(white, red, bands), tower)
    crown = foot - 0.035 * np.cos(8.5 * (x - at)) - 0.004 * np.sin(70 * x)
    rock = edge(y - crown) * edge(0.18 - np.abs(x - at)) * edge(foot + 0.035 - y)
    picture = blend(picture, flat(hour.hills), rock)
    room = edge(0.018 - np.abs(x - at)) * edge(0.022 - np.abs(y - top + 0.022))
    picture = blend(picture, flat((255, 236, 170)), room)
    roof = edge(0.026 - np.abs(x - at) - (top - 0.044 - y)) * edge(top - 0.044 - y)
    return blend(picture, flat(hour.hills), roof)


def _boat(picture: "Floats", hour: Harbour, x: "Floats", y: "Floats") -> "Floats":
    import numpy as np

    at, deck = hour.boat / 100 * WIDTH / HEIGHT, 0.7
    dark = flat(tuple(part * 2 // 5 for part in hour.hills))
    along, down = x - at, y - deck
    hull = (
        edge(0.17 - 0.9 * down - np.abs(along))
        * edge(down + 0.012 * np.cos(along * 16))
        * edge(0.055 - down)
    )
    cabin = edge(0.04 - np.abs(along + 0.05)) * edge(down + 0.075) * edge(-down)
    mast = edge(0.003 - np.abs(along - 0.03)) * edge(down + 0.26) * edge(-down)
    stays = np.maximum(
        line(along, down, 0.03, -0.26, 0.16, 0.0), line(along, down, 0.03, -0.26, -0.14, 0.0)
    )
    flag = edge(0.022 - np.abs(along - 0.054)) * edge(
        0.014 - np.abs(down + 0.246 + 0.005 * np.sin(90 * along))
    )
    mirror = (
        edge(0.15 - np.abs(along)) * edge(down - 0.055) * np.exp(-12 * np.clip(down - 0.055, 0, 1))
    )
    picture = blend(picture, dark, mirror * (0.35 + 0.25 * np.sin(260 * y)))
    for shape in (hull, cabin, mast, stays):
        picture = blend(picture, dark, shape)
    window = edge(0.012 - np.abs(along + 0.065)) * edge(0.014 - np.abs(down + 0.048))
    picture = blend(picture, flat((255, 214, 130)), window)
    return blend(picture, flat((196, 62, 48)), flag)


def _stars(x: "Floats", y: "Floats") -> "Floats":
    import numpy as np

    spread = np.sin(np.floor(x * 150) * 12.9898 + np.floor(y * 150) * 78.233) * 43758.5453
    lit = (spread - np.floor(spread)) > 0.9965
    near = np.hypot(x * 150 % 1 - 0.5, y * 150 % 1 - 0.5) < 0.3
    return np.where(lit & near, 0.9, 0.0)
