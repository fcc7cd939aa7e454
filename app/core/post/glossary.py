"""The project's glossary: names, places and brands that bias the decoder and correct it afterwards.

A word is put right when it sounds like a term (a rough key of its letters) and the model was not
sure of it; spelling and capitals are put right always. Pure functions.
"""

import dataclasses
import difflib
import re
import unicodedata
from collections.abc import Sequence, Set

from app.core.post.speech_engine import SpokenWord
from app.core.post.speech_lines import Line

_HINT_LENGTH = 600
"""Characters: the decoder's memory holds some 220 tokens."""
_ALIKE = 0.8
_SHORTEST = 4
_SURE = 950
"""Permille: a word the model is so sure of is left alone."""
_MOST_WORDS = 4
_SOUNDS = (
    ("tsch", "ts"),
    ("tch", "ts"),
    ("cz", "ts"),
    ("ph", "f"),
    ("ck", "k"),
    ("sch", "s"),
    ("ch", "k"),
    ("qu", "k"),
    ("x", "ks"),
)
_LETTERS = str.maketrans({"c": "k", "q": "k", "z": "s", "w": "v", "y": "i", "j": "i", "h": ""})
_EDGES = re.compile(r"^(\W*)(.*?)(\W*)$", re.DOTALL)


def hint(glossary: Sequence[str]) -> str:
    """The terms as words that may come up; what does not fit is left out, from the end."""
    text = ""
    for term in glossary:
        longer = f"{text}, {term.strip()}" if text else term.strip()
        if len(longer) > _HINT_LENGTH:
            break
        text = longer
    return text


def put_right(line: Line, glossary: Sequence[str]) -> Line:
    """The line with terms spelled as the glossary has them; a changed line is flagged `glossary`."""
    words = list(line.words)
    terms = {plain(term): term.strip() for term in glossary if plain(term)}
    for term in terms.values():
        words = _with_term(words, term, terms.keys())
    changed = tuple(words)
    return (
        dataclasses.replace(line, words=changed).flagged("glossary")
        if changed != line.words
        else line
    )


def plain(text: str) -> str:
    """Letters and digits only, without accents and capitals."""
    bare = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in bare if letter.isalnum())


def sound(text: str) -> str:
    """A rough key of how a word sounds: what is often confused falls together."""
    key = plain(text)
    for spelled, heard in _SOUNDS:
        key = key.replace(spelled, heard)
    return re.sub(r"(.)\1+", r"\1", key.translate(_LETTERS))


def _with_term(words: list[SpokenWord], term: str, terms: Set[str]) -> list[SpokenWord]:
    """Replaces every run of words that is the term."""
    done: list[SpokenWord] = []
    at = 0
    while at < len(words):
        run = _length_of(words[at:], term, terms)
        done.append(_merged(words[at : at + run], term) if run else words[at])
        at += run or 1
    return done


def _length_of(words: Sequence[SpokenWord], term: str, terms: Set[str]) -> int:
    """How many of the first words are the term; 0 where they are not."""
    usual = len(term.split())
    if plain(_said(words[:usual])) == plain(term):
        return usual
    lengths = (n for n in (usual, usual + 1, usual - 1) if 1 <= n <= min(len(words), _MOST_WORDS))
    return next((n for n in lengths if _sounds_like(words[:n], term, terms)), 0)


def _sounds_like(run: Sequence[SpokenWord], term: str, terms: Set[str]) -> bool:
    if len(plain(term)) < _SHORTEST or any(word.permille >= _SURE for word in run):
        return False
    said = _said(run)
    heard, wanted = sound(said), sound(term)
    return (
        plain(said) not in terms
        and heard[:1] == wanted[:1]
        and difflib.SequenceMatcher(None, heard, wanted).ratio() >= _ALIKE
    )


def _said(run: Sequence[SpokenWord]) -> str:
    return " ".join(word.text for word in run)


def _merged(run: Sequence[SpokenWord], term: str) -> SpokenWord:
    """One word that reads as the term; the punctuation around it stays."""
    if _EDGES.sub(r"\2", _said(run)) == term:
        return (
            run[0]
            if len(run) == 1
            else dataclasses.replace(run[0], end=run[-1].end, text=_said(run))
        )
    first, last = _EDGES.match(run[0].text), _EDGES.match(run[-1].text)
    text = f"{first[1] if first else ''}{term}{last[3] if last else ''}"
    sure = sum(word.permille for word in run) // len(run)
    return dataclasses.replace(run[0], end=run[-1].end, permille=sure, text=text)
