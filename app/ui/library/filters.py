"""The chips over the grid: what narrows the place, each with its ×, and a menu of more."""

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QWidget

from app.ui.widgets.controls import button, menu_item
from app.ui.widgets.panels import box, clear
from app.ui.widgets.wording import fill

_SINGLE: Final = ("rating", "kind", "state")


class FilterBar(QWidget):
    """Filter chips. Their terms are the search's own language, so they can be typed as well."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._terms: list[str] = []
        self._chips = QHBoxLayout()
        self._chips.setSpacing(6)
        hint = self.tr("Show fewer clips")
        self._more = button(self.tr("+ filter"), self._open, look="chip", hint=hint, name=hint)
        row = box(self._chips, self._more, across=True, gap=6)
        self.setLayout(row)

    def set_short(self, *, short: bool) -> None:
        """Whether the button that adds a chip is only a sign."""
        self._more.setText("+" if short else self.tr("+ filter"))

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
        for term in self._terms:
            self._chips.addWidget(self._chip(term, titles.get(term, term)))

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
