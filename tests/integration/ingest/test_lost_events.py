"""What the watcher cannot see: a queue that overflowed, a limit that was reached. One look finds everything, and the volume says how it is watched."""

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.core.ingest.watching import ENDS, LIMIT, WATCHING
from tests.support.command import wait_for
from tests.support.source import ROOT
from tests.support.volumes import put

QUEUE = Path("/proc/sys/fs/inotify/max_queued_events")

SERVICE = """
import os, sys, time
from pathlib import Path
from app.core.ingest import recipes
from app.core.ingest.recipes import Hashing, Scans, Settling
from app.core.ingest.watching import Watcher
from app.core.platform.preferences import Ingest
from app.core.work.engine import Engine
from app.core.work.read_caps import ReadCaps
from tests.support import volumes
root, home = Path(sys.argv[1]) / "card", Path(sys.argv[1]) / "home"
with volumes.desk(home) as desk:
    volume = desk.add(root)
    note = desk.say("B/moved.wav")
    watcher = Watcher(desk.catalog)
    scans = Scans(desk.catalog, desk.volumes, desk.scanner, watcher, Ingest())
    every = recipes.recipes(scans, Settling(desk.scanner, 8_000), Hashing(ReadCaps()))
    wanted = [one for one in every if one.name in ("scan", "look", "volumes", "watch")]
    engine = Engine(desk.catalog, wanted)
    engine.start()
    watcher.keep(desk.volumes.every())
    engine.wait_idle()
    print("watched:", desk.volumes.get(volume.id).watcher, flush=True)
    for line in sys.stdin:
        try:
            path = line.strip()
            while path not in desk.places() or watcher.pending() or not engine.idle():
                time.sleep(0.05)
            desk.catch_up()
            there = sorted(p for p, (_, state) in desk.places().items() if state != "missing")
            kept = [p for p in there if desk.clip_at(p) == desk.noted_at(note)]
            print(*there, "note:", *kept, "watched:", desk.volumes.get(volume.id).watcher, flush=True)
        except BaseException:
            os._exit(9)
    engine.close()
    watcher.close()
"""


class Service:
    """Scans and hints at work in a process of its own."""

    def __init__(self, process: "subprocess.Popen[str]", root: Path) -> None:
        self.process, self.root = process, root

    def line(self) -> str:
        assert self.process.stdout
        return self.process.stdout.readline().rstrip("\n")

    def wait_for(self, path: str) -> str:
        """When it has found this file: what is there, where the note is, how it watches."""
        assert self.process.stdin
        self.process.stdin.write(f"{path}\n")
        self.process.stdin.flush()
        return self.line()


@contextmanager
def _service(tmp_path: Path, *before: str) -> Iterator[Service]:
    root = tmp_path / "card"
    for n, path in enumerate(("A/one.wav", "B/moved.wav", "B/gone.wav", "C/three.wav")):
        put(root, path, at=n)
    words = [*before, sys.executable, "-c", textwrap.dedent(SERVICE), str(tmp_path)]
    with subprocess.Popen(
        words, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield Service(process, root)
            assert process.stdin
            process.stdin.close()
            assert process.wait() == 0
        finally:
            process.kill()


def _events(root: Path, count: int) -> None:
    """So many events of one folder that nothing comes of."""
    noise = root / "A" / "noise.wav"
    for _ in range(count // 2 + 1):
        os.mknod(noise)
        noise.unlink()


@pytest.mark.skipif(not QUEUE.exists(), reason="inotify is Linux's")
def test_a_queue_that_overflowed_is_made_up_for_by_one_look(tmp_path: Path) -> None:
    with _service(tmp_path) as service:
        root = service.root
        assert service.line() == f"watched: {WATCHING}"
        os.kill(service.process.pid, signal.SIGSTOP)
        _events(root, int(QUEUE.read_text()))
        # None of these is told any more.
        (root / "B" / "moved.wav").rename(root / "C" / "here.wav")
        (root / "B" / "gone.wav").unlink()
        put(root, "D/in/new.wav", at=7)
        put(root, "C/three.wav", "another", at=8)
        os.kill(service.process.pid, signal.SIGCONT)
        there = "A/one.wav C/here.wav C/three.wav D/in/new.wav note: C/here.wav"
        assert service.wait_for("D/in/new.wav") == f"{there} watched: {WATCHING}"
        # Folders that came meanwhile are watched.
        put(root, "D/in/z.wav", at=9)
        assert "D/in/z.wav note:" in service.wait_for("D/in/z.wav")


def _strace(*words: str, call: str = "inotify_add_watch", error: str = "ENOSPC") -> list[str]:
    """The system call answers as if the limit were reached, or with another error."""
    said = ["-e", f"trace={call}", "-e", f"inject={call}:error={error}"]
    said[-1] += "".join(words)
    return ["strace", "-f", "-qq", "-o", "/dev/null", *said]


@pytest.mark.parametrize("first", [1, 3])
def test_a_limit_at_the_start_is_said(tmp_path: Path, first: int) -> None:
    with _service(tmp_path, *_strace(f":when={first}+")) as service:
        assert service.line() == f"watched: {LIMIT}"


def test_a_limit_that_is_reached_later_is_said_and_nothing_is_missed(tmp_path: Path) -> None:
    with _service(tmp_path) as service:
        root, pid = service.root, str(service.process.pid)
        assert service.line() == f"watched: {WATCHING}"
        with subprocess.Popen([*_strace(), "-p", pid]) as tracer:
            try:
                status = Path("/proc", pid, "status")
                wait_for(lambda: "TracerPid:\t0" not in status.read_text())
                (root / "B" / "moved.wav").rename(root / "C" / "here.wav")
                put(root, "D/in/new.wav", at=7)
                told = service.wait_for("D/in/new.wav")
            finally:
                tracer.terminate()
        assert told.endswith(f"D/in/new.wav note: C/here.wav watched: {LIMIT}")


def _end_watching(service: Service, calls: Path, path: str) -> None:
    """The next wait for events fails, and with it the thread that reads them."""
    pid = str(service.process.pid)
    words = _strace(call="poll", error="ENOMEM")
    words[words.index("/dev/null")] = str(calls)
    with subprocess.Popen([*words, "-p", pid]) as tracer:
        try:
            status = Path("/proc", pid, "status")
            wait_for(lambda: "TracerPid:\t0" not in status.read_text())
            put(service.root, path, at=5)
            wait_for(lambda: "(INJECTED)" in calls.read_text())
        finally:
            tracer.terminate()


def test_watching_that_ended_by_itself_begins_anew(tmp_path: Path) -> None:
    with _service(tmp_path) as service:
        root, calls = service.root, tmp_path / "calls"
        assert service.line() == f"watched: {WATCHING}"
        _end_watching(service, calls, "A/two.wav")
        put(root, "B/later.wav", at=6)
        told = service.wait_for("B/later.wav")
        assert "A/two.wav" in told
        assert told.endswith(f"watched: {WATCHING}")
        _end_watching(service, calls, "A/three.wav")
        put(root, "B/last.wav", at=8)
        assert service.wait_for("A/three.wav").endswith(f"watched: {ENDS}")
