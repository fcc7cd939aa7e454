"""One pass of the real program over a folder of damaged media, watched from outside: processes, memory, what is left."""

import json
import os
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.command import NearDesk, Reply, end, processes_with

UNWELL = frozenset(("bad", "undecodable", "damaged", "growing"))
_LOOK_SECONDS = 0.1
_BUG = 70


@dataclass(slots=True)
class Watched:
    """What a pass took, at its highest."""

    seconds: float = 0
    processes: int = 0
    threads: int = 0
    """Of the program itself."""
    own_mib: int = 0
    child_mib: int = 0
    """Resident memory of the largest child."""
    child: str = ""
    answer: dict[str, Any] = field(default_factory=dict[str, Any])

    def __str__(self) -> str:
        return (
            f"{self.seconds:.0f} s, at most {self.processes} processes, {self.threads} threads and {self.own_mib} MiB"
            f" of the program, {self.child_mib} MiB of a child ({self.child})"
        )


class Damage:
    """A data folder and a volume; its processes are known by the temporary folder that they inherit."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.volume, self.temporary = folder / "volume", folder / "temporary"
        self.volume.mkdir(parents=True)
        self.temporary.mkdir()
        self.desk = NearDesk(folder / "home", TMPDIR=str(self.temporary), **environment)
        self.desk.ask("desk", "--person", "Ingrid Nilsen", "--project", "Harbour film")
        self.desk.ask("settings", "ingest.quiet_seconds", 1)
        self.desk.ask("settings", "transcripts.enabled", "false")

    def run(self, seconds: float = 3600, code: int | None = 0) -> Watched:
        """`run --until-idle`, to its end; it must end with this code (any but 70 where None), and leave nothing behind."""
        begun = time.monotonic()
        process = self.desk.start("--json", "run", "--until-idle")
        watched, over = Watched(), threading.Event()
        watcher = threading.Thread(target=self._watch, args=(process.pid, watched, over))
        watcher.start()
        try:
            out, err = process.communicate(timeout=seconds)
        finally:
            over.set()
            watcher.join()
            end(process)
        watched.seconds = time.monotonic() - begun
        assert "Traceback" not in err, err
        assert process.returncode != _BUG
        assert code is None or process.returncode == code, (process.returncode, out, err)
        watched.answer = json.loads(out)
        self.see_nothing_left()
        return watched

    def _watch(self, pid: int, watched: Watched, over: threading.Event) -> None:
        mark = os.fsencode(f"TMPDIR={self.temporary}")
        while not over.wait(_LOOK_SECONDS):
            seen = 0
            for folder in Path("/proc").glob("[0-9]*"):
                try:
                    if mark not in (folder / "environ").read_bytes():
                        continue
                    status = (folder / "status").read_text()
                    words = (folder / "cmdline").read_bytes().split(b"\0")
                except OSError:
                    continue  # it has just ended
                seen += 1
                figures = dict(line.split(":", 1) for line in status.splitlines())
                mib = int(figures.get("VmHWM", "0").split()[0]) >> 10
                if folder.name == str(pid):
                    watched.own_mib = max(watched.own_mib, mib)
                    watched.threads = max(watched.threads, int(figures["Threads"]))
                elif mib > watched.child_mib:
                    watched.child_mib = mib
                    watched.child = os.fsdecode(
                        b" ".join([Path(os.fsdecode(words[0])).name.encode(), *words[-2:]])
                    )[:200]
            watched.processes = max(watched.processes, seen)

    def see_nothing_left(self) -> None:
        """No process, nothing temporary, no exception in the log."""
        assert processes_with(f"TMPDIR={self.temporary}") == []
        # What libmpv asks for a sound device keeps a folder of its own there.
        assert [p for p in self.temporary.iterdir() if not p.name.startswith("pulse-")] == []
        home = self.desk.home
        left = [p for p in home.rglob("*") if p.name.endswith((".tmp", ".part"))]
        assert left == []
        work = [p for p in home.rglob("work") if p.is_dir()]
        assert [entry for folder in work for entry in folder.iterdir()] == []
        assert self.broken() == []

    def broken(self) -> list[str]:
        """Lines of the log with an exception in them, or above a warning."""
        lines: list[str] = []
        for path in self.desk.home.rglob("*.log*"):
            lines += path.read_text(errors="replace").splitlines()
        return [line for line in lines if '"exception"' in line or '"level": "ERROR"' in line]

    def answers(self, paths: list[Path]) -> Counter[str]:
        """What became of each path of the volume: its clip's state, or `skipped`; each unwell one has its words."""
        found: Counter[str] = Counter()
        skipped = {one["path"]: one["reason"] for one in self.desk.ask("scan")["skipped"]}
        clips = self.desk.clips()
        places = {file["path"]: clip for clip in clips for file in clip["files"]}
        # The frames of a sequence stand there as one, by the pattern of their names.
        numbered = [(place, clip) for place, clip in places.items() if "%0" in place]
        places |= {place % n: clip for place, clip in numbered for n in range(3)}
        for path in paths:
            clip = places.get(str(path))
            if clip is None:
                assert skipped.get(str(path)), f"{path} is neither a clip nor skipped"
                found["skipped"] += 1
                continue
            found[clip["state"]] += 1
            assert clip["state"] == "ready" or (clip["state"] in UNWELL and clip["problem"]), clip
        return found

    def ask_of_each(self) -> Counter[str]:
        """Info, a frame and a search of each clip: words and exit codes, never a bug; how often each code came."""
        codes: Counter[str] = Counter()
        out = self.temporary.parent / "frame.png"
        for clip in self.desk.clips():
            last = max(0, (clip["frames"] or 1) - 1)
            for words in (
                ("show", clip["id"]),
                ("frame", clip["id"], "--at", "@0", "-o", out, "--replace"),
                ("frame", clip["id"], "--at", f"@{last}", "-o", out, "--replace"),
                ("search", clip["name"]),
                ("clips", f"name:{clip['name']}"),
            ):
                codes[f"{words[0]} {self._asked(*words).code}"] += 1
        assert self.desk.ask("check")["problems"] == []
        return codes

    def _asked(self, *words: object) -> Reply:
        reply = self.desk.run("--json", *words)
        assert reply.code in (0, 1, 3), (words, reply)
        if reply.code == 3:
            assert reply.error["message"], reply
        assert "Traceback" not in reply.err, reply
        return reply
