"""A disk that is pulled out while it is read: offline, nothing of it is missing or bad, nobody waits, and it goes on when it is back."""

import contextlib
import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core.catalog import attempts
from app.core.media.frame import FrameSource, frame_png
from app.core.media.frame_client import FrameWorker
from app.core.media.look_lines import Request
from app.core.media.mediainfo_pool import WorkerPool
from app.core.media.probe import Prober
from app.core.model.media import ClipKind, MediaFacts, Problem
from app.core.platform.preferences import Ingest, Tools
from app.core.post.probing import Probing
from tests.support.command import NearDesk, wait_for
from tests.support.jobs import run_all
from tests.support.loop_disk import LoopDisk
from tests.support.media_factory import X264, MediaFactory, Sound
from tests.support.volumes import desk, put
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


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize("working", ["mediainfo_worker", "ffmpeg"])
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


def test_a_disk_that_came_back_is_read_by_children_that_see_it(tmp_path: Path) -> None:
    """One that lived on would see the dead disk for ever."""
    with (
        LoopDisk(tmp_path / "image", tmp_path / "card") as disk,
        contextlib.closing(WorkerPool()) as pool,
        FrameWorker() as frames,
    ):
        clip = MediaFactory(disk.mount).video("A001.mov", frames=5)
        disk.flush()
        for _ in range(2):
            facts = pool.look(Request(clip, disk.mount)).facts
            frame_png(FrameSource((clip,), facts), 0, tmp_path / "0.png", worker=frames)
            disk.yank()
            disk.plug()


class Unread(Prober):
    """Reads a disk that is failing."""

    def probe(self, path: Path, *, root: Path | None = None) -> MediaFacts:
        del root
        words = f"{path}: {os.strerror(errno.EIO)}."
        return MediaFacts(ClipKind.AUDIO, problems=(Problem("unreadable", words, fatal=True),))


def test_nothing_is_called_bad_before_it_fails_again(tmp_path: Path) -> None:
    put(tmp_path / "day", "one.wav")
    with contextlib.closing(Probing(Ingest(), Tools())) as probing, desk(tmp_path / "home") as here:
        probing._free.append(Unread())
        volume = here.volumes.add(tmp_path / "day")
        here.scanner.scan(volume.id)
        run_all(here.catalog, probing.recipes()[0])
        with here.catalog.read() as reader:
            (failure,) = attempts.every(reader)
            assert (failure.recipe, failure.stopped) == ("probe", False)
        assert here.state_of("one.wav") == "present"
        assert here.clips() == {}, "no clip of it is bad"
        here.catalog.write(attempts.wake)
        run_all(here.catalog, probing.recipes()[0])
        with here.catalog.read() as reader:
            assert attempts.every(reader) == [], "now it is believed, and said of the clip"


def made(clip: dict) -> bool:
    """Whether its proxy is there."""
    return any(one["kind"] == "proxy" and one["state"] == "ready" for one in clip["renditions"])
