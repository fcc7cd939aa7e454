"""The parts of a page: words laid out in a width, pictures, lines of tables. Each knows how high it is before it is painted."""

import base64
from collections.abc import Sequence
from typing import Final, Protocol

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QImage,
    QPaintDevice,
    QPainter,
    QPen,
    QTextLayout,
    QTextOption,
)

POINT: Final = 10
"""Units of the painter in a point."""
GAP: Final = 4 * POINT
_MOST_LINES: Final = 40
"""Of one text: more would not fit on a page. The table beside the report has it whole."""
_BETWEEN: Final = 3 * POINT
"""Two pictures."""
INK: Final = "#15181c"
_RULE: Final = "#c8cdd4"
_TONES: Final = {
    "": INK,
    "quiet": "#5a6270",
    "good": "#14692b",
    "warn": "#8a5200",
    "bad": "#a3161d",
}
_WASH: Final = {"warn": "#fff6e5", "bad": "#fdeaea"}


class Piece(Protocol):
    """Something that stays together on one page."""

    high: float
    keep: bool
    """It does not stand at the end of a page: what follows comes with it."""
    repeated: "Piece | None"
    """Painted above it where it begins a page."""

    def paint(self, painter: QPainter, left: float, top: float) -> None:
        """Paints it there."""
        ...


class Words:
    """A text in a width; long names break where they must."""

    keep = False
    repeated: Piece | None = None

    def __init__(
        self,
        text: str,
        font: QFont,
        wide: float,
        device: QPaintDevice,
        *,
        tone: str = "",
        right: bool = False,
    ) -> None:
        option = QTextOption(Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft)
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        # Each line of its own: a name that is read from right to left must not turn the date below it round.
        option.setTextDirection(Qt.LayoutDirection.LeftToRight)
        self._colour = QColor(_TONES[tone])
        self._layouts: list[tuple[float, QTextLayout]] = []
        self._left = _MOST_LINES
        self.high = 0.0
        for part in text.split("\n"):
            layout = QTextLayout(part, font, device)
            layout.setTextOption(option)
            self._layouts.append((self.high, layout))
            self.high += self._lay(layout, wide)

    def _lay(self, layout: QTextLayout, wide: float) -> float:
        high = 0.0
        layout.beginLayout()
        while self._left:
            line = layout.createLine()
            if not line.isValid():
                break
            line.setLineWidth(wide)
            line.setPosition(QPointF(0, high))
            high += line.height()
            self._left -= 1
        layout.endLayout()
        return high

    def paint(self, painter: QPainter, left: float, top: float) -> None:
        """As of any piece."""
        painter.setPen(QPen(self._colour))
        for below, layout in self._layouts:
            layout.draw(painter, QPointF(left, top + below))


class Spaced:
    """A piece with room above and below it."""

    def __init__(self, inner: Piece, above: float, below: float, *, keep: bool = False) -> None:
        self._inner, self._above = inner, above
        self.high = above + inner.high + below
        self.keep = keep
        self.repeated: Piece | None = None

    def paint(self, painter: QPainter, left: float, top: float) -> None:
        """As of any piece."""
        self._inner.paint(painter, left, top + self._above)


class Pictures:
    """Pictures side by side, and what is said of them below."""

    keep = False
    repeated: Piece | None = None

    def __init__(self, packed: Sequence[str], said: Words | None, wide: float, across: int) -> None:
        self._packed, self._said = packed, said
        self._wide = (wide - (across - 1) * _BETWEEN) / across
        self._tall = self._wide * 9 / 16 if packed else 0
        self.high = self._tall + (said.high if said else 0)

    def paint(self, painter: QPainter, left: float, top: float) -> None:
        """As of any piece."""
        for place, one in enumerate(self._packed):
            image = QImage.fromData(base64.b64decode(one))
            if image.isNull():
                continue
            factor = min(self._wide / image.width(), self._tall / image.height())
            wide, tall = image.width() * factor, image.height() * factor
            x = left + place * (self._wide + _BETWEEN)
            painter.drawImage(QRectF(x, top, wide, tall), image)
        if self._said:
            self._said.paint(painter, left, top + self._tall)


class Row:
    """Pieces side by side, with a rule below; what is not as it must be lies on a colour."""

    keep = False

    def __init__(
        self,
        cells: Sequence[Piece],
        widths: Sequence[float],
        *,
        tone: str = "",
        head: Piece | None = None,
    ) -> None:
        self._cells, self._widths, self._tone = cells, widths, tone
        self.high = max((cell.high for cell in cells), default=0) + GAP
        self.repeated = head

    def paint(self, painter: QPainter, left: float, top: float) -> None:
        """As of any piece."""
        across = QRectF(left, top, sum(self._widths), self.high)
        if self._tone in _WASH:
            painter.fillRect(across, QColor(_WASH[self._tone]))
        x = left
        for cell, wide in zip(self._cells, self._widths, strict=True):
            cell.paint(painter, x + GAP / 2, top + GAP / 2)
            x += wide
        painter.setPen(QPen(QColor(_RULE), POINT / 2))
        painter.drawLine(across.bottomLeft(), across.bottomRight())


class ToSign:
    """Lines to sign on: who signs, and below the line what is to be written on it."""

    keep = False
    repeated: Piece | None = None

    def __init__(self, who: Words, what: Words, wide: float, room: float) -> None:
        self._who, self._what, self._wide, self._room = who, what, wide, room
        self.high = room + what.high + GAP

    def paint(self, painter: QPainter, left: float, top: float) -> None:
        """As of any piece."""
        self._who.paint(painter, left, top + self._room - self._who.high - GAP / 2)
        painter.setPen(QPen(QColor(INK), POINT / 2))
        painter.drawLine(
            QPointF(left, top + self._room), QPointF(left + self._wide, top + self._room)
        )
        self._what.paint(painter, left, top + self._room + GAP / 4)
