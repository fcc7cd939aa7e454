"""The search index: one row a findable text, written in the transaction of the row it indexes."""

import itertools
from collections.abc import Sequence

from app.core.catalog.rows import Row, Tx
from app.core.model import names


def put(
    tx: Tx,
    clip_id: str,
    project_id: str,
    field: str,
    ref: str,
    start_frame: int | None,
    end_frame: int | None,
    text: str,
) -> None:
    """Adds one text. `project_id` is "" for what belongs to the footage itself."""
    n = tx.insert(
        "INSERT INTO doc (clip_id, project_id, field, ref, start_frame, end_frame, text) VALUES (?,?,?,?,?,?,?)",
        clip_id,
        project_id,
        field,
        ref,
        start_frame,
        end_frame,
        text,
    )
    tx.run("INSERT INTO doc_fts (rowid, text) VALUES (?, ?)", n, text)


def replace(
    tx: Tx, clip_id: str, field: str, fresh: Sequence[tuple[str, int | None, int | None, str]]
) -> None:
    """The texts of the footage itself in a clip's field become these (reference, frames, text); equal ones at the beginning stay."""
    known = tx.all(
        "SELECT ref, start_frame, end_frame, text, n FROM doc WHERE clip_id = ? AND field = ? ORDER BY n",
        clip_id,
        field,
    )
    pairs = zip(known, fresh, strict=False)
    same = sum(1 for _ in itertools.takewhile(lambda pair: tuple(pair[0])[:-1] == pair[1], pairs))
    _remove(tx, known[same:])
    for ref, start_frame, end_frame, text in fresh[same:]:
        put(tx, clip_id, "", field, ref, start_frame, end_frame, text)


def drop(tx: Tx, clip_id: str, field: str, ref: str | None = None) -> None:
    """Takes out the texts of a clip's field, or the one with this reference."""
    rows = (
        tx.all("SELECT n, text FROM doc WHERE clip_id = ? AND field = ?", clip_id, field)
        if ref is None
        else tx.all(
            "SELECT n, text FROM doc WHERE clip_id = ? AND field = ? AND ref = ?",
            clip_id,
            field,
            ref,
        )
    )
    _remove(tx, rows)


def drop_said(tx: Tx, clip_id: str | None = None, field: str = "") -> None:
    """Takes out what people said in a field of a clip; of all clips and in all fields where none is named."""
    where, bound = "project_id <> ''", list[str]()
    for column, value in (("clip_id", clip_id), ("field", field)):
        if value:
            where, bound = f"{where} AND {column} = ?", [*bound, value]
    _remove(tx, tx.all(f"SELECT n, text FROM doc WHERE {where}", *bound))


def move(tx: Tx, clip_id: str, to: str) -> None:
    """Texts of one clip become texts of another."""
    tx.run("UPDATE doc SET clip_id = ? WHERE clip_id = ?", to, clip_id)


def name(tx: Tx, row: int, text: str) -> None:
    """Sets the text that name substrings are found in; `row` is the clip's row number."""
    tx.run("DELETE FROM name_fts WHERE rowid = ?", row)
    tx.run("INSERT INTO name_fts (rowid, name) VALUES (?, ?)", row, names.fold_key(text))


def _remove(tx: Tx, rows: list[Row]) -> None:
    # An external-content index must be told the old text, word for word.
    tx.many(
        "INSERT INTO doc_fts (doc_fts, rowid, text) VALUES ('delete', ?, ?)",
        [(row["n"], row["text"]) for row in rows],
    )
    tx.many("DELETE FROM doc WHERE n = ?", [(row["n"],) for row in rows])
