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
