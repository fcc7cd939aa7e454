"""The probe: the facts of one media file.

Two looks. The first, in a child process, reads headers with our own readers and libmediainfo: enough for
what cameras and recorders usually write. Where it leaves doubts, ffprobe is asked. Media is never at
fault for an exception: what is wrong with it stands in the facts.
"""

import dataclasses
import logging
import threading
from pathlib import Path
from typing import Self

from app.core.media import ffprobe, tools
from app.core.media.facts_building import troubled
from app.core.media.look_lines import Look, Request
from app.core.media.mediainfo_pool import Crashed, WorkerPool, still_there
from app.core.media.second_look import joined
from app.core.media.sniffing import expected_kind
from app.core.model.errors import BadData, Refused
from app.core.model.media import MediaFacts

_log = logging.getLogger(__name__)


class Prober:
    """Reads files' facts. Thread-safe: every lane of a volume may use the same one."""

    def __init__(self, ffprobe_setting: str = "", pool: WorkerPool | None = None) -> None:
        """Starts nothing yet.

        Args:
            ffprobe_setting: the person's setting for ffprobe; empty where it is to be found.
            pool: the children that look at headers; one of its own where left out.
        """
        self._setting = ffprobe_setting
        self._pool = pool or WorkerPool()
        self._lock = threading.Lock()
        self._program: Path | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the children."""
        self._pool.close()

    def probe(self, path: Path, *, root: Path | None = None) -> MediaFacts:
        """The facts of one file. Whatever is wrong with the file is in them.

        Args:
            path: absolute path of the file.
            root: its volume; no link below it is followed, and the children see nothing else.

        Raises:
            Missing: the file is gone, ffprobe is needed and not there, or no child can be started.
            Passing: the volume does not answer now; Rushes is ending.
        """
        try:
            look = self._look(path, root)
        except Refused:
            words = "It is a link, a pipe or a device: only files are opened."
            return self._nothing(path, "refused", words)
        except Crashed as problem:
            self._pool.check(root or path.parent)
            words = "It stopped the programs that read its header, twice."
            return self._nothing(path, "time-limit" if problem.late else "crashed", words)
        except BadData as problem:
            still_there(path)
            return self._nothing(path, "unreadable", problem.message)
        if not look.doubts or not look.demuxers:
            return look.facts
        _log.debug("ffprobe is asked about %s: %s", path, "; ".join(look.doubts))
        return self._asked(path, look)

    def _nothing(self, path: Path, code: str, words: str) -> MediaFacts:
        return troubled(MediaFacts(expected_kind(path)), code, words, fatal=True)

    def _look(self, path: Path, root: Path | None) -> Look:
        """The first look; after a crash once more, without libmediainfo."""
        try:
            return self._pool.look(Request(path, root))
        except Crashed as problem:
            _log.info("the reader of %s stopped: %s", path, problem.message)
            words = "libmediainfo crashed on this file; it was read without it."
            if problem.late:
                words = "libmediainfo found no end in this file; it was read without it."
        look = self._pool.look(Request(path, root, mediainfo=False))
        facts = troubled(look.facts, "crashed", words, fatal=False)
        doubts = look.doubts or ("libmediainfo crashed",)
        return dataclasses.replace(look, facts=facts, doubts=doubts)

    def _asked(self, path: Path, look: Look) -> MediaFacts:
        count = look.facts.frames is None
        try:
            probed = ffprobe.ask(self._ffprobe(), path, look.demuxers, look.size, count=count)
        except BadData as problem:
            probed = ffprobe.Probed(error=problem.message)
        if probed.error:
            still_there(path)
        return joined(look, probed)

    def _ffprobe(self) -> Path:
        with self._lock:
            if self._program is None:
                self._program = tools.find("ffprobe", self._setting)
            return self._program
