"""Where a note is written: a line that grows, with the frame or range it will stand on."""

import dataclasses
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QWidget
from typing_extensions import override

from app.ui.theme import tokens
from app.ui.widgets.panels import box
from app.ui.widgets.words import label, tip

_LINES: Final = 6
"""Lines a note may grow to before it scrolls."""


@dataclasses.dataclass(frozen=True, slots=True)
class Stamp:
    """Where a note will stand: a frame, or a range (end exclusive)."""

    start: int
    end: int

    @classmethod
    def at(cls, frame: int, mark_in: int | None, mark_out: int | None) -> "Stamp":
        """The range between in and out where the frame lies in it, else the frame alone."""
        if mark_in is not None and mark_out is not None and mark_in <= frame < mark_out:
            return cls(mark_in, mark_out)
        return cls(frame, frame + 1)


class LineOfWords(QPlainTextEdit):
    """A line that grows: Enter keeps, Shift+Enter breaks the line, Escape leaves."""

    written = Signal(str)
    left = Signal()

    def __init__(self, name: str, text: str = "") -> None:
        super().__init__()
        self.setPlaceholderText(name)
        self.setAccessibleName(name)
        self.setTabChangesFocus(True)
        self.setPlainText(text)
        self.moveCursor(QTextCursor.MoveOperation.End)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.document().setDocumentMargin(2)
        self.textChanged.connect(self._fit)
        self._fit()

    def _fit(self) -> None:
        lines = min(_LINES, max(1, int(self.document().size().height())))
        self.setFixedHeight(lines * self.fontMetrics().lineSpacing() + 18)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enter and not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            text = self.toPlainText().strip()
            if text:
                self.written.emit(text)
                self.clear()
            self.left.emit()
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()


class NoteEntry(QWidget):
    """The line a new note is written in, with the timecode it will stand on."""

    written = Signal(str)
    typing_began = Signal()
    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.stamp = Stamp(0, 1)
        self._where = label("", font=tokens.mono())
        self.line = LineOfWords(self.tr("Note on this frame …"))
        tip(
            self.line,
            self.tr("Write a note on the frame you see, or on the range from in to out"),
            ";",
        )
        self.line.written.connect(self.written)
        self.line.left.connect(self._leave)
        self.line.textChanged.connect(self._on_text)
        self._empty = True
        self.setLayout(box(self._where, self.line, across=True))

    @property
    def is_typing(self) -> bool:
        """Whether something stands in the line."""
        return not self._empty

    def show_stamp(self, stamp: Stamp, words: str) -> None:
        """Where the note would stand; it stays put once typing has begun."""
        if self._empty:
            self.stamp = stamp
            self._where.setText(f"{words} ▸")

    def restamp(self, stamp: Stamp, words: str) -> None:
        """The player has come to rest after typing began: this is the frame that was meant."""
        self.stamp = stamp
        self._where.setText(f"{words} ▸")

    def begin(self) -> None:
        """Takes the keyboard."""
        self.line.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _on_text(self) -> None:
        empty = not self.line.toPlainText()
        if self._empty and not empty:
            self.typing_began.emit()
        self._empty = empty

    def _leave(self) -> None:
        self.left.emit()
