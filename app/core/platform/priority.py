"""Which threads of this process go first when there are more of them than cores."""

import contextlib
import os
import sys
import threading
from typing import Final

_BEHIND: Final = 10
"""As `nice` has it: a tenth of the share of what a person waits for."""


def give_way() -> bool:
    """The calling thread goes behind those of the window from now on; false where a system has no priority for each thread.

    Python lets one of its threads run at a time, and hands that on every 5 ms. What is due by then, a window that is to be
    drawn, still waits for a core: with as many busy threads as this process has, for tens of milliseconds (docs/performance.md).
    Children that such a thread starts go further behind still.
    """
    if sys.platform != "linux":
        return False
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _BEHIND)
        return True
    return False
