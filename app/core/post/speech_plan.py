"""Which microphones are transcribed, in which language, and in which bites. Pure functions.

Distinct microphones are transcribed apart; of several channels with one source the best is taken;
what a microphone only overhears is left to the one it was meant for. Short utterances are packed
together, as the model's window of 30 s costs the same however little is in it.
"""

import dataclasses
import re
from collections.abc import Sequence

from app.core.post.channels import ChannelKind, HeardChannel, Span, Utterance
from app.core.post.speech_audio import SAMPLE_RATE

_MIX = re.compile(r"\bmix|^(mx|lr|st|stereo|main)\b|mono ?sum", re.IGNORECASE)
"""Names of tracks that repeat the others: they are used only where there is nothing else."""
_SHARED = re.compile(r"boom|perche|angel|overhead|ambi|room|camera|scratch", re.IGNORECASE)
"""Names of microphones that are nobody's own."""
OWN_MICROPHONE_BONUS = 6
"""dB by which a shared microphone must be louder to be preferred to somebody's own."""
_FIRST_BITE = 120 * SAMPLE_RATE
_LONGEST_BITE = 240 * SAMPLE_RATE
"""Samples decoded in one go, at the beginning and later: many windows of the model, because the rest at
the end of each bite costs a whole window; few enough that words come and little is lost when it is called off."""
_REST = 60 * SAMPLE_RATE
"""What is left at the end and shorter goes with the bite before."""
_BRIDGE = SAMPLE_RATE
"""Pauses shorter than this stay in, as they were."""
_SURE = 550
"""Permille from which a detected language is believed by itself."""
_LONG_ENOUGH = SAMPLE_RATE * 6 // 5
"""An utterance must last as long for its language to be believed by itself."""
_WORTH_A_LOOK = 3 * SAMPLE_RATE
"""An utterance so long that stays unsure is heard again, thoroughly."""
_MARGINAL = 20
"""A language heard in less than one part in so many needs to be surer than usual."""
_VERY_SURE = 850


@dataclasses.dataclass(frozen=True, slots=True)
class Microphone:
    """A channel that is transcribed."""

    channel: int
    name: str | None
    """The track's name, where it has one."""
    utterances: tuple[Utterance, ...]

    @property
    def bonus(self) -> int:
        """What is added to its level when microphones are compared, dB."""
        return OWN_MICROPHONE_BONUS if self.name and not _SHARED.search(self.name) else 0


@dataclasses.dataclass(frozen=True, slots=True)
class Bite:
    """Pieces of a channel in one language, decoded in one go."""

    channel: int
    language: str
    pieces: tuple[Span, ...]

    @property
    def length(self) -> int:
        """Samples of all pieces."""
        return sum(end - start for start, end in self.pieces)


def microphones(
    channels: Sequence[HeardChannel], names: Sequence[str | None]
) -> tuple[Microphone, ...]:
    """The channels worth transcribing, each with what was said into it and not only overheard."""
    named = [names[n] if n < len(names) else None for n in range(len(channels))]
    sources: dict[int, list[int]] = {}
    for number, channel in enumerate(channels):
        if channel.kind is ChannelKind.SPEECH:
            sources.setdefault(channel.source, []).append(number)
    best = [min(group, key=lambda n: _rank(channels[n], named[n])) for group in sources.values()]
    alone = [number for number in best if not _is_mix(named[number])]
    chosen = alone or best
    return tuple(
        Microphone(number, named[number], _meant_for(number, channels[number], chosen))
        for number in chosen
    )


def _is_mix(name: str | None) -> bool:
    return bool(name and _MIX.search(name))


def _rank(channel: HeardChannel, name: str | None) -> tuple[bool, bool, int]:
    own = OWN_MICROPHONE_BONUS if name and not _SHARED.search(name) else 0
    return _is_mix(name), channel.clipped, -(channel.level + own)


def _meant_for(number: int, channel: HeardChannel, chosen: Sequence[int]) -> tuple[Utterance, ...]:
    others = set(chosen) - {number}
    return tuple(each for each in channel.utterances if not others.intersection(each.heard_from))


def doubtful(utterances: Sequence[Span], heard: Sequence[tuple[str, int]]) -> list[int]:
    """Which utterances are long enough to be sure of, and are not."""
    return [
        number
        for number, ((start, end), (_, sure)) in enumerate(zip(utterances, heard, strict=True))
        if end - start >= _WORTH_A_LOOK and sure < _SURE
    ]


def settle_languages(
    utterances: Sequence[Span], heard: Sequence[tuple[str, int]]
) -> list[str] | None:
    """The language of each utterance: unsure ones take that of the nearest sure one.

    Args:
        utterances: in order of time.
        heard: language and permille of each.

    Returns:
        None where not one is sure: then they should be heard together.
    """
    weights: dict[str, int] = {}
    for (start, end), (code, sure) in zip(utterances, heard, strict=True):
        weights[code] = weights.get(code, 0) + (end - start) * sure
    total = sum(weights.values())
    trusted = {
        utterances[number]: code
        for number, (code, sure) in enumerate(heard)
        if utterances[number][1] - utterances[number][0] >= _LONG_ENOUGH
        and sure >= (_VERY_SURE if weights[code] * _MARGINAL < total else _SURE)
    }
    if not trusted:
        return None
    return [trusted[min(trusted, key=lambda sure: _apart(each, sure))] for each in utterances]


def _apart(one: Span, other: Span) -> int:
    return max(one[0] - other[1], other[0] - one[1]) if one != other else -1


def bites(channel: int, utterances: Sequence[Span], languages: Sequence[str]) -> list[Bite]:
    """Packs utterances of one channel, in order of time, cutting long pauses out."""
    packed: list[Bite] = []
    for span, language in zip(utterances, languages, strict=True):
        last = packed[-1] if packed else None
        if last and last.language == language:
            pieces = _appended(last.pieces, span)
            room = _FIRST_BITE if len(packed) == 1 else _LONGEST_BITE
            if sum(end - start for start, end in pieces) <= room:
                packed[-1] = dataclasses.replace(last, pieces=pieces)
                continue
        packed.append(Bite(channel, language, (span,)))
    return _with_the_rest(packed)


def _with_the_rest(packed: list[Bite]) -> list[Bite]:
    if len(packed) < 2:
        return packed
    *others, before, last = packed
    if before.language != last.language or last.length >= _REST:
        return packed
    pieces = before.pieces
    for span in last.pieces:
        pieces = _appended(pieces, span)
    return [*others, dataclasses.replace(before, pieces=pieces)]


def _appended(pieces: tuple[Span, ...], span: Span) -> tuple[Span, ...]:
    start, end = pieces[-1]
    if span[0] - end < _BRIDGE:
        return (*pieces[:-1], (start, max(end, span[1])))
    return (*pieces, span)
