"""Markers, ranges and subclips."""

from collections.abc import Mapping
from typing import Any, Final

from app.core.catalog import library, notes, projects, shifts
from app.core.catalog.events import Draft
from app.core.catalog.rows import Reader
from app.core.catalog.speaking import Here, Speaker
from app.core.model.entities import Mark
from app.core.model.errors import Refused
from app.core.model.events import Entity, Kind
from app.core.model.ids import new_id

COLOURS: Final = ("red", "orange", "yellow", "green", "cyan", "blue", "purple", "pink")
SORTS: Final = ("marker", "range", "subclip")


class Marks(Speaker):
    """Adds and edits marks of the current project."""

    def add(
        self,
        clip_id: str,
        start: int,
        end: int | None = None,
        *,
        sort: str = "",
        name: str = "",
        colour: str = "blue",
        category: str = "",
        text: str = "",
    ) -> Mark:
        """A marker on a frame, or a range or subclip up to `end` (exclusive).

        Raises:
            Refused: outside the clip, unknown colour or sort.
        """
        stop = start + 1 if end is None else end
        kind = sort or ("marker" if end is None else "range")
        if kind not in SORTS or colour not in COLOURS:
            raise Refused(
                "Unknown kind of mark",
                f"{kind!r} in {colour!r} is no mark.",
                choices=(*SORTS, *COLOURS),
            )
        self._check(clip_id, start, stop)
        mark_id = new_id()
        body = {
            "clip": clip_id,
            "sort": kind,
            "start": start,
            "end": stop,
            "name": name.strip(),
            "colour": colour,
            "category": category.strip(),
            "text": text.strip(),
        }
        return self.say(
            lambda _, who: [Draft(who.project_id, Entity.MARK, mark_id, Kind.MARK_ADDED, body)],
            lambda tx, _: notes.mark(tx, mark_id),
        )

    def edit(self, mark_id: str, changes: Mapping[str, Any]) -> Mark:
        """Changes some of a mark's fields: name, colour, category, text, start, end."""
        wrong = set(changes) - {"name", "colour", "category", "text", "start", "end"}
        if wrong:
            raise Refused("Unknown field", f"A mark has no {', '.join(sorted(wrong))}.")
        mark = self.get(mark_id)
        start, end = changes.get("start", mark.start_frame), changes.get("end", mark.end_frame)
        self._check(mark.clip_id, int(start), int(end))

        def drafts(reader: Reader, _who: Here) -> list[Draft]:
            # What is said of a mark counts the frames of the clip that it was made on.
            steps = shifts.of(reader, notes.made_on(reader, mark_id))
            at, stop = shifts.back(steps, int(start)), shifts.back(steps, int(end) - 1) + 1
            moved = {key: value for key, value in (("start", at), ("end", stop)) if key in changes}
            body = {"changes": {**changes, **moved}}
            return [Draft(mark.project_id, Entity.MARK, mark_id, Kind.MARK_EDITED, body)]

        return self.say(drafts, lambda tx, _: notes.mark(tx, mark_id))

    def delete(self, mark_id: str) -> None:
        """Hides a mark; undo brings it back."""
        mark = self.get(mark_id)
        self.tell(
            lambda _, _who: [Draft(mark.project_id, Entity.MARK, mark.id, Kind.MARK_DELETED, {})]
        )

    def get(self, mark_id: str) -> Mark:
        """One mark by its id."""
        with self.catalog.read() as reader:
            return notes.mark(reader, mark_id)

    def of_clip(self, clip_id: str) -> list[Mark]:
        """A clip's marks in the current project."""
        with self.catalog.read() as reader:
            return notes.marks_of(reader, clip_id, projects.current(reader))

    def _check(self, clip_id: str, start: int, end: int) -> None:
        with self.catalog.read() as reader:
            clip = library.get(reader, clip_id)
        if clip is None or not 0 <= start < end <= max(clip.frames or 1, 1):
            raise Refused(
                "Outside the clip",
                f"Frames {start} to {end} do not lie in the clip.",
                subject=clip_id,
            )
