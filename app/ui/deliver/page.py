"""The Deliver page: where approved clips are sent, what was sent and verified, what waits, what failed and why."""

import time
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFont, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QStackedWidget, QVBoxLayout, QWidget
from typing_extensions import override

from app.core.catalog import projects, uploads
from app.core.catalog.rows import Reader
from app.core.model.changes import Aspect, ChangeSet
from app.core.model.entities import Target, Upload
from app.core.model.names import display
from app.ui import tasks
from app.ui.theme import style, tokens
from app.ui.widgets import wording
from app.ui.widgets.controls import button
from app.ui.widgets.core_words import core
from app.ui.widgets.panels import EmptyState, box, clear, foot, panel
from app.ui.widgets.tables import Column, RowsTable
from app.ui.widgets.timers import single_shot
from app.ui.widgets.wording import fill
from app.ui.widgets.words import NameLabel, label, section, tip, title

if TYPE_CHECKING:
    from app.ui.desk import Desk

_MOST: Final = 2_000
_SETTLE_MS: Final = 400
_TINTS: Final = {"verified": "ok", "failed": "bad", "stopped": "text2"}
_Found = tuple[list[Target], list[Upload], tuple[int, int], tuple[int, int]]
"""Targets, uploads, (verified, wanted), (clips in the time of grace, when it ends in ms since 1970)."""
_MARKS: Final = {"verified": "✓", "failed": "◆", "sending": "↑", "queued": "○", "stopped": "–"}


class TargetRow(QAbstractButton):
    """One target in the list: a click anywhere on it, Enter or Space opens it."""

    chosen = Signal()

    def __init__(self, target: Target) -> None:
        super().__init__()
        name = NameLabel(target.name, font=tokens.sans(weight=QFont.Weight.Medium))
        state = (
            label(f"✓ {self.tr('sends')}", "ok")
            if target.confirmed
            else label(f"▲ {self.tr('not confirmed')}", "warn")
        )
        inside = box(name, NameLabel(target.bucket, colour=tokens.current().text2), state, gap=2)
        inside.setContentsMargins(tokens.SPACE_L, tokens.SPACE_S, tokens.SPACE_S, tokens.SPACE_S)
        self.setLayout(inside)
        for part in (name, state):
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAccessibleName(f"{display(target.name)}: {state.text()}")
        tip(self, self.tr("What it sends, the word on it, change or remove it"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.clicked.connect(self.chosen)

    @override
    def sizeHint(self) -> QSize:
        inside = self.layout()
        return inside.sizeHint() if inside else super().sizeHint()

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter, palette = QPainter(self), tokens.current()
        if self.underMouse() or self.isDown():
            painter.fillRect(self.rect(), tokens.colour(palette.bg2))
        painter.fillRect(0, self.height() - 1, self.width(), 1, tokens.colour(palette.row_line))
        if self.hasFocus():
            painter.setPen(tokens.colour(palette.accent))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()


class DeliverPage(QWidget):
    """Targets on the left, uploads in the middle."""

    target_wanted = Signal(object)
    """A `Target` to look at, or None for a new one."""
    export_wanted = Signal()

    def __init__(self, desk: "Desk") -> None:
        super().__init__()
        self._desk = desk
        self._targets_column = QVBoxLayout()
        self._targets_column.setSpacing(tokens.SPACE_XS)
        head = section(self.tr("Targets"))
        head.setContentsMargins(tokens.SPACE_L, tokens.SPACE_M, 0, tokens.SPACE_XS)
        add = button(
            self.tr("Target"),
            lambda: self.target_wanted.emit(None),
            look="flat",
            icon="plus",
            hint=self.tr("A bucket for approved clips"),
        )
        left = panel("panel-left", box(head, self._targets_column, 1, foot(add), gap=0))
        left.setFixedWidth(tokens.SIDEBAR)
        self._summary = label("", "secondary", wrap=True)
        self._retry = button(self.tr("Retry what failed"), self._retry_failed)
        export = button(
            self.tr("Export as a timeline …"), self.export_wanted.emit, key="Ctrl+E", icon="export"
        )
        self._uploads = RowsTable[Upload](
            self.tr("Uploads"),
            [
                Column("", 28, lambda u: _MARKS.get(u.state, ""), colour=_tint),
                Column(self.tr("State"), 170, self._state, colour=_tint),
                Column(self.tr("Object"), 420, lambda u: display(u.key), mono=True),
                Column(self.tr("Size"), 90, lambda u: wording.size(u.size)),
                Column(self.tr("Target"), 140, lambda u: display(u.target), colour="text2"),
                Column(
                    self.tr("When"),
                    130,
                    lambda u: wording.time_of_day(u.changed_ms),
                    colour="text2",
                ),
                Column(self.tr("Why"), 300, lambda u: display(core(u.error or "")), colour="bad"),
            ],
            stretch=2,
        )
        self._empty = EmptyState(
            "upload", "", "", self.tr("Add a target"), lambda: self.target_wanted.emit(None)
        )
        self._stack = QStackedWidget()
        self._stack.addWidget(self._uploads)
        self._stack.addWidget(self._empty)
        words = box(title(self.tr("Deliver")), self._summary, gap=tokens.SPACE_XS)
        top = box(across=True)
        top.addLayout(words, 1)
        top.addWidget(self._retry)
        top.addWidget(export)
        body = panel("canvas", box(top, self._stack, margin=tokens.SPACE_XL, gap=tokens.SPACE_L))
        self.setLayout(box(left, body, across=True, gap=0))
        style.set_look(self, "canvas")
        self._later = single_shot(self, _SETTLE_MS, self.refresh)
        self._grace_over = single_shot(self, _SETTLE_MS, self.refresh)
        desk.changed.connect(self._on_changed)
        self.refresh()

    def refresh(self) -> None:
        """Reads targets and uploads."""
        sync = self._desk.services.sync

        def read(reader: Reader) -> _Found:
            return (
                projects.targets(reader),
                uploads.every(reader, limit=_MOST),
                uploads.tally(reader),
                sync.in_grace(reader),
            )

        self._desk.query(self, read, self._take, key="deliver")

    def _take(self, found: _Found) -> None:
        targets, sent, (verified, wanted), (waiting, until_ms) = found
        self._show_targets(targets)
        self._uploads.show_items(sent)
        failed = sum(upload.state == "failed" for upload in sent)
        self._retry.setVisible(failed > 0)
        parts = (
            [fill(self.tr("{0} of %Ln objects verified", "", wanted), verified)] if wanted else []
        )
        if failed:
            parts.append(fill(self.tr("◆ {0} failed"), failed))
        graced = ""
        if waiting:
            clock = wording.clock_time(until_ms)
            graced = fill(
                self.tr("%Ln clips wait for the time of grace (until {0})", "", waiting), clock
            )
            parts.append(graced)
            left_ms = until_ms - time.time_ns() // 1_000_000
            self._grace_over.start(max(_SETTLE_MS, left_ms + 1))
        self._summary.setText(" · ".join(parts) or self.tr("Nothing has been sent."))
        self._stack.setCurrentWidget(self._uploads if sent else self._empty)
        self._say_empty(targets, graced)

    def _say_empty(self, targets: Sequence[Target], graced: str) -> None:
        self._empty.button.setVisible(not targets)
        if not targets:
            self._empty.say(
                self.tr("No target yet"),
                self.tr(
                    "A target is a bucket that approved clips are sent to, verified, in the background. Nothing is sent before"
                    " you have seen what it would be and what it costs."
                ),
            )
        elif not any(target.confirmed for target in targets):
            self._empty.say(
                self.tr("Nothing is sent yet"),
                self.tr(
                    "The target is not confirmed: click it on the left to see what it would send."
                ),
            )
        elif graced:
            self._empty.say(self.tr("Nothing is sent yet"), graced)
        else:
            self._empty.say(
                self.tr("Nothing to send"),
                self.tr("Clips are sent here as they are approved, a minute after the word."),
            )

    def _show_targets(self, targets: Sequence[Target]) -> None:
        clear(self._targets_column)
        for target in targets:
            row = TargetRow(target)
            row.chosen.connect(partial(self.target_wanted.emit, target))
            self._targets_column.addWidget(row)

    def _state(self, upload: Upload) -> str:
        words = {
            "queued": self.tr("queued"),
            "sending": self.tr("sending"),
            "verified": self.tr("verified"),
            "failed": self.tr("failed"),
            "stopped": self.tr("stopped"),
        }.get(upload.state, upload.state)
        if upload.state == "sending" and upload.size:
            return f"{words} {upload.sent * 100 // upload.size} %"
        return words

    def _retry_failed(self) -> None:
        sync, engine = self._desk.services.sync, self._desk.services.engine
        tasks.run_command(self, sync.retry_failed, lambda _: engine.poke())

    def _on_changed(self, changes: ChangeSet) -> None:
        wanted = changes.touches(Aspect.UPLOAD, Aspect.TARGET, Aspect.DECISION)
        if wanted and not self._later.isActive():
            self._later.start()


def _tint(upload: Upload) -> str:
    return _TINTS.get(upload.state, "")
