"""What a search found, as moments: where it was said, noted or named, and why it is a hit."""

import dataclasses
from collections.abc import Sequence
from typing import Any, Final

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFont, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)
from typing_extensions import override

from app.core.catalog import library
from app.core.catalog.rows import Reader
from app.core.model.entities import Hit
from app.core.model.names import display
from app.ui.theme import icons, style, tokens
from app.ui.widgets.core_words import core
from app.ui.widgets.words import elided, plain_tip

AnyIndex = QModelIndex | QPersistentModelIndex
_MOMENT: Final = int(Qt.ItemDataRole.UserRole) + 1
_ROW: Final = 46
_ICONS: Final = {
    "transcript": "sound",
    "note": "note",
    "marker": "square",
    "tag": "tag",
    "name": "film",
    "fact": "info",
    "document": "document",
    "text": "image",
}


@dataclasses.dataclass(frozen=True, slots=True)
class Moment:
    """A hit with the label of its first frame."""

    hit: Hit
    label: str


def labelled(reader: Reader, hits: Sequence[Hit], project_id: str) -> list[Moment]:
    """Hits with their timecodes."""
    rows = list(dict.fromkeys(hit.row for hit in hits))
    clips = {clip.row: clip for clip in library.page(reader, rows, project_id)}
    made: list[Moment] = []
    for hit in hits:
        clip = clips.get(hit.row)
        known = clip is not None and hit.start_frame is not None
        made.append(Moment(hit, clip.label(hit.start_frame or 0) if clip and known else ""))
    return made


class Moments(QListView):
    """The list of moments."""

    chosen = Signal(object)
    """A `Hit`: show its clip at its frame."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = _MomentModel(self)
        self.setModel(self._model)
        self.setItemDelegate(_MomentDelegate(self))
        self.setUniformItemSizes(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(self.tr("Moments found"))
        style.set_look(self, "rows")
        self.clicked.connect(self._go)
        self.activated.connect(self._go)

    def show_moments(self, moments: Sequence[Moment]) -> None:
        """Lists these, best first."""
        self._model.show_moments(moments)

    def fit(self) -> None:
        """Takes no more room than its lines need."""
        self.setMaximumHeight(max(1, self.count()) * _ROW + 2)

    def count(self) -> int:
        """How many are listed."""
        return self._model.rowCount()

    def first(self) -> Hit | None:
        """The best one."""
        return self._model.moments[0].hit if self._model.moments else None

    def _go(self, index: QModelIndex) -> None:
        moment = index.data(_MOMENT)
        if isinstance(moment, Moment):
            self.chosen.emit(moment.hit)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        super().keyPressEvent(event)
        if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._go(self.currentIndex())


class _MomentModel(QAbstractListModel):
    """The moments by position."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.moments: Sequence[Moment] = ()

    def show_moments(self, moments: Sequence[Moment]) -> None:
        """Other moments."""
        self.beginResetModel()
        self.moments = moments
        self.endResetModel()

    @override
    def rowCount(self, parent: AnyIndex = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self.moments)

    @override
    def data(self, index: AnyIndex, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        moment = self.moments[index.row()]
        if role == _MOMENT:
            return moment
        if role == int(Qt.ItemDataRole.AccessibleTextRole):
            return f"{moment.label} {display(moment.hit.name)}: {_why(moment.hit)}"
        if role == int(Qt.ItemDataRole.ToolTipRole):
            return plain_tip(display(moment.hit.text[:400]))
        return None


class _MomentDelegate(QStyledItemDelegate):
    """Draws a moment on two lines: when and where, and what."""

    @override
    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:
        return QSize(120, _ROW)

    @override
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        moment = index.data(_MOMENT)
        if not isinstance(moment, Moment):
            return
        t = tokens.current()
        rect, state = option.rect, option.state
        painter.save()
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, tokens.colour(t.accent_dim))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, tokens.colour(t.bg2))
        painter.fillRect(
            QRect(rect.left(), rect.bottom(), rect.width(), 1), tokens.colour(t.row_line)
        )
        _paint_moment(painter, rect, moment)
        painter.restore()


def _paint_moment(painter: QPainter, rect: QRect, moment: Moment) -> None:
    t = tokens.current()
    ratio = painter.device().devicePixelRatio()
    mark = icons.pixmap(_ICONS.get(moment.hit.field, "info"), int(14 * ratio), t.text2)
    painter.drawPixmap(QRect(rect.left() + 12, rect.top() + 8, 14, 14), mark)
    left, right = rect.left() + 36, rect.right() - tokens.SPACE_M
    middle = Qt.AlignmentFlag.AlignVCenter
    upper = QRect(left, rect.top() + 4, right - left, 20)
    if moment.label:
        painter.setFont(tokens.mono())
        painter.setPen(tokens.colour(t.text))
        painter.drawText(upper, middle, moment.label)
        upper.setLeft(left + painter.fontMetrics().horizontalAdvance(moment.label) + tokens.SPACE_M)
    painter.setFont(tokens.sans(tokens.SMALL_PX, QFont.Weight.Medium))
    painter.setPen(tokens.colour(t.text2))
    painter.drawText(upper, middle, elided(moment.hit.name, painter.fontMetrics(), upper.width()))
    lower = QRect(left, rect.top() + 23, right - left, 18)
    painter.setFont(tokens.sans())
    painter.setPen(tokens.colour(t.text))
    words = painter.fontMetrics().elidedText(
        _why(moment.hit), Qt.TextElideMode.ElideRight, lower.width()
    )
    painter.drawText(lower, middle, words)


def _why(hit: Hit) -> str:
    """Where the words are, and the words: `said: … the tide comes in …`."""
    where, colon, words = hit.why.partition(":")
    return display(core(where) + colon + words)
