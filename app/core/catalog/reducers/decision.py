"""Decisions: the last vote of a person in a round, or none where it was withdrawn."""

import dataclasses
from collections.abc import Sequence

from app.core.model import hlc
from app.core.model.events import Event, Kind


@dataclasses.dataclass(frozen=True, slots=True)
class Vote:
    """One person's word on a version."""

    verdict: str
    hash: str
    """The content it is bound to; "" while its hash was not known yet."""
    comment: str
    at_ms: int
    hlc: int


def fold(events: Sequence[Event]) -> Vote | None:
    """The standing vote; None after a withdrawal."""
    last = events[-1] if events else None
    if last is None or last.kind != Kind.DECISION_MADE:
        return None
    return Vote(
        verdict=str(last.body["verdict"]),
        hash=str(last.body["hash"]),
        comment=str(last.body["comment"]),
        at_ms=hlc.milliseconds(last.hlc),
        hlc=last.hlc,
    )
