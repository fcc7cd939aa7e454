"""Guards against what a speech model makes up where there is nothing to hear. Pure functions.

Dropped: silence taken for words, credits nobody speaks, loops, sounds in brackets. Flagged and
kept: what is merely doubtful; a person decides. Reasons are part of the result.
"""

import dataclasses
import re
from collections.abc import Sequence

from app.core.post.glossary import plain
from app.core.post.speech_audio import SAMPLE_RATE
from app.core.post.speech_engine import SpokenWord
from app.core.post.speech_lines import Line

_NO_SPEECH = 600
_IMPROBABLE = -1000
_DOUBTFUL = -700
_REPETITIVE = 240
"""Whisper's own thresholds: probability of silence, mean log probability, compression."""
_UNSURE = 500
_FAINT = 12
"""dB below the channel's speech: then nobody spoke into this microphone."""
_LOOP = 4
"""Times in a row from which a repetition is a loop."""
_LONGEST_LOOP = 8
_FASTEST = 35
"""Letters a second: faster than any speaker."""
_BRACKETED = re.compile(r"^[\[(*♪♫].*[\])*♪♫]$|^[\W_]+$", re.DOTALL)

NEVER_SPOKEN = (
    "amaraorg",
    "amaracommunity",
    "opensubtitles",
    "zeoranger",
    "wwwmooji",
    "soustitragestparadiseurs",
)
"""Letters of credits that training left in the models; nobody says them."""
RARELY_SPOKEN = frozenset(
    plain(text)
    for text in (
        "Thanks for watching", "Thank you for watching", "Thank you", "Thanks", "Please subscribe",
        "Subscribe", "Don't forget to like and subscribe", "See you next time", "Bye", "Bye bye",
        "See you in the next video", "Subtitles by", "Transcribed by", "Captions by", "The end", "you",
        "Sous-titres", "Sous-titrage", "Merci d'avoir regardé cette vidéo", "Abonnez-vous", "Merci",
        "Untertitel", "Untertitelung", "Vielen Dank fürs Zuschauen", "Vielen Dank", "Danke",
        "Sottotitoli", "Grazie per la visione", "Gracias por ver el video", "Gracias", "Suscríbete",
        "Subtítulos", "Legendas", "Obrigado por assistir", "Ondertiteling", "Napisy", "字幕",
        "ご視聴ありがとうございました", "谢谢观看", "谢谢大家", "시청해주셔서 감사합니다", "Спасибо за просмотр",
    )
)  # fmt: skip
"""What models say into silence and people say too: dropped only where little speaks for it."""
_CREDIT = re.compile(
    r"^(sub ?titl|caption|transcri|sous-titr|untertitel|sottotitoli|subt[ií]tul|legendas|ondertitel|napisy)"
    r".*\b(by|par|von|der|des|di|por|de|door)\b",
    re.IGNORECASE,
)


@dataclasses.dataclass(frozen=True, slots=True)
class Guarded:
    """What passed, and what did not and why."""

    lines: tuple[Line, ...]
    dropped: tuple[tuple[str, str], ...]
    """(reason, text)."""


def guard(lines: Sequence[Line], level: int) -> Guarded:
    """Looks at the lines of one microphone, in order of time.

    Args:
        lines: as they were cut.
        level: dB of the microphone's speech.
    """
    kept: list[Line] = []
    dropped: list[tuple[str, str]] = []
    for line in lines:
        reason = _why_not(line, level, kept)
        if reason:
            dropped.append((reason, line.text))
        else:
            kept.append(_remarked(_without_loops(line)))
    return Guarded(tuple(kept), tuple(dropped))


def _why_not(line: Line, level: int, before: Sequence[Line]) -> str | None:
    """The reason to drop a line, or None."""
    text = plain(line.text)
    if _BRACKETED.match(line.text):
        return "no words"
    if line.silence > _NO_SPEECH and line.logprob < _IMPROBABLE:
        return "silence"
    if any(credit in text for credit in NEVER_SPOKEN):
        return "credits"
    weak = _is_weak(line, level)
    if weak and (text in RARELY_SPOKEN or _CREDIT.match(line.text)):
        return "credits"
    if weak and len(before) >= 2 and all(plain(each.text) == text for each in before[-2:]):
        return "repetition"
    if line.ratio > _REPETITIVE and line.logprob < _IMPROBABLE:
        return "repetition"
    return None


def _is_weak(line: Line, level: int) -> bool:
    """Little speaks for it: faint, improbable, or squeezed into no time."""
    return (
        line.level < level - _FAINT
        or line.silence > _NO_SPEECH
        or line.logprob < _DOUBTFUL
        or line.confidence < _UNSURE
        or _too_fast(line)
    )


def _too_fast(line: Line) -> bool:
    letters = len(plain(line.text))
    return letters > 5 and letters * SAMPLE_RATE > _FASTEST * (line.end - line.start)


def _without_loops(line: Line) -> Line:
    """A line in which the model went round in circles, cut down to one round."""
    if line.ratio <= _REPETITIVE and line.logprob >= _DOUBTFUL:
        return line
    words = list(line.words)
    for size in range(1, _LONGEST_LOOP + 1):
        words = _unrolled(words, size)
    shorter = tuple(words)
    return (
        line
        if shorter == line.words
        else dataclasses.replace(line, words=shorter).flagged("repetition")
    )


def _unrolled(words: list[SpokenWord], size: int) -> list[SpokenWord]:
    keys = [plain(word.text) for word in words]
    done: list[SpokenWord] = []
    at = 0
    while at < len(words):
        rounds = 1
        while keys[at : at + size] == keys[at + rounds * size : at + (rounds + 1) * size]:
            rounds += 1
        done += words[at : at + size]
        at += size * (rounds if rounds >= _LOOP else 1)
    return done


def _remarked(line: Line) -> Line:
    if line.confidence < _UNSURE or line.logprob < _IMPROBABLE:
        line = line.flagged("unsure")
    if line.ratio > _REPETITIVE:
        line = line.flagged("repetition")
    return line.flagged("too fast") if _too_fast(line) else line
