"""Labels. Every text is plain text: a note or a file name is never markup, never a link.

Names are shown with control and bidi characters made visible, and cut in the middle where they are
too long, because clip names differ at both ends.
"""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QSizePolicy, QWidget
from typing_extensions import override

from app.core.model.names import display
from app.ui.theme import style, tokens

_LONGEST_TIP = 600


def label(
    text: str = "",
    look: str = "",
    *,
    font: QFont | None = None,
    wrap: bool = False,
    selectable: bool = False,
    name: str = "",
) -> QLabel:
    """A label of plain text. `look`: `secondary`, `faint`, `ok`, `warn`, `bad`, `info`."""
    made = QLabel()
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setText(text)
    made.setOpenExternalLinks(False)
    made.setWordWrap(wrap)
    if look:
        style.set_look(made, look)
    if font:
        made.setFont(font)
    if selectable:
        made.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
    if name:
        made.setAccessibleName(name)
    return made


def section(text: str) -> QLabel:
    """The head of a section, in small capitals."""
    made = label(text.upper(), "secondary", font=tokens.caps())
    made.setAccessibleName(text)
    return made


def title(text: str) -> QLabel:
    """A page's title."""
    return label(text, font=tokens.sans(tokens.TITLE_PX, QFont.Weight.DemiBold), wrap=True)


def line() -> QFrame:
    """A hairline."""
    made = QFrame()
    style.set_look(made, "line")
    return made


def tip(widget: QWidget, text: str, key: str = "") -> None:
    """A tool tip of plain text, with the key that does the same."""
    text = display(text)[:_LONGEST_TIP]
    words = f"{text} ({key})" if key else text
    widget.setToolTip(plain_tip(words))


def plain_tip(text: str) -> str:
    """Text for a tool tip: escaped where Qt would take it for markup."""
    if "<" not in text and "&" not in text:
        return text
    import html

    return f"<span>{html.escape(text)}</span>"


def elided(text: str, metrics: QFontMetrics, width: int) -> str:
    """A name made safe to show and cut in the middle to fit."""
    return metrics.elidedText(display(text[:400]), Qt.TextElideMode.ElideMiddle, width)


class NameLabel(QWidget):
    """A name on one line, cut in the middle where it does not fit; the whole of it in the tool tip."""

    def __init__(
        self, text: str = "", font: QFont | None = None, colour: str = "", *, to_right: bool = False
    ) -> None:
        super().__init__()
        self._text = ""
        self._colour = colour
        self._side = Qt.AlignmentFlag.AlignRight if to_right else Qt.AlignmentFlag.AlignLeft
        if font:
            self.setFont(font)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.set_text(text)

    def set_text(self, text: str) -> None:
        """Shows another name."""
        if text == self._text and self.accessibleName():
            return
        self._text = text
        self.setAccessibleName(display(text))
        tip(self, text)
        self.updateGeometry()
        self.update()

    def text(self) -> str:
        """The whole name, exactly."""
        return self._text

    @override
    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        return QSize(metrics.horizontalAdvance(display(self._text[:400])) + 2, metrics.height() + 2)

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(24, self.fontMetrics().height() + 2)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        self.update()
        super().resizeEvent(event)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        colour = self._colour or self.palette().color(QPalette.ColorRole.WindowText).name()
        painter.setPen(tokens.colour(colour))
        painter.setFont(self.font())
        text = elided(self._text, self.fontMetrics(), self.width())
        # Absolute: a name that is written right to left still starts where the eye looks for it.
        side = self._side | Qt.AlignmentFlag.AlignAbsolute | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(self.rect(), side, text)
