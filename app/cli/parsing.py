"""Reading the command line: `--home` and `--json` anywhere before `--`, errors as exceptions."""

import argparse
import dataclasses
import itertools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final, NoReturn

from app.core.model.errors import Refused

if TYPE_CHECKING:
    from app.cli.output import Output
    from app.core.services import Services

Run = Callable[["Services", argparse.Namespace, "Output"], int]
Plain = Callable[[argparse.Namespace, "Output"], int]
Commands = Any
"""argparse's own action for sub-commands, whose type it does not publish."""


_WITH_VALUE: Final = ("--limit", "--after")
"""Options of commands that take words with dashes, and have a value."""


class UsageError(Refused):
    """The words of the command line are off."""

    exit_code = 2


class Helped(Exception):
    """Help or the version was asked for."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


class Parser(argparse.ArgumentParser):
    """A parser that raises instead of leaving the process."""

    def __init__(self, *args: Any, **options: Any) -> None:
        options.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        options["allow_abbrev"] = False
        super().__init__(*args, **options)

    def error(self, message: str) -> NoReturn:
        """Wrong words."""
        raise UsageError(
            "The command line is not right",
            message,
            subject=self.prog,
            todo=f"See “{self.prog} --help”.",
        )

    def print_help(self, file: Any = None) -> None:  # noqa: ARG002 - argparse's signature
        """Hands the help out as text."""
        raise Helped(self.format_help())


@dataclasses.dataclass(frozen=True, slots=True)
class Words:
    """The command line without what holds for every command."""

    rest: tuple[str, ...]
    home: str | None
    json: bool


def split(arguments: Sequence[str]) -> Words:
    """Takes `--home DIR` and `--json` out, wherever they stand before `--`.

    Raises:
        UsageError: `--home` without a folder.
    """
    rest: list[str] = []
    home: str | None = None
    as_json = False
    words = iter(range(len(arguments)))
    for n in words:
        word = arguments[n]
        if word == "--":
            rest += arguments[n:]
            break
        if word == "--json":
            as_json = True
        elif word.startswith("--home="):
            home = word.removeprefix("--home=")
        elif word == "--home":
            home = arguments[next(words)] if n + 1 < len(arguments) else ""
        else:
            rest.append(word)
    if home in ("", "--", "--json"):
        raise UsageError(
            "The command line is not right", "--home needs a folder.", subject="--home"
        )
    return Words(tuple(rest), home, as_json)


def protect(rest: Sequence[str]) -> list[str]:
    """Lets `tag CLIP -word` and `search TEXT -word` through: after their first operand a dash starts no option.

    Long options (and `-h`) keep their meaning wherever they stand before `--`.
    """
    if tuple(rest[:1]) not in (("tag",), ("search",), ("clips",)) or "--" in rest:
        return list(rest)
    options: list[str] = []
    operands: list[str] = []
    words = iter(rest[1:])
    for word in words:
        if word in _WITH_VALUE:
            options += [word, *itertools.islice(words, 1)]
        elif word == "-h" or word.startswith("--") or (word.startswith("-") and not operands):
            options.append(word)
        else:
            operands.append(word)
    return [rest[0], *options, "--", *operands]
