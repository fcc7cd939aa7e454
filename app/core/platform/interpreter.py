"""How our own workers are started: the command, its environment and what they must see.

A worker is a module of `app` that speaks line by line on stdin and stdout. In a packaged program
there is no interpreter to call: the program itself runs the module when its first word is
`--worker`.
"""

import runpy
import sys
from collections.abc import Sequence
from pathlib import Path

import app
from app.core.platform.sandbox import names_of

_PACKAGE = Path(app.__file__).resolve().parent


def worker_argv(module: str) -> list[str]:
    """The command that runs a module of `app` as a worker, for `processes.run` and `spawn`."""
    if getattr(sys, "frozen", False):
        return [sys.executable, "--worker", module]
    return [sys.executable, "-s", "-P", "-B", "-m", module]


def be_worker(words: Sequence[str]) -> int:
    """Runs a module of `app` in this process, with the words after its name as its arguments; returns the exit code."""
    if not words or not words[0].startswith(f"{app.__name__}."):
        return 2
    sys.argv = list(words)
    runpy.run_module(words[0], run_name="__main__", alter_sys=True)
    return 0


def worker_environment() -> dict[str, str]:
    """The environment a worker needs beside the usual: where `app` is found."""
    return {"PYTHONPATH": str(_PACKAGE.parent), "PYTHONNOUSERSITE": "1"}


def worker_folders() -> tuple[Path, ...]:
    """What a sandbox must show of our own program: interpreter, libraries, code and resources.

    What is reached through links is named by every name on the way, from how it is called to where it is: a folder
    that holds a link may be shown as well, and then the link itself is seen inside.
    """
    bundle = getattr(sys, "_MEIPASS", None)
    folders = [Path(bundle)] if isinstance(bundle, str) else []
    folders += [Path(sys.prefix), Path(sys.base_prefix), _PACKAGE, _PACKAGE.parent / "resources"]
    names = [name for folder in folders for name in names_of(folder)]
    return tuple(dict.fromkeys(folder for folder in names if folder.is_dir()))
