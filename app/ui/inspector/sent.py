"""What became of an approved version: when it may be sent, what waits, what is under way, where it is."""

import itertools
from collections.abc import Sequence
from typing import Final

from app.core.model.entities import Target, Upload
from app.core.model.names import display
from app.ui.widgets import wording
from app.ui.widgets.core_words import core
from app.ui.widgets.wording import fill, translate

_ORDER: Final = ("failed", "sending", "queued", "verified")
"""The state of several objects is that of the one that is least far."""


def sentence(
    uploads: Sequence[Upload], targets: Sequence[Target], until_ms: int, now_ms: int
) -> tuple[str, bool]:
    """The fate of an approved version, in words, and whether something went wrong.

    Args:
        uploads: the objects of this version.
        targets: where approved clips are sent: the confirmed ones.
        until_ms: before this instant nothing is queued.
        now_ms: the present instant.
    """
    live = sorted((u for u in uploads if u.state in _ORDER), key=lambda u: u.target_id)
    groups = [list(group) for _, group in itertools.groupby(live, lambda u: u.target_id)]
    parts = [_of_target(group) for group in groups]
    reached = {u.target_id for u in live}
    others = [target for target in targets if target.id not in reached]
    if others:
        parts.append(_to_come(others, until_ms, now_ms))
    if not parts:
        parts = [translate("Sent", "no confirmed target: it is sent nowhere")]
    return " · ".join(parts), any(u.state == "failed" for u in live)


def _to_come(targets: Sequence[Target], until_ms: int, now_ms: int) -> str:
    if now_ms < until_ms:
        clock = wording.time_of_day(until_ms)
        return fill(translate("Sent", "nothing is sent before {0}"), clock)
    names = ", ".join(display(target.name) for target in targets)
    return fill(translate("Sent", "to be queued for {0}"), names)


def _of_target(uploads: Sequence[Upload]) -> str:
    """All objects of one version on their way to one target."""
    state = min((u.state for u in uploads), key=_ORDER.index)
    name = display(uploads[0].target)
    if state == "failed":
        why = next((u.error for u in uploads if u.state == "failed" and u.error), "")
        return fill(translate("Sent", "not sent to {0}: {1}"), name, display(core(why) or "?"))
    if state == "verified":
        clock = wording.time_of_day(max(u.changed_ms for u in uploads))
        return fill(translate("Sent", "sent to {0}, verified {1}"), name, clock)
    if state == "queued" and not any(u.sent for u in uploads):
        return fill(translate("Sent", "queued for {0}"), name)
    done = sum(u.size if u.state == "verified" else u.sent for u in uploads)
    percent = done * 100 // max(1, sum(u.size for u in uploads))
    return fill(translate("Sent", "sending to {0}: {1} %"), name, percent)


def state_words(state: str) -> str:
    """The state of one object."""
    words = {
        "queued": translate("Sent", "queued"),
        "sending": translate("Sent", "sending"),
        "verified": translate("Sent", "verified"),
        "failed": translate("Sent", "failed"),
        "stopped": translate("Sent", "stopped"),
    }
    return words.get(state, state)
