"""What a query function is given: a `Reader`, or inside a write a `Tx`, which also notes what changed."""

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

from app.core.model.changes import Aspect, ChangeSet

Row = sqlite3.Row
Parameters = Sequence[Any]


class Reader:
    """One snapshot of the catalog."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def all(self, sql: str, *parameters: Any) -> list[Row]:
        """All rows of a query."""
        return self._connection.execute(sql, parameters).fetchall()

    def tuples(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """All rows of a query by place alone: half as dear as `all` where there are very many."""
        cursor = self._connection.cursor()
        cursor.row_factory = None
        return cursor.execute(sql, parameters).fetchall()

    def one(self, sql: str, *parameters: Any) -> Row | None:
        """The first row, or None."""
        row: Row | None = self._connection.execute(sql, parameters).fetchone()
        return row

    def value(self, sql: str, *parameters: Any) -> Any:
        """The first column of the first row, or None."""
        row = self._connection.execute(sql, parameters).fetchone()
        return None if row is None else row[0]

    def column(self, sql: str, *parameters: Any) -> list[Any]:
        """The first column of all rows."""
        return [row[0] for row in self._connection.execute(sql, parameters)]

    def interrupt(self) -> None:
        """Stops the query that runs on this connection; may be called from another thread."""
        self._connection.interrupt()


class Tx(Reader):
    """One transaction of the writer."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        super().__init__(connection)
        self._touched: dict[Aspect, set[str]] = {}

    def run(self, sql: str, *parameters: Any) -> int:
        """Runs a statement; returns the number of rows it changed."""
        return self._connection.execute(sql, parameters).rowcount

    def insert(self, sql: str, *parameters: Any) -> int:
        """Runs an insert; returns the row number."""
        return self._connection.execute(sql, parameters).lastrowid or 0

    def many(self, sql: str, rows: Iterable[Parameters]) -> int:
        """Runs a statement for each of many rows; returns the number of rows changed."""
        return self._connection.executemany(sql, rows).rowcount

    def touch(self, aspect: Aspect, *ids: str) -> None:
        """Notes a change for the feed; no ids means "many"."""
        self._touched.setdefault(aspect, set()).update(ids)

    def changes(self, origin: str) -> ChangeSet:
        """All that was touched."""
        return ChangeSet({aspect: frozenset(ids) for aspect, ids in self._touched.items()}, origin)


def marks(count: int) -> str:
    """`?,?,?` for an IN list of so many values."""
    return ",".join("?" * count)
