"""Paints the other pictures of the made shooting day: who speaks, the shore from above, the deep."""

import dataclasses
from typing import TYPE_CHECKING, Final

from app.core.media.sample_paint import HEIGHT, WIDTH, Colour, blend, edge, flat, grid, ridge

if TYPE_CHECKING:
    from app.core.media.sample_paint import Floats


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

    y, x = grid()
    x = x - WIDTH / HEIGHT * 0.56
    picture = blend(
        flat(who.wall), flat(who.light), 0.8 * np.exp(-2.2 * np.hypot(x + 0.68, y - 0.3))
    )
    for n in range(9):
        spot_x, spot_y = -1.03 + (n * 0.41) % 1.9, 0.12 + (n * 0.23) % 0.5
        spot = edge(0.045 + 0.012 * (n % 3) - np.hypot(x - spot_x, y - spot_y), 0.012)
        picture = blend(picture, flat(who.light), spot * (0.16 + 0.06 * (n % 4)))
    skin = blend(flat((150, 104, 82)), flat((236, 190, 156)), np.clip(0.56 - 3.4 * x, 0, 1))
    dark = flat(tuple(part // 3 for part in who.coat))
    cloth = blend(dark, flat(who.coat), np.clip(0.6 - 1.5 * x, 0, 1))
    collar = edge(0.085 - np.hypot(x, (y - 0.665) * 1.6))
    if who.cap is None:
        back = edge(0.172 - np.hypot(x * 1.12, (y - 0.385) * 0.86))
        picture = blend(picture, flat(who.hair), back)
    picture = blend(picture, skin * 0.78, edge(0.062 - np.abs(x)) * edge(y - 0.46) * edge(0.72 - y))
    picture = blend(picture, cloth, edge(0.40 - np.hypot(x * 0.95, (y - 1.06) * 1.05)))
    picture = blend(picture, flat(who.coat), collar * 0.9)
    picture = blend(picture, skin, edge(0.128 - np.hypot(x * 1.22, (y - 0.42) * 0.92)))
    return _face(_hair(picture, who, x, y), x, y)


def _hair(picture: "Floats", who: Person, x: "Floats", y: "Floats") -> "Floats":
    import numpy as np

    if who.cap is None:
        fringe = edge(0.137 - np.hypot(x - 0.02, (y - 0.315) * 1.5))
        return blend(picture, flat(who.hair), fringe)
    chin = edge(0.12 - np.hypot(x * 1.14, (y - 0.475) * 1.05)) * edge(y - 0.462 - 1.6 * x * x)
    picture = blend(picture, flat(who.hair), chin * 0.95)
    crown = edge(0.128 - np.hypot(x, (y - 0.35) * 0.92)) * edge(0.345 - y)
    brim = edge(0.126 - np.abs(x)) * edge(0.03 - np.abs(y - 0.35))
    picture = blend(picture, flat(who.cap), crown)
    shade = tuple(part * 3 // 4 for part in who.cap)
    rib = 0.82 + 0.18 * np.sin(210 * x)
    return blend(picture, flat(shade) * rib[..., None], brim)


def _face(picture: "Floats", x: "Floats", y: "Floats") -> "Floats":
    import numpy as np

    for side in (-0.042, 0.042):
        eye = edge(0.011 - np.hypot(x - side + 0.006, (y - 0.425) * 1.2))
        picture = blend(picture, flat((44, 30, 28)), eye)
    smile = edge(0.004 - np.abs(np.hypot(x + 0.006, y - 0.455) - 0.05)) * edge(y - 0.487)
    return blend(picture, flat((128, 62, 56)), smile)


def shore() -> "Floats":
    """Sand, surf and sea from straight above."""
    import numpy as np

    y, x = grid()
    line = (
        0.9 + 0.10 * np.sin(3.1 * y + 0.4) + 0.04 * np.sin(9 * y) + 0.012 * np.sin(31 * y + 2 * x)
    )
    far = x - line
    picture = blend(flat((236, 212, 168)), flat((204, 172, 122)), np.clip(-far * 1.3, 0, 1))
    ripples = 0.5 + 0.5 * np.sin(70 * (y + 0.3 * x + 0.02 * np.sin(17 * x)))
    picture = blend(picture, flat((186, 152, 104)), 0.16 * ripples * edge(-far))
    water = blend(flat((116, 206, 196)), flat((10, 74, 116)), np.clip(far * 1.15, 0, 1) ** 0.7)
    picture = blend(picture, water, edge(far, 0.03))
    for n in range(5):
        crest = (
            far - 0.012 - 0.15 * n - 0.018 * np.sin(13 * y + 2.3 * n) - 0.007 * np.sin(41 * y + n)
        )
        foam = np.exp(-(np.clip(crest, 0, 1)) * (34 + 4 * n)) * edge(crest) * (0.95 - 0.16 * n)
        picture = blend(
            picture, flat((248, 252, 250)), foam * (0.75 + 0.25 * np.sin(120 * y + 60 * x))
        )
    return picture


def deep() -> "Floats":
    """Under water: light from above, a school of fish."""
    import numpy as np

    y, x = grid()
    picture = blend(flat((92, 206, 212)), flat((4, 34, 66)), np.clip(y * 1.05, 0, 1) ** 0.75)
    slant = x - 0.35 * (y + 0.3)
    rays = np.clip(np.sin(11 * slant) * np.sin(23 * slant + 1.3) + 0.35 * np.sin(5 * slant), 0, 1)
    picture = blend(picture, flat((214, 250, 240)), 0.55 * rays * np.clip(1 - 1.15 * y, 0, 1))
    floor = 0.9 + ridge(x, 1) * 0.05
    picture = blend(picture, flat((3, 22, 40)), edge(y - floor))
    for n in range(26):
        at_x, at_y = 0.55 + (n * 0.377) % 1.0 + 0.12 * np.sin(n), 0.3 + (n * 0.217) % 0.38
        big = 0.010 + 0.004 * (n % 4)
        body = edge(big - np.hypot((x - at_x) * 0.42, y - at_y))
        tail = edge(big * 0.9 - np.abs(y - at_y) - np.abs(x - at_x + big * 2.9) * 0.9) * edge(
            at_x - big * 2.0 - x
        )
        picture = blend(
            picture, flat((16, 52, 78) if n % 3 else (226, 240, 232)), np.maximum(body, tail) * 0.9
        )
    return picture
