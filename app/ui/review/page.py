"""The Review page: what was decided, and the notes that wait for an answer, of all clips of the project."""

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QPushButton, QStackedWidget, QWidget

from app.core.catalog import decisions, library, notes
from app.core.catalog.rows import Reader
from app.core.model.changes import Aspect, ChangeSet
from app.core.model.entities import Clip, Decision, Note
from app.core.model.names import display
from app.ui.inspector.detail import span
from app.ui.theme import style, tokens
from app.ui.widgets import wording
from app.ui.widgets.controls import button
from app.ui.widgets.panels import EmptyState, box, panel
from app.ui.widgets.tables import Column, RowsTable
from app.ui.widgets.timers import single_shot
from app.ui.widgets.wording import fill
from app.ui.widgets.words import label, title

if TYPE_CHECKING:
    from app.ui.desk import Desk

_MOST: Final = 500
_SETTLE_MS: Final = 300


@dataclasses.dataclass(frozen=True, slots=True)
class OpenNote:
    """A note with the clip it stands on."""

    note: Note
    clip: Clip


@dataclasses.dataclass(frozen=True, slots=True)
class Decided:
    """A decision with its clip."""

    decision: Decision
    clip: Clip


class ReviewPage(QWidget):
    """Open notes and decisions; a click leads to the frame."""

    clip_wanted = Signal(int, object)
    """A clip's row, and the frame or None."""
    library_wanted = Signal()

    def __init__(self, desk: "Desk") -> None:
        super().__init__()
        self._desk = desk
        self._tab = "notes"
        self._notes_of: Sequence[OpenNote] = ()
        self._decided: Sequence[Decided] = ()
        self._buttons = self._tab_buttons()
        self._notes = self._note_table()
        self._notes.item_opened.connect(self._open_note)
        self._decisions = self._decision_table()
        self._decisions.item_opened.connect(self._open_decision)
        self._empty = EmptyState(
            "note", "", "", self.tr("Go to the library"), self.library_wanted.emit, key="Ctrl+3"
        )
        self._stack = QStackedWidget()
        for view in (self._notes, self._decisions, self._empty):
            self._stack.addWidget(view)
        self._summary = label("", "secondary")
        self._lay_out()
        self._later = single_shot(self, _SETTLE_MS, self.refresh)
        desk.changed.connect(self._on_changed)
        desk.here_changed.connect(self.refresh)
        self.refresh()

    def _note_table(self) -> RowsTable[OpenNote]:
        return RowsTable[OpenNote](
            self.tr("Open notes"),
            [
                Column("", 28, lambda _: "●", colour="info"),
                Column(self.tr("At"), 220, _at, mono=True),
                Column(self.tr("Note"), 420, lambda n: display(n.note.text)),
                Column(self.tr("Clip"), 240, lambda n: display(n.clip.name), colour="text2"),
                Column(
                    self.tr("By"),
                    130,
                    lambda n: display(n.note.author_name),
                    colour="text2",
                ),
                Column(
                    self.tr("When"),
                    130,
                    lambda n: wording.time_of_day(n.note.created_ms),
                    colour="text2",
                ),
            ],
            stretch=2,
        )

    def _decision_table(self) -> RowsTable[Decided]:
        return RowsTable[Decided](
            self.tr("Decisions"),
            [
                Column("", 28, _mark, colour=_tint),
                Column(self.tr("Decision"), 200, self._verdict, colour=_tint),
                Column(self.tr("Clip"), 300, lambda d: display(d.clip.name)),
                Column(
                    self.tr("By"),
                    150,
                    lambda d: display(d.decision.by_name),
                    colour="text2",
                ),
                Column(
                    self.tr("When"),
                    130,
                    lambda d: wording.time_of_day(d.decision.at_ms),
                    colour="text2",
                ),
                Column(
                    self.tr("Comment"),
                    260,
                    lambda d: display(d.decision.comment),
                    colour="text2",
                ),
            ],
            stretch=2,
        )

    def _lay_out(self) -> None:
        tabs = box(*self._buttons.values(), 1, self._summary, across=True, gap=2)
        tabs.setContentsMargins(tokens.SPACE_XL, 0, tokens.SPACE_XL, tokens.SPACE_S)
        head = box(title(self.tr("Review")), across=True)
        head.setContentsMargins(tokens.SPACE_XL, tokens.SPACE_XL, tokens.SPACE_XL, tokens.SPACE_S)
        body = panel("canvas", box(head, tabs, self._stack, gap=0))
        self.setLayout(box(body))
        style.set_look(self, "canvas")

    def _tab_buttons(self) -> dict[str, QPushButton]:
        group = QButtonGroup(self)
        made: dict[str, QPushButton] = {}
        for name in ("notes", "decisions"):
            made[name] = button("", lambda name=name: self._show(name), look="nav")
            made[name].setCheckable(True)
            group.addButton(made[name])
        made["notes"].setChecked(True)
        return made

    def refresh(self) -> None:
        """Reads notes and decisions of the project."""
        project = self._desk.project_id

        def read(reader: Reader) -> tuple[list[OpenNote], list[Decided]]:
            said = notes.open_notes(reader, project, _MOST)
            decided = decisions.every(reader, project, _MOST)
            wanted = dict.fromkeys([n.clip_id for n in said] + [d.clip_id for d in decided])
            clips = {clip_id: library.get(reader, clip_id, project) for clip_id in wanted}
            return (
                [OpenNote(n, clip) for n in said if (clip := clips[n.clip_id]) is not None],
                [Decided(d, clip) for d in decided if (clip := clips[d.clip_id]) is not None],
            )

        self._desk.query(self, read, self._take, key="review")

    def _take(self, found: tuple[list[OpenNote], list[Decided]]) -> None:
        self._notes_of, self._decided = found
        self._notes.show_items(self._notes_of)
        self._decisions.show_items(self._decided)
        titles = {
            "notes": fill(self.tr("Open notes {0}"), len(self._notes_of)),
            "decisions": fill(self.tr("Decisions {0}"), len(self._decided)),
        }
        for name, one in self._buttons.items():
            one.setText(titles[name])
            one.setAccessibleName(titles[name])
        approved = sum(
            d.decision.verdict == "approved" and d.decision.current for d in self._decided
        )
        void = sum(not d.decision.current for d in self._decided)
        parts = [fill(self.tr("{0} approved"), approved)]
        if void:
            parts.append(fill(self.tr("▲ {0} changed since: to be asked again"), void))
        self._summary.setText(" · ".join(parts))
        self._show(self._tab)

    def _show(self, name: str) -> None:
        self._tab = name
        items: Sequence[object] = self._notes_of if name == "notes" else self._decided
        if items:
            self._stack.setCurrentWidget(self._notes if name == "notes" else self._decisions)
            return
        if name == "notes":
            self._empty.say(
                self.tr("No open notes"),
                self.tr(
                    "Play a clip, press ; on a frame and write: the note waits here until it is resolved."
                ),
            )
        else:
            self._empty.say(
                self.tr("Nothing decided yet"),
                self.tr(
                    "Approve a clip, or request changes, under the player. The word is bound to exactly these bytes."
                ),
            )
        self._stack.setCurrentWidget(self._empty)

    def _verdict(self, one: Decided) -> str:
        if not one.decision.current:
            return self.tr("changed since, ask again")
        if one.decision.disputed:
            return self.tr("disputed, decide again")
        if one.decision.pending:
            return self.tr("approved, being bound")
        return (
            self.tr("approved")
            if one.decision.verdict == "approved"
            else self.tr("changes asked for")
        )

    def _open_note(self, one: OpenNote) -> None:
        self.clip_wanted.emit(one.clip.row, one.note.start_frame)

    def _open_decision(self, one: Decided) -> None:
        self.clip_wanted.emit(one.clip.row, None)

    def _on_changed(self, changes: ChangeSet) -> None:
        wanted = changes.touches(Aspect.NOTE, Aspect.DECISION, Aspect.PROJECT)
        if wanted and not self._later.isActive():
            self._later.start()


def _at(one: OpenNote) -> str:
    return span(one.clip, one.note.start_frame, one.note.end_frame)


def _mark(one: Decided) -> str:
    if not one.decision.current or one.decision.disputed:
        return "▲"
    return "✓" if one.decision.verdict == "approved" else "◆"


def _tint(one: Decided) -> str:
    if not one.decision.current or one.decision.disputed:
        return "warn"
    return "ok" if one.decision.verdict == "approved" else "bad"
