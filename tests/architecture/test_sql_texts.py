"""SQL stands in the catalog alone: neither its texts nor the calls that take them are found outside."""

import ast
import re
from collections.abc import Iterator

import pytest

from tests.support.source import python_files, tree, where

CATALOG = "app/core/catalog/"
TEXT = re.compile(
    r"\s*(SELECT\s.+\sFROM\s|SELECT\s+[\w(]+|INSERT\s+(OR\s+\w+\s+)?INTO\s|REPLACE\s+INTO\s|UPDATE\s.+\sSET\s|DELETE\s+FROM\s"
    r"|(CREATE|DROP|ALTER)\s+(TEMP\s+|UNIQUE\s+|VIRTUAL\s+)*(TABLE|INDEX|VIEW|TRIGGER)\s|PRAGMA\s+\w|ATTACH\s|VACUUM\b|WITH\s+\w+\s+AS\s*\()",
    re.DOTALL,
)
HOLDERS = frozenset({"tx", "reader", "connection", "cursor"})
CALLS = frozenset({"run", "many", "all", "one", "value", "column", "execute", "executemany"})


def said_in_sql(module: ast.Module) -> Iterator[int]:
    """The lines where a module says something in SQL, or hands something to what takes SQL."""
    for node in ast.walk(module):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if TEXT.match(node.value):
                yield node.lineno
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            holder = node.func.value
            if isinstance(holder, ast.Name) and holder.id in HOLDERS and node.func.attr in CALLS:
                yield node.lineno


def test_no_sql_stands_outside_the_catalog() -> None:
    found = [
        where(path, line)
        for path in python_files("app")
        if not where(path).startswith(CATALOG)
        for line in said_in_sql(tree(path))
    ]
    assert not found


def test_most_of_the_catalog_would_be_found() -> None:
    assert sum(1 for path in python_files(CATALOG) for _ in said_in_sql(tree(path))) > 500


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ('x.y("UPDATE upload SET state = ?", 1)', True),
        ('ask = "SELECT 1"', True),
        ('ask = f"DELETE FROM clip WHERE id IN ({marks})"', True),
        ("tx.run(text)", True),
        ("reader.column(text)", True),
        ('say = "Select all"', False),
        ('say = "Update the settings"', False),
        ('tag = "INSERT PLANKTON"', False),
        ("reader.close()", False),
    ],
)
def test_what_counts_as_sql(line: str, found: bool) -> None:
    assert bool(list(said_in_sql(ast.parse(line)))) is found
