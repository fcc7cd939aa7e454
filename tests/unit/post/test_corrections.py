"""Corrections win, and survive a run that cuts and times the words anew."""

from hypothesis import given
from hypothesis import strategies as st

from app.core.model.entities import Segment, Word
from app.core.post.corrections import Correction, apply_corrections
from tests.support.lines import SECOND

HEARD = [
    "the",
    "tight",
    "comes",
    "in",
    "at",
    "sex",
    "nobody",
    "told",
    "me",
    "that",
    "the",
    "fairy",
    "was",
    "cancelled",
]
SAID = "The tide comes in at six."


def cut(words: list[str], edges: list[int], shift: int = 0) -> list[Segment]:
    """The words as segments that end at these word numbers, half a second each."""
    step = SECOND // 2
    segments: list[Segment] = []
    for first, last in zip([0, *edges], [*edges, len(words)], strict=True):
        part = tuple(
            Word(shift + n * step, shift + (n + 1) * step, 800, words[n])
            for n in range(first, last)
        )
        if part:
            text = " ".join(word.text for word in part)
            segments.append(Segment(part[0].start, part[-1].end, text, "Boom", "en", part))
    return segments


def whole(segments: tuple[Segment, ...]) -> str:
    return " ".join(each.text for each in segments)


FIX = Correction(0, 3 * SECOND, "the tight comes in at sex", SAID, None)


def test_without_corrections_nothing_changes() -> None:
    heard = cut(HEARD, [6])
    assert apply_corrections(heard, []) == tuple(heard)


def test_a_correction_replaces_its_segment_and_keeps_word_times() -> None:
    first, second = apply_corrections(cut(HEARD, [6]), [FIX])
    assert (first.text, first.corrected, first.speaker) == (SAID, True, "Boom")
    assert second.text == "nobody told me that the fairy was cancelled"
    assert not second.corrected
    assert [(word.text, word.start) for word in first.words][2] == ("comes", SECOND)
    assert first.words[1] == Word(SECOND // 2, SECOND, 1000, "tide")


def test_only_the_speaker_is_named() -> None:
    first, _ = apply_corrections(cut(HEARD, [6]), [Correction(0, 3 * SECOND, "", None, "Anna")])
    assert (first.text, first.speaker, first.corrected) == (
        "the tight comes in at sex",
        "Anna",
        True,
    )


def test_an_empty_text_removes_what_was_never_said() -> None:
    left = apply_corrections(cut(HEARD, [6]), [Correction(0, 3 * SECOND, FIX.was, "", None)])
    assert whole(left) == "nobody told me that the fairy was cancelled"


def test_a_later_correction_of_the_same_stretch_wins() -> None:
    second = Correction(0, 3 * SECOND, SAID, "The tide is out.", "Anna")
    first, *_ = apply_corrections(cut(HEARD, [6]), [FIX, second])
    assert (first.text, first.speaker) == ("The tide is out.", "Anna")


def test_it_survives_a_run_that_heard_nothing_there() -> None:
    heard = cut(["nobody", "told", "me", "that"], [], shift=10 * SECOND)
    first, second = apply_corrections(heard, [FIX])
    assert (first.text, first.start, first.end) == (SAID, 0, 3 * SECOND)
    assert [word.text for word in first.words] == SAID.split()
    assert second.text == "nobody told me that"


def test_it_survives_a_run_that_heard_something_else_entirely() -> None:
    heard = cut(["da", "tied", "cums", "inn", "add", "sick", "people", "toll", "me", "that"], [])
    assert whole(apply_corrections(heard, [FIX])) == f"{SAID} people toll me that"


def test_a_segment_without_word_times_can_be_corrected() -> None:
    bare = Segment(0, 3 * SECOND, FIX.was, None, "en", ())
    (only,) = apply_corrections([bare], [FIX])
    assert only.text == SAID


@given(
    st.lists(st.integers(1, len(HEARD) - 1), max_size=4, unique=True).map(sorted),
    st.integers(0, SECOND),
)
def test_it_survives_any_new_cut_and_drift(edges: list[int], shift: int) -> None:
    fixes = [
        FIX,
        Correction(
            5 * SECOND, 7 * SECOND, "the fairy was cancelled", "the ferry was cancelled.", "Ben"
        ),
    ]
    after = apply_corrections(cut(HEARD, edges, shift), fixes)
    assert whole(after) == f"{SAID} nobody told me that the ferry was cancelled."
    assert [each.start for each in after] == sorted(each.start for each in after)
    assert {each.speaker for each in after if each.text.endswith("cancelled.")} == {"Ben"}
