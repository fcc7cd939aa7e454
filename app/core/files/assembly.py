"""Files to clips: which files belong to one clip, in which role, and what is missing. Pure: values in, plans out.

The input is all files of one *scope* (`CardRules.scope_of_folder`): one folder, or a card whose clips lie in several. Names and
sizes alone give clips at once; facts, as they come in, confirm or part what names suggest. The order of the
files does not matter, and files of other scopes beside them change nothing.
"""

from collections.abc import Iterable, Iterator

from app.core.files import (
    assembly_cards,
    assembly_proxies,
    assembly_sequences,
    assembly_sidecars,
    assembly_sound,
    assembly_spans,
    assembly_stills,
)
from app.core.files.assembly_cards import CardClips, Claim
from app.core.files.assembly_drafts import Draft, Entry, NameIndex
from app.core.files.assembly_hints import Hints, hints_of
from app.core.files.assembly_plans import (
    Assembly,
    ClipPlan,
    Leftover,
    LinkReader,
    PlanPart,
    ProjectDefaults,
    SeenFile,
)
from app.core.files.cards import CardRules
from app.core.files.sorts import FileSort, SortRules
from app.core.model.media import ClipKind, FileRole


def survey(
    files: Iterable[SeenFile],
    rules: CardRules | None = None,
    project: ProjectDefaults | None = None,
    links: LinkReader | None = None,
) -> Assembly:
    """Every file of a scope, once: in a clip, or left over with a reason.

    Args:
        files: all files of the scope; those that the ignore rules skip are not among them.
        rules: cards and groupings; those that come with Rushes where left out.
        project: what holds where files are silent.
        links: reads which clip of a card goes on in which other (P2), by the key of its description.
    """
    rules = rules or CardRules.load()
    bench = _Bench(rules, SortRules.load(), project or ProjectDefaults())
    entries = sorted((Entry.of(file, bench.sorts) for file in files), key=_by_path)
    known = assembly_cards.sort_out(entries, rules)
    drafts = bench.join_up(known)
    drafts = assembly_proxies.absorb_twins(drafts)
    bench.flag_numbers(drafts)
    drafts = assembly_spans.chain_full_files(drafts, rules.grouping.spans)
    if links:
        drafts = assembly_spans.join_links(drafts, links)
    drafts.sort(key=lambda draft: _by_path(draft.lead))
    leftovers = sorted((*known.leftovers, *bench.leftovers), key=lambda left: left.key)
    return Assembly(tuple(_plan(draft) for draft in drafts), tuple(leftovers))


class _Bench:
    """Puts the files of one scope together, stage by stage."""

    def __init__(self, rules: CardRules, sorts: SortRules, project: ProjectDefaults) -> None:
        self.rules = rules
        self.sorts = sorts
        self.project = project
        self.leftovers: list[Leftover] = []

    def join_up(self, known: assembly_cards.Sorted) -> list[Draft]:
        """All clips: those of cards, the loose ones, then what belongs to either."""
        cards = CardClips(known.essence)
        candidates, loose = assembly_proxies.set_aside(known.loose, self.rules.grouping)
        drafts, others = self._group(loose, known)
        drafts.extend(cards.drafts)
        lost = _attach_satellites(known.satellites, cards, NameIndex(drafts))
        drafts.extend(assembly_proxies.attach(candidates, NameIndex(drafts)))
        nameless = {id(claim.entry) for claim in lost if claim.entry.sort is FileSort.SIDECAR}
        again = [claim.entry for claim in lost if id(claim.entry) in nameless]
        drafts.extend(_lost(claim) for claim in lost if id(claim.entry) not in nameless)
        for entry in assembly_sidecars.attach_sidecars((*others, *again), NameIndex(drafts)):
            self._stands_alone(entry, known, drafts, claimed=id(entry) in nameless)
        return drafts

    def _group(
        self, loose: list[Entry], known: assembly_cards.Sorted
    ) -> tuple[list[Draft], list[Entry]]:
        """Clips of loose media files, and the files that are none."""
        media = [entry for entry in loose if entry.kind is not ClipKind.DOCUMENT]
        others = [entry for entry in loose if entry.kind is ClipKind.DOCUMENT]
        grouping = self.rules.grouping

        def stills_card(folder: str) -> bool:
            card = known.cards[folder]
            return card is not None and card.stills

        drafts, media = assembly_stills.pair_stills(media, grouping.stills)
        sequences, media = assembly_sequences.find_sequences(
            media, grouping.sequences, stills_card, self.project.rate
        )
        media = assembly_sound.give_to_sequences(media, sequences)
        takes, media = assembly_sound.group_takes(media, grouping.sound)
        drafts.extend((*sequences, *takes, *(Draft.single(entry) for entry in media)))
        for draft in drafts:
            card = known.cards[draft.lead.folder]
            draft.card = card.id if card else None
        return drafts, others

    def _stands_alone(
        self, entry: Entry, known: assembly_cards.Sorted, drafts: list[Draft], *, claimed: bool
    ) -> None:
        """A document, a sidecar that lost its clip, or a card's own list."""
        bound = claimed or entry.extension in self.sorts.bound
        if entry.sort is FileSort.SIDECAR and not bound and known.cards[entry.folder]:
            self.leftovers.append(Leftover(entry.file.key, assembly_cards.STRUCTURE_REASON))
            return
        draft = Draft.single(entry)
        if bound:
            draft.flag("orphan-sidecar", "It belongs to a clip that is not here.")
        drafts.append(draft)

    def flag_numbers(self, drafts: list[Draft]) -> None:
        """Names the parts that are missing in numbered recordings."""
        types = {card.id: card for card in self.rules.types}
        for draft in drafts:
            if draft.numbers and draft.card:
                card = types[draft.card]
                assembly_spans.flag_numbers(draft, card.first_part, card.parts)


def _by_path(entry: Entry) -> tuple[str, str]:
    return entry.path, entry.file.key


def _attach_satellites(claims: list[Claim], cards: CardClips, index: NameIndex) -> list[Claim]:
    """Gives a card's sidecars, proxies and thumbnails to their clips; returns those without one."""
    lost: list[Claim] = []
    for claim in claims:
        found = cards.of(claim, index)
        if found:
            found[0].add(
                claim.entry, claim.role, found[1], claim.why or f"{claim.card.title}: {claim.role}"
            )
        else:
            lost.append(claim)
    return lost


def _lost(claim: Claim) -> Draft:
    """A proxy, thumbnail or sound of a card whose clip is not here."""
    draft = Draft.single(claim.entry, claim.card.id)
    if claim.role is FileRole.CAMERA_PROXY:
        draft.proxy_base = claim.clip
        draft.flag("proxy-without-original", "The camera's proxy; its original is not here.")
    elif claim.role is FileRole.THUMBNAIL:
        draft.kind = ClipKind.DOCUMENT
        draft.flag("orphan-sidecar", "A thumbnail of a clip that is not here.")
    return draft


def _plan(draft: Draft) -> ClipPlan:
    lead = draft.lead
    hints = Hints() if draft.kind is ClipKind.DOCUMENT else hints_of(lead.folder, lead.name)
    return ClipPlan(
        name=draft.name or lead.stem,
        kind=draft.kind,
        parts=tuple(_parts(draft)),
        gaps=tuple(draft.gaps),
        sequence=draft.sequence,
        card=draft.card,
        reel=hints.reel,
        camera=hints.camera,
        scene=hints.scene,
        take=hints.take,
        proxy_base=draft.proxy_base,
        problems=tuple(draft.problems),
        reasons=tuple(draft.reasons),
    )


def _parts(draft: Draft) -> Iterator[PlanPart]:
    """The files in order: first the essence that leads, then what follows it, then what goes with it."""
    places = sorted(draft.placed, key=lambda place: place.order)
    for number, place in enumerate(places):
        role = place.role
        if number == 0:
            role = FileRole.ESSENCE
        elif role is FileRole.ESSENCE and place.part > places[0].part:
            role = FileRole.SPAN
        yield PlanPart(place.entry.file.key, role, place.part, place.channel)
