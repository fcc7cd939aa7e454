"""Stills in several files: the raw picture and the camera's own JPEG, a phone's picture and its moving half."""

from collections import defaultdict
from collections.abc import Iterable

from app.core.files.assembly_drafts import Draft, Entry, Placed
from app.core.files.groupings import StillRules
from app.core.files.sorts import FileSort
from app.core.model.media import ClipKind, FileRole


def pair_stills(entries: Iterable[Entry], rules: StillRules) -> tuple[list[Draft], list[Entry]]:
    """Takes stills that are one picture in several files out of loose files.

    The raw picture is the essence, the JPEG or HEIF beside it the camera's proxy of it. The moving
    half of a live picture is its sidecar: a picture stays a picture.

    Returns:
        The pictures, and the files that are in none.
    """
    named: dict[tuple[str, str], list[Entry]] = defaultdict(list)
    for entry in entries:
        named[entry.folder, entry.stem].append(entry)
    drafts: list[Draft] = []
    rest: list[Entry] = []
    for group in named.values():
        draft = _raw_pair(group, rules) or _live_pair(group, rules)
        if draft:
            drafts.append(draft)
        taken = {id(place.entry) for place in draft.placed} if draft else set[int]()
        rest.extend(entry for entry in group if id(entry) not in taken)
    return drafts, rest


def _raw_pair(group: list[Entry], rules: StillRules) -> Draft | None:
    raws = [entry for entry in group if entry.sort is FileSort.RAW]
    pictures = [entry for entry in group if entry.extension in rules.pictures]
    if len(raws) != 1 or not pictures:
        return None
    draft = Draft([Placed(raws[0], FileRole.ESSENCE)], ClipKind.STILL)
    for picture in pictures:
        draft.add(picture, FileRole.CAMERA_PROXY, 0, "the camera's own picture of the same raw")
    return draft


def _live_pair(group: list[Entry], rules: StillRules) -> Draft | None:
    stills = [entry for entry in group if entry.extension in rules.live_stills]
    films = [entry for entry in group if entry.extension in rules.live_films]
    if len(stills) != 1 or len(films) != 1 or not rules.live_names.fullmatch(group[0].stem):
        return None
    facts = films[0].facts
    if facts is None or facts.duration is None:
        # A JPEG and a film may share a number on other cameras: there the length must tell.
        live = facts is None and stills[0].extension in ("heic", "heif")
    else:
        live = facts.duration <= rules.longest_live and facts.start is None
    if not live:
        return None
    draft = Draft([Placed(stills[0], FileRole.ESSENCE)], ClipKind.STILL)
    draft.add(films[0], FileRole.SIDECAR, 0, "the moving half of a live picture")
    return draft
