"""Cards kept as they were drawn: a frame of scrolling copies them, and draws only what came into view."""

from collections import OrderedDict
from typing import NamedTuple

from PySide6.QtCore import QPoint, QRect, QSize
from PySide6.QtGui import QPainter, QPixmap

from app.core.model.entities import ClipCard
from app.ui.library import cells
from app.ui.theme.tokens import colour


class _Drawn(NamedTuple):
    card: ClipCard
    picture: int
    """Qt's key of the picture; 0 for none."""
    size: QSize
    ratio: int
    made: QPixmap


class DrawnCards:
    """Cards by row, the least recently shown dropped first."""

    def __init__(self) -> None:
        self._kept: OrderedDict[int, _Drawn] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def clear(self) -> None:
        """Colours or fonts changed."""
        self._kept.clear()

    def keep(self, most: int) -> None:
        """Drops all but so many."""
        while len(self._kept) > most:
            self._kept.popitem(last=False)

    def get(
        self,
        size: QSize,
        picture_height: int,
        card: ClipCard,
        picture: QPixmap | None,
        look: cells.CellLook,
        ratio: int,
    ) -> QPixmap:
        """A card without what changes while it is looked at, on the ground of the grid.

        Args:
            size: of the card, in logical pixels.
            picture_height: how much of it the picture takes.
            card: what it says.
            picture: its poster, if it has come.
            look: fonts and colours; after a change of them `clear` is called.
            ratio: device pixels to a logical one.
        """
        key = picture.cacheKey() if picture else 0
        known = self._kept.get(card.row)
        if (
            known is not None
            and (known.card is card or known.card == card)
            and known[1:4] == (key, size, ratio)
        ):
            self._kept.move_to_end(card.row)
            return known.made
        made = QPixmap(size * ratio)
        made.setDevicePixelRatio(ratio)
        made.fill(colour(look.tokens.bg0))
        painter = QPainter(made)
        place = QRect(QPoint(0, 0), size)
        cells.paint_card(painter, place, picture_height, card, picture, cells.CellState(), look)
        painter.end()
        self._kept[card.row] = _Drawn(card, key, size, ratio, made)
        self._kept.move_to_end(card.row)
        return made
