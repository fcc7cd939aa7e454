"""One conversation out of several microphones: what two of them heard is kept from the louder one.

The lines of all microphones are taken in the order of their loudness; a line that says what was
taken before loses those words, and what it understood while they drowned it. Two people who really
speak at once say different things and are both kept. Pure functions.
"""

import dataclasses
import difflib
import itertools
from collections.abc import Mapping, Sequence

from app.core.post.glossary import plain
from app.core.post.speech_audio import SAMPLE_RATE
from app.core.post.speech_engine import SpokenWord
from app.core.post.speech_lines import Line

_SLACK = SAMPLE_RATE * 3 // 10
"""How far apart two microphones may put the same word."""
_MUCH_LOUDER = 6
"""dB: then what the quieter one heard meanwhile is bleed, whatever it understood."""
_ALIKE = 0.7
_RUN = 3
"""Words in a row that two microphones have in common: one voice, not chance."""
_REMAINS = 0.4
"""A line that keeps less than this of its words was bleed; what is left of it are mishearings."""


@dataclasses.dataclass(frozen=True, slots=True)
class _Taken:
    """A word that is in the result already."""

    word: SpokenWord
    channel: int
    key: str


def without_bleed(lines: Sequence[Line], bonus: Mapping[int, int]) -> list[Line]:
    """All microphones' lines as one conversation, in order of time.

    Args:
        lines: of all microphones.
        bonus: dB by channel that speak for a microphone when levels are close.
    """
    ranked = sorted(lines, key=lambda line: -(line.level + bonus.get(line.channel, 0)))
    taken: list[_Taken] = []
    kept: list[Line] = []
    for line in ranked:
        rest = _own_words(line, [each for each in taken if each.channel != line.channel], bonus)
        if len(rest) < max(1, _REMAINS * len(line.words)):
            continue
        kept.append(line if len(rest) == len(line.words) else dataclasses.replace(line, words=rest))
        taken += (_Taken(word, line.channel, plain(word.text)) for word in rest)
    return sorted(kept, key=lambda line: (line.start, line.end))


def _own_words(
    line: Line, others: Sequence[_Taken], bonus: Mapping[int, int]
) -> tuple[SpokenWord, ...]:
    """The words of a line that were said into its microphone."""
    same = [_said_by(word, others) for word in line.words]
    if 2 * sum(same) < len(same):
        # Most of it is nobody else's: only whole passages in common are bleed, a "the" is chance.
        runs = _in_runs(same)
        return tuple(word for word, bleed in zip(line.words, runs, strict=True) if not bleed)
    return tuple(
        word
        for word, bleed in zip(line.words, same, strict=True)
        if not bleed and not _drowned(word, line.channel, others, bonus)
    )


def _in_runs(same: Sequence[bool]) -> list[bool]:
    """True only where enough in a row are."""
    runs: list[bool] = []
    for value, group in itertools.groupby(same):
        length = len(list(group))
        runs += [value and length >= _RUN] * length
    return runs


def _said_by(word: SpokenWord, others: Sequence[_Taken]) -> bool:
    key = plain(word.text)
    return any(_near(word, each.word, _SLACK) and _alike(key, each.key) for each in others)


def _drowned(
    word: SpokenWord, channel: int, others: Sequence[_Taken], bonus: Mapping[int, int]
) -> bool:
    mine = word.levels[channel] + bonus.get(channel, 0)
    return any(
        _near(word, each.word, 0)
        and word.levels[each.channel] + bonus.get(each.channel, 0) >= mine + _MUCH_LOUDER
        for each in others
    )


def _near(one: SpokenWord, other: SpokenWord, slack: int) -> bool:
    return one.start < other.end + slack and other.start < one.end + slack


def _alike(one: str, other: str) -> bool:
    if one == other:
        return True
    return bool(one and other) and difflib.SequenceMatcher(None, one, other).ratio() >= _ALIKE
