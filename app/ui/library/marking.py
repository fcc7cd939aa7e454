"""Markers, subclips and leaping from note to note: what the player's keys do that the player cannot."""

import time
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject

from app.core.model.entities import Mark
from app.ui.inspector.detail import ClipDetail
from app.ui.library import feeding
from app.ui.library.words_over import WordsOver
from app.ui.player.panel import PlayerPanel
from app.ui.player.strip_data import StripMark
from app.ui.widgets.wording import fill

if TYPE_CHECKING:
    from app.ui.desk import Desk

_TWICE_NS: Final = 700_000_000
"""M pressed again within this time edits the marker that was just made."""


class Marking(QObject):
    """The marks of the clip in hand."""

    def __init__(
        self, desk: "Desk", player: PlayerPanel, words: WordsOver, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._words = words
        self._desk = desk
        self._player = player
        self._detail: ClipDetail | None = None
        self._last: tuple[int, Mark] | None = None
        self._handlers = {
            "marker": self._marker,
            "next-marker": lambda: self._leap(self._mark_frames(), 1),
            "previous-marker": lambda: self._leap(self._mark_frames(), -1),
            "next-note": lambda: self._leap(self._note_frames(), 1),
            "previous-note": lambda: self._leap(self._note_frames(), -1),
            "subclip": self._subclip,
        }

    def show_detail(self, detail: ClipDetail | None) -> None:
        """Another clip, or other marks of it."""
        self._detail = detail

    def strip_marks(self) -> list[StripMark]:
        """What stands above the filmstrip."""
        return feeding.strip_marks(self._detail.notes, self._detail.marks) if self._detail else []

    def do(self, action: str) -> bool:
        """Does an action of the player; False where it is not ours."""
        handler = self._handlers.get(action)
        if handler is None:
            return False
        if self._detail is not None:
            handler()
        return True

    def _mark_frames(self) -> list[int]:
        return sorted({m.start_frame for m in (self._detail.marks if self._detail else ())})

    def _note_frames(self) -> list[int]:
        return sorted({n.start_frame for n in (self._detail.notes if self._detail else ())})

    def _leap(self, frames: list[int], way: int) -> None:
        here = self._player.engine.wanted_frame
        there = [f for f in frames if (f > here if way > 0 else f < here)]
        if there:
            self._player.engine.seek_frame(there[0] if way > 0 else there[-1])
        else:
            self._desk.notice.emit(self.tr("There is none further on."))

    def _marker(self) -> None:
        if self._detail is None:
            return
        now, last = time.monotonic_ns(), self._last
        if last is not None and now - last[0] < _TWICE_NS:
            self._edit(last[1])
            return
        clip, frame = self._detail.clip, self._player.engine.wanted_frame
        marks = self._desk.services.marks

        def made(mark: Mark) -> None:
            self._last = (time.monotonic_ns(), mark)

        words = fill(self.tr("Marker at {0}"), clip.label(frame))
        self._desk.say(words, lambda: marks.add(clip.id, frame), made)

    def _edit(self, mark: Mark) -> None:
        marks = self._desk.services.marks

        def keep(name: str) -> None:
            self._desk.say(self.tr("Marker named"), lambda: marks.edit(mark.id, {"name": name}))

        self._words.ask(self.tr("Name of the marker"), mark.name, keep)

    def _subclip(self) -> None:
        first, end = self._player.engine.range
        if self._detail is None or first is None or end is None:
            self._desk.notice.emit(
                self.tr("Set in and out first (I and O): a subclip is what lies between.")
            )
            return
        clip, marks = self._detail.clip, self._desk.services.marks
        name = f"{clip.name} {clip.label(first)}"
        self._desk.say(
            self.tr("Subclip made"),
            lambda: marks.add(clip.id, first, end, sort="subclip", name=name),
        )
