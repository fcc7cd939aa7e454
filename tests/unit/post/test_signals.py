"""What a channel carries, told from made signals."""

import pytest

from app.core.post.channels import ChannelKind, hear
from app.core.post.signals import is_ltc, is_tone, levels
from app.core.post.speech_audio import open_speech
from tests.support import speech_factory as make


@pytest.mark.parametrize("fps", [24, 25, 30])
def test_ltc_is_known_by_its_edges(fps: int) -> None:
    code = make.ltc(0.5, fps)
    assert is_ltc(code)
    assert is_ltc(code + make.noise(0.5, 0.01)[: len(code)])
    assert not is_tone(code)


def test_other_signals_are_no_ltc() -> None:
    for other in (make.noise(0.5), make.tone(0.5), make.tone(0.5, 2400), make.silence(0.5)):
        assert not is_ltc(other)


def test_tones_are_tones_and_chords_and_noise_are_not() -> None:
    assert is_tone(make.tone(0.5))
    assert is_tone(make.tone(0.5, 440) + 0.001 * make.noise(0.5))
    assert not is_tone(make.mixed((1, make.tone(0.5, 440)), (1, make.tone(0.5, 660))))
    assert not is_tone(make.noise(0.5))
    assert not is_tone(make.silence(0.5))


def test_levels_are_decibels_below_full_scale() -> None:
    assert levels(make.silence(0.25)).tolist() == [-120, -120, -120]
    assert levels(make.tone(0.25, level=1.0)).round().tolist() == [-3, -3, -3]


def test_channels_are_classified(tmp_path) -> None:
    channels = (make.ltc(2.1), make.tone(2.1), make.noise(2.1), make.silence(2.1))
    path = make.write_wav(tmp_path / "a.wav", *channels)
    audio = open_speech([path])
    kinds = [each.kind for each in hear(audio, lambda _samples: [])]
    assert kinds == [ChannelKind.LTC, ChannelKind.TONE, ChannelKind.NOISE, ChannelKind.SILENT]


def loud_parts(samples) -> list[tuple[int, int]]:
    """Stands for the voice detector: what is loud is speech, pauses under half a second included."""
    loud = [n for n, level in enumerate(levels(samples)) if level > -45]
    spans: list[tuple[int, int]] = []
    for n in loud:
        if spans and n * 1600 - spans[-1][1] < 8000:
            spans[-1] = (spans[-1][0], (n + 1) * 1600)
        else:
            spans.append((n * 1600, (n + 1) * 1600))
    return spans


def voice(seed: int, seconds: float = 3):
    """Noise that rises and falls like syllables."""
    import numpy as np

    count = round(seconds * 10)
    swell = np.repeat(np.random.default_rng(seed).uniform(0.02, 1, count), 1600)
    return swell * make.noise(seconds, 0.2, seed)


def test_one_source_on_two_channels_is_one_source(tmp_path) -> None:
    said = voice(1)
    audio = open_speech([make.write_wav(tmp_path / "a.wav", said, 0.3 * said, voice(2))])
    assert [each.source for each in hear(audio, loud_parts)] == [0, 0, 2]


def test_a_microphone_that_only_overhears_says_from_where(tmp_path) -> None:
    anna = make.in_a_row(voice(1), make.silence(4))
    ben = make.in_a_row(make.silence(4), voice(2))
    one = make.write_wav(tmp_path / "1.wav", make.mixed((1, anna), (0.1, ben)))
    two = make.write_wav(tmp_path / "2.wav", make.mixed((0.1, anna), (1, ben)))
    audio = open_speech([one, two])
    first, second = hear(audio, loud_parts)
    assert (first.source, second.source) == (0, 1)
    assert [each.heard_from for each in first.utterances] == [(), (1,)]
    assert [each.heard_from for each in second.utterances] == [(0,), ()]


def test_words_after_line_up_tone_are_found(tmp_path) -> None:
    sound = make.in_a_row(make.tone(20), make.silence(1), voice(1))
    audio = open_speech([make.write_wav(tmp_path / "a.wav", sound)])
    (heard,) = hear(audio, lambda samples: [(21 * 16_000, len(samples))])
    assert heard.kind is ChannelKind.SPEECH
