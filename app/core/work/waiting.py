"""What is due and not to be begun before an hour somebody chose: it is left, and said to be left."""

import dataclasses
import datetime
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from app.core.work.courtesy import Courtesy
from app.core.work.recipes import Recipe, Subject

MOST: Final = 100_000
"""Subjects of one recipe that are counted."""


@dataclasses.dataclass(frozen=True, slots=True)
class Held:
    """Work on one volume that waits for its hours."""

    volume_id: str
    until: datetime.datetime
    """Local time with its offset: when the hours begin."""
    clips: int
    recipes: tuple[str, ...]
    """Names of what is to be done."""


def held(
    due: Mapping[str, Sequence[Subject]], recipes: Iterable[Recipe], courtesy: Courtesy
) -> list[Held]:
    """What of the due work waits for hours, a volume each, the soonest first.

    Args:
        due: what is due, by recipe.
        recipes: all there are.
        courtesy: knows the hours.
    """
    clips: dict[str, set[str]] = {}
    names: dict[str, dict[str, None]] = {}
    for recipe in recipes:
        for subject in due.get(recipe.name, ()) if recipe.polite else ():
            clips.setdefault(subject.volume_id, set()).add(subject.clip)
            names.setdefault(subject.volume_id, {})[recipe.name] = None
    found = [
        Held(volume, until, len(clips[volume]), tuple(names[volume]))
        for volume in clips
        if (until := courtesy.opens(volume)) is not None
    ]
    return sorted(found, key=lambda one: one.until)
