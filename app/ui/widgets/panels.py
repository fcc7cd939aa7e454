"""Building blocks of pages: boxes, empty states, drawers, rows of facts."""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFont, QKeyEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLayout,
    QLayoutItem,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from app.ui.theme import icons, style, tokens
from app.ui.widgets.controls import button, icon_button
from app.ui.widgets.lending import Lent
from app.ui.widgets.words import label, line


def box(
    *items: QWidget | QLayout | int,
    across: bool = False,
    margin: int = 0,
    gap: int = tokens.SPACE_S,
) -> QBoxLayout:
    """A column (or with `across` a row) of widgets and layouts. An int is a stretch of that weight."""
    made: QBoxLayout = QHBoxLayout() if across else QVBoxLayout()
    made.setContentsMargins(margin, margin, margin, margin)
    made.setSpacing(gap)
    for item in items:
        if isinstance(item, int):
            made.addStretch(item)
        elif isinstance(item, QWidget):
            made.addWidget(item)
        else:
            made.addLayout(item)
    return made


def foot(*buttons: QWidget) -> QBoxLayout:
    """The buttons at the foot of a column, one beside the other from the left."""
    made = box(*buttons, 1, across=True, gap=0)
    made.setContentsMargins(tokens.SPACE_S, tokens.SPACE_XS, tokens.SPACE_S, tokens.SPACE_XS)
    return made


def panel(look: str, layout: QLayout | None = None) -> QFrame:
    """A surface: `panel`, `panel-left`, `panel-right`, `canvas`, `card`, `bar`, `row`, `banner`."""
    made = QFrame()
    style.set_look(made, look)
    made.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    # What lies inside must not lie on the line.
    made.setContentsMargins(int(look == "panel-right"), 0, int(look == "panel-left"), 0)
    if layout:
        made.setLayout(layout)
    return made


def scrolled(inner: QWidget) -> QScrollArea:
    """A vertical scroll area around a panel."""
    made = QScrollArea()
    made.setWidgetResizable(True)
    made.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    made.setFrameShape(QFrame.Shape.NoFrame)
    made.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    made.setWidget(inner)
    return made


def clear(layout: QLayout) -> None:
    """Takes everything out of a layout and lets it go."""
    while (item := layout.takeAt(0)) is not None:
        widget, inner = item.widget(), item.layout()
        if widget is not None:
            # Hidden first: a widget without a parent would become a window for a moment.
            widget.hide()
            widget.deleteLater()
        elif inner is not None:
            clear(inner)


_EMPTY_WIDTH: Final = 440


class EmptyState(QWidget):
    """What stands where nothing is: what this is for, and the one thing to do next."""

    def __init__(
        self,
        icon: str,
        heading: str,
        words: str,
        action: str = "",
        on_action: Callable[[], None] | None = None,
        *,
        hint: str = "",
        key: str = "",
        colour: str = "",
    ) -> None:
        super().__init__()
        mark = label()
        ratio = max(1, round(self.devicePixelRatioF()))
        picture = icons.pixmap(icon, 40 * ratio, colour or tokens.current().text3)
        picture.setDevicePixelRatio(ratio)
        mark.setPixmap(picture)
        mark.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.heading = label(heading, font=tokens.sans(16, QFont.Weight.DemiBold), wrap=True)
        self.words = label(words, "secondary", wrap=True)
        for one in (self.heading, self.words):
            one.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.button = button(action, on_action, look="primary", hint=hint or action, key=key)
        self.button.setVisible(bool(action))
        middle = QWidget()
        middle.setMaximumWidth(_EMPTY_WIDTH)
        column = box(mark, self.heading, self.words, gap=tokens.SPACE_M)
        column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignHCenter)
        middle.setLayout(column)
        centred = box(1, middle, 1, across=True)
        centred.setStretch(1, 100)
        whole = box(1, centred, 2, margin=tokens.SPACE_XL)
        self.setLayout(whole)

    def say(self, heading: str, words: str) -> None:
        """Other words in the same place."""
        self.heading.setText(heading)
        self.words.setText(words)


class Drawer(QFrame):
    """A panel that slides over the right side of its page; nothing behind it stops. Escape closes it."""

    opened = Signal(object)
    """This drawer."""
    closed = Signal()

    def __init__(self, host: QWidget, title: str, width: int = 460) -> None:
        super().__init__(host)
        self._host = host
        self._width = width
        style.set_look(self, "panel-right")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(title)
        self.heading = label(title, font=tokens.sans(15, QFont.Weight.DemiBold))
        shut = icon_button(
            "close", self.tr("Close {0}").replace("{0}", title), self.shut, key="Esc"
        )
        head = box(self.heading, 1, shut, across=True)
        head.setContentsMargins(tokens.SPACE_L, tokens.SPACE_S, tokens.SPACE_S, tokens.SPACE_S)
        self.body = box(margin=tokens.SPACE_L, gap=tokens.SPACE_M)
        inner = QWidget()
        inner.setLayout(self.body)
        self.setLayout(box(head, line(), scrolled(inner), gap=0))
        self._lent = Lent(self)
        host.installEventFilter(self)
        self.hide()

    def open(self) -> None:
        """Shows it and takes the keyboard."""
        self.opened.emit(self)
        self._lent.take()
        self._place()
        self.show()
        self.raise_()
        self.setFocus()

    def toggle(self) -> None:
        """Opens it, or closes it where it is open."""
        if self.isVisible():
            self.shut()
        else:
            self.open()

    def shut(self) -> None:
        """Hides it and gives the keyboard back."""
        if self.isVisible():
            self._lent.give_back()
            self.hide()
            self.closed.emit()

    def _place(self) -> None:
        width = min(self._width, self._host.width())
        height = self._host.height() - tokens.HEADER - tokens.FOOTER
        self.setGeometry(QRect(self._host.width() - width, tokens.HEADER, width, height))

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._host and event.type() == QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.shut()
        else:
            super().keyPressEvent(event)


class FlowLayout(QLayout):
    """Widgets in rows that wrap, for chips and keywords."""

    def __init__(self, gap: int = 6) -> None:
        super().__init__()
        self._gap = gap
        self._items: list[QLayoutItem] = []
        self.setContentsMargins(0, 0, 0, 0)

    @override
    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    @override
    def count(self) -> int:
        return len(self._items)

    @override
    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    @override
    def takeAt(self, index: int) -> QLayoutItem | None:
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    @override
    def hasHeightForWidth(self) -> bool:
        return True

    @override
    def heightForWidth(self, width: int) -> int:
        return self._arrange(QRect(0, 0, width, 0), move=False)

    @override
    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        self._arrange(rect, move=True)

    @override
    def sizeHint(self) -> QSize:
        return self.minimumSize()

    @override
    def minimumSize(self) -> QSize:
        size = QSize()
        for item in self._items:
            size = size.expandedTo(item.minimumSize())
        return size

    def _arrange(self, rect: QRect, *, move: bool) -> int:
        left, top, tallest = rect.left(), rect.top(), 0
        for item in self._items:
            if item.isEmpty():
                continue
            size = item.sizeHint()
            width = min(size.width(), rect.width())
            if left > rect.left() and left + width > rect.right() + 1:
                left, top, tallest = rect.left(), top + tallest + self._gap, 0
            if move:
                item.setGeometry(QRect(QPoint(left, top), QSize(width, size.height())))
            left += width + self._gap
            tallest = max(tallest, size.height())
        return top + tallest - rect.top()
