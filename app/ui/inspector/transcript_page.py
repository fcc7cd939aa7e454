"""The Transcript tab as a whole: the words, how far they come while they are made, or why there are none."""

import dataclasses

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QProgressBar, QStackedWidget, QWidget

from app.core.model.entities import Clip, Transcript
from app.core.model.names import display
from app.core.post.subtitle_clock import Clock
from app.ui.inspector.transcript import TranscriptView
from app.ui.theme import style, tokens
from app.ui.widgets.controls import button
from app.ui.widgets.panels import EmptyState, box, line
from app.ui.widgets.wording import fill
from app.ui.widgets.words import label


@dataclasses.dataclass(frozen=True, slots=True)
class Making:
    """How the words of a clip come along."""

    runs: bool = False
    """The speech model listens to it now."""
    permille: int | None = None
    """How far what runs is; None while that is not known."""
    sound_runs: bool = False
    """Its sound is being read, which the words wait for."""
    waits: str = ""
    """Why it does not begin, in words."""
    failure: str = ""
    """What went wrong, in words; nothing more is tried until a person asks for it."""
    called_off: bool = False
    """A person called it off."""


class MakingStrip(QWidget):
    """Below words that are still being made, where the next ones will come: how far they reach, and what goes on."""

    retry_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.words = label("", "secondary", wrap=True)
        self.bar = QProgressBar()
        self.bar.setRange(0, 1000)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(self.tr("How much of the clip has been heard"))
        self.again = button(self.tr("Go on"), self.retry_wanted.emit)
        row = box(self.words, self.again, across=True)
        row.setStretch(0, 1)
        inner = box(row, self.bar, gap=tokens.SPACE_XS)
        inner.setContentsMargins(tokens.SPACE_L, tokens.SPACE_S, tokens.SPACE_L, tokens.SPACE_S)
        self.setLayout(box(line(), inner, gap=0))

    def show_making(self, reached: str, making: Making) -> None:
        """Says how far it is; `reached` is the label up to which there are words."""
        self.words.setText(self._says(reached, making))
        stands = bool(making.failure)
        style.set_look(self.words, "warn" if stands and not making.called_off else "secondary")
        self.again.setVisible(stands)
        self.bar.setVisible(making.runs and making.permille is not None)
        self.bar.setValue(making.permille or 0)

    def _says(self, reached: str, making: Making) -> str:
        if making.called_off:
            return fill(self.tr("Called off. The words so far, up to {0}"), reached)
        if making.failure:
            words = self.tr("The words so far, up to {0}. It did not go on: {1}")
            return fill(words, reached, display(making.failure))
        if making.runs:
            return fill(self.tr("Listening … so far up to {0}"), reached)
        return fill(self.tr("So far up to {0}; the rest follows"), reached)


class TranscriptPage(QStackedWidget):
    """Shows what it is given; whoever owns it does what it asks for."""

    wanted = Signal()
    """A person wants this clip transcribed."""
    retry_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.view = TranscriptView()
        self.strip = MakingStrip()
        self.strip.retry_wanted.connect(self.retry_wanted)
        self.empty = EmptyState("sound", "", "", self.tr("Transcribe this clip"), self._ask)
        self._written = QWidget()
        self._written.setLayout(box(self.view, self.strip, gap=0))
        self.addWidget(self._written)
        self.addWidget(self.empty)
        self._clip: Clip | None = None
        self._transcript: Transcript | None = None
        self._why = ""
        self._making = Making()

    def show_transcript(
        self,
        clip: Clip | None,
        transcript: Transcript | None,
        why: str,
        clock: Clock | None = None,
        making: Making | None = None,
    ) -> None:
        """Shows what is said, or in words why there is nothing."""
        self._clip, self._transcript, self._why = clip, transcript, why
        self._making = making or Making()
        self.view.show_transcript(clip, transcript, clock)
        self._show_state()

    def show_making(self, making: Making) -> None:
        """The same words, and how the rest of them comes along."""
        if making != self._making:
            self._making = making
            self._show_state()

    def _show_state(self) -> None:
        found = self._transcript
        reached = found.reached if found else None
        if found is not None and found.segments:
            self.strip.setVisible(reached is not None)
            if reached is not None:
                self.strip.show_making(self.view.label_at(reached), self._making)
            self.setCurrentWidget(self._written)
            return
        whole = found is not None and reached is None
        heading, words = self._nothing(whole=whole)
        self.empty.say(heading, words)
        busy = self._making.runs or self._making.sound_runs
        silent = self._clip is None or not self._clip.audio
        self.empty.button.setVisible(not silent and not whole and not busy)
        self.setCurrentWidget(self.empty)

    def _nothing(self, *, whole: bool) -> tuple[str, str]:
        making = self._making
        if self._clip is None:
            return self.tr("No clip"), self._why
        if whole:
            return self.tr("Nobody speaks here"), self._why
        if making.called_off:
            return self.tr("Transcribing was called off"), self.tr("It begins when you want it.")
        if making.failure:
            return self.tr("It could not be transcribed"), display(making.failure)
        if making.runs:
            return self.tr("Listening …"), self.tr("The first words come in a moment.")
        if making.sound_runs:
            far = making.permille
            words = self.tr("Its sound is being read; the words follow.")
            percent = fill(self.tr("{0} %"), far // 10) if far is not None else ""
            return self.tr("No transcript yet"), f"{words} {percent}".strip()
        return self.tr("No transcript yet"), making.waits or self._why

    def _ask(self) -> None:
        if self._making.failure:
            self.retry_wanted.emit()
        else:
            self.wanted.emit()
