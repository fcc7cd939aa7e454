"""A disk that is pulled out while it is read: offline, nothing of it is missing or bad, nobody waits, and it goes on when it is back."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.command import NearDesk, wait_for
from tests.support.loop_disk import LoopDisk
from tests.support.media_factory import X264, MediaFactory, Sound
from tests.support.whole_app import descendants

CLIPS = 3


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[LoopDisk]:
    """A disk with footage that takes a while to derive."""
    with LoopDisk(tmp_path / "image", tmp_path / "card") as disk:
        media = MediaFactory(disk.mount)
        for number in range(CLIPS):
            sound = [Sound(2)]
            media.video(f"A00{number}.mov", *X264, frames=250, first=300 * number, sound=sound)
        disk.flush()
        yield disk


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    "working", ["mediainfo_worker", pytest.param("ffmpeg", marks=pytest.mark.long)]
)
def test_a_disk_that_is_pulled_out_while_it_is_read(
    disk: LoopDisk, tmp_path: Path, working: str
) -> None:
    desk = NearDesk(tmp_path / "home")
    desk.ask("settings", "ingest.quiet_seconds", 1)
    desk.ask("volume", "add", disk.mount, "--derive", "all")
    with desk.owner() as process:
        wait_for(lambda: any(working in line for line in descendants(process.pid)))
        before = {clip["id"] for clip in desk.clips()}
        disk.yank()
        wait_for(lambda: [v["online"] for v in desk.ask("volume", "list")["volumes"]] == [False])
        clips = desk.clips()
        assert before <= {clip["id"] for clip in clips}
        assert {clip["state"] for clip in clips} == {"offline"}
        assert desk.ask("scan", code=1)["missing"] == 0
        if clips:
            desk.ask("note", "add", clips[0]["id"], "--at", "@0", "people work on")
        disk.plug()
        wait_for(lambda: [clip["state"] for clip in desk.clips()] == ["ready"] * CLIPS)
        wait_for(lambda: all(made(clip) for clip in desk.clips()))
        assert process.poll() is None
        assert before <= {clip["id"] for clip in desk.clips()}
        process.terminate()
        assert process.communicate()[1].count("Traceback") == 0
    assert desk.ask("run", "--until-idle")["failed"] == []
    assert desk.ask("check", "--read")["problems"] == []
    assert not list(desk.home.rglob("*.tmp"))


def made(clip: dict) -> bool:
    """Whether its proxy is there."""
    return any(one["kind"] == "proxy" and one["state"] == "ready" for one in clip["renditions"])
