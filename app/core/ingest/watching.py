"""Watching: the hint. Tells the scanner where something changed; never the truth.

Local disks are watched through watchdog; network filesystems, which do not report what others do, are
looked at in steps. When the system's watch limits are reached, looking in steps takes over, and says so.
"""

import dataclasses
import errno
import logging
import os
import threading
import time
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from app.core.catalog import volumes
from app.core.catalog.database import Catalog
from app.core.catalog.rows import Reader
from app.core.ingest.own_folders import OwnFolders, is_inside
from app.core.model.entities import Volume

if TYPE_CHECKING:
    from watchdog.events import FileSystemEvent
    from watchdog.observers.api import BaseObserver
    from watchdog.utils import BaseThread

log = logging.getLogger(__name__)
WATCHING: Final = "watching"
POLLING: Final = (
    "looking every few minutes: changes made elsewhere are not reported by this filesystem"
)
LIMIT: Final = (
    "looking every few minutes: the system's watch limit is reached (fs.inotify.max_user_watches)"
)
ENDS: Final = "looking every few minutes: watching ends again and again"
QUIET: Final = 0.8
"""Seconds without a further hint before a folder is looked at."""
LONGEST: Final = 4.0
"""Seconds after which a folder is looked at although hints go on, as while a long recording is written."""
AGAIN: Final = 60.0
"""Seconds between two attempts to watch what could not be watched."""
MOST: Final = 500
"""Folders with hints; where there are more, the whole volume is looked at."""
EVERYTHING: Final = ("", True)


class Place(NamedTuple):
    """A folder where something changed."""

    folder: str
    deep: bool
    """With all below it: it is new, was moved or is gone."""


@dataclasses.dataclass(slots=True)
class _Hints:
    """What was seen on one volume, and when it began and last went on."""

    first: float
    last: float
    places: set[Place] = dataclasses.field(default_factory=set[Place])


@dataclasses.dataclass(frozen=True, slots=True)
class _Watched:
    """One observer, or why there is none."""

    mount: str
    inode: int
    """Of the folder: another one at the same place must be watched anew."""
    observer: "BaseObserver | None"
    words: str
    at: float
    threads: "frozenset[BaseThread]" = frozenset()
    """Of the library that watches: each of them can fail alone, and then nothing is told any more."""

    @property
    def ended(self) -> bool:
        """Whether it watches no more, though nobody told it to end."""
        return self.observer is not None and not all(one.is_alive() for one in self.threads)


class Watcher:
    """Keeps one observer a local volume and collects its hints."""

    def __init__(self, catalog: Catalog, own: OwnFolders | None = None) -> None:
        self._catalog = catalog
        self._own = own or OwnFolders()
        self._watched: dict[str, _Watched] = {}
        self._hints: dict[str, _Hints] = {}
        self._ended: dict[str, float] = {}
        """When watching ended by itself last: where it does so again and again, it is not begun each time."""
        self._grown: set[str] = set()
        """Volumes with new folders: whether those could be watched is still to be seen."""
        self._lock = threading.Lock()
        self._keeping = threading.Lock()
        self._active = False
        self._overflow = _Overflow(self)

    def keep(self, known: Sequence[Volume]) -> None:
        """Begins to watch what is online and is not watched; lets go of what is gone. Writes how each is watched."""
        with self._keeping:
            self._active = True
            self._overflow.attach()
            wanted = {v.id: v for v in known if v.online and v.mount}
            self._test_grown()
            with self._catalog.read() as reader:
                inodes = {v: volumes.root_inode(reader, v) for v in wanted}
            for volume_id, watched in list(self._watched.items()):
                volume = wanted.get(volume_id)
                if volume is None or _stale(watched, volume, inodes[volume_id]):
                    self._release(volume_id)
                if volume is not None and watched.ended and not _elsewhere(watched, volume, inodes[volume_id]):  # fmt: skip
                    self._made_up_for(volume_id, watched)
            for volume in wanted.values():
                if volume.id not in self._watched:
                    self._watched[volume.id] = self._begin(volume, inodes[volume.id])
                words = self._watched[volume.id].words
                if words != volume.watcher:
                    self._catalog.write(
                        lambda tx, v=volume.id, w=words: volumes.set_watcher(tx, v, w)
                    )

    def outdated(self, reader: Reader) -> bool:
        """Whether volumes came, went or moved since `keep` was last called; never before its first call."""
        if not self._active:
            return False
        wanted = {v.id: v for v in volumes.every(reader) if v.online and v.mount}
        watched = dict(self._watched)
        if any(watched[v].observer for v in self._grown & watched.keys()):
            return True
        return watched.keys() != wanted.keys() or any(
            watched[v.id].words != v.watcher
            or _stale(watched[v.id], v, volumes.root_inode(reader, v.id))
            for v in wanted.values()
        )

    def ready(self) -> list[str]:
        """Volumes with hints that have been quiet for a moment, or have gone on for long."""
        now = time.monotonic()
        with self._lock:
            return [
                volume
                for volume, hints in self._hints.items()
                if now - hints.last >= QUIET or now - hints.first >= LONGEST
            ]

    def take(self, volume_id: str) -> list[Place]:
        """The places on a volume where something changed; each is told once."""
        with self._lock:
            hints = self._hints.pop(volume_id, None)
        places = hints.places if hints else set[Place]()
        if len(places) > MOST or Place(*EVERYTHING) in places:
            return [Place(*EVERYTHING)]
        deep = {place.folder for place in places if place.deep}
        return sorted(
            place
            for place in places
            if not _inside(place.folder, deep) and (place.deep or place.folder not in deep)
        )

    def pending(self) -> int:
        """How many volumes have hints that wait to become quiet."""
        with self._lock:
            return len(self._hints)

    def hint(self, volume_id: str, folder: str, *, deep: bool = False) -> None:
        """Something changed in this folder."""
        now = time.monotonic()
        with self._lock:
            hints = self._hints.setdefault(volume_id, _Hints(now, now))
            hints.last = now
            if deep:
                self._grown.add(volume_id)
            if len(hints.places) <= MOST:
                hints.places.add(Place(folder, deep))

    def overflowed(self) -> None:
        """The system lost events: everything that is watched is looked at."""
        for volume_id, watched in list(self._watched.items()):
            if watched.observer is not None:
                self.hint(volume_id, "", deep=True)

    def close(self) -> None:
        """Stops all observers."""
        with self._keeping:
            self._active = False
            self._overflow.detach()
            for volume_id in list(self._watched):
                self._release(volume_id)

    def _made_up_for(self, volume_id: str, watched: _Watched) -> None:
        """Watching ended by itself: it begins anew, or where it just did so before, the volume is looked at in steps for a while."""
        log.info("watching of %s had ended", volume_id)
        now = time.monotonic()
        before = self._ended.get(volume_id)
        self._ended[volume_id] = now
        if before is not None and now - before < AGAIN:
            self._watched[volume_id] = _Watched(watched.mount, watched.inode, None, ENDS, now)
        self.hint(volume_id, "", deep=True)

    def _test_grown(self) -> None:
        """Where new folders came and the limit is reached now, the volume is looked at in steps."""
        with self._lock:
            grown, self._grown = self._grown, set()
        for volume_id in grown & self._watched.keys():
            watched = self._watched[volume_id]
            if watched.observer is None:
                continue
            try:
                _one_more(watched.observer)
            except OSError:
                log.info("watch limit reached for %s", volume_id)
                self._release(volume_id)
                self._watched[volume_id] = dataclasses.replace(
                    watched, observer=None, words=LIMIT, at=time.monotonic()
                )
                self.hint(volume_id, "", deep=True)

    def _begin(self, volume: Volume, inode: int) -> _Watched:
        mount, now = volume.mount or "", time.monotonic()
        if volume.kind == "network":
            return _Watched(mount, inode, None, POLLING, now)
        try:
            observer, threads = self._observe(volume.id, mount)
        except RecursionError:
            # Folders a thousand deep: the library that watches walks them by calling itself.
            words = (
                f"looking every few minutes: watching failed ({os.strerror(errno.ENAMETOOLONG)})"
            )
            return _Watched(mount, inode, None, words, now)
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EMFILE):
                words = f"looking every few minutes: watching failed ({error.strerror})"
                return _Watched(mount, inode, None, words, now)
            log.info("watch limit reached for %s", volume.id)
            return _Watched(mount, inode, None, LIMIT, now)
        return _Watched(mount, inode, observer, WATCHING, now, threads)

    def _observe(self, volume_id: str, mount: str) -> "tuple[BaseObserver, frozenset[BaseThread]]":
        from watchdog import events
        from watchdog.observers import Observer

        root, watcher = os.fsencode(mount), self
        # The catalog itself is written all the time: a look at each change would change it again.
        own = self._own.below(Path(mount))

        class Handler(events.FileSystemEventHandler):
            """Turns events into folders to look at."""

            def on_any_event(self, event: "FileSystemEvent") -> None:
                for path in (event.src_path, event.dest_path):
                    inside = _relative(root, path)
                    if inside is not None:
                        folder = inside if event.is_directory else inside.rpartition("/")[0]
                        if not is_inside(folder, own):
                            watcher.hint(volume_id, folder, deep=event.is_directory)

        # Reading a file is no change: such events are not even asked for.
        changes: list[type[FileSystemEvent]] = [
            events.FileCreatedEvent,
            events.FileModifiedEvent,
            events.FileMovedEvent,
            events.FileDeletedEvent,
            events.FileClosedEvent,
            events.DirCreatedEvent,
            events.DirMovedEvent,
            events.DirDeletedEvent,
        ]
        # A new folder that is renamed at once is told twice. That is harmless; where warnings are errors, it
        # would end the one thread that reads events, and nothing would say so.
        warnings.filterwarnings("ignore", "Callback with id", RuntimeWarning)
        before = _threads()
        observer = Observer()
        try:
            observer.schedule(Handler(), mount, recursive=True, event_filter=changes)
            observer.start()
            # One volume after the other: what runs now and did not before is this one's.
            threads = _threads() - before
            _one_more(observer)
        except BaseException:
            _end(observer)
            raise
        return observer, threads

    def _release(self, volume_id: str) -> None:
        watched = self._watched.pop(volume_id)
        if watched.observer is not None:
            _end(watched.observer)


class _Overflow(logging.Handler):
    """Listens to watchdog's own log: that events were lost is told nowhere else."""

    def __init__(self, watcher: Watcher) -> None:
        super().__init__(logging.WARNING)
        self._watcher = watcher

    def attach(self) -> None:
        """Begins to listen; nothing of it reaches a person's log as a fault of Rushes."""
        found = logging.getLogger("watchdog")
        if self not in found.handlers:
            found.addHandler(self)
            found.propagate = False

    def detach(self) -> None:
        """Stops listening."""
        logging.getLogger("watchdog").removeHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        """Takes lost events as a hint about everything."""
        words = record.getMessage()
        log.info("watchdog: %s", words)
        if "overflow" in words:
            self._watcher.overflowed()


def _elsewhere(watched: _Watched, volume: Volume, inode: int) -> bool:
    """Whether another folder is meant than the one that is watched."""
    return watched.mount != volume.mount or watched.inode != inode


def _stale(watched: _Watched, volume: Volume, inode: int) -> bool:
    failed = watched.observer is None and watched.words != POLLING
    return (
        _elsewhere(watched, volume, inode)
        or watched.ended
        or (failed and time.monotonic() - watched.at > AGAIN)
    )


def _threads() -> "frozenset[BaseThread]":
    """The threads of the library that watches which run now."""
    from watchdog.utils import BaseThread

    return frozenset(one for one in threading.enumerate() if isinstance(one, BaseThread))


def _one_more(observer: "BaseObserver") -> None:
    """Tells whether the limit was reached on the way: folders that could not be watched are passed over in silence.

    Raises:
        OSError: one more watch, of a folder of our own, is one too many.
    """
    from watchdog import events

    beside = observer.schedule(
        events.FileSystemEventHandler(),
        str(Path(__file__).parent),
        event_filter=[events.DirDeletedEvent],
    )
    observer.unschedule(beside)


def _end(observer: "BaseObserver") -> None:
    observer.stop()
    if observer.is_alive():
        observer.join()


def _inside(folder: str, deep: set[str]) -> bool:
    parts = folder.split("/") if folder else []
    return any("/".join(parts[:n]) in deep for n in range(len(parts)))


def _relative(root: bytes, path: bytes | str) -> str | None:
    """A path of an event, relative to the volume; None where it is none of it."""
    raw = os.fsencode(path)
    if not raw.startswith(root + b"/"):
        return None
    return os.fsdecode(raw[len(root) + 1 :])
