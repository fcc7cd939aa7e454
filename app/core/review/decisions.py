"""The word on a version, by someone with the say: bound to the bytes it was said about."""

from collections.abc import Sequence
from typing import Final

from app.core.catalog import decisions, library, projects
from app.core.catalog.events import Draft
from app.core.catalog.rows import Reader
from app.core.catalog.speaking import Here, Speaker
from app.core.model.entities import Decision
from app.core.model.errors import Refused
from app.core.model.events import Entity, Kind
from app.core.model.media import ClipState

VERDICTS: Final = ("approved", "rejected")


class Decisions(Speaker):
    """Approves and rejects clips. Approving sends nothing by itself."""

    def decide(self, clip_ids: Sequence[str], verdict: str, comment: str = "") -> list[Decision]:
        """Approves or rejects these versions.

        Bound to the content's hash; while that is not known the decision is pending, and is bound when
        the file has been read whole.

        Raises:
            Refused: nothing is there to decide on (missing or unreadable clip).
        """
        if verdict not in VERDICTS:
            raise Refused("Unknown verdict", f"{verdict!r} is no verdict.", choices=VERDICTS)

        def drafts(reader: Reader, who: Here) -> list[Draft]:
            return [self._draft(reader, who, clip_id, verdict, comment) for clip_id in clip_ids]

        self.tell(drafts)
        with self.catalog.read() as reader:
            project = projects.current(reader)
            return [
                d for clip in clip_ids if (d := decisions.latest(reader, clip, project)) is not None
            ]

    def withdraw(self, clip_ids: Sequence[str]) -> None:
        """Takes this person's decision back: uploads that wait are stopped, what is sent already is listed."""
        self.tell(
            lambda _, who: [
                Draft(
                    who.project_id,
                    Entity.DECISION,
                    clip,
                    Kind.DECISION_WITHDRAWN,
                    {"clip": clip, "round": None},
                )
                for clip in clip_ids
            ]
        )

    def of_clip(self, clip_id: str) -> list[Decision]:
        """All standing votes, newest first."""
        with self.catalog.read() as reader:
            return decisions.of_clip(reader, clip_id, projects.current(reader))

    def _draft(self, reader: Reader, who: Here, clip_id: str, verdict: str, comment: str) -> Draft:
        clip = library.get(reader, clip_id)
        if clip is None:
            raise Refused("Unknown clip", f"No clip has the id {clip_id!r}.", subject=clip_id)
        if clip.state is ClipState.GROWING:
            raise Refused(
                "It is still being written",
                f"{clip.name} is growing: what is decided on must be whole.",
                subject=clip.name,
                todo="Wait until it is whole.",
            )
        if verdict == "approved" and clip.state in (ClipState.BAD, ClipState.MISSING):
            raise Refused(
                "Nothing to approve",
                f"{clip.name} is {clip.state.value}: there is no picture or sound to approve.",
                subject=clip.name,
                todo="Bring the file back or replace it first.",
            )
        body = {
            "clip": clip_id,
            "verdict": verdict,
            "hash": clip.hash or "",
            "round": None,
            "comment": comment.strip(),
        }
        return Draft(who.project_id, Entity.DECISION, clip_id, Kind.DECISION_MADE, body)
