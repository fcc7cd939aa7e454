"""Painting by arithmetic, for the pictures of the made shooting day: soft shapes laid over one another.

A picture is an array of floats from 0 to 1, height × width × 3; a shape is how much of a colour each
pixel takes, height × width. No random number is used: the same picture on every machine.
"""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

HEIGHT: Final = 600
WIDTH: Final = 1216
"""Larger than a frame of 960 × 540 on all sides, so that a camera can pan over it."""
Colour = tuple[int, int, int]


def ppm(picture: "Floats") -> bytes:
    """As a portable pixmap, which every ffmpeg reads."""
    import numpy as np

    height, width, _ = picture.shape
    # Half a step of ordered noise keeps skies from showing bands.
    down, across = np.mgrid[0:height, 0:width]
    noise = (across * 5 + down * 3) % 8 / 8 - 0.5
    pixels = np.clip(picture * 255 + noise[..., None], 0, 255).astype(np.uint8)
    return b"P6 %d %d 255\n" % (width, height) + pixels.tobytes()


def grid() -> "tuple[Floats, Floats]":
    """Where each pixel lies, in heights of the picture."""
    import numpy as np

    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    return y / HEIGHT, x / HEIGHT


def flat(colour: tuple[int, ...]) -> "Floats":
    """A colour, given as 0 to 255."""
    import numpy as np

    return np.array(colour, dtype=np.float64) / 255


def blend(under: "Floats", over: "Floats", share: "Floats") -> "Floats":
    """Lays a colour or picture over another, as much of it as the shape says."""
    part = share[..., None]
    return under * (1 - part) + over * part


def edge(inside: "Floats", soft: float = 1.5 / HEIGHT) -> "Floats":
    """1 where a distance is positive, 0 where negative, soft between."""
    import numpy as np

    return np.clip(0.5 + inside / soft, 0, 1)


def ridge(x: "Floats", row: int) -> "Floats":
    """The outline of hills, a different one for each row; about -1.7 to 1.7."""
    import numpy as np

    return np.sin(4.1 * x + 2 * row) + 0.5 * np.sin(11 * x + row) + 0.2 * np.sin(29 * x + 5 * row)


def line(x: "Floats", y: "Floats", x1: float, y1: float, x2: float, y2: float) -> "Floats":
    """A thin line between two points."""
    import numpy as np

    length = ((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5
    across = np.abs((x2 - x1) * (y1 - y) - (x1 - x) * (y2 - y1)) / length
    along = ((x - x1) * (x2 - x1) + (y - y1) * (y2 - y1)) / length
    return edge(0.0016 - across) * edge(along) * edge(length - along)
