"""What is to be printed, before anybody decides where on the page: headings, facts, tables, lines to sign.

It holds words as they are to be read; whoever paints it knows nothing of offloads. As JSON it goes to the process that paints.
"""

import dataclasses
import json
from collections.abc import Sequence
from typing import Any, Literal, cast

Tone = Literal["", "good", "warn", "bad", "quiet"]
Paper = Literal["A4", "Letter"]


@dataclasses.dataclass(frozen=True, slots=True)
class Column:
    """One column of a table."""

    title: str
    share: int
    """Of the width, beside the shares of the others."""
    style: Literal["text", "number", "code", "pictures"] = "text"


@dataclasses.dataclass(frozen=True, slots=True)
class Line:
    """One line of a table."""

    cells: tuple[str, ...]
    """One a column; `\\n` begins a new line in a cell. What stands in a column of pictures is said below or instead of them."""
    tone: Tone = ""
    pictures: tuple[str, ...] = ()
    """JPEGs in base64, for the column of pictures."""


@dataclasses.dataclass(frozen=True, slots=True)
class Block:
    """One part of a sheet, below the one before."""

    kind: Literal["heading", "text", "facts", "table", "signatures"]
    text: str = ""
    tone: Tone = ""
    columns: tuple[Column, ...] = ()
    """Of a table."""
    lines: tuple[Line, ...] = ()
    """Of a table; of facts with a label and a value each; of signatures with what is to be written above each line."""


@dataclasses.dataclass(frozen=True, slots=True)
class Sheet:
    """A whole report."""

    title: str
    under: str
    """The line below the title."""
    running: str
    """At the top of each further page."""
    footer: str
    page: str
    """Such as `Page {0} of {1}`."""
    unknown: str
    """Said at the end where letters were replaced, with `{0}` for how many."""
    blocks: tuple[Block, ...]
    paper: Paper = "A4"


def packed(sheet: Sheet) -> bytes:
    """The sheet as JSON in UTF-8."""
    return json.dumps(dataclasses.asdict(sheet), ensure_ascii=False).encode(
        "utf-8", "backslashreplace"
    )


def unpacked(data: bytes) -> Sheet:
    """The sheet that `packed` made into bytes."""
    plain = cast("dict[str, Any]", json.loads(data))
    blocks = tuple(_block(one) for one in plain.pop("blocks"))
    return Sheet(**plain, blocks=blocks)


def _block(plain: dict[str, Any]) -> Block:
    columns, lines = plain.pop("columns"), plain.pop("lines")
    return Block(**plain, columns=_columns(columns), lines=_lines(lines))


def _columns(plain: Sequence[dict[str, Any]]) -> tuple[Column, ...]:
    return tuple(Column(**one) for one in plain)


def _lines(plain: Sequence[dict[str, Any]]) -> tuple[Line, ...]:
    return tuple(Line(tuple(one["cells"]), one["tone"], tuple(one["pictures"])) for one in plain)
