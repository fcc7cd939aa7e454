"""A check of this machine, and how one is made: what `rushes doctor` prints."""

import dataclasses
import shutil
import sys
from collections.abc import Callable

from app.core.model.errors import Missing, RushesError

Probe = Callable[[], str]
"""Says what was found, or raises a `RushesError` whose `todo` gets it."""


@dataclasses.dataclass(frozen=True, slots=True)
class Check:
    """One line of `rushes doctor`."""

    name: str
    ok: bool
    required: bool
    found: str
    """What is there, in words; empty where nothing is."""
    todo: str = ""
    """The command, or the act, that mends it; empty where all is well."""


def probe(name: str, *, required: bool, act: Probe) -> Check:
    """A check from something that finds or raises."""
    try:
        return Check(name, ok=True, required=required, found=act())
    except RushesError as problem:
        return Check(name, ok=False, required=required, found=problem.message, todo=problem.todo)


def install(debian: str, brew: str = "", winget: str = "") -> str:
    """The command that gets a system package here."""
    if sys.platform == "darwin":
        return f"brew install {brew}" if brew else ""
    if sys.platform == "win32":
        return f"winget install {winget}" if winget else ""
    managers = {
        "apt-get": "sudo apt-get install",
        "dnf": "sudo dnf install",
        "pacman": "sudo pacman -S",
    }
    command = next((words for tool, words in managers.items() if shutil.which(tool)), "")
    return (
        f"{command} {debian}"
        if command
        else f"Install {debian} with your system's package manager."
    )


def missing(message: str, todo: str) -> Missing:
    """What a probe raises."""
    return Missing("Not there", message, todo=todo)
