"""The texts by which a clip itself is found: its name, its facts, what its copies are called."""

import os
from typing import TYPE_CHECKING, Final

from app.core.catalog import documents
from app.core.catalog.clip_states import IDENTITY
from app.core.catalog.rows import Tx
from app.core.model import names

if TYPE_CHECKING:
    from app.core.catalog.clips import ClipRecord

_MOST_COPIES: Final = 20
"""Of one clip whose names are looked up."""


def index(tx: Tx, clip_id: str, record: "ClipRecord") -> None:
    """Its own name, and the facts that are worth searching."""
    documents.drop(tx, clip_id, "name", "")
    documents.drop(tx, clip_id, "fact", "")
    documents.put(tx, clip_id, "", "name", "", None, None, names.display(record.name))
    words = [record.reel, record.camera, record.codec, record.card, *record.tags.values()]
    facts = " ".join(names.display(word) for word in words if word)
    if facts:
        documents.put(tx, clip_id, "", "fact", "", None, None, facts[:4000])


def index_names(tx: Tx, clip_id: str) -> None:
    """Its name and folder, and the files of its further copies: each is found by what it is called."""
    clip = tx.one("SELECT n, name, folder_text, place FROM clip WHERE id = ?", clip_id)
    if clip is None:
        return
    copies = tx.column(
        f"SELECT min(path) FROM file WHERE clip_id = ? AND place <> ? AND role IN {IDENTITY} GROUP BY place LIMIT ?",
        clip_id,
        clip["place"],
        _MOST_COPIES,
    )
    words = [clip["name"], clip["folder_text"], *(names.display(os.fsdecode(p)) for p in copies)]
    documents.name(tx, clip["n"], " ".join(words)[:4000])


def index_again(tx: Tx) -> None:
    """Every clip's names, where the index of names is empty; and its own name where that text is lost."""
    for row in tx.all("SELECT id, name FROM clip WHERE retired = 0"):
        index_names(tx, row["id"])
        if not tx.value(
            "SELECT 1 FROM doc WHERE clip_id = ? AND field = 'name' AND ref = ''", row["id"]
        ):
            documents.put(tx, row["id"], "", "name", "", None, None, row["name"])
