"""Questions that may never be answered: a dead network disk holds whoever asks it, for as long as it likes.

The question is asked on a thread of its own. Who asked goes on when the answer is late; while a
question about the same thing still hangs, no second one is put.
"""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as Late
from typing import Final, TypeVar

from app.core.model.errors import Cancelled, Passing

T = TypeVar("T")
_TICK: Final = 0.1


class Patience:
    """Asks, and waits at most so long."""

    def __init__(self, seconds: int) -> None:
        self._seconds = seconds
        self._asked: dict[str, threading.Thread] = {}
        self._lock = threading.Lock()

    def ask(
        self,
        about: str,
        act: Callable[[], T],
        stopped: Callable[[], bool] | None = None,
        step: Callable[[], int] | None = None,
    ) -> T:
        """What `act` returns, or raises.

        Args:
            about: what is asked, such as a folder.
            act: reads; it may go on after this has given up, so it must not write.
            stopped: whether the work was called off.
            step: how far it is: what takes its time is not late while that changes.

        Raises:
            Passing: no answer in time, or an earlier question still hangs. Cancelled: called off.
        """
        answer: Future[T] = Future()
        until = time.monotonic() + self._seconds
        thread = threading.Thread(target=_answer, args=(act, answer), name="patience", daemon=True)
        while (before := self._begin(about, thread)) is not None:
            # Two may ask about a healthy disk at the same moment: the second waits for its turn.
            if stopped is not None and stopped():
                raise Cancelled("Called off", subject=about)
            if time.monotonic() >= until:
                raise _late(about)
            before.join(_TICK)
        reached = step() if step else 0
        while not answer.done() and time.monotonic() < until:
            if step and (now := step()) != reached:
                reached, until = now, time.monotonic() + self._seconds
            if stopped is not None and stopped():
                raise Cancelled("Called off", subject=about)
            try:
                answer.exception(timeout=_TICK)
            except Late:
                continue
        if not answer.done():
            raise _late(about)
        # Its thread has nothing left to do but end.
        thread.join()
        with self._lock:
            if self._asked.get(about) is thread:
                del self._asked[about]
        return answer.result()

    def _begin(self, about: str, thread: threading.Thread) -> threading.Thread | None:
        """Starts a question, or gives the earlier one about the same thing that still hangs."""
        with self._lock:
            before = self._asked.get(about)
            if before is not None and before.is_alive():
                return before
            self._asked[about] = thread
            thread.start()
            return None


def _answer(act: Callable[[], T], answer: Future[T]) -> None:
    try:
        answer.set_result(act())
    except BaseException as error:  # noqa: BLE001 - handed to whoever asked
        answer.set_exception(error)


def _late(about: str) -> Passing:
    return Passing(
        "No answer",
        f"{about} does not answer.",
        subject=about,
        todo="Check the cable, the disk or the network.",
    )
