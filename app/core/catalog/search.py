"""Searching: which clips a search keeps, and clips found by name or facts. Texts are `moments`."""

import dataclasses
from typing import Any, Final

from app.core.catalog import narrowing, stored
from app.core.catalog.narrowing import Condition
from app.core.catalog.query_language import Query, Term, match_text
from app.core.catalog.rows import Reader, Row

CANDIDATES: Final = 1_000
"""Matches of one word that a search looks at, the newest first."""


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

    @classmethod
    def of(cls, row: Row, score: int = 0) -> "Found":
        """From a row that has all of it but the score."""
        return cls(
            stored.text(row["clip_id"]),
            row["row"],
            stored.text(row["name"]),
            stored.text(row["field"]),
            stored.text(row["ref"]),
            row["start_frame"],
            row["end_frame"],
            stored.text(row["text"]),
            score,
        )


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


def others(query: Query, project_id: str) -> tuple[str, tuple[Any, ...]]:
    """What a search asks for beside its words: narrowings, and words that must not be there."""
    left = dataclasses.replace(query, terms=tuple(t for t in query.terms if t.negative))
    narrowed, bound = condition(left, project_id)
    return (f" AND {narrowed}" if narrowed else ""), bound


def names_like(reader: Reader, query: Query, project_id: str, limit: int) -> list[Found]:
    """Clips whose name or folder holds every term somewhere, also inside a word."""
    held = narrowing.in_names([term.text for term in query.wanted])
    if held is None:
        return []
    extra, bound = others(query, project_id)
    rows = reader.all(
        f"""SELECT c.id AS clip_id, c.n AS row, c.name, 'name' AS field, '' AS ref, NULL AS start_frame, NULL AS end_frame, c.name AS text
            FROM (SELECT rowid AS n FROM name_fts WHERE {held[0]} ORDER BY rowid DESC LIMIT {CANDIDATES}) h
            JOIN clip c ON c.n = h.n AND c.retired = 0 WHERE 1{extra} ORDER BY c.n DESC LIMIT ?""",
        *held[1],
        *bound,
        limit,
    )
    return [Found.of(row) for row in rows]


def clips_only(reader: Reader, query: Query, project_id: str, limit: int) -> list[Found]:
    """Clips of a search that has narrowings and no terms."""
    where, bound = condition(query, project_id)
    rows = reader.all(
        "SELECT c.id AS clip_id, c.n AS row, c.name, 'fact' AS field, '' AS ref, NULL AS start_frame, NULL AS end_frame, c.name AS text"
        f" FROM clip c WHERE c.retired = 0{f' AND {where}' if where else ''} ORDER BY c.n DESC LIMIT ?",
        *bound,
        limit,
    )
    return [Found.of(row) for row in rows]


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
