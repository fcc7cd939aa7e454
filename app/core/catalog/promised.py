"""The last word that was promised, in a small file beside the catalog: by it a write-ahead log that was lost is noticed.

It names the newest event that a durable commit has put on the disk. It is written after the sync of that commit and is
never synced itself: after a power cut it may lie behind the catalog, never ahead. A catalog that knows less has lost words.
"""

import dataclasses
import json
import logging
import os
import zlib
from pathlib import Path
from typing import Final

from app.core.catalog import stored
from app.core.catalog.rows import Reader, Tx
from app.core.model import hlc
from app.core.model.errors import Damage
from app.core.platform import clock
from app.core.platform.handles import PLAIN

log = logging.getLogger(__name__)
FILE_NAME: Final = "catalog.promised"
_MARK: Final = "rushes-1"
_LINE: Final = 128
"""Bytes: far less than a disk writes at once."""
_KEY: Final = "lost_words"
_NOT_HERE: Final = " entries of notes, log and decisions are not in the catalog"
ADVICE: Final = (
    "Where a copy of the whole data folder has them, close Rushes and begin with that."
    " Else run “rushes check --repair”: it takes what the backups have, notes the loss of the rest and goes on from here."
)


@dataclasses.dataclass(frozen=True, slots=True)
class Lost:
    """What was promised and is not there."""

    entries: int
    """Of the event log: notes, ratings, decisions and so on."""
    after_ms: int
    """When the last word that is there was said, in milliseconds since 1970, UTC."""
    until_ms: int
    """When the last one that is not there was kept."""

    def told(self, path: Path) -> Damage:
        """The same in words for people."""
        return Damage(
            "Words of people are missing",
            f"{self.entries} entries of notes, log and decisions are not in the catalog. They were kept after"
            f" {_moment(self.after_ms)} and until {_moment(self.until_ms)}, in a file {path.name}-wal that is gone,"
            " or the catalog is an older copy.",
            subject=str(path),
            todo=ADVICE,
        )


def is_loss(problem: str) -> bool:
    """Whether these words of a check are those of a loss."""
    return _NOT_HERE in problem


def _moment(ms: int) -> str:
    """`2026-05-14 09:30:00 UTC`."""
    return f"{clock.utc_text(ms)[:19].replace('T', ' ')} UTC"


class Promise:
    """The file beside one catalog, for the one process that writes it."""

    def __init__(self, catalog: Path) -> None:
        self.path = beside(catalog)
        self._kept = 0
        self._failed = False

    def keep(self, node: str, sequence: int) -> None:
        """Names the newest event; call it only after the commit that holds it was synced."""
        if sequence == self._kept or not node:
            return
        words = f"{_MARK} {node} {sequence} {clock.now_ms()}"
        line = f"{words} {zlib.crc32(words.encode()):08x}".encode().ljust(_LINE - 1) + b"\n"
        try:
            handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | PLAIN, 0o600)
            with os.fdopen(handle, "wb", buffering=0) as stream:
                stream.write(line)
        except OSError as error:
            if not self._failed:
                log.info("the last word is not noted beside the catalog: %s", error)
            self._failed = True
            return
        self._kept, self._failed = sequence, False

    def lost(self, reader: Reader) -> Lost | None:
        """What this catalog was promised and does not hold; None where nothing is known to be missing."""
        found = _read(self.path)
        if found is None:
            return None
        node, promised, kept_ms = found
        desk, here = newest(reader)
        if desk != node or here >= promised:
            return None
        last = int(reader.value("SELECT max(hlc) FROM event") or 0)
        return Lost(promised - here, hlc.milliseconds(last), kept_ms)


def beside(catalog: Path) -> Path:
    """Where the file of this catalog is."""
    return catalog.with_name(FILE_NAME)


def named(catalog: Path) -> tuple[str, int]:
    """(desk, number of the newest event) as promised beside this catalog, be it there or not; ("", 0) where nothing was."""
    found = _read(beside(catalog))
    return found[:2] if found else ("", 0)


def newest(reader: Reader) -> tuple[str, int]:
    """(this desk's id, "" before anything was said; the number of the newest event)."""
    row = reader.one(
        "SELECT (SELECT value FROM meta WHERE key = 'node') AS node, (SELECT max(seq) FROM event) AS seq"
    )
    return (str(row["node"] or ""), int(row["seq"] or 0)) if row else ("", 0)


def note(tx: Tx, lost: Lost) -> Lost:
    """Keeps a loss in the catalog until somebody has taken note of it; several are one, which is returned."""
    before = noted(tx)
    if before and before.until_ms != lost.until_ms:
        lost = Lost(before.entries + lost.entries, before.after_ms, lost.until_ms)
    tx.run("INSERT OR REPLACE INTO meta VALUES (?, ?)", _KEY, json.dumps(dataclasses.astuple(lost)))
    return lost


def noted(reader: Reader) -> Lost | None:
    """The loss that nobody has taken note of yet."""
    found = reader.value("SELECT value FROM meta WHERE key = ?", _KEY)
    return _lost(str(found)) if found else None


@stored.reading
def _lost(text: str) -> Lost:
    entries, after, until = stored.listed(text)
    return Lost(int(entries), int(after), int(until))


def take_note(tx: Tx) -> bool:
    """A person has been told; whether there was anything to tell."""
    return bool(tx.run("DELETE FROM meta WHERE key = ?", _KEY))


def _read(path: Path) -> tuple[str, int, int] | None:
    """(node, sequence, milliseconds); None where there is no such file, or it is not whole."""
    try:
        with path.open("rb") as stream:
            words = stream.read(_LINE).decode("ascii").split()
        mark, node, sequence, kept_ms, check = words
        if mark == _MARK and int(check, 16) == zlib.crc32(" ".join(words[:4]).encode()):
            return node, int(sequence), int(kept_ms)
    except (OSError, ValueError):
        return None  # it says nothing, and so claims nothing
    return None
