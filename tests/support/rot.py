"""What disks, cables and people do to a catalog's file: bytes that change, pages that go, a log that is left behind.

The first of these change one file in place, by a `random.Random` given to them, and say in a word what they did.
"""

import contextlib
import os
import random
import shutil
import socket
import sqlite3
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from app.core.catalog import integrity, renditions, transcripts, uploads
from app.core.catalog.database import FILE_NAME, Catalog
from app.core.catalog.renditions import Made
from app.core.catalog.rows import Reader, Tx
from app.core.delivery.targets import Targets
from app.core.files import hashing
from app.core.model.entities import Segment, Word
from app.core.model.media import RenditionKind

PAGE: Final = 4096
_HEADER: Final = 100


def header(path: Path, chance: random.Random) -> str:
    """Four bytes of the header become others."""
    at = chance.randrange(_HEADER - 4)
    _write(path, at, chance.randbytes(4))
    return f"header at {at}"


def noise(path: Path, chance: random.Random) -> str:
    """A whole page becomes noise."""
    at = _page(path, chance)
    _write(path, at, chance.randbytes(PAGE))
    return f"noise at page {at // PAGE}"


def zero(path: Path, chance: random.Random) -> str:
    """A whole page becomes zeros, as after a write that never arrived."""
    at = _page(path, chance)
    _write(path, at, bytes(PAGE))
    return f"zeros at page {at // PAGE}"


def truncate(path: Path, chance: random.Random) -> str:
    """The end is missing."""
    size = chance.randrange(1, path.stat().st_size)
    with path.open("r+b") as stream:
        stream.truncate(size)
    return f"cut at {size}"


def empty(path: Path, _: random.Random) -> str:
    """Nothing is left but the name."""
    path.write_bytes(b"")
    return "emptied"


def swap(path: Path, chance: random.Random) -> str:
    """Two pages change places."""
    one, other = _page(path, chance), _page(path, chance)
    data = path.read_bytes()
    _write(path, one, data[other : other + PAGE])
    _write(path, other, data[one : one + PAGE])
    return f"pages {one // PAGE} and {other // PAGE} swapped"


def flip(path: Path, chance: random.Random) -> str:
    """One bit anywhere is another."""
    data = path.read_bytes()
    at = chance.randrange(len(data))
    _write(path, at, bytes([data[at] ^ 1 << chance.randrange(8)]))
    return f"bit at {at}"


DAMAGES: Final[Mapping[str, Callable[[Path, random.Random], str]]] = {
    "header": header,
    "noise": noise,
    "zero": zero,
    "truncate": truncate,
    "empty": empty,
    "swap": swap,
    "flip": flip,
}


def change(path: Path, old: bytes, new: bytes) -> int:
    """Puts other bytes of the same length wherever the old ones are; returns how often."""
    if len(old) != len(new):
        raise ValueError("rot never makes a file longer")
    data = path.read_bytes()
    path.write_bytes(data.replace(old, new))
    return data.count(old)


def _page(path: Path, chance: random.Random) -> int:
    return chance.randrange(path.stat().st_size // PAGE) * PAGE


def _write(path: Path, at: int, data: bytes) -> None:
    with path.open("r+b") as stream:
        stream.seek(at)
        stream.write(data)


# --- states of a whole data folder


def sql(*statements: str) -> Callable[[Path], None]:
    """Rows that become others behind the back of Rushes, indexes with them."""

    def act(home: Path) -> None:
        with contextlib.closing(sqlite3.connect(home / FILE_NAME)) as plain, plain:
            for statement in statements:
                changed = plain.execute(statement).rowcount
                if not changed:
                    raise AssertionError(f"nothing is damaged by {statement}")

    return act


def lose_index_rows(home: Path) -> None:
    """Entries of an index go, as where a write of its page never arrived."""
    with contextlib.closing(sqlite3.connect(home / FILE_NAME)) as plain, plain:
        words = plain.execute(
            "SELECT sql FROM sqlite_master WHERE name = 'file_by_size'"
        ).fetchone()[0]
        plain.execute("PRAGMA writable_schema=ON")
        # For a moment the index holds fewer rows than its table: then its old words are put back.
        plain.execute("DROP INDEX file_by_size")
        plain.execute(f"{words} WHERE size < 0")
        plain.execute("UPDATE sqlite_master SET sql = ? WHERE name = 'file_by_size'", (words,))


def a_clip(catalog: Catalog) -> str:
    """The id of the first clip."""
    with catalog.read() as reader:
        return str(reader.value("SELECT id FROM clip ORDER BY n LIMIT 1"))


def furnish(catalog: Catalog, store: Path) -> None:
    """A rendition in the proxy store, a transcript and an upload, as work leaves them."""
    place = "ab/content/derive-1/poster.jpg"
    picture = bytes(range(256))
    (store / place).parent.mkdir(parents=True)
    (store / place).write_bytes(picture)
    with (store / place).open("rb", buffering=0) as stream:
        kept = hashing.full_hash(stream)
    target = Targets(catalog).add("cold", "bucket").id

    def act(tx: Tx) -> None:
        tx.run("UPDATE scope SET done = changed")  # as assembly leaves it
        clip = str(tx.value("SELECT id FROM clip ORDER BY n LIMIT 1"))
        content = str(renditions.content_of(tx, clip))
        made = Made(RenditionKind.POSTER, place, len(picture), kept)
        renditions.put(tx, content, "derive", 1, "", [made])
        words = (Word(0, 8000, 900, "harbour"),)
        transcripts.put(
            tx, content, "m", 1, "en", [Segment(0, 16000, "harbour", None, "en", words)]
        )
        uploads.want(
            tx, target_id=target, clip_id=clip, key="A001.mov", source="original:1", size=1000,
            content_hash="xxh3-128:00", wanted_for="xxh3-128:00",
        )  # fmt: skip

    catalog.write(act, durable=True)


def _picture(home: Path) -> Path:
    return next((home / "renditions").rglob("poster.jpg"))


def lose_rendition(home: Path) -> None:
    """A file of the proxy store is deleted."""
    _picture(home).unlink()


def cut_rendition(home: Path) -> None:
    """A file of the proxy store lost its end."""
    _picture(home).write_bytes(b"half")


def rot_rendition(home: Path) -> None:
    """A file of the proxy store has one other byte."""
    picture = _picture(home)
    picture.write_bytes(picture.read_bytes()[:-1] + b"!")


def orphan(home: Path) -> Path:
    """A folder of the proxy store of which no row knows, older than an hour; returns it."""
    folder = home / "renditions" / "cd" / "content" / "derive-1"
    folder.mkdir(parents=True)
    (folder / "poster.jpg").write_bytes(b"nobody's")
    os.utime(folder, (1, 1))
    return folder


def spoil_backup(home: Path) -> None:
    """The newest backup has a page of noise."""
    (newest, *_) = sorted((home / "backups").glob("catalog_*.sqlite"), reverse=True)
    _write(newest, PAGE, b"\xff" * PAGE)


def spoil_table(home: Path, table: str) -> None:
    """The root page of a table becomes noise."""
    with contextlib.closing(sqlite3.connect(home / FILE_NAME)) as plain:
        root = plain.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)
        ).fetchone()[0]
    _write(home / FILE_NAME, (root - 1) * PAGE, b"\xff" * PAGE)


def left_by_a_kill(home: Path) -> None:
    """Everything that a process leaves that is killed: half files, a half backup, its lock and its door."""
    dead = 2**22 + 1  # no process has this number
    name = f".rushes-{zlib.crc32(socket.gethostname().encode()):08x}-{dead:x}-01234567.tmp"
    (home / "renditions" / "in-work" / name).mkdir(parents=True)
    (home / "renditions" / "in-work" / name / "proxy.mov").write_bytes(b"half")
    (home / "backups" / ".backup-0000").write_bytes(b"half")
    (home / "owner.lock").touch()
    with contextlib.closing(socket.socket(socket.AF_UNIX)) as door:
        door.bind(str(home / "owner.sock"))


def lose_log(home: Path, say: Callable[[Catalog], object]) -> None:
    """Something is said; then the process is killed, and the log beside the catalog deleted."""
    running = home.with_name("running")
    shutil.move(home, running)
    with contextlib.closing(Catalog.open(running)) as catalog:
        say(catalog)
        shutil.copytree(running, home)
    for ending in ("-wal", "-shm"):
        (home / f"{FILE_NAME}{ending}").unlink()


CELLS: Final[Mapping[str, str]] = {
    "event": "id hlc node actor project_id entity entity_id part kind v body undoes seen digest",
    "note": "id clip_id project_id start_frame end_frame text author state parent created_ms deleted",
    "decision": "clip_id project_id actor verdict hash comment at_ms hlc event_id seen",
    "tag": "clip_id project_id word adds",
    "clip_log": "clip_id project_id rating circled rejected",
    "actor": "id name initials",
    "project": "id fields",
    "content": "full_hash",
    "file": "full_hash",
}
"""Where words of people, approvals and hashes stand."""


def flipped_cell(home: Path, chance: random.Random) -> tuple[str, list[str]]:
    """One bit of one of these becomes another, its indexes with it; (where, what the checks find). It is taken back again."""
    with contextlib.closing(sqlite3.connect(home / FILE_NAME, isolation_level=None)) as plain:
        plain.row_factory = sqlite3.Row
        plain.execute("BEGIN")
        while True:
            table = chance.choice(list(CELLS))
            column = chance.choice(CELLS[table].split())
            rows = plain.execute(
                f"SELECT {column} FROM {table} WHERE {column} NOT IN ('')"
            ).fetchall()
            before = chance.choice(rows)[0] if rows else None
            if before is None:
                continue
            after = _flip(before, chance)
            with contextlib.suppress(sqlite3.IntegrityError):
                plain.execute(
                    f"UPDATE {table} SET {column} = ? WHERE {column} = ?", (after, before)
                )
                break
        reader = Reader(plain)
        unseen = reader.value("PRAGMA integrity_check") == "ok"
        found = [what for what, _ in integrity.problems(reader)]
        plain.execute("ROLLBACK")
    return f"{table}.{column} {before!r} -> {after!r}{'' if unseen else ' (seen by SQLite)'}", found


def _flip(before: object, chance: random.Random) -> object:
    if isinstance(before, int):
        return before ^ 1 << chance.randrange(max(1, before.bit_length()))
    text = str(before)
    at = chance.randrange(len(text))
    return f"{text[:at]}{chr(ord(text[at]) ^ 1 << chance.randrange(4))}{text[at + 1 :]}"
