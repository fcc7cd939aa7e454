"""Killed at any time, over one growing catalog: the next run makes good whatever was cut short."""

import os
import random
import shutil
import signal
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.support.command import Desk, NearDesk, end, wait_for
from tests.support.media_factory import MediaFactory, Sound

ROUNDS = 6
SEED = 20


@pytest.fixture
def media(tmp_path: Path) -> MediaFactory:
    """Clips that come to the volume one by one."""
    media = MediaFactory(tmp_path / "coming")
    for number in range(4):
        sound = [Sound(codec="aac")] if number == 1 else []
        media.video(f"A00{number}.mov", frames=60, first=100 * number, sound=sound)
    media.sound("take.wav", Sound(2), seconds=1)
    media.sequence("plate", range(4))
    return media


def a_desk(folder: Path, day: Path) -> NearDesk:
    desk = NearDesk(folder)
    desk.ask("settings", "ingest.quiet_seconds", 1)
    desk.ask("volume", "add", day, "--derive", "all")
    return desk


@pytest.mark.timeout(900)
def test_killed_again_and_again_it_ends_as_if_undisturbed(
    tmp_path: Path, media: MediaFactory
) -> None:
    chance = random.Random(SEED)
    day = tmp_path / "day"
    day.mkdir()
    desk = a_desk(tmp_path / "home", day)
    coming = sorted(media.folder.iterdir())
    for number in range(ROUNDS):
        if coming:
            come = coming.pop(0)
            (shutil.copytree if come.is_dir() else shutil.copy)(come, day / come.name)
        kill(desk, chance.uniform(0.4, 4), whole_group=number % 2 == 0)
        checked = desk.ask("check")
        assert checked["problems"] == [], f"after kill {number}"
    assert not coming, "every file came before the last kill"
    desk.ask("run", "--until-idle")
    assert desk.ask("check", "--read")["problems"] == []
    assert desk.ask("work", "--failed")["failed"] == []
    other = a_desk(tmp_path / "undisturbed", day)
    other.ask("run", "--until-idle")
    assert facts(desk) == facts(other)
    assert stored(desk) == stored(other)
    left = [
        p for home in (desk.home, other.home) for p in home.rglob("*") if p.name.endswith(".tmp")
    ]
    assert left == [], "no temporary file of a killed process stays"


def kill(desk: Desk, seconds: float, *, whole_group: bool) -> None:
    """Runs for a while, kills, and waits until no child is left."""
    process = desk.start("run", "--until-idle")
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        children = family(process.pid)
        if whole_group:
            os.killpg(process.pid, signal.SIGKILL)
        process.kill()
        wait_for(lambda: not [pid for pid in children if lives(pid)], 20)
    finally:
        end(process)


def family(pid: int) -> set[int]:
    """All descendants of a process that live now."""
    found: set[int] = set()
    waiting = [pid]
    while waiting:
        for task in Path(f"/proc/{waiting.pop()}/task").glob("*/children"):
            try:
                children = {int(word) for word in task.read_text().split()} - found
            except OSError:
                continue  # that thread has just ended
            found |= children
            waiting += children
    return found


def lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_bytes().rpartition(b") ")[2][:1] not in b"ZX"
    except OSError:
        return False


def facts(desk: Desk) -> dict[str, Any]:
    """What is known of each clip, without what differs between two catalogs: ids, sizes of encodes."""
    return {
        clip["name"]: {
            **{key: value for key, value in clip.items() if key not in ("id", "renditions")},
            "made": sorted((r["kind"], r["recipe"], r["state"]) for r in clip["renditions"]),
        }
        for clip in desk.clips()
    }


def stored(desk: Desk) -> Counter[tuple[str, str]]:
    """The files of the proxy store: how often each name is there in a folder of its recipe."""
    files = [path for path in (desk.home / "renditions").rglob("*") if path.is_file()]
    return Counter((path.parent.name, path.name) for path in files)
