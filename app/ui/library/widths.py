"""How wide the three columns of the library are: what a person wishes, as far as the window has room for it.

The clips come first: they get room for three columns before the clip in hand gets more than its least, and the places
give way before the clips become one column. What a person drags or hides counts as their wish, is kept from one day to
the next, and holds again as soon as the window is wide enough for it.
"""

import dataclasses
from typing import Final

from PySide6.QtCore import QEvent, QObject, QSettings, Qt, Signal
from PySide6.QtWidgets import QSplitter, QWidget
from typing_extensions import override

from app.ui.theme import tokens

GOOD: Final = 612
"""Pixels of the clips in which three usual cards and the scroll bar have room."""
_LEAST: Final = 500
"""Pixels of the clips below which the places give way: three small cards."""
_NARROW: Final = 160
"""Least pixels of the places."""
_KEPT: Final = "library"


@dataclasses.dataclass(frozen=True, slots=True)
class Wish:
    """What a person set, in logical pixels."""

    places: int = tokens.SIDEBAR
    clips: int = GOOD
    """What the clips keep, where the person did not make them narrower."""
    stage: int = tokens.INSPECTOR
    show_places: bool | None = None
    """None: as long as there is room."""
    show_stage: bool = True


def shares(room: int, wish: Wish, least_stage: int) -> tuple[int, int, int]:
    """Pixels of places, clips and stage; 0 where one is not shown.

    Args:
        room: of all three, without the lines between them.
        wish: what a person set.
        least_stage: below this the stage cannot show its controls.
    """
    least = least_stage if wish.show_stage else 0
    fits = room - _NARROW - least >= min(_LEAST, wish.clips)
    shown = fits if wish.show_places is None else wish.show_places
    places = max(_NARROW, wish.places) if shown else 0
    stage = max(least, min(wish.stage, room - places - wish.clips)) if wish.show_stage else 0
    if shown:
        places = max(_NARROW, min(places, room - stage - wish.clips))
    return places, max(0, room - places - stage), stage


class Widths(QObject):
    """Keeps the columns of one splitter: places, clips, stage."""

    changed = Signal()
    """Other columns are shown than before."""

    def __init__(self, split: QSplitter, places: QWidget, clips: QWidget, stage: QWidget) -> None:
        super().__init__(split)
        self._split, self._places, self._clips, self._stage = split, places, clips, stage
        self._memory: QSettings | None = None
        self.wish = Wish()
        split.splitterMoved.connect(self._moved)
        split.installEventFilter(self)

    @property
    def places(self) -> QWidget:
        """The column of the places; hidden while it is folded."""
        return self._places

    @property
    def places_shown(self) -> bool:
        """Whether the places are a column now."""
        return not self._places.isHidden()

    @property
    def stage_shown(self) -> bool:
        """Whether the clip in hand is a column now."""
        return not self._stage.isHidden()

    def remember(self, memory: QSettings) -> None:
        """Takes up what was wished last time, and keeps it from now on."""
        self._memory = memory
        places, clips, stage = (
            _number(memory, name, usual)
            for name, usual in (
                ("places", tokens.SIDEBAR),
                ("clips", GOOD),
                ("stage", tokens.INSPECTOR),
            )
        )
        shown = {"shown": True, "hidden": False}.get(str(memory.value(f"{_KEPT}/show-places")))
        hidden = memory.value(f"{_KEPT}/show-stage") == "hidden"
        self.wish = Wish(places, min(clips, GOOD), stage, shown, not hidden)
        self.fit()

    def toggle_places(self) -> None:
        """Shows the places, or gives their room to the clips."""
        self._wish(show_places=not self.places_shown)

    def toggle_stage(self) -> None:
        """Shows the clip in hand, or gives its room to the clips."""
        self._wish(show_stage=not self.stage_shown)

    def show_stage(self) -> None:
        """Shows the clip in hand, where it was hidden."""
        if not self.wish.show_stage:
            self._wish(show_stage=True)

    def fit(self) -> None:
        """Gives each column its share of the present room. Does nothing while the columns are otherwise in use."""
        if self._split.orientation() is not Qt.Orientation.Horizontal or self._clips.isHidden():
            return
        line = self._split.handleWidth()
        least = self._stage.minimumSizeHint().width()
        places, clips, stage = shares(self._split.width() - 2 * line, self.wish, least)
        # There is no line beside a column that is not shown.
        wanted = (places, clips + line * (places, stage).count(0), stage)
        before = (self.places_shown, self.stage_shown)
        self._places.setVisible(wanted[0] > 0)
        self._stage.setVisible(wanted[2] > 0)
        self._split.setSizes(wanted)
        if before != (self.places_shown, self.stage_shown):
            self.changed.emit()

    def _moved(self, _pixel: int, line: int) -> None:
        """A person moved the line right of the places (1) or left of the stage (2)."""
        if self._split.orientation() is not Qt.Orientation.Horizontal:
            return
        places, clips, stage = self._split.sizes()
        kept = min(GOOD, max(1, clips))
        if line == 1 and places == 0:
            self._wish(show_places=False)
        elif line == 1:
            self._keep(dataclasses.replace(self.wish, places=places, clips=kept, show_places=True))
        else:
            self._keep(dataclasses.replace(self.wish, stage=stage, clips=kept))

    def _wish(self, **changes: bool) -> None:
        if self._split.orientation() is not Qt.Orientation.Horizontal:
            return
        self._keep(dataclasses.replace(self.wish, **changes))
        self.fit()

    def _keep(self, wish: Wish) -> None:
        self.wish = wish
        if self._memory is None:
            return
        shown = {None: "auto", True: "shown", False: "hidden"}
        for name, value in (
            ("places", wish.places),
            ("clips", wish.clips),
            ("stage", wish.stage),
            ("show-places", shown[wish.show_places]),
            ("show-stage", shown[wish.show_stage]),
        ):
            self._memory.setValue(f"{_KEPT}/{name}", value)

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self.fit()
        return super().eventFilter(watched, event)


def _number(memory: QSettings, name: str, usual: int) -> int:
    kept = str(memory.value(f"{_KEPT}/{name}", usual))
    return int(kept) if kept.isdigit() and int(kept) > 0 else usual
