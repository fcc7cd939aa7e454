"""Takes in several files: by names and sizes first, by what the recorder wrote once that is known."""

import pytest

from app.core.model.media import ClipKind, MediaFacts
from tests.support.seen_files import assemble, only, outline, picture, seen, sound


def _clips(*files: tuple[str, int, MediaFacts | None]) -> list[list[str]]:
    return [list(plan.keys) for plan in assemble(seen(*file) for file in files)]


def test_equal_files_of_one_take_are_one_clip_at_once() -> None:
    plan = only(
        assemble([seen("Sr001-001-06_01.WAV", 1729494), seen("Sr001-001-06_02.WAV", 1729502)])
    )
    assert (plan.name, plan.kind) == ("Sr001-001-06", ClipKind.AUDIO)
    assert outline(plan) == [
        ("Sr001-001-06_01.WAV", "essence", 0),
        ("Sr001-001-06_02.WAV", "audio", 0),
    ]
    assert [part.channel for part in plan.parts] == [1, 2]


def test_one_time_reference_is_one_take_whatever_the_lengths() -> None:
    files = [
        ("s/T002_1.WAV", 400_000, sound(200_000, reference=1730400000)),
        ("s/T002_2.WAV", 500_000, sound(250_000, reference=1730400000)),
    ]
    assert _clips(*files) == [["s/T002_1.WAV", "s/T002_2.WAV"]]
    unread = [(path, size, None) for path, size, _ in files]
    assert _clips(*unread) == [["s/T002_1.WAV"], ["s/T002_2.WAV"]]
    half = [files[0], unread[1]]
    assert _clips(*half) == [["s/T002_1.WAV"], ["s/T002_2.WAV"]]


def test_another_time_reference_is_another_take() -> None:
    files = [(f"T002_{n}.WAV", 1000, sound(100, reference=48000 * n)) for n in (1, 2)]
    assert _clips(*files) == [["T002_1.WAV"], ["T002_2.WAV"]]


def test_a_file_set_binds_and_parts() -> None:
    bound = [(f"A_{n}.WAV", n, sound(n, channels=n, family="take 7")) for n in (1, 2)]
    assert _clips(*((p.replace("A_", "A1_"), s, f) for p, s, f in bound)) == [
        ["A1_1.WAV", "A1_2.WAV"]
    ]
    parted = [(f"A1_{n}.WAV", 1000, sound(100, family=f"take {n}")) for n in (1, 2)]
    assert len(_clips(*parted)) == 2


def test_where_the_recorder_wrote_neither_equal_length_tells() -> None:
    equal = [(f"T003_{n}.WAV", 1000, sound(480)) for n in (1, 2, 3)]
    assert len(_clips(*equal)) == 1
    other = [(f"T003_{n}.WAV", 1000, sound(480 + n)) for n in (1, 2)]
    assert len(_clips(*other)) == 2


def test_stereo_files_without_a_common_sign_are_takes_of_their_own() -> None:
    files = [(f"A101_{n}.WAV", 1000, sound(480, channels=2, reference=96000)) for n in (1, 2)]
    assert len(_clips(*files)) == 2


@pytest.mark.parametrize(
    ("names", "channels"),
    [
        (["ZOOM0001_Tr1.WAV", "ZOOM0001_Tr2.WAV", "ZOOM0001_TrLR.WAV"], [1, 2, 3]),
        (["TASCAM_0001S1.wav", "TASCAM_0001S2.wav"], [1, 2]),
        (["T002_0.WAV", "T002_1.WAV"], [1, 2]),
    ],
)
def test_recorders_count_their_tracks_in_their_own_way(
    names: list[str], channels: list[int]
) -> None:
    facts = [sound(480, reference=5, channels=2 if "LR" in name else 1) for name in names]
    plan = only(assemble(seen(n, 1000, f) for n, f in zip(names, facts, strict=True)))
    assert [part.channel for part in plan.parts] == channels


@pytest.mark.parametrize(
    "names",
    [
        ["loop_1.wav", "loop_2.wav"],
        ["interview_2.wav", "interview_3.wav"],
        ["T002_2.WAV", "T002_3.WAV"],
        ["mix.L.wav", "mix.R.wav"],
        ["T002_1.WAV", "T002_1.wav"],
        ["T002_1.mov", "T002_2.mov"],
    ],
)
def test_names_that_are_not_sure_wait_for_facts(names: list[str]) -> None:
    assert len(assemble(seen(name, 1000) for name in names)) == 2


def test_split_stereo_is_one_take_when_the_time_reference_says_so() -> None:
    files = [seen(f"mix.{side}.wav", 9, sound(480, reference=7)) for side in "LR"]
    assert [part.channel for part in only(assemble(files)).parts] == [1, 2]


def test_a_film_that_is_sound_alone_is_sound() -> None:
    heard = picture()
    facts = MediaFacts(kind=ClipKind.AUDIO, rate=heard.rate, frames=5, audio=heard.audio)
    assert only(assemble([seen("audio_only.mov", facts=facts)])).kind is ClipKind.AUDIO
