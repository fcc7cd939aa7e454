"""The clips that a card's files make, and which file is none: each file gets exactly one place.

The clips are those that the library will make of the same files: both stand on `files.assembly`.
"""

import dataclasses
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from app.core.files.assembly import survey
from app.core.files.assembly_plans import ClipPlan, LinkReader, SeenFile
from app.core.files.card_types import CardType, Folders
from app.core.files.cards import CardRules, FolderRules, NameClaim, fold_folders, split_folder
from app.core.files.sorts import split_name
from app.core.ingest.card_values import CardClip, CardEntry, CardPart, Listed, MissingPart
from app.core.ingest.ignoring import IgnoreRules
from app.core.model.media import ClipKind, MediaFacts

_LOST = frozenset({"orphan-sidecar", "proxy-without-original"})
NO_CLIP = "no part of a clip"
ORPHAN = "the clip it belongs to is not here"


@dataclasses.dataclass(slots=True)
class Bench:
    """A card's files while their clips are put together."""

    names: "Names"
    clips: list["ClipOnBench"] = dataclasses.field(default_factory=list["ClipOnBench"])
    own: list[str] = dataclasses.field(default_factory=list[str])
    strays: list[str] = dataclasses.field(default_factory=list[str])
    """Files of clips that are not here."""
    others: list[Listed] = dataclasses.field(default_factory=list[Listed])
    hints: list[str] = dataclasses.field(default_factory=list[str])


@dataclasses.dataclass(slots=True, eq=False)
class ClipOnBench:
    """A clip, and what was found missing of it so far."""

    name: str
    kind: ClipKind
    parts: tuple[CardPart, ...]
    card: str
    missing: list[MissingPart] = dataclasses.field(default_factory=list[MissingPart])
    gaps: tuple[tuple[str, int, int], ...] = ()
    """(what a part is called, first, last) of the numbers that are not here."""

    def done(self, sizes: dict[str, int]) -> CardClip:
        """The clip as it is told."""
        size = sum(sizes[part.rel] for part in self.parts)
        return CardClip(self.name, self.kind, self.parts, self.card, size, tuple(self.missing))


class Names:
    """What the card rules say of names, each folder and name asked once."""

    def __init__(self, rules: CardRules) -> None:
        self.rules = rules
        self._folders: dict[str, FolderRules] = {}
        self._claims: dict[str, NameClaim | None] = {}

    def claim(self, rel: str) -> NameClaim | None:
        """What the rules say of a file; None where none knows it."""
        if rel not in self._claims:
            folder, _, name = rel.rpartition("/")
            self._claims[rel] = self.folder(folder).claim(*split_name(name))
        return self._claims[rel]

    def folder(self, folder: str) -> FolderRules:
        """What holds in a folder."""
        here = self._folders.get(folder)
        if here is None:
            here = self._folders[folder] = self.rules.of_folder(split_folder(folder))
        return here

    def subject(self, clip: ClipOnBench) -> tuple[str, Folders, NameClaim | None]:
        """(what the names of a clip's files have in common, its unit, what the rules say of its first file)."""
        rel = clip.parts[0].rel
        said = self.claim(rel)
        if said is not None and said.rule.role is not None:
            return said.clip, said.unit, said
        folder, _, name = rel.rpartition("/")
        return split_name(name)[0], split_folder(folder), None


def put_together(
    files: Sequence[CardEntry],
    rules: CardRules,
    links: LinkReader,
    facts: Mapping[str, MediaFacts],
) -> Bench:
    """Every file in its place: in a clip, the card's own, a stray, or none of them.

    Args:
        files: the regular files.
        rules: cards and groupings.
        links: reads which clip goes on in which other, by a description's path.
        facts: what is known of files beyond their names, by path.
    """
    bench = Bench(Names(rules))
    scopes: dict[str, list[SeenFile]] = defaultdict(list)
    ignore = IgnoreRules.load()
    scope_of: dict[str, str] = {}
    for entry in files:
        folder, _, name = entry.rel.rpartition("/")
        why = _unused(ignore, split_folder(folder), name)
        if why:
            bench.others.append(Listed(entry.rel, why))
            continue
        if folder not in scope_of:
            scope_of[folder] = rules.scope_of_folder(folder)
        seen = SeenFile(entry.rel, entry.rel, entry.size, entry.mtime_ns, facts.get(entry.rel))
        scopes[scope_of[folder]].append(seen)
    for seen_files in scopes.values():
        found = survey(seen_files, rules, links=links)
        bench.own += [left.key for left in found.leftovers]
        for plan in found.clips:
            _place(plan, bench)
    return bench


def _unused(ignore: IgnoreRules, parents: Folders, name: str) -> str:
    """Why a file makes no clip, though it is copied like every other: it is a system's, not the camera's."""
    reason = ignore.file(name, parents)
    for depth, folder in enumerate(parents):
        reason = reason or ignore.folder(folder, parents[:depth])
    return reason.text if reason else ""


def _place(plan: ClipPlan, bench: Bench) -> None:
    codes = {problem.code for problem in plan.problems}
    if codes & _LOST:
        bench.strays += plan.keys
    elif plan.kind is ClipKind.DOCUMENT:
        bench.others += [Listed(key, NO_CLIP) for key in plan.keys]
    else:
        clip = _clip(plan)
        clip.card = clip.card or _named_by_sign(clip, bench.names.rules)
        bench.clips.append(clip)
        bench.hints += [
            f"{plan.name}: {p.text}" for p in plan.problems if p.code == "span-elsewhere"
        ]


def _clip(plan: ClipPlan) -> ClipOnBench:
    parts = [CardPart(part.key, part.role, part.part_index, part.channel) for part in plan.parts]
    clip = ClipOnBench(plan.name, plan.kind, tuple(parts), plan.card or "")
    run = plan.sequence
    if run is None:
        clip.gaps = tuple((gap.unit, gap.first, gap.last) for gap in plan.gaps)
        return clip
    frames = [CardPart(key, parts[0].role) for key in run.members[1:]]
    clip.parts = (parts[0], *frames, *parts[1:])
    for gap in run.missing:
        why = f"Frames {gap.text} of the sequence are not here."
        clip.missing.append(MissingPart("frames", run.path(gap.first), why))
    return clip


def _named_by_sign(clip: ClipOnBench, rules: CardRules) -> str:
    """The card whose way of naming clips this is, for clips that no rule of a card knows: ARRI's, a recorder's."""
    folder, _, name = clip.parts[0].rel.rpartition("/")
    stem, extension = split_name(name)
    folded = fold_folders(split_folder(folder))
    for card in rules.types:
        for sign in card.signs:
            fits = extension in sign.extensions and sign.stem.fullmatch(stem) is not None
            if fits and sign.holds(folded):
                return card.id
    return ""


def types_of(clips: Iterable[CardClip], rules: CardRules) -> tuple[CardType, ...]:
    """The sorts of card that clips lie on, each once, in the cards' own order."""
    ids = {clip.card for clip in clips}
    return tuple(card for card in rules.types if card.id in ids)
