"""How results get their final names: temporary name, fsync, rename, fsync of the folder. Nothing half-made is ever seen.

Temporary names carry the desk and the process, so that `sweep` takes away what a killed process
left and nothing else.
"""

import contextlib
import os
import shutil
import time
from collections.abc import Generator
from pathlib import Path

from app.core.platform import durable
from app.core.platform.durable import publish_file, temporary_name, write_error, write_file

__all__ = [
    "atomic_write",
    "publish_file",
    "publish_folder",
    "sweep",
    "temporary_beside",
    "temporary_folder",
]


def atomic_write(path: Path, data: bytes, *, mode: int = 0o666) -> None:
    """Puts `data` at `path`, whole or not at all; replaces what is there.

    Args:
        path: where; its folder must be there.
        data: all of it.
        mode: permissions before the umask.

    Raises:
        NoRoom, Missing: it cannot be written; what was there is untouched.
    """
    write_file(path, data, mode=mode)


def temporary_beside(final: Path) -> Path:
    """A fresh short name in the folder of `final`, so on the same filesystem."""
    return final.with_name(temporary_name())


@contextlib.contextmanager
def temporary_folder(parent: Path) -> Generator[Path]:
    """A fresh folder to work in; it is gone at the end, unless `publish_folder` gave it a name.

    What killed processes left beside it goes at once: whatever they made is being made again here.

    Raises:
        NoRoom, Missing: it cannot be made.
    """
    folder = parent / temporary_name()
    try:
        folder.mkdir(parents=True)
    except OSError as problem:
        raise write_error(folder, problem) from problem
    sweep(parent)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def publish_folder(temporary: Path, final: Path) -> None:
    """Gives a finished folder its final name, with everything in it made durable first.

    A folder that is there already is replaced: it is moved aside, the new one takes its place, then
    the old one is removed. A crash in between leaves no folder of that name, never a mixed one.

    Raises:
        NoRoom, Missing: it could not be made durable; the temporary folder is still there.
    """
    try:
        _sync_tree(temporary)
        final.parent.mkdir(parents=True, exist_ok=True)
        aside = temporary_beside(final)
        if final.exists():
            final.rename(aside)
        temporary.rename(final)
        durable.sync_folder(final.parent)
    except OSError as problem:
        raise write_error(final, problem) from problem
    shutil.rmtree(aside, ignore_errors=True)


def _sync_tree(folder: Path) -> None:
    for place, _, names in os.walk(folder, onerror=_raise):
        for name in names:
            durable.sync_file(Path(place, name))
        durable.sync_folder(Path(place))


def _raise(problem: OSError) -> None:
    raise problem


def sweep(folder: Path) -> int:
    """Removes what killed processes left in a folder (not in those below it) and says how many things that were."""
    removed = 0
    with contextlib.suppress(FileNotFoundError):
        for entry in list(os.scandir(folder)):
            if is_left_over(entry):
                removed += _remove(entry)
    return removed


def is_left_over(entry: os.DirEntry[str]) -> bool:
    """Whether this is a temporary name of ours, of a process that is gone."""
    try:
        found = entry.stat(follow_symlinks=False)
        # A copy has the time of what it was copied from while it waits for its name.
        age = time.time() - max(found.st_mtime, found.st_ctime)
    except FileNotFoundError:
        return False  # another sweep was quicker
    return durable.is_abandoned(entry.name, age)


def _remove(entry: os.DirEntry[str]) -> int:
    if entry.is_dir(follow_symlinks=False):
        shutil.rmtree(entry.path, ignore_errors=True)
    else:
        with contextlib.suppress(FileNotFoundError):
            Path(entry.path).unlink()
    return 0 if os.path.lexists(entry.path) else 1
