"""The inspector: Info, Transcript, Notes, Tags and History of the current clip, and the word on it."""

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QTabBar, QWidget

from app.core.model.entities import Clip, Transcript
from app.core.post.subtitle_clock import Clock
from app.ui.inspector.approval import ApprovalBar
from app.ui.inspector.detail import ClipDetail
from app.ui.inspector.history import HistoryPanel
from app.ui.inspector.info import InfoPanel
from app.ui.inspector.log import LogPanel
from app.ui.inspector.notes import NotesPanel
from app.ui.inspector.transcript_page import Making, TranscriptPage
from app.ui.theme import style
from app.ui.widgets.panels import box, line
from app.ui.widgets.wording import fill

TABS: Final = ("info", "transcript", "notes", "tags", "history")
_LOWEST_PAGE: Final = 48
"""Pixels of a page that stay where the window is low."""


class Inspector(QWidget):
    """The tabs. Shows what it is given; whoever owns it does what its parts ask for."""

    transcribe_wanted = Signal()

    def __init__(self, grace_ms: int) -> None:
        super().__init__()
        self.info = InfoPanel()
        self.said = TranscriptPage()
        self.said.wanted.connect(self.transcribe_wanted)
        self.transcript = self.said.view
        self.notes = NotesPanel()
        self.log = LogPanel()
        self.history = HistoryPanel()
        self.approval = ApprovalBar(grace_ms)
        self._tabs = QTabBar()
        self._tabs.setDrawBase(False)
        self._tabs.setExpanding(False)
        self._tabs.setUsesScrollButtons(True)
        self._tabs.setAccessibleName(self.tr("Inspector"))
        self._stack = QStackedWidget()
        for panel in (self.info, self.said, self.notes, self.log, self.history):
            self._tabs.addTab("")
            self._stack.addWidget(panel)
        # In a low window the picture goes before: every page of the inspector scrolls.
        self._stack.setMinimumHeight(_LOWEST_PAGE)
        self._tabs.currentChanged.connect(self._stack.setCurrentIndex)
        self.setLayout(box(self._tabs, line(), self._stack, self.approval, gap=0))
        style.set_look(self, "panel")
        self._name_tabs(0)

    def show_tab(self, name: str) -> None:
        """Brings a tab to the front."""
        self._tabs.setCurrentIndex(TABS.index(name))

    def current_tab(self) -> str:
        """The tab in front."""
        return TABS[self._tabs.currentIndex()]

    def show_detail(self, detail: ClipDetail | None, chosen: int) -> None:
        """Shows a clip in every tab but the transcript."""
        self.info.show_detail(detail)
        self.notes.show_detail(detail)
        self.log.show_detail(detail, chosen)
        self.history.show_detail(detail)
        self.approval.show_detail(detail, chosen)
        self._name_tabs(detail.open_notes if detail else 0)

    def show_transcript(
        self,
        clip: Clip | None,
        transcript: Transcript | None,
        why: str,
        clock: Clock | None = None,
        making: Making | None = None,
    ) -> None:
        """Shows what is said, or in words why there is nothing."""
        self.said.show_transcript(clip, transcript, why, clock, making)

    def _name_tabs(self, notes: int) -> None:
        titles = {
            "info": self.tr("Info"),
            "transcript": self.tr("Transcript"),
            "notes": fill(self.tr("Notes {0}"), notes) if notes else self.tr("Notes"),
            "tags": self.tr("Tags"),
            "history": self.tr("History"),
        }
        for number, name in enumerate(TABS):
            if self._tabs.tabText(number) != titles[name]:
                self._tabs.setTabText(number, titles[name])
                self._tabs.setTabToolTip(
                    number, fill(self.tr("{0} (Alt+{1})"), titles[name], number + 1)
                )
