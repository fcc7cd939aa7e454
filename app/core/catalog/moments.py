"""Searching texts: moments that hold the words of a search, bounded whatever the words.

A search begins with the rarest of its words and looks at no more than `CANDIDATES` texts of it. Up to that
many are ranked by how often and how densely they hold the words; of more the newest come first. So the most
common word of a million clips costs what a rare one does. (FTS5's own bm25 counts every text that holds a
word before it ranks the first.)
"""

import dataclasses
import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Final

from app.core.catalog import stored
from app.core.catalog.narrowing import TRIGRAM, Condition, in_names
from app.core.catalog.query_language import MOST, Query, Term, match_text
from app.core.catalog.rows import Reader
from app.core.catalog.search import CANDIDATES, Found, others
from app.core.model import names

_NARROWED: Final = (4_000, 50_000)
"""Texts looked at where a search is narrowed down as well, and what is kept lies far behind the newest."""
_AT_A_TIME: Final = 50
"""Clips that are looked through together for a common word."""
_Held = dict[int, tuple[int, int]]
"""By row number of a clip: whether the text is a moment, and its number (0: the clip's name alone)."""


def moments(
    reader: Reader, query: Query, project_id: str, limit: int, *, ranked: bool = True
) -> list[Found]:
    """Texts that hold all wanted terms, best first; newest first where not `ranked`, or where there are very many."""
    match = match_text(query.wanted)
    if not match:
        return []
    kept = others(query, project_id)
    numbers = _newest(reader, match, CANDIDATES + 1)
    scores: Mapping[int, int] = {}
    many = len(numbers) > CANDIDATES
    if ranked and not many:
        scores = _scores(reader, numbers, query.wanted)
        numbers.sort(key=lambda n: (scores[n], n), reverse=True)
    found = _found(reader, numbers, project_id, kept, limit)
    for most in _NARROWED if many and kept[0] else ():
        if len(found) < limit:
            found = _found(reader, _newest(reader, match, most), project_id, kept, limit)
    return [dataclasses.replace(one, score=scores.get(n, 1)) for n, one in found.items()]


def across_segments(reader: Reader, query: Query, project_id: str, limit: int) -> list[Found]:
    """Speech that holds the words across the border of two segments."""
    words = _words(query)
    if len(words) < 2:
        return []
    rarest = min((_newest(reader, match_text((word,)), CANDIDATES + 1) for word in words), key=len)
    rows = reader.all(
        """SELECT a.n, a.ref, a.text, a.end_frame, b.n AS near, b.ref AS near_ref, b.text AS near_text, b.end_frame AS near_end
            FROM json_each(?) h CROSS JOIN doc a ON a.n = h.value AND a.field = 'transcript'
            CROSS JOIN doc b ON b.clip_id = a.clip_id AND b.field = 'transcript'
                AND b.ref IN (cast(cast(a.ref AS INTEGER) - 1 AS TEXT), cast(cast(a.ref AS INTEGER) + 1 AS TEXT))""",
        json.dumps(rarest[:CANDIDATES]),
    )
    joined: dict[int, tuple[int | None, str]] = {}
    for row in rows:
        if int(row["near_ref"]) > int(row["ref"]):
            first, end, text = row["n"], row["near_end"], f"{row['text']} {row['near_text']}"
        else:
            first, end, text = row["near"], row["end_frame"], f"{row['near_text']} {row['text']}"
        folded = _folded(text)
        if all(_holds(folded, term) for term in query.wanted):
            joined[first] = (end, text)
    found = _found(reader, list(joined), project_id, others(query, project_id), limit)
    return [
        dataclasses.replace(one, end_frame=joined[n][0], text=joined[n][1])
        for n, one in found.items()
    ]


def anywhere(reader: Reader, query: Query, project_id: str, limit: int) -> list[Found]:
    """Clips that hold every term, each wherever it is: one said, another in the name. Of each one text, a moment first."""
    terms = query.wanted
    if len(terms) < 2:
        return []
    lists = [_clips(reader, term, project_id) for term in terms]
    common = [term for term, held in zip(terms, lists, strict=True) if held is None]
    known = [held for held in lists if held is not None] or [
        _of_texts(reader, _newest(reader, match_text(terms[:1]), CANDIDATES), project_id)
    ]
    rows = [row for row in known[0] if all(row in held for held in known)]
    best = {row: max(held[row] for held in known) for row in rows}
    chosen: list[int] = []
    kept = _kept(reader, rows, others(query, project_id))
    for at in range(0, len(kept), _AT_A_TIME):
        some = kept[at : at + _AT_A_TIME]
        for term in common:
            held = _holding(reader, term, some, project_id)
            some = [row for row in some if row in held]
            best |= {row: max(best[row], held[row]) for row in some}
        chosen += [best[row][1] for row in some if best[row][1]]
        if len(chosen) >= limit:
            break
    return list(_found(reader, chosen, project_id, ("", ()), limit).values())


def _clips(reader: Reader, term: Term, project_id: str) -> _Held | None:
    """The clips that hold a term in a text or a name; None where there are too many to tell them all."""
    match, named = match_text((term,)), in_names([term.text])
    numbers = _newest(reader, match, CANDIDATES + 1) if match else []
    rows = (
        reader.column(
            f"SELECT rowid FROM name_fts WHERE {named[0]} ORDER BY rowid DESC LIMIT {CANDIDATES + 1}",
            *named[1],
        )
        if named
        else []
    )
    if max(len(numbers), len(rows)) > CANDIDATES:
        return None
    return dict.fromkeys(rows, (0, 0)) | _of_texts(reader, numbers, project_id)


def _of_texts(reader: Reader, numbers: Sequence[int], project_id: str) -> _Held:
    rows = reader.tuples(
        """SELECT c.n, d.start_frame IS NOT NULL AS moment, d.n FROM json_each(?) h CROSS JOIN doc d ON d.n = h.value
            CROSS JOIN clip c ON c.id = d.clip_id WHERE d.project_id IN ('', ?) ORDER BY moment, d.n""",
        json.dumps(numbers),
        project_id,
    )
    return {row: (moment, n) for row, moment, n in rows}


def _kept(reader: Reader, rows: Sequence[int], kept: Condition) -> list[int]:
    """Those of the clips that are there and that nothing else of the search leaves out, newest first."""
    return reader.column(
        f"""SELECT c.n FROM json_each(?) h CROSS JOIN clip c ON c.n = h.value WHERE c.retired = 0{kept[0]}
            ORDER BY c.n DESC""",
        json.dumps(rows),
        *kept[1],
    )


def _holding(reader: Reader, term: Term, rows: Sequence[int], project_id: str) -> _Held:
    """Those of a few clips that hold a common term."""
    wanted = json.dumps(rows)
    texts = reader.tuples(
        """SELECT c.n, d.start_frame IS NOT NULL AS moment, d.n FROM json_each(?) h CROSS JOIN clip c ON c.n = h.value
            CROSS JOIN doc d ON d.clip_id = c.id CROSS JOIN doc_fts f ON f.rowid = d.n
            WHERE f.doc_fts MATCH ? AND d.project_id IN ('', ?) ORDER BY moment, d.n""",
        wanted,
        match_text((term,)),
        project_id,
    )
    named = names.fold_key(names.display(term.text))
    held = reader.tuples(
        "SELECT f.rowid, f.name FROM json_each(?) h CROSS JOIN name_fts f ON f.rowid = h.value",
        wanted,
    )
    by_name: _Held = {row: (0, 0) for row, name in held if len(named) >= TRIGRAM and named in name}
    return by_name | {row: (moment, n) for row, moment, n in texts}


def _newest(reader: Reader, match: str, most: int) -> list[int]:
    """Numbers of the newest texts that match."""
    return reader.column(
        "SELECT rowid FROM doc_fts WHERE doc_fts MATCH ? ORDER BY rowid DESC LIMIT ?", match, most
    )


def _found(
    reader: Reader, numbers: Sequence[int], project_id: str, kept: Condition, limit: int
) -> dict[int, Found]:
    """The first of these texts whose clips are kept, in their order: no more are read than are wanted."""
    rows = reader.all(
        f"""SELECT d.clip_id, c.n AS row, c.name, d.field, d.ref, d.start_frame, d.end_frame, d.text, d.n
            FROM json_each(?) h CROSS JOIN doc d ON d.n = h.value CROSS JOIN clip c ON c.id = d.clip_id
            WHERE c.retired = 0 AND d.project_id IN ('', ?){kept[0]} LIMIT ?""",
        json.dumps(numbers),
        project_id,
        *kept[1],
        limit,
    )
    return {row["n"]: Found.of(row) for row in rows}


def _scores(reader: Reader, numbers: Sequence[int], terms: Sequence[Term]) -> dict[int, int]:
    """From 1: how often each text holds the terms, in how few letters."""
    rows = reader.tuples(
        "SELECT d.n, d.text FROM json_each(?) h CROSS JOIN doc d ON d.n = h.value",
        json.dumps(numbers),
    )
    if len(rows) < len(set(numbers)):
        raise stored.damaged("The search index names texts that are not there.")
    texts = [(n, _folded(text)) for n, text in rows]
    usual = max(1, sum(len(text) for _, text in texts) // max(1, len(texts)))
    wanted = [_folded(term.text) for term in terms]
    scores: dict[int, int] = {}
    for n, text in texts:
        length = 300 + 900 * len(text) // usual
        often = [1000 * max(1, text.count(word)) for word in wanted]
        scores[n] = 1 + sum(1000 * times // (times + length) for times in often)
    return scores


def _words(query: Query) -> list[Term]:
    """Every single word of the terms that must be found."""
    return [
        dataclasses.replace(term, text=word, phrase=False)
        for term in query.wanted
        for word in term.text.split()
        if match_text((dataclasses.replace(term, text=word),))
    ][:MOST]


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
