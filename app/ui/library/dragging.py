"""Dragging clips: onto a bin of the sidebar as rows, out of the window as files."""

from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QDrag, QGuiApplication, QPainter, QPixmap
from PySide6.QtWidgets import QWidget

from app.core.model.ids import ClipRow
from app.ui import tasks
from app.ui.library.clips import CardProvider
from app.ui.theme import tokens
from app.ui.widgets.mime import CLIPS_MIME

_MOST: Final = 500


def drag_clips(source: QWidget, provider: CardProvider, rows: Sequence[ClipRow]) -> None:
    """Begins to drag these clips as soon as their paths are known, while the button is still down."""
    taken = rows[:_MOST]
    if taken:
        tasks.run_query(
            source, lambda: provider.paths(taken), _starter(source, taken), key="drag-paths"
        )


def _starter(source: QWidget, rows: Sequence[ClipRow]) -> Callable[[list[str]], None]:
    def start(paths: list[str]) -> None:
        if QGuiApplication.mouseButtons() & Qt.MouseButton.LeftButton:
            drag = QDrag(source)
            drag.setMimeData(mime_of(rows, paths))
            drag.setPixmap(_picture(len(rows)))
            drag.exec(Qt.DropAction.CopyAction)

    return start


def mime_of(rows: Sequence[ClipRow], paths: Sequence[str]) -> QMimeData:
    """What is dragged. Files are offered as links to copy or import, never to move."""
    mime = QMimeData()
    mime.setData(CLIPS_MIME, " ".join(map(str, rows)).encode())
    mime.setUrls([QUrl.fromLocalFile(path) for path in paths])
    return mime


def _picture(count: int) -> QPixmap:
    t = tokens.current()
    made = QPixmap(44, 28)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(tokens.colour(t.accent))
    painter.setBrush(tokens.colour(t.bg3))
    painter.drawRoundedRect(1, 1, 42, 26, tokens.RADIUS_TAG, tokens.RADIUS_TAG)
    painter.setPen(tokens.colour(t.text))
    painter.setFont(tokens.sans(tokens.SMALL_PX))
    painter.drawText(made.rect(), Qt.AlignmentFlag.AlignCenter, str(count))
    painter.end()
    return made
