"""The glossary puts right what it should, and nothing else."""

from hypothesis import given
from hypothesis import strategies as st

from app.core.post.glossary import hint, put_right, sound
from tests.support.lines import line

TERMS = ("Kaczmarek", "Zürich", "Brannigan Hotel", "BBC")


def test_spelling_is_put_right_however_sure_the_model_was() -> None:
    right = put_right(line("zurich, and the bbc.", permille=990), TERMS)
    assert right.text == "Zürich, and the BBC."
    assert right.flags == ("glossary",)


def test_what_sounds_like_a_name_becomes_it_where_the_model_was_unsure() -> None:
    assert (
        put_right(line("Ask Katchmarek about it.", permille=600), TERMS).text
        == "Ask Kaczmarek about it."
    )
    assert (
        put_right(line("Ask catch marek about it.", permille=600), TERMS).text
        == "Ask Kaczmarek about it."
    )
    assert (
        put_right(line("the Branagan hotel tonight", permille=600), TERMS).text
        == "the Brannigan Hotel tonight"
    )


def test_a_sure_word_and_a_short_term_are_left_alone() -> None:
    assert (
        put_right(line("Ask Katchmarek about it.", permille=990), TERMS).text
        == "Ask Katchmarek about it."
    )
    assert put_right(line("the CBC", permille=300), TERMS).text == "the CBC"
    assert (
        put_right(line("much of the rich market", permille=300), TERMS).text
        == "much of the rich market"
    )


def test_one_term_is_not_taken_for_another() -> None:
    assert (
        put_right(line("Marine called", permille=400), ("Marina", "Marine")).text == "Marine called"
    )


def test_a_word_after_the_term_is_not_swallowed() -> None:
    assert put_right(line("zurich is far", permille=400), TERMS).text == "Zürich is far"


def test_a_term_of_two_words_covers_their_time() -> None:
    right = put_right(line("the brannigan hotel", 1.0), TERMS)
    assert [word.text for word in right.words] == ["the", "Brannigan Hotel"]
    assert right.end == line("the brannigan hotel", 1.0).end


def test_the_hint_keeps_whole_terms() -> None:
    text = hint([f"Name{n:04d}" for n in range(400)])
    assert len(text) <= 600
    assert text.split(", ")[-1] in {f"Name{n:04d}" for n in range(400)}
    assert hint([]) == ""


def test_what_is_often_confused_sounds_alike() -> None:
    assert sound("Kaczmarek") == sound("Katschmarek") == sound("catch marek")
    assert sound("Philipp") == sound("Filip")


@given(st.text(max_size=60), st.lists(st.text(max_size=12), max_size=4))
def test_any_glossary_leaves_times_in_order(text: str, terms: list[str]) -> None:
    if not text.split():
        return
    right = put_right(line(text, permille=500), terms)
    starts = [word.start for word in right.words]
    assert starts == sorted(starts)
    assert right.end == line(text).end
