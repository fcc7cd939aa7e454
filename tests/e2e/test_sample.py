"""`--sample`: a newcomer's first minutes, with and without a display, in real processes."""

import os
import subprocess
from pathlib import Path

import pytest

from app.core.media import sample_takes
from tests.support.command import Desk, end, wait_for

pytestmark = [pytest.mark.timeout(900), pytest.mark.speech]
PATIENCE = 600


@pytest.fixture(scope="module")
def blind(tmp_path_factory: pytest.TempPathFactory) -> tuple[Desk, str]:
    """The desk after `--sample` without a display, and what was printed."""
    desk = Desk(tmp_path_factory.mktemp("newcomer") / "home")
    without = {k: v for k, v in desk.variables().items() if k not in SCREEN}
    command = desk.command("--sample")
    done = subprocess.run(
        command, env=without, cwd=desk.cwd, capture_output=True, timeout=PATIENCE, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    assert not (desk.home / "catalog.sqlite").exists(), "the person's own library is untouched"
    return Desk(desk.home / "sample"), done.stdout.decode()


SCREEN = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")


def test_a_command_works_on_the_day_made_before(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "home")
    (volume,) = desk.ask("--sample", "volume", "list")["volumes"]
    assert volume["files"] > 20
    listed = {clip["id"] for clip in desk.ask("--sample", "clips")["clips"]}
    assert len(listed) == 20
    own = Desk(desk.home / "sample")
    assert {clip["id"] for clip in own.clips()} == listed
    with own.owner():
        asked = desk.ask("--sample", "clips")["clips"]
        assert {clip["id"] for clip in asked} == listed, "also through the process that has it open"
    assert desk.run("--sample", "tc", "01:00:00:00").code == 0
    assert desk.clips() == [], "the person's own library is untouched"


def test_without_a_display_it_prints_what_it_found(blind: tuple[Desk, str]) -> None:
    _, told = blind
    for take in sample_takes.TAKES:
        if take.start:
            assert take.start in told, take
    heard = told.partition("Searching for “tide comes in”:")[2].partition("Flagged:")[0]
    assert "A001C002_260514_R1AB: The tide comes in" in heard
    assert "12-T001: The tide comes in" in heard
    flagged = told.partition("Flagged:")[2].partition("Said about them:")[0]
    assert "B001C005_260514: damaged" in flagged
    assert "1009" in flagged
    assert "note by Ingrid Nilsen" in told
    assert "approved by Ingrid Nilsen, bound to xxh3-128:" in told


def test_the_pictures_of_the_window_are_there(blind: tuple[Desk, str]) -> None:
    _, told = blind
    listed = told.partition("Pictures of the window:")[2].split("\n\n")[0].split("\n")
    pictures = [Path(line.strip()) for line in listed if line.strip()]
    assert [p.stem for p in pictures][:3] == ["library", "search", "notes"]
    assert all(p.read_bytes().startswith(b"\x89PNG") for p in pictures)


def test_everything_the_day_holds_is_a_clip_of_its_kind(blind: tuple[Desk, str]) -> None:
    desk, _ = blind
    clips = {clip["name"]: clip for clip in desk.clips()}
    assert len(clips) == 20
    dive = clips["GX010042"]
    parts = [f["role"] for f in dive["files"] if f["role"] in ("essence", "span")]
    assert (dive["frames"], parts) == (210, ["essence", "span"])
    roles = {f["role"] for clip in clips.values() for f in clip["files"]}
    assert {"camera-proxy", "foreign-proxy", "thumbnail", "sidecar"} <= roles
    assert clips["IMG_4711"]["rotation"] == 90
    assert clips["sh010_plate_v003"]["gaps"] == [[1009, 1010]]
    assert clips["12-T001"]["audio"][0]["name"] == "Boom / Lav 1"
    assert (clips["12-T001"]["scene"], clips["12-T001"]["take"]) == ("12", "1")
    assert desk.ask("work", "--failed")["failed"] == []


def test_with_a_display_the_window_opens_on_the_same_day(blind: tuple[Desk, str]) -> None:
    if not os.environ.get("DISPLAY"):
        pytest.fail("the e2e lane runs on a screen of its own")
    desk, _ = blind
    window = Desk(desk.home.parent).start("--sample")
    try:
        wait_for(lambda: (desk.home / "owner.sock").exists() or window.poll() is not None)
        assert window.poll() is None, window.communicate()
        assert len(desk.clips()) == 20, "commands go through the window"
    finally:
        end(window)
    checked = desk.ask("check")
    assert checked["problems"] == []
