"""Scanning: the truth about a volume. What changed since the catalog last knew, and what only moved.

A file that left one path and appeared on another with the same inode, or the same size, time and quick
id, keeps its clip. Nothing is ever concluded from a folder that could not be read to its end.
"""

import dataclasses
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from app.core.catalog import clips, files, volumes
from app.core.catalog.database import Catalog
from app.core.catalog.files import Known, Seen
from app.core.catalog.rows import Tx
from app.core.files import hashing, opening
from app.core.files.sorts import SortRules
from app.core.ingest.ignoring import IgnoreRules
from app.core.ingest.volumes import Volumes
from app.core.ingest.walking import SeenFile, SeenFolder, Walker
from app.core.model.changes import Aspect
from app.core.model.entities import Skipped, Volume
from app.core.model.errors import Missing, Passing, RushesError
from app.core.model.media import FileState

BATCH: Final = 2_000
"""New files are written in steps of so many, so that the grid fills while the walk goes on."""


@dataclasses.dataclass(frozen=True, slots=True)
class ScanReport:
    """What a scan found."""

    volume_id: str
    seen: int = 0
    new: int = 0
    changed: int = 0
    moved: int = 0
    missing: int = 0
    back: int = 0
    skipped: tuple[Skipped, ...] = ()
    online: bool = True
    reason: str = ""


class Scanner:
    """Compares volumes with the catalog and writes what differs."""

    def __init__(
        self, catalog: Catalog, present: Volumes, *, quiet_ms: Callable[[], int] = lambda: 8_000
    ) -> None:
        self._catalog = catalog
        self._volumes = present
        self._quiet_ms = quiet_ms
        self._ignore = IgnoreRules.load()
        self._sorts = SortRules.load()

    def scan(
        self,
        volume_id: str,
        *,
        stopped: Callable[[], bool] = lambda: False,
        progress: Callable[[int], None] = lambda _: None,
    ) -> ScanReport:
        """Walks a whole volume. An offline volume's rows stay as they are."""
        volume = self._volumes.get(volume_id)
        presence = self._volumes.look(volume)
        if not presence.online:
            return ScanReport(volume.id, online=False, reason=presence.reason)
        root = Path(volume.mount or "")
        with self._catalog.read() as reader:
            known = files.known(reader, volume.id)
        run = _Run(self._catalog, volume, known, self._quiet_ms())
        try:
            for folder in Walker(root, self._ignore, self._sorts, stopped).walk():
                run.take(folder)
                progress(run.seen)
        except (OSError, Passing) as error:
            self._volumes.look(volume)
            raise Missing(
                "The volume went away",
                f"{volume.name}: {error.strerror if isinstance(error, OSError) else error.message}",
                subject=volume.name,
                todo="Connect it again; the scan goes on by itself.",
            ) from error
        if not self._volumes.look(volume).online:
            return ScanReport(volume.id, online=False, reason="it went away while it was scanned")
        return run.finish()

    def scan_folder(self, volume_id: str, folder: str, *, deep: bool = False) -> ScanReport:
        """Looks at one folder (with all below where `deep`), after a hint that something changed there."""
        volume = self._volumes.get(volume_id)
        if not volume.mount or not self._volumes.look(volume).online:
            return ScanReport(volume_id, online=False)
        start = os.fsencode(folder)
        walker = Walker(Path(volume.mount), self._ignore, self._sorts)
        with self._catalog.read() as reader:
            known = files.known_under(reader, volume.id, start, deep=deep)
        run = _Run(self._catalog, volume, known, self._quiet_ms(), partial=True)
        if deep:
            for found in walker.walk(start):
                run.take(found)
        else:
            run.take(walker.look(start))
        return run.finish()

    def settle(self, ref: files.FileRef) -> None:
        """Looks again at a growing file: quiet since the last look, it is taken as whole."""
        path = Path(ref.mount) / ref.path
        try:
            info = path.lstat()
        except OSError:
            # Gone meanwhile: the folder's next scan says what became of it.
            self.scan_folder(ref.volume_id, ref.path.rpartition("/")[0])
            return
        seen = Seen(
            os.fsencode(ref.path),
            info.st_size,
            info.st_mtime_ns,
            info.st_ino,
            ref.sort,
            FileState.PRESENT,
        )
        changed = (info.st_size, info.st_mtime_ns) != (ref.size, ref.mtime_ns)

        def act(tx: Tx) -> None:
            if changed:
                again = dataclasses.replace(
                    seen, state=FileState.GROWING, settle_at=_now() + self._quiet_ms()
                )
                files.change(tx, [(ref.n, again)])
            else:
                files.settled(tx, ref.n)
            files.dirty(tx, ref.volume_id, [files.folder_of(seen.path)])

        self._catalog.write(act)


class _Run:
    """One scan in hand: what was seen, what differs, written in batches."""

    def __init__(
        self,
        catalog: Catalog,
        volume: Volume,
        known: dict[bytes, Known],
        quiet_ms: int,
        *,
        partial: bool = False,
    ) -> None:
        self._catalog = catalog
        self._volume = volume
        self._known = known
        self._quiet_ms = quiet_ms
        self._partial = partial
        self._present: set[bytes] = set()
        self._fresh: list[Seen] = []
        self._changed: list[tuple[int, Seen]] = []
        self._back: list[tuple[int, int]] = []
        self._skipped: list[Skipped] = []
        self._unread: list[bytes] = []
        self._dirty: set[bytes] = set()
        self._counts = {"new": 0, "changed": 0, "back": 0}
        self.seen = 0
        # Without files that may have moved there is nothing to wait for: new files are written at once.
        self._eager = not known and not partial

    def take(self, folder: SeenFolder) -> None:
        """Compares one folder with what is known."""
        if not folder.complete:
            self._unread.append(folder.path)
        self._skipped += [
            Skipped(self._volume.id, os.fsdecode(path), reason) for path, reason in folder.skipped
        ]
        for file in folder.files:
            self.seen += 1
            self._present.add(file.path)
            self._compare(file)
        if self._eager and len(self._fresh) >= BATCH:
            self._write_fresh()

    def finish(self) -> ScanReport:
        """Tells moved from gone, and writes everything."""
        gone = {
            path: known
            for path, known in self._known.items()
            if path not in self._present
            and known.state != FileState.MISSING
            and not self._in_unread(path)
        }
        lost = {
            path: known
            for path, known in self._known.items()
            if path not in self._present and known.state == FileState.MISSING
        }
        moves = self._moves({**lost, **gone})
        moved = {n for n, _ in moves}
        missing = [(path, known.n) for path, known in gone.items() if known.n not in moved]
        self._dirty.update(files.folder_of(path) for path, _ in missing)
        self._catalog.write(lambda tx: self._write_rest(tx, moves, [n for _, n in missing]))
        return ScanReport(
            self._volume.id,
            self.seen,
            self._counts["new"],
            self._counts["changed"],
            len(moves),
            len(missing),
            self._counts["back"],
            tuple(self._skipped),
        )

    def _compare(self, file: SeenFile) -> None:
        known = self._known.get(file.path)
        if known is None:
            self._fresh.append(self._as_seen(file, settled=False))
        elif (known.size, known.mtime_ns) != (file.size, file.mtime_ns):
            self._changed.append((known.n, self._as_seen(file, settled=False)))
            self._dirty.add(files.folder_of(file.path))
        elif known.state == FileState.MISSING:
            self._back.append((known.n, file.inode))
            self._dirty.add(files.folder_of(file.path))

    def _as_seen(self, file: SeenFile, *, settled: bool) -> Seen:
        now = _now()
        fresh = not settled and -60_000 < now - file.mtime_ns // 1_000_000 < self._quiet_ms
        return Seen(
            file.path,
            file.size,
            file.mtime_ns,
            file.inode,
            file.sort,
            FileState.GROWING if fresh else FileState.PRESENT,
            now + self._quiet_ms if fresh else 0,
        )

    def _in_unread(self, path: bytes) -> bool:
        return any(not folder or path.startswith(folder + b"/") for folder in self._unread)

    def _moves(self, gone: dict[bytes, Known]) -> list[tuple[int, Seen]]:
        """New files that are known ones at another path: by inode, else by name, else by their bytes' quick id."""
        by_size: dict[tuple[int, int], list[tuple[bytes, Known]]] = {}
        for path, known in gone.items():
            by_size.setdefault((known.size, known.mtime_ns), []).append((path, known))
        moves: list[tuple[int, Seen]] = []
        stay: list[Seen] = []
        for seen in self._fresh:
            candidates = by_size.get((seen.size, seen.mtime_ns), [])
            match = self._match(seen, candidates)
            if match is None:
                stay.append(seen)
                continue
            candidates.remove(match)
            moves.append((match[1].n, seen))
            self._dirty.update((files.folder_of(seen.path), files.folder_of(match[0])))
        self._fresh = stay
        return moves

    def _match(
        self, seen: Seen, candidates: Sequence[tuple[bytes, Known]]
    ) -> tuple[bytes, Known] | None:
        if not candidates or seen.size == 0:
            return None
        same = next((c for c in candidates if c[1].inode == seen.inode), None)
        if same is not None:
            return same
        name = seen.path.rpartition(b"/")[2]
        named = [c for c in candidates if c[0].rpartition(b"/")[2] == name] or list(candidates)
        with_id = [c for c in named if c[1].quick_id]
        if not with_id:
            return named[0] if len(named) == 1 and named[0][0].rpartition(b"/")[2] == name else None
        found = self._quick_id(seen)
        return next((c for c in with_id if c[1].quick_id == found), None)

    def _quick_id(self, seen: Seen) -> str | None:
        try:
            with opening.open_regular(
                Path(self._volume.mount or ""), os.fsdecode(seen.path)
            ) as stream:
                return hashing.quick_id(stream, seen.size)
        except RushesError:
            return None

    def _write_fresh(self) -> None:
        fresh, self._fresh = self._fresh, []
        self._counts["new"] += len(fresh)
        folders = {files.folder_of(seen.path) for seen in fresh}

        def act(tx: Tx) -> None:
            files.insert(tx, self._volume.id, fresh)
            files.dirty(tx, self._volume.id, folders)

        self._catalog.write(act)

    def _write_rest(self, tx: Tx, moves: list[tuple[int, Seen]], missing: list[int]) -> None:
        files.moved(tx, moves)
        files.insert(tx, self._volume.id, self._fresh)
        files.change(tx, self._changed)
        files.back(tx, self._back)
        files.missing(tx, missing)
        self._counts["new"] += len(self._fresh)
        self._counts["changed"], self._counts["back"] = len(self._changed), len(self._back)
        self._dirty.update(files.folder_of(seen.path) for seen in self._fresh)
        if self._dirty:
            files.dirty(tx, self._volume.id, self._dirty)
        if missing or self._back or moves:
            clips.refresh_volume(tx, self._volume.id)
        if not self._partial:
            volumes.set_skipped(tx, self._volume.id, self._skipped)
            volumes.scanned(tx, self._volume.id)
        tx.touch(Aspect.FILE, self._volume.id)


def _now() -> int:
    return time.time_ns() // 1_000_000
