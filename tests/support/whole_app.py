"""The whole program at work over one growing state, killed again and again: what must hold after each next run.

A watched folder to which clips, sequences and speech come, everything is derived, what is approved goes to a bucket in
a folder, a person writes notes meanwhile. All processes of it are known by their temporary folder, which they inherit.
"""

import contextlib
import dataclasses
import os
import shutil
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

from app.core.catalog import decisions, library, projects, renditions, uploads
from app.core.catalog.database import Catalog
from app.core.model.events import Entity, Kind
from tests.support import catalogs
from tests.support import speech_factory as speech
from tests.support.command import NearDesk, end, wait_for
from tests.support.media_factory import MediaFactory, Sound

FRAMES = 50
SEEN = 0.01
"""Seconds between two looks at the processes."""
PATIENCE = 60
"""Seconds until a child that outlived its program counts as an orphan."""
KINDS = ("ffmpeg", "mediainfo_worker", "frame_worker", "speech_worker", "ffprobe")
LEFT = (".tmp", ".part")
"""Endings of temporary names; backups that are not finished begin with `.backup-`."""


@dataclasses.dataclass(slots=True)
class Kill:
    """One kill of the program alone, not of its children."""

    running: Counter[str]
    """Its children at that moment, by kind."""
    seconds: float
    """Until the last of them was gone."""
    orphans: list[str]
    """Those that lived on."""
    errors: str
    """What the program had said on stderr."""


def descendants(pid: int) -> list[str]:
    """Process ids and command lines of all that a process has started, and what that has started."""
    found: dict[str, str] = {}
    waiting = [str(pid)]
    while waiting:
        with contextlib.suppress(OSError):  # ended meanwhile
            for task in Path("/proc", waiting.pop(), "task").iterdir():
                for child in (task / "children").read_text().split():
                    words = Path("/proc", child, "cmdline").read_bytes().replace(b"\0", b" ")
                    found[child] = os.fsdecode(words)
                    waiting.append(child)
    return [f"{child} {line}" for child, line in found.items() if line]


def _is(line: str, kind: str) -> bool:
    """Whether a process is of that kind itself, not the sandbox around one."""
    return kind in line and "bwrap" not in line.split()[1]


class WholeApp:
    """One data folder, one volume, one bucket."""

    def __init__(self, folder: Path, *, speech_each: int = 4) -> None:
        self.day, self.bucket, self.temporary = (
            folder / name for name in ("day", "target/bucket", "temporary")
        )
        for place in (self.day, self.bucket, self.temporary):
            place.mkdir(parents=True)
        self.media = MediaFactory(folder / "coming")
        self.desk = NearDesk(folder / "home", TMPDIR=str(self.temporary))
        self.speech_each = speech_each
        self.told: list[str] = []
        """Notes that were promised."""
        self.said = 0
        """Notes that were tried, each once: one whose answer a kill cut off may be there or not."""
        self.came = 0
        self.desk.ask("settings", "ingest.quiet_seconds", 1)
        self.desk.ask("settings", "sync.grace_seconds", 0)
        self.desk.ask("settings", "sync.part_size_mb", 5)
        self.desk.ask("volume", "add", self.day, "--derive", "all")
        self._add_target(folder / "target")

    def _add_target(self, folder: Path) -> None:
        body = {
            "name": "disk",
            "bucket": "bucket",
            "endpoint": folder.as_uri(),
            "region": "",
            "profile": "",
            "send": "both",
            "template": "{name}.{ext}",
            "confirmed": True,
        }
        with catalogs.opened(self.desk.home) as catalog:
            with catalog.read() as reader:
                who = {"actor": projects.current_actor(reader), "project": projects.current(reader)}
            catalogs.say(catalog, Entity.TARGET, "disk", Kind.TARGET_ADDED, body, **who)

    def come(self) -> None:
        """New footage comes to the volume."""
        number = self.came
        self.came += 1
        sound = [Sound(codec="aac")] if number % 2 else []
        name = f"A{number:03}.mov"
        self._move(self.media.video(name, frames=FRAMES, first=100 * number, sound=sound))
        if self.speech_each and number % self.speech_each == 0:
            words = speech.say(f"take {number} the tide comes in at six", speed=120 + number % 60)
            # Long enough to be sent in parts.
            quiet = speech.noise(170, 0.0005, number)
            path = self.media.folder / f"T{number:03}.wav"
            self._move(speech.write_wav(path, speech.in_a_row(words, quiet)))
        if number % 7 == 3:
            self.media.sequence(f"S{number:03}", range(number, number + 3), "png")
            self._move(self.media.folder / f"S{number:03}")

    def _move(self, path: Path) -> None:
        (shutil.copytree if path.is_dir() else shutil.copy)(path, self.day / path.name)
        shutil.rmtree(path) if path.is_dir() else path.unlink()

    def killed_after(self, seconds: float) -> Kill:
        """Runs it, writes notes and approves meanwhile, and kills it alone after so long."""
        process = self.desk.start("run")
        found: list[Kill] = []

        def kill() -> None:
            time.sleep(seconds)
            before = self.living()
            process.kill()
            begun = time.monotonic()
            while (left := self.living()) and time.monotonic() - begun < PATIENCE:
                time.sleep(SEEN)
            kinds = Counter(kind for line in before for kind in KINDS if _is(line, kind))
            found.append(Kill(kinds, time.monotonic() - begun, left, ""))

        killer = threading.Thread(target=kill)
        killer.start()
        try:
            self._work_as_people_do(process)
        finally:
            killer.join()
            errors = process.communicate()[1]
            end(process)
        found[0].errors = errors
        return found[0]

    def _work_as_people_do(self, process: Any) -> None:
        wait_for(lambda: process.poll() is not None or (self.desk.home / "owner.sock").exists())
        for clip in self._clips():
            if process.poll() is not None:
                return
            if clip["kind"] != "document" and clip["frames"]:
                text = f"note {self.said} of {clip['name']}"
                self.said += 1
                said = self.desk.run("--json", "note", "add", clip["id"], "--at", "@1", text)
                if said.code == 0:
                    self.told.append(text)
            self.desk.run("--json", "approve", clip["id"])

    def _clips(self) -> list[dict[str, Any]]:
        """The newest few."""
        reply = self.desk.run("--json", "clips", "--limit", 10_000)
        return reply.value["clips"][-4:] if reply.code == 0 else []

    def living(self) -> list[str]:
        """Command lines of its living processes."""
        mark = f"TMPDIR={self.temporary}".encode()
        found: list[str] = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if mark not in (folder / "environ").read_bytes().split(b"\0"):
                    continue
                state = (folder / "stat").read_bytes().rpartition(b") ")[2][:1]
                words = os.fsdecode((folder / "cmdline").read_bytes().replace(b"\0", b" "))
            except OSError:
                continue  # ended meanwhile
            if state not in b"ZX":
                found.append(f"{folder.name} {words}")
        return found

    def goes_on(self) -> list[str]:
        """One next run to its end; what it did not make good."""
        done = self.desk.run("run", "--until-idle", "--json")
        found = (
            [] if done.code == 0 else [f"the next run ended with {done.code}: {done.out}{done.err}"]
        )
        checked = self.desk.run("check", "--json")
        found += [] if checked.code == 0 else [f"check: {checked.out}"]
        found += [f"left behind: {line}" for line in self.living()]
        found += [f"left over: {path}" for path in self.left_over()]
        with contextlib.closing(Catalog.open(self.desk.home)) as catalog:
            return found + self._wrong(catalog)

    def left_over(self) -> list[Path]:
        """Temporary names anywhere Rushes writes."""
        places = (self.desk.home, self.bucket, self.temporary, self.day)
        every = [path for place in places for path in place.rglob("*")]
        return [
            path
            for path in every
            if path.suffix in LEFT
            or path.name.startswith(".backup-")
            or path.is_relative_to(self.temporary)
        ]

    def _wrong(self, catalog: Catalog) -> list[str]:
        with catalog.read() as reader:
            said = Counter(str(text) for text in reader.column("SELECT text FROM note"))
            stored = {path: size for _, path, size, _ in renditions.stored(reader)}
            sent = uploads.every(reader, limit=100_000)
            rows = [int(n) for n in reader.column("SELECT n FROM clip WHERE retired = 0")]
            clips = library.page(reader, rows)
            approved = decisions.approved_clips(reader, 1 << 62)
        found = [f"promised and not there: {text}" for text in self.told if not said[text]]
        found += [f"there {n} times: {text}" for text, n in said.items() if n > 1]
        found += [
            f"{clip.name} is {clip.state.value}" for clip in clips if clip.state.value != "ready"
        ]
        found += self._wrong_store(stored)
        found += [f"{one.key} is {one.state}" for one in sent if one.state != "verified"]
        wanted = {one.clip_id for one in sent}
        found += [f"approved and not sent: {clip}" for clip in approved if clip not in wanted]
        return found + self._wrong_bucket({one.key for one in sent})

    def _wrong_store(self, stored: dict[str, int]) -> list[str]:
        store = self.desk.home / "renditions"
        there = {
            path.relative_to(store).as_posix(): path.stat().st_size
            for path in store.rglob("*")
            if path.is_file()
        }
        found = [f"recorded and not there: {path}" for path in stored if path not in there]
        found += [f"half: {path}" for path, size in stored.items() if there.get(path, size) != size]
        return found + [
            f"in the store and not recorded: {path}"
            for path in there
            if path not in stored and Path(path).suffix != ".map"
        ]

    def _wrong_bucket(self, keys: set[str]) -> list[str]:
        """Each object is the file it was sent from, byte for byte."""
        originals = {path.name: path for path in self.day.rglob("*") if path.is_file()}
        there = {
            path.relative_to(self.bucket).as_posix(): path
            for path in self.bucket.rglob("*")
            if path.is_file() and ".rushes" not in path.parts
        }
        found = [f"sent and not there: {key}" for key in sorted(keys - there.keys())]
        found += [f"there and nobody sent it: {key}" for key in sorted(there.keys() - keys)]
        for key, path in there.items():
            source = originals.get(path.name)
            if source is None and "_proxy" not in path.name:
                found.append(f"an object of nothing: {key}")
            elif source is not None and source.read_bytes() != path.read_bytes():
                found.append(f"differs from its source: {key}")
        return found
