"""Scanning: the truth about a volume. What changed since the catalog last knew, and what only moved.

A whole scan looks at every file. Between two of them a quick pass lists only the folders whose own times
changed; hints name folders. A file that left one path and appeared on another with the same inode, or the same size, time and quick
id, keeps its clip. Nothing is ever concluded from a folder that could not be read to its end.
"""

import functools
import os
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence, Set
from pathlib import Path
from typing import Final

from app.core.catalog import files, folders
from app.core.catalog.database import Catalog
from app.core.catalog.files import Known, Seen
from app.core.catalog.rows import Tx
from app.core.files import opening
from app.core.files.sorts import SortRules
from app.core.ingest import folder_times
from app.core.ingest.comparing import Run, ScanReport
from app.core.ingest.ignoring import IgnoreRules
from app.core.ingest.volumes import Volumes
from app.core.ingest.walking import MOST, Ask, SeenFolder, Walker, inode_of, time_of
from app.core.model.entities import Volume
from app.core.model.errors import Missing, Passing, RushesError
from app.core.model.media import FileState
from app.core.work.patience import Patience

__all__ = ["ScanReport", "Scanner"]
_STORMY: Final = 8
"""A volume where files change places while it is scanned is scanned again so often,"""
_LULL_SECONDS: Final = 0.5
"""after so long each time."""
_MARGIN_NS: Final = 5_000_000_000
"""A file's times may lag a little behind the clock, and a look behind the hints."""
_ANSWER_SECONDS: Final = 20
"""How long a folder of a network volume may take to be read."""


class Scanner:
    """Compares volumes with the catalog and writes what differs."""

    def __init__(
        self,
        catalog: Catalog,
        present: Volumes,
        *,
        quiet_ms: Callable[[], int] = lambda: 8_000,
        now_ns: Callable[[], int] = time.time_ns,
    ) -> None:
        self._catalog = catalog
        self._now_ns = now_ns
        self._volumes = present
        self._quiet_ms = quiet_ms
        self._ignore = IgnoreRules.load()
        self._sorts = SortRules.load()
        self._patience = Patience(_ANSWER_SECONDS)
        # A person's scan and the service's own must not both write what they saw of one volume.
        self._turns: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._hinted_ns: dict[str, int] = {}
        """When each volume was last looked at after hints."""

    def scan(
        self,
        volume_id: str,
        *,
        stopped: Callable[[], bool] = lambda: False,
        progress: Callable[[int], None] = lambda _: None,
    ) -> ScanReport:
        """Walks a whole volume. An offline volume's rows stay as they are."""
        with self._turns[volume_id]:
            for _ in range(_STORMY):
                report = self._scan(self._volumes.get(volume_id), stopped, progress, last=False)
                if not report.unclear:
                    return report
                time.sleep(_LULL_SECONDS)
            return self._scan(self._volumes.get(volume_id), stopped, progress, last=True)

    def _scan(
        self,
        volume: Volume,
        stopped: Callable[[], bool],
        progress: Callable[[int], None],
        *,
        last: bool,
    ) -> ScanReport:
        presence = self._volumes.look(volume)
        if not presence.online:
            return ScanReport(volume.id, online=False, reason=presence.reason)
        root = Path(volume.mount or "")
        with self._catalog.read() as reader:
            known = files.known(reader, volume.id)
        run = Run(self._catalog, volume, known, self._quiet_ms())
        ask = self._ask(volume, stopped)
        try:
            for folder in self._walker(root, stopped, ask, _since_ns(volume)).walk():
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
        presence = self._volumes.look(volume)
        if not presence.online:
            return ScanReport(
                volume.id,
                online=False,
                reason=f"it went away while it was scanned: {presence.reason}",
            )
        return run.finish(last=last)

    def _walker(
        self,
        root: Path,
        stopped: Callable[[], bool] = lambda: False,
        ask: Ask | None = None,
        since_ns: int = MOST,
    ) -> Walker:
        return Walker(
            root, self._ignore, self._sorts, stopped, ask, self._now_ns, self._volumes.own, since_ns
        )

    def quick(self, volume_id: str, *, stopped: Callable[[], bool] = lambda: False) -> ScanReport:
        """Lists the folders of a volume whose own times changed, and what is new below them.

        Files that were written over in place are not noticed. Where that cannot tell what became of a file, or the
        volume's folder times say nothing, nothing is written, and the report asks for a whole scan.
        """
        with self._turns[volume_id]:
            return self._quick(self._volumes.get(volume_id), stopped)

    def _quick(self, volume: Volume, stopped: Callable[[], bool]) -> ScanReport:
        if not volume.mount or not self._volumes.look(volume).online:
            return ScanReport(volume.id, online=False)
        if not folder_times.can_tell(volume):
            return ScanReport(volume.id, unclear=True)
        with self._catalog.read() as reader:
            rows = folders.known(reader, volume.id)
        walker = self._walker(Path(volume.mount), stopped)
        root, own = Path(volume.mount), self._volumes.own
        changed = [
            path
            for path in folder_times.changed(root, walker.device, rows)
            if not own.holds(root, os.fsdecode(path))
        ]
        if not changed:
            return ScanReport(volume.id)
        gone: list[bytes] = []
        looked = list(_look_into(walker, changed, {row.path for row in rows}, gone))
        known: dict[bytes, Known] = {}
        with self._catalog.read() as reader:
            for folder in looked:
                known |= files.known_under(reader, volume.id, folder.path, deep=False)
            for path in gone:
                known |= files.known_under(reader, volume.id, path, deep=True)
        run = Run(self._catalog, volume, known, self._quiet_ms(), partial=True)
        for folder in looked:
            run.take(folder)
        run.gone(gone)
        if not self._volumes.look(volume).online:
            return ScanReport(volume.id, online=False)
        return run.finish()

    def _ask(self, volume: Volume, stopped: Callable[[], bool]) -> Ask | None:
        """A network disk that is dead must hold neither the scan nor whoever calls it off."""
        if volume.kind != "network":
            return None
        return functools.partial(self._patience.ask, volume.name, stopped=stopped)

    def scan_folder(self, volume_id: str, folder: str, *, deep: bool = False) -> ScanReport:
        """Looks at one folder (with all below where `deep`), after a hint that something changed there."""
        return self.scan_folders(volume_id, [(folder, deep)])

    def scan_folders(self, volume_id: str, places: Sequence[tuple[str, bool]]) -> ScanReport:
        """Looks at some folders together, each with all below it or not. A folder that is gone says that all in it is.

        Where that cannot tell what became of a file, nothing is written, and the report asks for a whole scan.
        """
        with self._turns[volume_id]:
            return self._scan_folders(self._volumes.get(volume_id), places)

    def _scan_folders(self, volume: Volume, places: Sequence[tuple[str, bool]]) -> ScanReport:
        if not volume.mount or not self._volumes.look(volume).online:
            return ScanReport(volume.id, online=False)
        root, now = Path(volume.mount), time.time_ns()
        walker = self._walker(
            root, since_ns=max(_since_ns(volume), self._hinted_ns.get(volume.id, 0))
        )
        starts = [
            (os.fsencode(folder), deep or _is_gone(root, folder))
            for folder, deep in places
            if not _is_left_out(self._ignore, folder) and not self._volumes.own.holds(root, folder)
        ]
        if not starts:
            return ScanReport(volume.id)
        known: dict[bytes, Known] = {}
        with self._catalog.read() as reader:
            for start, deep in starts:
                known |= files.known_under(reader, volume.id, start, deep=deep)
        run = Run(self._catalog, volume, known, self._quiet_ms(), partial=True)
        for start, deep in starts:
            if _is_gone(root, os.fsdecode(start)):
                run.gone([start])
                continue
            for found in walker.walk(start) if deep else [walker.look(start)]:
                run.take(found)
        if not self._volumes.look(volume).online:
            return ScanReport(volume.id, online=False)
        report = run.finish()
        self._hinted_ns[volume.id] = now - _MARGIN_NS
        return report

    def settle(self, ref: files.FileRef) -> None:
        """Looks again at a growing file: quiet since the last look, it is taken as whole."""
        soon = _now() + self._quiet_ms()
        try:
            info = self._patience.ask(ref.shown, lambda: opening.lstat(Path(ref.mount), ref.path))
        except RushesError as error:
            if not isinstance(error, Passing):
                # Gone, or not to be reached: its folder says what became of it.
                self.scan_folder(ref.volume_id, ref.path.rpartition("/")[0])
            self._catalog.write(lambda tx: files.later(tx, ref.n, soon))
            return
        size, mtime, inode = info.st_size, time_of(info), inode_of(info)
        path = os.fsencode(ref.path)

        def act(tx: Tx) -> None:
            if (size, mtime) != (ref.size, ref.mtime_ns):
                grown = Seen(path, size, mtime, inode, ref.sort, FileState.GROWING, soon)
                files.change(tx, [(ref.n, grown)])
            else:
                files.settled(tx, ref)
            files.dirty(tx, ref.volume_id, [files.folder_of(path)])

        self._catalog.write(act)


def _look_into(
    walker: Walker, changed: Sequence[bytes], known: Set[bytes], gone: list[bytes]
) -> Iterator[SeenFolder]:
    """These folders, and all below what is new in them; adds to `gone` the known ones that they hold no more.

    Args:
        walker: what reads them.
        changed: the folders, parents before their children.
        known: all folders that were known.
        gone: the topmost of those that are gone.
    """
    inside: dict[bytes, list[bytes]] = defaultdict(list)
    for path in known:
        inside[files.folder_of(path)] += [path] if path else []
    lost: set[bytes] = set()
    done: set[bytes] = set()
    for path in changed:
        if path in done or any(above in lost for above in _with_above(path)):
            continue
        folder = walker.look(path)
        done.add(path)
        yield folder
        if folder.complete:
            here = {*folder.folders, *folder.unsure}
            lost.update(child for child in inside[path] if child not in here)
        for child in folder.folders:
            if child in known:
                continue
            for below in walker.walk(child):
                done.add(below.path)
                yield below
    gone += sorted(lost)


def _with_above(path: bytes) -> Iterator[bytes]:
    while path:
        yield path
        path = files.folder_of(path)


def _is_gone(root: Path, folder: str) -> bool:
    if not folder:
        return False
    try:
        opening.lstat(root, folder)
    except Missing:
        return True
    except RushesError:
        return False
    return False


def _is_left_out(ignore: IgnoreRules, folder: str) -> bool:
    """Whether a rule leaves out this folder, or one above it: hints come from there all the same."""
    names = folder.split("/") if folder else []
    return any(ignore.folder(name, tuple(names[:n])) for n, name in enumerate(names))


def _since_ns(volume: Volume) -> int:
    """When a volume was last looked at whole; the end of time where its files do not say what was done to them."""
    if volume.scanned_at is None or not folder_times.can_tell(volume):
        return MOST
    return volume.scanned_at * 1_000_000 - _MARGIN_NS


def _now() -> int:
    return time.time_ns() // 1_000_000
