"""The command line's frame: reads the words, finds the process that owns the catalog, prints the answer."""

import argparse
import contextlib
import importlib
import io
import logging
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from app import __version__
from app.cli.output import Output, dump, shown
from app.cli.parsing import Helped, Parser, UsageError, protect, split
from app.core import owner, sample
from app.core.model.errors import Bug, Cancelled, Passing, RushesError, as_json
from app.core.platform import logs, paths, redaction

if TYPE_CHECKING:
    from app.core.services import Services

log = logging.getLogger(__name__)
NOUNS: Final = (
    "run",
    "desk",
    "volumes",
    "card",
    "offload",
    "report",
    "scrub",
    "clips",
    "search",
    "transcript",
    "notes",
    "marks",
    "logging",
    "frame",
    "tc",
    "decisions",
    "export",
    "targets",
    "models",
    "work",
    "check",
    "verify",
    "doctor",
    "settings",
    "history",
)
"""One module of this package each, in the order of the help."""
_PATIENCE: Final = 20
"""Seconds to wait while another Rushes starts or ends."""


def build_parser() -> Parser:
    """The whole command line."""
    parser = Parser(
        prog="rushes",
        description="Rushes: the desktop companion of an editing suite. Without a command the window opens.",
        epilog="Every command takes --home DIR (the data folder) and --json (one JSON object on stdout), anywhere before “--”.\n"
        "A clip is named by id, the unique start or end of its id, or its unique name. Times: timecode, @FRAME, +SECONDSs.\n"
        "Exit codes: 0 done, 1 work left or partly failed, 2 malformed command line, 3 input refused, 4 something needed is missing,\n"
        "5 damage found, 70 a bug of Rushes.",
    )
    parser.add_argument("--version", action="store_true", help="print the version")
    parser.add_argument(
        "--sample",
        action="store_true",
        help="work on a made shooting day, in a data folder of its own; without a command the window opens on it",
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=Parser)
    for noun in NOUNS:
        importlib.import_module(f"app.cli.{noun}").register(commands)
    return parser


def main(arguments: Sequence[str]) -> int:
    """Runs one command; returns its exit code. Answers go to stdout, words for people to stderr."""
    wants_json = "--json" in arguments[: arguments.index("--") if "--" in arguments else None]
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(
                errors="surrogateescape" if stream is sys.stdin else "backslashreplace"
            )
    try:
        words = split(arguments)
        parsed = build_parser().parse_args(protect(words.rest))
        if parsed.version:
            _print(
                dump({"version": __version__}) + "\n" if words.json else f"rushes {__version__}\n"
            )
            return 0
        return _dispatch(parsed, list(words.rest), words.home, as_json=words.json)
    except Helped as help_text:
        _print(dump({"help": help_text.text}) + "\n" if wants_json else help_text.text)
        return 0
    except RushesError as error:
        _print(report(error, as_json=wants_json))
        return error.exit_code
    except BrokenPipeError:
        # Whoever read has read enough; what Python still holds goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        called_off = Cancelled("Called off", "Ended by the keyboard.")
        _print(report(called_off, as_json=wants_json))
        return called_off.exit_code
    except Exception as error:
        log.exception("Rushes broke")
        bug = _bug(error)
        _print(report(bug, as_json=wants_json))
        return bug.exit_code


def _bug(error: Exception) -> Bug:
    return Bug(
        "Something in Rushes went wrong",
        redaction.clean(f"{type(error).__name__}: {error}"),
        todo="Please report it; the log in the data folder says more.",
    )


def _dispatch(
    parsed: argparse.Namespace, rest: list[str], home_text: str | None, *, as_json: bool
) -> int:
    cwd = Path.cwd()
    home = paths.home(cwd / home_text if home_text else None)
    if parsed.sample:
        home = sample.place(home)
    if getattr(parsed, "plain", None) is not None:
        out = Output(as_json=as_json, cwd=cwd, say=_say)
        parsed.home = home
        code, text = _guarded(lambda: parsed.plain(parsed, out), out)
        _print(text)
        return code
    if getattr(parsed, "run", None) is None:
        raise UsageError(
            "The command line is not right",
            "A command is missing.",
            subject="rushes",
            todo="See “rushes --help”.",
        )
    code, text = _anywhere(home, parsed, rest, as_json=as_json)
    _print(text)
    return code


def _anywhere(
    home: Path, parsed: argparse.Namespace, rest: list[str], *, as_json: bool
) -> tuple[int, str]:
    """Runs the command here where nobody owns the catalog, else through its owner."""
    deadline = time.monotonic() + _PATIENCE
    words = [*(["--json"] if as_json else []), *rest]
    while True:
        ownership = owner.acquire(home)
        if ownership is not None:
            try:
                return _own(home, parsed, as_json=as_json)
            finally:
                ownership.release()
        try:
            return owner.forward(home, words, _say)
        except Passing:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def _own(home: Path, parsed: argparse.Namespace, *, as_json: bool) -> tuple[int, str]:
    from app.core.services import Services

    handler = logs.setup(home)
    try:
        services = Services(home)
        server = owner.Server(home, executor(services))
        try:
            out = Output(as_json=as_json, cwd=Path.cwd(), say=_say)
            if services.catalog.lost:
                report(services.catalog.lost, as_json=False)
            return _guarded(lambda: _run(services, parsed, out), out)
        finally:
            server.close()
            services.close()
    finally:
        logs.close(handler)


def _run(services: "Services", parsed: argparse.Namespace, out: Output) -> int:
    if parsed.sample:
        sample.furnish(services, out.say, out.gone)
    code: int = parsed.run(services, parsed, out)
    return code


def executor(services: "Services") -> owner.Execute:
    """Runs other processes' commands on this process's services."""

    def execute(
        arguments: Sequence[str], cwd: str, say: Callable[[str], None], gone: Callable[[], bool]
    ) -> tuple[int, str]:
        words = split(arguments)
        out = Output(as_json=words.json, cwd=Path(cwd), say=say, gone=gone)
        try:
            parsed = build_parser().parse_args(protect(words.rest))
        except RushesError as error:
            return error.exit_code, report(error, as_json=words.json)
        return _guarded(lambda: parsed.run(services, parsed, out), out)

    return execute


def _guarded(call: Callable[[], int], out: Output) -> tuple[int, str]:
    try:
        code = call()
    except RushesError as error:
        return error.exit_code, report(error, as_json=out.as_json, say=out.say)
    except Exception as error:
        log.exception("a command broke")
        bug = _bug(error)
        return bug.exit_code, report(bug, as_json=out.as_json, say=out.say)
    return code, out.text()


def report(error: RushesError, *, as_json: bool, say: Callable[[str], None] | None = None) -> str:
    """An error for stdout (with --json), or in words on stderr and nothing on stdout."""
    if as_json:
        return dump({"error": _plain(error)}) + "\n"
    tell = say or _say
    tell(shown(f"{error.title}: {error.message}" if error.message != error.title else error.title))
    for choice in error.choices:
        tell(shown(f"  {choice}"))
    for line in (*error.todo.splitlines(), *error.detail.splitlines()):
        tell(shown(line))
    return ""


def _plain(error: RushesError) -> dict[str, object]:
    return as_json(error)


def _say(line: str) -> None:
    with contextlib.suppress(BrokenPipeError):
        sys.stderr.write(line.encode("utf-8", "backslashreplace").decode() + "\n")
        sys.stderr.flush()


def _print(text: str) -> None:
    sys.stdout.write(text.encode("utf-8", "backslashreplace").decode())
    sys.stdout.flush()
