"""Writing notes on the clip in hand: typing pauses the player, and the frame meant is the one on screen or asked for last."""

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.ui.inspector.detail import ClipDetail, span
from app.ui.inspector.note_entry import NoteEntry, Stamp
from app.ui.inspector.panel import Inspector
from app.ui.player.panel import PlayerPanel

if TYPE_CHECKING:
    from app.ui.desk import Desk


class Noting(QObject):
    """Joins the Notes tab, the player and the service of notes."""

    def __init__(
        self, desk: "Desk", player: PlayerPanel, inspector: Inspector, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._desk = desk
        self._player = player
        self._inspector = inspector
        self._detail: ClipDetail | None = None
        self._stamp_waits = False
        self._other: NoteEntry | None = None
        panel = inspector.notes
        player.frame_changed.connect(self._on_frame)
        player.frame_shown.connect(self._on_rest)
        panel.seek_wanted.connect(player.engine.seek_frame)
        panel.typing_began.connect(self._on_typing)
        panel.note_written.connect(self._write)
        panel.reply_written.connect(self._reply)
        panel.edit_written.connect(self._edit)
        panel.resolve_wanted.connect(self._resolve)
        panel.delete_wanted.connect(self._delete)
        panel.entry.left.connect(player.viewer.setFocus)

    def show_detail(self, detail: ClipDetail | None) -> None:
        """Another clip."""
        self._detail = detail
        self.show_stamp()

    def add_entry(self, entry: NoteEntry) -> None:
        """A second line for notes, for a layout without the tab."""
        self._other = entry
        entry.typing_began.connect(self._on_typing)
        entry.written.connect(partial(self._write_from, entry))
        entry.left.connect(self._player.viewer.setFocus)

    def begin(self) -> None:
        """The line for a note takes the keyboard."""
        if self._detail is None:
            return
        if self._other is not None and self._other.isVisible():
            self._other.begin()
            return
        self._inspector.show_tab("notes")
        self._inspector.notes.entry.begin()

    def begin_on(self, start: int, end: int) -> None:
        """A note on this range."""
        self._player.set_range(start, end)
        self._player.engine.seek_frame(start)
        self.begin()

    def show_stamp(self) -> None:
        """Says where a note would stand now."""
        if self._detail is not None:
            engine = self._player.engine
            stamp = Stamp.at(engine.wanted_frame, *engine.range)
            words = span(self._detail.clip, stamp.start, stamp.end)
            for entry in self._entries():
                entry.show_stamp(stamp, words)

    def _write_from(self, entry: NoteEntry, text: str) -> None:
        self._write(entry.stamp.start, entry.stamp.end, text)

    def _entries(self) -> list[NoteEntry]:
        return [e for e in (self._inspector.notes.entry, self._other) if e is not None]

    def _on_frame(self, _frame: int) -> None:
        if not self._player.engine.playing:
            self.show_stamp()

    def _on_rest(self, frame: int) -> None:
        if self._stamp_waits and self._detail is not None:
            self._stamp_waits = False
            stamp = Stamp.at(frame, *self._player.engine.range)
            words = span(self._detail.clip, stamp.start, stamp.end)
            for entry in self._entries():
                if entry.is_typing:
                    entry.restamp(stamp, words)
        self.show_stamp()

    def _on_typing(self) -> None:
        if self._player.engine.playing:
            self._stamp_waits = True
            self._player.engine.pause()
        else:
            self.show_stamp()

    def _write(self, start: int, end: int, text: str) -> None:
        if self._detail is not None:
            clip, notes = self._detail.clip, self._desk.services.notes
            self._desk.say(self.tr("Note written"), lambda: notes.add(clip.id, start, end, text))

    def _reply(self, note_id: str, text: str) -> None:
        notes = self._desk.services.notes
        self._desk.say(self.tr("Reply written"), lambda: notes.reply(note_id, text))

    def _edit(self, note_id: str, text: str) -> None:
        notes = self._desk.services.notes
        self._desk.say(self.tr("Note changed"), lambda: notes.edit(note_id, text))

    def _resolve(self, note_id: str, resolved: bool) -> None:
        notes = self._desk.services.notes
        words = self.tr("Note resolved") if resolved else self.tr("Note opened again")
        self._desk.say(words, lambda: notes.resolve(note_id, resolved=resolved))

    def _delete(self, note_id: str) -> None:
        notes = self._desk.services.notes
        self._desk.say(self.tr("Note deleted"), lambda: notes.delete(note_id))
