"""Watching: the hint. Tells the scanner where something changed; never the truth.

Local disks are watched through watchdog; network filesystems, which do not report what others do, are
looked at in steps. When the system's watch limits are reached, looking in steps takes over, and says so.
"""

import errno
import logging
import os
import threading
import time
from typing import TYPE_CHECKING, Final

from app.core.catalog import volumes
from app.core.catalog.database import Catalog
from app.core.model.entities import Volume

if TYPE_CHECKING:
    from watchdog.observers.api import BaseObserver

log = logging.getLogger(__name__)
WATCHING: Final = "watching"
POLLING: Final = (
    "looking every few minutes: changes made elsewhere are not reported by this filesystem"
)
LIMIT: Final = (
    "looking every few minutes: the system's watch limit is reached (fs.inotify.max_user_watches)"
)
QUIET: Final = 0.8
"""Seconds without a further hint before a folder is looked at."""


class Watcher:
    """Keeps one observer a local volume and collects its hints."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._observers: dict[str, BaseObserver] = {}
        self._hints: dict[tuple[str, str], float] = {}
        self._lock = threading.Lock()

    def keep(self, known: list[Volume]) -> None:
        """Begins to watch what is online and is not watched; lets go of what is gone. Writes how each is watched."""
        wanted = {v.id: v for v in known if v.online and v.mount}
        for volume_id in set(self._observers) - set(wanted):
            self._release(volume_id)
        for volume in wanted.values():
            words = (
                POLLING
                if volume.kind == "network"
                else WATCHING
                if volume.id in self._observers
                else self._begin(volume)
            )
            if words != volume.watcher:
                self._catalog.write(lambda tx, v=volume.id, w=words: volumes.set_watcher(tx, v, w))

    def take(self) -> list[tuple[str, str]]:
        """(volume, folder) pairs that changed and have been quiet for a moment."""
        now = time.monotonic()
        with self._lock:
            ready = [key for key, at in self._hints.items() if now - at >= QUIET]
            for key in ready:
                del self._hints[key]
        return ready

    def pending(self) -> bool:
        """Whether hints are waiting to become quiet."""
        with self._lock:
            return bool(self._hints)

    def hint(self, volume_id: str, folder: str) -> None:
        """Something changed in this folder."""
        with self._lock:
            self._hints[(volume_id, folder)] = time.monotonic()

    def close(self) -> None:
        """Stops all observers."""
        for volume_id in list(self._observers):
            self._release(volume_id)

    def _begin(self, volume: Volume) -> str:
        from watchdog.events import (
            DirDeletedEvent,
            DirModifiedEvent,
            FileClosedNoWriteEvent,
            FileOpenedEvent,
            FileSystemEvent,
            FileSystemEventHandler,
        )
        from watchdog.observers import Observer

        root = os.fsencode(volume.mount or "")
        watcher = self

        class Handler(FileSystemEventHandler):
            """Turns events into folders to look at."""

            def on_any_event(self, event: FileSystemEvent) -> None:
                if isinstance(event, FileOpenedEvent | FileClosedNoWriteEvent | DirModifiedEvent):
                    return
                for path in (event.src_path, event.dest_path):
                    inside = _relative(root, path)
                    if inside is not None:
                        deep = event.is_directory and not isinstance(event, DirDeletedEvent)
                        watcher.hint(volume.id, inside if deep else inside.rpartition("/")[0])

        observer = Observer()
        observer.schedule(Handler(), os.fsdecode(root), recursive=True)
        try:
            observer.start()
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EMFILE):
                log.info("watch limit reached for %s", volume.id)
                return LIMIT
            return f"looking every few minutes: watching failed ({error.strerror})"
        self._observers[volume.id] = observer
        return WATCHING

    def _release(self, volume_id: str) -> None:
        observer = self._observers.pop(volume_id)
        observer.stop()
        observer.join()


def _relative(root: bytes, path: bytes | str) -> str | None:
    """A path of an event, relative to the volume; None where it is none of it."""
    raw = os.fsencode(path)
    if not raw.startswith(root + b"/"):
        return None
    return os.fsdecode(raw[len(root) + 1 :])
