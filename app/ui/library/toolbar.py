"""The bar over the clips: grid or list, order, filter chips, size of cells, how many there are."""

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QActionGroup, QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QMenu, QSlider, QToolButton
from typing_extensions import override

from app.ui.library.filters import FilterBar
from app.ui.library.finding import Found
from app.ui.library.grid import LARGEST, SMALLEST
from app.ui.library.layout import USUAL
from app.ui.theme import style, tokens
from app.ui.widgets import wording
from app.ui.widgets.controls import button, icon_button, menu_item
from app.ui.widgets.panels import box
from app.ui.widgets.wording import fill
from app.ui.widgets.words import NameLabel, tip

_ROOMY: Final = 620
"""Below so many pixels words make room for the count and the slider."""
_SLIDES: Final = 450
"""Below so many pixels the slider makes room for the rest; its keys stay."""
_LEAST: Final = 360
"""Pixels in which the rest has room."""


class BrowserBar(QFrame):
    """Asks for another look at the clips; holds no clips itself."""

    view_chosen = Signal(str)
    """`grid` or `list`."""
    sort_chosen = Signal(str, bool)
    width_chosen = Signal(int)
    places_toggled = Signal()
    stage_toggled = Signal()

    def __init__(self) -> None:
        super().__init__()
        style.set_look(self, "bar")
        self.setFixedHeight(40)
        self.setMinimumWidth(_LEAST)
        self.filters = FilterBar()
        self._grid = icon_button(
            "grid",
            self.tr("As pictures"),
            lambda: self.view_chosen.emit("grid"),
            key="Ctrl+G",
            checkable=True,
        )
        self._list = icon_button(
            "list",
            self.tr("As a list"),
            lambda: self.view_chosen.emit("list"),
            key="Ctrl+Shift+G",
            checkable=True,
        )
        views = QButtonGroup(self)
        views.addButton(self._grid)
        views.addButton(self._list)
        self._places, self._stage = self._column_buttons()
        self._sort = button("", self._open_sorts, look="flat", hint=self.tr("In what order"))
        self._sorted_by = ("", False)
        self._size = QSlider(Qt.Orientation.Horizontal)
        self._size.setRange(SMALLEST, LARGEST)
        self._size.setValue(USUAL)
        self._size.setFixedWidth(72)
        self._size.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._size.setAccessibleName(self.tr("Size of the pictures"))
        tip(self._size, self.tr("Size of the pictures"), "Ctrl++, Ctrl+-")
        self._size.valueChanged.connect(self.width_chosen)
        self._count = NameLabel(colour=tokens.current().text2, to_right=True)
        row = box(
            self._places,
            box(self._grid, self._list, across=True, gap=0),
            self._sort,
            self.filters,
            self._size,
            across=True,
        )
        row.setContentsMargins(tokens.SPACE_S, 0, tokens.SPACE_S, 0)
        row.addWidget(self._count, 1)
        row.addWidget(self._stage)
        self.setLayout(row)
        self.show_columns(places=True, stage=True)
        self.show_view("grid")

    def _column_buttons(self) -> tuple[QToolButton, QToolButton]:
        places = icon_button(
            "panel-left",
            self.tr("The places: volumes, folders, bins"),
            self.places_toggled.emit,
            key="F7",
            checkable=True,
        )
        stage = icon_button(
            "panel-right",
            self.tr("The clip in hand"),
            self.stage_toggled.emit,
            key="F8",
            checkable=True,
        )
        return places, stage

    def show_view(self, view: str) -> None:
        """Marks how the clips are shown."""
        (self._list if view == "list" else self._grid).setChecked(True)
        self._fit()

    def offer_columns(self, *, offered: bool) -> None:
        """Whether there are columns beside the clips that can be hidden."""
        self._places.setVisible(offered)
        self._stage.setVisible(offered)

    def show_columns(self, *, places: bool, stage: bool) -> None:
        """Marks which columns are shown beside the clips."""
        self._places.setChecked(places)
        self._stage.setChecked(stage)

    def _fit(self) -> None:
        """Where the bar is narrow, words make room for the slider and the count; what they said is in their tips."""
        self._size.setVisible(self._grid.isChecked() and self.width() >= _SLIDES)
        self.filters.set_short(short=self.width() < _ROOMY)
        self._say_sort()

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def show_sort(self, sort: str, *, descending: bool) -> None:
        """Says in what order they are."""
        self._sorted_by = (sort, descending)
        self._say_sort()

    def _say_sort(self) -> None:
        sort, descending = self._sorted_by
        title = dict(self._sorts()).get(sort, sort)
        words = title if self.width() < _ROOMY else fill(self.tr("Sort: {0}"), title)
        words = f"{words} {'▴' if descending else '▾'}"
        if words != self._sort.text():
            self._sort.setText(words)

    def set_cell_width(self, width: int) -> None:
        """Moves the slider (and so the grid)."""
        self._size.setValue(width)

    def step_size(self, steps: int) -> None:
        """Larger or smaller pictures."""
        self._size.setValue(self._size.value() + steps * 24)

    def show_found(self, found: Found) -> None:
        """How many clips there are, of how many, and how long they are."""
        count = wording.clips(len(found.rows))
        if found.wanted.narrowed:
            count = fill(
                self.tr("{0} of {1} in {2}"),
                wording.number(len(found.rows)),
                wording.number(found.of),
                found.wanted.title or self.tr("all clips"),
            )
        self._count.set_text(f"{count} · {wording.total(found.duration_ms)}")

    def _sorts(self) -> list[tuple[str, str]]:
        return [
            ("timecode", self.tr("Timecode")),
            ("name", self.tr("Name")),
            ("recorded", self.tr("Recorded")),
            ("added", self.tr("Added")),
            ("duration", self.tr("Duration")),
            ("size", self.tr("Size")),
            ("camera", self.tr("Camera")),
            ("state", self.tr("State")),
        ]

    def _open_sorts(self) -> None:
        menu = QMenu(self)
        group = QActionGroup(menu)
        sort, descending = self._sorted_by
        for key, title in self._sorts():
            entry = menu_item(menu, title, lambda key=key: self.sort_chosen.emit(key, False))
            entry.setCheckable(True)
            entry.setChecked(key == sort)
            group.addAction(entry)
        menu.addSeparator()
        backwards = menu_item(
            menu, self.tr("Backwards"), lambda: self.sort_chosen.emit(sort, not descending)
        )
        backwards.setCheckable(True)
        backwards.setChecked(descending)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self._sort.mapToGlobal(self._sort.rect().bottomLeft()))
