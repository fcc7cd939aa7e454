"""A thread that goes behind is behind, alone."""

import os
import sys
import threading

from app.core.platform import priority


def test_only_the_thread_that_asks_goes_behind() -> None:
    found: list[int] = []

    def work() -> None:
        assert priority.give_way() == (sys.platform == "linux")
        found.append(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))

    before = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found == [max(before, 10) if sys.platform == "linux" else before]
    assert os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) == before
