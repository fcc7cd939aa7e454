"""The two front doors for background work from the window: `run_query` and `run_command`.

Queries read and run side by side; commands write and run one after another, in the order they were
given. Results come back on the main thread, and only while the widget that asked still lives. An
error nobody else takes goes to the reporter the window has set.
"""

import enum
import itertools
import logging
import time
from collections.abc import Callable
from functools import partial
from typing import Final, Generic, TypeVar

import shiboken6
from PySide6.QtCore import QCoreApplication, QObject, Qt, QThreadPool, Signal

from app.core.model.errors import Bug, Cancelled, RushesError

log = logging.getLogger(__name__)
T = TypeVar("T")
Failed = Callable[[RushesError], None]


class Lane(enum.Enum):
    """Where a task runs."""

    QUERY = "query"
    PICTURE = "picture"
    """Decoding of posters: never in the way of a query."""
    COMMAND = "command"
    PROBE = "probe"
    """Asking a volume how quickly it answers: it may never."""
    CARD = "card"
    """Reading of cards, which takes as long as a card is large; it asks `closing` meanwhile."""


_QUIET_ROUNDS: Final = 4
_WIDTH: Final = {Lane.QUERY: 3, Lane.PICTURE: 2, Lane.COMMAND: 1, Lane.PROBE: 1, Lane.CARD: 2}


class _Courier(QObject):
    """Carries results to the main thread. Lives there for as long as the program does."""

    arrived = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.arrived.connect(self._deliver, Qt.ConnectionType.QueuedConnection)
        self.pools = {lane: QThreadPool(self) for lane in Lane}
        for lane, pool in self.pools.items():
            pool.setMaxThreadCount(_WIDTH[lane])
        self.numbers = itertools.count(1)
        self.latest: dict[tuple[int, str], int] = {}
        self.open = 0
        self.closed = False
        self.report: Failed = _log_only

    def _deliver(self, deliver: Callable[[], None]) -> None:
        self.open -= 1
        if not self.closed:
            deliver()

    def shut(self) -> None:
        """Takes no more work, drops what waits, and lets what runs come to its end."""
        self.closed = True
        for pool in self.pools.values():
            pool.clear()
        for pool in self.pools.values():
            pool.waitForDone()


def _log_only(error: RushesError) -> None:
    log.warning("%s", error)


class _Holder:
    """The one courier of this process."""

    courier: _Courier | None = None


def _courier() -> _Courier:
    if _Holder.courier is None or _Holder.courier.closed:
        _Holder.courier = _Courier()
        app = QCoreApplication.instance()
        if app is not None:
            _Holder.courier.moveToThread(app.thread())
    return _Holder.courier


def run_query(
    owner: QObject,
    fn: Callable[[], T],
    done: Callable[[T], None],
    failed: Failed | None = None,
    *,
    key: str = "",
    lane: Lane = Lane.QUERY,
) -> None:
    """Reads in the background.

    Args:
        owner: the widget or model that asks; nothing is delivered once it is gone.
        fn: runs on a worker thread; must not touch widgets.
        done: gets the result, on the main thread.
        failed: gets the error; the window's reporter does where this is left out.
        key: a newer query of the same owner and key makes this one stale: it is not started where
            it still waits, and never delivered.
        lane: any but `Lane.COMMAND`.
    """
    _start(owner, fn, done, failed, key, lane)


def run_command(
    owner: QObject,
    fn: Callable[[], T],
    done: Callable[[T], None] | None = None,
    failed: Failed | None = None,
) -> None:
    """Writes in the background, after all commands given before it. Arguments as in `run_query`."""
    _start(owner, fn, done or _ignore, failed, "", Lane.COMMAND)


def set_reporter(report: Failed | None) -> None:
    """Who shows errors that no caller took; None only logs them."""
    _courier().report = report or _log_only


def report(error: RushesError) -> None:
    """Shows an error the way an untaken error of a task is shown."""
    _courier().report(error)


def later(owner: QObject, fn: Callable[[], None]) -> None:
    """Runs `fn` on the main thread while `owner` lives; may be called from any thread."""
    courier = _courier()
    courier.open += 1
    courier.arrived.emit(lambda: fn() if shiboken6.isValid(owner) else None)


def busy() -> bool:
    """Whether any result is still to come. For tests and for closing."""
    return _courier().open > 0


def closing() -> bool:
    """Whether the program ends: what takes long ends early then. May be asked from any thread."""
    return _Holder.courier is None or _Holder.courier.closed


def wait(timeout_ms: int = 20_000) -> bool:
    """Handles events until nothing is under way; False where the time ran out first.

    A result may start the next task by a timer, so quiet means several rounds of events in a row.
    """
    end, quiet = time.monotonic() + timeout_ms / 1000, 0
    while quiet < _QUIET_ROUNDS:
        if time.monotonic() > end:
            return False
        QCoreApplication.processEvents()
        quiet = 0 if busy() else quiet + 1
        time.sleep(0.001)
    return True


def shut() -> None:
    """Ends background work before the services close. Later calls start afresh (tests)."""
    if _Holder.courier is not None:
        _Holder.courier.shut()


def _ignore(_result: object) -> None:
    return None


def _start(
    owner: QObject,
    fn: Callable[[], T],
    done: Callable[[T], None],
    failed: Failed | None,
    key: str,
    lane: Lane,
) -> None:
    courier = _courier()
    task = _Task(courier, owner, fn, done, failed, key)
    courier.open += 1
    courier.pools[lane].start(task.run)


class _Task(Generic[T]):
    """One call through a front door."""

    def __init__(
        self,
        courier: _Courier,
        owner: QObject,
        fn: Callable[[], T],
        done: Callable[[T], None],
        failed: Failed | None,
        key: str,
    ) -> None:
        self._courier = courier
        self._owner = owner
        self._fn = fn
        self._done = done
        self._failed = failed
        self._place = (id(owner), key) if key else None
        self._number = next(courier.numbers)
        if self._place:
            courier.latest[self._place] = self._number

    def run(self) -> None:
        """On the worker thread: calls the function and hands over what came of it."""
        deliver = _nothing
        if self._wanted() and not self._courier.closed:
            deliver = self._outcome()
        if shiboken6.isValid(self._courier):
            self._courier.arrived.emit(deliver)

    def _outcome(self) -> Callable[[], None]:
        try:
            result = self._fn()
        except RushesError as raised:
            return partial(self._deliver_error, raised)
        except Exception as raised:
            log.exception("a task of the window failed")
            return partial(self._deliver_error, _as_bug(raised))
        return partial(self._deliver_result, result)

    def _wanted(self) -> bool:
        return self._place is None or self._courier.latest.get(self._place) == self._number

    def _alive(self) -> bool:
        alive = shiboken6.isValid(self._owner) and self._wanted()
        if alive and self._place:
            del self._courier.latest[self._place]
        return alive

    def _deliver_result(self, result: T) -> None:
        if self._alive():
            self._done(result)

    def _deliver_error(self, error: RushesError) -> None:
        if not self._alive():
            return
        if self._failed:
            self._failed(error)
        elif not isinstance(error, Cancelled):
            self._courier.report(error)


def _as_bug(raised: Exception) -> Bug:
    return Bug(
        "Something went wrong inside Rushes",
        f"{type(raised).__name__}: {raised}",
        todo="Your media and notes are untouched. The log in the data folder says more.",
    )


def _nothing() -> None:
    return None
