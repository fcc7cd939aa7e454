"""Which microphones, in which language, in which bites; and how lines are cut."""

from hypothesis import given
from hypothesis import strategies as st

from app.core.post.channels import ChannelKind, HeardChannel, Utterance
from app.core.post.speech_lines import lines_of
from app.core.post.speech_plan import bites, doubtful, microphones, settle_languages
from tests.support.lines import SECOND, passage


def heard(
    source: int,
    level: int = -20,
    kind: ChannelKind = ChannelKind.SPEECH,
    clipped: bool = False,
    heard_from: tuple[int, ...] = (),
) -> HeardChannel:
    spoken = (Utterance(0, SECOND, heard_from),) if kind is ChannelKind.SPEECH else ()
    return HeardChannel(kind, level, clipped, source, spoken)


def chosen(channels: list[HeardChannel], names: tuple[str | None, ...] = ()) -> list[int]:
    return [each.channel for each in microphones(channels, names)]


def test_only_speech_is_transcribed() -> None:
    kinds = [ChannelKind.SILENT, ChannelKind.LTC, ChannelKind.TONE, ChannelKind.NOISE]
    channels = [heard(n, kind=kind) for n, kind in enumerate(kinds)]
    assert chosen(channels) == []
    assert chosen([*channels, heard(4)]) == [4]


def test_of_one_source_the_louder_unclipped_channel_is_taken() -> None:
    assert chosen([heard(0, -30), heard(0, -20)]) == [1]
    assert chosen([heard(0, -30), heard(0, -2, clipped=True)]) == [0]
    assert chosen([heard(0, -18), heard(0, -20)], ("Boom", "Lav Anna")) == [1]


def test_a_mix_is_used_only_where_there_is_nothing_else() -> None:
    names = ("MixL", "MixR", "Boom", "Lav 1")
    channels = [heard(0), heard(0), heard(2), heard(3)]
    assert chosen(channels, names) == [2, 3]
    assert chosen(channels[:2], names) == [0]


def test_what_was_only_overheard_is_left_to_the_other_microphone() -> None:
    channels = [heard(0), heard(1, heard_from=(0,))]
    first, second = microphones(channels, ())
    assert len(first.utterances) == 1
    assert second.utterances == ()


def test_an_unsure_utterance_takes_the_nearest_sure_language() -> None:
    spans = [(0, 4 * SECOND), (5 * SECOND, 5 * SECOND + 8000), (20 * SECOND, 24 * SECOND)]
    assert settle_languages(spans, [("en", 950), ("ja", 400), ("fr", 900)]) == ["en", "en", "fr"]
    assert settle_languages(spans, [("en", 300), ("ja", 900), ("fr", 400)]) is None
    assert doubtful(spans, [("en", 300), ("ja", 300), ("fr", 900)]) == [0]


def test_a_language_heard_once_in_an_hour_must_be_surer() -> None:
    spans = [(n * 10 * SECOND, (n * 10 + 9) * SECOND) for n in range(40)]
    heard_as = [("en", 950)] * 39 + [("cy", 700)]
    assert set(settle_languages(spans, heard_as) or ()) == {"en"}
    assert "cy" in (settle_languages(spans, [("en", 950)] * 39 + [("cy", 980)]) or ())


@given(
    st.lists(st.tuples(st.integers(1, 28 * SECOND), st.integers(0, 60 * SECOND)), max_size=30),
    st.data(),
)
def test_bites_hold_all_speech_once_and_fit_the_window(
    lengths: list[tuple[int, int]], data: st.DataObject
) -> None:
    spans: list[tuple[int, int]] = []
    at = 0
    for length, pause in lengths:
        spans.append((at, at + length))
        at += length + pause
    languages = [data.draw(st.sampled_from(["en", "fr"])) for _ in spans]
    packed = bites(3, spans, languages)
    for bite in packed:
        assert bite.length <= 300 * SECOND
        assert all(end > start for start, end in bite.pieces)
    pieces = [piece for bite in packed for piece in bite.pieces]
    assert pieces == sorted(pieces)
    for span, language in zip(spans, languages, strict=True):
        holders = [b for b in packed if any(s <= span[0] and span[1] <= e for s, e in b.pieces)]
        assert [b.language for b in holders] == [language]


def test_the_first_bite_is_short_and_a_short_rest_goes_with_the_one_before() -> None:
    def lengths(minutes: int) -> list[int]:
        spans = [(n * 30 * SECOND, (n * 30 + 20) * SECOND) for n in range(3 * minutes)]
        packed = bites(0, spans, ["en"] * len(spans))
        return [bite.length // SECOND for bite in packed]

    assert lengths(1) == [60]
    assert lengths(2) == [120]
    assert lengths(6) == [120, 240]
    assert lengths(13) == [120, 240, 240, 180]
    spans = [(n * 30 * SECOND, (n * 30 + 20) * SECOND) for n in range(7)]
    (whole,) = bites(0, spans, ["en"] * 7)
    assert whole.pieces == tuple(spans), "20 s are not worth a window of their own"
    assert len(bites(0, spans, [*["en"] * 6, "it"])) == 2


def test_lines_end_at_sentences_and_pauses() -> None:
    heard_words = passage(
        (0, 1, " The"), (1, 2, " tide"), (2, 3.2, " comes."), (3.3, 3.6, " Nobody"), (6, 6.5, " told"), (9, 9.4, " me."),
    )  # fmt: skip
    lines = lines_of([heard_words], 0, "en", 100 * SECOND)
    assert [each.text for each in lines] == ["The tide comes.", "Nobody", "told", "me."]


def test_words_without_a_space_belong_to_the_word_before() -> None:
    (line,) = lines_of(
        [passage((0, 0.5, " c"), (0.5, 1, "'est"), (1, 2, " vrai"))], 0, "fr", 100 * SECOND
    )
    assert [word.text for word in line.words] == ["c'est", "vrai"]
    (line,) = lines_of([passage((0, 0.5, "潮"), (0.5, 1, "が"))], 0, "ja", 100 * SECOND)
    assert line.text == "潮が"


@given(
    st.lists(
        st.tuples(st.integers(-5, 40), st.integers(-5, 40), st.sampled_from([" a", "b", " "])),
        max_size=30,
    )
)
def test_times_are_clamped_to_the_file_and_never_run_backwards(
    raw: list[tuple[int, int, str]],
) -> None:
    lines = lines_of([passage(*raw)], 0, "en", 20 * SECOND)
    starts = [word.start for each in lines for word in each.words]
    assert starts == sorted(starts)
    assert all(0 <= word.start <= word.end <= 20 * SECOND for each in lines for word in each.words)
