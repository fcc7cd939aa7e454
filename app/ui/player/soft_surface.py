"""The picture drawn in memory by libmpv and painted by Qt: where there is no OpenGL, and in tests."""

import ctypes
from typing import Final

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QResizeEvent, QTransform
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from app.core.model.errors import Missing
from app.ui.player.core import MpvCore
from app.ui.player.render import RenderContext
from app.ui.player.states import MediaInfo

_ALIGN: Final = 16
"""Pixels: lines of 64 bytes, which libmpv's scaler wants for speed."""


class SoftSurface(QWidget):
    """Shows libmpv's pictures without OpenGL. Needs no window to be shown."""

    ready = Signal()
    """A render context exists."""
    lost = Signal()
    refused = Signal(str, str)
    """No picture can be drawn this way: title and message."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._context: RenderContext | None = None
        self._image = QImage()
        self._held = False
        self._rotation = 0

    def attach(self, core: MpvCore) -> None:
        """Makes the render context."""
        try:
            self._context = RenderContext(core, None, self)
        except Missing as error:
            self.refused.emit(error.title, error.message)
            return
        # libmpv 0.35 ends the program when its software renderer is given a turned picture.
        core.set("video-rotate", "no")
        self._context.updated.connect(self._draw)
        self.ready.emit()

    def release(self) -> None:
        """Frees the render context; libmpv may end afterwards."""
        if self._context is not None:
            self._context.free()
            self._context = None
            self.lost.emit()

    def hold(self, held: bool) -> None:
        """While held, the last picture stays and new ones are taken unseen."""
        self._held = held
        if not held:
            self._draw()

    def describe(self, info: MediaInfo) -> None:
        """What was opened; pictures of it are turned upright while painting."""
        self._rotation = info.rotation

    def forget(self) -> None:
        """Drops the last picture."""
        self._image = QImage()
        self.update()

    def picture(self) -> QImage:
        """What is shown now, upright, in device pixels."""
        drawn = self._image.copy(QRect(QPoint(0, 0), self._drawn_size()))
        return drawn.transformed(QTransform().rotate(self._rotation)) if self._rotation else drawn

    def _drawn_size(self) -> QSize:
        """The picture as libmpv draws it, before it is turned, in device pixels."""
        size = (self.size().toSizeF() * self.devicePixelRatioF()).toSize()
        return size.transposed() if self._rotation % 180 else size

    def _draw(self) -> None:
        if self._context is None:
            return
        size = self._drawn_size()
        if self._held or size.isEmpty():
            self._context.skip()
            return
        padded = QSize(-(-size.width() // _ALIGN) * _ALIGN, size.height())
        if self._image.size() != padded:
            self._image = QImage(padded, QImage.Format.Format_RGB32)
            self._image.fill(Qt.GlobalColor.black)
        memory = (ctypes.c_char * self._image.sizeInBytes()).from_buffer(self._image.bits())
        self._context.draw_memory(
            ctypes.addressof(memory), size.width(), size.height(), self._image.bytesPerLine()
        )
        self.update()

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._draw()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self._image.isNull():
            painter.fillRect(self.rect(), Qt.GlobalColor.black)
        else:
            self._paint_picture(painter)
        painter.end()

    def _paint_picture(self, painter: QPainter) -> None:
        drawn = self._drawn_size()
        target = QRectF(QPointF(0, 0), drawn.toSizeF() / self.devicePixelRatioF())
        middle = QRectF(self.rect()).center()
        painter.translate(middle)
        painter.rotate(self._rotation)
        painter.translate(-target.center())
        painter.drawImage(target, self._image, QRectF(QPointF(0, 0), drawn.toSizeF()))
