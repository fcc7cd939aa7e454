"""What ingest derives: scans where they are due, growing files settled, files read whole."""

import dataclasses
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from app.core.catalog import files, merging, volumes
from app.core.catalog.database import Catalog
from app.core.catalog.rows import Reader, Tx
from app.core.files import hashing, opening
from app.core.ingest.scanning import Scanner, ScanReport
from app.core.ingest.volumes import Volumes
from app.core.ingest.watching import Watcher
from app.core.model.entities import Volume
from app.core.model.errors import Missing, RushesError
from app.core.platform.pacing import Limiter
from app.core.platform.preferences import Ingest
from app.core.work.recipes import QUICK, Context, Recipe, Subject, io_lane

_LOOK_MS: Final = 5_000
"""Between two looks whether an offline volume has come back."""
_SOON_MS: Final = 3_000


class Scans:
    """When each volume is to be scanned: at the start, on a schedule, when it comes back, when asked."""

    def __init__(
        self,
        catalog: Catalog,
        present: Volumes,
        scanner: Scanner,
        watcher: Watcher,
        settings: Ingest,
    ) -> None:
        self._catalog = catalog
        self._present = present
        self._scanner = scanner
        self._watcher = watcher
        self._settings = settings
        self._due_at: dict[str, int] = {}
        self._looked_at: dict[str, int] = {}
        self._lock = threading.Lock()
        self.last: dict[str, ScanReport] = {}

    def want(self, volume_id: str) -> None:
        """A scan is wanted now."""
        with self._lock:
            self._due_at[volume_id] = 0

    def due(self, reader: Reader, limit: int, _focus: Sequence[str]) -> list[Subject]:
        """Volumes whose scan is due."""
        known = volumes.every(reader)
        now = _now()
        with self._lock:
            wanted = [v for v in known if self._due_at.setdefault(v.id, 0) <= now]
        return [
            Subject(v.id, io_lane(v.id), v.name)
            for v in wanted[:limit]
            if v.online or self._back(v)
        ]

    def run(self, context: Context, subject: Subject) -> None:
        """Scans one volume; the next is due by its schedule."""
        volume = self._present.get(subject.id)
        try:
            report = self._scanner.scan(
                volume.id,
                stopped=context.cancelled,
                progress=lambda n: context.progress(n, max(n, volume.files)),
            )
        finally:
            minutes = (
                self._settings.network_scan_minutes
                if volume.kind == "network"
                else self._settings.full_scan_minutes
            )
            with self._lock:
                self._due_at[volume.id] = _now() + minutes * 60_000
        self.last[volume.id] = report
        if not report.online:
            raise Missing(
                f"{volume.name} is offline",
                f"{report.reason}.",
                subject=volume.name,
                todo="Connect it; the scan starts by itself.",
            )

    def hints_due(self, _reader: Reader, _limit: int, _focus: Sequence[str]) -> list[Subject]:
        """Folders where the watcher saw something."""
        ready = self._watcher.take()
        return [
            Subject(f"{volume}|{folder}", io_lane(volume), folder or "/")
            for volume, folder in ready
        ]

    def run_hint(self, _context: Context, subject: Subject) -> None:
        """Looks at one folder."""
        volume_id, _, folder = subject.id.partition("|")
        try:
            self._scanner.scan_folder(volume_id, folder, deep=True)
        except (OSError, RushesError):
            # The folder itself may be what is gone: the whole volume tells.
            self.want(volume_id)

    def hints_soon(self, _reader: Reader) -> int:
        """Whether hints wait to become quiet."""
        return int(self._watcher.pending())

    def _back(self, volume: Volume) -> bool:
        """Whether an offline volume may be there again; asked every few seconds at most."""
        now = _now()
        if now - self._looked_at.get(volume.id, 0) < _LOOK_MS:
            return False
        self._looked_at[volume.id] = now
        return (
            bool(volume.mount) and self._present.presence(volume, Path(volume.mount or "")).online
        )


class Settling:
    """Growing files, looked at again when they should be quiet."""

    def __init__(self, scanner: Scanner, quiet_ms: int) -> None:
        self._scanner = scanner
        self._quiet_ms = quiet_ms

    def due(self, reader: Reader, limit: int, _focus: Sequence[str]) -> list[Subject]:
        """Files whose quiet time is over."""
        return [Subject(ref.id, QUICK, ref.path) for ref in files.due_settle(reader, _now(), limit)]

    def soon(self, reader: Reader) -> int:
        """Files that will be looked at within their first quiet time."""
        return files.settling(reader, _now() + self._quiet_ms + _SOON_MS)

    def run(self, context: Context, subject: Subject) -> None:
        """Looks at one file."""
        with context.catalog.read() as reader:
            refs = files.by_ids(reader, [subject.id])
        for ref in refs:
            self._scanner.settle(ref)


@dataclasses.dataclass(frozen=True, slots=True)
class Hashing:
    """Files read whole, once, one at a time on each volume."""

    cap: int
    """Bytes a second for each volume; 0 is no cap. A volume's own cap wins."""

    def due(self, reader: Reader, limit: int, _focus: Sequence[str]) -> list[Subject]:
        """Essence files without a full hash."""
        return [
            Subject(ref.id, io_lane(ref.volume_id), ref.path, ref.volume_id)
            for ref in files.due_hash(reader, limit)
        ]

    def run(self, context: Context, subject: Subject) -> None:
        """Reads one file whole; contents that turn out equal become one."""
        with context.catalog.read() as reader:
            refs = files.by_ids(reader, [subject.id])
            volume = volumes.get(reader, subject.volume_id)
        for ref in refs:
            rate = (volume.read_cap if volume else 0) or self.cap
            limiter = Limiter(rate) if rate else None
            with opening.open_regular(Path(ref.mount), ref.path) as stream:
                found = hashing.full_hash(
                    stream, cancel=context.cancelled, progress=context.progress, cap=limiter
                )
            context.catalog.write(lambda tx, ref=ref, found=found: _settle(tx, ref, found))


def _settle(tx: Tx, ref: files.FileRef, full_hash: str) -> None:
    if files.set_hash(tx, ref, full_hash) and ref.clip_id:
        merging.settle_content(tx, ref.clip_id)


def recipes(scans: Scans, settling: Settling, hashes: Hashing) -> list[Recipe]:
    """The recipes of ingest."""
    return [
        Recipe("scan", "Scans", scans.due, scans.run, priority=5),
        Recipe(
            "look",
            "Changed folders",
            scans.hints_due,
            scans.run_hint,
            priority=4,
            soon=scans.hints_soon,
        ),
        Recipe(
            "settle", "Growing files", settling.due, settling.run, priority=6, soon=settling.soon
        ),
        Recipe("hash", "Checksums", hashes.due, hashes.run, priority=40),
    ]


def _now() -> int:
    return time.time_ns() // 1_000_000
