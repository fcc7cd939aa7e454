"""The activity panel: what runs, what waits, what failed and why, with Pause and Retry."""

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QProgressBar, QVBoxLayout, QWidget

from app.core.catalog.attempts import Attempt
from app.core.model.entities import Arriving
from app.core.model.names import display
from app.core.post.room import Short
from app.ui.library import not_whole
from app.ui.shell.workload import Running, WorkState
from app.ui.theme import tokens
from app.ui.widgets import wording
from app.ui.widgets.controls import button
from app.ui.widgets.core_words import core
from app.ui.widgets.panels import Drawer, box, clear, panel
from app.ui.widgets.wording import fill, translate
from app.ui.widgets.words import NameLabel, label, section

_MOST: Final = 60


class ActivityPanel(Drawer):
    """Shows a `WorkState`."""

    pause_wanted = Signal(bool)
    cancel_wanted = Signal(str)
    retry_wanted = Signal(object)
    """The key of one failure, or None for all."""

    def __init__(self, host: QWidget) -> None:
        super().__init__(host, translate("ActivityPanel", "Work in hand"))
        self._state = WorkState()
        self._drawn: object = None
        self._pause = button(
            self.tr("Pause"),
            lambda: self.pause_wanted.emit(not self._state.paused),
            hint=self.tr("Begin nothing new"),
        )
        self._words = label("", "secondary", wrap=True)
        self._running = QVBoxLayout()
        self._waiting = QVBoxLayout()
        self._failed = QVBoxLayout()
        for part in (self._running, self._waiting, self._failed):
            part.setSpacing(tokens.SPACE_S)
        head = box(self._words, across=True)
        head.setStretch(0, 1)
        head.addWidget(self._pause)
        self.body.addLayout(head)
        for part in (self._running, self._waiting, self._failed):
            self.body.addLayout(part)
        self.body.addStretch(1)

    def show_state(self, state: WorkState) -> None:
        """Shows this, where the panel is open."""
        self._state = state
        if self.isVisible():
            self._draw()

    def open(self) -> None:
        """Shows the panel."""
        self._draw()
        super().open()

    def _draw(self) -> None:
        state = self._state
        self._pause.setText(self.tr("Go on") if state.paused else self.tr("Pause"))
        self._words.setText(self._summary(state))
        running = [one.key for one in state.running]
        shape = (running, state.waiting, state.failed, state.not_whole)
        if shape == self._drawn:
            self._move_bars(state)
            return
        self._drawn = shape
        for part in (self._running, self._waiting, self._failed):
            clear(part)
        if state.running:
            self._running.addWidget(section(self.tr("Running")))
        for one in state.running:
            self._running.addWidget(self._line(one))
        if state.waiting:
            self._waiting.addWidget(section(self.tr("Waiting")))
        for title, count in state.waiting:
            self._waiting.addLayout(
                box(label(title), 1, label(wording.number(count), "secondary"), across=True)
            )
        for one in state.not_whole[:_MOST]:
            self._waiting.addWidget(self._not_whole(one))
        self._draw_failed(state)

    def _draw_failed(self, state: WorkState) -> None:
        if not state.failed:
            return
        again = button(self.tr("Retry all"), lambda: self.retry_wanted.emit(None), look="flat")
        self._failed.addLayout(box(section(self.tr("Failed")), 1, again, across=True))
        for attempt in state.failed[:_MOST]:
            self._failed.addWidget(self._failure(attempt))
        rest = len(state.failed) - _MOST
        if rest > 0:
            self._failed.addWidget(label(fill(self.tr("and {0} more"), rest), "secondary"))

    def _summary(self, state: WorkState) -> str:
        if state.paused:
            return self.tr("Paused: what runs is finished, nothing new begins.")
        short = room_words(state.room)
        if not state.running and not state.waiting:
            if short:
                return f"{short}. {core(state.room.todo) if state.room else ''}"
            if state.not_whole:
                return self.tr("%Ln files are not whole yet.", "", len(state.not_whole))
            if state.failed:
                return self.tr("Nothing to do now. What failed stands below.")
            return self.tr("Nothing to do. Everything that was asked for is there.")
        parts = [self.tr("%Ln in work", "", state.count)] if state.count else []
        if state.ready_ms is not None:
            parts.append(fill(self.tr("ready {0}"), wording.time_of_day(state.ready_ms)))
        for held in state.held:
            words = self.tr("%Ln clip(s) wait for {0}", "", held.clips)
            until_ms = int(held.until.timestamp()) * 1000
            parts.append(fill(words, wording.time_of_day(until_ms)))
        if state.reason:
            parts.append(fill(self.tr("heavy work waits: {0}"), self._why(state.reason)))
        return " · ".join([*parts, *filter(None, [short])])

    def _why(self, reason: str) -> str:
        return self.tr("playing") if reason == "playing" else core(reason)

    def _line(self, one: Running) -> QWidget:
        bar = QProgressBar()
        bar.setRange(0, 1000)
        bar.setTextVisible(False)
        bar.setValue(one.permille or 0)
        bar.setObjectName(one.key)
        bar.setAccessibleName(f"{one.title}: {display(one.name)}")
        stop = button(
            self.tr("Cancel"),
            lambda: self.cancel_wanted.emit(one.key),
            look="flat",
            hint=self.tr("Call it off; it waits until you retry it"),
        )
        name = NameLabel(one.name.rpartition("/")[2])
        row = box(label(one.title, "secondary"), across=True)
        row.addWidget(name, 1)
        row.addWidget(stop)
        return panel("card", box(row, bar, margin=tokens.SPACE_S, gap=tokens.SPACE_XS))

    def _move_bars(self, state: WorkState) -> None:
        for one in state.running:
            bar = self.findChild(QProgressBar, one.key)
            if isinstance(bar, QProgressBar):
                bar.setValue(one.permille or 0)

    def _not_whole(self, one: Arriving) -> QWidget:
        mark = label("▲", "warn" if one.verdict_ms is not None else "secondary")
        head = box(mark, across=True)
        head.addWidget(NameLabel(one.path.rpartition("/")[2]), 1)
        words = label(not_whole.words(one), "secondary", wrap=True)
        return panel("card", box(head, words, margin=tokens.SPACE_S, gap=2))

    def _failure(self, attempt: Attempt) -> QWidget:
        error = attempt.error
        title = core(str(error.get("title", ""))) or attempt.recipe
        again = button(self.tr("Retry"), lambda: self.retry_wanted.emit(attempt.key), look="flat")
        name = NameLabel(attempt.name.rpartition("/")[2])
        head = box(label("◆", "bad"), across=True)
        head.addWidget(name, 1)
        head.addWidget(again)
        column = box(head, label(display(title), wrap=True), margin=tokens.SPACE_S, gap=2)
        for key in ("message", "todo"):
            words = display(core(str(error.get(key, "")))[:400])
            if words and words != display(title):
                column.addWidget(label(words, "secondary", wrap=True, selectable=True))
        when = wording.time_of_day(attempt.at_ms)
        tries = fill(self.tr("tried %Ln times, last {0}", "", attempt.tries), when)
        if not attempt.stopped:
            tries = f"{tries} · {self.tr('it is tried again by itself')}"
        column.addWidget(label(tries, "secondary", font=tokens.sans(tokens.SMALL_PX)))
        return panel("card", column)


def room_words(short: Short | None) -> str:
    """How many proxies wait for room, with what there is and what is kept; "" where none do."""
    if short is None:
        return ""
    if short.capped:
        figures = fill(
            translate("ActivityPanel", "the store holds {0} and may hold {1}"),
            wording.size(short.held),
            wording.size(short.cap),
        )
    else:
        figures = fill(
            translate("ActivityPanel", "{0} free, the reserve is {1}"),
            wording.size(short.free),
            wording.size(short.reserve),
        )
    words = translate("ActivityPanel", "Proxies that wait for room: {0} ({1})")
    return fill(words, wording.number(short.clips), figures)
