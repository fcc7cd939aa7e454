"""A line to type in that lies on the picture: for words whose own place is not on screen."""

from collections.abc import Callable

from PySide6.QtCore import QObject

from app.ui.inspector.note_entry import LineOfWords
from app.ui.player.panel import PlayerPanel
from app.ui.theme import tokens


class WordsOver(QObject):
    """Asks for words over one player, one line at a time."""

    def __init__(self, player: PlayerPanel, parent: QObject) -> None:
        super().__init__(parent)
        self._player = player
        self.line: LineOfWords | None = None
        """The line while it is open."""

    def ask(self, name: str, text: str, keep: Callable[[str], object]) -> None:
        """Opens the line, unless one is open: Enter hands its words to `keep`, Escape drops them."""
        if self.line is not None:
            return
        line = self.line = LineOfWords(name, text)
        line.setParent(self._player)
        picture = self._player.viewer.geometry()
        wide = picture.width() - 2 * tokens.SPACE_S
        top = max(0, picture.bottom() - line.height() - tokens.SPACE_S)
        line.setGeometry(picture.left() + tokens.SPACE_S, top, wide, line.height())
        line.written.connect(keep)
        line.left.connect(self._end)
        line.show()
        line.setFocus()

    def _end(self) -> None:
        if self.line is not None:
            self.line.hide()
            self.line.deleteLater()
            self.line = None
            self._player.viewer.setFocus()
