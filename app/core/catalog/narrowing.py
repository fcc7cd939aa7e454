"""Narrowing a search down: `cam:A rating>=3 fps:25 state:offline has:notes`, each as a condition on `clip c`."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from app.core.catalog import copies, places
from app.core.catalog.query_language import Narrowing, Term, match_text
from app.core.model import durations, names

TRIGRAM: Final = 3
"""Letters that a part of a name needs to be looked up."""
_MOST_PIECES: Final = 64
"""Trigrams that are looked up: fewer only means that more names are compared."""
_LARGEST: Final = 1 << 31
"""Of numbers that are multiplied in SQL."""
Condition = tuple[str, tuple[Any, ...]]
"""SQL on `clip c`, and what is bound in it."""


def condition(narrowing: Narrowing, project_id: str) -> Condition:
    """What holds for the clips that it keeps."""
    return _NARROW[narrowing.field](narrowing, project_id)


def in_names(texts: Sequence[str]) -> Condition | None:
    """Which rows of `name_fts` hold all these texts, also inside a word; None where one is too short for the index.

    Asked by trigrams, and compared after. Not by LIKE: SQLite 3.40 writes outside its memory on a pattern
    such as `%☃_a"b%`, and with ESCAPE it would read every name.
    """
    folded = [names.fold_key(names.display(text)) for text in texts]
    if not folded or any(len(text) < TRIGRAM for text in folded):
        return None
    pieces = {text[n : n + TRIGRAM] for text in folded for n in range(len(text) - TRIGRAM + 1)}
    match = " ".join(
        '"' + piece.replace('"', '""') + '"' for piece in sorted(pieces)[:_MOST_PIECES]
    )
    return (
        "name_fts MATCH ?" + " AND instr(name, ?)" * len(folded),
        (match, *folded),
    )


def _like(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def _plain(column: str) -> Callable[[Narrowing, str], Condition]:
    def narrow(n: Narrowing, _project: str) -> Condition:
        sql, value = _compared(f"c.{column}", n)
        return sql, (value,)

    return narrow


def _said(column: str) -> Callable[[Narrowing, str], Condition]:
    """A fact over which a person's word wins."""

    def narrow(n: Narrowing, project: str) -> Condition:
        sql, value = _compared(f"c.{column}", n)
        told, _ = _compared("value", n)
        corrected = "SELECT clip_id FROM clip_field WHERE project_id = ? AND field = ?"
        return (
            f"(({sql}) AND c.id NOT IN ({corrected})) OR c.id IN ({corrected} AND {told})",
            (value, project, column, project, column, value),
        )

    return narrow


def _compared(column: str, n: Narrowing) -> tuple[str, str]:
    if n.operator in (":", "="):
        return f"{column} = ? COLLATE NOCASE", n.value
    return f"cast({column} AS REAL) {n.operator} cast(? AS REAL)", n.value


def _number(column: str) -> Callable[[Narrowing, str], Condition]:
    def narrow(n: Narrowing, _project: str) -> Condition:
        operator = "=" if n.operator == ":" else n.operator
        digits = re.search(r"[0-9]{1,15}", n.value)
        return (f"{column} {operator} ?", (int(digits[0]),)) if digits else ("0", ())

    return narrow


def _fps(n: Narrowing, _project: str) -> Condition:
    from fractions import Fraction

    from app.core.model.errors import Refused
    from app.core.model.timecode import parse_rate

    try:
        rate = parse_rate(n.value)
    except Refused:
        return "0", ()
    if max(rate.numerator, rate.denominator) > _LARGEST:
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
    stars = n.value.count("★")
    if not stars and not re.fullmatch("[0-9]{1,3}", n.value):
        return "0", ()
    value = stars or int(n.value)
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
    if word in ("problem", "problems"):
        return places.condition(places.Place("problems"), project)
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
    below = like if n.value.endswith("/") else like[:-1] + "/%"
    copied = copies.where("p.folder_text = ? OR p.folder_text LIKE ? ESCAPE '\\'")
    return f"(c.folder_text = ? OR c.folder_text LIKE ? ESCAPE '\\') OR {copied}", (
        *(n.value, below),
        *(n.value, below),
    )


def _name(n: Narrowing, _project: str) -> Condition:
    if n.value.endswith("*"):
        key = names.fold_key(n.value[:-1])
        bounds = (key, key + "\U0010ffff")
        copied = copies.where("p.name_fold >= ? AND p.name_fold < ?")
        return f"(c.name_fold >= ? AND c.name_fold < ?) OR {copied}", (*bounds, *bounds)
    held = in_names([n.value])
    if held is None:
        return "instr(c.name_fold, ?)", (names.fold_key(n.value),)
    return f"c.n IN (SELECT rowid FROM name_fts WHERE {held[0]})", held[1]


def _day(n: Narrowing, _project: str) -> Condition:
    operator = {"=": ":", ":": ":"}.get(n.operator, n.operator)
    if operator == ":":
        return "c.recorded_at LIKE ? ESCAPE '\\'", (_like(n.value)[1:],)
    if not n.value[:1].isdigit():
        return "0", ()
    return f"substr(c.recorded_at, 1, 10) {operator} ?", (n.value,)


def _duration(n: Narrowing, _project: str) -> Condition:
    operator = "=" if n.operator == ":" else n.operator
    seconds = 0
    parts = re.findall(r"[0-9]{1,9}", n.value)[-3:]
    if not parts:
        return "0", ()
    for part in parts:
        seconds = seconds * 60 + int(part)
    # In whole seconds as they are shown: see `durations`.
    return f"(c.duration_ms + {durations.HALF}) / {durations.SECOND} {operator} ?", (seconds,)


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
    **{field: _said(field) for field in ("camera", "reel", "scene", "take", "shot")},
    **{field: _plain(field) for field in ("codec", "kind", "card")},
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
