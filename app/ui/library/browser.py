"""The middle of the library: the clips as grid or list, what a search found above them, words where nothing is."""

import dataclasses
import time
from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QSplitter, QStackedWidget, QWidget

from app.core.catalog.places import Place
from app.core.catalog.rows import Reader
from app.core.model.changes import Aspect, ChangeSet
from app.core.model.entities import Hit
from app.core.model.errors import RushesError
from app.core.model.ids import ClipRow
from app.ui import tasks
from app.ui.library import dragging, finding, moments
from app.ui.library.clips import ClipSet
from app.ui.library.finding import Found, Wanted
from app.ui.library.grid import ClipGrid
from app.ui.library.list import ClipList
from app.ui.library.moments import Moment, Moments
from app.ui.library.provider import CatalogCards
from app.ui.library.toolbar import BrowserBar
from app.ui.theme import style
from app.ui.widgets import wording
from app.ui.widgets.panels import EmptyState, box
from app.ui.widgets.timers import single_shot
from app.ui.widgets.wording import fill

if TYPE_CHECKING:
    from app.ui.desk import Desk

_SETTLE_MS: Final = 250
_REST: Final = 8
"""A re-read after changes waits at least so many times as long as the last one took: a large library
that is being scanned is not read without end."""
_MOMENTS: Final = 50
_MEMBERS: Final = (
    Aspect.CLIP,
    Aspect.VOLUME,
    Aspect.LOG,
    Aspect.DECISION,
    Aspect.NOTE,
    Aspect.BIN,
    Aspect.PROJECT,
    Aspect.TRANSCRIPT,
)
"""What can change which clips are shown, or their order."""
_CARDS: Final = (*_MEMBERS, Aspect.RENDITION)


class Browser(QWidget):
    """Shows the clips that are wanted and keeps them fresh."""

    opened = Signal(int, object)
    """A row, and the frame to go to or None."""
    elsewhere = Signal(int, object)
    """The same of a clip that is not in the present place."""
    menu_asked = Signal(QPoint)
    footage_wanted = Signal()
    everything_wanted = Signal()
    search_cleared = Signal()
    found_changed = Signal(object)
    """A `Found`."""

    def __init__(self, desk: "Desk", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        store = str(desk.services.store.root)
        self._cards = CatalogCards(
            desk.catalog, store, lambda: desk.project_id, lambda: desk.open_minutes
        )
        self.clips = ClipSet(self._cards, self)
        self.wanted = Wanted()
        self.found: Found | None = None
        self.has_volumes = True
        self.bar = BrowserBar()
        self.grid = ClipGrid(self.clips, desk.pictures)
        self.list = ClipList(self.clips)
        self.moments = Moments()
        self.empty = EmptyState("film", "", "", self.tr("Add a folder"), self._on_empty)
        self._stack = QStackedWidget()
        style.set_look(self._stack, "canvas")
        for view in (self.grid, self.list, self.empty):
            self._stack.addWidget(view)
        self._split = QSplitter(Qt.Orientation.Vertical)
        self._split.addWidget(self.moments)
        self._split.addWidget(self._stack)
        self._split.setChildrenCollapsible(False)
        self._split.setSizes([190, 600])
        self.moments.hide()
        self.setLayout(box(self.bar, self._split, gap=0))
        self._view = "grid"
        self._later = single_shot(self, _SETTLE_MS, self.refresh)
        self._reading = self._choose_found = False
        """Whether clips are being looked for; whether the first of them is to be chosen when they come."""
        self._wire()

    def _wire(self) -> None:
        self.bar.view_chosen.connect(self.show_view)
        self.bar.sort_chosen.connect(self._sort)
        self.bar.width_chosen.connect(self.grid.set_cell_width)
        self.bar.filters.changed.connect(self._filter)
        for view in (self.grid, self.list):
            view.opened.connect(self._open)
            view.menu_asked.connect(self.menu_asked)
            view.drag_wanted.connect(self._drag)
        self.list.sort_wanted.connect(self._sort)
        self.grid.find_typed.connect(self._find_named)
        self.moments.chosen.connect(self.show_moment)
        self._desk.changed.connect(self._on_changed)
        self._desk.here_changed.connect(self.refresh)

    def _open(self, row: int) -> None:
        if row not in self.clips.chosen_rows():
            self.clips.choose_row(ClipRow(row))
        self.opened.emit(row, None)

    def look(self, wanted: Wanted) -> None:
        """Shows another place, search or order."""
        self.wanted = wanted
        self.refresh()

    def visit(self, place: Place, title: str, query: str = "") -> None:
        """Another place; the search and the chips stay."""
        self.look(dataclasses.replace(self.wanted, place=place, title=title, query=query))

    def search(self, text: str) -> None:
        """Another search in the same place."""
        if text != self.wanted.text:
            self.look(dataclasses.replace(self.wanted, text=text))

    def refresh(self) -> None:
        """Reads which clips are wanted; a newer wish overtakes an older one."""
        self._later.stop()
        wanted, project = self.wanted, self._desk.project_id
        begun = time.monotonic_ns()
        self._reading = True
        if self.found is None:
            self.grid.set_loading(True)
        self._desk.query(
            self,
            lambda reader: finding.find(reader, wanted, project),
            partial(self._take, begun),
            self._failed,
            key="found",
        )
        self._read_moments(wanted)

    def show_view(self, view: str) -> None:
        """`grid` or `list`."""
        self._view = view
        self.bar.show_view(view)
        self._show_right_view()
        (self.grid if view == "grid" else self.list).setFocus()

    def height_for(self, rows: int) -> int:
        """Pixels in which the bar and so many rows of the list have room."""
        lines = self.list.verticalHeader().defaultSectionSize() * rows
        heads = self.list.horizontalHeader().sizeHint().height()
        rest = self.list.horizontalScrollBar().sizeHint().height()
        return self.bar.height() + heads + lines + rest + 2 * self.list.frameWidth()

    def focus_clips(self) -> None:
        """Gives the keyboard to the clips; after a search, opens the best moment."""
        best = self.moments.first()
        if best is not None and self.moments.isVisible():
            self.show_moment(best)
        self.focus_view()
        self._choose_found = self._reading
        if not self._reading:
            self._choose_first()

    def _choose_first(self) -> None:
        if len(self.clips) and not len(self.clips.selection):
            place = self.clips.selection.current or 0
            self.clips.choose(lambda s: s.only(place))

    def focus_view(self) -> None:
        """Gives the keyboard to the grid or list."""
        (self.list if self._view == "list" else self.grid).setFocus()

    def show_moment(self, hit: Hit) -> None:
        """Shows a hit's clip at its frame."""
        if self.clips.choose_row(hit.row):
            self.opened.emit(hit.row, hit.start_frame)
        else:
            self.elsewhere.emit(hit.row, hit.start_frame)

    def _take(self, begun: int, found: Found) -> None:
        took_ms = (time.monotonic_ns() - begun) // 1_000_000
        self._later.setInterval(max(_SETTLE_MS, took_ms * _REST))
        before, self.found = self.found, found
        self.grid.set_loading(False)
        self._call(before.called if before else frozenset(), found)
        self.clips.set_rows(found.rows)
        self.bar.show_found(found)
        self.bar.show_sort(found.wanted.sort, descending=found.wanted.descending)
        self.list.show_sort(found.wanted.sort, descending=found.wanted.descending)
        self._show_right_view()
        self._reading = False
        if self._choose_found:
            self._choose_found = False
            self._choose_first()
        self.found_changed.emit(found)

    def _call(self, before: frozenset[int], found: Found) -> None:
        """Clips of which a further copy lies here have the name of that one, and elsewhere their own."""
        if found.wanted.place != self._cards.place:
            self._cards.place = found.wanted.place
            self.clips.make_stale(rows=before | found.called)

    def _failed(self, error: RushesError) -> None:
        self._reading = self._choose_found = False
        self.grid.set_loading(False)
        tasks.report(error)

    def _show_right_view(self) -> None:
        found = self.found
        if found is None or len(found.rows):
            view = self.list if self._view == "list" else self.grid
        else:
            self._say_empty(found.wanted)
            view = self.empty
        if self._stack.currentWidget() is not view:
            self._stack.setCurrentWidget(view)

    def _say_empty(self, wanted: Wanted) -> None:
        words = self._empty_words(wanted)
        self.empty.say(words[0], words[1])
        self.empty.button.setText(words[2])
        self.empty.button.setVisible(bool(words[2]))

    def _empty_words(self, wanted: Wanted) -> tuple[str, str, str]:
        if self.found is not None and self.found.elsewhere:
            return self._elsewhere_words(wanted, self.found.elsewhere)
        if wanted.narrowed:
            return (
                self.tr("Nothing found"),
                fill(
                    self.tr("No clip in {0} has “{1}”."),
                    wanted.title or self.tr("the library"),
                    wanted.words,
                ),
                self.tr("Show everything here"),
            )
        if not self.has_volumes:
            return (
                self.tr("No footage yet"),
                self.tr(
                    "Add the folder your footage is in. Rushes reads it and never writes to it; clips appear within seconds."
                ),
                self.tr("Add a folder"),
            )
        if wanted.place.kind == "bin":
            return (
                self.tr("This bin is empty"),
                self.tr("Drag clips onto its name, or choose “Put into a bin” from a clip's menu."),
                self.tr("Show all clips"),
            )
        return (
            self.tr("Nothing here"),
            self.tr("Clips appear here as soon as there are any that belong here."),
            self.tr("Show all clips") if wanted.place.kind != "all" else "",
        )

    def _elsewhere_words(self, wanted: Wanted, clips: int) -> tuple[str, str, str]:
        moments = self.moments.count()
        there = wording.clips(clips)
        if moments:
            there = ", ".join((self.tr("%Ln moments", "", moments), there))
        return (
            self.tr("Nothing found here"),
            fill(
                self.tr("No clip in {0} has “{1}”. In all clips: {2}."),
                wanted.title,
                wanted.words,
                there,
            ),
            self.tr("Search all clips"),
        )

    def _on_empty(self) -> None:
        if self.found is not None and self.found.elsewhere:
            self.everything_wanted.emit()
        elif self.wanted.narrowed:
            self.bar.filters.set_terms(())
            self.search_cleared.emit()
        elif not self.has_volumes:
            self.footage_wanted.emit()
        else:
            self.everything_wanted.emit()

    def _sort(self, sort: str, descending: bool) -> None:
        self.look(dataclasses.replace(self.wanted, sort=sort, descending=descending))

    def _filter(self) -> None:
        self.look(dataclasses.replace(self.wanted, terms=self.bar.filters.terms))

    def _drag(self) -> None:
        dragging.drag_clips(self, self.clips.provider, self.clips.chosen_rows())

    def _find_named(self, prefix: str) -> None:
        if not prefix:
            return
        wanted, project = self.wanted, self._desk.project_id

        def take(row: int | None) -> None:
            if row is not None:
                self.clips.choose_row(ClipRow(row))

        self._desk.query(
            self, lambda reader: finding.named(reader, prefix, wanted, project), take, key="named"
        )

    def _read_moments(self, wanted: Wanted) -> None:
        if not finding.looked_for(wanted.text):
            self.moments.hide()
            self.moments.show_moments(())
            return
        search, project = self._desk.services.search, self._desk.project_id

        def read(reader: Reader) -> list[Moment]:
            hits = search.hits(wanted.words, limit=_MOMENTS)
            return moments.labelled(reader, hits, project)

        self._desk.query(self, read, self._take_moments, key="moments")

    def _take_moments(self, found: list[Moment]) -> None:
        said = [one for one in found if one.hit.field not in ("name", "fact")]
        self.moments.show_moments(said)
        self.moments.fit()
        self.moments.setVisible(bool(said))
        # The words where nothing is here say how many moments there are elsewhere.
        self._show_right_view()

    def _on_changed(self, changes: ChangeSet) -> None:
        if changes.touches(Aspect.RENDITION, Aspect.VOLUME):
            self._desk.pictures.forget_failures()
        if changes.touches(*_CARDS):
            ids = [changes.changes[a] for a in _CARDS if a in changes.changes]
            many = any(not one for one in ids) or changes.touches(Aspect.VOLUME, Aspect.PROJECT)
            self.clips.make_stale(None if many else changes.ids(*_CARDS))
        if changes.touches(*_MEMBERS) and not self._later.isActive():
            self._later.start()
