"""The left column's list of cards: those that are in, what needs somebody, and earlier ones. Two lines each."""

import dataclasses
from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFont, QPainter
from PySide6.QtWidgets import (
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)
from typing_extensions import override

from app.core.model.names import display
from app.ui.theme import tokens
from app.ui.widgets.controls import bare
from app.ui.widgets.words import elided, plain_tip

_LINE: Final = int(Qt.ItemDataRole.UserRole)
_HEAD_HIGH: Final = 30
_LINE_HIGH: Final = 42
_EDGE: Final = 3
"""Pixels of the accent at the left of the chosen one."""


@dataclasses.dataclass(frozen=True, slots=True)
class Line:
    """One line of the list; a head of a group has no key."""

    key: str
    title: str
    below: str = ""
    mark: str = ""
    """A shape before the title, in the colour of attention."""
    faint: bool = False
    group: str = ""
    """The group it stands in: a card may stand in two."""


class CardList(QListWidget):
    """Heads are passed over by the keys."""

    picked = Signal(str)
    """The key of the line that a person chose."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(self.tr("Cards"))
        self.setItemDelegate(_TwoLines(self))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)
        for sign in (self.currentItemChanged, self.itemClicked, self.itemActivated):
            sign.connect(bare(self._pick))

    def show_lines(self, lines: Sequence[Line], chosen: str) -> None:
        """Other lines; the chosen one stays the same as long as it is there."""
        before = self.line()
        same = [self._at(n) for n in range(self.count())] == list(lines)
        blocked = self.blockSignals(True)
        if not same:
            self.clear()
            for line in lines:
                self.addItem(_item(line))
        fits = [n for n, line in enumerate(lines) if line.key and line.key == chosen]
        here = [n for n in fits if before is not None and lines[n].group == before.group]
        wanted = next(iter(here or fits), -1)
        if wanted != self.currentRow():
            self.setCurrentRow(wanted)
        self.blockSignals(blocked)

    def line(self) -> Line | None:
        """The chosen line."""
        item = self.currentItem()
        return item.data(_LINE) if item else None

    def _at(self, n: int) -> Line:
        return self.item(n).data(_LINE)

    def _pick(self) -> None:
        line = self.line()
        if line is not None and line.key:
            self.picked.emit(line.key)


def _item(line: Line) -> QListWidgetItem:
    item = QListWidgetItem()
    item.setData(_LINE, line)
    said = ", ".join(display(part) for part in (line.title, line.below) if part)
    item.setData(Qt.ItemDataRole.AccessibleTextRole, said)
    if line.key:
        item.setToolTip(plain_tip(said))
    else:
        item.setFlags(Qt.ItemFlag.NoItemFlags)
    return item


class _TwoLines(QStyledItemDelegate):
    """Paints a line of the list."""

    @override
    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        line: Line = index.data(_LINE)
        return QSize(80, _LINE_HIGH if line.key else _HEAD_HIGH)

    @override
    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        line: Line = index.data(_LINE)
        look = tokens.current()
        room = option.rect.adjusted(tokens.SPACE_L, 0, -tokens.SPACE_S, 0)
        painter.save()
        if not line.key:
            painter.setFont(tokens.caps())
            painter.setPen(tokens.colour(look.text2))
            low = room.adjusted(0, 0, 0, -tokens.SPACE_XS)
            painter.drawText(low, int(_LEFT | Qt.AlignmentFlag.AlignBottom), line.title.upper())
            painter.restore()
            return
        self._background(painter, option)
        high = room.height() // 2
        above = QRect(room.left(), room.top() + 3, room.width(), high - 1)
        under = QRect(room.left(), room.top() + high + 1, room.width(), high - 4)
        painter.setFont(tokens.sans(weight=QFont.Weight.Medium))
        if line.mark:
            painter.setPen(tokens.colour(look.warn))
            painter.drawText(above, _MIDDLE, line.mark)
            above.setLeft(above.left() + 18)
        painter.setPen(tokens.colour(look.text2 if line.faint else look.text))
        painter.drawText(above, _MIDDLE, elided(line.title, painter.fontMetrics(), above.width()))
        painter.setFont(tokens.sans(tokens.SMALL_PX))
        painter.setPen(tokens.colour(look.text3 if line.faint else look.text2))
        painter.drawText(under, _MIDDLE, elided(line.below, painter.fontMetrics(), under.width()))
        painter.restore()

    @staticmethod
    def _background(painter: QPainter, option: QStyleOptionViewItem) -> None:
        look = tokens.current()
        state: QStyle.StateFlag = option.state
        rect: QRect = option.rect
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, tokens.colour(look.accent_dim))
            painter.fillRect(
                QRect(rect.left(), rect.top(), _EDGE, rect.height()), tokens.colour(look.accent)
            )
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, tokens.colour(look.bg2))
        widget: QWidget | None = option.widget
        if state & QStyle.StateFlag.State_HasFocus and widget and widget.hasFocus():
            painter.setPen(tokens.colour(look.accent))
            painter.drawRect(rect.adjusted(0, 0, -1, -1))


_LEFT: Final = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignAbsolute
_MIDDLE: Final = int(_LEFT | Qt.AlignmentFlag.AlignVCenter)
