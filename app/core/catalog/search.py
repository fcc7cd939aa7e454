"""Searching: conditions on clips, moments in texts. Bounded, so that common words stay quick.

Newest first by row number, at most `CANDIDATES` matches are ranked (bm25): the figure is the size at
which ranking stays below a blink, whatever the word.
"""

import dataclasses
import itertools
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from app.core.catalog import places
from app.core.catalog.query_language import Narrowing, Query, Term, match_text
from app.core.catalog.rows import Reader, Row
from app.core.model import names

CANDIDATES: Final = 2_000
Condition = tuple[str, tuple[Any, ...]]
"""SQL on `clip c`, and what is bound in it."""


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
        parts.append(f"NOT ({sql})" if term.negative else f"({sql})")
        bound += values
    for narrowing in query.narrowings:
        sql, values = _narrow(narrowing, project_id)
        parts.append(f"NOT ({sql})" if narrowing.negative else f"({sql})")
        bound += values
    return " AND ".join(parts), tuple(bound)


def moments(
    reader: Reader, query: Query, project_id: str, limit: int, *, ranked: bool = True
) -> list[Found]:
    """Texts that hold all wanted terms, best first (newest first where not `ranked`)."""
    match = match_text(query.wanted)
    if not match:
        return []
    narrowed, bound = condition(
        dataclasses.replace(query, terms=tuple(t for t in query.terms if t.negative)), project_id
    )
    extra = f" AND {narrowed}" if narrowed else ""
    score = "cast(-bm25(doc_fts) * 1000 AS INTEGER)" if ranked else "d.n"
    rows = reader.all(
        f"""SELECT d.clip_id, c.n AS row, c.name, d.field, d.ref, d.start_frame, d.end_frame, d.text, h.score FROM
            (SELECT rowid AS n, {score.replace("d.n", "rowid")} AS score FROM doc_fts WHERE doc_fts MATCH ? ORDER BY rowid DESC LIMIT {CANDIDATES}) h
            JOIN doc d ON d.n = h.n JOIN clip c ON c.id = d.clip_id AND c.retired = 0
            WHERE d.project_id IN ('', ?){extra} ORDER BY h.score DESC, d.n DESC LIMIT ?""",
        match,
        project_id,
        *bound,
        limit,
    )
    return [_found(row) for row in rows]


def across_segments(reader: Reader, query: Query, project_id: str, limit: int) -> list[Found]:
    """Speech that holds the terms across the border of two segments."""
    terms = query.wanted
    if len(terms) < 2 or any(not match_text((term,)) for term in terms):
        return []
    either = " OR ".join(match_text((term,)) for term in terms)
    narrowed, bound = condition(dataclasses.replace(query, terms=()), project_id)
    extra = f" AND {narrowed}" if narrowed else ""
    rows = reader.all(
        f"""SELECT d.clip_id, c.n AS row, c.name, d.field, d.ref, d.start_frame, d.end_frame, d.text, 0 AS score FROM
            (SELECT rowid AS n FROM doc_fts WHERE doc_fts MATCH ? ORDER BY rowid DESC LIMIT {CANDIDATES}) h
            JOIN doc d ON d.n = h.n AND d.field = 'transcript' JOIN clip c ON c.id = d.clip_id AND c.retired = 0
            WHERE 1{extra} ORDER BY d.clip_id, cast(d.ref AS INTEGER)""",
        either,
        *bound,
    )
    found: list[Found] = []
    for before, after in itertools.pairwise(rows):
        if before["clip_id"] == after["clip_id"] and int(after["ref"]) == int(before["ref"]) + 1:
            joined = f"{before['text']} {after['text']}"
            if all(_holds(joined, term) for term in terms):
                found.append(
                    dataclasses.replace(_found(before), end_frame=after["end_frame"], text=joined)
                )
    return found[:limit]


def names_like(reader: Reader, query: Query, project_id: str, limit: int) -> list[Found]:
    """Clips whose name or folder holds every term somewhere, also inside a word."""
    terms = [term for term in query.wanted if len(term.text) >= 3]
    if not terms or len(terms) < len(query.wanted):
        return []
    narrowed, bound = condition(
        dataclasses.replace(query, terms=tuple(t for t in query.terms if t.negative)), project_id
    )
    extra = f" AND {narrowed}" if narrowed else ""
    likes = " AND ".join("name LIKE ? ESCAPE '\\'" for _ in terms)
    rows = reader.all(
        f"""SELECT c.id AS clip_id, c.n AS row, c.name, 'name' AS field, '' AS ref, NULL AS start_frame, NULL AS end_frame, c.name AS text,
            0 AS score FROM (SELECT rowid AS n FROM name_fts WHERE {likes} ORDER BY rowid DESC LIMIT {CANDIDATES}) h
            JOIN clip c ON c.n = h.n AND c.retired = 0 WHERE 1{extra} ORDER BY c.n DESC LIMIT ?""",
        *(_like(term.text) for term in terms),
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
    if len(term.text) >= 3:
        parts.append("c.n IN (SELECT rowid FROM name_fts WHERE name LIKE ? ESCAPE '\\')")
        bound.append(_like(term.text))
    return (" OR ".join(parts), tuple(bound)) if parts else ("0", ())


def _like(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def _holds(text: str, term: Term) -> bool:
    return (
        re.search(
            r"(?<!\w)" + re.escape(term.text) + ("" if term.prefix else r"(?!\w)"),
            text,
            re.IGNORECASE,
        )
        is not None
    )


def _plain(column: str) -> Callable[[Narrowing, str], Condition]:
    def narrow(n: Narrowing, _project: str) -> Condition:
        if n.operator in (":", "="):
            return f"{column} = ? COLLATE NOCASE", (n.value,)
        return f"cast({column} AS REAL) {n.operator} cast(? AS REAL)", (n.value,)

    return narrow


def _number(column: str) -> Callable[[Narrowing, str], Condition]:
    def narrow(n: Narrowing, _project: str) -> Condition:
        operator = "=" if n.operator == ":" else n.operator
        digits = re.sub(r"[^0-9.]", "", n.value)
        return (f"{column} {operator} ?", (int(float(digits)),)) if digits.strip(".") else ("0", ())

    return narrow


def _fps(n: Narrowing, _project: str) -> Condition:
    from fractions import Fraction

    from app.core.model.errors import Refused
    from app.core.model.timecode import parse_rate

    try:
        rate = parse_rate(n.value)
    except Refused:
        return "0", ()
    if n.operator in (":", "=") and rate.denominator == 1 and "/" not in n.value:
        near = Fraction(rate.numerator * 1000, 1001)
        return "((c.rate_num = ? AND c.rate_den = 1) OR (c.rate_num = ? AND c.rate_den = ?))", (
            rate.numerator,
            near.numerator,
            near.denominator,
        )
    operator = "=" if n.operator == ":" else n.operator
    return f"c.rate_num * ? {operator} ? * c.rate_den", (rate.denominator, rate.numerator)


def _rating(n: Narrowing, project: str) -> Condition:
    operator = "=" if n.operator == ":" else n.operator
    value = n.value.count("★") or (int(n.value) if n.value.isdigit() else -1)
    return (
        f"coalesce((SELECT rating FROM clip_log l WHERE l.clip_id = c.id AND l.project_id = ?), 0) {operator} ?",
        (project, value),
    )


def _tag(n: Narrowing, project: str) -> Condition:
    return "c.id IN (SELECT clip_id FROM tag WHERE project_id = ? AND word = ? COLLATE NOCASE)", (
        project,
        n.value,
    )


def _kept(n: Narrowing, project: str) -> Condition:
    """`is:circled`, `is:approved`, or a state."""
    word = n.value.lower()
    if word in ("circled", "select", "selected"):
        return "c.id IN (SELECT clip_id FROM clip_log WHERE project_id = ? AND circled = 1)", (
            project,
        )
    if word == "reject":
        return "c.id IN (SELECT clip_id FROM clip_log WHERE project_id = ? AND rejected = 1)", (
            project,
        )
    if word == "approved":
        return places.condition(places.Place("approved"), project)
    if word == "rejected":
        return (
            "c.id IN (SELECT d.clip_id FROM verdict d WHERE d.project_id = ? AND (d.verdict = 'rejected' OR d.disputed))",
            (project,),
        )
    if word == "unlogged":
        return places.condition(places.Place("unlogged"), project)
    if word == "duplicate":
        return "(SELECT count(DISTINCT place) FROM file f WHERE f.clip_id = c.id) > 1", ()
    return "c.state = ? COLLATE NOCASE", (word,)


_HAS: Final[Mapping[str, str]] = {
    "notes": "c.id IN (SELECT clip_id FROM note WHERE deleted = 0)",
    "note": "c.id IN (SELECT clip_id FROM note WHERE deleted = 0)",
    "transcript": "c.content_id IN (SELECT content_id FROM segment)",
    "speech": "c.content_id IN (SELECT content_id FROM segment)",
    "proxy": "c.content_id IN (SELECT content_id FROM rendition WHERE kind = 'proxy' AND state = 'ready')",
    "poster": "c.content_id IN (SELECT content_id FROM rendition WHERE kind = 'poster' AND state = 'ready')",
    "timecode": "c.start_frame IS NOT NULL",
    "sound": "c.audio <> '[]'",
    "audio": "c.audio <> '[]'",
    "keywords": "c.id IN (SELECT clip_id FROM tag)",
    "markers": "c.id IN (SELECT clip_id FROM mark WHERE deleted = 0)",
    "gaps": "c.gaps <> '[]'",
    "problem": "c.problem IS NOT NULL",
    "upload": "c.id IN (SELECT clip_id FROM upload WHERE state = 'verified')",
}


def _has(n: Narrowing, _project: str) -> Condition:
    return _HAS.get(n.value.lower(), "0"), ()


def _has_not(n: Narrowing, _project: str) -> Condition:
    return f"NOT ({_HAS.get(n.value.lower(), '1')})", ()


def _volume(n: Narrowing, _project: str) -> Condition:
    return (
        "c.id IN (SELECT f.clip_id FROM file f JOIN volume v ON v.id = f.volume_id WHERE (v.id = ? OR v.name = ? COLLATE NOCASE) AND f.state <> 'missing')",
        (n.value, n.value),
    )


def _folder(n: Narrowing, _project: str) -> Condition:
    like = _like(n.value)[1:]
    return "(c.folder_text = ? OR c.folder_text LIKE ? ESCAPE '\\')", (
        n.value,
        like if n.value.endswith("/") else like[:-1] + "/%",
    )


def _name(n: Narrowing, _project: str) -> Condition:
    if n.value.endswith("*"):
        key = names.fold_key(n.value[:-1])
        return "c.name_fold >= ? AND c.name_fold < ?", (key, key + "\U0010ffff")
    return "c.n IN (SELECT rowid FROM name_fts WHERE name LIKE ? ESCAPE '\\')" if len(
        n.value
    ) >= 3 else "instr(c.name_fold, ?)", (
        _like(n.value) if len(n.value) >= 3 else names.fold_key(n.value),
    )


def _day(n: Narrowing, _project: str) -> Condition:
    operator = {"=": ":", ":": ":"}.get(n.operator, n.operator)
    if operator == ":":
        return "c.recorded_at LIKE ? ESCAPE '\\'", (_like(n.value)[1:],)
    return f"substr(c.recorded_at, 1, 10) {operator} ?", (n.value,)


def _duration(n: Narrowing, _project: str) -> Condition:
    operator = "=" if n.operator == ":" else n.operator
    parts = re.findall(r"\d+", n.value)
    seconds = 0
    for part in parts[-3:]:
        seconds = seconds * 60 + int(part)
    return f"c.duration_ms / 1000 {operator} ?", (seconds,)


def _bin(n: Narrowing, project: str) -> Condition:
    return (
        "c.id IN (SELECT i.clip_id FROM bin_clip i JOIN bin b ON b.id = i.bin_id AND b.deleted = 0 WHERE b.project_id = ?"
        " AND (b.id = ? OR b.name = ? COLLATE NOCASE))",
        (project, n.value, n.value),
    )


def _in_field(field: str) -> Callable[[Narrowing, str], Condition]:
    def narrow(n: Narrowing, project: str) -> Condition:
        match = match_text((Term(n.value.rstrip("*"), phrase=True, prefix=n.value.endswith("*")),))
        if not match:
            return "0", ()
        return (
            "c.id IN (SELECT d.clip_id FROM doc d WHERE d.n IN (SELECT rowid FROM doc_fts WHERE doc_fts MATCH ?) AND d.field = ?"
            " AND d.project_id IN ('', ?))",
            (match, field, project),
        )

    return narrow


def _by(n: Narrowing, project: str) -> Condition:
    return (
        "c.id IN (SELECT o.clip_id FROM note o JOIN actor a ON a.id = o.author WHERE o.project_id = ? AND o.deleted = 0"
        " AND (a.name = ? COLLATE NOCASE OR a.initials = ? COLLATE NOCASE))",
        (project, n.value, n.value),
    )


_NARROW: Final[Mapping[str, Callable[[Narrowing, str], Condition]]] = {
    **{
        field: _plain(f"c.{field}")
        for field in ("camera", "reel", "scene", "take", "shot", "codec", "kind", "card")
    },
    "width": _number("c.width"),
    "height": _number("c.height"),
    "fps": _fps,
    "rating": _rating,
    "tag": _tag,
    "state": _kept,
    "is": _kept,
    "has": _has,
    "no": _has_not,
    "volume": _volume,
    "folder": _folder,
    "name": _name,
    "day": _day,
    "duration": _duration,
    "bin": _bin,
    "transcript": _in_field("transcript"),
    "note": _in_field("note"),
    "by": _by,
}


def _narrow(narrowing: Narrowing, project_id: str) -> Condition:
    return _NARROW[narrowing.field](narrowing, project_id)


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
