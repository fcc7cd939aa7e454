"""Where the frames of a clip lie that became part of a longer one: chapters and spans that arrive one by one.

What a person says counts frames from the beginning of the clip it was said of, and is never rewritten. Where that
clip was joined with others, its former id keeps the steps that lead to the frames of the clip it is part of now.
A step is a list of pieces: from this frame on, so many frames later.
"""

import json
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final, cast

from app.core.catalog import stored
from app.core.catalog.rows import Reader, Tx
from app.core.model.media import IDENTITY_ROLES

if TYPE_CHECKING:
    from app.core.catalog.clips import ClipRecord

Step = Mapping[str, Any]
"""`{"rate": [above, below], "pieces": [[from, by], …]}`: frames of the shorter clip, ascending; frames a second."""
_SPEECH: Final = 16_000
"""Samples a second that transcripts count in."""


def layout(record: "ClipRecord") -> str | None:
    """At which of its frames each file begins, as it is kept; None where that is not known."""
    parts = [(p.n, p.start) for p in record.parts if p.role in IDENTITY_ROLES]
    return json.dumps(parts) if parts and all(start is not None for _, start in parts) else None


def step(reader: Reader, clip_id: str, record: "ClipRecord") -> Step | None:
    """How the frames of the clip lie in this record, of which it becomes a part.

    None where they stay where they are, and where that cannot be told: before its files were read, or while one
    of them is not there.
    """
    known = reader.value("SELECT layout FROM clip WHERE id = ?", clip_id)
    now = {p.n: p.start for p in record.parts if p.role in IDENTITY_ROLES}
    if known is None or record.rate is None:
        return None
    pieces: dict[int, int] = {}
    for n, start in stored.listed(known):
        begins = now.get(n)
        if begins is None:
            return None
        pieces.setdefault(start, begins - start)
    if not any(pieces.values()):
        return None
    rate = [record.rate.numerator, record.rate.denominator]
    return {"rate": rate, "pieces": sorted(pieces.items())}


def follow(tx: Tx, loser: str, winner: str, taken: Step | None) -> None:
    """`loser`, with every id that means it, means `winner` from now on, by this step."""
    for row in tx.all("SELECT alias, shifts FROM clip_alias WHERE clip_id = ?", loser):
        steps = [*stored.listed(row["shifts"]), *([taken] if taken else [])]
        tx.run(
            "UPDATE clip_alias SET clip_id = ?, shifts = ? WHERE alias = ?",
            winner,
            json.dumps(steps),
            row["alias"],
        )
    steps = json.dumps([taken] if taken else [])
    tx.run(
        "INSERT OR REPLACE INTO clip_alias (alias, clip_id, shifts) VALUES (?,?,?)",
        loser,
        winner,
        steps,
    )


def of(reader: Reader, clip_id: str) -> list[Step]:
    """The steps from the frames of what this id was given to, to those of the clip that it means now."""
    text = reader.value("SELECT shifts FROM clip_alias WHERE alias = ?", clip_id)
    return stored.listed(text)


def frame(steps: Sequence[Step], value: int) -> int:
    """Where a frame lies now."""
    for one in steps:
        value += _by(one, Fraction(value))
    return value


def span(steps: Sequence[Step], start: int, end: int) -> tuple[int, int]:
    """Where a range lies now; its end is exclusive."""
    return frame(steps, start), frame(steps, end - 1) + 1


def samples(steps: Sequence[Step], value: int) -> int:
    """Where a sample of 16 kHz lies now."""
    for one in steps:
        above, below = cast("tuple[int, int]", one["rate"])
        rate = Fraction(above, below)
        value += round(_by(one, Fraction(value, _SPEECH) * rate) / rate * _SPEECH)
    return value


def back(steps: Sequence[Step], value: int) -> int:
    """The frame that lies here now, as the shorter clip counted it."""
    for one in reversed(steps):
        pieces = cast("list[tuple[int, int]]", one["pieces"])
        value -= next((by for at, by in reversed(pieces) if value >= at + by), pieces[0][1])
    return value


def _by(one: Step, at: Fraction) -> int:
    pieces = cast("list[tuple[int, int]]", one["pieces"])
    return next((by for begins, by in reversed(pieces) if at >= begins), pieces[0][1])
