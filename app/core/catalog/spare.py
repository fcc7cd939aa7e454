"""A little room kept on the disk of the data folder: filled to its last byte, Rushes still starts there, and reads.

SQLite cannot open a catalog that was closed cleanly without room for the index of its write-ahead log.
"""

import logging
import os
from pathlib import Path
from typing import Final

from app.core.files import publish
from app.core.model.errors import NoRoom, RushesError
from app.core.platform import filesystems

log = logging.getLogger(__name__)
FILE_NAME: Final = "catalog.spare"
SIZE: Final = 256 << 10
"""Bytes: the index of the log, and the log of a few words."""

_AMPLE: Final = 4 * SIZE
"""Bytes that must be free before so much of them is taken."""


def keep(home: Path) -> bool:
    """Takes the room, where it was not taken yet; false where the disk has none to spare."""
    place = home / FILE_NAME
    try:
        if place.exists():
            return True
        if filesystems.space(home).free < _AMPLE:
            return False
        # No zeros: filesystems that compress or leave holes would keep no room for them.
        publish.atomic_write(place, os.urandom(SIZE), mode=0o600)
    except NoRoom:
        return False
    except (OSError, RushesError) as error:
        log.info("no room is kept to start on a full disk: %s", error)
    return True


def spend(home: Path) -> bool:
    """Gives the room back; false where there was none."""
    try:
        (home / FILE_NAME).unlink()
    except OSError as error:
        log.info("no room was kept to start on a full disk: %s", error)
        return False
    return True
