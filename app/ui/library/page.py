"""The Library page: places on the left, clips in the middle, the clip in hand on the right."""

import time
from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QSplitter, QWidget
from typing_extensions import override

from app.core.model.changes import Aspect, ChangeSet
from app.core.model.ids import ClipRow
from app.ui.library import finding, sidebar_rows
from app.ui.library.browser import Browser
from app.ui.library.clip_actions import ClipActions
from app.ui.library.clip_menu import ClipMenu
from app.ui.library.finding import EVERYWHERE
from app.ui.library.place_menu import PlaceMenu
from app.ui.library.sidebar import Sidebar
from app.ui.library.sidebar_rows import Node, Shelves
from app.ui.library.stage import Stage
from app.ui.library.widths import GOOD, Widths
from app.ui.player.surfaces import SurfaceKind
from app.ui.theme import tokens
from app.ui.widgets.asking import ask_line
from app.ui.widgets.controls import button
from app.ui.widgets.panels import box, foot, panel
from app.ui.widgets.timers import single_shot
from app.ui.widgets.wording import fill

if TYPE_CHECKING:
    from app.ui.desk import Desk

_SHELVES_MS: Final = 400
_REST: Final = 8
"""As in the browser: the next reading waits so many times as long as the last one took."""
_FOCUS_MS: Final = 400
_LOG_ROWS: Final = 6
"""Clips that are to be seen below the picture in the logging layout."""
_NEEDS_STAGE: Final = ("note",)
"""Actions of the player that a person goes on with in the clip in hand."""
_COUNTED: Final = (
    Aspect.VOLUME,
    Aspect.CLIP,
    Aspect.BIN,
    Aspect.LOG,
    Aspect.NOTE,
    Aspect.DECISION,
    Aspect.PROJECT,
)


class LibraryPage(QWidget):
    """Finds, shows and logs clips."""

    add_volume_wanted = Signal()
    export_wanted = Signal(object)
    """Rows of the chosen clips."""
    search_wanted = Signal(str)
    """Puts this into the search field."""
    full_screen_wanted = Signal()
    volumes_changed = Signal(object)
    """The `Shelves` that were read."""

    def __init__(self, desk: "Desk", kind: SurfaceKind = SurfaceKind.AUTO) -> None:
        super().__init__()
        self._desk = desk
        self.sidebar = Sidebar()
        self.browser = Browser(desk)
        self.clips = self.browser.clips
        self.acts = ClipActions(desk, self.clips, self)
        self.stage = Stage(desk, self.clips, self.acts, kind)
        self.shelves: Shelves | None = None
        self._coming: tuple[int, int | None] | None = None
        self._logging = False
        self._sizes: list[int] = []
        self._clip_menu = ClipMenu(desk, self)
        self._place_menu = PlaceMenu(desk, self)
        self.split = QSplitter(Qt.Orientation.Horizontal)
        self._places = self._left()
        for part in (self._places, self.browser, self.stage):
            self.split.addWidget(part)
        self.split.setCollapsible(1, False)
        self.split.setCollapsible(2, False)
        self.split.setStretchFactor(1, 1)
        self.split.setSizes([tokens.SIDEBAR, GOOD, tokens.INSPECTOR])
        self.widths = Widths(self.split, self._places, self.browser, self.stage)
        self.setLayout(box(self.split, gap=0))
        self._shelves_later = single_shot(self, _SHELVES_MS, self.read_shelves)
        self._focus_later = single_shot(self, _FOCUS_MS, self._tell_engine)
        self.set_density(desk.services.settings.window.density)
        self._wire()
        self.read_shelves()
        self.browser.refresh()

    def _left(self) -> QFrame:
        add = button(
            self.tr("Folder"),
            self.add_volume_wanted.emit,
            look="flat",
            icon="plus",
            hint=self.tr("Add a folder of footage"),
            key="Ctrl+O",
        )
        made = button(
            self.tr("Bin"),
            self.new_bin,
            look="flat",
            icon="plus",
            hint=self.tr("Make a bin of the chosen clips"),
            key="Ctrl+B",
        )
        # The splitter draws the line at its right.
        return panel("panel", box(self.sidebar, foot(add, made), gap=0))

    def _wire(self) -> None:
        browser, stage, sidebar = self.browser, self.stage, self.sidebar
        sidebar.place_chosen.connect(self._visit)
        sidebar.menu_asked.connect(self._place_menu.open)
        sidebar.clips_dropped.connect(self._dropped)
        browser.opened.connect(self._open)
        browser.elsewhere.connect(self._show_elsewhere)
        browser.menu_asked.connect(self._clip_menu.open)
        browser.footage_wanted.connect(self.add_volume_wanted)
        browser.everything_wanted.connect(self.show_everything)
        browser.search_cleared.connect(lambda: self.search_wanted.emit(""))
        browser.grid.verticalScrollBar().valueChanged.connect(self._focus_later.start)
        browser.found_changed.connect(self._show_coming)
        self.clips.arrived.connect(self._focus_later.start)
        self.clips.current_changed.connect(self._focus_later.start)
        stage.action_triggered.connect(self.do)
        stage.playing_changed.connect(self._reveal)
        stage.player.action_triggered.connect(self._reveal)
        browser.bar.places_toggled.connect(self.widths.toggle_places)
        browser.bar.stage_toggled.connect(self.widths.toggle_stage)
        self.widths.changed.connect(self._show_columns)
        self._desk.changed.connect(self._on_changed)
        self._desk.here_changed.connect(self.read_shelves)

    def search(self, text: str) -> None:
        """Another search in the place that is shown."""
        self.browser.search(text)
        self.stage.matches(finding.looked_for(text))

    def show_everything(self) -> None:
        """All clips of the library."""
        self.sidebar.choose("all::")
        self.browser.visit(EVERYWHERE, self.tr("all clips"))

    def show_place(self, key: str) -> None:
        """A place of the sidebar by its key, such as `volume:<id>:`."""
        self.sidebar.choose(key)
        node = self.sidebar.current_node()
        if node is not None:
            self._visit(node)

    def show_clip(self, row: int, frame: int | None) -> None:
        """A clip at a frame, from another page: in the present place where it is there, else among all."""
        if not self.clips.choose_row(ClipRow(row)):
            self._coming = (row, frame)
            self.search_wanted.emit("")
            self.browser.bar.filters.set_terms(())
            self.show_everything()
            return
        self.stage.open_row(frame)

    def _show_elsewhere(self, row: int, frame: int | None) -> None:
        """A moment that was found in a clip outside the present place: the search stays, among all clips."""
        self._coming = (row, frame)
        self.browser.bar.filters.set_terms(())
        self.show_everything()

    def _show_coming(self) -> None:
        if self._coming is not None:
            (row, frame), self._coming = self._coming, None
            if self.clips.choose_row(ClipRow(row)):
                self.stage.open_row(frame)

    def do(self, action: str) -> None:
        """An action of the keymap that is about clips."""
        if action.startswith("rate-"):
            self.acts.rate(int(action.removeprefix("rate-")))
        elif action == "circle":
            self.acts.circle()
        elif action == "reject":
            self.acts.reject()
        elif action == "grey":
            self._turn_grey()
        elif action == "full-screen":
            self.full_screen_wanted.emit()

    def remove_chosen(self) -> None:
        """Delete and Backspace: out of this bin, else rejected. Never a file."""
        node = self.sidebar.current_node()
        if (
            node is not None
            and node.place is not None
            and node.place.kind == "bin"
            and not node.query
        ):
            self.acts.take_out(node.place.id, node.title)
        else:
            self.acts.reject(True)

    def new_bin(self) -> None:
        """A bin of the chosen clips."""
        rows = self.clips.chosen_rows()
        bins = self._desk.services.bins

        def make(name: str) -> None:
            def act() -> str:
                return bins.create(name)

            def fill_it(bin_id: str) -> None:
                if rows:
                    self.acts.put_into(bin_id, name, rows)

            self._desk.say(fill(self.tr("Bin {0} made"), name), act, fill_it)

        ask_line(
            self.window(), self.tr("A new bin"), self.tr("Name"), self.tr("Make the bin"), make
        )

    def step(self, way: int) -> None:
        """The next (1) or previous (-1) clip."""
        current, last = self.clips.selection.current, len(self.clips) - 1
        if last >= 0:
            place = 0 if current is None else min(max(current + way, 0), last)
            self.clips.choose(lambda s: s.only(place))

    def begin_tag(self) -> None:
        """The line for a keyword takes the keyboard."""
        self.widths.show_stage()
        self.stage.begin_tag()

    def turn_logging(self) -> None:
        """The logging layout, and back: the picture above, the clips as a list below."""
        self._logging = not self._logging
        way = Qt.Orientation.Vertical if self._logging else Qt.Orientation.Horizontal
        kept, self._sizes = self.split.sizes(), self._sizes
        for part in (
            (self.stage, self.browser)
            if self._logging
            else (self._places, self.browser, self.stage)
        ):
            self.split.addWidget(part)
        self._places.setVisible(not self._logging)
        self.split.setOrientation(way)
        self.stage.set_logging(on=self._logging)
        self.browser.bar.offer_columns(offered=not self._logging)
        self.browser.show_view("list" if self._logging else "grid")
        self._keep_rows()
        self.split.setSizes([0, 620, 300] if self._logging else self._sizes or kept)
        self._sizes = kept if self._logging else []
        self.widths.fit()

    def _keep_rows(self) -> None:
        """In the logging layout the picture leaves room for some clips, as far as its controls have room."""
        spare = self.height() - self.split.handleWidth() - self.stage.minimumSizeHint().height()
        wanted = self.browser.height_for(_LOG_ROWS)
        self.browser.setMinimumHeight(max(1, min(wanted, spare)) if self._logging else 0)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        self._keep_rows()
        super().resizeEvent(event)

    def set_alone(self, *, alone: bool) -> None:
        """The player alone, for full screen; or everything again."""
        self._places.setVisible(not alone and not self._logging)
        self.browser.setVisible(not alone)
        self.stage.set_logging(on=self._logging)
        self.stage.setVisible(True)
        if alone:
            self.stage.inspector.hide()
            self.stage.log_bar.hide()
        self.widths.fit()

    def set_density(self, density: str) -> None:
        """Height of rows and of the words under pictures."""
        self.browser.grid.set_density(density)
        self.browser.list.set_density(density)

    def restyle(self) -> None:
        """After a change of theme."""
        self.browser.grid.restyle()
        self.browser.list.table.restyle()

    def read_shelves(self) -> None:
        """Reads what the sidebar lists."""
        project, begun = self._desk.project_id, time.monotonic_ns()
        self._desk.query(
            self,
            lambda reader: sidebar_rows.read(reader, project),
            partial(self._take_shelves, begun),
            key="shelves",
        )

    def close_player(self) -> None:
        """Ends the player before the window goes."""
        self.stage.close_player()

    def _take_shelves(self, begun: int, shelves: Shelves) -> None:
        took_ms = (time.monotonic_ns() - begun) // 1_000_000
        self._shelves_later.setInterval(max(_SHELVES_MS, took_ms * _REST))
        self.shelves = shelves
        self.sidebar.show_nodes(sidebar_rows.nodes(shelves))
        had = self.browser.has_volumes
        self.browser.has_volumes = bool(shelves.volumes)
        if had != self.browser.has_volumes:
            self.browser.refresh()
        self.volumes_changed.emit(shelves)

    def _visit(self, node: Node) -> None:
        if node.place is not None:
            self.browser.visit(node.place, node.title, node.query or "")

    def _reveal(self, *what: object) -> None:
        """What needs the clip in hand brings it back where it was hidden."""
        if what and (what[0] is True or what[0] in _NEEDS_STAGE):
            self.widths.show_stage()

    def _show_columns(self) -> None:
        self.browser.bar.show_columns(
            places=self.widths.places_shown, stage=self.widths.stage_shown
        )

    def _open(self, _row: int, frame: int | None) -> None:
        self.widths.show_stage()
        self.stage.open_row(frame)
        if frame is None:
            self.stage.player.viewer.setFocus()

    def _on_changed(self, changes: ChangeSet) -> None:
        if changes.touches(*_COUNTED) and not self._shelves_later.isActive():
            self._shelves_later.start()

    def _dropped(self, bin_id: str, rows: list[int]) -> None:
        shelves = self.shelves
        name = next((b.name for b in (shelves.bins if shelves else ()) if b.id == bin_id), "")
        self.acts.put_into(bin_id, name, [ClipRow(row) for row in rows])

    def _turn_grey(self) -> None:
        look = self.browser.grid.look
        look.grey_all = not look.grey_all
        self.browser.grid.viewport().update()
        self.stage.player.strip.set_grey(look.grey_all)

    def _tell_engine(self) -> None:
        """What is on screen is worked on first; the clip in hand before all."""
        cards = [self.clips.current_card()]
        cards += [self.clips.card(position) for position in self.browser.grid.visible()]
        ids = list(dict.fromkeys(card.id for card in cards if card is not None))
        self._desk.services.engine.focus(ids)
