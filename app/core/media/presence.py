"""Tells media that is away, or changed meanwhile, from media that is bad.

A volume that goes offline in the middle of a read looks like a damaged file to every decoder.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

from app.core.model.errors import Away, Passing
from app.core.model.names import display

Stamps = Mapping[Path, tuple[int, int]]
"""Size and time of the last change, in nanoseconds, of each file."""


def stamps(paths: Iterable[Path]) -> Stamps:
    """What the files are now.

    Raises:
        Away: one of them is not there.
    """
    return {path: _stamp(path) for path in paths}


def size_of(paths: Iterable[Path]) -> int:
    """Bytes of all these files together.

    Raises:
        Away: one of them is not there.
    """
    return sum(size for size, _ in stamps(paths).values())


def disk_at(folder: Path) -> int:
    """The number of the filesystem of a folder; 0 where it does not say.

    What a child sees of a disk is that disk for as long as the child lives, also when it is dead and another is mounted there.
    """
    try:
        return folder.stat().st_dev
    except OSError:
        return 0


def require_unchanged(before: Stamps) -> None:
    """Makes sure that what was read is what is there.

    Raises:
        Away: a file went away meanwhile.
        Passing: a file changed meanwhile.
    """
    for path, stamp in before.items():
        if _stamp(path) != stamp:
            raise Passing(
                "Changed while it was read",
                "The file changed while Rushes was reading it.",
                subject=str(path),
            )


def _stamp(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError as error:
        raise Away(
            "The media is offline",
            f"{display(path.name)} cannot be reached: {error.strerror}.",
            subject=str(path),
            todo="Connect its volume. Rushes tries again when it is back.",
        ) from error
    return found.st_size, found.st_mtime_ns
