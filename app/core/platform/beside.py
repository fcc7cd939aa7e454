"""Work beside one's own: a thread that does something with each piece it is given, in order, a few pieces behind."""

import threading
from collections.abc import Callable
from queue import SimpleQueue
from types import TracebackType
from typing import Final, Generic, Self, TypeVar

T = TypeVar("T")

AHEAD: Final = 7
"""Pieces that may wait or be worked on."""

HELD: Final = AHEAD + 1
"""Pieces that may be in use at once: those that wait or are worked on, and the one in the giver's hands.

A giver with so many buffers may fill the oldest again as soon as `put` of the newest has returned.
"""


class Beside(Generic[T]):
    """One thread; `with Beside(act) as beside`, then `put` for each piece and `finish` at the end.

    It ends when the block is left, however that happens. What `act` raises is raised by the next `put`, or by `finish`.
    """

    def __init__(self, act: Callable[[T], object], name: str = "beside") -> None:
        self._act = act
        self._room = threading.Semaphore(AHEAD)
        self._pieces: SimpleQueue[T | None] = SimpleQueue()
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._serve, name=name, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def put(self, piece: T) -> None:
        """Gives it the next piece; waits while too many wait already."""
        self._room.acquire()
        self._tell()
        self._pieces.put(piece)

    def finish(self) -> None:
        """Waits until every piece is done."""
        self._pieces.put(None)
        self._thread.join()
        self._tell()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is not None:
            self._error = self._error or error  # what waits still is not worth doing
        self._pieces.put(None)
        self._thread.join()

    def _tell(self) -> None:
        if self._error is not None:
            raise self._error

    def _serve(self) -> None:
        while (piece := self._pieces.get()) is not None:
            if self._error is None:
                try:
                    self._act(piece)
                except BaseException as error:  # noqa: BLE001 - raised where the pieces come from
                    self._error = error
            self._room.release()
