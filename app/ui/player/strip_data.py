"""What the strip shows: filmstrip sprite, waveform peaks, marks. Values, and the arithmetic of the view."""

import bisect
import dataclasses
import enum
from collections.abc import Sequence
from fractions import Fraction
from typing import Protocol


@dataclasses.dataclass(frozen=True, slots=True)
class FilmstripData:
    """A sprite: one picture file of equal tiles, row by row."""

    path: str
    tile_size: tuple[int, int]
    columns: int
    tile_frames: tuple[int, ...]
    """The frame each tile shows, rising."""

    def tile_at(self, frame: int) -> int:
        """The tile nearest to a frame."""
        frames = self.tile_frames
        after = bisect.bisect_left(frames, frame)
        around = [index for index in (after - 1, after) if 0 <= index < len(frames)]
        return min(around, key=lambda index: abs(frames[index] - frame)) if around else 0

    def place(self, tile: int) -> tuple[int, int, int, int]:
        """Left, top, width, height of a tile in the sprite."""
        width, height = self.tile_size
        row, column = divmod(tile, max(1, self.columns))
        return column * width, row * height, width, height


class PeaksView(Protocol):
    """A waveform to look at. Called on worker threads."""

    @property
    def channels(self) -> int:
        """How many there are."""
        ...

    def bins(
        self, channel: int, start: Fraction, end: Fraction, count: int
    ) -> Sequence[tuple[int, int]]:
        """Lowest and highest level, -127 to 127, of `count` equal parts of a stretch of the clip.

        `start` and `end` are fractions of the whole clip, 0 to 1.
        """
        ...


class MarkKind(enum.Enum):
    """What a mark says; each has its own shape, colour and word."""

    NOTE = "note"
    CHANGES = "changes"
    MARKER = "marker"


@dataclasses.dataclass(frozen=True, slots=True)
class StripMark:
    """One mark above the filmstrip."""

    id: str
    kind: MarkKind
    frame: int
    end: int | None = None
    """Exclusive; None is a point."""
    text: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class StripView:
    """Which stretch of the clip is on screen."""

    frames: int
    width: int
    """Pixels."""
    first: Fraction = Fraction(0)
    """The frame at the left edge."""
    span: Fraction = Fraction(1)
    """Frames from edge to edge."""

    @classmethod
    def whole(cls, frames: int, width: int) -> "StripView":
        """The whole clip."""
        return cls(frames, max(1, width), Fraction(0), Fraction(max(1, frames)))

    def resized(self, width: int) -> "StripView":
        """The same stretch on another width."""
        return dataclasses.replace(self, width=max(1, width))

    def frame_at(self, x: int) -> int:
        """The frame under a pixel, inside the clip."""
        frame = self.first + self.span * x / self.width
        return max(0, min(int(frame // 1), self.frames - 1))

    def x_of(self, frame: Fraction | int) -> int:
        """The pixel of the start of a frame; may lie off screen."""
        return int((Fraction(frame) - self.first) * self.width / self.span // 1)

    def middle_of(self, frame: int) -> int:
        """The pixel in the middle of a frame."""
        return self.x_of(frame + Fraction(1, 2))

    def zoomed(self, factor: Fraction, x: int) -> "StripView":
        """With the stretch this much shorter, the frame under a pixel staying there."""
        # Never closer than twenty pixels a frame: nothing more to see.
        least = min(Fraction(self.frames), max(Fraction(2), Fraction(self.width, 20)))
        span = max(least, min(Fraction(max(1, self.frames)), self.span / factor))
        under = self.first + self.span * x / self.width
        return self._moved_to(under - span * x / self.width, span)

    def panned(self, pixels: int) -> "StripView":
        """Moved along by so many pixels."""
        return self._moved_to(self.first + self.span * pixels / self.width, self.span)

    def following(self, frame: int) -> "StripView":
        """A page further or back where a frame is off screen."""
        if self.first <= frame < self.first + self.span:
            return self
        return self._moved_to(Fraction(frame) - self.span / 10, self.span)

    def _moved_to(self, first: Fraction, span: Fraction) -> "StripView":
        last = max(Fraction(0), self.frames - span)
        # Whole 1/256 frames: zooming back and forth must not grow the fractions without end.
        return dataclasses.replace(
            self,
            first=Fraction(int(max(Fraction(0), min(first, last)) * 256), 256),
            span=Fraction(max(256, int(span * 256)), 256),
        )
