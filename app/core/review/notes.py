"""Notes on frames and ranges, with threads."""

from collections.abc import Callable, Mapping
from typing import Final

from app.core.catalog import library, notes, projects
from app.core.catalog.events import Draft
from app.core.catalog.rows import Reader
from app.core.catalog.speaking import Here, Speaker
from app.core.model.entities import Note
from app.core.model.errors import Refused
from app.core.model.events import Entity, Kind
from app.core.model.ids import new_id

LONGEST: Final = 20_000
"""Letters in a note; a longer one is a document."""


class Notes(Speaker):
    """Adds, answers, edits, resolves notes of the current project."""

    def add(
        self,
        clip_id: str,
        start: int,
        end: int | None,
        text: str,
        *,
        parent: str | None = None,
        origin: str = "",
    ) -> Note:
        """A note on frame `start`, or on the range up to `end` (exclusive). Frames count from 0.

        Raises:
            Refused: no text, or outside the clip.
        """
        stop, words = start + 1 if end is None else end, clean(text)
        note_id = new_id()

        def drafts(reader: Reader, who: Here) -> list[Draft]:
            _check_range(reader, clip_id, start, stop)
            body = {"clip": clip_id, "start": start, "end": stop, "text": words, "parent": parent}
            return [Draft(who.project_id, Entity.NOTE, note_id, Kind.NOTE_ADDED, body)]

        return self.say(drafts, lambda tx, _: notes.get(tx, note_id), origin=origin)

    def reply(self, note_id: str, text: str) -> Note:
        """An answer in a note's thread, on the same frames."""
        note = self.get(note_id)
        return self.add(
            note.clip_id, note.start_frame, note.end_frame, text, parent=note.parent or note.id
        )

    def edit(self, note_id: str, text: str) -> Note:
        """New words for a note; the old ones stay in its history."""
        words, note = clean(text), self.get(note_id)
        return self._say(
            note,
            Kind.NOTE_EDITED,
            lambda reader: {"text": words, "base": notes.base_of(reader, note.id)},
        )

    def delete(self, note_id: str) -> None:
        """Hides a note; undo brings it back."""
        note = self.get(note_id)
        self.tell(
            lambda _, _who: [Draft(note.project_id, Entity.NOTE, note.id, Kind.NOTE_DELETED, {})]
        )

    def resolve(self, note_id: str, *, resolved: bool = True) -> Note:
        """Marks a note as dealt with, or as open again."""
        return self._say(
            self.get(note_id), Kind.NOTE_RESOLVED if resolved else Kind.NOTE_REOPENED, lambda _: {}
        )

    def get(self, note_id: str) -> Note:
        """One note by id, or the unique start or end of it."""
        with self.catalog.read() as reader:
            return notes.get(reader, note_id)

    def of_clip(self, clip_id: str) -> list[Note]:
        """A clip's notes in the current project."""
        with self.catalog.read() as reader:
            return notes.of_clip(reader, clip_id, projects.current(reader))

    def _say(self, note: Note, kind: Kind, body: Callable[[Reader], Mapping[str, object]]) -> Note:
        return self.say(
            lambda reader, _: [Draft(note.project_id, Entity.NOTE, note.id, kind, body(reader))],
            lambda tx, _: notes.get(tx, note.id),
        )


def clean(text: str) -> str:
    """A note's text as it is stored: plain, trimmed, without NUL.

    Raises:
        Refused: nothing is left, or it is too long.
    """
    words = text.replace("\0", "").strip()
    if not words:
        raise Refused(
            "The note is empty", "A note needs some words.", todo="Write what the frame needs."
        )
    if len(words) > LONGEST:
        raise Refused(
            "The note is too long",
            f"It has {len(words)} letters; {LONGEST} are the most.",
            todo="Put it in a document.",
        )
    return words


def _check_range(reader: Reader, clip_id: str, start: int, end: int) -> None:
    clip = library.get(reader, clip_id)
    if clip is None:
        raise Refused("Unknown clip", f"No clip has the id {clip_id!r}.", subject=clip_id)
    frames = max(clip.frames or 1, 1)
    if not 0 <= start < end:
        raise Refused(
            "Not a range",
            f"Frames {start} to {end} are no range: the end must come after the start.",
            subject=clip.name,
        )
    if end > frames:
        raise Refused(
            "Outside the clip",
            f"{clip.name} has {frames} frames; {end - 1} lies behind the last.",
            subject=clip.name,
            todo="Give a time inside the clip.",
        )
