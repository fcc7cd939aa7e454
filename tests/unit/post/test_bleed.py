"""Several microphones, one conversation."""

from app.core.post.bleed import without_bleed
from tests.support.lines import line

BOOM, ANNA, BEN = 0, 1, 2
ANNA_SPEAKS = (-24, -18, -42)
BEN_SPEAKS = (-24, -40, -19)


def heard(channel: int, text: str, start: float, levels: tuple[int, ...]):
    return line(text, start, channel=channel, levels=levels)


def texts(lines) -> list[tuple[int, str]]:
    return [(each.channel, each.text) for each in lines]


def test_what_all_heard_is_kept_from_the_speakers_own_microphone() -> None:
    lines = [
        heard(BOOM, "The tide comes in at six.", 0.05, ANNA_SPEAKS),
        heard(ANNA, "The tide comes in at six.", 0.0, ANNA_SPEAKS),
        heard(BEN, "The tight comes in a six.", 0.1, ANNA_SPEAKS),
        heard(BOOM, "Nobody told me that.", 4.05, BEN_SPEAKS),
        heard(ANNA, "No body told me that.", 4.1, BEN_SPEAKS),
        heard(BEN, "Nobody told me that.", 4.0, BEN_SPEAKS),
    ]
    assert texts(without_bleed(lines, {})) == [
        (ANNA, "The tide comes in at six."),
        (BEN, "Nobody told me that."),
    ]


def test_two_who_speak_at_once_are_both_kept() -> None:
    lines = [
        line("The horizon seems extremely distant.", 0.2, channel=1, levels=(-27, -22)),
        line(
            "He began a confused complaint against the wizard.", 0.1, channel=0, levels=(-27, -23)
        ),
    ]
    assert {each.channel for each in without_bleed(lines, {})} == {0, 1}


def test_somebodys_own_microphone_wins_where_levels_are_close() -> None:
    lines = [
        line("Roll camera please.", 0, channel=0, levels=(-18, -20)),
        line("Roll camera please.", 0, channel=1, levels=(-18, -20)),
    ]
    assert texts(without_bleed(lines, {})) == [(0, "Roll camera please.")]
    assert texts(without_bleed(lines, {1: 6})) == [(1, "Roll camera please.")]


def test_what_only_the_boom_understood_stays() -> None:
    lines = [
        heard(ANNA, "Where is the boat?", 0, ANNA_SPEAKS),
        heard(
            BOOM, "Where is the boat? Behind the pier, you fool, as ever it was.", 0, ANNA_SPEAKS
        ),
    ]
    assert texts(without_bleed(lines, {})) == [
        (ANNA, "Where is the boat?"),
        (BOOM, "Behind the pier, you fool, as ever it was."),
    ]


def test_a_passage_overheard_within_ones_own_speech_leaves() -> None:
    own = line("I will wait for you at the harbour then", 0, channel=ANNA, levels=ANNA_SPEAKS)
    overheard = line("nobody told me", 3.6, channel=ANNA, levels=BEN_SPEAKS)
    both = type(own)(ANNA, "en", own.words + overheard.words, -200, 50, 130)
    lines = [both, heard(BEN, "nobody told me", 3.6, BEN_SPEAKS)]
    assert texts(without_bleed(lines, {})) == [
        (ANNA, "I will wait for you at the harbour then"),
        (BEN, "nobody told me"),
    ]


def test_the_same_word_by_chance_stays() -> None:
    lines = [
        line("the boat leaves tomorrow", 0, channel=0, levels=(-20, -21)),
        line("under the bridge somebody waits", 0, channel=1, levels=(-20, -21)),
    ]
    assert len(without_bleed(lines, {})) == 2
    assert sum(len(each.words) for each in without_bleed(lines, {})) == 9


def test_bleed_that_was_misheard_is_known_by_its_steady_distance() -> None:
    misheard = heard(ANNA, "No moth it old me prepare", 0.1, BEN_SPEAKS)
    assert texts(
        without_bleed([misheard, heard(BEN, "Nobody told me that either", 0, BEN_SPEAKS)], {})
    ) == [(BEN, "Nobody told me that either")]


def test_somebody_quiet_on_an_isolated_microphone_is_no_bleed() -> None:
    words = [
        line(word, n * 0.4, channel=0, levels=(-30, level)).words[0]
        for n, (word, level) in enumerate(
            zip(
                ["he", "speaks", "very", "softly", "indeed"], (-60, -18, -24, -55, -20), strict=True
            )
        )
    ]
    quiet = type(line("x"))(0, "en", tuple(words), -200, 50, 130)
    loud = line("and she shouts all the time", 0, channel=1, levels=(-60, -18))
    assert len(without_bleed([quiet, loud], {})) == 2
