"""Decisions: the last vote of a person in a round, or none where it was withdrawn."""

import dataclasses
from collections.abc import Sequence

from app.core.model import hlc
from app.core.model.events import Event, Kind


@dataclasses.dataclass(frozen=True, slots=True)
class Vote:
    """One person's word on a version."""

    event_id: str
    project_id: str
    round: str
    actor: str
    verdict: str
    hash: str
    """The content it is bound to; "" while its hash is not known."""
    comment: str
    hlc: int
    seen: int
    """What of the hub's order the person knew of."""

    @property
    def at_ms(self) -> int:
        """When it was said, in milliseconds since 1970, UTC."""
        return hlc.milliseconds(self.hlc)


def fold(events: Sequence[Event]) -> Vote | None:
    """The standing vote, bound to its bytes where they were read since; None after a withdrawal.

    Bytes that change under a vote become another clip, so what is read after it is what it was about.
    """
    last = next(
        (e for e in reversed(events) if e.kind in (Kind.DECISION_MADE, Kind.DECISION_WITHDRAWN)),
        None,
    )
    if last is None or last.kind != Kind.DECISION_MADE:
        return None
    bound = next(
        (
            str(e.body["hash"])
            for e in events
            if e.kind == Kind.DECISION_BOUND and e.order > last.order
        ),
        "",
    )
    return Vote(
        event_id=last.id,
        project_id=last.project_id,
        round=str(last.body["round"] or ""),
        actor=last.actor,
        verdict=str(last.body["verdict"]),
        hash=str(last.body["hash"]) or bound,
        comment=str(last.body["comment"]),
        hlc=last.hlc,
        seen=last.seen,
    )
