"""Writing into the model store: room asked first, temporary names, fsync, rename, errors in words."""

import contextlib
import errno
import os
import shutil
from collections.abc import Callable, Generator
from pathlib import Path

from app.core.model.errors import Missing, NoRoom
from app.core.platform import durable
from app.core.post.models.registry import ModelFile

Progress = Callable[[int, int], None]
Cancel = Callable[[], bool]

_RESERVE = 256 << 20
"""Bytes that stay free on the store's disk: it often is the one the catalog lies on."""
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_TODO = "Make room, or point RUSHES_MODELS at a folder with room."


def ignore_progress(_done: int, _total: int) -> None:
    """Progress nobody looks at."""


def part_of(folder: Path, file: ModelFile) -> Path:
    """The temporary name of a file on its way; it survives a stop, so that a download goes on."""
    return folder / f"{file.name}.part"


def require_room(folder: Path, size: int) -> None:
    """Makes the folder and refuses to begin what cannot fit.

    Raises:
        NoRoom: fewer bytes free than `size` and a reserve.
        Missing: the folder cannot be made.
    """
    with translated(folder):
        folder.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(folder).free
    if free < size + _RESERVE:
        raise NoRoom(
            "No room for the model",
            f"{size / 1e6:.0f} MB are needed in {folder}, {free / 1e6:.0f} MB are free there.",
            subject=str(folder),
            todo=_TODO,
        )


def publish(part: Path, final: Path) -> None:
    """Gives a whole, checked file its name. Fsync of the file, rename, fsync of the folder."""
    with translated(final):
        with part.open("rb+") as stream:
            os.fsync(stream.fileno())
        part.replace(final)
        durable.sync_folder(final.parent)


@contextlib.contextmanager
def translated(path: Path) -> Generator[None]:
    """Turns what the disk says into words: full, or not to be written."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        if error.errno in _FULL:
            raise NoRoom(
                "The disk is full", f"{path}: {reason}.", subject=str(path), todo=_TODO
            ) from error
        raise Missing(
            "The model store cannot be written",
            f"{path}: {reason}.",
            subject=str(path),
            todo="Point RUSHES_MODELS at a folder you can write to.",
        ) from error
