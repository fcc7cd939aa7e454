"""Longitudinal timecode read from made sound: clean, spoilt, and sound that is none."""

from fractions import Fraction

import pytest

from app.core.media import ltc
from app.core.model.timecode import Timebase
from tests.support import speech_factory as make
from tests.support.ltc_factory import ltc as code

NTSC = Fraction(30000, 1001)
FILM = Fraction(24000, 1001)
FORMS = [
    (Fraction(24), "10:00:59:20", "24/1"),
    (FILM, "10:00:59:20", "24000/1001"),
    (Fraction(25), "23:59:59:10", "25/1"),
    (NTSC, "00:00:59;20", "30000/1001"),
    (NTSC, "00:00:59:20", "30000/1001"),
    (Fraction(30), "09:59:59:12", "30/1"),
]


def start(samples, sample_rate: int, rate: Fraction | int) -> str | None:
    """The label of the first frame of a clip of this rate."""
    run = ltc.read(samples, sample_rate)
    found = run.start(Fraction(rate), "ltc") if run else None
    return Timebase(Fraction(rate), found.drop).label(found.frame) if found else None


@pytest.mark.parametrize("sample_rate", [16_000, 44_100, 48_000, 96_000])
@pytest.mark.parametrize(("rate", "first", "told"), FORMS)
def test_every_rate_is_read(rate: Fraction, first: str, told: str, sample_rate: int) -> None:
    sound = code(first, 1.2, rate, sample_rate=sample_rate)
    run = ltc.read(sound, sample_rate)
    assert run is not None
    assert f"{run.rate.numerator}/{run.rate.denominator}" == told
    assert run.drop is (";" in first)
    assert run.words >= 1.2 * rate - 3
    assert start(sound, sample_rate, rate) == first


@pytest.mark.parametrize("begins", [-0.39, -0.021, -0.019, -0.001, 0.019, 0.021, 0.8, 1.23])
def test_the_label_is_placed_on_the_first_sample(begins: float) -> None:
    sound = code("10:00:00:20", 2, 25, begins=begins)
    wanted = Timebase(Fraction(25)).frame("10:00:00:20") - round(begins * 25)
    assert start(sound, 48_000, 25) == Timebase(Fraction(25)).label(wanted)


def test_words_begin_at_their_first_edge() -> None:
    first, second, *_ = ltc.words(code("01:00:00:00", 1, 25, begins=0.1), 48_000)
    assert (first.label, second.label) == ("01:00:00:00", "01:00:00:01")
    assert abs(first.start - 4800) <= 2
    assert abs(second.start - (4800 + 1920)) <= 2
    assert first.end == second.start


def test_a_clip_may_have_more_frames_than_labels() -> None:
    assert start(code("10:00:00:05", 2, 25, begins=0.02), 48_000, 50) == "10:00:00:09"
    assert start(code("10:00:00:05", 2, 25, begins=0.04), 48_000, 50) == "10:00:00:08"
    sound = code("10:00:00;05", 2, NTSC)
    assert start(sound, 48_000, Fraction(60000, 1001)) == "10:00:00;10"


def test_film_rate_labels_on_a_track_of_whole_ones() -> None:
    """A box at 24 beside a camera at 23.976: the label where the sound starts is right."""
    assert start(code("10:00:00:05", 2, 24), 48_000, FILM) == "10:00:00:05"


def test_polarity_level_offset_hum_and_user_bits_do_not_matter() -> None:
    import numpy as np

    plain = code("10:00:00:05", 1, 25, user=0b1010)
    hum = 0.1 * np.sin(2 * np.pi * 50 * np.arange(len(plain)) / 48_000)
    fading = plain * np.linspace(1, 0.05, len(plain))
    for sound in (plain, -plain, 0.5 * plain, 0.02 * plain, plain + 0.2, plain + hum, fading):
        assert start(sound, 48_000, 25) == "10:00:00:05"
    clipped = np.clip(20 * plain, -1, 1)
    assert start(clipped, 48_000, 25) == "10:00:00:05"


@pytest.mark.parametrize("sample_rate", [16_000, 48_000])
def test_noise_beside_it_is_heard_through(sample_rate: int) -> None:
    """Ten decibels below it, as from a cable that is half off."""
    plain = code("10:00:00:05", 2, 25, sample_rate=sample_rate)
    noise = make.noise(2 * sample_rate / make.RATE, 0.09)
    run = ltc.read(plain + noise[: len(plain)], sample_rate)
    assert run is not None
    assert run.words > 40
    assert start(plain + noise[: len(plain)], sample_rate, 25) == "10:00:00:05"


@pytest.mark.parametrize("speed", [0.985, 0.9995, 1.0005, 1.015])
def test_a_track_that_runs_fast_or_slow_is_read(speed: float) -> None:
    """As from a tape, or from a box whose clock drifts."""
    sound = code("10:00:00:05", 1, 25, sample_rate=round(48_000 * speed))
    assert start(sound, 48_000, 25) == "10:00:00:05"


def test_the_day_ends_at_midnight() -> None:
    run = ltc.read(code("00:00:00:00", 1, 25, begins=0.2), 48_000)
    found = run.start(Fraction(25), "ltc") if run else None
    assert found is not None
    assert found.frame == 24 * 3600 * 25 - 5


def test_the_drop_frame_bit_counts_at_thirty_labels_only() -> None:
    run = ltc.read(code("10:00:59:20", 1, 25, flag=True), 48_000)
    assert run is not None
    assert (run.drop, run.words > 20) == (False, True)


def test_a_run_ends_where_the_box_pauses_or_changes() -> None:
    halves = code("10:00:00:00", 0.8, 25), code("10:00:00:20", 0.4, 25)
    paused = ltc.read(make.in_a_row(halves[0], 0 * halves[1], halves[1]), 48_000)
    assert paused is not None
    assert 16 <= paused.words <= 20
    drop, plain = code("10:00:10;00", 0.8008, NTSC), code("10:00:10:24", 0.4, NTSC)
    switched = ltc.read(make.in_a_row(drop, plain), 48_000)
    assert switched is not None
    assert 16 <= switched.words <= 24


def test_dropouts_and_breaks_leave_the_longest_run() -> None:
    sound = code("10:00:00:00", 2, 25)
    sound[int(0.51 * 48_000) : int(0.55 * 48_000)] = 0
    run = ltc.read(sound, 48_000)
    assert run is not None
    assert run.label == "10:00:00:14"
    assert start(sound, 48_000, 25) == "10:00:00:00"
    jammed = make.in_a_row(code("00:00:01:00", 0.48, 25), code("10:00:00:00", 2, 25))
    assert start(jammed, 48_000, 25) == "09:59:59:13"


def test_sound_that_breaks_off_early_is_none() -> None:
    assert start(code("10:00:00:00", 0.4, 25), 48_000, 25) == "10:00:00:00"
    for seconds in (0.15, 0.03, 0.01):
        assert ltc.read(code("10:00:00:00", seconds, 25), 48_000) is None
    assert ltc.read(make.silence(0), 48_000) is None


def test_other_sound_is_none() -> None:
    import numpy as np

    syllables = np.repeat(np.random.default_rng(3).uniform(0.02, 1, 30), 1600)
    spoken = syllables * make.noise(3, 0.2)
    chord = make.mixed(*((0.3, make.tone(3, hertz)) for hertz in (220, 277, 330, 440)))
    beat = chord * np.abs(make.tone(3, 2, 1.0))
    square = np.sign(make.tone(3, 1000))
    others = (make.noise(3, 0.3), make.tone(3, 2000), make.tone(3, 1000), chord, beat, square)
    for sound in (*others, spoken, make.silence(3)):
        for rate in (16_000, 48_000):
            assert ltc.read(sound, rate) is None


def test_random_edges_are_none() -> None:
    """Half bits and whole bits in any order, which only looks like timecode."""
    import numpy as np

    chance = np.random.default_rng(7)
    steps = chance.choice([12, 24], 20_000)
    sound = 0.3 * np.where(np.repeat(np.arange(len(steps)) % 2, steps), 1.0, -1.0)
    assert ltc.read(sound, 48_000) is None


def test_a_box_that_stands_still_is_none() -> None:
    word = code("10:00:00:05", 0.04, 25)
    sound = make.in_a_row(*[word] * 50)
    assert len(ltc.words(sound, 48_000)) > 20
    assert ltc.read(sound, 48_000) is None
