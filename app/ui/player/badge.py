"""What lies on the picture: words in a dark pill that stays readable over anything, the focus ring."""

from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from app.core.model.names import display
from app.ui.theme import tokens
from app.ui.widgets.words import elided

_HEIGHT: Final = 22
_LARGE: Final = 34
_LARGE_PX: Final = 16
_OPACITY: Final = 200


class Badge(QWidget):
    """One pill. Hidden while it has nothing to say; lets the mouse through."""

    def __init__(self, name: str, parent: QWidget, *, large: bool = False) -> None:
        super().__init__(parent)
        self._name = name
        self._height = _LARGE if large else _HEIGHT
        self._text = ""
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFont(tokens.sans(_LARGE_PX if large else tokens.SMALL_PX))
        self.hide()

    def text(self) -> str:
        """What it says."""
        return self._text

    def say(self, text: str) -> None:
        """Shows these words, or nothing."""
        self._text = text
        self.setAccessibleName(f"{self._name}: {display(text)}" if text else self._name)
        self.setVisible(bool(text))
        self.resize(self.sizeHint())
        self.update()

    @override
    def sizeHint(self) -> QSize:
        wide = self.fontMetrics().horizontalAdvance(display(self._text[:200]))
        return QSize(wide + self._height, self._height)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        look = tokens.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pill = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(tokens.colour(tokens.LINE))
        painter.setBrush(tokens.colour(look.badge, _OPACITY))
        painter.drawRoundedRect(pill, self._height / 2, self._height / 2)
        painter.setPen(tokens.colour(look.on_badge))
        text = elided(self._text, self.fontMetrics(), self.width() - 16)
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, text)
        painter.end()


class FocusRing(QWidget):
    """Shows that the keyboard is with the picture."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(tokens.colour(tokens.current().accent))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()
