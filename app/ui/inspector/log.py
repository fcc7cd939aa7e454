"""The Tags tab: rating, circled, rejected, and keywords of a clip in this project."""

from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import QStringListModel, Qt, Signal
from PySide6.QtWidgets import QCompleter, QPushButton, QWidget

from app.core.model.entities import ClipLog
from app.core.model.names import display
from app.ui.inspector.detail import ClipDetail
from app.ui.theme import style, tokens
from app.ui.widgets.controls import button, field
from app.ui.widgets.panels import FlowLayout, box, clear, scrolled
from app.ui.widgets.wording import fill
from app.ui.widgets.words import label, section

_OFFERED: Final = 24


class LogPanel(QWidget):
    """What was logged of the clip. Changes apply to all chosen clips."""

    rated = Signal(int)
    circled = Signal(bool)
    rejected = Signal(bool)
    tag_added = Signal(str)
    tag_removed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._log: ClipLog | None = None
        self._offered: tuple[str, ...] = ()
        self._stars = [self._star(number) for number in range(1, 6)]
        self._circle = self._toggle(self.tr("Circled"), "circle", "C", self._flip_circle)
        self._reject = self._toggle(self.tr("Rejected"), "close", "Shift+X", self._flip_reject)
        self._none = button(
            self.tr("Clear rating"), lambda: self.rated.emit(0), look="flat", key="0"
        )
        rating = box(*self._stars, self._none, 1, self._circle, self._reject, across=True, gap=2)
        self._words = FlowLayout()
        self._offers = FlowLayout()
        self._known = QStringListModel(self)
        self._entry = field(self.tr("Add a keyword, Enter"), self.tr("Keyword"), self._add)
        completer = QCompleter(self._known, self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self._entry.setCompleter(completer)
        self._many = label("", "secondary", wrap=True)
        inner = QWidget()
        inner.setLayout(
            box(
                self._many,
                section(self.tr("Rating")),
                rating,
                section(self.tr("Keywords")),
                self._words,
                self._entry,
                section(self.tr("Used in this project")),
                self._offers,
                1,
                margin=tokens.SPACE_L,
                gap=tokens.SPACE_M,
            )
        )
        self.setLayout(box(scrolled(inner)))

    def show_detail(self, detail: ClipDetail | None, chosen: int = 1) -> None:
        """Shows a clip's log; `chosen` clips would be changed."""
        self.setEnabled(detail is not None)
        self._many.setVisible(chosen > 1)
        self._many.setText(
            self.tr("What you change here applies to all %Ln chosen clips.", "", chosen)
        )
        log = detail.log if detail else ClipLog()
        for number, star in enumerate(self._stars, 1):
            star.setText("★" if number <= log.rating else "☆")
        style.set_look(self._circle, "chip-on" if log.circled else "chip")
        style.set_look(self._reject, "chip-on" if log.rejected else "chip")
        self._circle.setAccessibleDescription(self.tr("on") if log.circled else self.tr("off"))
        self._reject.setAccessibleDescription(self.tr("on") if log.rejected else self.tr("off"))
        if self._log is None or log.tags != self._log.tags:
            self._show_words(log.tags)
        self._log = log
        offered = tuple(w for w in (detail.keywords if detail else ()) if w not in log.tags)
        if offered != self._offered:
            self._show_offers(offered)

    def begin(self) -> None:
        """Takes the keyboard for a keyword."""
        self._entry.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _show_words(self, words: Sequence[str]) -> None:
        clear(self._words)
        for word in words:
            chip = button(
                f"{word} ×",
                lambda word=word: self.tag_removed.emit(word),
                look="chip-on",
                hint=fill(self.tr("Take the keyword {0} away"), word),
            )
            self._words.addWidget(chip)

    def _show_offers(self, words: tuple[str, ...]) -> None:
        self._offered = words
        self._known.setStringList([display(word) for word in words])
        clear(self._offers)
        for word in words[:_OFFERED]:
            chip = button(
                word,
                lambda word=word: self.tag_added.emit(word),
                look="chip",
                hint=fill(self.tr("Add the keyword {0}"), word),
            )
            self._offers.addWidget(chip)

    def _star(self, number: int) -> QPushButton:
        words = self.tr("%Ln stars", "", number)
        made = button(
            "☆",
            lambda: self.rated.emit(number),
            look="flat",
            hint=words,
            key=str(number),
            name=words,
        )
        made.setFixedWidth(28)
        return made

    def _toggle(self, text: str, icon: str, key: str, flip: Callable[[], None]) -> QPushButton:
        return button(text, flip, look="chip", hint=text, key=key, icon=icon)

    def _flip_circle(self) -> None:
        self.circled.emit(not (self._log and self._log.circled))

    def _flip_reject(self) -> None:
        self.rejected.emit(not (self._log and self._log.rejected))

    def _add(self) -> None:
        word = " ".join(self._entry.text().split())
        if word:
            self._entry.clear()
            self.tag_added.emit(word)
