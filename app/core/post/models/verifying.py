"""Is this file the pinned one? Hashed once, remembered by size, modification time and inode.

A model of 1.5 GB takes seconds to hash, so a file that was found right and has not been touched
since is not hashed again. What is remembered lies in one small file in the model store; where the
store cannot be written, it is remembered for this process only.
"""

import hashlib
import json
import logging
import os
from pathlib import Path
from typing import BinaryIO, cast

from app.core.model.errors import Cancelled
from app.core.post.models.registry import ModelFile
from app.core.post.models.storage import Cancel

log = logging.getLogger(__name__)

_BLOCK = 1 << 20


def sha256_of(stream: BinaryIO, cancelled: Cancel) -> str:
    """Hash of the rest of a stream, as hex.

    Raises:
        Cancelled: asked for between two blocks.
    """
    digest = hashlib.sha256()
    while block := stream.read(_BLOCK):
        if cancelled():
            raise Cancelled("Stopped", "Checking the model was stopped.")
        digest.update(block)
    return digest.hexdigest()


class Verifier:
    """Remembers which files were found right."""

    def __init__(self, memory: Path) -> None:
        self._memory = memory
        self._known = _read(memory)

    def is_right(self, path: Path, pinned: ModelFile, cancelled: Cancel) -> bool:
        """True where the file is a regular file of the pinned size and hash."""
        try:
            with path.open("rb") as stream:
                seen = os.fstat(stream.fileno())
                if seen.st_size != pinned.size:
                    return False
                mark = [seen.st_size, seen.st_mtime_ns, seen.st_ino, pinned.sha256]
                if self._known.get(str(path)) == mark:
                    return True
                if sha256_of(stream, cancelled) != pinned.sha256:
                    return False
        except OSError as error:
            log.info("model file not readable: %s", error)
            return False
        self._known[str(path)] = mark
        self._remember()
        return True

    def moved(self, old: Path, new: Path) -> None:
        """What was known of a file holds under its new name: a rename keeps time and inode."""
        if known := self._known.pop(str(old), None):
            self._known[str(new)] = known
            self._remember()

    def _remember(self) -> None:
        temporary = self._memory.with_name(f"{self._memory.name}.{os.getpid()}")
        try:
            temporary.write_text(json.dumps(self._known, indent=1), encoding="utf-8")
            temporary.replace(self._memory)
        except OSError as error:
            # A read-only store is fine: the hash is then computed once in each process.
            log.info("what was verified is not remembered: %s", error)


def _read(memory: Path) -> dict[str, list[int | str]]:
    try:
        known = cast("object", json.loads(memory.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}
    return cast("dict[str, list[int | str]]", known) if isinstance(known, dict) else {}
