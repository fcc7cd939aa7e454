"""The Notes tab: threads on frames and ranges, and the line where a note is written.

Typing in the line pauses the player; what is stamped is the frame on screen, or the range between
in and out where the frame lies inside it.
"""

from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.core.model.entities import Clip, Note
from app.core.model.names import display
from app.ui.inspector.detail import ClipDetail, span
from app.ui.inspector.note_entry import LineOfWords, NoteEntry
from app.ui.theme import tokens
from app.ui.widgets import wording
from app.ui.widgets.controls import button, icon_button
from app.ui.widgets.panels import box, clear, panel, scrolled
from app.ui.widgets.wording import fill
from app.ui.widgets.words import label, tip

_MOST: Final = 300


class NotesPanel(QWidget):
    """Notes of one clip."""

    note_written = Signal(int, int, str)
    """Start, end (exclusive), text."""
    reply_written = Signal(str, str)
    edit_written = Signal(str, str)
    resolve_wanted = Signal(str, bool)
    delete_wanted = Signal(str)
    seek_wanted = Signal(int)
    typing_began = Signal()
    """The first letter of a note: the player pauses."""

    def __init__(self) -> None:
        super().__init__()
        inner = QWidget()
        self._column = QVBoxLayout(inner)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self.entry = NoteEntry()
        self.entry.typing_began.connect(self.typing_began)
        self.entry.written.connect(self._written)
        self._filters = _Filters()
        self._filters.chosen.connect(self._redraw)
        foot = panel("bar-low", box(self.entry, across=True, margin=tokens.SPACE_S))
        foot.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.setLayout(box(self._filters, scrolled(inner), foot, gap=0))
        self._detail: ClipDetail | None = None
        self._drawn: object = None

    def show_detail(self, detail: ClipDetail | None) -> None:
        """Shows a clip's notes."""
        self._detail = detail
        self.entry.setEnabled(detail is not None)
        self._redraw()

    def _written(self, text: str) -> None:
        stamp = self.entry.stamp
        self.note_written.emit(stamp.start, stamp.end, text)

    def _redraw(self) -> None:
        detail = self._detail
        notes = detail.notes if detail else ()
        self._filters.count(notes)
        wanted = (self._filters.kind, detail.clip.id if detail else "", notes)
        if wanted == self._drawn:
            return
        self._drawn = wanted
        clear(self._column)
        if detail is not None:
            self._fill(detail)
        self._column.addStretch(1)

    def _fill(self, detail: ClipDetail) -> None:
        roots = [n for n in detail.notes if n.parent is None and self._filters.shows(n)]
        if not roots:
            words = self.tr("No notes here. Press ; to write one on the frame you see.")
            self._column.addLayout(box(label(words, "secondary", wrap=True), margin=tokens.SPACE_L))
        for note in roots[:_MOST]:
            replies = [reply for reply in detail.notes if reply.parent == note.id]
            self._column.addWidget(self._thread(note, replies, detail))

    def _thread(self, note: Note, replies: Sequence[Note], detail: ClipDetail) -> QWidget:
        inside = QVBoxLayout()
        inside.setContentsMargins(tokens.SPACE_L, tokens.SPACE_S, tokens.SPACE_L, tokens.SPACE_S)
        inside.setSpacing(tokens.SPACE_XS)
        inside.addWidget(NoteView(note, detail, self))
        for reply in replies:
            indented = box(NoteView(reply, detail, self), across=True)
            indented.setContentsMargins(tokens.SPACE_XL, 0, 0, 0)
            inside.addLayout(indented)
        return panel("row", inside)


class NoteView(QWidget):
    """One note: mark, timecode, author, words, and what can be done with it."""

    def __init__(self, note: Note, detail: ClipDetail, owner: NotesPanel) -> None:
        super().__init__()
        self._note = note
        self._owner = owner
        self._text = label(_lines(note.text), wrap=True, selectable=True)
        self._edit: LineOfWords | None = None
        self._column = box(self._head(detail.clip, detail), self._text, gap=2)
        if note.edited_by_both and note.other_text:
            other = self.tr("Edited by two people; the other text: {0}").replace(
                "{0}", display(note.other_text)
            )
            self._column.addWidget(label(f"▲ {other}", "warn", wrap=True))
        self.setLayout(self._column)
        words = f"{span(detail.clip, note.start_frame, note.end_frame)}, {note.author_name}: {note.text}"
        self.setAccessibleName(display(words[:300]))

    def _head(self, clip: Clip, detail: ClipDetail) -> QHBoxLayout:
        note = self._note
        row = QHBoxLayout()
        row.setSpacing(tokens.SPACE_S)
        if note.parent is None:
            resolved = note.state == "resolved"
            row.addWidget(label("✓" if resolved else "●", "ok" if resolved else "info"))
            stamp = button(
                span(clip, note.start_frame, note.end_frame),
                lambda: self._owner.seek_wanted.emit(note.start_frame),
                look="link",
                hint=self.tr("Go to this frame"),
            )
            stamp.setFont(tokens.mono())
            row.addWidget(stamp)
        initials = detail.initials.get(note.author, "") or wording.initials(note.author_name)
        who = label(display(initials), font=tokens.sans(tokens.SMALL_PX, QFont.Weight.DemiBold))
        tip(who, note.author_name or initials)
        row.addWidget(who)
        when = label(
            wording.time_of_day(note.created_ms), "secondary", font=tokens.sans(tokens.SMALL_PX)
        )
        row.addWidget(when)
        row.addStretch(1)
        if note.parent is None and note.state == "resolved":
            row.addWidget(label(self.tr("resolved"), "secondary"))
        for action in self._actions():
            row.addWidget(action)
        return row

    def _actions(self) -> list[QWidget]:
        note, owner = self._note, self._owner
        made: list[QWidget] = []
        if note.parent is None:
            done = note.state == "resolved"
            made = [
                icon_button("reply", self.tr("Reply"), self._reply),
                icon_button(
                    "retry" if done else "check",
                    self.tr("Open again") if done else self.tr("Resolve"),
                    lambda: owner.resolve_wanted.emit(note.id, not done),
                ),
            ]
        return [
            *made,
            icon_button("pencil", self.tr("Edit"), self._begin_edit),
            icon_button("close", self.tr("Delete"), lambda: owner.delete_wanted.emit(note.id)),
        ]

    def _reply(self) -> None:
        self._type(
            self.tr("Reply …"), "", lambda text: self._owner.reply_written.emit(self._note.id, text)
        )

    def _begin_edit(self) -> None:
        self._type(
            self.tr("Edit the note"),
            self._note.text,
            lambda text: self._owner.edit_written.emit(self._note.id, text),
        )

    def _type(self, name: str, text: str, take: Callable[[str], None]) -> None:
        if self._edit is not None:
            self._edit.setFocus()
            return
        self._edit = LineOfWords(name, text)
        self._edit.written.connect(take)
        self._edit.left.connect(self._end_typing)
        self._column.addWidget(self._edit)
        self._edit.setFocus()

    def _end_typing(self) -> None:
        if self._edit is not None:
            self._edit.hide()
            self._edit.deleteLater()
            self._edit = None


class _Filters(QWidget):
    """Open, resolved or all notes."""

    chosen = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.kind = "open"
        group = QButtonGroup(self)
        self._buttons: dict[str, QPushButton] = {}
        for kind in ("open", "resolved", "all"):
            one = button("", lambda kind=kind: self._choose(kind), look="nav")
            one.setCheckable(True)
            group.addButton(one)
            self._buttons[kind] = one
        self._buttons["open"].setChecked(True)
        row = box(*self._buttons.values(), 1, across=True, gap=2)
        row.setContentsMargins(tokens.SPACE_S, tokens.SPACE_XS, tokens.SPACE_S, tokens.SPACE_XS)
        self.setLayout(row)

    def count(self, notes: Sequence[Note]) -> None:
        """Puts the counts on the buttons."""
        roots = [note for note in notes if note.parent is None]
        waiting = sum(note.state == "open" for note in roots)
        words = {
            "open": fill(self.tr("Open {0}"), waiting),
            "resolved": fill(self.tr("Resolved {0}"), len(roots) - waiting),
            "all": fill(self.tr("All {0}"), len(roots)),
        }
        for kind, one in self._buttons.items():
            one.setText(words[kind])
            one.setAccessibleName(words[kind])
            tip(one, words[kind])

    def shows(self, note: Note) -> bool:
        """Whether the chosen filter lets a note through."""
        return self.kind in ("all", note.state)

    def _choose(self, kind: str) -> None:
        self.kind = kind
        self.chosen.emit()


def _lines(text: str) -> str:
    return "\n".join(display(one) for one in text.split("\n"))
