"""The search box's language: what is a word, a phrase, a beginning, a narrowing; and nothing is an error."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.catalog.query_language import (
    FIELDS,
    LONGEST_WORD,
    MOST,
    Narrowing,
    Term,
    match_text,
    parse,
)


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("tide harbour", [Term("tide"), Term("harbour")]),
        ('"the tide" comes', [Term("the tide", phrase=True), Term("comes")]),
        ('"never closed', [Term("never closed", phrase=True)]),
        ("harb*", [Term("harb", prefix=True)]),
        ("tide -boat", [Term("tide"), Term("boat", negative=True)]),
        ('-"the boat"', [Term("the boat", phrase=True, negative=True)]),
        ("tide-boat", [Term("tide-boat")]),
        ("what:ever", [Term("what:ever")]),
        ("http://x", [Term("http://x")]),
        ("cam:", [Term("cam:")]),
        ('- * ** "" \'', [Term("'")]),
        ("", []),
    ],
)
def test_words(text: str, terms: list[Term]) -> None:
    query = parse(text)
    assert [t for t in query.terms if t.text != "-"] == terms
    assert query.narrowings == ()


@pytest.mark.parametrize(
    ("text", "narrowing"),
    [
        ("cam:A", Narrowing("camera", ":", "A")),
        ("CAMERA:a", Narrowing("camera", ":", "a")),
        ("rating>=3", Narrowing("rating", ">=", "3")),
        ("fps<30", Narrowing("fps", "<", "30")),
        ('scene:"12 A"', Narrowing("scene", ":", "12 A")),
        ('folder:"Day 1', Narrowing("folder", ":", "Day 1")),
        ("-state:offline", Narrowing("state", ":", "offline", negative=True)),
        ("said:tide", Narrowing("transcript", ":", "tide")),
        ("day:2026-05-14", Narrowing("day", ":", "2026-05-14")),
    ],
)
def test_narrowings(text: str, narrowing: Narrowing) -> None:
    query = parse(text)
    assert (query.terms, query.narrowings) == ((), (narrowing,))


def test_while_typing_the_last_word_is_a_beginning() -> None:
    assert parse("the tid", typing=True).terms == (Term("the"), Term("tid", prefix=True))
    assert parse("the tide ", typing=True).terms == (Term("the"), Term("tide"))
    assert parse('"the tid', typing=True).terms == (Term("the tid", phrase=True),)
    assert parse("tide cam:A", typing=True).terms == (Term("tide", prefix=True),)


def test_a_search_without_end_is_read_to_a_sensible_end() -> None:
    query = parse("word " * 5000 + "cam:A " * 5000)
    assert len(query.terms) == MOST
    assert parse("x" * 100_000).terms == (Term("x" * LONGEST_WORD),)


def test_nothing_typed_is_syntax() -> None:
    assert match_text((Term('a" OR "b'),)) == '"a"" OR ""b"'
    assert match_text((Term("NEAR(a b)"), Term("x", prefix=True))) == '"NEAR(a b)" "x"*'
    assert match_text((Term("---"), Term("…"))) == ""


@given(st.text(max_size=200), st.booleans())
def test_anything_can_be_typed(text: str, typing: bool) -> None:
    query = parse(text, typing=typing)
    assert all(term.text and "\0" not in term.text for term in query.terms)
    assert all(narrowing.field and narrowing.value for narrowing in query.narrowings)
    assert query.empty == (not query.terms and not query.narrowings)


def test_every_field_is_told_in_lower_case() -> None:
    assert all(field == field.lower() and field.isalpha() for field in FIELDS)
