"""The whole way from speech audio to a transcript, with the real model."""

import difflib
from pathlib import Path

import pytest

from app.core.model.entities import Segment
from app.core.post.channels import ChannelKind
from app.core.post.models.store import Located
from app.core.post.speech_client import SpeechWorker
from app.core.post.transcribe import (
    SpeechOptions,
    SpeechSource,
    TranscriptResult,
    transcribe,
)
from tests.support import speech_factory as make

pytestmark = pytest.mark.speech


def never() -> bool:
    return False


class Listening:
    """A worker and a model, asked as the transcripts recipe asks."""

    def __init__(self, worker: SpeechWorker, model: Located) -> None:
        self.worker = worker
        self.identity = model.identity
        self.progress: list[tuple[int, int]] = []

    def to(
        self, path: Path | tuple[Path, ...], names: tuple[str | None, ...] = (), *, offset: int = 0,
        languages: tuple[str, ...] = (), glossary: tuple[str, ...] = (),
    ) -> TranscriptResult:  # fmt: skip
        return transcribe(
            SpeechSource((path,) if isinstance(path, Path) else path, names, offset),
            SpeechOptions(self.identity, languages, glossary),
            worker=self.worker,
            cancelled=never,
            progress=lambda done, total: self.progress.append((done, total)),
        )


@pytest.fixture
def listen(worker: SpeechWorker, base_model: Located) -> Listening:
    return Listening(worker, base_model)


def segments(result: TranscriptResult) -> tuple[Segment, ...]:
    return result.transcript.segments


def likeness(said: str, heard: str) -> float:
    """Share of words in common, in order."""
    return difflib.SequenceMatcher(None, make.words_of([said]), make.words_of([heard])).ratio()


def test_microphones_are_told_apart_and_bleed_is_kept_once(
    listen: Listening, tmp_path: Path
) -> None:
    first = "The tide comes in at six, and the harbour closes early tonight."
    answer = "Nobody told me that the ferry was cancelled."
    anna = make.in_a_row(make.silence(0.3), make.say(first), make.silence(4.5))
    ben = make.in_a_row(make.silence(4.8), make.say(answer, "en-gb+f3"), make.silence(1))
    seconds = min(len(anna), len(ben)) / make.RATE
    room = [make.noise(seconds, 0.0005, seed) for seed in range(3)]
    channels = (
        make.mixed((0.5, make.later(anna, 0.005)), (0.45, make.later(ben, 0.004)), (1, room[0])),
        make.mixed((1, anna), (0.06, make.later(ben, 0.006)), (1, room[1])),
        make.mixed((0.05, make.later(anna, 0.006)), (1.2, ben), (1, room[2])),
        make.ltc(seconds + 1),
    )
    paths = tuple(
        make.write_wav(tmp_path / f"speech-{n:02d}.wav", each) for n, each in enumerate(channels)
    )
    result = listen.to(paths, ("Boom", "Lav Anna", "Lav Ben", "TC"), languages=("en",))
    assert [each.kind for each in result.channels] == [*([ChannelKind.SPEECH] * 3), ChannelKind.LTC]
    heard = segments(result)
    assert [each.speaker for each in heard] == ["Lav Anna", "Lav Ben"]
    assert likeness(first, heard[0].text) > 0.7
    assert likeness(answer, heard[1].text) > 0.7
    assert heard[1].start == pytest.approx(4.8 * make.RATE, abs=0.5 * make.RATE)
    for each in heard:
        assert each.words[0].start == each.start
        assert all(0 <= word.permille <= 1000 for word in each.words)
    done, total = listen.progress[-1]
    assert done == total > 0


def test_every_utterance_is_heard_in_its_own_language(listen: Listening, tmp_path: Path) -> None:
    path = make.write_wav(
        tmp_path / "two.wav",
        make.in_a_row(
            make.silence(0.2),
            make.say("Buongiorno a tutti, oggi giriamo la scena del mercato.", "it+f3", 120),
            make.silence(1.2),
            make.say("All right everybody, quiet on the set please, and roll camera."),
            make.silence(0.3),
        ),
    )
    heard = segments(listen.to(path, offset=make.RATE))
    assert [each.language for each in heard] == ["it", "en"]
    assert {each.speaker for each in heard} == {None}
    assert heard[0].text.startswith("Buongiorno a tutti")
    assert (
        likeness("All right everybody quiet on the set please and roll camera", heard[1].text) > 0.8
    )
    assert heard[0].start >= make.RATE


def test_the_glossary_helps_to_hear_names(listen: Listening, tmp_path: Path) -> None:
    said = make.say("We meet Kaczmarek at the Brannigan hotel in Zurich.")
    path = make.write_wav(tmp_path / "names.wav", make.in_a_row(make.silence(0.2), said))
    terms = ("Kaczmarek", "Brannigan", "Zürich")
    (heard,) = segments(listen.to(path, languages=("en",), glossary=terms))
    assert all(term in heard.text for term in terms)


def test_silence_noise_tone_and_ltc_are_no_speech(listen: Listening, tmp_path: Path) -> None:
    parts = (make.silence(3), make.noise(3, 0.05), make.tone(3), make.ltc(3))
    result = listen.to(make.write_wav(tmp_path / "none.wav", *parts))
    kinds = [each.kind for each in result.channels]
    assert kinds == [ChannelKind.SILENT, ChannelKind.NOISE, ChannelKind.TONE, ChannelKind.LTC]
    assert segments(result) == ()
    assert result.language == ""
    assert segments(listen.to(())) == ()
    assert result.facts["channels"] == ["silent", "noise", "tone", "ltc"]


@pytest.mark.footage
def test_a_known_speech_is_found_word_for_word(
    listen: Listening, footage: Path, tmp_path: Path
) -> None:
    path = make.to_speech_wav(footage / "speech" / "jfk.flac", tmp_path / "jfk.wav")
    result = listen.to(path)
    text = " ".join(each.text for each in segments(result))
    assert "ask not what your country can do for you" in text
    assert result.language == "en"
    assert {each.source for each in result.channels} == {0}


@pytest.mark.footage
def test_a_speaker_on_each_side_and_french(
    listen: Listening, footage: Path, tmp_path: Path
) -> None:
    sides = make.to_speech_wav(footage / "speech" / "stereo_diarization.wav", tmp_path / "two.wav")
    by_side = {each.speaker: each.text for each in segments(listen.to(sides))}
    assert by_side == {
        "Left": "He began a confused complaint against the wizard, who had vanished behind the curtain on the left.",
        "Right": "The horizon seems extremely distant.",
    }
    french = make.to_speech_wav(footage / "speech" / "whisper-french.mp3", tmp_path / "fr.wav")
    result = listen.to(french)
    assert result.language == "fr"
    assert segments(result)[0].text.startswith(
        "Bienvenue dans Passerelle, un podcast pensé pour éveiller la curiosité"
    )
