"""Recordings in several files: missing chapters, files that a full card cut, clips that name their next."""

import itertools
from collections import defaultdict
from collections.abc import Iterable
from fractions import Fraction

from app.core.files.assembly_drafts import Draft, Placed
from app.core.files.assembly_plans import Gap, LinkReader, SpanLink
from app.core.files.groupings import SpanRules
from app.core.model.media import ClipKind, FileRole, MediaFacts
from app.core.model.names import display
from app.core.model.timecode import DROP_RATES, Timebase


def flag_numbers(draft: Draft, first: int, word: str) -> None:
    """Flags the numbered parts that are not there, and parts that do not go on from one another.

    Args:
        draft: a clip whose names number its parts.
        first: the number that cards of this sort begin with.
        word: what a part is called.
    """
    wanted = min(first, draft.numbers[0])
    for number in draft.numbers:
        if number > wanted:
            gap = Gap(word, wanted, number - 1)
            draft.gaps.append(gap)
            draft.flag(
                "missing-part", f"{word.capitalize()} {gap.text} of this recording is not here."
            )
        wanted = number + 1
    places = [place for place in draft.identity if place.role is FileRole.ESSENCE]
    for before, after in itertools.pairwise(places):
        if after.part == before.part + 1 and continues(before, after) is False:
            text = f"{display(after.entry.name)} does not go on where {display(before.entry.name)} ends."
            draft.flag("not-continuous", text)


def continues(before: Placed, after: Placed) -> bool | None:
    """Whether one file goes on where another ends, within a second; None where facts do not tell."""
    first, second = before.entry.facts, after.entry.facts
    if first is None or second is None:
        return None
    if _form(first) != _form(second):
        return False
    ends, starts = _end(first), _start(second)
    if ends is None or starts is None or first.rate is None:
        return None
    day = _day(first)
    distance = (starts - ends) % day
    return min(distance, day - distance) <= first.rate


def _form(facts: MediaFacts) -> tuple[object, ...]:
    picture = facts.video
    sound = tuple((s.channels, s.sample_rate) for s in facts.audio)
    return (facts.rate, picture and (picture.codec, picture.width, picture.height), sound)


def _start(facts: MediaFacts) -> int | None:
    if facts.kind is ClipKind.AUDIO:
        return time_reference(facts)
    return facts.start.frame if facts.start else None


def _end(facts: MediaFacts) -> int | None:
    start = _start(facts)
    return None if start is None or facts.frames is None else start + facts.frames


def _day(facts: MediaFacts) -> int:
    rate = facts.rate or Fraction(1)
    if facts.kind is ClipKind.AUDIO:
        return int(rate * 86400)
    drop = bool(facts.start and facts.start.drop and rate in DROP_RATES)
    return Timebase(rate, drop).day


def time_reference(facts: MediaFacts) -> int | None:
    """Samples since midnight at a sound file's first sample; None where it says none (0 is none)."""
    text = facts.tags.get("time_reference", "")
    return int(text) or None if text.isdigit() else None


def chain_full_files(drafts: list[Draft], rules: SpanRules) -> list[Draft]:
    """Joins files that a recorder began because the one before had reached its greatest size."""
    runs: dict[tuple[str, str, str, str], dict[int, Draft]] = defaultdict(dict)
    for draft in drafts:
        number = _counted(draft, rules)
        if number:
            runs[number[0]][number[1]] = draft
    gone: set[int] = set()
    for run in runs.values():
        for number in sorted(run, reverse=True):
            # From the end, so that a chain of many files grows backwards to its head.
            head, tail = run[number], run.get(number + 1)
            if tail and _goes_on(head, tail, rules):
                join(
                    head,
                    [tail],
                    "goes on in the next file, where the recorder's greatest size was reached",
                )
                gone.add(id(tail))
    return [draft for draft in drafts if id(draft) not in gone]


def _counted(draft: Draft, rules: SpanRules) -> tuple[tuple[str, str, str, str], int] | None:
    identity = draft.identity
    lead = identity[0].entry
    if len(identity) != 1 or draft.numbers or lead.extension not in rules.extensions:
        return None
    for pattern in rules.names:
        found = pattern.fullmatch(lead.stem)
        if found:
            frame = (found["prefix"], found["suffix"] or "", str(len(found["number"])))
            return (f"{lead.folder}/", *frame[:2], frame[2] + lead.extension), int(found["number"])
    return None


def _goes_on(head: Draft, tail: Draft, rules: SpanRules) -> bool:
    # The head may have grown by what follows it: its own first file is what counts.
    before, after = head.identity[0], tail.identity[0]
    return (
        rules.full(before.entry.file.size)
        and after.entry.file.mtime_ns >= before.entry.file.mtime_ns
        and continues(before, after) is not False
    )


def join_links(drafts: list[Draft], links: LinkReader) -> list[Draft]:
    """Joins clips whose card descriptions name one another; flags what goes on elsewhere."""
    known = dict(_read(drafts, links))
    gone: set[int] = set()
    for link, draft in known.values():
        if link.previous in known:
            continue
        chain = _follow(link, known)
        others = [other for _, other in chain[1:]]
        join(draft, others, "the card's description names what follows")
        gone.update(id(other) for other in others)
        if link.previous or chain[-1][0].next:
            draft.flag(
                "span-elsewhere", "A part of this recording is not here: on another card, perhaps."
            )
    return [draft for draft in drafts if id(draft) not in gone]


def _read(
    drafts: Iterable[Draft], links: LinkReader
) -> Iterable[tuple[str, tuple[SpanLink, Draft]]]:
    for draft in drafts:
        for place in draft.placed if draft.card else ():
            if place.role is FileRole.SIDECAR and place.entry.extension == "xml":
                link = links(place.entry.file.key)
                if link:
                    yield link.id, (link, draft)


def _follow(
    link: SpanLink, known: dict[str, tuple[SpanLink, Draft]]
) -> list[tuple[SpanLink, Draft]]:
    chain = [known[link.id]]
    while (following := known.get(chain[-1][0].next or "")) and following not in chain:
        chain.append(following)
    return chain


def join(head: Draft, others: Iterable[Draft], why: str) -> None:
    """Makes clips that follow one another one; the first gives its name."""
    for other in others:
        offset = max(place.part for place in head.identity) + 1
        head.placed.extend(
            Placed(place.entry, place.role, place.part + offset, place.channel)
            for place in other.placed
        )
        head.problems.extend(other.problems)
        head.reasons.extend((f"{display(other.lead.name)}: {why}", *other.reasons))
