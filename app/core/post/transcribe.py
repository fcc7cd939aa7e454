"""From a clip's speech audio to its transcript. Asks the speech worker; decides nothing by ear itself.

Every microphone is classified, the distinct ones are transcribed apart in the language each
utterance is in, made-up text is dropped, the glossary is applied, and what several microphones
heard is kept once, under the name of the track it came from. Bites are decoded in order of time, so
that what is known at any moment reads from the clip's beginning.
"""

import dataclasses
import functools
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from app.core.model.entities import Segment, Transcript, Word
from app.core.model.errors import Cancelled
from app.core.post import glossary as terms
from app.core.post.bleed import without_bleed
from app.core.post.channels import HeardChannel, Utterance
from app.core.post.guards import guard
from app.core.post.speech_audio import SAMPLE_RATE
from app.core.post.speech_engine import Chunk
from app.core.post.speech_lines import Line, lines_of
from app.core.post.speech_memory import Listening
from app.core.post.speech_plan import (
    Bite,
    Microphone,
    bites,
    doubtful,
    microphones,
    settle_languages,
)

Cancel = Callable[[], bool]
Progress = Callable[[int, int], None]

VERSION = 1
"""Of the way transcripts are made: raised when the same model would give another result."""
_BEAM = 5
_GLANCE = 60 * SAMPLE_RATE
"""Where the first words of a clip are looked for."""
_FIRST_WORDS = 12 * SAMPLE_RATE
"""Speech from which the first words are taken: few seconds of work, and enough to know what it is about."""


@dataclasses.dataclass(frozen=True, slots=True)
class SpeechSource:
    """The speech audio of one clip."""

    paths: tuple[Path, ...]
    """16 kHz WAV files, with every channel of the clip between them, in order."""
    names: tuple[str | None, ...] = ()
    """Names of the channels, as far as they are known."""
    offset: int = 0
    """Samples of 16 kHz from the clip's first frame to the first sample; may be negative."""


@dataclasses.dataclass(frozen=True, slots=True)
class SpeechOptions:
    """What the project knows before it listens."""

    model: str
    """Identity of the model, stored with the result."""
    languages: tuple[str, ...] = ()
    """Languages that can occur; one alone is not detected but taken; none means any."""
    glossary: tuple[str, ...] = ()
    """Names, places and brands as they are spelled."""
    beam: int = _BEAM


@dataclasses.dataclass(frozen=True, slots=True)
class SpokenSegment:
    """A segment with what is known about how far it can be trusted."""

    segment: Segment
    channel: int
    confidence: int
    """Mean over its words, permille."""
    flags: tuple[str, ...]
    """`unsure`, `repetition`, `too fast`, `glossary`."""


@dataclasses.dataclass(frozen=True, slots=True)
class TranscriptResult:
    """What was said in a clip, and what was heard besides."""

    language: str
    """The language most words are in; "" where nothing was said."""
    model: str
    spoken: tuple[SpokenSegment, ...]
    channels: tuple[HeardChannel, ...]
    dropped: tuple[tuple[str, str], ...]
    """(reason, text) of what was taken for made up."""
    reached: int | None = None
    """Samples of the clip up to which everything has been heard; None where all of it was."""

    @property
    def transcript(self) -> Transcript:
        """As it is stored and shown, before anybody's corrections."""
        segments = tuple(each.segment for each in self.spoken)
        return Transcript(self.language, self.model, segments, self.reached)

    @property
    def facts(self) -> dict[str, object]:
        """What is worth keeping besides the words, ready for JSON."""
        return {
            "channels": [each.kind.value for each in self.channels],
            "sources": [each.source for each in self.channels],
            "doubts": [
                [number, each.confidence, *each.flags]
                for number, each in enumerate(self.spoken)
                if each.flags
            ],
            "dropped": [list(each) for each in self.dropped],
        }


Part = Callable[[], TranscriptResult]
"""What is known so far, worked out when it is asked for."""


def transcribe(
    source: SpeechSource,
    options: SpeechOptions,
    *,
    worker: Listening,
    cancelled: Cancel,
    progress: Progress,
    tell: Callable[[Part], object] = lambda _: None,
) -> TranscriptResult:
    """Transcribes one clip. Silence, LTC, tone and noise give a result without segments.

    Args:
        source: what to listen to.
        options: what is known before.
        worker: the speech worker.
        cancelled: asked while the worker is busy.
        progress: told (samples done, samples of speech on all microphones).
        tell: told after each bite but the last what is known so far.

    Raises:
        BadData: no speech audio.
        Passing: the worker died.
        Cancelled: asked for.
    """
    if not source.paths:
        return TranscriptResult("", options.model, (), (), ())
    samples, channels = worker.hear(source.paths, cancelled)
    chosen = microphones(channels, source.names)
    planned = [
        bite for each in chosen for bite in _bites_of(each, source, options, worker, cancelled)
    ]
    planned.sort(key=lambda bite: bite.pieces[0])
    lines: dict[int, list[Line]] = {each.channel: [] for each in chosen}
    done, total = 0, sum(bite.length for bite in planned)
    progress(done, total)
    for number, bite in enumerate(planned, 1):
        if cancelled():
            raise Cancelled(
                "Called off", "The transcription was called off.", subject=str(source.paths[0])
            )
        lines[bite.channel] += _decoded(bite, source, options, worker, cancelled, samples)
        done += bite.length
        progress(done, total)
        if number < len(planned):
            reached = planned[number].pieces[0][0]
            tell(
                functools.partial(_put_together, source, options, channels, chosen, lines, reached)
            )
    return _put_together(source, options, channels, chosen, lines, None)


def first_words(
    source: SpeechSource, options: SpeechOptions, *, worker: Listening, cancelled: Cancel
) -> TranscriptResult | None:
    """What is said first, by whoever begins: seconds of work however long the clip is.

    It tells the person who waits what the clip is about. The transcript owes nothing to it: the sound of
    the whole clip may show it in another light. Raises like `transcribe`.

    Returns:
        None where nothing is said at the beginning.
    """
    samples, channels = worker.hear(source.paths, cancelled, until=_GLANCE)
    chosen = microphones(channels, source.names)
    speaking = [each for each in chosen if each.utterances]
    if not speaking:
        return None
    first = _beginning(min(speaking, key=lambda each: each.utterances[0].start))
    bite = _bites_of(first, source, options, worker, cancelled)[0]
    lines: dict[int, list[Line]] = {each.channel: [] for each in chosen}
    lines[bite.channel] += _decoded(bite, source, options, worker, cancelled, samples)
    found = _put_together(source, options, channels, chosen, lines, bite.pieces[-1][1])
    return found if found.spoken else None


def _beginning(microphone: Microphone) -> Microphone:
    """The microphone with its first seconds of speech."""
    kept: list[Utterance] = []
    room = _FIRST_WORDS
    for each in microphone.utterances:
        if room < SAMPLE_RATE:
            break
        kept.append(dataclasses.replace(each, end=min(each.end, each.start + room)))
        room -= each.end - each.start
    return dataclasses.replace(microphone, utterances=tuple(kept))


def _decoded(
    bite: Bite,
    source: SpeechSource,
    options: SpeechOptions,
    worker: Listening,
    cancelled: Cancel,
    samples: int,
) -> list[Line]:
    hint = terms.hint(options.glossary)
    chunk = Chunk(bite.channel, bite.pieces, bite.language, hint, options.beam)
    passages = worker.decode(source.paths, chunk, cancelled)
    return lines_of(passages, bite.channel, bite.language, samples)


def _put_together(
    source: SpeechSource,
    options: SpeechOptions,
    channels: tuple[HeardChannel, ...],
    chosen: Sequence[Microphone],
    lines: Mapping[int, Sequence[Line]],
    reached: int | None,
) -> TranscriptResult:
    """One conversation of what the microphones heard, as far as they have been listened to."""
    guarded = [guard(lines[each.channel], channels[each.channel].level) for each in chosen]
    right = [terms.put_right(line, options.glossary) for each in guarded for line in each.lines]
    conversation = without_bleed(right, {each.channel: each.bonus for each in chosen})
    names = _speakers(chosen, len(channels))
    return TranscriptResult(
        language=_main_language(conversation),
        model=options.model,
        spoken=tuple(_spoken(line, names[line.channel], source.offset) for line in conversation),
        channels=channels,
        dropped=tuple(drop for each in guarded for drop in each.dropped),
        reached=None if reached is None else max(0, reached + source.offset),
    )


def _bites_of(
    microphone: Microphone,
    source: SpeechSource,
    options: SpeechOptions,
    worker: Listening,
    cancelled: Cancel,
) -> list[Bite]:
    spans = tuple((each.start, each.end) for each in microphone.utterances)
    if not spans:
        return []
    if len(options.languages) == 1:
        settled = [options.languages[0]] * len(spans)
    else:
        ask = functools.partial(worker.languages, source.paths, microphone.channel)
        heard = ask([[span] for span in spans], options.languages, cancelled)
        again = doubtful(spans, heard)
        if again:
            surer = ask([[spans[n]] for n in again], options.languages, cancelled, thorough=True)
            heard = [
                dict(zip(again, surer, strict=True)).get(n, each) for n, each in enumerate(heard)
            ]
        settled = settle_languages(spans, heard)
        if settled is None:
            together = ask([spans], options.languages, cancelled, thorough=True)
            settled = [together[0][0]] * len(spans)
    return bites(microphone.channel, spans, settled)


def _speakers(chosen: Sequence[Microphone], channels: int) -> dict[int, str | None]:
    """First guess of who speaks into each microphone: the track's name.

    Without names, two microphones on two channels are left and right, more are numbered, and a
    single one needs no name.
    """
    sides = ("Left", "Right") if channels == 2 else tuple(f"Track {n + 1}" for n in range(channels))
    alone = len(chosen) == 1
    return {each.channel: each.name or (None if alone else sides[each.channel]) for each in chosen}


def _main_language(lines: Sequence[Line]) -> str:
    words = Counter[str]()
    for line in lines:
        words[line.language] += len(line.words)
    return max(words, key=lambda code: (words[code], code), default="")


def _spoken(line: Line, speaker: str | None, offset: int) -> SpokenSegment:
    """The line in the clip's time; what starts before the clip's first frame is moved onto it."""
    words = tuple(
        Word(max(0, word.start + offset), max(0, word.end + offset), word.permille, word.text)
        for word in line.words
    )
    segment = Segment(
        start=words[0].start,
        end=max(words[0].start, words[-1].end),
        text=line.text,
        speaker=speaker,
        language=line.language,
        words=words,
    )
    return SpokenSegment(segment, line.channel, line.confidence, line.flags)
