"""What ingest derives: scans where they are due, growing files settled, files read whole."""

import dataclasses
import itertools
import logging
import os
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from app.core.catalog import attempts, files, merging, offloads, unhashed, volumes, waits
from app.core.catalog.database import Catalog
from app.core.catalog.rows import Reader, Tx
from app.core.files import digests, hashing, opening
from app.core.ingest import folder_times
from app.core.ingest.scanning import Scanner, ScanReport
from app.core.ingest.volumes import Volumes
from app.core.ingest.walking import time_of
from app.core.ingest.watching import WATCHING, Watcher
from app.core.model.entities import Volume
from app.core.model.errors import Missing, Passing, RushesError
from app.core.platform.preferences import Ingest
from app.core.work.patience import Patience
from app.core.work.read_caps import ReadCaps
from app.core.work.recipes import QUICK, Context, Recipe, Subject, io_lane

log = logging.getLogger(__name__)
_LOOK_MS: Final = 5_000
"""Between two looks which volumes are there."""
_SOON_MS: Final = 3_000
_ANSWER_SECONDS: Final = 20
"""How long a piece of a file may take to be read."""
_QUICK_MS: Final = 60_000
"""Between two quick passes over a volume that is not watched."""
_QUICK_WATCHED_MS: Final = 300_000
"""The same where the watcher tells of changes: events may be lost without a word."""
_LONGEST_WAIT_MS: Final = 7_200_000
"""Nothing waits longer; an hour further ahead was told by a clock that was wrong."""
_JUMP_NS: Final = 1_000_000_000
"""By so much the clock must go back to have been set."""


class Scans:
    """When each volume is scanned whole: at the start, on a schedule, when it comes back, when asked, when the clock is set back.

    In between, quick passes look only at folders whose own times changed, where a filesystem keeps those.
    """

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
        self._quick_at: dict[str, int] = {}
        self._ahead = time.time_ns() - time.monotonic_ns()
        self._looked_ns = 0
        self._set_back = False
        self._lock = threading.Lock()
        self.last: dict[str, ScanReport] = {}

    def want(self, volume_id: str) -> None:
        """A scan is wanted now."""
        with self._lock:
            self._due_at[volume_id] = 0

    def due(self, reader: Reader, limit: int, _focus: Sequence[str]) -> list[Subject]:
        """Volumes whose scan or quick pass is due. What is offline is due, whole, as soon as it is back."""
        known = volumes.plain(reader)
        now = _now()
        with self._lock:
            if self._clock_went_back():
                # Times that lie ahead now may come again, and so does the hour of the next scan.
                self._due_at.clear()
                self._set_back = True
            for volume in known:
                if not volume.online:
                    self._due_at[volume.id] = 0
            wanted = [
                v
                for v in known
                if v.online
                and (
                    self._due_at.setdefault(v.id, 0) <= now
                    or (self._quick_at.get(v.id, sys.maxsize) <= now and folder_times.can_tell(v))
                )
            ]
        return [Subject(v.id, io_lane(v.id), v.name) for v in wanted[:limit]]

    def _clock_went_back(self) -> bool:
        before, self._ahead = self._ahead, time.time_ns() - time.monotonic_ns()
        return self._ahead < before - _JUMP_NS

    def run(self, context: Context, subject: Subject) -> None:
        """Scans one volume, or passes over it quickly where no scan is due; the next follow by their schedules."""
        volume = self._present.get(subject.id)
        with self._lock:
            whole = self._due_at.get(volume.id, 0) <= _now()
            # After a failure the next is a whole scan: a quick pass must not pass for its retry.
            self._quick_at[volume.id] = sys.maxsize
        if whole or not self._pass(context, volume.id):
            self._scan(context, volume)
        step = _QUICK_WATCHED_MS if volume.watcher == WATCHING else _QUICK_MS
        with self._lock:
            self._quick_at[volume.id] = _now() + step

    def _pass(self, context: Context, volume_id: str) -> bool:
        """Passes over a volume quickly; false where only a whole scan can tell."""
        try:
            return not self._scanner.quick(volume_id, stopped=context.cancelled).unclear
        except (OSError, Missing, Passing) as error:
            log.info("the quick pass over %s was broken off: %s", volume_id, error)
            return False

    def _scan(self, context: Context, volume: Volume) -> None:
        minutes = (
            self._settings.full_scan_minutes
            if volume.watcher == WATCHING
            else self._settings.network_scan_minutes
        )
        self._schedule(volume.id, minutes, anew=True)
        try:
            report = self._scanner.scan(
                volume.id,
                stopped=context.cancelled,
                progress=lambda n: context.progress(n, max(n, volume.files)),
            )
        except (Missing, Passing) as error:
            # Being away is a state of the volume, not a failure of the scan: it begins anew once it is back.
            log.info("the scan of %s was broken off: %s", volume.id, error)
            report = ScanReport(volume.id, online=False, reason=error.message)
        finally:
            self._schedule(volume.id, minutes, anew=False)
        self.last[volume.id] = report

    def _schedule(self, volume_id: str, minutes: int, *, anew: bool) -> None:
        # Wanted while it ran, it runs once more.
        with self._lock:
            if anew or self._due_at.get(volume_id):
                self._due_at[volume_id] = _now() + minutes * 60_000

    def hints_due(self, _reader: Reader, _limit: int, _focus: Sequence[str]) -> list[Subject]:
        """Volumes where the watcher saw something."""
        return [Subject(volume, io_lane(volume), volume) for volume in self._watcher.ready()]

    def run_hint(self, _context: Context, subject: Subject) -> None:
        """Looks at the folders where something changed."""
        places = self._watcher.take(subject.id)
        try:
            report = self._scanner.scan_folders(subject.id, places)
        except (OSError, RushesError):
            # The folder itself may be what is gone: the whole volume tells.
            self.want(subject.id)
            return
        if report.unclear:
            self.want(subject.id)

    def hints_soon(self, _reader: Reader) -> int:
        """Whether hints wait to become quiet."""
        return self._watcher.pending()

    def look_due(self, _reader: Reader, _limit: int, _focus: Sequence[str]) -> list[Subject]:
        """Now and then, whether each volume is there."""
        # Not by the hour of the day: it may be set back.
        if self._looked_ns and time.monotonic_ns() - self._looked_ns < _LOOK_MS * 1_000_000:
            return []
        return [Subject("volumes", QUICK, "volumes")]

    def look(self, context: Context, _subject: Subject) -> None:
        """Notes which volumes came and went."""
        first = not self._looked_ns
        with self._lock:
            set_back, self._set_back = self._set_back, False
        if first or set_back:
            now = _now()
            after = now if set_back else now + _LONGEST_WAIT_MS
            quiet = now + self._settings.quiet_seconds * 1000
            context.catalog.write(lambda tx: waits.end(tx, after, quiet))
        try:
            for volume in self._present.every():
                context.check()
                if not self._present.look(volume).online:
                    continue
                if first:
                    # It failed before Rushes was started again, and may wait an hour for its next try.
                    context.catalog.write(lambda tx, v=volume: attempts.succeeded(tx, "scan", v.id))
                if not volume.online:
                    # All that waits for another try is woken as it comes back.
                    self.want(volume.id)
        finally:
            self._looked_ns = time.monotonic_ns()

    def watch_due(self, reader: Reader, _limit: int, _focus: Sequence[str]) -> list[Subject]:
        """Whether observers must begin or end."""
        return [Subject("watch", QUICK, "volumes")] if self._watcher.outdated(reader) else []

    def watch(self, _context: Context, _subject: Subject) -> None:
        """Watches what came, lets go of what went."""
        self._watcher.keep(self._present.every())


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
    """Files read whole, once, one at a time on each volume. A read that hangs holds neither the others nor who calls it off."""

    caps: ReadCaps
    """What may be read of each volume."""
    patience: Patience = dataclasses.field(default_factory=lambda: Patience(_ANSWER_SECONDS))

    def due(self, reader: Reader, limit: int, focus: Sequence[str]) -> list[Subject]:
        """Essence files without a full hash; first those of clips on screen, and of which somebody said something."""
        waited, rest = unhashed.due(reader, limit, focus)
        return [
            Subject(
                ref.id,
                io_lane(ref.volume_id),
                ref.path,
                ref.volume_id,
                ref.clip_id or "",
                soon=number < len(waited),
            )
            for number, ref in enumerate([*waited, *rest])
        ]

    def run(self, context: Context, subject: Subject) -> None:
        """Reads one file whole; contents that turn out equal become one."""
        with context.catalog.read() as reader:
            refs = files.by_ids(reader, [subject.id])
        for ref in refs:
            found = self._read(context, ref)
            context.catalog.write(lambda tx, ref=ref, found=found: _settle(tx, ref, found))

    def _read(self, context: Context, ref: files.FileRef) -> str:
        steps = itertools.count()
        reached, left = 0, threading.Event()

        def cancelled() -> bool:
            # Asked for each piece, and while the cap holds it back: each time is a sign of life.
            nonlocal reached
            reached = next(steps)
            return left.is_set() or context.cancelled()

        with context.catalog.read() as reader:
            path = f"{ref.mount.rstrip('/')}/{ref.path}"
            proven = offloads.proven_hash(reader, path, ref.size, ref.mtime_ns)

        def act() -> str:
            with opening.open_regular(Path(ref.mount), ref.path) as stream:
                info = os.fstat(stream.fileno())
                if (info.st_size, time_of(info)) != (ref.size, ref.mtime_ns):
                    # Others than those that were catalogued: their hash says nothing of these.
                    raise hashing.changing(stream)
                if proven is not None:
                    # Read back from this disk when it was copied from its card: once is enough.
                    return digests.catalog_text(proven)
                return hashing.full_hash(
                    stream,
                    cancel=cancelled,
                    progress=context.progress,
                    cap=self.caps.of(ref.volume_id),
                )

        try:
            return self.patience.ask(ref.shown, act, context.cancelled, lambda: reached)
        finally:
            left.set()


def _settle(tx: Tx, ref: files.FileRef, full_hash: str) -> None:
    if files.set_hash(tx, ref, full_hash) and ref.clip_id:
        merging.settle_content(tx, ref.clip_id)


def recipes(scans: Scans, settling: Settling, hashes: Hashing) -> list[Recipe]:
    """The recipes of ingest."""
    return [
        Recipe("scan", "Scans", scans.due, scans.run, priority=5, stubborn=True),
        Recipe(
            "look",
            "Changed folders",
            scans.hints_due,
            scans.run_hint,
            priority=4,
            soon=scans.hints_soon,
            stubborn=True,
        ),
        Recipe(
            "settle", "Growing files", settling.due, settling.run, priority=6, soon=settling.soon
        ),
        Recipe("volumes", "Volumes", scans.look_due, scans.look, priority=2, stubborn=True),
        Recipe("watch", "Watching", scans.watch_due, scans.watch, priority=3, stubborn=True),
        Recipe("hash", "Checksums", hashes.due, hashes.run, priority=40, polite=True),
    ]


def _now() -> int:
    return time.time_ns() // 1_000_000
