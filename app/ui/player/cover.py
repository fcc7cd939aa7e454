"""What stands in place of the picture: the poster, and words for why there is no picture."""

from typing import Final

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFont, QImage, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget
from typing_extensions import override

from app.ui.theme import icons, tokens
from app.ui.widgets.words import label

_DIM: Final = 160
"""How much of the poster is darkened behind words, of 255."""
_ICON_PX: Final = 32
_WORDS_WIDTH: Final = 420


class Cover(QWidget):
    """Covers the surface. Words are plain text and can be selected (a command to copy)."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._poster = QImage()
        self._grey = QImage()
        self._surround = "#000000"
        self._dimmed = False
        self._icon = ""
        self.title = label(font=tokens.sans(16, QFont.Weight.DemiBold), wrap=True)
        self.words = label(wrap=True, selectable=True)
        column = QVBoxLayout(self)
        column.setSpacing(tokens.SPACE_S)
        column.addStretch(1)
        self._gap = QWidget(self)
        self._gap.setFixedHeight(_ICON_PX + tokens.SPACE_S)
        self._gap.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        column.addWidget(self._gap)
        for part in (self.title, self.words):
            part.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            part.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
            palette = part.palette()
            # On black or grey in both themes, so never the theme's own text colour.
            palette.setColor(part.foregroundRole(), tokens.colour(tokens.TEXT))
            part.setPalette(palette)
            column.addWidget(part)
        column.addStretch(1)

    def set_surround(self, colour: str) -> None:
        """The colour around the poster."""
        self._surround = colour
        self.update()

    def set_poster(self, poster: QImage) -> None:
        """The picture behind the words; a null image is none."""
        self._poster = poster
        self._grey = QImage()
        self.update()

    def say(self, icon: str, title: str, words: str) -> None:
        """Words over the dimmed, colourless poster; no words leave the poster as it is."""
        self._icon = icon
        self._dimmed = bool(title)
        self.title.setText(title)
        self.words.setText(words)
        self.title.setVisible(bool(title))
        self.words.setVisible(bool(words))
        self._gap.setVisible(bool(icon))
        self.setAccessibleName(title)
        self.setAccessibleDescription(words)
        self.update()

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        beside = max(tokens.SPACE_M, (self.width() - _WORDS_WIDTH) // 2)
        column = self.layout()
        if column is not None:
            column.setContentsMargins(beside, tokens.SPACE_M, beside, tokens.SPACE_M)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), tokens.colour(self._surround))
        if not self._poster.isNull():
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            size = self._poster.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
            target = QRectF(0, 0, size.width(), size.height())
            target.moveCenter(QRectF(self.rect()).center())
            painter.drawImage(target, self._grey_poster() if self._dimmed else self._poster)
            if self._dimmed:
                painter.fillRect(target, tokens.colour("#000000", _DIM))
        if self._icon and (self._dimmed or self._poster.isNull()):
            self._paint_icon(painter)
        painter.end()

    def _grey_poster(self) -> QImage:
        if self._grey.isNull():
            self._grey = self._poster.convertToFormat(QImage.Format.Format_Grayscale8)
        return self._grey

    def _paint_icon(self, painter: QPainter) -> None:
        ratio = self.devicePixelRatioF()
        picture = icons.pixmap(self._icon, round(_ICON_PX * ratio), tokens.TEXT2)
        picture.setDevicePixelRatio(ratio)
        place = self._gap.geometry()
        painter.drawPixmap((self.width() - _ICON_PX) // 2, place.top(), picture)
