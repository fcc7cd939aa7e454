"""What a child may see and use: limits and the bubblewrap sandbox, as words in front of its command.

Nothing here starts anything. The words are built from tools of util-linux and coreutils, because an
exec chain of these costs a millisecond and no Python code has to run between fork and exec.
"""

import dataclasses
import functools
import os
import shutil
import sys
from pathlib import Path

_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/nix")
_MOST_LINKS = 40
"""As many as the system follows."""
_SETTINGS = (
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/alternatives",
    "/etc/fonts",
    "/etc/localtime",
)


@dataclasses.dataclass(frozen=True, slots=True)
class Limits:
    """How much a child may use. Zero means no limit of that kind."""

    seconds: float
    """Wall time; then the whole process group is killed."""
    cpu_seconds: int = 0
    memory_mb: int = 0
    """Address space, not resident memory: threads and mapped files count."""
    file_mb: int = 0
    """Largest file it may write."""
    nice: int = 10


@dataclasses.dataclass(frozen=True, slots=True)
class Sandbox:
    """What a child sees besides the system's own libraries. There is never a network inside."""

    read: tuple[Path, ...] = ()
    """Files and folders visible read-only, at their own absolute paths."""
    write: tuple[Path, ...] = ()
    """Folders it may write in; the first is its working folder."""
    devices: tuple[Path, ...] = ()
    """Device nodes, for hardware encoders."""


def limit_words(limits: Limits) -> list[str]:
    """The prefix that sets the limits, the priority and the death signal; empty where tools lack."""
    words: list[str] = []
    if setpriv := tool("setpriv"):
        words += [setpriv, "--pdeathsig", "KILL", "--"]
    if prlimit := tool("prlimit"):
        words += [prlimit, "--core=0", *_ceilings(limits), "--"]
    if limits.nice and (nice := tool("nice")):
        words += [nice, "-n", str(limits.nice), "--"]
    return words


def _ceilings(limits: Limits) -> list[str]:
    words: list[str] = []
    if limits.cpu_seconds:
        # Above the soft limit comes SIGXCPU, which a program may catch; above the hard one SIGKILL.
        words.append(f"--cpu={limits.cpu_seconds}:{limits.cpu_seconds + 2}")
    if limits.memory_mb:
        words.append(f"--as={limits.memory_mb << 20}")
    if limits.file_mb:
        words.append(f"--fsize={limits.file_mb << 20}")
    return words


def bubblewrap_words(
    bwrap: str, sandbox: Sandbox, program: Path, folder: Path | None = None
) -> list[str]:
    """The prefix that puts a command into a sandbox.

    Args:
        bwrap: absolute path of bubblewrap.
        sandbox: what it may see.
        program: the command itself, made visible where it lies outside the system's folders.
        folder: where it works; else the first folder it may write in.
    """
    words = [bwrap, "--unshare-all", "--die-with-parent", "--proc", "/proc", "--dev", "/dev"]
    words += ["--tmpfs", "/tmp", *_system_words()]  # noqa: S108 - a fresh one inside the sandbox
    for place in linked_folders(program):
        if not any(place.is_relative_to(folder) for folder in _SYSTEM):
            words += ["--ro-bind", str(place), str(place)]
    for path in sandbox.read:
        words += ["--ro-bind", str(path), str(path)]
    for path in sandbox.write:
        words += ["--bind", str(path), str(path)]
    if sandbox.devices:
        words += ["--ro-bind", "/sys", "/sys"]
    for path in sandbox.devices:
        words += ["--dev-bind-try", str(path), str(path)]
    place = folder or (sandbox.write[0] if sandbox.write else Path("/"))
    return [*words, "--chdir", str(place), "--"]


def linked_folders(program: Path) -> list[Path]:
    """The folders through which a program is reached: its own, and that of each link on the way to the file itself."""
    return list(dict.fromkeys(name.parent for name in names_of(program)))


def names_of(path: Path) -> list[Path]:
    """A path as it is called, then as it is called after each link on the way, at last where it really is."""
    names = [path]
    for _ in range(_MOST_LINKS):
        links = (place for place in (*reversed(path.parents), path) if place.is_symlink())
        link = next(links, None)
        if link is None:
            break
        target = Path(os.path.normpath(link.parent / link.readlink()))
        path = target / path.relative_to(link)
        names.append(path)
    return names


def _system_words() -> list[str]:
    words: list[str] = []
    for folder in map(Path, _SYSTEM):
        if folder.is_symlink():
            words += ["--symlink", str(folder.readlink()), str(folder)]
        elif folder.is_dir():
            words += ["--ro-bind", str(folder), str(folder)]
    for setting in _SETTINGS:
        words += ["--ro-bind-try", setting, setting]
    return words


@functools.cache
def tool(name: str) -> str | None:
    """The absolute path of a system tool, or None; looked up once."""
    if sys.platform == "win32":
        return None
    return shutil.which(name, path="/usr/bin:/bin:/usr/sbin:/sbin:/usr/local/bin")
