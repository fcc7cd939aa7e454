"""Reading the command line: `--home` and `--json` anywhere before `--`, errors as exceptions."""

import argparse
import dataclasses
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from app.core.model.errors import Refused

if TYPE_CHECKING:
    from app.cli.output import Output
    from app.core.services import Services

Run = Callable[["Services", argparse.Namespace, "Output"], int]
Plain = Callable[[argparse.Namespace, "Output"], int]
Commands = Any
"""argparse's own action for sub-commands, whose type it does not publish."""


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
            if n + 1 >= len(arguments):
                raise UsageError(
                    "The command line is not right", "--home needs a folder.", subject="--home"
                )
            home = arguments[next(words)]
        else:
            rest.append(word)
    return Words(tuple(rest), home, as_json)


def protect(rest: Sequence[str]) -> list[str]:
    """Lets `tag CLIP -word` and `search TEXT -word` through: after their first operand a dash starts no option."""
    words = list(rest)
    if words[:1] in (["tag"], ["search"], ["clips"]) and "--" not in words:
        for n in range(2 if words[0] == "tag" else 1, len(words)):
            if (
                words[n].startswith("-")
                and not words[n].startswith("--")
                and words[n] not in ("-h", "-o")
                and n > 1
            ):
                return [*words[:n], "--", *words[n:]]
    return words
