"""The search box's language: words, "phrases", prefix*, -not, and narrowing such as `cam:A rating>=3`.

Nothing a person types is an error: what does not read as narrowing is looked for as words.
"""

import dataclasses
import re
from collections.abc import Mapping
from typing import Final

from app.core.model import names

_TOKEN: Final = re.compile(r'(-?)(?:([A-Za-z]+)(:|>=|<=|>|<|=)("[^"]*"?|\S+)|"([^"]*)"?|(\S+))')
_ALIASES: Final[Mapping[str, str]] = {
    "cam": "camera",
    "camera": "camera",
    "reel": "reel",
    "tape": "reel",
    "scene": "scene",
    "take": "take",
    "shot": "shot",
    "codec": "codec",
    "kind": "kind",
    "type": "kind",
    "state": "state",
    "is": "is",
    "fps": "fps",
    "rate": "fps",
    "rating": "rating",
    "stars": "rating",
    "tag": "tag",
    "keyword": "tag",
    "volume": "volume",
    "vol": "volume",
    "folder": "folder",
    "name": "name",
    "has": "has",
    "no": "no",
    "day": "day",
    "date": "day",
    "duration": "duration",
    "width": "width",
    "height": "height",
    "bin": "bin",
    "card": "card",
    "said": "transcript",
    "says": "transcript",
    "note": "note",
    "by": "by",
}
FIELDS: Final = frozenset(_ALIASES)
"""What can be narrowed by."""
MOST: Final = 32
"""Words and narrowings of one search; SQLite refuses expressions without end, and no one means so many."""
LONGEST: Final = 10_000
"""Letters of a search that are read, and"""
LONGEST_WORD: Final = 200
"""of one word or phrase."""


@dataclasses.dataclass(frozen=True, slots=True)
class Term:
    """Something to be found in texts."""

    text: str
    phrase: bool = False
    prefix: bool = False
    negative: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class Narrowing:
    """A condition on clips."""

    field: str
    operator: str
    """`:`, `=`, `<`, `<=`, `>`, `>=`."""
    value: str
    negative: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class Query:
    """A search, read."""

    terms: tuple[Term, ...] = ()
    narrowings: tuple[Narrowing, ...] = ()

    @property
    def wanted(self) -> tuple[Term, ...]:
        """The terms that must be found."""
        return tuple(term for term in self.terms if not term.negative)

    @property
    def empty(self) -> bool:
        """Whether it asks for nothing in particular."""
        return not self.terms and not self.narrowings


def parse(text: str, *, typing: bool = False) -> Query:
    """Reads a search: its first `MOST` words and narrowings. While `typing`, the last word is the beginning of one."""
    text = names.sound_text(text[:LONGEST].replace("\0", " "))
    terms: list[Term] = []
    narrowings: list[Narrowing] = []
    for found in _TOKEN.finditer(text):
        minus, field, operator, value, phrase, word = found.groups()
        negative = minus == "-"
        if field is not None and field.lower() in _ALIASES and value.strip('"'):
            narrowings.append(
                Narrowing(
                    _ALIASES[field.lower()], operator, value.strip('"')[:LONGEST_WORD], negative
                )
            )
        elif phrase is not None:
            terms.append(Term(phrase.strip()[:LONGEST_WORD], phrase=True, negative=negative))
        else:
            plain = word if word is not None else f"{field}{operator}{value}"
            terms.append(_word(plain, negative=negative))
    terms = [term for term in terms if term.text]
    if typing and terms and not text.endswith((" ", '"')) and not terms[-1].phrase:
        terms[-1] = dataclasses.replace(terms[-1], prefix=True)
    return Query(tuple(terms[:MOST]), tuple(narrowings[:MOST]))


def _word(word: str, *, negative: bool) -> Term:
    stripped = word.rstrip("*").strip('"')
    return Term(stripped[:LONGEST_WORD], prefix=word.endswith("*"), negative=negative)


def match_text(terms: tuple[Term, ...]) -> str:
    """The terms as an FTS5 MATCH expression: every one quoted, so that nothing typed is syntax.

    Terms without any letter or digit find nothing and are left out; "" where none is left.
    """
    parts: list[str] = []
    for term in terms:
        if not any(letter.isalnum() for letter in term.text):
            continue
        quoted = '"' + term.text.replace('"', '""') + '"'
        parts.append(quoted + "*" if term.prefix else quoted)
    return " ".join(parts)
