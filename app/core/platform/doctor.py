"""What Rushes needs on this machine, what is there, and the exact command that gets what is not.

Only what can be seen from down here; features add their own checks with `probe`.
"""

import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from app.core.model.errors import RushesError
from app.core.platform import doctor_programs, durable, filesystems, paths, secrets, settings
from app.core.platform.checking import Check, Probe, install, probe
from app.core.platform.filesystems import MountPoint
from app.core.platform.preferences import Settings

__all__ = ["Check", "Probe", "checks", "install", "probe"]

GB = 1_000_000_000
WATCHES = 65_536
"""Folders that can be watched: fewer are soon used up by one archive disk."""

INSTANCES = 128
LARGE_LOG = 64 << 20
"""Bytes that the write-ahead log of the catalog is cut down to, unless somebody reads on and on."""
ROOM_GB = 5
"""Room for the catalog and its backups, below which the data folder is called short."""

_FONTS = ("Inter", "JetBrainsMono")


def checks(
    home: Path, choices: Settings | None = None, programs: Mapping[str, Probe] | None = None
) -> list[Check]:
    """Everything that can be seen of this machine.

    Args:
        home: the data folder; it is made if it can be.
        choices: the settings in force; read from `home` when left out.
        programs: how each program is found where that is known better than by PATH.
    """
    choices = choices or _choices(home)
    probes = {name: doctor_programs.on_path(name) for name in ("ffmpeg", "ffprobe")} | dict(
        programs or {}
    )
    found = [doctor_programs.python(), doctor_programs.packages(), doctor_programs.qt()]
    found += [probe(name, required=True, act=act) for name, act in probes.items()]
    found += [
        probe("libmpv", required=False, act=doctor_programs.libmpv),
        doctor_programs.bubblewrap(),
    ]
    found += [*_data_folder(home), _settings(home), *_stores(home, choices)]
    found += [*_watching(), _fonts(), _keyring(), _display()]
    return found


def _choices(home: Path) -> Settings:
    try:
        return settings.read(home).settings
    except RushesError:
        return Settings()  # the check of the settings says why


def _data_folder(home: Path) -> Iterator[Check]:
    yield probe("Data folder", required=True, act=lambda: _written(home))
    log_size = _size(home / "catalog.sqlite-wal")
    todo = (
        "Close whatever else has the catalog open, such as a database viewer or a program that copies: until then the log only grows."
        if log_size > LARGE_LOG
        else ""
    )
    yield Check("Log of the catalog", not todo, False, f"{log_size >> 20} MB", todo)
    mount = _mount(home)
    if mount is None:
        return
    todo = "Choose a folder on a local disk with --home or RUSHES_HOME: SQLite is not safe over a network."
    words = f"{mount.fs_type} on {mount.mount_path}"
    yield Check(
        "Data folder's filesystem", not mount.network, True, words, todo if mount.network else ""
    )


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _written(home: Path) -> str:
    paths.make_private(home)
    trial = home / durable.temporary_name()
    durable.write_file(trial, b"")
    trial.unlink()
    return str(home)


def _mount(path: Path) -> MountPoint | None:
    try:
        return filesystems.mount_of(path)
    except RushesError:
        return None


def _settings(home: Path) -> Check:
    try:
        problems = settings.read(home).problems
    except RushesError as problem:
        problems = (problem.message,)
    todo = f"Correct {home / settings.FILE_NAME}." if problems else ""
    return Check("Settings", not problems, False, " ".join(problems) or "read", todo)


def _stores(home: Path, choices: Settings) -> Iterator[Check]:
    yield _room("Room for the catalog", home, ROOM_GB * GB)
    derive = choices.derivatives
    store = Path(derive.store).expanduser() if derive.store else home
    try:
        reserve = max(
            derive.reserve_gb * GB, filesystems.space(store).total * derive.reserve_percent // 100
        )
    except RushesError as problem:
        yield Check("Room for proxies", False, False, problem.message, problem.todo)
        return
    yield _room("Room for proxies", store, reserve)


def _room(name: str, place: Path, wanted: int) -> Check:
    try:
        free = filesystems.free_bytes(place)
    except RushesError as problem:
        return Check(name, False, False, problem.message, problem.todo)
    todo = (
        f"Free {-(-(wanted - free) // GB)} GB there, or choose another disk."
        if free < wanted
        else ""
    )
    return Check(name, free >= wanted, False, f"{free / GB:.1f} GB free in {place}", todo)


def _watching() -> Iterator[Check]:
    if sys.platform != "linux":
        return
    for key, least, name in (
        ("max_user_watches", WATCHES, "Folders that can be watched"),
        ("max_user_instances", INSTANCES, "Watchers that can run"),
    ):
        try:
            value = int(Path("/proc/sys/fs/inotify", key).read_text(encoding="ascii"))
        except (OSError, ValueError):
            value = 0
        wanted = max(least, 524_288 if key == "max_user_watches" else 512)
        todo = f"echo fs.inotify.{key}={wanted} | sudo tee -a /etc/sysctl.d/60-rushes.conf && sudo sysctl --system"
        yield Check(name, value >= least, False, str(value), "" if value >= least else todo)


def _fonts() -> Check:
    folders = [Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path("/Library/Fonts")]
    folders += [Path.home() / name for name in (".fonts", ".local/share/fonts", "Library/Fonts")]
    folders += [
        paths.resources_dir() / "fonts",
        Path(os.environ.get("WINDIR", "/nowhere")) / "Fonts",
    ]
    missing = [font for font in _FONTS if not any(_has_font(folder, font) for folder in folders)]
    todo = (
        install("fonts-inter fonts-jetbrains-mono", "font-inter font-jetbrains-mono")
        if missing
        else ""
    )
    found = ", ".join(font for font in _FONTS if font not in missing)
    return Check("Fonts", not missing, False, found, todo)


def _has_font(folder: Path, name: str) -> bool:
    return any(
        next(folder.rglob(f"{name}*.{kind}"), None) for kind in ("ttf", "otf", "ttc", "woff2")
    )


def _keyring() -> Check:
    name = secrets.keyring_name()
    if name:
        return Check("Keyring", True, False, name)
    todo = f"Unlock a keyring, or give secrets in the environment, as {secrets.variable('target.name.key')}, or an AWS profile."
    return Check("Keyring", False, False, "no keyring can be used now", todo)


def _display() -> Check:
    if sys.platform in ("darwin", "win32"):
        return Check("Screen", True, False, sys.platform)
    found = " ".join(
        f"{name}={os.environ[name]}"
        for name in ("WAYLAND_DISPLAY", "DISPLAY")
        if os.environ.get(name)
    )
    todo = "Start from a desktop session; without a screen every command works except the window."
    return Check("Screen", bool(found), False, found, "" if found else todo)
