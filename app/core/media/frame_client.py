"""Speaks with the worker that decodes single frames, and starts it again when it is gone.

A worker sees only the folders of the files it was asked for. Asked for one elsewhere, it is replaced
by one that sees that folder as well, up to a few; a card is one folder, so this is rare.
"""

import base64
import json
import os
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self, cast

from app.core.media.command import file_url
from app.core.media.presence import disk_at, require_unchanged, stamps
from app.core.model.errors import BadData, Refused
from app.core.platform.interpreter import worker_argv, worker_environment, worker_folders
from app.core.platform.pacing import Limiter, called_off, never
from app.core.platform.processes import Child, ChildGone, Limits, Sandbox, spawn

_MODULE = "app.core.media.frame_worker"
_FOLDERS = 8
_CLOSING_SECONDS = 2
_MEMORY_MB = 12288
"""Address space. A frame of 12K takes 640 MB, and a decoder holds several."""


class FrameWorker:
    """One decoding process, started when first needed. Safe to use from several threads in turn."""

    def __init__(self, *, seconds: float = 120, nice: int = 0, threads: int = 0) -> None:
        """Prepares it.

        Args:
            seconds: limit for one answer.
            nice: priority; 0 for what a person waits for.
            threads: of the decoder; 0 for up to four, as many as there are processors.
        """
        self._limits = Limits(seconds=seconds, memory_mb=_MEMORY_MB, nice=nice)
        self._threads = threads or min(4, os.cpu_count() or 1)
        self._child: Child | None = None
        self._folders: dict[Path, int] = {}
        """What it sees, with the disk that it sees there; the last one asked for at the end."""
        self._lock = threading.Lock()

    def ask(
        self,
        path: Path,
        request: Mapping[str, object],
        *,
        cancel: Callable[[], bool] | None = None,
        cap: Limiter | None = None,
    ) -> dict[str, object]:
        """Sends a request about one file and waits for the reply.

        What it reads comes out of `cap`: nobody knows before how much, so it is waited for by whoever comes next.

        Raises:
            Missing: the file is not there.
            BadData: the file is not readable, or crashed or outlasted the decoder.
            Refused: the file has no such frame.
            Cancelled: `cancel` said so.
        """
        if cancel and cancel():
            raise called_off()
        if cap is not None:
            cap.take(0, cancel or never)
        before = stamps((path,))
        full = {**request, "url": file_url(path), "threads": self._threads}
        with self._lock:
            try:
                child = self._told(path.absolute().parent, json.dumps(full))
                reply = cast("dict[str, object]", json.loads(child.receive(cancel=cancel)))
            except (ChildGone, json.JSONDecodeError) as error:
                self._drop()
                require_unchanged(before)
                raise BadData(
                    "The decoder gave up",
                    f"The decoder crashed or hung on this file. {error}",
                    subject=str(path),
                ) from error
            except BaseException:
                self._drop()
                raise
        if cap is not None:
            cap.owe(int(str(reply.get("read", 0))))
        if "error" in reply:
            require_unchanged(before)
            kind = Refused if reply["error"] == "Refused" else BadData
            raise kind(str(reply["title"]), str(reply["message"]), subject=str(path))
        return reply

    def picture(
        self,
        path: Path,
        request: Mapping[str, object],
        *,
        cancel: Callable[[], bool] | None = None,
    ) -> bytes:
        """The picture that a request asks for; raises as `ask` does."""
        return base64.b64decode(str(self.ask(path, request, cancel=cancel)["picture"]))

    def _told(self, folder: Path, line: str) -> Child:
        """A worker that has been sent a line; one that had died while idle is replaced."""
        child = self._ready(folder)
        try:
            child.send(line)
        except ChildGone:
            self._drop()
            child = self._ready(folder)
            child.send(line)
        return child

    def _ready(self, folder: Path) -> Child:
        disk = disk_at(folder)
        if self._folders.get(folder) != disk:
            others = [one for one in self._folders.items() if one[0] != folder]
            self._folders = dict([*others[1 - _FOLDERS :], (folder, disk)])
            self._drop()
        if self._child is None or not self._child.alive:
            # A folder that went offline must not keep the others from being read.
            seen = tuple(place for place in self._folders if place.is_dir())
            self._child = spawn(
                worker_argv(_MODULE),
                limits=self._limits,
                sandbox=Sandbox(read=(*worker_folders(), *seen)),
                env=worker_environment(),
            )
        return self._child

    def _drop(self) -> None:
        if self._child is not None:
            self._child.kill()
            self._child = None

    def close(self) -> None:
        """Ends the process. Whoever waits for an answer gets none; one that hangs is not waited for."""
        free = self._lock.acquire(timeout=_CLOSING_SECONDS)
        try:
            child, self._child = self._child, None
            if child is not None and free:
                child.close()
            elif child is not None:
                child.kill()
        finally:
            if free:
                self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
