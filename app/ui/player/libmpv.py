"""Finds libmpv before `import mpv`, which looks for it at import and gives up where it is unusual.

The order: `MPV_DYLIB_PATH`, the bundle, the folders of PATH (Windows, where that is the rule),
Homebrew and MacPorts, the loader's own search. Without libmpv the program works, without playback.
"""

import ctypes
import ctypes.util
import locale
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Final

from app.core.model.errors import Missing

ENVIRONMENT: Final = "MPV_DYLIB_PATH"
"""The library's file, or the folder it lies in."""

_NAMES: Final = {
    "darwin": ("libmpv.2.dylib", "libmpv.dylib", "libmpv.1.dylib"),
    "win32": ("libmpv-2.dll", "mpv-2.dll", "mpv-1.dll"),
}
_UNIX_NAMES: Final = ("libmpv.so.2", "libmpv.so", "libmpv.so.1")
_FOLDERS: Final = ("/opt/homebrew/lib", "/usr/local/lib", "/opt/local/lib")
_COMMANDS: Final = {
    "darwin": "brew install mpv",
    "win32": "put libmpv-2.dll beside the program, or name it in MPV_DYLIB_PATH",
}
_UNIX_COMMAND: Final = "sudo apt install libmpv2"


def load() -> ModuleType:
    """The `mpv` module, bound to the library that was found.

    Raises:
        Missing: there is no libmpv, or it cannot be loaded; says what gets it.
    """
    # libmpv reads numbers with the C library and refuses any other locale; Qt sets the user's.
    locale.setlocale(locale.LC_NUMERIC, "C")
    loaded = sys.modules.get("mpv")
    if loaded is not None:
        return loaded
    name = find()
    original = ctypes.util.find_library
    ctypes.util.find_library = lambda _name: name
    try:
        import mpv
    except (OSError, RuntimeError, AttributeError) as error:
        sys.modules.pop("mpv", None)
        raise _missing(f"{name} was found and cannot be used: {error}") from error
    finally:
        ctypes.util.find_library = original
    return mpv


def find() -> str:
    """What to hand to the loader: a path, or a bare name it resolves itself.

    Raises:
        Missing: nothing loadable anywhere.
    """
    for candidate in candidates():
        if _loads(candidate):
            return candidate
    by_search = ctypes.util.find_library("mpv")
    if by_search:
        return by_search
    raise _missing("No libmpv was found on this computer.")


def candidates() -> Iterator[str]:
    """Where libmpv may be, best first. Only files that exist, then the bare names."""
    named = os.environ.get(ENVIRONMENT, "")
    if named and Path(named).is_file():
        yield named
    names = _NAMES.get(sys.platform, _UNIX_NAMES)
    for folder in _folders(named):
        for name in names:
            if (folder / name).is_file():
                yield str(folder / name)
    yield from names


def _folders(named: str) -> Iterator[Path]:
    if named:
        yield Path(named)
    if getattr(sys, "frozen", False):
        program = Path(sys.executable).resolve().parent
        yield from (program, program / "_internal", program.parent / "Frameworks")
    if sys.platform == "win32":
        # Absolute entries only: a library planted in the working folder must not be taken.
        for entry in os.environ.get("PATH", "").split(os.pathsep):
            if Path(entry).is_absolute():
                yield Path(entry)
    else:
        yield from (Path(folder) for folder in _FOLDERS)


def _loads(candidate: str) -> bool:
    try:
        ctypes.CDLL(candidate)
    except OSError:
        return False
    return True


def _missing(message: str) -> Missing:
    command = _COMMANDS.get(sys.platform, _UNIX_COMMAND)
    return Missing(
        "Playback needs libmpv",
        f"{message} Everything else works without it.",
        subject="libmpv",
        todo=command,
    )
