"""How many bytes a process and what it started have read, as the system counts them."""

import functools
import os
import threading
from pathlib import Path
from typing import Final

_PROC: Final = Path("/proc")


@functools.cache
def told() -> bool:
    """Whether the system tells what children have read; asked once."""
    own = _PROC / str(os.getpid())
    thread = own / "task" / str(threading.get_native_id()) / "children"
    return _counted(own) > 0 and thread.exists()


def of_tree(pid: int) -> int:
    """Bytes that a process and its living descendants have read, from whatever; 0 where nobody tells.

    What a descendant read is its parent's own count once it has ended and was waited for, so nothing is lost in the
    sum; also a process that has ended can be asked until it is waited for.
    """
    own = _PROC / str(pid)
    return _counted(own) + sum(of_tree(child) for child in _children(own))


def _counted(process: Path) -> int:
    try:
        words = (process / "io").read_text()
    except OSError:
        return 0
    return int(words.partition("rchar:")[2].split()[0])


def _children(process: Path) -> list[int]:
    try:
        threads = list((process / "task").iterdir())
        return [int(pid) for one in threads for pid in (one / "children").read_text().split()]
    except OSError:
        return []
