"""Proxies and transcodes that editing programs and labs left beside the originals.

Place (`Proxy/`) or suffix (`_Proxy`) makes a candidate; its base name finds the original; facts, where
they are known, must agree. A file beside its twin without either is a transcode only when timecode
and length say so.
"""

import dataclasses
from collections import defaultdict
from collections.abc import Iterable

from app.core.files.assembly_drafts import Draft, Entry, NameIndex
from app.core.files.groupings import GroupingRules
from app.core.files.proxy_match import Match, match
from app.core.files.sorts import FileSort
from app.core.model.media import ClipKind, FileRole
from app.core.model.names import display

_CAMERA_PROXIES = ("lrv", "lrf")
_PICTURES = (ClipKind.VIDEO, ClipKind.SEQUENCE)


@dataclasses.dataclass(frozen=True, slots=True)
class Candidate:
    """A file that looks like a proxy."""

    entry: Entry
    places: tuple[tuple[str, str], ...]
    """(folder, base name) where its original may be, the likeliest first."""
    certain: bool
    """It lies where only proxies lie; a suffix alone may be part of a title."""


def set_aside(
    entries: Iterable[Entry], rules: GroupingRules
) -> tuple[list[Candidate], list[Entry]]:
    """Takes files that look like proxies out of loose files."""
    candidates: list[Candidate] = []
    rest: list[Entry] = []
    for entry in entries:
        found = _candidate(entry, rules) if entry.sort is FileSort.VIDEO else None
        if found:
            candidates.append(found)
        else:
            rest.append(entry)
    return candidates, rest


def _candidate(entry: Entry, rules: GroupingRules) -> Candidate | None:
    parent, _, own = entry.folder.rpartition("/")
    base = rules.proxy_base(entry.stem)
    by_camera = entry.extension in _CAMERA_PROXIES
    places: list[tuple[str, str]] = []
    if rules.is_proxy_folder(own):
        places.extend((parent, name) for name in (base, entry.stem) if name)
    certain = bool(places) or by_camera
    if base:
        places.append((entry.folder, base))
    if by_camera:
        places.append((entry.folder, entry.stem))
    return Candidate(entry, tuple(places), certain) if places else None


def attach(candidates: Iterable[Candidate], index: NameIndex) -> list[Draft]:
    """Gives each proxy to its clip.

    Returns:
        Clips of their own for those whose original is not here, or is another picture.
    """
    alone: list[Draft] = []
    for candidate in candidates:
        entry = candidate.entry
        verdict = _find(candidate, index)
        if isinstance(verdict, Draft):
            by_camera = entry.extension in _CAMERA_PROXIES
            role = FileRole.CAMERA_PROXY if by_camera else FileRole.FOREIGN_PROXY
            verdict.add(entry, role, 0, "a proxy by its place and name")
            continue
        draft = Draft.single(entry)
        draft.proxy_base = candidate.places[0][1]
        if verdict:
            draft.flag("proxy-mismatch", f"It lies where a proxy lies, but is none: {verdict.text}")
        elif candidate.certain:
            draft.flag("proxy-without-original", "It looks like a proxy; its original is not here.")
        alone.append(draft)
    return alone


def _find(candidate: Candidate, index: NameIndex) -> Draft | Match | None:
    """The clip, or why the one of its name is not it, or None where there is none."""
    refusal: Match | None = None
    for folder, base in candidate.places:
        found = index.find(folder, base, _PICTURES)
        if found:
            verdict = match(found[0].lead.facts, candidate.entry.facts)
            if verdict.same is not False or found[0].sequence:
                return found[0]
            refusal = refusal or verdict
    return refusal


def absorb_twins(drafts: list[Draft]) -> list[Draft]:
    """Makes transcodes of the same name in the same folder part of their original, where facts prove it."""
    named: dict[tuple[str, str], list[Draft]] = defaultdict(list)
    for draft in drafts:
        if draft.kind is ClipKind.VIDEO and len(draft.identity) == 1:
            named[draft.lead.folder, draft.lead.stem].append(draft)
    gone: set[int] = set()
    for twins in named.values():
        best = max(twins, key=_weight) if len(twins) > 1 else twins[0]
        for twin in twins:
            if twin is not best and _transcode(best.lead, twin.lead):
                why = f"the same picture as {display(best.lead.name)}: timecode and length agree"
                best.add(twin.lead, FileRole.FOREIGN_PROXY, 0, why)
                best.placed.extend(place for place in twin.placed if place.entry is not twin.lead)
                gone.add(id(twin))
    return [draft for draft in drafts if id(draft) not in gone]


def _transcode(original: Entry, other: Entry) -> bool:
    """Whether facts prove a transcode. Files coded alike are copies, which their bytes tell."""
    pictures = [e.facts.video for e in (original, other) if e.facts and e.facts.video]
    coded_otherwise = len({(p.codec, p.width, p.height) for p in pictures}) > 1
    return coded_otherwise and match(original.facts, other.facts).same is True


def _weight(draft: Draft) -> tuple[int, int, str]:
    picture = draft.lead.facts.video if draft.lead.facts else None
    area = picture.width * picture.height if picture else 0
    return area, draft.lead.file.size, draft.lead.path
