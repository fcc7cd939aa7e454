"""A picture under a wrong name: its rightly named twin shows it, and putting the name right is enough."""

import os
import shutil
from pathlib import Path

import pytest

from tests.support.command import Desk, NearDesk
from tests.support.media_factory import ffmpeg


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "stills"
    (made / "a").mkdir(parents=True)
    ffmpeg("-f", "lavfi", "-i", "testsrc=s=320x180", "-frames:v", 1, tmp_path / "pic.png")
    shutil.copy(tmp_path / "pic.png", made / "a" / "wrong.jpg")
    os.utime(made / "a" / "wrong.jpg", (1_700_000_000, 1_700_000_000))
    return made


@pytest.fixture
def desk(tmp_path: Path, folder: Path) -> Desk:
    found = NearDesk(tmp_path / "home")
    for amount in ("percent", "gb"):
        found.ask("settings", f"derivatives.reserve_{amount}", "0")
    found.ask("volume", "add", folder, "--derive", "all")
    found.ask("run", "--until-idle")
    return found


def _ready(desk: Desk) -> None:
    (clip,) = desk.clips()
    assert (clip["state"], clip["problem"]) == ("ready", None)
    made = {r["kind"] for r in clip["renditions"] if r["state"] == "ready" and r["path"]}
    assert {"poster", "proxy"} <= made
    assert desk.ask("work", "--failed")["failed"] == []


def test_the_right_name_is_tried_by_itself(desk: Desk, folder: Path) -> None:
    (clip,) = desk.clips()
    assert clip["state"] == "bad", "a JPEG that is none"
    (folder / "a" / "wrong.jpg").rename(folder / "a" / "right.png")
    desk.ask("scan")
    desk.ask("run", "--until-idle")
    _ready(desk)


def test_a_twin_of_the_right_name_is_read_instead(desk: Desk, folder: Path, tmp_path: Path) -> None:
    shutil.copy(tmp_path / "pic.png", folder / "pic.png")
    os.utime(folder / "pic.png", (1_700_000_000, 1_700_000_000))
    desk.ask("scan")
    desk.ask("run", "--until-idle")
    _ready(desk)


def test_retry_of_everything_tries_it_again(desk: Desk) -> None:
    (before,) = [f for f in desk.ask("work", "--failed")["failed"] if f["recipe"] == "derive"]
    assert desk.ask("work", "retry", "all")["retried"] >= 1
    desk.ask("run", "--until-idle")
    (after,) = [f for f in desk.ask("work", "--failed")["failed"] if f["recipe"] == "derive"]
    assert after["at"] > before["at"], "it was tried, and is still no JPEG"
    (clip,) = desk.clips()
    assert clip["state"] == "bad"
