"""Open files where systems differ: flags that not all have, and a lock that goes with its process."""

import os
import sys
from typing import Final

PLAIN: Final = int(getattr(os, "O_CLOEXEC", 0)) | int(getattr(os, "O_BINARY", 0))
"""For every `os.open`: children do not inherit it, and bytes stay as they are."""


def try_lock(handle: int) -> bool:
    """Takes the lock of an open file for this process; false where another one holds it.

    It ends with the process or the handle, however that happens: a stale lock does not exist.
    """
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # untried
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def keep_times(handle: int) -> bool:
    """Reads from this open file or folder leave no time of access behind: even that would write on a card.

    False where the system does not let us: it allows only the owner to ask for it (Linux).
    """
    quiet = getattr(os, "O_NOATIME", 0)
    if not quiet:
        return False
    import fcntl

    try:
        fcntl.fcntl(handle, fcntl.F_SETFL, fcntl.fcntl(handle, fcntl.F_GETFL) | quiet)
    except OSError:
        return False
    return True
