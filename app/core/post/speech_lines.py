"""Lines of speech: what the model gave, cut where somebody pauses or a sentence ends. Pure functions."""

import dataclasses
from collections.abc import Iterable, Sequence

from app.core.post.speech_audio import SAMPLE_RATE
from app.core.post.speech_engine import Passage, SpokenWord

_SENTENCE_END = frozenset(".?!…。！？")
_PAUSE = 2 * SAMPLE_RATE
_PAUSE_AFTER_SENTENCE = SAMPLE_RATE * 7 // 10
_SENTENCE_LENGTH = 3 * SAMPLE_RATE
"""Shorter sentences stay with the next one."""
_LONG = 15 * SAMPLE_RATE
_BREATH = SAMPLE_RATE * 3 // 10
_LONGEST = 30 * SAMPLE_RATE
UNSPACED = frozenset({"zh", "yue", "ja", "th", "lo", "my", "km", "bo"})
"""Languages written without spaces between words."""


@dataclasses.dataclass(frozen=True, slots=True)
class Line:
    """Some words one microphone heard in a row, in one language."""

    channel: int
    language: str
    words: tuple[SpokenWord, ...]
    """Never empty; text without the space before it."""
    logprob: int
    silence: int
    ratio: int
    """See `Passage`: the worst of what it was made of."""
    flags: tuple[str, ...] = ()

    @property
    def start(self) -> int:
        """Where its first word starts, in samples."""
        return self.words[0].start

    @property
    def end(self) -> int:
        """Where its last word ends, in samples; exclusive."""
        return max(self.words[-1].end, self.start)

    @property
    def text(self) -> str:
        """All words."""
        return joined([word.text for word in self.words], self.language)

    @property
    def confidence(self) -> int:
        """Mean over its words, permille."""
        return sum(word.permille for word in self.words) // len(self.words)

    @property
    def level(self) -> int:
        """Loudness on its own channel, dB: the median over its words."""
        ranked = sorted(word.levels[self.channel] for word in self.words)
        return ranked[len(ranked) // 2]

    def flagged(self, flag: str) -> "Line":
        """The same line with one more remark."""
        return self if flag in self.flags else dataclasses.replace(self, flags=(*self.flags, flag))


def joined(words: Iterable[str], language: str) -> str:
    """Words as they are written in a row."""
    return ("" if language in UNSPACED else " ").join(words)


def lines_of(passages: Sequence[Passage], channel: int, language: str, samples: int) -> list[Line]:
    """Lines of one bite: clamped to the file, in order, cut anew.

    Args:
        passages: as the model gave them, in clip time.
        channel: where they were heard.
        language: they are in.
        samples: length of the file.
    """
    lines: list[Line] = []
    reached = 0
    for passage in passages:
        for word in _whole_words(passage, language):
            # Times of a model may run backwards or past the end: words keep their order.
            start = min(max(word.start, reached), samples)
            end = min(max(word.end, start), samples)
            reached = start
            placed = dataclasses.replace(word, start=start, end=end)
            _append(lines, placed, passage, channel, language)
    return lines


def _whole_words(passage: Passage, language: str) -> list[SpokenWord]:
    """Words without the spaces around them; what has no space before it belongs to the word before."""
    whole: list[SpokenWord] = []
    for word in passage.words:
        text = word.text.strip()
        if not text:
            continue
        if whole and language not in UNSPACED and not word.text[0].isspace():
            first = whole[-1]
            whole[-1] = dataclasses.replace(
                first,
                end=max(first.end, word.end),
                permille=min(first.permille, word.permille),
                text=first.text + text,
            )
        else:
            whole.append(dataclasses.replace(word, text=text))
    return whole


def _append(
    lines: list[Line], word: SpokenWord, passage: Passage, channel: int, language: str
) -> None:
    if lines and not _ends_before(lines[-1], word):
        last = lines[-1]
        lines[-1] = dataclasses.replace(
            last,
            words=(*last.words, word),
            logprob=min(last.logprob, passage.logprob),
            silence=max(last.silence, passage.silence),
            ratio=max(last.ratio, passage.ratio),
        )
        return
    lines.append(Line(channel, language, (word,), passage.logprob, passage.silence, passage.ratio))


def _ends_before(line: Line, word: SpokenWord) -> bool:
    pause = word.start - line.end
    length = line.end - line.start
    if pause > _PAUSE or word.end - line.start > _LONGEST or (length > _LONG and pause > _BREATH):
        return True
    return line.words[-1].text[-1] in _SENTENCE_END and (
        pause > _PAUSE_AFTER_SENTENCE or length > _SENTENCE_LENGTH
    )
