"""What a command says: one answer for stdout, words and progress for people on stderr."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from app.core.catalog.attempts import Attempt
from app.core.model import names

_CONTROL: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""Control characters, but for the end of a line and the tabulator."""


class Output:
    """Collects a command's answer. `cwd` is the folder the person called from."""

    def __init__(
        self,
        *,
        as_json: bool,
        cwd: Path,
        say: Callable[[str], None],
        gone: Callable[[], bool] = lambda: False,
    ) -> None:
        self.as_json = as_json
        self.cwd = cwd
        self.gone = gone
        """Whether whoever asked has gone away."""
        self._say = say
        self._answer: Mapping[str, Any] = {}
        self._lines: list[str] = []
        self._printed = False

    def say(self, line: str) -> None:
        """A line for people, now."""
        self._say(line)

    def answer(self, value: Mapping[str, Any], lines: Sequence[str] | str = ()) -> None:
        """The answer: an object for programs, lines for people (what would move a terminal is made visible)."""
        self._answer = value
        self._lines = [shown(line) for line in ([lines] if isinstance(lines, str) else lines)]

    def document(self, value: Mapping[str, Any], text: str) -> None:
        """The answer where people get a file's text: as it is, but for what would move a terminal."""
        self._answer = value
        self._lines = [_CONTROL.sub("", text)]

    def nothing(self) -> None:
        """The answer was printed line by line already."""
        self._printed = True

    def path(self, text: str) -> Path:
        """A path argument, from the folder the person called from."""
        return self.cwd / text

    def text(self) -> str:
        """What goes to stdout."""
        if self._printed:
            return ""
        if self.as_json:
            return dump(self._answer) + "\n"
        return "".join(line + "\n" for line in self._lines)


def dump(value: object) -> str:
    """JSON on one line; bytes of names that are no UTF-8 stay as escaped surrogates."""
    return json.dumps(value, ensure_ascii=True, separators=(", ", ": "))


def counted(number: int, noun: str) -> str:
    """`1 clip`, `2 clips`: for nouns that take an s."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Columns for people, as wide as needed."""
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))] if rows else []
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def reason(attempt: Attempt, before: str = "") -> list[str]:
    """Why something failed the last time, what to do, and whether it is tried again; lines for people."""
    error = attempt.error
    title, message = str(error.get("title", "")), str(error.get("message", ""))
    words = f"{title}: {message}" if message and message != title else title
    tries = "1 try" if attempt.tries == 1 else f"{attempt.tries} tries"
    state = (
        "it stands still until it is retried" if attempt.stopped else "it is tried again by itself"
    )
    more = [str(error.get(key) or "") for key in ("todo", "detail")]
    return [
        f"{before}{attempt.key}  {attempt.name}: {words}",
        *(f"    {line}" for line in more if line),
        f"    {tries}; {state}",
    ]


def shown(name: str) -> str:
    """A name as it may be printed: no control characters reach the terminal."""
    return names.display(name)
