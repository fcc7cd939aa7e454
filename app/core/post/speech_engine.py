"""The speech model and the voice detector, inside the worker process.

The only code that touches faster-whisper. Decoding never looks back at earlier text (a wrong guess
would feed on itself), the voice detector has run before, and chunks carry their own map back to
clip time, so that cutting pauses out does not shift a word.
"""

import dataclasses
import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from app.core.post.channels import Span
from app.core.post.signals import QUIET
from app.core.post.speech_audio import SAMPLE_RATE, SpeechAudio

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Samples = npt.NDArray[np.float32]

_TEMPERATURES = (0.0, 0.2, 0.4, 0.6)
"""Above nought the model draws lots: what is unlikely is tried again with ever more of them."""
_SEED = 1
_MEL_HOP = 160
_GLANCE = (300, 1000)
"""Mel frames (3 s to 10 s) one utterance's language is heard from; less is padded."""
_WINDOW = 3000
"""Mel frames (30 s) the model was trained on."""
_TICK = SAMPLE_RATE // 100
"""Whisper's word times are hundredths of a second."""


class _Word(Protocol):
    start: float
    end: float
    word: str
    probability: float


class _Segment(Protocol):
    words: Sequence[_Word] | None
    avg_logprob: float
    no_speech_prob: float
    compression_ratio: float


class _Core(Protocol):
    is_multilingual: bool

    def detect_language(self, _encoded: object, /) -> list[list[tuple[str, float]]]: ...


class _Whisper(Protocol):
    model: _Core
    generate_with_fallback: Callable[..., tuple[object, float, float, float]]
    """Tries a window with ever higher temperatures; its third result is the last one tried."""

    def feature_extractor(self, samples: "Samples") -> "Samples": ...
    def encode(self, features: "Samples") -> object: ...
    def transcribe(
        self, audio: "Samples", **options: object
    ) -> tuple[Iterable[_Segment], object]: ...


@dataclasses.dataclass(frozen=True, slots=True)
class SpokenWord:
    """One word as the model gave it. Times in samples of the clip."""

    start: int
    end: int
    permille: int
    text: str
    """With the space before it, as languages with spaces have it."""
    levels: tuple[int, ...]
    """dB on each channel while it was spoken."""


@dataclasses.dataclass(frozen=True, slots=True)
class Passage:
    """What the model took for one segment, and how sure it was."""

    words: tuple[SpokenWord, ...]
    logprob: int
    """Mean log probability of its tokens, thousandths."""
    silence: int
    """Probability that nothing was said at all, permille."""
    ratio: int
    """How well its text compresses, percent: above 240 it repeats itself."""


@dataclasses.dataclass(frozen=True, slots=True)
class Chunk:
    """Pieces of one channel that are decoded together."""

    channel: int
    pieces: tuple[Span, ...]
    language: str
    hint: str
    """Words that may come up, for the decoder."""
    beam: int


class SpeechEngine:
    """A loaded model. Not thread-safe: one worker, one engine."""

    def __init__(self, folder: Path, threads: int) -> None:
        """Loads the model: half a second to several, and its size in memory."""
        self._folder, self._threads = folder, threads
        self._drew_lots = False
        self._model = self._loaded()

    def _loaded(self) -> _Whisper:
        os.environ["HF_HUB_OFFLINE"] = "1"
        from faster_whisper import WhisperModel
        from faster_whisper.transcribe import ctranslate2

        ctranslate2.set_random_seed(_SEED)  # pyright: ignore[reportUnknownMemberType] - a builtin
        model = cast(
            "_Whisper",
            WhisperModel(
                str(self._folder),
                device="cpu",
                compute_type="int8",
                cpu_threads=self._threads,
                num_workers=1,
                local_files_only=True,
            ),
        )
        plain = model.generate_with_fallback

        def watched(*asked: object) -> tuple[object, float, float, float]:
            answer = plain(*asked)
            self._drew_lots = self._drew_lots or answer[2] > 0
            return answer

        model.generate_with_fallback = watched
        return model

    @property
    def multilingual(self) -> bool:
        """False for a model that knows English only."""
        return self._model.model.is_multilingual

    def language(
        self,
        audio: SpeechAudio,
        channel: int,
        spans: Sequence[Span],
        allowed: Sequence[str],
        *,
        thorough: bool,
    ) -> tuple[str, int]:
        """The language some utterances are in, taken together, and how sure that is, permille.

        A glance hears 3 to 10 s: the encoder's cost grows faster than the length, and what a language
        is shows in a second or two. A thorough look fills the model's window.

        Args:
            audio: the file.
            channel: which channel.
            spans: samples of the utterances.
            allowed: only these languages are considered; empty for all.
            thorough: twenty times dearer, and better with a few short words.
        """
        import numpy as np

        least, most = (_WINDOW, _WINDOW) if thorough else _GLANCE
        pieces = [audio.block(channel, start, end) for start, end in spans]
        features = self._model.feature_extractor(np.concatenate(pieces)[: most * _MEL_HOP])[
            :, :most
        ]
        missing = max(0, least - features.shape[-1])
        heard = np.ascontiguousarray(np.pad(features, ((0, 0), (0, missing))))
        found = self._model.model.detect_language(self._model.encode(heard))[0]
        ranked = [(token.strip("<|>"), chance) for token, chance in found]
        likely = [each for each in ranked if not allowed or each[0] in allowed] or ranked
        total = sum(chance for _, chance in likely)
        code, chance = likely[0]
        return code, round(1000 * chance / total) if total else 0

    def decode(self, audio: SpeechAudio, chunk: Chunk) -> list[Passage]:
        """The words of a chunk, in clip time: the same for the same chunk, whatever was decoded before."""
        import numpy as np

        if self._drew_lots:
            # The lots go on from where they were, and only a model loaded anew begins with the seed.
            self._model, self._drew_lots = self._loaded(), False

        pieces = [audio.block(chunk.channel, start, end) for start, end in chunk.pieces]
        segments, _ = self._model.transcribe(
            np.concatenate(pieces),
            language=chunk.language if self.multilingual else "en",
            beam_size=chunk.beam,
            temperature=list(_TEMPERATURES),
            condition_on_previous_text=False,
            word_timestamps=True,
            hotwords=chunk.hint or None,
        )
        clock = _ChunkClock(chunk.pieces)
        return [_passage(audio, clock, segment) for segment in segments if segment.words]


class _ChunkClock:
    """The way back from a chunk's time to the clip's."""

    def __init__(self, pieces: Sequence[Span]) -> None:
        self._pieces = list(pieces)
        self._starts: list[int] = []
        total = 0
        for start, end in pieces:
            self._starts.append(total)
            total += end - start

    def clip_span(self, start: int, end: int) -> Span:
        """Where a word of the chunk lies in the clip: inside the piece that holds its middle."""
        middle = (start + end) // 2
        index = max((n for n, begin in enumerate(self._starts) if begin <= middle), default=0)
        first, last = self._pieces[index]
        shift = first - self._starts[index]
        begin = min(max(first, start + shift), last)
        return begin, min(max(begin, end + shift), last)


def _passage(audio: SpeechAudio, clock: _ChunkClock, segment: _Segment) -> Passage:
    words: list[SpokenWord] = []
    for word in segment.words or ():
        start, end = clock.clip_span(round(word.start * 100) * _TICK, round(word.end * 100) * _TICK)
        loud = tuple(_level(audio, channel, start, end) for channel in range(audio.channels))
        words.append(SpokenWord(start, end, round(1000 * word.probability), word.word, loud))
    return Passage(
        words=tuple(words),
        logprob=round(1000 * segment.avg_logprob),
        silence=round(1000 * segment.no_speech_prob),
        ratio=round(100 * segment.compression_ratio),
    )


def _level(audio: SpeechAudio, channel: int, start: int, end: int) -> int:
    """RMS of a word on a channel in dB; a word of no length is listened to for a moment."""
    import numpy as np

    samples = audio.block(channel, start, max(end, start + 10 * _TICK))
    power = float(np.mean(np.square(samples))) if len(samples) else 0.0
    return max(QUIET, round(10 * float(np.log10(power + 1e-12))))


def find_speech(samples: "Samples") -> list[Span]:
    """Spans of speech by the voice detector that comes with faster-whisper.

    Pauses of half a second part utterances; no utterance is longer than the model's window.
    """
    from faster_whisper.vad import (
        VadOptions,
        get_speech_timestamps,  # pyright: ignore[reportUnknownVariableType] - its keywords are untyped
    )

    options = VadOptions(
        threshold=0.5,
        min_speech_duration_ms=100,
        max_speech_duration_s=28,
        min_silence_duration_ms=500,
        speech_pad_ms=200,
    )
    found = cast("list[dict[str, int]]", get_speech_timestamps(samples, options))
    return [(each["start"], each["end"]) for each in found]
