"""Finds ffmpeg and ffprobe, and says what they can do.

Order: the person's setting, the folder of a packaged program, PATH, folders where package managers
put programs that a window started from a dock does not have in its PATH.
"""

import dataclasses
import functools
import os
import shutil
import sys
from pathlib import Path

from app.core.model.errors import BadData, Missing
from app.core.platform import paths
from app.core.platform.processes import Limits, run


@dataclasses.dataclass(frozen=True, slots=True)
class Programs:
    """The two programs, found."""

    ffmpeg: Path
    ffprobe: Path


class Crashed(BadData):
    """A program died on a file: of the file, or of the machine (memory, a hand that killed it). Only another try can tell."""


_KNOWN_FOLDERS = (
    "/opt/homebrew/bin",
    "/usr/local/bin",
    "/opt/local/bin",
    "/usr/bin",
    "/snap/bin",
    "/var/lib/flatpak/exports/bin",
    "C:\\ffmpeg\\bin",
    "C:\\Program Files\\ffmpeg\\bin",
)
_ASKING = Limits(seconds=20, memory_mb=4096)


def programs(override: str = "") -> Programs:
    """Both programs; raises as `find` does."""
    return Programs(find("ffmpeg", override), find("ffprobe", override))


def find(name: str, override: str = "") -> Path:
    """The absolute path of `ffmpeg` or `ffprobe`.

    Args:
        name: the program, without `.exe`.
        override: the person's setting: the program of this name, the folder it is in, or another
            program of the same folder (a setting for ffmpeg also finds ffprobe). Empty: none.

    Raises:
        Missing: it is nowhere, or not where the setting says.
    """
    program = f"{name}.exe" if sys.platform == "win32" else name
    if override:
        return _chosen(Path(override).expanduser(), program)
    bundle = paths.bundle_dir()
    bundled = [bundle, bundle / "bin"] if bundle else []
    places = [*map(str, bundled), *os.environ.get("PATH", "").split(os.pathsep), *_KNOWN_FOLDERS]
    # An empty or relative entry of PATH would mean the folder we happen to stand in.
    safe = [place for place in places if Path(place).is_absolute()]
    found = shutil.which(program, path=os.pathsep.join(safe))
    if found:
        return Path(found).absolute()
    raise Missing(
        f"{name} is not installed",
        f"Rushes needs {name} to read media, and it was not found.",
        subject=name,
        todo=f"Install it: {install_command()}",
    )


def _chosen(place: Path, program: str) -> Path:
    candidates = [place] if place.name == program else []
    candidates += [place.with_name(program)] if place.is_file() else [place / program]
    for candidate in candidates:
        if candidate.is_file() and os.access(candidate, os.X_OK):
            return candidate.absolute()
    raise Missing(
        f"{program} is not where the settings say",
        f"There is no program {program} at {place}.",
        subject=str(place),
        todo="Correct the setting, or empty it so that Rushes looks by itself.",
    )


def crashed(program: Path, subject: str, detail: str) -> Crashed | Missing:
    """What it means that a program died: the file is blamed only where the program works at all."""
    if version(program):
        words = "The decoder crashed on this file."
        return Crashed("The decoder gave up", words, subject=subject, detail=detail)
    return Missing(
        f"{program.name} does not work",
        f"{program} ends before it has said its version.",
        subject=str(program),
        todo=f"Install it anew: {install_command()}",
    )


def install_command() -> str:
    """The command that gets ffmpeg on this machine."""
    if sys.platform == "darwin":
        return "brew install ffmpeg"
    if sys.platform == "win32":
        return "winget install Gyan.FFmpeg"
    commands = {
        "apt-get": "sudo apt install ffmpeg",
        "dnf": "sudo dnf install ffmpeg",
        "pacman": "sudo pacman -S ffmpeg",
        "zypper": "sudo zypper install ffmpeg",
        "apk": "sudo apk add ffmpeg",
    }
    return next((text for tool, text in commands.items() if shutil.which(tool)), "see ffmpeg.org")


def version(path: Path) -> str:
    """The version a program names itself by, as `5.1.9-0+deb12u1`; empty where it names none."""
    words = _ask(path, _age(path), "-version").split("\n", 1)[0].split()
    return words[2] if len(words) > 2 and words[1] == "version" else ""


def encoders(path: Path) -> frozenset[str]:
    """The encoders this ffmpeg was built with; whether one works here is another question."""
    lines = _ask(path, _age(path), "-hide_banner", "-encoders").partition("------\n")[2]
    return frozenset(line.split()[1] for line in lines.splitlines() if len(line.split()) > 1)


def filters(path: Path) -> frozenset[str]:
    """The filters this ffmpeg was built with."""
    lines = _ask(path, _age(path), "-hide_banner", "-filters").splitlines()
    return frozenset(
        words[1] for line in lines if len(words := line.split()) > 2 and "->" in words[2]
    )


def _age(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


@functools.cache
def _ask(path: Path, age: int, *words: str) -> str:
    """What the program answers; kept until the program is replaced, which is what `age` is for."""
    del age
    return run([str(path), *words], limits=_ASKING).stdout.decode("utf-8", "replace")
