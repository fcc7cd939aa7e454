"""One conversation out of several microphones: what two of them heard is kept from the louder one.

Lines are cut where another microphone takes over, and taken in the order of their loudness; one that
says what was taken before loses those words, and what it understood while they drowned it. Two people who really
speak at once say different things and are both kept. Pure functions.
"""

import dataclasses
import difflib
import itertools
from collections.abc import Iterator, Mapping, Sequence

from app.core.post.glossary import plain
from app.core.post.speech_audio import SAMPLE_RATE
from app.core.post.speech_engine import SpokenWord
from app.core.post.speech_lines import Line

_SLACK = SAMPLE_RATE * 3 // 10
"""How far apart two microphones may put the same word."""
_MUCH_LOUDER = 6
"""dB: then what the quieter one heard meanwhile is bleed, whatever it understood."""
_STEADY = 6
"""dB: the distance between bleed and its source, over the words of a line, stays within this."""
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
    parts = [
        part for number, line in enumerate(lines) for part in _parts(number, line, lines, bonus)
    ]
    parts.sort(key=lambda part: -(part.line.level + bonus.get(part.line.channel, 0)))
    taken: list[_Taken] = []
    kept: dict[int, list[SpokenWord]] = {}
    for part in parts:
        line = part.line
        rest = _own_words(line, [each for each in taken if each.channel != line.channel], bonus)
        if len(rest) >= max(1, _REMAINS * len(line.words)):
            kept.setdefault(part.number, []).extend(rest)
            taken += (_Taken(word, line.channel, plain(word.text)) for word in rest)
    left = [_with_words(lines[number], words) for number, words in kept.items()]
    return sorted(left, key=lambda line: (line.start, line.end))


@dataclasses.dataclass(frozen=True, slots=True)
class _Part:
    """Some words in a row of one line, either said into its microphone or overheard."""

    number: int
    line: Line


def _parts(
    number: int, line: Line, lines: Sequence[Line], bonus: Mapping[int, int]
) -> Iterator[_Part]:
    """A line cut where another microphone becomes much louder: there somebody else goes on."""
    others = {each.channel for each in lines} - {line.channel}
    louder = [
        any(_louder(word, other, line.channel, bonus) for other in others) for word in line.words
    ]
    start = 0
    for end in range(1, len(louder) + 1):
        ahead = louder[end : end + _RUN]
        if end == len(louder) or (len(ahead) == _RUN and set(ahead) == {not louder[start]}):
            yield _Part(number, dataclasses.replace(line, words=line.words[start:end]))
            start = end


def _louder(word: SpokenWord, other: int, channel: int, bonus: Mapping[int, int]) -> bool:
    mine = word.levels[channel] + bonus.get(channel, 0)
    return word.levels[other] + bonus.get(other, 0) >= mine + _MUCH_LOUDER


def _with_words(line: Line, words: Sequence[SpokenWord]) -> Line:
    ordered = tuple(sorted(words, key=lambda word: (word.start, word.end)))
    return line if len(ordered) == len(line.words) else dataclasses.replace(line, words=ordered)


def _own_words(
    line: Line, others: Sequence[_Taken], bonus: Mapping[int, int]
) -> tuple[SpokenWord, ...]:
    """The words of a line that were said into its microphone."""
    if any(_is_echo(line, channel, others) for channel in {each.channel for each in others}):
        return ()
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


def _is_echo(line: Line, channel: int, others: Sequence[_Taken]) -> bool:
    """True where a line rises and falls with a louder microphone that has words at the time.

    Bleed is so faint that it may be understood as anything; that it keeps its distance betrays it.
    """
    heard = [each.word for each in others if each.channel == channel]
    covered = [word for word in line.words if any(_near(word, each, 0) for each in heard)]
    distances = sorted(word.levels[channel] - word.levels[line.channel] for word in covered)
    if len(covered) < _RUN or 2 * len(covered) < len(line.words):
        return False
    edge = len(distances) // 10
    return distances[edge] >= _MUCH_LOUDER and distances[-1 - edge] - distances[edge] <= _STEADY


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
    return any(
        _near(word, each.word, 0) and _louder(word, each.channel, channel, bonus) for each in others
    )


def _near(one: SpokenWord, other: SpokenWord, slack: int) -> bool:
    return one.start < other.end + slack and other.start < one.end + slack


def _alike(one: str, other: str) -> bool:
    if one == other:
        return True
    return bool(one and other) and difflib.SequenceMatcher(None, one, other).ratio() >= _ALIKE
