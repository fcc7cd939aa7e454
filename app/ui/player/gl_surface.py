"""The picture drawn by libmpv straight into a QOpenGLWidget: the main way.

Qt may replace the widget's OpenGL context (another screen, full screen, another parent). libmpv's
render context belongs to it and is freed with it, then made again with the next one.
"""

from typing import cast

from PySide6.QtCore import Signal
from PySide6.QtGui import QImage, QOpenGLContext
from PySide6.QtOpenGLWidgets import QOpenGLWidget
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from app.core.model.errors import Missing
from app.ui.player.core import MpvCore
from app.ui.player.render import RenderContext
from app.ui.player.states import MediaInfo


class GlSurface(QOpenGLWidget):
    """Shows libmpv's pictures with OpenGL."""

    ready = Signal()
    """A render context exists."""
    lost = Signal()
    """The render context is gone with its OpenGL context."""
    refused = Signal(str, str)
    """No picture can be drawn this way: title and message."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        # Keeps what was painted, so that a held surface goes on showing the last picture.
        self.setUpdateBehavior(QOpenGLWidget.UpdateBehavior.PartialUpdate)
        self._core: MpvCore | None = None
        self._context: RenderContext | None = None
        self._held = False

    def attach(self, core: MpvCore) -> None:
        """Makes the render context, now or as soon as there is an OpenGL context."""
        self._core = core
        if self.isValid():
            self.makeCurrent()
            self._make()
            self.doneCurrent()

    def release(self) -> None:
        """Frees the render context; libmpv may end afterwards."""
        self._core = None
        self._free()

    def hold(self, held: bool) -> None:
        """While held, the last picture stays and new ones are taken unseen."""
        self._held = held
        if not held:
            self.update()

    def describe(self, info: MediaInfo) -> None:
        """What was opened; libmpv turns the picture itself here."""

    def forget(self) -> None:
        """Drops the last picture (the viewer covers the surface until the next one)."""

    def picture(self) -> QImage:
        """What is shown now, in device pixels."""
        return self.grabFramebuffer()

    @override
    def initializeGL(self) -> None:
        self.context().aboutToBeDestroyed.connect(self._free)
        if self._core is not None:
            self._make()

    @override
    def paintGL(self) -> None:
        if self._context is None:
            return
        if self._held:
            self._context.skip()
            return
        ratio = self.devicePixelRatioF()
        self._context.draw_gl(
            self.defaultFramebufferObject(),
            round(self.width() * ratio),
            round(self.height() * ratio),
        )

    def _make(self) -> None:
        if self._core is None or self._context is not None:
            return
        try:
            self._context = RenderContext(self._core, _address, self)
        except Missing as error:
            self.refused.emit(error.title, error.message)
            return
        self._context.updated.connect(self._on_updated)
        self.ready.emit()

    def _free(self) -> None:
        context, self._context = self._context, None
        if context is None:
            return
        self.makeCurrent()
        context.free()
        self.doneCurrent()
        context.deleteLater()
        self.lost.emit()

    def _on_updated(self) -> None:
        if self._context is None:
            return
        if self.isVisible() and not self._held:
            self.update()
            return
        # Nobody paints a hidden widget, and libmpv waits for every picture to be taken.
        self.makeCurrent()
        self._context.skip()
        self.doneCurrent()


def _address(name: bytes) -> int:
    # Qt answers None where no context is current, whatever its types say.
    current = cast("QOpenGLContext | None", QOpenGLContext.currentContext())
    return int(current.getProcAddress(name) or 0) if current is not None else 0
