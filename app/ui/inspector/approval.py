"""The bar under the inspector: the word on this version, with a minute's grace.

Approving sends nothing by itself and nothing at once; taking it back stops what waits.
"""

import time
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QWidget
from typing_extensions import override

from app.core.model.entities import Decision
from app.core.model.names import display
from app.ui.inspector import sent
from app.ui.inspector.detail import ClipDetail
from app.ui.theme import style, tokens
from app.ui.widgets.controls import button
from app.ui.widgets.panels import box
from app.ui.widgets.timers import single_shot
from app.ui.widgets.wording import fill
from app.ui.widgets.words import NameLabel, label

_MINUTE_MS: Final = 60_000
_WIDE: Final = 480
"""From here on there is room for the words of every button beside what was decided."""


class ApprovalBar(QFrame):
    """Approve, ask for changes, take it back."""

    decided = Signal(str)
    """`approved` or `rejected`."""
    withdrawn = Signal()
    left = Signal()
    """The button that has the keyboard does nothing any more."""

    def __init__(self, grace_ms: int = _MINUTE_MS) -> None:
        super().__init__()
        style.set_look(self, "bar-low")
        self._grace_ms = grace_ms
        self._mark = label("")
        self._words = NameLabel()
        self._back = button(
            self.tr("Take back"),
            self.withdrawn.emit,
            look="flat",
            hint=self.tr("Take the decision back; what waits to be sent is stopped"),
        )
        self._back.setAccessibleName(self.tr("Take back"))
        self._changes = button(
            self.tr("Request changes"),
            lambda: self.decided.emit("rejected"),
            hint=self.tr("Not this version: changes are asked for"),
            key="Ctrl+Shift+Return",
        )
        self._approve = button(
            self.tr("Approve"),
            lambda: self.decided.emit("approved"),
            look="primary",
            hint=self.tr(
                "This version is right. It is sent a minute later at the earliest, where a target is set up"
            ),
            key="Ctrl+Return",
        )
        self._fate = NameLabel(colour=tokens.current().text2)
        self._detail: ClipDetail | None = None
        self._grace_over = single_shot(self, _MINUTE_MS, self._say_fate)
        self._said = QWidget()
        self._said.setLayout(box(self._words, self._fate, gap=0))
        row = box(self._mark, across=True, margin=tokens.SPACE_S)
        row.addWidget(self._said, 1)
        for one in (self._back, self._changes, self._approve):
            row.addWidget(one)
        self.setLayout(row)
        self.show_detail(None)

    @override
    def showEvent(self, event: QShowEvent) -> None:
        """Room for both lines from the start: a second line must not move the buttons."""
        lines = (self._words, self._fate)
        for line in lines:
            line.ensurePolished()
        self._said.setMinimumHeight(sum(line.sizeHint().height() for line in lines))
        super().showEvent(event)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        """What was decided is read before what takes it back."""
        self._back.setText(self.tr("Take back") if event.size().width() >= _WIDE else "↶")
        super().resizeEvent(event)

    def show_detail(self, detail: ClipDetail | None, chosen: int = 1) -> None:
        """Shows the word that counts for a clip; `chosen` clips would be decided on."""
        self.setEnabled(detail is not None)
        self._detail = None if chosen > 1 else detail
        decision = detail.decision if detail else None
        many = chosen > 1
        approve = self.tr("Approve %Ln clips", "", chosen) if many else self.tr("Approve")
        self._approve.setText(approve)
        self._approve.setAccessibleName(approve)
        given = decision.verdict if decision and decision.current and not many else ""
        settled = given if decision and not decision.disputed else ""
        # Each keeps its place: what lies under the pointer is the same before and after the click.
        answers = (
            (self._approve, settled != "approved"),
            (self._changes, settled != "rejected"),
            (self._back, bool(given)),
        )
        if any(one.hasFocus() and not answers_now for one, answers_now in answers):
            self.left.emit()
        for one, answers_now in answers:
            one.setEnabled(answers_now)
        self._back.setVisible(bool(given))
        if many:
            self._say_fate()
            self._show("", "", self.tr("%Ln clips chosen", "", chosen))
        else:
            self._say(decision)

    def _say(self, decision: Decision | None) -> None:
        self._say_fate()
        if decision is None:
            notes = self._detail.open_notes if self._detail else 0
            still = self.tr("No decision yet · %Ln notes open", "", notes)
            self._show("", "", still if notes else self.tr("No decision yet"))
        elif not decision.current:
            self._show("▲", "warn", self.tr("Changed since the decision: it has to be asked again"))
        elif decision.disputed:
            self._show("▲", "warn", self._disputed())
        elif decision.verdict == "approved" and self._detail and self._detail.lacks_frames:
            words = self.tr("Approved by {0}; a frame that was approved is missing")
            self._show("▲", "warn", fill(words, display(decision.by_name)))
        elif decision.verdict == "approved":
            self._show("✓", "ok", fill(self.tr("Approved by {0}"), display(decision.by_name)))
        else:
            words = fill(self.tr("Changes asked for by {0}"), display(decision.by_name))
            self._show("◆", "bad", f"{words}: {decision.comment}" if decision.comment else words)

    def _disputed(self) -> str:
        """Both words: who approved, who asked for changes, neither knowing of the other."""
        votes = [vote for vote in (self._detail.votes if self._detail else ()) if vote.current]

        def those(verdict: str) -> str:
            return ", ".join(display(v.by_name) for v in votes if v.verdict == verdict)

        return fill(
            self.tr("Disputed: approved by {0}, changes asked for by {1}. Decide again"),
            those("approved"),
            those("rejected"),
        )

    def _say_fate(self) -> None:
        """Under the word: what became of the approved version."""
        detail = self._detail
        decision = detail.decision if detail else None
        self._grace_over.stop()
        words, wrong = "", False
        counts = decision and decision.current and not decision.disputed
        if detail and decision and counts and decision.verdict == "approved":
            if decision.pending:
                words = self.tr("bound when the file has been read whole")
            else:
                until = decision.at_ms + self._grace_ms
                now = time.time_ns() // 1_000_000
                words, wrong = sent.sentence(detail.sent, detail.targets, until, now)
                if now < until:
                    self._grace_over.start(until - now + 1)
        self._fate.set_text(f"◆ {words}" if wrong else words)
        self._fate.setVisible(bool(words))

    def _show(self, mark: str, look: str, words: str) -> None:
        self._mark.setText(mark)
        self._mark.setVisible(bool(mark))
        style.set_look(self._mark, look or "secondary")
        self._words.set_text(words)
