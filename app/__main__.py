"""Starts Rushes: the window without a command, else the command line. Nothing else."""

import sys
from pathlib import Path


def main() -> int:
    """Window or command line, by the words; returns the exit code."""
    from app.cli.parsing import split
    from app.core.model.errors import RushesError

    arguments = sys.argv[1:]
    try:
        words = split(arguments)
    except RushesError:
        words = None
    if words is not None and not words.json and set(words.rest) <= {"--sample"}:
        from app.ui.main import main as window

        return window(
            Path.cwd() / words.home if words.home else None, sample="--sample" in words.rest
        )
    from app.cli.main import main as command_line

    return command_line(arguments)


if __name__ == "__main__":
    sys.exit(main())
