"""The log of a clip: rating, circled, reject, in and out, keywords, and a person's word over its facts."""

from collections.abc import Sequence
from typing import Final

from app.core.catalog import library, logs, projects
from app.core.catalog.events import Draft
from app.core.catalog.rows import Reader
from app.core.catalog.speaking import Here, Speaker
from app.core.model.entities import ClipLog, HistoryEntry
from app.core.model.errors import Refused
from app.core.model.events import Entity, Kind
from app.core.model.timecode import parse_rate

FIELDS: Final = ("name", "title", "reel", "camera", "scene", "take", "shot")
LONGEST_WORD: Final = 200
_LONGEST_CLIP: Final = 1 << 40
"""Frames, or samples, that no clip has."""


class Log(Speaker):
    """Logs clips of the current project; many clips at once are one act."""

    def rate(self, clip_ids: Sequence[str], rating: int) -> None:
        """0 (none) to 5 stars."""
        if not 0 <= rating <= 5:
            raise Refused(
                "Not a rating", f"{rating} is no rating: 0 to 5 are.", subject=str(rating)
            )
        self._each(clip_ids, Kind.CLIP_RATED, {"rating": rating})

    def circle(self, clip_ids: Sequence[str], circled: bool = True) -> None:
        """A select: wanted in the cut. Not an approval."""
        self._each(clip_ids, Kind.CLIP_CIRCLED, {"circled": circled})

    def reject(self, clip_ids: Sequence[str], rejected: bool = True) -> None:
        """Not wanted in the cut. No file is touched."""
        self._each(clip_ids, Kind.CLIP_REJECTED, {"rejected": rejected})

    def mark_range(self, clip_id: str, mark_in: int | None, mark_out: int | None) -> None:
        """In and out of a clip for this person; out is exclusive.

        Raises:
            Refused: they do not lie in the clip, or out does not come after in.
        """
        with self.catalog.read() as reader:
            clip = library.get(reader, clip_id)
        frames = (clip.frames if clip else None) or _LONGEST_CLIP
        first = 0 if mark_in is None else mark_in
        last = frames if mark_out is None else mark_out
        if not 0 <= first < last <= frames:
            raise Refused(
                "Not a range",
                f"Frames {first} to {last} are no range within its {frames}: out must come after in.",
                subject=clip.name if clip else clip_id,
            )
        self._each([clip_id], Kind.CLIP_MARKED, {"in": mark_in, "out": mark_out})

    def set_field(self, clip_ids: Sequence[str], field: str, value: str | None) -> None:
        """A person's word over a derived fact; None takes it back."""
        if field not in FIELDS:
            raise Refused(
                "Unknown field", f"A clip has no field {field!r}.", subject=field, choices=FIELDS
            )
        value = " ".join(value.split())[:LONGEST_WORD] or None if value is not None else None
        self._each(clip_ids, Kind.CLIP_FIELD_SET, {"field": field, "value": value})

    def tag(
        self, clip_ids: Sequence[str], add: Sequence[str] = (), remove: Sequence[str] = ()
    ) -> None:
        """Adds and removes keywords."""
        plus, minus = [_word(w) for w in add], [_word(w) for w in remove]

        def drafts(reader: Reader, who: Here) -> list[Draft]:
            made: list[Draft] = []
            for clip in clip_ids:
                made += [
                    Draft(who.project_id, Entity.CLIP, clip, Kind.TAG_ADDED, {"word": w})
                    for w in plus
                ]
                for word in minus:
                    adds = logs.tag_adds(reader, clip, who.project_id, word)
                    if adds:
                        made.append(
                            Draft(
                                who.project_id,
                                Entity.CLIP,
                                clip,
                                Kind.TAG_REMOVED,
                                {"word": word, "adds": adds},
                            )
                        )
            return made

        self.tell(drafts)

    def correct_timecode(
        self, clip_ids: Sequence[str], offset_frames: int, rate: str, reason: str
    ) -> None:
        """Shifts the labels of these clips; the original stays known. The files are not touched."""
        parse_rate(rate)
        if abs(offset_frames) > _LONGEST_CLIP:
            raise Refused("Not an offset", f"{offset_frames} frames are more than any day has.")
        self._each(
            clip_ids,
            Kind.TIMECODE_CORRECTED,
            {"offset": offset_frames, "rate": rate, "reason": reason},
        )

    def of_clip(self, clip_id: str) -> ClipLog:
        """What is logged of a clip here, with this person's in and out."""
        with self.catalog.read() as reader:
            return logs.of_clip(
                reader, clip_id, projects.current(reader), projects.current_actor(reader)
            )

    def history(self, clip_id: str) -> list[HistoryEntry]:
        """Everything people said of a clip, newest first."""
        with self.catalog.read() as reader:
            return logs.history(reader, library.aliases(reader, clip_id))

    def _each(self, clip_ids: Sequence[str], kind: Kind, body: dict[str, object]) -> None:
        self.tell(
            lambda _, who: [
                Draft(who.project_id, Entity.CLIP, clip, kind, body) for clip in clip_ids
            ]
        )


def _word(text: str) -> str:
    word = " ".join(text.replace("\0", "").split())
    if not word or len(word) > LONGEST_WORD:
        raise Refused("Not a keyword", f"{text!r} is no keyword.", subject=text)
    return word
