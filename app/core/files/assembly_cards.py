"""Clips from cards: what each file name means by the card rules, and which files that makes one clip."""

import dataclasses
from collections import defaultdict
from collections.abc import Iterable, Iterator

from app.core.files.assembly_drafts import Draft, Entry, NameIndex, Placed
from app.core.files.assembly_plans import Leftover
from app.core.files.card_types import CardType, Folders
from app.core.files.cards import CardRules, FolderRules, NameClaim, split_folder
from app.core.files.sorts import FileSort
from app.core.model.media import IDENTITY_ROLES, ClipKind, FileRole

STRUCTURE_REASON = "part of the card's own bookkeeping, no clip"


@dataclasses.dataclass(frozen=True, slots=True)
class Claim:
    """A file that a card rule knows."""

    entry: Entry
    card: CardType
    role: FileRole
    unit: Folders
    clip: str
    variant: str
    part: int | None
    channel: int | None
    why: str


@dataclasses.dataclass(frozen=True, slots=True)
class Sorted:
    """Files by what card rules say of them."""

    essence: list[Claim]
    satellites: list[Claim]
    loose: list[Entry]
    """No rule knows them."""
    leftovers: list[Leftover]
    cards: dict[str, CardType | None]
    """By folder: the card whose inside it is."""


def sort_out(entries: Iterable[Entry], rules: CardRules) -> Sorted:
    """Asks the card rules about every file."""
    folders: dict[str, FolderRules] = {}
    result = Sorted([], [], [], [], {})
    for entry in entries:
        here = folders.get(entry.folder)
        if here is None:
            here = folders[entry.folder] = rules.of_folder(split_folder(entry.folder))
            result.cards[entry.folder] = here.card
        _place(entry, here, result)
    return result


def _place(entry: Entry, here: FolderRules, result: Sorted) -> None:
    said = here.claim(entry.stem, entry.extension)
    if said is not None:
        if said.rule.role is None:
            result.leftovers.append(Leftover(entry.file.key, STRUCTURE_REASON))
        else:
            claim = _claim(entry, said, said.rule.role)
            (result.essence if claim.role in IDENTITY_ROLES else result.satellites).append(claim)
        return
    if here.card and _bookkeeping(entry):
        result.leftovers.append(Leftover(entry.file.key, STRUCTURE_REASON))
    else:
        result.loose.append(entry)


def _claim(entry: Entry, said: NameClaim, role: FileRole) -> Claim:
    return Claim(
        entry=entry,
        card=said.card,
        role=role,
        unit=said.unit,
        clip=said.clip,
        variant=said.variant,
        part=said.part,
        channel=said.channel,
        why=said.rule.why,
    )


def _bookkeeping(entry: Entry) -> bool:
    """Whether a file that no rule knows is the card's own: no media by its name, nor by its facts.

    A sidecar by name may still find its clip.
    """
    return entry.sort is not FileSort.SIDECAR and entry.kind is ClipKind.DOCUMENT


class CardClips:
    """The clips that card rules make, and where their satellites belong."""

    def __init__(self, essence: Iterable[Claim]) -> None:
        groups: dict[tuple[str, Folders, str, str], list[Claim]] = defaultdict(list)
        for claim in essence:
            groups[claim.card.id, claim.unit, claim.clip, claim.variant].append(claim)
        self.drafts: list[Draft] = []
        self._by_clip: dict[tuple[str, Folders, str], list[Draft]] = defaultdict(list)
        for (card, unit, clip, _), claims in groups.items():
            for some in _apart(claims):
                draft = _draft(some)
                self.drafts.append(draft)
                self._by_clip[card, unit, clip].append(draft)

    def of(self, claim: Claim, index: NameIndex) -> tuple[Draft, int] | None:
        """The clip and part that a satellite belongs to: by the card's grammar, else by its base name."""
        drafts = self._by_clip.get((claim.card.id, claim.unit, claim.clip), [])
        for draft in sorted(drafts, key=lambda draft: draft.lead.path):
            if claim.part in draft.numbers:
                return draft, draft.numbers.index(claim.part)
        if drafts:
            return min(drafts, key=lambda draft: draft.lead.path), 0
        own = index.find(claim.entry.folder, claim.clip)
        return own or index.find("/".join(claim.unit), claim.clip)


def _draft(claims: list[Claim]) -> Draft:
    card = claims[0].card
    numbers = tuple(sorted({claim.part for claim in claims if claim.part is not None}))
    placed = [
        Placed(c.entry, c.role, 0 if c.part is None else numbers.index(c.part), c.channel)
        for c in claims
    ]
    lead = min(placed, key=lambda place: (place.role is not FileRole.ESSENCE, place.order))
    draft = Draft(placed, lead.entry.kind, card=card.id, numbers=numbers)
    if card.named_by_clip:
        draft.name = claims[0].clip
    if len(placed) > 1:
        why = next((c.why for c in claims if c.why), "files of one clip")
        draft.reasons.append(f"{card.title}: {why}")
    return draft


def _apart(claims: list[Claim]) -> Iterator[list[Claim]]:
    """Splits claims on one clip where two files want the same place in it: copies must not merge."""
    if _distinct(claims):
        yield claims
        return
    byplace: dict[tuple[str, str], list[Claim]] = defaultdict(list)
    for claim in claims:
        byplace[claim.entry.folder, claim.entry.extension].append(claim)
    for some in byplace.values():
        if _distinct(some):
            yield some
        else:
            yield from ([claim] for claim in some)


def _distinct(claims: list[Claim]) -> bool:
    places = {(claim.part, claim.channel, claim.role) for claim in claims}
    return len(places) == len(claims)
