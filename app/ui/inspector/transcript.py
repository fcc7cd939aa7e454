"""The Transcript tab: click a word to go there; it follows playback, and wrong words can be corrected.

Doubtful words are underlined, the word being said is marked, what was searched for is marked too.
While it is being made its words come in parts: what is there stays where it is, and what somebody is
typing is never touched.
"""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QElapsedTimer, QEvent, QPoint, QPointF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QGuiApplication,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QMenu, QToolTip, QWidget
from typing_extensions import override

from app.core.model.entities import Clip, Transcript
from app.core.post.subtitle_clock import Clock
from app.ui.inspector import transcript_layout as places
from app.ui.inspector.note_entry import LineOfWords
from app.ui.inspector.transcript_layout import Block, PlacedWord
from app.ui.inspector.transcript_paint import DOUBTFUL, BlockLook, paint_block
from app.ui.theme import tokens
from app.ui.widgets.controls import menu_item
from app.ui.widgets.wording import fill

_HANDS_OFF_MS: Final = 4_000
"""After the person scrolled, the page stays where it is for so long."""


class TranscriptView(QAbstractScrollArea):
    """What is said in one clip."""

    seek_wanted = Signal(int)
    corrected = Signal(int, int, str, object)
    """Start and end of the segment in samples, new text ("" keeps it), new speaker or None."""
    note_wanted = Signal(int, int)
    """A note on these frames (end exclusive)."""

    OWN_KEYS: Final = frozenset({Qt.Key.Key_F2, Qt.Key.Key_Up, Qt.Key.Key_Down})
    """What it does itself while it has the focus, before the window's shortcuts."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setMouseTracking(True)
        self.setAccessibleName(self.tr("Transcript"))
        self._clip: Clip | None = None
        self._transcript: Transcript | None = None
        self._clock: Clock | None = None
        self._blocks: list[Block] = []
        self._laid: tuple[object, ...] = ()
        self._frame: int | None = None
        self._said: int | None = None
        self._word: PlacedWord | None = None
        self._chosen = 0
        self._newer: tuple[Clip, Transcript | None, Clock | None] | None = None
        """What came while a correction was being typed."""
        self._matches: tuple[str, ...] = ()
        self._touched = QElapsedTimer()
        self._editor: LineOfWords | None = None
        self._edited = 0
        self.verticalScrollBar().sliderMoved.connect(self._touched.restart)

    @property
    def blocks(self) -> Sequence[Block]:
        """The segments as laid out."""
        return self._blocks

    def show_transcript(
        self, clip: Clip | None, transcript: Transcript | None, clock: Clock | None = None
    ) -> None:
        """Shows what is said in a clip; `clock` says when each frame is shown, evenly where left out."""
        same = (clip and clip.id) == (self._clip and self._clip.id)
        if same and clip is not None and self._editor is not None:
            self._newer = clip, transcript, clock
            return
        self._clip, self._transcript = clip, transcript
        self._clock = clock or (_even(clip) if clip else None)
        if not same:
            self._newer = None
            self._end_edit()
            self.verticalScrollBar().setValue(0)
            self._frame, self._said, self._word, self._chosen = None, None, None, 0
        self._lay_out()
        self._mark_said()

    def set_matches(self, words: Sequence[str]) -> None:
        """Marks what was searched for."""
        self._matches = tuple(word.casefold() for word in words if word)
        self.viewport().update()

    def show_frame(self, frame: int) -> None:
        """Marks the word being said at a frame, and keeps it in sight."""
        self._frame = frame
        if self._clock is None or not self._blocks:
            return
        before, said = self._said, self._mark_said()
        if said is not None and said != before:
            self._chosen = said
            if not self._touched.isValid() or self._touched.elapsed() > _HANDS_OFF_MS:
                self._bring(said)

    def _mark_said(self) -> int | None:
        """Finds the segment and the word being said at the frame that is shown."""
        if self._frame is None or self._clock is None:
            return None
        sample = self._clock.sample(self._frame)
        said = places.block_said(self._blocks, sample)
        word = self._blocks[said].word_said(sample) if said is not None else None
        if (said, word) != (self._said, self._word):
            self._said, self._word = said, word
            self.viewport().update()
        return said

    def label_at(self, sample: int) -> str:
        """The timecode of a sample of the clip that is shown."""
        clip, clock = self._clip, self._clock
        return clip.label(clock.frame(sample)) if clip and clock else ""

    def said_now(self) -> tuple[str, str]:
        """The segment and the word that are marked, as text; for tests and screen readers."""
        segment = self._blocks[self._said].text if self._said is not None else ""
        return segment, self._word.word.text.strip() if self._word else ""

    def _lay_out(self) -> None:
        segments = self._transcript.segments if self._transcript else ()
        self._blocks = (
            places.lay_out(
                self._clip,
                self._clock,
                segments,
                self.viewport().width(),
                tokens.sans(),
                tokens.mono(tokens.CAPS_PX),
                self._blocks if self._laid == self._shape() else (),
            )
            if self._clip and self._clock
            else []
        )
        self._laid = self._shape()
        total = self._blocks[-1].top + self._blocks[-1].height + 7 if self._blocks else 0
        bar = self.verticalScrollBar()
        bar.setRange(0, max(0, total - self.viewport().height()))
        bar.setPageStep(self.viewport().height())
        bar.setSingleStep(24)
        self._chosen = min(self._chosen, max(0, len(self._blocks) - 1))
        self.viewport().update()

    def _shape(self) -> tuple[object, ...]:
        """What every block's place hangs on: blocks of another shape are laid out anew."""
        clip = self._clip
        return clip and (clip.id, clip.start_frame, clip.rate), self._clock, self.viewport().width()

    def _bring(self, index: int) -> None:
        block, bar = self._blocks[index], self.verticalScrollBar()
        height = self.viewport().height()
        if block.top < bar.value() or block.top + block.height > bar.value() + height:
            bar.setValue(block.top - height // 3)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.fillRect(event.rect(), tokens.colour(tokens.current().bg1))
        offset = self.verticalScrollBar().value()
        for index, block in enumerate(self._blocks):
            if block.top + block.height < offset:
                continue
            if block.top > offset + self.viewport().height():
                break
            look = BlockLook(
                said=index == self._said,
                chosen=index == self._chosen and self.hasFocus(),
                word=self._word if index == self._said else None,
                matches=self._matches,
            )
            paint_block(painter, block, block.top - offset, self.viewport().width(), look)

    def _hit(self, point: QPoint) -> tuple[int, PlacedWord | None] | None:
        y = point.y() + self.verticalScrollBar().value()
        index = places.block_at(self._blocks, y)
        if index is None:
            return None
        block = self._blocks[index]
        inside = QPointF(point.x() - places.MARGIN, y - block.top - 7 - block.head)
        # The line with the timecode is the segment as a whole; below it every place is some word's.
        return index, block.word_near(inside) if inside.y() >= 0 else None

    def _go(self, index: int, placed: PlacedWord | None) -> None:
        if self._clock is None:
            return
        self._chosen = index
        start = placed.word.start if placed else self._blocks[index].segment.start
        self.seek_wanted.emit(self._clock.frame(start))
        self.viewport().update()

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()

    @override
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        hit = self._hit(event.position().toPoint())
        if hit is not None and event.button() == Qt.MouseButton.LeftButton:
            self._go(*hit)

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        hit = self._hit(event.position().toPoint())
        hand = hit is not None and hit[1] is not None
        self.viewport().setCursor(
            Qt.CursorShape.PointingHandCursor if hand else Qt.CursorShape.ArrowCursor
        )

    @override
    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        hit = self._hit(event.position().toPoint())
        if hit is not None:
            self._edit_block(hit[0])

    @override
    def wheelEvent(self, event: QWheelEvent) -> None:
        self._touched.restart()
        super().wheelEvent(event)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()))
        if step is not None and self._blocks:
            self._chosen = min(max(self._chosen + step, 0), len(self._blocks) - 1)
            self.setAccessibleDescription(self._blocks[self._chosen].text)
            self._bring(self._chosen)
            self.viewport().update()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._blocks:
            self._go(self._chosen, None)
        elif event.key() == Qt.Key.Key_F2 and self._blocks:
            self._edit_block(self._chosen)
        else:
            super().keyPressEvent(event)

    @override
    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        hit = self._hit(event.pos())
        if hit is None or self._clock is None:
            return
        block = self._blocks[hit[0]]
        start, end = self._clock.frames(block.segment.start, block.segment.end)
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu_item(menu, self.tr("Correct the words …"), lambda: self._edit_block(hit[0]), "F2")
        menu_item(menu, self.tr("Name the speaker …"), lambda: self._edit_speaker(hit[0]))
        menu_item(
            menu,
            self.tr("Write a note on it"),
            lambda: self.note_wanted.emit(start, max(end, start + 1)),
            ";",
        )
        menu_item(
            menu, self.tr("Copy the text"), lambda: QGuiApplication.clipboard().setText(block.text)
        )
        menu.popup(event.globalPos())

    def _edit_block(self, index: int) -> None:
        segment = self._blocks[index].segment
        self._edit(index, self.tr("Correct the words"), segment.text.strip(), speaker=False)

    def _edit_speaker(self, index: int) -> None:
        segment = self._blocks[index].segment
        self._edit(index, self.tr("Name of the speaker"), segment.speaker or "", speaker=True)

    def _edit(self, index: int, name: str, text: str, *, speaker: bool) -> None:
        self._end_edit()
        self._bring(index)
        editor = self._editor = LineOfWords(name, text)
        editor.setParent(self.viewport())
        self._edited = index
        self._place_editor()
        segment = self._blocks[index].segment

        def keep(words: str) -> None:
            new_text, new_speaker = ("", words) if speaker else (words, None)
            self.corrected.emit(segment.start, segment.end, new_text, new_speaker)

        editor.written.connect(keep)
        editor.left.connect(self._end_edit)
        editor.show()
        editor.setFocus()

    def _place_editor(self) -> None:
        if self._editor is not None:
            block = self._blocks[self._edited]
            # Under the line with the time and the speaker, so that it can be read what is corrected.
            top = block.top - self.verticalScrollBar().value() + places.GAP + block.head - 2
            width, height = self.viewport().width() - 16, max(34, block.height - block.head)
            self._editor.setGeometry(8, top, width, height)

    def _end_edit(self) -> None:
        if self._editor is not None:
            self._editor.hide()
            self._editor.deleteLater()
            self._editor = None
            self.setFocus()
            if self._newer is not None:
                newer, self._newer = self._newer, None
                self.show_transcript(*newer)

    @override
    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            self._show_tip(event)
            return True
        return super().viewportEvent(event)

    def _show_tip(self, event: QHelpEvent) -> None:
        hit = self._hit(event.pos())
        if hit is None or hit[1] is None or hit[1].word.permille >= DOUBTFUL:
            QToolTip.hideText()
            return
        words = fill(self.tr("Heard with {0} % confidence"), hit[1].word.permille // 10)
        QToolTip.showText(event.globalPos(), words, self)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        self._lay_out()
        self._place_editor()


def _even(clip: Clip) -> Clock:
    return Clock(clip.rate or clip.timebase.rate, clip.timebase, clip.start_frame)
