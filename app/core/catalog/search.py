"""Searching: conditions on clips, moments in texts. Bounded, so that common words stay quick.

Newest first by row number, at most `CANDIDATES` matches are ranked (bm25): the figure is the size at
which ranking stays below a blink, whatever the word.
"""

import dataclasses
import itertools
import re
import unicodedata
from collections.abc import Sequence
from typing import Any, Final

from app.core.catalog import narrowing
from app.core.catalog.narrowing import Condition
from app.core.catalog.query_language import MOST, Query, Term, match_text
from app.core.catalog.rows import Reader, Row

CANDIDATES: Final = 2_000
CANDIDATES_NARROWED: Final = 50_000
"""The same where a search is narrowed down as well: what is kept may lie far behind the newest."""


@dataclasses.dataclass(frozen=True, slots=True)
class Found:
    """A text that matches."""

    clip_id: str
    row: int
    name: str
    field: str
    ref: str
    start_frame: int | None
    end_frame: int | None
    text: str
    score: int


def condition(query: Query, project_id: str) -> Condition:
    """Which clips a search keeps: every term somewhere in a clip's texts, every narrowing."""
    parts: list[str] = []
    bound: list[Any] = []
    for term in query.terms:
        sql, values = _has_term(term, project_id)
        parts.append(f"({sql}) IS NOT TRUE" if term.negative else f"({sql})")
        bound += values
    for one in query.narrowings:
        sql, values = narrowing.condition(one, project_id)
        parts.append(f"({sql}) IS NOT TRUE" if one.negative else f"({sql})")
        bound += values
    return " AND ".join(parts), tuple(bound)


def _others(query: Query, project_id: str) -> tuple[str, tuple[Any, ...]]:
    """What a search asks for beside its words: narrowings, and words that must not be there."""
    left = dataclasses.replace(query, terms=tuple(t for t in query.terms if t.negative))
    narrowed, bound = condition(left, project_id)
    return (f" AND {narrowed}" if narrowed else ""), bound


def moments(
    reader: Reader, query: Query, project_id: str, limit: int, *, ranked: bool = True
) -> list[Found]:
    """Texts that hold all wanted terms, best first (newest first where not `ranked`)."""
    match = match_text(query.wanted)
    if not match:
        return []
    extra, bound = _others(query, project_id)
    score = "cast(-bm25(doc_fts) * 1000 AS INTEGER)" if ranked else "rowid"
    rows = reader.all(
        f"""SELECT {_DOC}, h.score FROM (SELECT rowid AS n, {score} AS score FROM doc_fts WHERE doc_fts MATCH ? ORDER BY rowid DESC
                LIMIT {CANDIDATES_NARROWED if extra else CANDIDATES}) h
            JOIN doc d ON d.n = h.n JOIN clip c ON c.id = d.clip_id AND c.retired = 0
            WHERE d.project_id IN ('', ?){extra} ORDER BY h.score DESC, d.n DESC LIMIT ?""",
        match,
        project_id,
        *bound,
        limit,
    )
    return [_found(row) for row in rows]


def across_segments(reader: Reader, query: Query, project_id: str, limit: int) -> list[Found]:
    """Speech that holds the words across the border of two segments."""
    words = _words(query)
    if len(words) < 2:
        return []
    extra, bound = _others(query, project_id)
    rows = reader.all(
        f"""SELECT {_DOC}, 0 AS score FROM
            (SELECT rowid AS n FROM doc_fts WHERE doc_fts MATCH ? ORDER BY rowid DESC LIMIT {CANDIDATES}) h
            JOIN doc d ON d.n = h.n AND d.field = 'transcript' JOIN clip c ON c.id = d.clip_id AND c.retired = 0
            WHERE 1{extra} ORDER BY d.clip_id, cast(d.ref AS INTEGER)""",
        _either(words),
        *bound,
    )
    found: list[Found] = []
    for before, after in itertools.pairwise(rows):
        if before["clip_id"] == after["clip_id"] and int(after["ref"]) == int(before["ref"]) + 1:
            joined = f"{before['text']} {after['text']}"
            folded = _folded(joined)
            if all(_holds(folded, term) for term in query.wanted):
                found.append(
                    dataclasses.replace(_found(before), end_frame=after["end_frame"], text=joined)
                )
    return found[:limit]


def anywhere(reader: Reader, query: Query, project_id: str, limit: int) -> list[Found]:
    """Clips that hold every word, each wherever it is: one said, another in the name. Of each the best text, a moment first."""
    words = _words(query)
    if len(query.wanted) < 2 or not words:
        return []
    where, bound = condition(query, project_id)
    rows = reader.all(
        f"""SELECT {_DOC}, h.score, max(h.score + (d.start_frame IS NOT NULL) * 1000000) AS best FROM (SELECT rowid AS n, cast(-bm25(doc_fts) * 1000 AS INTEGER) AS score FROM doc_fts
                WHERE doc_fts MATCH ? ORDER BY rowid DESC LIMIT {CANDIDATES}) h
            JOIN doc d ON d.n = h.n JOIN clip c ON c.id = d.clip_id AND c.retired = 0
            WHERE d.project_id IN ('', ?) AND {where} GROUP BY d.clip_id ORDER BY best DESC, d.n DESC LIMIT ?""",
        _either(words),
        project_id,
        *bound,
        limit,
    )
    return [_found(row) for row in rows]


_DOC: Final = "d.clip_id, c.n AS row, c.name, d.field, d.ref, d.start_frame, d.end_frame, d.text"


def _words(query: Query) -> list[Term]:
    """Every single word of the terms that must be found."""
    return [
        dataclasses.replace(term, text=word, phrase=False)
        for term in query.wanted
        for word in term.text.split()
        if match_text((dataclasses.replace(term, text=word),))
    ][:MOST]


def _either(words: Sequence[Term]) -> str:
    return " OR ".join(match_text((word,)) for word in words)


def names_like(reader: Reader, query: Query, project_id: str, limit: int) -> list[Found]:
    """Clips whose name or folder holds every term somewhere, also inside a word."""
    held = narrowing.in_names([term.text for term in query.wanted])
    if held is None:
        return []
    extra, bound = _others(query, project_id)
    rows = reader.all(
        f"""SELECT c.id AS clip_id, c.n AS row, c.name, 'name' AS field, '' AS ref, NULL AS start_frame, NULL AS end_frame, c.name AS text,
            0 AS score FROM (SELECT rowid AS n FROM name_fts WHERE {held[0]} ORDER BY rowid DESC LIMIT {CANDIDATES}) h
            JOIN clip c ON c.n = h.n AND c.retired = 0 WHERE 1{extra} ORDER BY c.n DESC LIMIT ?""",
        *held[1],
        *bound,
        limit,
    )
    return [_found(row) for row in rows]


def clips_only(reader: Reader, query: Query, project_id: str, limit: int) -> list[Found]:
    """Clips of a search that has narrowings and no terms."""
    where, bound = condition(query, project_id)
    rows = reader.all(
        "SELECT c.id AS clip_id, c.n AS row, c.name, 'fact' AS field, '' AS ref, NULL AS start_frame, NULL AS end_frame, c.name AS text, 0 AS score"
        f" FROM clip c WHERE c.retired = 0{f' AND {where}' if where else ''} ORDER BY c.n DESC LIMIT ?",
        *bound,
        limit,
    )
    return [_found(row) for row in rows]


def _has_term(term: Term, project_id: str) -> Condition:
    parts: list[str] = []
    bound: list[Any] = []
    match = match_text((term,))
    if match:
        parts.append(
            "c.id IN (SELECT d.clip_id FROM doc d WHERE d.n IN (SELECT rowid FROM doc_fts WHERE doc_fts MATCH ?) AND d.project_id IN ('', ?))"
        )
        bound += [match, project_id]
    held = narrowing.in_names([term.text])
    if held is not None:
        parts.append(f"c.n IN (SELECT rowid FROM name_fts WHERE {held[0]})")
        bound += held[1]
    return (" OR ".join(parts), tuple(bound)) if parts else ("0", ())


def _holds(text: str, term: Term) -> bool:
    wanted = re.escape(_folded(term.text)).replace("\\ ", r"\W+")
    return bool(re.search(rf"(?<!\w){wanted}" + ("" if term.prefix else r"(?!\w)"), text))


def _folded(text: str) -> str:
    """Lower case without accents, as the full-text index compares."""
    plain = " ".join(text.split()).casefold()
    if plain.isascii():
        return plain
    parts = unicodedata.normalize("NFKD", plain)
    return "".join(letter for letter in parts if not unicodedata.combining(letter))


def _found(row: Row) -> Found:
    return Found(
        row["clip_id"],
        row["row"],
        row["name"],
        row["field"],
        row["ref"],
        row["start_frame"],
        row["end_frame"],
        row["text"],
        row["score"],
    )


def flawed(reader: Reader) -> list[tuple[str, str]]:
    """(what is wrong, clip) of media that was damaged when it was first read."""
    rows = reader.all(
        "SELECT state, problem, folder_text, name FROM clip WHERE retired = 0 AND own_state IN ('damaged', 'bad') ORDER BY n"
    )
    return [
        (
            f"{row['state']}: {row['problem'] or 'it does not read'}",
            f"{row['folder_text']}/{row['name']}",
        )
        for row in rows
    ]
