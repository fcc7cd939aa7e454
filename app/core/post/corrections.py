"""A person's corrections over what the model heard: they win, and they survive a new run. Pure functions.

A correction says: from here to there it read so, and it is this. After another run the words may be
cut into other segments at slightly other times; so the stretch is found again by its time and by how
much it still reads like what was corrected, and what is not found again is put in by time alone.
"""

import dataclasses
import difflib
import itertools
from collections.abc import Iterable, Sequence

from app.core.model.entities import Segment, Word
from app.core.post.glossary import plain
from app.core.post.speech_audio import SAMPLE_RATE
from app.core.post.speech_lines import UNSPACED, joined

_DRIFT = 2 * SAMPLE_RATE
"""How far a new run may move a word."""
_RECOGNISED = 0.5
"""How alike a stretch must be to what was corrected, to be found by its words."""
_CERTAIN = 1000
"""Permille of a word a person wrote."""


@dataclasses.dataclass(frozen=True, slots=True)
class Correction:
    """What somebody said about a stretch of a transcript. Times in samples of 16 kHz."""

    start: int
    end: int
    was: str
    """How it read when it was corrected."""
    text: str | None
    """How it should read; "" where nothing was said; None where only the speaker was named."""
    speaker: str | None
    """Who speaks; None leaves it."""


def apply_corrections(
    segments: Sequence[Segment], corrections: Iterable[Correction]
) -> tuple[Segment, ...]:
    """The segments as people want them, in order of time.

    Args:
        segments: what the model heard.
        corrections: oldest first; a later one wins where two meet.
    """
    current = sorted(segments, key=_order)
    for correction in corrections:
        current = sorted(_corrected(current, correction), key=_order)
    return tuple(current)


def _order(segment: Segment) -> tuple[int, int]:
    return segment.start, segment.end


def _corrected(segments: list[Segment], correction: Correction) -> list[Segment]:
    """Puts one correction in: the words it is about leave, its own come."""
    # What somebody wrote does not drift: only words of the model are looked for around the place.
    touched = [
        each for each in segments if _overlap(each, correction, 0 if each.corrected else _DRIFT)
    ]
    found = _same_place(touched, correction) or _found_again(touched, correction)
    if found is None:
        found = {
            (number, at)
            for number, each in enumerate(touched)
            for at, word in enumerate(_words(each))
            if correction.start <= (word.start + word.end) // 2 < correction.end
        }
    gone = [
        (each, [at for at in range(len(_words(each))) if (number, at) in found])
        for number, each in enumerate(touched)
    ]
    kept = [each for each in segments if not any(each is one and at for one, at in gone)]
    for segment, places in gone:
        if places:
            kept += _around(segment, places)
    written = _written(correction, [(segment, places) for segment, places in gone if places])
    return [*kept, *([written] if written else [])]


def _same_place(touched: Sequence[Segment], correction: Correction) -> set[tuple[int, int]] | None:
    """All words of the segment the correction was made on, where it is still there as it was."""
    for number, each in enumerate(touched):
        if (each.start, each.end) == (correction.start, correction.end):
            return {(number, at) for at in range(len(_words(each)))}
    return None


def _found_again(touched: Sequence[Segment], correction: Correction) -> set[tuple[int, int]] | None:
    """The run of words that reads like what was corrected; None where nothing does."""
    wanted = [plain(word) for word in correction.was.split()]
    places = [
        (number, at) for number, each in enumerate(touched) for at in range(len(_words(each)))
    ]
    keys = [plain(_words(touched[number])[at].text) for number, at in places]
    blocks = difflib.SequenceMatcher(None, wanted, keys, autojunk=False).get_matching_blocks()
    matched = sum(block.size for block in blocks)
    if not wanted or matched < _RECOGNISED * len(wanted):
        return None
    hits = [block for block in blocks if block.size]
    # Words of `was` before the first and after the last hit were heard differently this time.
    first = max(0, hits[0].b - hits[0].a)
    last = hits[-1].b + hits[-1].size + len(wanted) - (hits[-1].a + hits[-1].size)
    if last - first > 2 * len(wanted) + 2:
        return None
    return set(places[first:last])


def _around(segment: Segment, places: Sequence[int]) -> list[Segment]:
    """What is left of a segment before and after the words that leave."""
    words = _words(segment)
    parts = (words[: min(places)], words[max(places) + 1 :])
    return [
        dataclasses.replace(
            segment,
            start=part[0].start,
            end=max(part[-1].end, part[0].start),
            text=joined([word.text for word in part], segment.language),
            words=part,
        )
        for part in parts
        if part
    ]


def _written(
    correction: Correction, gone: Sequence[tuple[Segment, Sequence[int]]]
) -> Segment | None:
    """The segment a person wrote, with word times from what it replaces; None where nothing was said."""
    old = tuple(_words(segment)[at] for segment, places in gone for at in places)
    first = gone[0][0] if gone else None
    language = first.language if first else ""
    if correction.text is None and not gone:
        return None
    text = (
        joined([w.text for w in old], language)
        if correction.text is None
        else correction.text.strip()
    )
    if not text:
        return None
    start = min((word.start for word in old), default=correction.start)
    end = max((word.end for word in old), default=max(correction.end, start))
    return Segment(
        start=start,
        end=max(end, start),
        text=text,
        speaker=correction.speaker if correction.speaker is not None else first and first.speaker,
        language=language,
        words=_timed(text, language, old, start, end),
        corrected=True,
    )


def _timed(text: str, language: str, old: Sequence[Word], start: int, end: int) -> tuple[Word, ...]:
    """Words of a text: those that were heard keep their times, the rest share the time between."""
    new = list(text) if language in UNSPACED else text.split()
    new = [word for word in new if word.strip()]
    matcher = difflib.SequenceMatcher(
        None, [plain(word.text) for word in old], [plain(word) for word in new], autojunk=False
    )
    timed: list[Word] = []
    for sort, old_from, old_to, new_from, new_to in matcher.get_opcodes():
        if sort == "equal":
            pairs = zip(old[old_from:old_to], new[new_from:new_to], strict=True)
            timed += (Word(word.start, word.end, _CERTAIN, text) for word, text in pairs)
            continue
        left = old[old_from].start if old_from < old_to else (timed[-1].end if timed else start)
        right = (
            old[old_to - 1].end
            if old_from < old_to
            else (old[old_to].start if old_to < len(old) else end)
        )
        timed += _shared(new[new_from:new_to], left, max(left, right))
    return tuple(timed)


def _shared(words: Sequence[str], start: int, end: int) -> list[Word]:
    """Words that divide a time by their letters."""
    edges = list(itertools.accumulate((len(word) for word in words), initial=0))
    total = edges[-1] or 1
    times = [start + (end - start) * edge // total for edge in edges]
    return [Word(times[n], times[n + 1], _CERTAIN, word) for n, word in enumerate(words)]


def _words(segment: Segment) -> tuple[Word, ...]:
    """A segment's words; one without word times counts as a single word."""
    return segment.words or (Word(segment.start, segment.end, _CERTAIN, segment.text),)


def _overlap(segment: Segment, correction: Correction, slack: int) -> bool:
    return segment.start < correction.end + slack and correction.start - slack < max(
        segment.end, segment.start + 1
    )
