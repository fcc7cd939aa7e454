"""The light on a card: whether it may be erased, as a shape and words that are read from three metres, and why."""

from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QFrame, QLabel, QProgressBar, QSizePolicy, QWidget
from typing_extensions import override

from app.core.ingest.verdict import Light
from app.core.model.names import display
from app.ui.theme import tokens
from app.ui.widgets.controls import button
from app.ui.widgets.panels import box
from app.ui.widgets.words import label, tip

_SHAPE: Final = 44
_WORD_PX: Final = 28
_LONGEST: Final = 180
"""Letters of a reason."""
_COLOURS: Final = {
    Light.SAFE: "ok",
    Light.LOOK: "warn",
    Light.NOT_SAFE: "bad",
    Light.UNKNOWN: "text2",
}


class Shape(QWidget):
    """A tick in a disc, a triangle, a diamond or a ring: told apart without any colour."""

    def __init__(self) -> None:
        super().__init__()
        self._light = Light.UNKNOWN
        self.setFixedSize(_SHAPE, _SHAPE)

    def show_light(self, light: Light) -> None:
        """Another light."""
        self._light = light
        self.update()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        look = tokens.current()
        colour = tokens.colour(getattr(look, _COLOURS[self._light]))
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        room = QRectF(self.rect()).adjusted(3, 3, -3, -3)
        middle = room.center()
        if self._light is Light.UNKNOWN:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(colour, 4))
            painter.drawEllipse(room.adjusted(3, 3, -3, -3))
        elif self._light is Light.SAFE:
            painter.drawEllipse(room)
            painter.setPen(QPen(tokens.colour(look.bg1), 5))
            painter.drawPolyline(
                QPolygonF(
                    [
                        QPointF(middle.x() - 9, middle.y()),
                        QPointF(middle.x() - 2, middle.y() + 8),
                        QPointF(middle.x() + 10, middle.y() - 8),
                    ]
                )
            )
        elif self._light is Light.LOOK:
            painter.drawPolygon(
                QPolygonF(
                    [
                        QPointF(middle.x(), room.top()),
                        QPointF(room.right(), room.bottom() - 2),
                        QPointF(room.left(), room.bottom() - 2),
                    ]
                )
            )
        else:
            corners = [
                QPointF(middle.x(), room.top()),
                QPointF(room.right(), middle.y()),
                QPointF(middle.x(), room.bottom()),
                QPointF(room.left(), middle.y()),
            ]
            painter.drawPolygon(QPolygonF(corners))


class VerdictLight(QFrame):
    """The light with its words, the reasons that are open, the proof of what is closed, and one button."""

    def __init__(self, on_read: Callable[[], object], on_stop: Callable[[], object]) -> None:
        super().__init__()
        self._light = Light.UNKNOWN
        self._shape = Shape()
        self.word = label("", font=tokens.sans(_WORD_PX, QFont.Weight.DemiBold), wrap=True)
        self.reasons = label("", wrap=True, selectable=True)
        self.proofs = label("", "secondary", wrap=True, selectable=True)
        self.beside = label("", font=tokens.mono(tokens.BODY_PX))
        self.read = button(self.tr("Read the card and its copies now"), on_read)
        self.stop = button(self.tr("Stop reading"), on_stop)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setRange(0, 1000)
        self.bar.setAccessibleName(self.tr("Reading of the card and its copies"))
        words = box(self.word, self.reasons, self.proofs, self.bar, gap=tokens.SPACE_XS)
        buttons = box(self.beside, self.read, self.stop, 1, across=True)
        words.addLayout(buttons)
        row = box(across=True, margin=tokens.SPACE_L, gap=tokens.SPACE_L)
        row.addWidget(self._shape, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        self.setLayout(row)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)

    @property
    def light(self) -> Light:
        """What it says."""
        return self._light

    def say(
        self, light: Light, reasons: Sequence[str], proofs: Sequence[str], beside: str = ""
    ) -> None:
        """Another verdict: words are in the person's language already."""
        self._light = light
        self._shape.show_light(light)
        word = {
            Light.SAFE: self.tr("Safe to format"),
            Light.LOOK: self.tr("Look before you format"),
            Light.NOT_SAFE: self.tr("Not safe to format"),
            Light.UNKNOWN: self.tr("Not known"),
        }[light]
        mark = {Light.LOOK: "▲  ", Light.NOT_SAFE: "◆  "}.get(light, "")
        _set(self.word, word)
        _set(self.reasons, "\n".join(f"{mark}{_short(display(one))}" for one in reasons))
        tip(self.reasons, "\n".join(reasons))
        _set(self.proofs, "\n".join(f"✓  {display(one)}" for one in proofs))
        _set(self.beside, beside)
        self.setAccessibleName(" ".join((word, *reasons[:1])))
        self.update()

    def show_reading(self, *, may: bool, permille: int | None) -> None:
        """Whether the card can be read in full now; how far that is where it is being read."""
        running = permille is not None
        self.read.setVisible(may and not running)
        self.stop.setVisible(running)
        self.bar.setVisible(running)
        self.bar.setValue(permille or 0)

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(200, super().minimumSizeHint().height())

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        look = tokens.current()
        colour = getattr(look, _COLOURS[self._light])
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(tokens.colour(colour, 150), 1))
        painter.setBrush(tokens.colour(look.bg1))
        room = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(room, tokens.RADIUS_CARD, tokens.RADIUS_CARD)
        if self._light is not Light.UNKNOWN:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(tokens.colour(colour, 26))
            painter.drawRoundedRect(room, tokens.RADIUS_CARD, tokens.RADIUS_CARD)


def _short(text: str) -> str:
    """A reason that is read at a glance; the whole of it is in the tool tip."""
    half = _LONGEST // 2
    return text if len(text) <= _LONGEST else f"{text[:half]} … {text[-half:]}"


def _set(one: QLabel, text: str) -> None:
    if one.text() != text:
        one.setText(text)
    one.setVisible(bool(text))
