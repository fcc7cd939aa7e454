"""The program's own icons: one family of SVG outlines in `resources/icons`, tinted by the palette."""

from typing import Final

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from app.core.platform.paths import resource
from app.ui.theme import tokens

_SIZES: Final = (12, 16, 20, 24, 32, 40, 48, 64)
_sources: Final[dict[str, bytes]] = {}
_icons: Final[dict[tuple[str, str], QIcon]] = {}
_pictures: Final[dict[tuple[str, str, int], QPixmap]] = {}


def icon(name: str, colour: str = "") -> QIcon:
    """An icon by file name without ending, tinted (secondary text by default)."""
    tint = colour or tokens.current().text2
    made = _icons.get((name, tint))
    if made is None:
        made = QIcon()
        for size in _SIZES:
            made.addPixmap(pixmap(name, size, tint))
            made.addPixmap(pixmap(name, size, tokens.current().text3), QIcon.Mode.Disabled)
            if not colour:
                bright = pixmap(name, size, tokens.current().text)
                made.addPixmap(bright, QIcon.Mode.Normal, QIcon.State.On)
                made.addPixmap(bright, QIcon.Mode.Active)
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
