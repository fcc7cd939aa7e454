"""The big timecode: shows where the picture is, and takes a position typed into it."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget
from typing_extensions import override

from app.core.model.errors import Refused
from app.ui.player import positions
from app.ui.player.positions import Display
from app.ui.player.source import PlayerSource
from app.ui.theme import style, tokens
from app.ui.widgets.core_words import core

_BLANK = "--:--:--:--"


class TimecodeField(QLineEdit):
    """Follows the player until something is typed. Enter goes there, Escape lets go."""

    entered = Signal(object)
    """The frame that was typed, inside the clip."""
    left = Signal()
    """The keyboard is elsewhere again."""
    refused = Signal(str)
    """Why what was typed is no position; "" when that is over."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(_BLANK, parent)
        self._source: PlayerSource | None = None
        self._frame = 0
        self._display = Display.TIMECODE
        self.setFont(tokens.mono(tokens.TIMECODE_PX))
        self.setMaxLength(16)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.setAccessibleName(self.tr("Timecode"))
        self.setToolTip(self.tr("Timecode. Type one, or +12, 1.15., 10203, @7"))
        style.set_look(self, "timecode")
        self._fit()
        self.returnPressed.connect(self._enter)
        self.textEdited.connect(self._forgive)

    def show_source(self, source: PlayerSource | None) -> None:
        """Shows positions of this source."""
        self._source = source
        self.setEnabled(source is not None)
        self._show()

    def show_frame(self, frame: int) -> None:
        """Shows where the picture is, unless a person is typing."""
        self._frame = frame
        self._show()

    def set_display(self, display: Display) -> None:
        """In what positions are shown."""
        self._display = display
        self._show()

    @property
    def typing(self) -> bool:
        """Whether something was typed and not entered yet."""
        return self.hasFocus() and self.isModified()

    def _fit(self) -> None:
        """As wide as the longest label; above 60 frames a second labels are two figures longer."""
        longest = max("00:00:00:00", self.text(), key=len)
        self.setFixedWidth(self.fontMetrics().horizontalAdvance(longest) + 12)

    def _show(self) -> None:
        if self.typing:
            return
        source = self._source
        text = positions.text(source, self._frame, self._display) if source else _BLANK
        if text != self.text():
            everything = self.selectedText() == self.text() and self.hasFocus()
            longer = len(text) > len(self.text())
            self.setText(text)
            if longer:
                self._fit()
            if everything:
                self.selectAll()

    def _enter(self) -> None:
        if self._source is None:
            return
        if not self.isModified():
            self._leave()
            return
        try:
            frame = positions.parse(self.text(), self._source, self._frame, self._display)
        except Refused as error:
            self.refused.emit(core(error.message))
            self.selectAll()
            return
        if self._source.clamp(frame) != frame:
            self.refused.emit(self._outside(self._source))
            self.selectAll()
            return
        self._leave()
        self.entered.emit(frame)

    def _forgive(self) -> None:
        self.refused.emit("")

    def _outside(self, source: PlayerSource) -> str:
        first = positions.text(source, 0, self._display)
        last = positions.text(source, max(0, (source.frames or 1) - 1), self._display)
        return (
            self.tr("Outside the clip, which runs from {first} to {last}.")
            .replace("{first}", first)
            .replace("{last}", last)
        )

    def _leave(self) -> None:
        self.setModified(False)
        self.refused.emit("")
        self._show()
        self.clearFocus()

    @override
    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.selectAll()

    @override
    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.setModified(False)
        self.deselect()
        self.refused.emit("")
        self._show()
        self.left.emit()

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._leave()
        else:
            super().keyPressEvent(event)
