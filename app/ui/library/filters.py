"""The chips over the grid: what narrows the place, each with its ×, and a menu of more."""

from typing import Final

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QSizePolicy, QWidget
from typing_extensions import override

from app.ui.widgets.controls import button, menu_item
from app.ui.widgets.panels import box, clear
from app.ui.widgets.wording import fill

_GAP: Final = 6
_SINGLE: Final = ("rating", "kind", "state")


class FilterBar(QWidget):
    """Filter chips. Their terms are the search's own language, so they can be typed as well."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._terms: list[str] = []
        self._chips = QHBoxLayout()
        self._chips.setSpacing(_GAP)
        self._shown: list[QPushButton] = []
        hint = self.tr("Show fewer clips")
        self._more = button(self.tr("+ filter"), self._open, look="chip", hint=hint, name=hint)
        folded = self.tr("More filters that are on")
        self._folded = button("", self._open, look="chip-on", hint=folded, name=folded)
        self._folded.hide()
        row = box(self._chips, self._folded, self._more, 1, across=True, gap=_GAP)
        self.setLayout(row)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        # Its layout asks for what is shown now; it wishes for all, and needs a sign and a number.
        self.setMinimumWidth(1)

    def set_short(self, *, short: bool) -> None:
        """Whether the button that adds a chip is only a sign."""
        words = "+" if short else self.tr("+ filter")
        if words != self._more.text():
            self._more.setText(words)
            self._fold()

    @property
    def terms(self) -> tuple[str, ...]:
        """The chosen terms, in the order they were chosen."""
        return tuple(self._terms)

    def set_terms(self, terms: tuple[str, ...]) -> None:
        """Exactly these."""
        if terms != self.terms:
            self._terms = list(terms)
            self._redraw()
            self.changed.emit()

    def _redraw(self) -> None:
        clear(self._chips)
        titles = dict(self._choices())
        self._shown = [self._chip(term, titles.get(term, term)) for term in self._terms]
        for chip in self._shown:
            self._chips.addWidget(chip)
        self._fold()

    def _fold(self) -> None:
        """Shows the chips that have room; the number of the others stands beside them and opens the menu."""
        self.setMinimumWidth(self._least())
        self.updateGeometry()
        widths = [chip.sizeHint().width() + _GAP for chip in self._shown]
        room = self.width() - self._more.sizeHint().width()
        count = len(widths)
        if sum(widths) > room:
            self._folded.setText(f"+{count}")
            room -= self._folded.sizeHint().width() + _GAP
            while count and sum(widths[:count]) > room:
                count -= 1
            self._folded.setText(f"+{len(widths) - count}")
        for number, chip in enumerate(self._shown):
            chip.setVisible(number < count)
        self._folded.setVisible(count < len(widths))

    def _least(self) -> int:
        least = self._more.sizeHint().width()
        return least + (self._folded.sizeHint().width() + _GAP if self._shown else 0)

    @override
    def sizeHint(self) -> QSize:
        widths = (chip.sizeHint().width() + _GAP for chip in self._shown)
        return QSize(sum(widths) + self._more.sizeHint().width(), super().sizeHint().height())

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fold()

    def _chip(self, term: str, title: str) -> QPushButton:
        return button(
            f"{title}  ×",
            lambda: self._drop(term),
            look="chip-on",
            hint=fill(self.tr("Take the filter away: {0}"), term),
        )

    def _drop(self, term: str) -> None:
        self.set_terms(tuple(one for one in self._terms if one != term))

    def _open(self) -> None:
        menu = QMenu(self)
        for term, title in self._choices():
            entry = menu_item(menu, title, lambda term=term: self._flip(term))
            entry.setCheckable(True)
            entry.setChecked(term in self._terms)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self._more.mapToGlobal(self._more.rect().bottomLeft()))

    def _flip(self, term: str) -> None:
        if term in self._terms:
            self._drop(term)
            return
        # A clip has one rating, kind and state: a second choice takes the first one's place.
        single = next((field for field in _SINGLE if term.startswith(field)), "")
        kept = [t for t in self._terms if not single or not t.startswith(single)]
        self.set_terms((*kept, term))

    def _choices(self) -> list[tuple[str, str]]:
        return [
            ("rating>=3", self.tr("★ 3+")),
            ("rating>=4", self.tr("★ 4+")),
            ("rating>=5", self.tr("★ 5")),
            ("is:circled", self.tr("circled")),
            ("is:approved", self.tr("✓ approved")),
            ("is:reject", self.tr("rejected")),
            ("has:notes", self.tr("● with notes")),
            ("has:transcript", self.tr("with speech")),
            ("kind:video", self.tr("video")),
            ("kind:audio", self.tr("sound")),
            ("kind:still", self.tr("stills")),
            ("state:ready", self.tr("ready")),
            ("state:offline", self.tr("offline")),
            ("state:damaged", self.tr("damaged")),
        ]
