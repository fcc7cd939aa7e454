"""The catalog's file: one writer thread, pooled read-only connections, one `ChangeSet` a transaction.

Functions cross threads, connections do not. `synchronous` is FULL for what people say and for
journals (`durable=True`), NORMAL for what can be derived again.
"""

import contextlib
import logging
import queue
import sqlite3
import threading
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Final, TypeVar

from app.core.catalog import migrations, promised, spare
from app.core.catalog.health import Health
from app.core.catalog.rows import Reader, Tx
from app.core.catalog.sqlite_errors import PUT_BACK, translate, translated
from app.core.files import publish
from app.core.model.changes import Aspect, ChangeSet
from app.core.model.errors import Bug, Damage, NoRoom, RushesError
from app.core.platform import clock

log = logging.getLogger(__name__)
T = TypeVar("T")
Listener = Callable[[ChangeSet], None]
FILE_NAME: Final = "catalog.sqlite"
POOL: Final = 8
"""Connections for reading that are kept; what more there are in a throng are closed after use."""
_BUSY_MS: Final = 10_000
_CLOSING_MS: Final = 1_000
LARGE_LOG: Final = 64 << 20
"""Bytes of the write-ahead log that it only has while somebody else reads on and on."""
LARGE_FOR_MS: Final = 60_000
"""How long it stays so large before that is said: one large commit alone is no sign of it."""


class Catalog:
    """The open catalog. Build it with `Catalog.open`; close it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.health = Health(path.parent)
        """Whether it can be written now."""
        self.lost: Damage | None = None
        """Words that were promised and are gone, as long as nobody took note of it; in words for people."""
        self._listeners: list[Listener] = []
        self._jobs: queue.SimpleQueue[tuple[Callable[[Tx], Any], str, bool, Future[Any]] | None] = (
            queue.SimpleQueue()
        )
        self._idle: queue.LifoQueue[sqlite3.Connection] = queue.LifoQueue(POOL)
        self._damage: Damage | None = None
        self._promise: promised.Promise | None = None
        self._large_since: int | None = None
        self._closed = False
        self._closing = threading.Lock()
        self._ready: Future[None] = Future()
        self._writer = threading.Thread(target=self._serve, name="catalog-writer", daemon=True)
        self._writer.start()
        self._ready.result()

    @classmethod
    def open(cls, home: Path) -> "Catalog":
        """Opens the catalog of this data folder, making or migrating it first.

        On a full disk it opens in the room that was kept for that, and is read-only until there is more.

        Raises:
            Refused: the folder is on a network filesystem, or a newer Rushes wrote the catalog.
            Damage: the file is no sound SQLite database.
            NoRoom: not even the kept room is there.
        """
        try:
            catalog = cls._opened(home)
        except NoRoom:
            if not spare.spend(home):
                raise
            catalog = cls._opened(home)
        if not spare.keep(home):
            catalog.health.ran_full()
            log.warning("the disk is full: the catalog is open in the room that was kept for that")
        return catalog

    @classmethod
    def _opened(cls, home: Path) -> "Catalog":
        path = home / FILE_NAME
        try:
            with translated(str(path)):
                migrations.prepare(path)
        except Bug as error:
            if not isinstance(error.__cause__, sqlite3.Error):
                raise
            # The migrations are tried on every schema: only pages that say something else make them fail.
            raise Damage(
                "The catalog is damaged", error.message, subject=str(path), todo=PUT_BACK
            ) from error
        publish.sweep(home)  # settings and other small files that a killed process had begun
        catalog = cls(path)
        catalog._look_back()
        return catalog

    def _look_back(self) -> None:
        """Compares with what was promised beside it. From now on promises are noted there."""
        promise = promised.Promise(self.path)
        try:
            with self.read() as reader:
                lost, known = promise.lost(reader), promised.noted(reader)
            if lost:
                log.warning("%s", lost.told(self.path))
                known = self.write(lambda tx: promised.note(tx, lost), durable=True)
                with self.read() as reader:
                    promise.keep(*promised.newest(reader))
        except RushesError as error:
            # What stands beside it stays as it is: the next start compares again.
            log.info("the catalog was not compared with what was promised: %s", error)
            return
        self._promise = promise
        self.lost = known.told(self.path) if known else None

    def take_note(self) -> bool:
        """A person was told of words that are lost; whether there were any."""
        self.lost = None
        return self.write(promised.take_note, durable=True)

    def write(self, fn: Callable[[Tx], T], *, origin: str = "", durable: bool = False) -> T:
        """Runs `fn` in one transaction on the writer thread and returns what it returns.

        Everything is rolled back when `fn` raises. Listeners hear of the change after the commit.
        """
        if threading.current_thread() is self._writer:
            raise Bug("Nested write", "A write was asked for inside a write.")
        done: Future[T] = Future()
        with self._closing:
            if self._closed:
                raise Bug("Catalog closed", "A write was asked for after the catalog was closed.")
            self._jobs.put((fn, origin, durable, done))
        return done.result()

    @contextlib.contextmanager
    def read(self) -> Generator[Reader]:
        """A read-only connection and one consistent snapshot, for the length of the block."""
        with self._watched(), translated(str(self.path)):
            connection = self._take()
            try:
                connection.execute("BEGIN")
                yield Reader(connection)
            finally:
                if connection.in_transaction:
                    connection.rollback()
                self._give(connection)

    @contextlib.contextmanager
    def _watched(self) -> Generator[None]:
        try:
            yield
        except Damage as found:
            if isinstance(found.__cause__, sqlite3.Error):
                self._found(found, found.__cause__)
            raise

    def _found(self, damage: Damage, error: sqlite3.Error) -> None:
        """Once the file was found damaged, nothing is written to it any more: that could only make it worse."""
        # Of the search index alone `check --repair` makes a new one.
        only_an_index = getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_CORRUPT_VTAB
        if self._damage is None and not only_an_index:
            self._damage = damage
            log.error("nothing is written any more: %s", damage)

    def recover(self) -> bool:
        """Whether it can be written, as far as is known; looks whether a full disk has room again."""
        if self.health.look():
            log.info("the catalog can be written again")
            spare.keep(self.path.parent)
            self.write(lambda tx: tx.touch(Aspect.HEALTH))
        return self.health.full is None

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Calls `listener` on the writer thread after each commit; returns what unsubscribes it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    def close(self) -> None:
        """Finishes what is queued, checkpoints and closes all connections."""
        with self._closing:
            if self._closed:
                return
            self._closed = True
            self._jobs.put(None)
        # The writer closes last: only it may take the empty log away.
        self._close_idle()
        self._writer.join()
        self._close_idle()

    def _close_idle(self) -> None:
        while True:
            try:
                self._idle.get_nowait().close()
            except queue.Empty:
                return

    def _take(self) -> sqlite3.Connection:
        try:
            return self._idle.get_nowait()
        except queue.Empty:
            return connect(self.path, read_only=True)

    def _give(self, connection: sqlite3.Connection) -> None:
        try:
            if self._closed:
                connection.close()
            else:
                self._idle.put_nowait(connection)
        except queue.Full:
            connection.close()

    def _serve(self) -> None:
        try:
            connection = connect(self.path)
        except sqlite3.Error as error:
            self._ready.set_exception(translate(error, str(self.path)))
            return
        self._ready.set_result(None)
        while (job := self._jobs.get()) is not None:
            self._run(connection, *job)
        try:
            # A reader that hangs elsewhere may stand in the way of the checkpoint: it can be done without.
            connection.execute(f"PRAGMA busy_timeout={_CLOSING_MS}")
            connection.execute("PRAGMA optimize")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.Error as error:
            # Everything is in the write-ahead log already: the next start takes it from there.
            log.info("the catalog was closed without a checkpoint: %s", error)
        connection.close()

    def _run(
        self,
        connection: sqlite3.Connection,
        fn: Callable[[Tx], T],
        origin: str,
        durable: bool,
        done: Future[T],
    ) -> None:
        tx = Tx(connection)
        if self._damage is not None:
            done.set_exception(self._damage)
            return
        try:
            connection.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
            connection.execute("BEGIN IMMEDIATE")
            result = fn(tx)
            connection.commit()
        except sqlite3.Error as error:
            _roll_back(connection)
            told = translate(error, str(self.path))
            if isinstance(told, Damage):
                self._found(told, error)
            if self.health.failed(told):
                log.warning("the catalog is read-only: %s", told)
                self._announce(ChangeSet({Aspect.HEALTH: frozenset()}))
            done.set_exception(told)
            return
        except BaseException as error:  # noqa: BLE001 - handed to the caller, whatever it is
            _roll_back(connection)
            done.set_exception(error)
            return
        self._after(tx, durable=durable)
        changes = tx.changes(origin)
        if changes.changes:
            self._announce(changes)
        done.set_result(result)

    def _after(self, tx: Tx, *, durable: bool) -> None:
        """What follows a commit: the promise is noted, and the log beside the catalog looked at."""
        try:
            if durable and self._promise is not None:
                self._promise.keep(*promised.newest(tx))
            log_size = self.path.with_name(f"{FILE_NAME}-wal").stat().st_size
        except (sqlite3.Error, OSError) as error:
            log.info("after a commit: %s", error)
            return
        now = clock.monotonic_ns() // 1_000_000
        if log_size <= LARGE_LOG:
            self._large_since = None
        elif self._large_since is None:
            self._large_since = now
        elif now - self._large_since >= LARGE_FOR_MS:
            self._large_since = now + 60 * LARGE_FOR_MS  # said again in an hour
            log.warning(
                "the log beside the catalog has %d MB: another program reads the catalog and does not end; close it",
                log_size >> 20,
            )

    def _announce(self, changes: ChangeSet) -> None:
        for listener in list(self._listeners):
            try:
                listener(changes)
            except Exception:
                log.exception("a listener of the change feed failed")


def connect(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """A connection with the catalog's settings. Only the writer may check-point."""
    mode = "ro" if read_only else "rwc"
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        check_same_thread=False,
        isolation_level=None,
        timeout=_BUSY_MS / 1000,
        cached_statements=512,
    )
    connection.row_factory = sqlite3.Row
    settings: Iterable[str] = (
        # No mmap: it was not faster at any size, each reader held up to its size, and a lost disk would end the program.
        ("query_only=ON", "wal_autocheckpoint=0", "cache_size=-16000")
        if read_only
        else (
            "journal_mode=WAL",
            "synchronous=NORMAL",
            "foreign_keys=ON",
            "wal_autocheckpoint=2000",
            "journal_size_limit=67108864",
            "cache_size=-32000",
            "temp_store=MEMORY",
        )
    )
    for setting in settings:
        connection.execute(f"PRAGMA {setting}")
    return connection


def _roll_back(connection: sqlite3.Connection) -> None:
    if connection.in_transaction:
        connection.rollback()
