"""What must be on a card by the names of what is there, and is not.

Four ways to know: numbers of spans (001, 003), files that every clip of such a card has, files that the other clips here
have, and files whose clip is gone. What the card's own lists say is `card_lists`.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final

from app.core.files.card_types import CardType, Folders, NameRule
from app.core.files.cards import NameClaim, split_folder
from app.core.files.sorts import split_name
from app.core.ingest.card_clips import ORPHAN, Bench, ClipOnBench
from app.core.ingest.card_expected import by_example, by_template, first_of
from app.core.ingest.card_values import CardPart, Listed, MissingPart
from app.core.model.media import IDENTITY_ROLES, ClipKind, FileRole
from app.core.model.names import display

WORDS: Final = {
    FileRole.ESSENCE: "essence",
    FileRole.SPAN: "span",
    FileRole.AUDIO: "sound",
    FileRole.SIDECAR: "sidecar",
    FileRole.CAMERA_PROXY: "proxy",
    FileRole.FOREIGN_PROXY: "proxy",
    FileRole.THUMBNAIL: "thumbnail",
}
_LONGEST_GAP: Final = 20
"""Missing numbers that are named one by one."""
_FEWEST: Final = 2
"""Clips that must have a file before another one seems to lack it."""
_SHARE: Final = 4
"""Of so many clips that have it, one may lack it before that seems to be the camera's way."""


def take_strays(bench: Bench) -> list[Listed]:
    """Makes clips without essence of files that are sure to have had one; returns the orphans that are left.

    Sure: such a card writes the file for every clip, or there are two of them.
    """
    groups: dict[tuple[str, Folders, str], list[str]] = defaultdict(list)
    for rel in bench.strays:
        groups[_belongs(bench, rel)].append(rel)
    orphans: list[Listed] = []
    found: list[ClipOnBench] = []
    for (_, unit, name), rels in groups.items():
        said = [claim for rel in rels if (claim := bench.names.claim(rel))]
        if len(rels) > 1 or any(
            claim.rule.always and claim.rule.of.fullmatch(name) for claim in said
        ):
            found.append(_without_essence(bench, unit, name, rels, said))
        else:
            orphans += [Listed(rel, ORPHAN) for rel in rels]
    bench.clips += found
    return orphans


def _belongs(bench: Bench, rel: str) -> tuple[str, Folders, str]:
    said = bench.names.claim(rel)
    if said is not None:
        return said.card.id, said.unit, said.clip
    folder, _, name = rel.rpartition("/")
    return "", split_folder(folder), split_name(name)[0]


def _without_essence(
    bench: Bench, unit: Folders, name: str, rels: list[str], said: list[NameClaim]
) -> ClipOnBench:
    roles = {rel: claim.rule.role for rel in rels if (claim := bench.names.claim(rel))}
    parts = tuple(CardPart(rel, roles.get(rel) or FileRole.SIDECAR) for rel in sorted(rels))
    clip = ClipOnBench(name, ClipKind.VIDEO, parts, said[0].card.id if said else "")
    beside = ", ".join(display(rel.rpartition("/")[2]) for rel in sorted(rels)[:3])
    numbers = sorted({claim.part for claim in said if claim.part is not None})
    for number in numbers or [None]:
        where = ""
        if said:
            examples = _examples(bench, said[0].card, name, unit, number)
            where = by_template(said[0].card.main, name, unit, number) or first_of(examples)
        why = f"{beside}: these files of the clip are here, its picture or sound is not."
        clip.missing.append(MissingPart("essence", where, why))
    return clip


def _examples(
    bench: Bench, card: CardType, name: str, unit: Folders, number: int | None
) -> Iterator[str]:
    for clip in bench.clips:
        said = bench.names.claim(clip.parts[0].rel) if clip.card == card.id else None
        if said is not None and said.card is card and said.rule.role is FileRole.ESSENCE:
            yield by_example(clip.parts[0].rel, said, name, unit, number)


def number_spans(bench: Bench) -> None:
    """Names the spans whose numbers are not here, and those that only their sidecars tell of."""
    for clip in bench.clips:
        name, unit, said = bench.names.subject(clip)
        numbers = numbers_of(bench, clip)
        if said is None or not numbers:
            continue
        beyond = {part.rel: n for part in clip.parts if (n := _number(bench, part)) is not None}
        lost = sorted({n for n in beyond.values() if n > max(numbers)})
        for word, first, last in (*clip.gaps, *((said.card.parts, n, n) for n in lost)):
            for number in range(first, min(last, first + _LONGEST_GAP - 1) + 1):
                where = first_of(_others_of(bench, clip, name, unit, number))
                lack(
                    clip,
                    MissingPart(
                        "span",
                        where,
                        f"{word.capitalize()} {number} of this recording is not here.",
                    ),
                )
            if last - first >= _LONGEST_GAP:
                lack(clip, MissingPart("span", "", f"Nor is any further {word} up to {last}."))


def _others_of(
    bench: Bench, clip: ClipOnBench, name: str, unit: Folders, number: int
) -> Iterator[str]:
    for part in clip.parts:
        said = bench.names.claim(part.rel) if part.role in IDENTITY_ROLES else None
        if said is not None:
            yield by_example(part.rel, said, name, unit, number)


def numbers_of(bench: Bench, clip: ClipOnBench) -> set[int]:
    """The numbers of the spans that are here; empty where names tell none."""
    own = (part for part in clip.parts if part.role in IDENTITY_ROLES)
    return {n for part in own if (n := _number(bench, part)) is not None}


def _number(bench: Bench, part: CardPart) -> int | None:
    said = bench.names.claim(part.rel)
    return said.part if said is not None and said.rule.role is not None else None


def need_always(bench: Bench, types: Iterable[CardType]) -> None:
    """Names files that every clip of such a card has. On cards of which only the essence was kept, it says so once."""
    for card in types:
        # A card's stills have none of what its films have.
        films = (clip for clip in bench.clips if clip.kind is ClipKind.VIDEO)
        clips = [clip for clip in films if clip.card == card.id]
        whole = _is_whole(bench, card)
        for rule in card.rules if clips else ():
            template = rule.always or rule.often
            without = list(_without(bench, clips, rule, template)) if template else []
            if rule.always and whole:
                why = f"Each clip of such a card has one ({card.title})."
                for clip, where in without:
                    lack(clip, MissingPart(WORDS[rule.role or FileRole.SIDECAR], where, why))
            elif without and (rule.always or (whole and len(without) == len(clips))):
                bench.hints.append(_often(without, whole=whole))


def _often(without: list[tuple[ClipOnBench, str]], *, whole: bool) -> str:
    first, count = display(without[0][1]), len(without)
    if not whole:
        return f"Only picture and sound seem to be here: such a card has files like {first} too ({count} are not here)."
    return (
        f"Many cameras write files like {first} ({count} are not here): this one may be set not to."
    )


def _is_whole(bench: Bench, card: CardType) -> bool:
    """Whether anything but essence of such a card is here: else only that was copied."""
    satellites = (
        part for clip in bench.clips for part in clip.parts if part.role not in IDENTITY_ROLES
    )
    for rel in (*(part.rel for part in satellites), *bench.own):
        said = bench.names.claim(rel)
        if said is not None and said.card.id == card.id:
            return True
    inside = (bench.names.folder(rel.rpartition("/")[0]).card for rel in bench.own)
    return any(here is not None and here.id == card.id for here in inside)


def _without(
    bench: Bench, clips: list[ClipOnBench], rule: NameRule, template: str
) -> Iterator[tuple[ClipOnBench, str]]:
    extension = split_name(template)[1]
    for clip in clips:
        name, unit, _ = bench.names.subject(clip)
        if not rule.of.fullmatch(name):
            continue
        have = {
            number
            for other, ext, number in _satellites(bench, clip)
            if other is rule and ext == extension
        }
        if "{part}" not in template:
            if not have:
                yield clip, by_template(template, name, unit, None)
        else:
            for number in sorted(numbers_of(bench, clip) - have):
                yield clip, by_template(template, name, unit, number)


def _satellites(bench: Bench, clip: ClipOnBench) -> Iterator[tuple[NameRule, str, int | None]]:
    for part in clip.parts:
        said = bench.names.claim(part.rel) if part.role not in IDENTITY_ROLES else None
        if said is not None:
            yield said.rule, split_name(part.rel.rpartition("/")[2])[1], said.part


def need_as_others(bench: Bench) -> None:
    """Names files that nearly all other clips here have."""
    alike: dict[tuple[str, str], list[ClipOnBench]] = defaultdict(list)
    for clip in bench.clips:
        if clip.card and clip.parts[0].role in IDENTITY_ROLES:
            alike[clip.card, split_name(clip.parts[0].rel)[1]].append(clip)
    for clips in alike.values():
        for examples in _by_sort(bench, clips).values():
            _compare(bench, clips, examples)


def _by_sort(
    bench: Bench, clips: list[ClipOnBench]
) -> dict[tuple[int, str, int | None], list[tuple[ClipOnBench, str, NameClaim]]]:
    """Satellites, and the lenses of one recording, by the rule that knows them, extension and lens."""
    sorts: dict[tuple[int, str, int | None], list[tuple[ClipOnBench, str, NameClaim]]] = (
        defaultdict(list)
    )
    for clip in clips:
        for part in clip.parts:
            said = bench.names.claim(part.rel)
            if said is None or said.card.id != clip.card:
                continue
            # By the rule: sound that is all that is left of a clip leads it.
            lens = said.channel if said.rule.role is FileRole.ESSENCE else None
            if lens is not None or said.rule.role not in IDENTITY_ROLES:
                extension = split_name(part.rel.rpartition("/")[2])[1]
                sorts[id(said.rule), extension, lens].append((clip, part.rel, said))
    return sorts


def _compare(
    bench: Bench, clips: list[ClipOnBench], examples: list[tuple[ClipOnBench, str, NameClaim]]
) -> None:
    by_part = all(said.match.groupdict().get("part") is not None for _, _, said in examples)
    have = {(id(clip), said.part if by_part else None) for clip, _, said in examples}
    wanted = [
        (clip, number)
        for clip in clips
        for number in (sorted(numbers_of(bench, clip)) if by_part else [None])
    ]
    lacking = [(clip, number) for clip, number in wanted if (id(clip), number) not in have]
    _, rel, said = examples[0]
    word = WORDS[said.rule.role or FileRole.SIDECAR]
    if len(have) < _FEWEST or not lacking:
        return
    if len(lacking) > 1 and len(lacking) * _SHARE > len(have):
        bench.hints.append(
            f"{len(lacking)} of {len(wanted)} clips have no {word} like {display(rel.rpartition('/')[2])}."
        )
        return
    for clip, number in lacking:
        name, unit, _ = bench.names.subject(clip)
        where = by_example(rel, said, name, unit, number)
        lack(clip, MissingPart(word, where, "The other clips here have one."))


def find_empty(bench: Bench, sizes: dict[str, int]) -> None:
    """Names essence without a byte in it."""
    for clip in bench.clips:
        for part in clip.parts:
            if part.role in IDENTITY_ROLES and sizes[part.rel] == 0:
                lack(clip, MissingPart("content", part.rel, "The file is empty."))


def lack(clip: ClipOnBench, part: MissingPart) -> None:
    """Notes what a clip lacks, unless it was known already."""
    known = {(one.where.casefold() or one.why) for one in clip.missing}
    if (part.where.casefold() or part.why) not in known:
        clip.missing.append(part)
