"""What it takes to put new clips together in a catalog that stays as it is: everything is rolled back."""

import time

from app.core.catalog import clips, files
from app.core.catalog.database import Catalog
from app.core.catalog.files import Seen
from app.core.catalog.rows import Tx
from app.core.model.media import FileState
from tests.support import catalogs

ROUNDS, AT_ONCE = 8, 50
_FILE = "SELECT n FROM file WHERE volume_id = ? AND path = ?"


class _TakenBackError(Exception):
    """Nothing of it stays."""


def each(catalog: Catalog) -> list[float]:
    """Processor milliseconds of the writer for a clip, of several rounds."""
    with catalog.read() as reader:
        volume = str(reader.value("SELECT id FROM volume ORDER BY id LIMIT 1"))
    return [_round(catalog, volume, number) for number in range(ROUNDS)]


def _round(catalog: Catalog, volume: str, number: int) -> float:
    spent: list[float] = []

    def act(tx: Tx) -> None:
        paths = [f"New/N{number:03d}/N{number:03d}C{clip:03d}.mov" for clip in range(AT_ONCE)]
        seen = [
            Seen(path.encode(), 1_000 + n, n, 90_000_000 + n, "media_video", FileState.PRESENT)
            for n, path in enumerate(paths)
        ]
        files.insert(tx, volume, seen)
        rows = [int(tx.value(_FILE, volume, p.encode())) for p in paths]
        begun = time.thread_time_ns()
        for path, row in zip(paths, rows, strict=True):
            clips.put(tx, catalogs.record(volume, path, [row]))
        spent.append((time.thread_time_ns() - begun) / 1e6 / AT_ONCE)
        raise _TakenBackError

    try:
        catalog.write(act)
    except _TakenBackError:
        return spent[0]
    raise AssertionError
