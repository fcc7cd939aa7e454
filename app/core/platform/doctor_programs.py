"""The checks of programs, libraries and packages."""

import ctypes
import importlib.metadata
import importlib.util
import os
import platform
import re
import shutil
import sys
from collections.abc import Mapping

from app.core.platform.checking import Check, Probe, install, missing
from app.core.platform.processes import confined

PACKAGES: Mapping[str, str] = {
    "PySide6": "PySide6-Essentials",
    "mpv": "mpv",
    "ffmpeg": "ffmpeg-python",
    "av": "av",
    "pymediainfo": "pymediainfo",
    "watchdog": "watchdog",
    "sqlite_utils": "sqlite-utils",
    "boto3": "boto3",
    "awscrt": "awscrt",
    "opentimelineio": "opentimelineio",
    "xxhash": "xxhash",
    "platformdirs": "platformdirs",
    "keyring": "keyring",
    "tomlkit": "tomlkit",
    "defusedxml": "defusedxml",
    "numpy": "numpy",
    "faster_whisper": "faster-whisper",
}
"""What is imported, and the distribution it comes from."""

_LIBMPV = {
    "darwin": (
        "libmpv.2.dylib",
        "/opt/homebrew/lib/libmpv.2.dylib",
        "/usr/local/lib/libmpv.2.dylib",
    ),
    "win32": ("libmpv-2.dll", "mpv-2.dll"),
}


def python() -> Check:
    """The interpreter."""
    ok = sys.version_info >= (3, 11)
    return Check(
        "Python",
        ok,
        True,
        platform.python_version(),
        "" if ok else install("python3 python3-venv", "python@3.12"),
    )


def packages() -> Check:
    """Everything that is imported, by what would be imported."""
    absent = [dist for module, dist in PACKAGES.items() if not _is_there(module)]
    there = f"{len(PACKAGES) - len(absent)} of {len(PACKAGES)}"
    if not absent:
        return Check("Python packages", True, True, there)
    todo = "Start with ./run, which installs them; or: pip install --require-hashes -r requirements.lock"
    return Check("Python packages", False, True, f"{there}; missing: {', '.join(absent)}", todo)


def _is_there(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except (ImportError, ValueError):
        return False


def qt() -> Check:
    """PySide6 6.12 loses references to None and True before Python 3.12: docs/decisions/0001."""
    try:
        version = importlib.metadata.version("PySide6-Essentials")
    except importlib.metadata.PackageNotFoundError:
        return Check("Qt", False, True, "", "Start with ./run, which installs it.")
    numbers = tuple(int(part) for part in re.findall(r"\d+", version)[:2])
    ok = numbers < (6, 12) or sys.version_info >= (3, 12)
    return Check(
        "Qt", ok, True, version, "" if ok else "pip install 'PySide6-Essentials>=6.8,<6.12'"
    )


def on_path(name: str) -> Probe:
    """Finds a program of ffmpeg by PATH alone."""

    def act() -> str:
        found = shutil.which(name)
        if found is None:
            raise missing(f"{name} was not found.", install("ffmpeg", "ffmpeg", "Gyan.FFmpeg"))
        return found

    return act


def libmpv() -> str:
    """Loads the player's library and asks for its version.

    Raises:
        Missing: it is nowhere.
    """
    named = os.environ.get("MPV_DYLIB_PATH", "")
    names = _LIBMPV.get(sys.platform, ("libmpv.so.2", "libmpv.so.1", "libmpv.so"))
    for name in (named, *names) if named else names:
        try:
            library = ctypes.CDLL(name)
        except OSError:
            continue
        library.mpv_client_api_version.restype = ctypes.c_ulong
        version = int(library.mpv_client_api_version())
        return f"{name}, client API {version >> 16}.{version & 0xFFFF}"
    raise missing("libmpv was not found; everything but playback works.", install("libmpv2", "mpv"))


def bubblewrap() -> Check:
    """Without it foreign media is decoded with limits, but without walls."""
    if sys.platform != "linux":
        return Check("Sandbox", False, False, "no sandbox on this system", "")
    path = shutil.which("bwrap")
    if path is None:
        return Check("Sandbox", False, False, "bubblewrap was not found", install("bubblewrap"))
    if confined():
        return Check("Sandbox", True, False, path)
    todo = "Allow user namespaces: sudo sysctl -w kernel.unprivileged_userns_clone=1"
    return Check("Sandbox", False, False, "bubblewrap is there and may not make a sandbox", todo)
