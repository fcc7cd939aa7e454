"""The line of the logging layout: keywords at one key each, the last ones again, and the note on the frame."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QSizePolicy

from app.ui.inspector.detail import ClipDetail
from app.ui.inspector.note_entry import NoteEntry
from app.ui.theme import style, tokens
from app.ui.widgets.controls import button
from app.ui.widgets.panels import FlowLayout, box, clear
from app.ui.widgets.wording import fill
from app.ui.widgets.words import label, line

KEYS: Final = 9
"""Keywords that have a key: Ctrl+Alt+1 to Ctrl+Alt+9."""


class LogBar(QFrame):
    """Keywords and the note of the clip that is being logged."""

    tag_wanted = Signal(str)
    untag_wanted = Signal(str)
    repeat_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        style.set_look(self, "panel")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.entry = NoteEntry()
        self._chips = FlowLayout()
        self._repeat = button("", self.repeat_wanted.emit, look="flat", key="R")
        self._none = label(
            self.tr("Keywords you use in this project get a key here. Add one with Ctrl+K."),
            "secondary",
        )
        self._words: tuple[str, ...] = ()
        self._on: tuple[str, ...] = ()
        chips = box(across=True)
        chips.setContentsMargins(tokens.SPACE_L, tokens.SPACE_S, tokens.SPACE_L, tokens.SPACE_S)
        chips.addWidget(self._none)
        chips.addLayout(self._chips, 1)
        chips.addWidget(self._repeat)
        note = box(self.entry, across=True)
        note.setContentsMargins(tokens.SPACE_L, tokens.SPACE_S, tokens.SPACE_L, tokens.SPACE_S)
        self.setLayout(box(line(), chips, line(), note, gap=0))
        self.show_last(())

    def show_detail(self, detail: ClipDetail | None) -> None:
        """Another clip, or other keywords of it."""
        words = detail.keywords[:KEYS] if detail else ()
        on = detail.log.tags if detail else ()
        self.entry.setEnabled(detail is not None)
        if (words, on) != (self._words, self._on):
            self._words, self._on = words, on
            self._redraw()

    def show_last(self, words: Sequence[str]) -> None:
        """The keywords that were added last, to be added again."""
        self._repeat.setVisible(bool(words))
        self._repeat.setText(fill(self.tr("repeat last: {0}"), ", ".join(words)))

    def press(self, number: int) -> None:
        """The key of the n-th keyword, from 1: adds it, or takes it away where it is there."""
        if 0 < number <= len(self._words):
            word = self._words[number - 1]
            (self.untag_wanted if word in self._on else self.tag_wanted).emit(word)

    def _redraw(self) -> None:
        clear(self._chips)
        self._none.setVisible(not self._words)
        for number, word in enumerate(self._words, 1):
            chip = button(
                f"{number}  {word}",
                lambda number=number: self.press(number),
                look="chip-on" if word in self._on else "chip",
                hint=fill(self.tr("Keyword {0}"), word),
                key=f"Ctrl+Alt+{number}",
            )
            self._chips.addWidget(chip)
