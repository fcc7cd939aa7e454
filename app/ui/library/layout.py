"""Where the cells of the clip grid are: arithmetic only, so that a million clips cost nothing to lay out."""

import dataclasses

from PySide6.QtCore import QPoint, QRect

from app.ui.theme.tokens import SPACE_L

USUAL = 216
"""Pixels of a cell, where nobody chose another size."""
_FEW = 3
_USABLE = 144
"""In a narrow window cells may become as small as this before there are fewer than `_FEW` beside one another."""
_NARROWEST = 96
"""Pixels of a cell, however small the window."""
TEXT_HEIGHT = {"dense": 52, "normal": 62, "comfortable": 74}
"""Height of the words under a picture, by density."""


@dataclasses.dataclass(frozen=True, slots=True)
class GridLayout:
    """The grid of `count` cells in a view `width` pixels wide. All lengths in logical pixels."""

    count: int
    width: int
    columns: int
    cell_width: int
    picture_height: int
    cell_height: int
    gap: int

    @property
    def rows(self) -> int:
        """Rows of cells."""
        return -(-self.count // self.columns)

    @property
    def pitch(self) -> int:
        """From the top of a row to the top of the next."""
        return self.cell_height + self.gap

    @property
    def height(self) -> int:
        """Of everything."""
        return self.rows * self.pitch + self.gap if self.count else 0

    def rect(self, index: int) -> QRect:
        """A cell, from the top of everything."""
        row, column = divmod(index, self.columns)
        return QRect(
            self.gap + column * (self.cell_width + self.gap),
            self.gap + row * self.pitch,
            self.cell_width,
            self.cell_height,
        )

    def at(self, point: QPoint) -> int | None:
        """The cell under a point, or None in a gap."""
        index = self.nearest(point)
        return index if index is not None and self.rect(index).contains(point) else None

    def nearest(self, point: QPoint) -> int | None:
        """The cell whose field (with half the gap around it) holds the point, kept within the grid."""
        if not self.count:
            return None
        column = (point.x() - self.gap // 2) // (self.cell_width + self.gap)
        row = (point.y() - self.gap // 2) // self.pitch
        column = min(max(column, 0), self.columns - 1)
        row = min(max(row, 0), self.rows - 1)
        return min(row * self.columns + column, self.count - 1)

    def visible(self, top: int, height: int) -> range:
        """The cells that show between `top` and `top + height`."""
        first = max(0, (top - self.gap) // self.pitch)
        last = max(first, -(-(top + height - self.gap) // self.pitch))
        return range(min(first * self.columns, self.count), min(last * self.columns, self.count))

    def touched(self, area: QRect) -> list[range]:
        """The cells a rubber band touches, one range a row."""
        pitch = self.cell_width + self.gap
        left = max(0, -(-(area.left() - self.gap - self.cell_width + 1) // pitch))
        right = min(self.columns - 1, (area.right() - self.gap) // pitch)
        top = max(0, -(-(area.top() - self.gap - self.cell_height + 1) // self.pitch))
        bottom = min(self.rows - 1, (area.bottom() - self.gap) // self.pitch)
        if right < left:
            return []
        spans = (
            range(row * self.columns + left, min(row * self.columns + right + 1, self.count))
            for row in range(top, bottom + 1)
        )
        return [span for span in spans if span]


def grid_layout(count: int, width: int, wanted: int, density: str = "normal") -> GridLayout:
    """Fits the number of columns that brings cells nearest to `wanted` pixels, and stretches them to fill the width."""
    gap = SPACE_L if density != "dense" else SPACE_L // 2
    nearest = (2 * (width - gap) + wanted + gap) // (2 * (wanted + gap))
    if wanted <= USUAL and (width - gap) // _FEW >= _USABLE + gap:
        nearest = max(nearest, _FEW)
    columns = max(1, min(nearest, (width - gap) // (_NARROWEST + gap)))
    cell = max(_NARROWEST, (width - gap) // columns - gap)
    picture = cell * 9 // 16
    return GridLayout(
        count, width, columns, cell, picture, picture + TEXT_HEIGHT.get(density, 62), gap
    )
