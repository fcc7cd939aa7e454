"""Made-up clip cards for the window's tests, and a provider that counts what is asked of it."""

import threading
from array import array
from collections.abc import Sequence
from fractions import Fraction

from app.core.model.entities import ClipCard
from app.core.model.ids import ClipId, ClipRow
from app.core.model.media import ClipKind, ClipState


def card(row: int, **changes: object) -> ClipCard:
    """The card of a made-up clip."""
    fields: dict[str, object] = {
        "row": ClipRow(row),
        "id": ClipId(f"clip-{row}"),
        "name": f"A{row // 100:03d}C{row % 100:03d}_260514_R2EC",
        "kind": ClipKind.VIDEO,
        "state": ClipState.READY,
        "rate": Fraction(25),
        "drop": False,
        "start": f"10:{row // 60 % 60:02d}:{row % 60:02d}:00",
        "duration_ms": 1000 * (row % 400 + 1),
        "width": 1920,
        "height": 1080,
        "codec": "h264",
        "reel": "A001",
        "camera": "A",
        "scene": f"{row // 9 + 1}A",
        "take": str(row % 9 + 1),
        "recorded_at": None,
        "rating": row % 6,
        "circled": False,
        "rejected": False,
        "approved": row % 7 == 0,
        "changes_asked": False,
        "open_notes": row % 4 if row % 5 == 0 else 0,
        "poster": None,
        "filmstrip": None,
        "filmstrip_facts": {},
        "proxy_ready": True,
        "folder": "Day 3/A cam",
        "volume_id": "volume",
    }
    return ClipCard(**{**fields, **changes})  # type: ignore[arg-type] - checked by the tests that use it


class FakeCardProvider:
    """Makes cards for any row; remembers which were asked for, on which thread."""

    def __init__(self, gone: frozenset[int] = frozenset(), **changes: object) -> None:
        self.asked: list[list[ClipRow]] = []
        self.threads: set[int] = set()
        self.changes = changes
        self.gone = gone

    def fetch(self, rows: Sequence[ClipRow]) -> list[ClipCard]:
        self.asked.append(list(rows))
        self.threads.add(threading.get_ident())
        return [card(row, **self.changes) for row in rows if row not in self.gone]

    def paths(self, rows: Sequence[ClipRow]) -> list[str]:
        return [f"/media/A{row}.mov" for row in rows]


def rows(count: int) -> "array[int]":
    """Rows 0 to `count`."""
    return array("q", range(count))
