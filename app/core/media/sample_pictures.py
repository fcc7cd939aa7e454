"""Paints the pictures of the made shooting day: a harbour at four hours, a speaker, the shore from above, the deep.

Flat and drawn, so that nobody takes them for footage. A picture is painted once, wider than the frame;
ffmpeg then pans across it. Everything is arithmetic on arrays of floats from 0 to 1, height × width ×
3, without any random number: the same picture on every machine.
"""

import dataclasses
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

HEIGHT: Final = 600
WIDTH: Final = 1216
"""Larger than a frame of 960 × 540 on all sides."""
Colour = tuple[int, int, int]


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

    y, x = _grid()
    horizon = 0.62
    picture = _blend(_flat(hour.top), _flat(hour.low), np.clip(y / horizon, 0, 1) ** 1.4)
    lamp_x, lamp_y = hour.at[0] / 100 * WIDTH / HEIGHT, hour.at[1] / 100
    away = np.hypot(x - lamp_x, y - lamp_y)
    if hour.stars:
        picture = _blend(picture, _flat((255, 255, 255)), _stars(x, y) * np.clip(1 - y / 0.5, 0, 1))
    picture = _blend(picture, _flat(hour.lamp), 0.75 * np.exp(-6 * away))
    picture = _blend(picture, _flat(hour.lamp), _edge(hour.radius / 100 - away))
    for row in range(3):
        crest = horizon - 0.13 + 0.05 * row + _ridge(x, row) * (0.05 - 0.01 * row)
        haze = _blend(_flat(hour.low), _flat(hour.hills), np.full_like(x, 0.45 + 0.27 * row))
        picture = _blend(picture, haze, _edge(y - crest))
    sea = _sea(hour, x, y, lamp_x, horizon)
    picture = _blend(picture, sea, _edge(y - horizon))
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
    sea = _blend(_flat(hour.low), _flat(hour.sea), np.clip(0.45 + 0.8 * depth, 0, 1))
    sea = _blend(sea, _flat(hour.hills), 0.25 * (1 - wave) * depth)
    return _blend(sea, _flat(hour.lamp), 0.85 * glitter)


def _lighthouse(picture: "Floats", hour: Harbour, x: "Floats", y: "Floats") -> "Floats":
    import numpy as np

    foot, top, at = 0.72, 0.3, 0.48
    half = 0.018 + 0.02 * (y - top)
    bands = np.where(np.floor((y - top) / 0.07) % 2 == 0, 1.0, 0.0)
    tower = _edge(half - np.abs(x - at)) * _edge(y - top) * _edge(foot - y)
    white = _blend(_flat(hour.sea), _flat((236, 232, 222)), np.full_like(x, 0.75))
    red = _blend(_flat(hour.sea), _flat((178, 48, 40)), np.full_like(x, 0.8))
    beam = _edge(0.02 + 0.16 * np.abs(x - at) - np.abs(y - top + 0.025 - 0.06 * (x - at)))
    beam = beam * np.exp(-1.6 * np.abs(x - at)) * np.where(x > at, 0.4, 0.16)
    picture = _blend(picture, _flat((255, 240, 190)), beam)
    picture = _blend(picture, _blend(white, red, bands), tower)
    crown = foot - 0.035 * np.cos(8.5 * (x - at)) - 0.004 * np.sin(70 * x)
    rock = _edge(y - crown) * _edge(0.18 - np.abs(x - at)) * _edge(foot + 0.035 - y)
    picture = _blend(picture, _flat(hour.hills), rock)
    room = _edge(0.018 - np.abs(x - at)) * _edge(0.022 - np.abs(y - top + 0.022))
    picture = _blend(picture, _flat((255, 236, 170)), room)
    roof = _edge(0.026 - np.abs(x - at) - (top - 0.044 - y)) * _edge(top - 0.044 - y)
    return _blend(picture, _flat(hour.hills), roof)


def _boat(picture: "Floats", hour: Harbour, x: "Floats", y: "Floats") -> "Floats":
    import numpy as np

    at, deck = hour.boat / 100 * WIDTH / HEIGHT, 0.7
    dark = _flat(tuple(part * 2 // 5 for part in hour.hills))
    along, down = x - at, y - deck
    hull = (
        _edge(0.17 - 0.9 * down - np.abs(along))
        * _edge(down + 0.012 * np.cos(along * 16))
        * _edge(0.055 - down)
    )
    cabin = _edge(0.04 - np.abs(along + 0.05)) * _edge(down + 0.075) * _edge(-down)
    mast = _edge(0.003 - np.abs(along - 0.03)) * _edge(down + 0.26) * _edge(-down)
    stays = np.maximum(
        _line(along, down, 0.03, -0.26, 0.16, 0.0), _line(along, down, 0.03, -0.26, -0.14, 0.0)
    )
    flag = _edge(0.022 - np.abs(along - 0.054)) * _edge(
        0.014 - np.abs(down + 0.246 + 0.005 * np.sin(90 * along))
    )
    mirror = (
        _edge(0.15 - np.abs(along))
        * _edge(down - 0.055)
        * np.exp(-12 * np.clip(down - 0.055, 0, 1))
    )
    picture = _blend(picture, dark, mirror * (0.35 + 0.25 * np.sin(260 * y)))
    for shape in (hull, cabin, mast, stays):
        picture = _blend(picture, dark, shape)
    window = _edge(0.012 - np.abs(along + 0.065)) * _edge(0.014 - np.abs(down + 0.048))
    picture = _blend(picture, _flat((255, 214, 130)), window)
    return _blend(picture, _flat((196, 62, 48)), flag)


@dataclasses.dataclass(frozen=True, slots=True)
class Person:
    """Somebody who speaks, and the room."""

    wall: Colour
    light: Colour
    coat: Colour
    hair: Colour
    cap: Colour | None = None
    """With a cap and a beard, or without."""


MARIT: Final = Person((52, 40, 38), (255, 196, 120), (58, 84, 110), (74, 44, 30))
OLA: Final = Person((30, 44, 54), (150, 200, 214), (112, 96, 58), (188, 184, 176), (150, 58, 44))


def speaker(who: Person) -> "Floats":
    """Somebody before a room with lights out of focus."""
    import numpy as np

    y, x = _grid()
    x = x - WIDTH / HEIGHT * 0.56
    picture = _blend(
        _flat(who.wall), _flat(who.light), 0.8 * np.exp(-2.2 * np.hypot(x + 0.68, y - 0.3))
    )
    for n in range(9):
        spot_x, spot_y = -1.03 + (n * 0.41) % 1.9, 0.12 + (n * 0.23) % 0.5
        spot = _edge(0.045 + 0.012 * (n % 3) - np.hypot(x - spot_x, y - spot_y), 0.012)
        picture = _blend(picture, _flat(who.light), spot * (0.16 + 0.06 * (n % 4)))
    skin = _blend(_flat((150, 104, 82)), _flat((236, 190, 156)), np.clip(0.56 - 3.4 * x, 0, 1))
    dark = _flat(tuple(part // 3 for part in who.coat))
    cloth = _blend(dark, _flat(who.coat), np.clip(0.6 - 1.5 * x, 0, 1))
    collar = _edge(0.085 - np.hypot(x, (y - 0.665) * 1.6))
    if who.cap is None:
        back = _edge(0.172 - np.hypot(x * 1.12, (y - 0.385) * 0.86))
        picture = _blend(picture, _flat(who.hair), back)
    picture = _blend(
        picture, skin * 0.78, _edge(0.062 - np.abs(x)) * _edge(y - 0.46) * _edge(0.72 - y)
    )
    picture = _blend(picture, cloth, _edge(0.40 - np.hypot(x * 0.95, (y - 1.06) * 1.05)))
    picture = _blend(picture, _flat(who.coat), collar * 0.9)
    picture = _blend(picture, skin, _edge(0.128 - np.hypot(x * 1.22, (y - 0.42) * 0.92)))
    return _face(_hair(picture, who, x, y), x, y)


def _hair(picture: "Floats", who: Person, x: "Floats", y: "Floats") -> "Floats":
    import numpy as np

    if who.cap is None:
        fringe = _edge(0.137 - np.hypot(x - 0.02, (y - 0.315) * 1.5))
        return _blend(picture, _flat(who.hair), fringe)
    chin = _edge(0.12 - np.hypot(x * 1.14, (y - 0.475) * 1.05)) * _edge(y - 0.462 - 1.6 * x * x)
    picture = _blend(picture, _flat(who.hair), chin * 0.95)
    crown = _edge(0.128 - np.hypot(x, (y - 0.35) * 0.92)) * _edge(0.345 - y)
    brim = _edge(0.126 - np.abs(x)) * _edge(0.03 - np.abs(y - 0.35))
    picture = _blend(picture, _flat(who.cap), crown)
    shade = tuple(part * 3 // 4 for part in who.cap)
    return _blend(picture, _flat(shade), brim * (0.8 + 0.2 * np.sin(210 * x)))


def _face(picture: "Floats", x: "Floats", y: "Floats") -> "Floats":
    import numpy as np

    for side in (-0.042, 0.042):
        eye = _edge(0.011 - np.hypot(x - side + 0.006, (y - 0.425) * 1.2))
        picture = _blend(picture, _flat((44, 30, 28)), eye)
    smile = _edge(0.004 - np.abs(np.hypot(x + 0.006, y - 0.455) - 0.05)) * _edge(y - 0.487)
    return _blend(picture, _flat((128, 62, 56)), smile)


def shore() -> "Floats":
    """Sand, surf and sea from straight above."""
    import numpy as np

    y, x = _grid()
    line = (
        0.9 + 0.10 * np.sin(3.1 * y + 0.4) + 0.04 * np.sin(9 * y) + 0.012 * np.sin(31 * y + 2 * x)
    )
    far = x - line
    picture = _blend(_flat((236, 212, 168)), _flat((204, 172, 122)), np.clip(-far * 1.3, 0, 1))
    ripples = 0.5 + 0.5 * np.sin(70 * (y + 0.3 * x + 0.02 * np.sin(17 * x)))
    picture = _blend(picture, _flat((186, 152, 104)), 0.16 * ripples * _edge(-far))
    water = _blend(_flat((116, 206, 196)), _flat((10, 74, 116)), np.clip(far * 1.15, 0, 1) ** 0.7)
    picture = _blend(picture, water, _edge(far, 0.03))
    for n in range(5):
        crest = (
            far - 0.012 - 0.15 * n - 0.018 * np.sin(13 * y + 2.3 * n) - 0.007 * np.sin(41 * y + n)
        )
        foam = np.exp(-(np.clip(crest, 0, 1)) * (34 + 4 * n)) * _edge(crest) * (0.95 - 0.16 * n)
        picture = _blend(
            picture, _flat((248, 252, 250)), foam * (0.75 + 0.25 * np.sin(120 * y + 60 * x))
        )
    return picture


def deep() -> "Floats":
    """Under water: light from above, a school of fish."""
    import numpy as np

    y, x = _grid()
    picture = _blend(_flat((92, 206, 212)), _flat((4, 34, 66)), np.clip(y * 1.05, 0, 1) ** 0.75)
    slant = x - 0.35 * (y + 0.3)
    rays = np.clip(np.sin(11 * slant) * np.sin(23 * slant + 1.3) + 0.35 * np.sin(5 * slant), 0, 1)
    picture = _blend(picture, _flat((214, 250, 240)), 0.55 * rays * np.clip(1 - 1.15 * y, 0, 1))
    floor = 0.9 + _ridge(x, 1) * 0.05
    picture = _blend(picture, _flat((3, 22, 40)), _edge(y - floor))
    for n in range(26):
        at_x, at_y = 0.55 + (n * 0.377) % 1.0 + 0.12 * np.sin(n), 0.3 + (n * 0.217) % 0.38
        big = 0.010 + 0.004 * (n % 4)
        body = _edge(big - np.hypot((x - at_x) * 0.42, y - at_y))
        tail = _edge(big * 0.9 - np.abs(y - at_y) - np.abs(x - at_x + big * 2.9) * 0.9) * _edge(
            at_x - big * 2.0 - x
        )
        picture = _blend(
            picture, _flat((16, 52, 78) if n % 3 else (226, 240, 232)), np.maximum(body, tail) * 0.9
        )
    return picture


def ppm(picture: "Floats") -> bytes:
    """As a portable pixmap, which every ffmpeg reads."""
    import numpy as np

    height, width, _ = picture.shape
    # Half a step of ordered noise keeps skies from showing bands.
    noise = (
        np.arange(width)[None, :, None] * 5 + np.arange(height)[:, None, None] * 3
    ) % 8 / 8 - 0.5
    pixels = np.clip(picture * 255 + noise, 0, 255).astype(np.uint8)
    return b"P6 %d %d 255\n" % (width, height) + pixels.tobytes()


def _grid() -> "tuple[Floats, Floats]":
    """Where each pixel lies, in heights of the picture."""
    import numpy as np

    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    return y / HEIGHT, x / HEIGHT


def _flat(colour: tuple[int, ...]) -> "Floats":
    import numpy as np

    return np.array(colour, dtype=np.float64) / 255


def _blend(under: "Floats", over: "Floats", share: "Floats") -> "Floats":
    part = share[..., None]
    return under * (1 - part) + over * part


def _edge(inside: "Floats", soft: float = 1.5 / HEIGHT) -> "Floats":
    """1 where a distance is positive, 0 where negative, soft between."""
    import numpy as np

    return np.clip(0.5 + inside / soft, 0, 1)


def _ridge(x: "Floats", row: int) -> "Floats":
    import numpy as np

    return np.sin(4.1 * x + 2 * row) + 0.5 * np.sin(11 * x + row) + 0.2 * np.sin(29 * x + 5 * row)


def _stars(x: "Floats", y: "Floats") -> "Floats":
    import numpy as np

    spread = np.sin(np.floor(x * 150) * 12.9898 + np.floor(y * 150) * 78.233) * 43758.5453
    lit = (spread - np.floor(spread)) > 0.9965
    near = np.hypot(x * 150 % 1 - 0.5, y * 150 % 1 - 0.5) < 0.3
    return np.where(lit & near, 0.9, 0.0)


def _line(x: "Floats", y: "Floats", x1: float, y1: float, x2: float, y2: float) -> "Floats":
    import numpy as np

    length = ((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5
    across = np.abs((x2 - x1) * (y1 - y) - (x1 - x) * (y2 - y1)) / length
    along = ((x - x1) * (x2 - x1) + (y - y1) * (y2 - y1)) / length
    return _edge(0.0016 - across) * _edge(along) * _edge(length - along)
