"""What each channel of a clip carries, and which channels are one microphone.

Silence, LTC, tone and noise are not transcribed. Channels whose levels move together are one
source (dual mono, a backup at lower gain, a coincident pair); channels that take turns are distinct
microphones. Runs in the speech worker: it needs numpy and the voice detector.
"""

import dataclasses
import enum
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from app.core.post.signals import FRAME, QUIET, is_ltc, is_tone, levels
from app.core.post.speech_audio import SAMPLE_RATE, SpeechAudio

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Samples = npt.NDArray[np.float32]
    Levels = npt.NDArray[np.float32]

Span = tuple[int, int]
FindSpeech = Callable[["Samples"], list[Span]]
"""The voice detector: samples -> spans of speech in samples."""

_SILENT = -65
"""dB: a channel whose loudest 100 ms stay below is silent (the noise of a good preamp is lower)."""
_WINDOW = SAMPLE_RATE // 2
_WINDOWS = 60
"""Short looks at a channel to tell LTC and tone from everything else."""
_MOSTLY = 0.8
_BLOCK = 600 * SAMPLE_RATE
"""Samples in memory at a time."""
_CLIPPED_SHARE = 0.0001
_SAME_SPREAD = 6.0
"""dB: the level difference of one source on two channels stays within this, from 10 % to 90 %."""
_OVERHEARD = 8
"""dB: bleed of a microphone is at least so much fainter than what it bleeds from."""
_LOUD_PART = 10
"""dB below its loudest: what counts as the loud parts of an utterance."""
_ECHO_SPREAD = 8.0
"""dB: within one utterance bleed follows its source this closely; two people at once do not."""
_SPEECH_LEVEL = -20.0
_MOST_GAIN = 30.0


class ChannelKind(enum.Enum):
    """What a channel carries."""

    SILENT = "silent"
    LTC = "ltc"
    TONE = "tone"
    NOISE = "noise"
    SPEECH = "speech"


@dataclasses.dataclass(frozen=True, slots=True)
class Utterance:
    """A stretch of speech between pauses."""

    start: int
    end: int
    heard_from: tuple[int, ...] = ()
    """Channels it was only overheard from: much louder there, and rising and falling with it."""


@dataclasses.dataclass(frozen=True, slots=True)
class HeardChannel:
    """One channel, classified."""

    kind: ChannelKind
    level: int
    """dB of its speech, or of its loudest parts where there is none."""
    clipped: bool
    source: int
    """The first channel that carries the same source; its own number where it is distinct."""
    utterances: tuple[Utterance, ...]


def hear(audio: SpeechAudio, find_speech: FindSpeech) -> tuple[HeardChannel, ...]:
    """Classifies every channel of a file."""
    rough = [_classify(audio, channel, find_speech) for channel in range(audio.channels)]
    sources = _sources(rough)
    return tuple(
        HeardChannel(
            kind=each.kind,
            level=each.level,
            clipped=each.clipped,
            source=source,
            utterances=tuple(
                Utterance(start, end, tuple(_louder_elsewhere(number, (start, end), rough)))
                for start, end in each.spans
            ),
        )
        for number, (each, source) in enumerate(zip(rough, sources, strict=True))
    )


@dataclasses.dataclass(slots=True)
class _Rough:
    kind: ChannelKind
    level: int
    clipped: bool
    levels: "Levels"
    spans: list[Span]


def _classify(audio: SpeechAudio, channel: int, find_speech: FindSpeech) -> _Rough:
    import numpy as np

    blocks = range(0, audio.samples, _BLOCK)
    track = [levels(audio.block(channel, start, start + _BLOCK)) for start in blocks]
    measured = np.concatenate(track) if track else np.zeros(0, np.float32)
    loudest = round(float(np.max(measured, initial=QUIET)))
    rough = _Rough(ChannelKind.SILENT, loudest, clipped=False, levels=measured, spans=[])
    if loudest < _SILENT:
        return rough
    steady = _steady_signal(audio, channel, measured)
    rough.kind = steady or ChannelKind.NOISE
    if steady is not ChannelKind.LTC:
        # A minute of line-up tone may stand before the words, so a tone does not end the search.
        _find_speech(audio, channel, rough, find_speech)
    return rough


def _find_speech(audio: SpeechAudio, channel: int, rough: _Rough, find_speech: FindSpeech) -> None:
    import numpy as np

    gain = np.float32(10 ** (min(max(0.0, _SPEECH_LEVEL - rough.level), _MOST_GAIN) / 20))
    over = 0
    for start in range(0, audio.samples, _BLOCK):
        samples = audio.block(channel, start, start + _BLOCK)
        over += int(np.count_nonzero(np.abs(samples) > 0.999))
        found = find_speech(samples * gain)
        _join(rough.spans, [(start + begin, start + end) for begin, end in found])
    rough.clipped = over > _CLIPPED_SHARE * audio.samples
    if rough.spans:
        rough.kind = ChannelKind.SPEECH
        rough.level = round(float(np.percentile(_active(rough.levels, rough.spans), 80)))


def _steady_signal(audio: SpeechAudio, channel: int, measured: "Levels") -> ChannelKind | None:
    """LTC or tone, where nearly every look at the sounding parts says so."""
    import numpy as np

    sounding = np.flatnonzero(measured > max(_SILENT, float(np.max(measured)) - 30)) * FRAME
    step = max(1, len(sounding) // _WINDOWS)
    seen = {ChannelKind.LTC: 0, ChannelKind.TONE: 0}
    looks = 0
    for start in sounding[::step]:
        window = audio.block(channel, int(start), int(start) + _WINDOW)
        if len(window) < _WINDOW // 4:
            continue
        looks += 1
        if is_ltc(window):
            seen[ChannelKind.LTC] += 1
        elif is_tone(window):
            seen[ChannelKind.TONE] += 1
    return next((kind for kind, count in seen.items() if looks and count > _MOSTLY * looks), None)


def _join(spans: list[Span], more: list[Span]) -> None:
    """Appends spans; one that goes on where the block before it ended is joined."""
    for start, end in more:
        if spans and start % _BLOCK == 0 and start - spans[-1][1] < FRAME:
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))


def _active(measured: "Levels", spans: list[Span]) -> "Levels":
    import numpy as np

    return np.concatenate([measured[start // FRAME : -(-end // FRAME)] for start, end in spans])


def _louder_elsewhere(own: int, span: Span, rough: list[_Rough]) -> Iterator[int]:
    """Channels an utterance was only overheard from.

    Looks at the loud parts of the utterance on its own channel: where even these are faint against
    the other channel, all of it is bleed; where somebody also spoke into it, that part is louder.
    """
    import numpy as np

    frames = slice(span[0] // FRAME, -(-span[1] // FRAME))
    mine = rough[own].levels[frames]
    if not len(mine):
        return
    loud = mine >= np.max(mine) - _LOUD_PART
    for number, other in enumerate(rough):
        if number != own and other.kind is ChannelKind.SPEECH:
            low, high = np.percentile((other.levels[frames] - mine)[loud], (10, 90))
            if low >= _OVERHEARD and high - low < _ECHO_SPREAD:
                yield number


def _sources(rough: list[_Rough]) -> list[int]:
    """For each channel the first one that carries the same source."""
    sources = list(range(len(rough)))
    for second, right in enumerate(rough):
        for first, left in enumerate(rough[:second]):
            if sources[first] == first and _same_source(left, right):
                sources[second] = first
                break
    return sources


def _same_source(left: _Rough, right: _Rough) -> bool:
    """True where the level difference hardly moves while somebody speaks."""
    import numpy as np

    if ChannelKind.SPEECH not in (left.kind, right.kind):
        return False
    spoken = np.zeros(len(left.levels), np.bool_)
    for start, end in (*left.spans, *right.spans):
        spoken[start // FRAME : -(-end // FRAME)] = True
    # Pauses between words hold the room, not the voice: only the louder half tells.
    loud = np.maximum(left.levels, right.levels)
    spoken &= loud >= np.median(loud[spoken])
    difference = (left.levels - right.levels)[spoken]
    low, high = np.percentile(difference, (10, 90))
    return bool(high - low < _SAME_SPREAD)
