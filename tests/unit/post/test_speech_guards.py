"""What a model makes up is dropped or flagged; what people say stays."""

import pytest

from app.core.post.guards import guard
from app.core.post.speech_lines import Line
from tests.support.lines import line

LEVEL = -20


def reasons(*lines: Line) -> list[str]:
    return [reason for reason, _ in guard(lines, LEVEL).dropped]


def test_ordinary_speech_passes_untouched() -> None:
    said = (line("The tide comes in at six."), line("Nobody told me.", 6))
    assert guard(said, LEVEL).lines == said


@pytest.mark.parametrize("text", ["Thanks for watching!", "Merci.", "Subtitles by the team", "you"])
def test_boilerplate_is_dropped_where_little_speaks_for_it(text: str) -> None:
    assert reasons(line(text, silence=700)) == ["credits"]
    assert reasons(line(text, levels=(-45,))) == ["credits"]
    assert reasons(line(text, permille=300)) == ["credits"]
    assert reasons(line(text)) == []


def test_credits_nobody_says_are_always_dropped() -> None:
    assert reasons(line("Subtitles by the Amara.org community")) == ["credits"]


def test_silence_and_sounds_in_brackets_are_dropped() -> None:
    assert reasons(line("Hello there.", silence=800, logprob=-1200)) == ["silence"]
    assert reasons(line("[Music]"), line("♪ ♪"), line("...")) == ["no words"] * 3


def test_a_loop_is_cut_to_one_round_and_flagged() -> None:
    looped = line("I will go now " + "and then " * 12, ratio=300, logprob=-900)
    (kept,) = guard([looped], LEVEL).lines
    assert kept.text == "I will go now and then"
    assert "repetition" in kept.flags


def test_somebody_who_repeats_himself_is_believed() -> None:
    said = line("no no no no no", ratio=150)
    assert guard([said], LEVEL).lines == (said,)


def test_the_same_weak_line_again_and_again_is_dropped() -> None:
    lines = [line("I'm sorry about that", n * 5, logprob=-800) for n in range(4)]
    result = guard(lines, LEVEL)
    assert len(result.lines) == 2
    assert [reason for reason, _ in result.dropped] == ["repetition"] * 2


def test_hopeless_repetition_is_dropped() -> None:
    assert reasons(line("la " * 30, ratio=900, logprob=-1500)) == ["repetition"]


def test_doubtful_lines_are_kept_and_flagged() -> None:
    (unsure,) = guard([line("Mujumatu nuda", permille=300)], LEVEL).lines
    assert unsure.flags == ("unsure",)
    (fast,) = guard([line("many words in no time at all", pace=0.02)], LEVEL).lines
    assert "too fast" in fast.flags
