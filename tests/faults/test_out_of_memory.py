"""The kernel kills a child for its memory: the job is named as failed, the others go on, and it is done again by itself."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import speech_factory as speech
from tests.support.command import NearDesk, wait_for
from tests.support.media_factory import MediaFactory
from tests.support.whole_app import descendants

pytestmark = pytest.mark.speech
LIMIT = 32 << 20
"""Less than any model."""


@pytest.fixture
def small_memory() -> Iterator[Path]:
    """A control group of 32 MB below our own."""
    found = [line.split(":") for line in Path("/proc/self/cgroup").read_text().splitlines()]
    own = next((path for _, kinds, path in found if "memory" in kinds.split(",")), None)
    group = Path(f"/sys/fs/cgroup/memory{own}/rushes-test")
    try:
        group.mkdir()
    except OSError as problem:
        pytest.skip(f"NOT RUN: no control group for memory can be made here: {problem}")
    (group / "memory.limit_in_bytes").write_text(str(LIMIT))
    yield group
    wait_for(lambda: not (group / "cgroup.procs").read_text())
    group.rmdir()


def killed(group: Path) -> int:
    """How many the kernel has killed for the memory of a group."""
    told = dict(line.split() for line in (group / "memory.oom_control").read_text().splitlines())
    return int(told["oom_kill"])


@pytest.mark.long
@pytest.mark.timeout(600)
def test_a_worker_that_is_killed_for_its_memory(tmp_path: Path, small_memory: Path) -> None:
    media = MediaFactory(tmp_path / "day")
    media.video("A001.mov", frames=50)
    speech.write_wav(media.folder / "take.wav", speech.say("the tide comes in at six"))
    desk = NearDesk(tmp_path / "home")
    desk.ask("settings", "ingest.quiet_seconds", 1)
    desk.ask("volume", "add", media.folder, "--derive", "all")
    with desk.owner() as process:

        def caught() -> bool:
            for line in descendants(process.pid):
                pid, name, *words = line.split()
                if "bwrap" not in name and any("speech_worker" in word for word in words):
                    with contextlib.suppress(OSError):
                        (small_memory / "cgroup.procs").write_text(pid)
            return killed(small_memory) > 0

        wait_for(caught)
        wait_for(lambda: bool(desk.ask("work", "--failed")["failed"]))
        (failure,) = desk.ask("work", "--failed")["failed"]
        assert "take" in failure["name"]
        assert failure["error"]["title"] == "The speech worker stopped"
        desk.ask("note", "add", "A001", "--at", "@1", "people work on")
        wait_for(lambda: bool(desk.run("transcript", "take", "--json").value.get("segments")))
        assert process.poll() is None
        process.terminate()
        assert "Traceback" not in process.communicate()[1]
    assert desk.ask("run", "--until-idle")["failed"] == []
    assert {clip["state"] for clip in desk.clips()} == {"ready"}
    assert desk.ask("check", "--read")["problems"] == []
