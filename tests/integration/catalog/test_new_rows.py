"""New files are written at the ends of the indexes, whatever their sizes are."""

import contextlib
import random
import sqlite3
from collections.abc import Callable
from pathlib import Path

from app.core.catalog import files, schema
from app.core.catalog.files import Seen
from app.core.catalog.rows import Tx
from app.core.model.media import FileState

ROWS, STEP = 10_000, 1_000


def _log_bytes(path: Path, size_of: Callable[[int], int]) -> int:
    """How much a first scan puts into the write-ahead log."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as plain:
        plain.execute("PRAGMA journal_mode=WAL")
        plain.execute("PRAGMA wal_autocheckpoint=0")
        for statement in schema.EVERYTHING:
            plain.execute(statement)
        begun = path.with_name(f"{path.name}-wal").stat().st_size
        for first in range(0, ROWS, STEP):
            plain.execute("BEGIN")
            seen = [
                Seen(
                    b"A%03d/%05d.mov" % (n // 100, n),
                    size_of(n),
                    n,
                    n,
                    "media_video",
                    FileState.PRESENT,
                )
                for n in range(first, first + STEP)
            ]
            files.insert(Tx(plain), "01890000-0000-7000-8000-000000000000", seen)
            plain.execute("COMMIT")
        return path.with_name(f"{path.name}-wal").stat().st_size - begun


def test_sizes_of_files_in_any_order_cost_no_more_than_equal_ones(tmp_path: Path) -> None:
    chance = random.Random(1)
    equal = _log_bytes(tmp_path / "equal.sqlite", lambda _: 5_000_000_000)
    mixed = _log_bytes(tmp_path / "mixed.sqlite", lambda _: chance.randrange(10**10))
    assert mixed < equal * 1.2, (mixed, equal)
