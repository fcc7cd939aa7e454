"""The program's own icons: one family of SVG outlines in `resources/icons`, tinted by the palette."""

from typing import Final

from PySide6.QtCore import QByteArray, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QIconEngine, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer
from typing_extensions import override

from app.core.platform.paths import resource
from app.ui.theme import tokens

_sources: Final[dict[str, bytes]] = {}
_icons: Final[dict[tuple[str, str], QIcon]] = {}
_pictures: Final[dict[tuple[str, str, int], QPixmap]] = {}


class _Engine(QIconEngine):
    """One outline in the colours of its states, drawn when and as large as it is first shown."""

    def __init__(self, name: str, tint: str, bright: str, faint: str) -> None:
        super().__init__()
        self._name = name
        self._colours = (tint, bright, faint)

    def _colour(self, mode: QIcon.Mode, state: QIcon.State) -> str:
        tint, bright, faint = self._colours
        if mode is QIcon.Mode.Disabled:
            return faint
        lit = state is QIcon.State.On or mode is QIcon.Mode.Active
        return bright if lit else tint

    @override
    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        return pixmap(self._name, min(size.width(), size.height()), self._colour(mode, state))

    @override
    def scaledPixmap(
        self, size: QSize, mode: QIcon.Mode, state: QIcon.State, scale: float
    ) -> QPixmap:
        made = QPixmap(self.pixmap(size, mode, state))
        made.setDevicePixelRatio(scale)
        return made

    @override
    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        ratio = painter.device().devicePixelRatio()
        drawn = self.pixmap(rect.size() * ratio, mode, state)
        painter.drawPixmap(rect, drawn)

    @override
    def clone(self) -> QIconEngine:
        return _Engine(self._name, *self._colours)


def icon(name: str, colour: str = "") -> QIcon:
    """An icon by file name without ending, tinted (secondary text by default)."""
    look = tokens.current()
    tint = colour or look.text2
    made = _icons.get((name, tint))
    if made is None:
        made = QIcon(_Engine(name, tint, colour or look.text, look.text3))
        _icons[name, tint] = made
    return made


def pixmap(name: str, pixels: int, colour: str) -> QPixmap:
    """An icon as a picture of so many device pixels."""
    key = (name, colour, pixels)
    made = _pictures.get(key)
    if made is None:
        made = QPixmap(pixels, pixels)
        made.fill(Qt.GlobalColor.transparent)
        painter = QPainter(made)
        QSvgRenderer(QByteArray(_tinted(name, colour))).render(
            painter, QRectF(0, 0, pixels, pixels)
        )
        painter.end()
        _pictures[key] = made
    return made


def forget() -> None:
    """Drops tinted icons after a change of palette."""
    _icons.clear()
    _pictures.clear()


def _tinted(name: str, colour: str) -> bytes:
    source = _sources.get(name)
    if source is None:
        source = _sources[name] = resource(f"icons/{name}.svg").read_bytes()
    return source.replace(b"currentColor", colour.encode())
