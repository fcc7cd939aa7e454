"""How the C library keeps the memory of this process: few heaps, and large pieces given back as soon as they are free.

Left alone, glibc makes a heap for each of up to eight threads a core, and whatever is freed in one stays with it: with
threads that come and go, every heap grows in time to the most that any kind of work needs. And the first part of an
upload that is freed lets it take all further pieces of that size from those heaps, where a few bytes that somebody
still needs keep megabytes below them.
"""

import ctypes
import os
import sys
import traceback
from typing import Final

_M_MMAP_THRESHOLD: Final = -3
_M_ARENA_MAX: Final = -8
_HEAPS: Final = 2
"""Python lets one thread at a time allocate for itself; the second is for SQLite, hashing and decoding beside it."""
LARGE: Final = 1 << 20
"""Bytes from which a piece has pages of its own, which go back to the system when it is freed."""


def keep_few(*, pictures: bool = False) -> bool:
    """Keeps the memory of this process in few heaps from now on; false where the C library is not glibc.

    Before threads are started: heaps that are there already stay.

    Args:
        pictures: large pieces stay in the heaps: a window makes pictures of the same sizes again and again, and one of
            1920×1080 with pages of its own costs 2 ms instead of 0.4.
    """
    if sys.platform != "linux" or "CS_GNU_LIBC_VERSION" not in os.confstr_names:
        return False
    try:
        set_option = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return False
    few = bool(set_option(_M_ARENA_MAX, _HEAPS))
    return few and (pictures or bool(set_option(_M_MMAP_THRESHOLD, LARGE)))


def let_go(error: BaseException) -> None:
    """Frees what the calls that an error came through held, such as the bytes of a part; for an error that was dealt with.

    Errors of libraries hold one another in circles: they and all the calls on their way would stay until Python next
    looks at everything it has, which can be an hour in a program that has little to do. Calls that still go on keep
    what they have.
    """
    waiting: list[BaseException | None] = [error]
    seen: set[int] = set()
    while waiting:
        one = waiting.pop()
        if one is not None and id(one) not in seen:
            seen.add(id(one))
            traceback.clear_frames(one.__traceback__)
            one.__traceback__ = None  # each call holds those that it was made from
            waiting += [one.__cause__, one.__context__]
