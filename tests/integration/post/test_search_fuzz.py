"""Whatever is typed into the search field, or given as a clip's name, is answered: no error, and texts are found as they stand."""

import random

import pytest

from app.core.catalog import calling
from app.core.model.errors import Refused
from tests.integration.post.test_search import Library, lib

__all__ = ["lib"]
PIECES = (
    "tide", "comes", "harbour", '"', "*", "-", ":", ">=", "<=", "<", ">", "=", "cam", "fps", "rating", "day", "duration", "has:", "is:", "in:",
    "é", "\u0301", "☃", "ß", "\u200b", "\u202e", "\udcff", "\0", "\x1b", "12", "0x", "1e9", "٣", "²", "(", ")", "{", "}", "[", "]", "^", "+", "'", "%",
    "_", "\\", "/", "?", "$", "@", "#", ";", "--", "|", "NEAR", "NEAR(", "AND", "OR", "NOT", "text:", "rowid", " ", "  ", "\t", "\n", "\u3000",
)  # fmt: skip


def made_up(choose: random.Random) -> str:
    pieces = "".join(choose.choices(PIECES, k=choose.randint(1, 14)))
    if choose.random() < 0.2:
        pieces += "".join(
            chr(choose.choice((choose.randrange(1, 0xD800), choose.randrange(32, 127))))
            for _ in range(choose.randint(1, 20))
        )
    return (
        pieces * choose.choice((1, 1, 1, 1, 1, 1, 1, 1, 1, 40))
        if choose.random() < 0.02
        else pieces
    )


def ask(found: Library, rounds: int, seed: int) -> list[str]:
    """Asks so often in every way a text gets to the catalog; what failed."""
    choose = random.Random(seed)
    bad: list[str] = []
    for _ in range(rounds):
        text = made_up(choose)
        try:
            found.search.hits(text, typing=choose.random() < 0.5)
            found.search.count(text)
            with found.catalog.read() as reader:
                calling.resolve(reader, text)
        except Refused:
            continue
        except Exception as error:  # noqa: BLE001 - each is counted
            bad.append(f"{text!r}: {type(error).__name__}: {error}")
    return bad


def test_a_few_hundred_texts_are_answered(lib: Library) -> None:
    assert ask(lib, 400, 1) == []


@pytest.mark.long
@pytest.mark.timeout(7200)
def test_a_hundred_thousand_texts_are_answered(
    lib: Library, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = ask(lib, 100_000, 2)
    with capsys.disabled():
        print(f"\n100000 texts, {len(bad)} errors")  # noqa: T201 - figures
    assert bad == []


@pytest.mark.parametrize("joker", ["%", "_", "*", "?", "[a-z]", "\\%"])
def test_jokers_of_sql_stand_for_themselves(lib: Library, joker: str) -> None:
    with lib.catalog.read() as reader, pytest.raises(Refused, match="clip"):
        calling.resolve(reader, joker)
    assert lib.kept(f"name:{joker}t") == ""
    assert lib.kept(f"cam:{joker}") == ""
