"""What the catalog kept as text, read back: JSON and words that do not read are damage of its file, told in words.

SQLite finds pages that are broken, not ones that say something else.
"""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any, Final, ParamSpec, TypeVar, cast

from app.core.catalog.sqlite_errors import PUT_BACK
from app.core.model.errors import Damage

P = ParamSpec("P")
T = TypeVar("T")
_CHECK_FIRST: Final = f"Run “rushes check”. Where it finds damage: {PUT_BACK} Where it finds none, this is a fault of Rushes itself."
_UNREADABLE: Final = (ValueError, TypeError, KeyError, AttributeError, OverflowError)


def damaged(what: str, subject: str = "catalog") -> Damage:
    """The catalog says what it never was given.

    Args:
        what: a whole sentence for a person.
        subject: what it is about.
    """
    return Damage("The catalog is damaged", what, subject=subject, todo=PUT_BACK)


def table(text: str | None) -> dict[str, Any]:
    """A JSON object as it was stored; empty where there is none.

    Raises:
        Damage: it is no JSON object.
    """
    found = value(text or "{}")
    if not isinstance(found, dict):
        raise damaged("A stored table is none.")
    return cast("dict[str, Any]", found)


def listed(text: str | None) -> list[Any]:
    """A JSON array as it was stored; empty where there is none.

    Raises:
        Damage: it is no JSON array.
    """
    found = value(text or "[]")
    if not isinstance(found, list):
        raise damaged("A stored list is none.")
    return cast("list[Any]", found)


def text(found: object) -> str:
    """A text as it was stored.

    Raises:
        Damage: a page that lies elsewhere gives something else in its place.
    """
    if not isinstance(found, str):
        raise damaged("A stored text is none.")
    return found


def value(text: str) -> object:
    """Any JSON as it was stored.

    Raises:
        Damage: it is no JSON.
    """
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise damaged(f"A stored value cannot be read: {error}.") from error


def reading(make: Callable[P, T]) -> Callable[P, T]:
    """For a function that does nothing but make a value of a row: a row that makes none is told as damage.

    It may be a fault of ours as well, so nobody is sent to a backup before `check` has looked.
    """

    @wraps(make)
    def read(*row: P.args, **more: P.kwargs) -> T:
        try:
            return make(*row, **more)
        except _UNREADABLE as error:
            raise Damage(
                "The catalog is damaged",
                f"A row of it cannot be read: {type(error).__name__}: {error}.",
                subject="catalog",
                todo=_CHECK_FIRST,
            ) from error

    return read
