"""Starts Rushes: the window without a command, else the command line; in a packaged program its workers too."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.core.owner import Execute
    from app.core.services import Services


def main() -> int:
    """Window or command line, by the words; returns the exit code."""
    arguments = sys.argv[1:]
    if arguments == ["--version"]:
        from app import __version__

        sys.stdout.write(f"rushes {__version__}\n")
        return 0
    if arguments[:1] == ["--worker"]:
        from app.core.platform.interpreter import be_worker

        return be_worker(arguments[1:])
    from app.cli.parsing import split
    from app.core.model.errors import RushesError

    try:
        words = split(arguments)
    except RushesError:
        words = None
    if words is not None and not words.json and set(words.rest) <= {"--sample"}:
        from app.ui.main import main as window

        home = Path.cwd() / words.home if words.home else None
        return window(home, sample="--sample" in words.rest, executor=_answers)
    from app.cli.main import main as command_line

    return command_line(arguments)


def _answers(services: "Services") -> "Execute":
    """What runs other processes' commands while the window owns the catalog; loaded behind the first paint."""
    from app.cli.main import executor

    return executor(services)


if __name__ == "__main__":
    sys.exit(main())
