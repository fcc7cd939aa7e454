"""The path that a missing file would have, made of the names of others like it."""

import re
from collections.abc import Iterable

from app.core.files.card_types import Folders
from app.core.files.cards import NameClaim


def by_example(rel: str, said: NameClaim, clip: str, unit: Folders, part: int | None) -> str:
    """The path of a file like `rel`, for another clip or part of one.

    Args:
        rel: a file that is there.
        said: what the rules say of its name.
        clip: what the names of the other clip's files have in common.
        unit: where that clip's files lie together.
        part: which span is wanted; None where names of this sort tell none.

    Returns:
        Empty where the name does not tell enough.
    """
    folder, _, name = rel.rpartition("/")
    groups = said.match.groupdict()
    told = [group for group in ("clip", "clip2") if groups.get(group) is not None]
    words = clip.split("|")
    if not told or len(told) != len(words):
        return ""
    fixed = {rule.part for rule in said.card.rules if rule.part is not None}
    if part is not None and part != said.part and (part in fixed or groups.get("part") is None):
        # This part has another sort of name (GOPR0042 before GP010042).
        return ""
    changes = [(said.match.span(group), word) for group, word in zip(told, words, strict=True)]
    if part is not None and groups.get("part") is not None:
        changes.append((said.match.span("part"), str(part).zfill(len(groups["part"]))))
    changes.sort()
    old, new = _core(said.match, changes)
    below = folder.split("/")[len(said.unit) :] if folder else []
    # Some cards keep each clip in a folder that is called like it.
    own = [one.replace(old, new) for one in below]
    first, last = changes[0][0][0], changes[-1][0][1]
    return "/".join((*unit, *own, name[:first] + new + name[last:]))


def _core(match: re.Match[str], changes: list[tuple[tuple[int, int], str]]) -> tuple[str, str]:
    """(the stretch of the name that tells clip and part, the same for the other)."""
    text, first = match.string, changes[0][0][0]
    new, at = "", first
    for (start, end), word in changes:
        new += text[at:start] + word
        at = end
    return text[first:at], new


def by_template(template: str, clip: str, unit: Folders, part: int | None) -> str:
    """A template of the card's description (`XDROOT/Clip/{clip}M01.XML`) filled in; empty where it does not tell enough."""
    if not template or "|" in clip or ("{part}" in template and part is None):
        return ""
    # Names are data: what they hold is never taken for a template again.
    words = {"{clip}": clip, "{part}": f"{part or 0:02d}"}
    filled = re.sub(r"\{clip\}|\{part\}", lambda found: words[found[0]], template)
    return "/".join((*unit, filled))


def first_of(paths: Iterable[str]) -> str:
    """The first path that is told."""
    return next((path for path in paths if path), "")
