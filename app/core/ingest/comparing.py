"""One scan in hand: what was seen, what differs from what the catalog knows, written in batches."""

import dataclasses
import enum
import os
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from app.core.catalog import attempts, clips, file_numbers, files, folders, volumes
from app.core.catalog.database import Catalog
from app.core.catalog.files import Known, Seen
from app.core.catalog.folders import NEVER, Listed
from app.core.catalog.rows import Tx
from app.core.files import hashing, opening
from app.core.files.sorts import FileSort
from app.core.ingest import folder_times
from app.core.ingest.moving import Arrival, Outcome, sort_out
from app.core.ingest.walking import (
    MOST,
    SeenFile,
    SeenFolder,
    inode_key,
    inode_of,
    storable,
    time_of,
)
from app.core.model.changes import Aspect
from app.core.model.entities import Skipped, Volume
from app.core.model.errors import Missing, RushesError
from app.core.model.media import FileState

BATCH: Final = 2_000
"""New files are written in steps of so many, so that the grid fills while the walk goes on, and a person's word
waits some hundredths of a second at most. Larger steps were not cheaper."""
_AS_THEY_WERE: Final = (FileState.PRESENT.value, FileState.GROWING.value)
_BESIDE: Final = (FileSort.SIDECAR.value, FileSort.DOCUMENT.value)
"""Sorts of files that programs save by putting a new file in the old one's place."""


_VAGUE: Final = frozenset({"vfat", "msdos", "exfat", "fuse.exfat", "fuse.vfat"})
"""Filesystems that tell times by the local clock, in steps of up to 2 s, and have no inode numbers of their own."""
_DOUBTS: Final = 1_000
"""Files that are looked into in one scan though size and time are as they were. Where more were touched, as by a
copy of the whole disk or a change of rights everywhere, it is not their bytes that changed."""


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
    unclear: bool = False
    """Only a scan of the whole volume can tell what became of a file; nothing was written."""


_ENCODING: Final = (sys.getfilesystemencoding(), sys.getfilesystemencodeerrors())
"""How the system's names become bytes, as `os.fsencode` does it; asked once, because every file asks."""


class _Place(enum.Enum):
    """What is at a known path now."""

    SAME = enum.auto()
    OTHER = enum.auto()
    GONE = enum.auto()


class Run:
    """Takes in folder by folder; `finish` tells moved from gone, and writes."""

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
        self._arrivals: list[Arrival] = []
        self._fresh: list[Seen] = []
        self._back: list[tuple[int, Seen]] = []
        self._again: list[tuple[int, Seen]] = []
        self._doubts: dict[int, tuple[Seen, Known]] = {}
        self._numbered = folder_times.can_tell(volume)
        self._begun = _now()
        self._skipped: list[Skipped] = []
        self._unread: set[bytes] = set()
        self._dirty: set[bytes] = set()
        self._inodes: dict[int, Known] = {}
        self._listed: list[Listed] = []
        self._read: list[Listed] = []
        """The same, by the times they had when they were read."""
        self._inside: list[bytes] = []
        self._gone: list[bytes] = []
        self._new = 0
        self.seen = 0
        # Without files that may have moved there is nothing to wait for: new files are written at once.
        self._eager = not known and not partial

    def take(self, folder: SeenFolder) -> None:
        """Compares one folder with what is known."""
        if not folder.complete:
            self._unread.add(folder.path)
        self._unread.update(folder.unsure)
        self._skipped += [
            Skipped(self._volume.id, os.fsdecode(path), reason) for path, reason in folder.skipped
        ]
        mtime = folder.mtime_ns if folder.lasting else NEVER
        self._listed.append(Listed(folder.path, mtime, folder.ctime_ns, folder.inode))
        self._read.append(self._listed[-1]._replace(mtime_ns=folder.mtime_ns))
        self._inside += folder.folders
        self.seen += len(folder.files)
        prefix = folder.path + b"/" if folder.path else b""
        if not self._eager:
            self._compare_all(prefix, folder.files)
            if folder.stirred:
                self._doubt(prefix, folder)
            return
        now = _now()
        self._fresh += [_seen(prefix, file, now, self._quiet_ms) for file in folder.files]
        while len(self._fresh) >= BATCH:
            self._write_fresh()

    def gone(self, paths: Iterable[bytes]) -> None:
        """Notes folders that are not there any more; what is known below them is among the known files."""
        self._gone += paths

    def finish(self, *, last: bool = True) -> ScanReport:
        """Tells moved from gone, and writes everything.

        Where files took the places of others while folders were read, nothing is written unless this is the `last`
        look for now: what they took the place of may be where nobody looked any more.
        """
        unseen = {
            path: known
            for path, known in self._known.items()
            if path not in self._present
            and (known.state == FileState.MISSING or not self._in_unread(path))
        }
        elsewhere = self._elsewhere() if self._partial else {}
        if elsewhere is None:
            return ScanReport(self._volume.id, self.seen, unclear=True)
        vague = self._volume.fs_type in _VAGUE
        gone = unseen | elsewhere | self._left_meanwhile()
        out = sort_out(self._arrivals, gone, self._quick_id, vague=vague)
        out.new += self._fresh
        out.new += self._left_to_others(out)
        alike, renumbered = self._settle_doubts(out)
        if self._partial and any(seen.inode != self._doubts[n][1].inode for n, seen in alike):
            # Another file took the place: where that one was before, only a look at everything tells.
            return ScanReport(self._volume.id, self.seen, unclear=True)
        lost = any(a.seen.sort not in _BESIDE for a in out.unclear)
        if lost and (self._partial or (not last and self._is_stirred())):
            return ScanReport(self._volume.id, self.seen, unclear=True)
        missing = [
            (path, known.n)
            for path, known in unseen.items()
            if known.n not in out.taken and known.state != FileState.MISSING
        ]
        self._note_folders(out, [path for path, _ in missing], elsewhere)
        self._dirty.update(files.folder_of(seen.path) for _, seen in alike)

        def act(tx: Tx) -> None:
            lost = files.change(tx, alike, alike=True)
            file_numbers.renumbered(tx, renumbered)
            self._write(tx, out, [n for _, n in missing], lost)

        self._catalog.write(act)
        return ScanReport(
            self._volume.id,
            self.seen,
            self._new + len(out.new),
            len(out.changed) + len(out.retimed) + len(out.replaced) + len(alike),
            len(out.moved),
            len(missing),
            len(self._back),
            tuple(self._skipped),
        )

    def _compare_all(self, prefix: bytes, found: Iterable[SeenFile]) -> None:
        # Once a file of every scan: most are as they were, which is told first.
        known, present, coded, now = self._known, self._present, _ENCODING, _now()
        for file in found:
            name, size, mtime, inode, _ = file
            path = prefix + name.encode(*coded)
            present.add(path)
            was = known.get(path)
            if (
                was is None
                or was.mtime_ns != mtime
                or was.size != size
                or was.inode != inode
                or was.state not in _AS_THEY_WERE
            ):
                self._compare(_seen(prefix, file, now, self._quiet_ms), was)

    def _compare(self, file: Seen, known: Known | None) -> None:
        if known is None or (known.size, known.mtime_ns) != (file.size, file.mtime_ns):
            self._arrivals.append(Arrival(file, known))
            return
        if known.inode != file.inode and self._exchanged(file, known):
            self._arrivals.append(Arrival(file, known))
            return
        if known.state == FileState.MISSING:
            self._back.append((known.n, file))
        elif known.state == FileState.UNREADABLE:
            self._again.append((known.n, file))
        else:
            if known.inode != file.inode and self._numbered:
                self._doubts[known.n] = file, known
            return
        self._dirty.add(files.folder_of(file.path))

    def _doubt(self, prefix: bytes, folder: SeenFolder) -> None:
        """Notes files that were touched and have size and time as before: another may have been copied over them."""
        names, now = set(folder.stirred), _now()
        for file in folder.files:
            if file[0] in names:
                seen = _seen(prefix, file, now, self._quiet_ms)
                was = self._known.get(seen.path)
                if was and (was.size, was.mtime_ns, was.inode) == (
                    seen.size,
                    seen.mtime_ns,
                    seen.inode,
                ):
                    self._doubts[was.n] = seen, was

    def _settle_doubts(self, out: Outcome) -> tuple[list[tuple[int, Seen]], list[tuple[int, int]]]:
        """(files with other bytes of the same size and time, the same files under other numbers); samples tell."""
        alike: list[tuple[int, Seen]] = []
        renumbered: list[tuple[int, int]] = []
        few = len(self._doubts) <= _DOUBTS
        for n, (seen, was) in self._doubts.items():
            if n in out.taken or was.state != FileState.PRESENT:
                continue
            if few and was.quick_id and self._quick_id(seen) not in (None, was.quick_id):
                alike.append((n, seen))
            elif was.inode != seen.inode:
                renumbered.append((n, seen.inode))
        return alike, renumbered

    def _left_to_others(self, out: Outcome) -> list[Seen]:
        """Files of the size and time that was known at their path, after the file that was known there moved away."""
        alike = [(n, seen) for n, (seen, _) in self._doubts.items()] + self._back + self._again
        self._back = [(n, seen) for n, seen in self._back if n not in out.taken]
        self._again = [(n, seen) for n, seen in self._again if n not in out.taken]
        inodes = {known.n: known.inode for known in self._known.values()} if out.taken else {}
        return [seen for n, seen in alike if n in out.taken and seen.inode != inodes[n]]

    def _exchanged(self, file: Seen, known: Known) -> bool:
        """Whether another known file of the very same size and time took this path; its bytes tell."""
        if not self._inodes:
            self._inodes = {k.inode: k for k in self._known.values()}
        other = self._inodes.get(file.inode)
        if (
            other is None
            or (other.size, other.mtime_ns) != (file.size, file.mtime_ns)
            or None in (other.quick_id, known.quick_id)
            or other.quick_id == known.quick_id
        ):
            return False
        return self._quick_id(file) == other.quick_id

    def _in_unread(self, path: bytes) -> bool:
        if not self._unread:
            return False
        if path in self._unread or b"" in self._unread:
            return True
        folder = files.folder_of(path)
        while folder:
            if folder in self._unread:
                return True
            folder = files.folder_of(folder)
        return False

    def _elsewhere(self) -> dict[bytes, Known] | None:
        """Files known outside of what is looked at that are gone from there; None where that is not so plain."""
        found: dict[bytes, Known] = {}
        with self._catalog.read() as reader:
            for arrival in self._arrivals:
                seen = arrival.seen
                for path, known in files.alike(reader, self._volume.id, seen.size, seen.mtime_ns):
                    if path in self._known:
                        continue
                    state = (
                        _Place.GONE if known.state == FileState.MISSING else self._look(path, known)
                    )
                    if state is _Place.OTHER:
                        return None
                    if state is _Place.GONE:
                        found[path] = known
        return found

    def _is_stirred(self) -> bool:
        """Whether folders changed after they were read."""
        root = Path(self._volume.mount or "")
        try:
            device = root.stat().st_dev
        except OSError:
            return True
        return self._numbered and bool(folder_times.changed(root, device, self._read))

    def _left_meanwhile(self) -> dict[bytes, Known]:
        """Files that were seen at their place and then at another: they moved while their folders were read."""
        if not self._numbered or not self._arrivals:
            return {}
        arrived = {
            (a.seen.inode, a.seen.size, a.seen.mtime_ns): a.seen.path for a in self._arrivals
        }
        return {
            path: known
            for path, known in self._known.items()
            if path in self._present
            and arrived.get((known.inode, known.size, known.mtime_ns), path) != path
            and self._look(path, known) is not _Place.SAME
        }

    def _look(self, path: bytes, known: Known) -> "_Place":
        try:
            info = opening.lstat(Path(self._volume.mount or ""), os.fsdecode(path))
        except Missing:
            return _Place.GONE
        except RushesError:
            return _Place.OTHER
        same = (info.st_size, time_of(info)) == (known.size, known.mtime_ns)
        # Another file of this size and time may be there now.
        same = same and (not self._numbered or inode_of(info) == known.inode)
        return _Place.SAME if same else _Place.OTHER

    def _quick_id(self, seen: Seen) -> str | None:
        try:
            with opening.open_regular(
                Path(self._volume.mount or ""), os.fsdecode(seen.path)
            ) as stream:
                return hashing.quick_id(stream, seen.size)
        except RushesError:
            return None

    def _note_folders(
        self, out: Outcome, missing: list[bytes], elsewhere: dict[bytes, Known]
    ) -> None:
        places = list(missing)
        if out.taken:
            known = self._known | elsewhere
            places += [path for path, was in known.items() if was.n in out.taken]
        places += [seen.path for _, seen, _ in out.moved]
        places += [seen.path for seen in out.new]
        places += [seen.path for _, seen in out.changed]
        self._dirty.update(files.folder_of(path) for path in places)

    def _write_fresh(self) -> None:
        fresh, self._fresh = self._fresh[:BATCH], self._fresh[BATCH:]
        self._new += len(fresh)
        places = {files.folder_of(seen.path) for seen in fresh}

        def act(tx: Tx) -> None:
            files.insert(tx, self._volume.id, fresh)
            files.dirty(tx, self._volume.id, places)

        self._catalog.write(act)

    def _write_folders(self, tx: Tx) -> None:
        if not self._partial:
            folders.replace(tx, self._volume.id, self._listed)
            return
        folders.gone(tx, self._volume.id, self._gone)
        folders.listed(tx, self._volume.id, self._listed)
        folders.expected(tx, self._volume.id, self._inside)

    def _write(self, tx: Tx, out: Outcome, missing: list[int], lost: list[str]) -> None:
        lost += files.replaced(tx, out.replaced)
        files.moved(tx, out.moved)
        files.insert(tx, self._volume.id, out.new)
        lost += files.change(tx, out.changed)
        files.retimed(tx, out.retimed)
        file_numbers.shifted(tx, out.shifted)
        files.back(tx, [(n, seen.inode) for n, seen in self._back])
        files.again(tx, [n for n, _ in self._again])
        files.missing(tx, missing)
        attempts.wake_files(tx, [n for n, *_ in (*out.moved, *self._back)])
        clips.retire_empty(tx, dict.fromkeys(lost))
        if self._dirty:
            files.dirty(tx, self._volume.id, self._dirty)
        if missing or self._back or out.moved or lost:
            clips.refresh_volume(tx, self._volume.id)
        if not self._partial:
            volumes.set_skipped(tx, self._volume.id, self._skipped)
            volumes.scanned(tx, self._volume.id, self._begun)
        self._write_folders(tx)
        tx.touch(Aspect.FILE, self._volume.id)


def _seen(prefix: bytes, file: SeenFile, now: int, quiet_ms: int) -> Seen:
    """A file as the catalog is to know it."""
    name, size, mtime, inode, sort = file
    if not 0 <= mtime <= MOST or inode > MOST:
        mtime, inode = storable(mtime), inode_key(inode)
    path = prefix + name.encode(*_ENCODING)
    # A clock that is ahead elsewhere must not make a file that is being written look old.
    if now - mtime // 1_000_000 < quiet_ms:
        return Seen(path, size, mtime, inode, sort, FileState.GROWING, now + quiet_ms)
    return Seen(path, size, mtime, inode, sort, FileState.PRESENT)


def _now() -> int:
    return time.time_ns() // 1_000_000
