"""What happens around a program that runs for an hour: media come and go, people speak, things break; and what is true of it all.

The world keeps account of what was promised (a command that ended with 0) and of what lies where.
"""

import contextlib
import dataclasses
import json
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.core import owner
from app.core.model.errors import RushesError
from tests.support.command import Desk, Reply
from tests.support.media_factory import MediaFactory
from tests.support.soak_catalog import Known, look
from tests.support.soak_readings import descendants
from tests.support.soak_share import NoisyShare
from tests.support.uploading import content_hash
from tests.support.volumes import wav

LARGE = 11 << 20
"""Bytes of a file that goes up in parts."""
FOLDERS = ("", "d1", "d2", "d3")


@dataclasses.dataclass(slots=True, eq=False)
class Take:
    """One content that lies somewhere."""

    path: Path
    hash: str
    large: bool
    clip: str = ""
    """The clip it is known as, once the catalog has its bytes."""
    approved: bool = False
    sent: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class Said:
    """A note that was promised."""

    text: str
    clip: str


class World:
    """Everything outside the program."""

    def __init__(self, desk: Desk, roots: dict[str, Path], share: NoisyShare, seed: int) -> None:
        self.desk, self.roots, self.share = desk, roots, share
        self.chance = random.Random(seed)
        self.takes: list[Take] = []
        self.gone: set[str] = set()
        """Contents of which nothing is left anywhere, by full hash."""
        self.notes: list[Said] = []
        self.counts: Counter[str] = Counter()
        self.answers: Counter[int] = Counter()
        self.longest = 0.0
        """Seconds that the slowest answer took, while the program was not held up."""
        self.tracebacks: list[str] = []
        self.stopped = False
        self._made = 0
        self._later: list[tuple[float, Callable[[], None]]] = []
        self._factory = MediaFactory(share.mount.parent / "making")

    # -- what people do -----------------------------------------------------------------

    def ask(self, *words: str) -> tuple[int, dict[str, Any]]:
        """A command, through the owner's door or, now and then, by a program of its own; (exit code, object)."""
        begun = time.monotonic()
        if self.chance.random() < 0.1:
            reply = self.desk.run("--json", *words)
        else:
            try:
                code, out = owner.forward(self.desk.home, ["--json", *words], lambda _: None)
            except RushesError as error:
                self.counts[f"no answer: {error.title}"] += 1
                return -1, {}
            reply = Reply(code, out, "")
        self.longest = max(self.longest, time.monotonic() - begun)
        self.answers[reply.code] += 1
        if "Traceback" in reply.out + reply.err or reply.code == 70:
            self.tracebacks.append(f"{words}: {reply}")
        return reply.code, json.loads(reply.out) if reply.out else {}

    def note(self) -> None:
        """Somebody says something of a clip."""
        take = self._some(lambda one: bool(one.clip))
        if take is None:
            return
        text = f"word {len(self.notes)} {self.chance.getrandbits(64):016x}"
        code, _ = self.ask("note", "add", take.clip, "--at", "@0", text)
        self.counts["notes promised" if code == 0 else "notes refused"] += 1
        if code == 0:
            self.notes.append(Said(text, take.clip))

    def approve(self) -> None:
        """Somebody approves a clip; soon, where it goes up in parts."""
        take = self._some(lambda one: bool(one.clip) and not one.approved and one.large)
        take = take or self._some(lambda one: bool(one.clip) and not one.approved)
        if take is None:
            return
        code, said = self.ask("approve", take.clip)
        if code == 0:
            take.approved = said["hash"] == take.hash
            self.counts["approved"] += take.approved

    def look_around(self) -> None:
        """Somebody lists, searches, or rates."""
        take = self._some(lambda one: bool(one.clip))
        clip = take.clip if take else ""
        words = [["clips", "--limit", "50"], ["search", "word"], ["work"], ["volume", "list"]]
        if clip:
            words += [
                ["show", clip],
                ["rate", clip, "3"],
                ["tag", clip, "+seen"],
                ["note", "list", clip],
            ]
        self.ask(*self.chance.choice(words))
        self.counts["looked"] += 1

    # -- what disks do ------------------------------------------------------------------

    def arrive(self) -> None:
        """A file comes: at once, in pieces, or large."""
        self._made += 1
        word = f"{self.chance.choice(('kelp', 'harbour', 'tide', 'gull'))}-{self.chance.getrandbits(40):010x}"
        folder = self._folder()
        if self._made % 3 == 0:
            made = self._factory.video(f"{word}.mov", frames=20, first=self._made * 20 % 60_000)
            data = made.read_bytes()
            made.unlink()
        else:
            large = self._made % 10 == 2
            data = wav(word, LARGE // 960 if large else 100)
        path = folder / f"{word}.{'mov' if self._made % 3 == 0 else 'wav'}"
        self.counts["arrived"] += 1
        if self._made % 4 == 1:
            return self._grow(path, data)
        path.write_bytes(data)
        self._there(path, data)
        return None

    def rename(self) -> None:
        """A file gets another name, or another folder, or another volume."""
        take = self._some()
        if take is None:
            return
        name = f"{take.path.stem.split('_')[0]}_{self.chance.getrandbits(24):06x}{take.path.suffix}"
        other = self.chance.random()
        folder = take.path.parent if other < 0.5 else self._folder()
        final = folder / (take.path.name if other > 0.8 and folder != take.path.parent else name)
        # To another disk it goes as people's tools do it: copied with its times, then taken away.
        final.write_bytes(take.path.read_bytes()) if self._disk(final) != self._disk(
            take.path
        ) else take.path.rename(final)
        if take.path.exists():
            stamp = take.path.stat()
            os.utime(final, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
            take.path.unlink()
        take.path = final
        self.counts["renamed or moved"] += 1

    def replace(self) -> None:
        """Other content gets the name."""
        take = self._some(self._free)
        if take is None:
            return
        data = wav(f"again {self.chance.getrandbits(64)}", 120)
        if take.path.suffix != ".wav":
            return
        take.path.write_bytes(data)
        self._lose(take)
        self._there(take.path, data)
        self.counts["replaced"] += 1

    def delete(self) -> None:
        """A file goes; only where there are many, so that their number stays. Now and then one that was to be sent."""
        hasty = self.chance.random() < 0.1
        take = self._some(lambda one: hasty or self._free(one))
        if take is None or len(self.takes) < 50:
            return
        take.path.unlink()
        self._lose(take)
        self.counts["deleted" if self._free(take) else "deleted before it was sent"] += 1

    # -- the beat -----------------------------------------------------------------------

    def act(self) -> None:
        """One thing happens, and what was to follow something before."""
        self.follow()
        acts: list[tuple[int, Callable[[], None]]] = [
            (12, self.arrive), (14, self.rename), (4, self.replace), (9, self.delete),
        ]  # fmt: skip
        if not self.stopped:
            acts += [(34, self.note), (9, self.approve), (18, self.look_around)]
        self.chance.choices([one for _, one in acts], [weight for weight, _ in acts])[0]()

    def after(self, seconds: float, act: Callable[[], None]) -> None:
        """Does something later."""
        self._later.append((time.monotonic() + seconds, act))

    def follow(self) -> None:
        """Does what is to be done by now."""
        now = time.monotonic()
        due = [one for one in self._later if one[0] <= now]
        self._later = [one for one in self._later if one[0] > now]
        for _, act in due:
            act()

    def settle(self) -> None:
        """Waits for everything that was to follow."""
        while self._later:
            self.follow()
            time.sleep(0.1)

    def observe(self) -> Known:
        """Looks into the catalog: which clip each content is."""
        known = look(self.desk.home)
        for take in self.takes:
            take.clip = take.clip or known.clips.get(take.hash, "")
            take.sent = take.sent or known.sent.get(take.hash, 0) >= 2
        return known

    def kill_a_child(self, pid: int) -> None:
        """One of the program's children is killed."""
        below = descendants(pid)
        if below:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.chance.choice(below), signal.SIGKILL)
                self.counts["children killed"] += 1

    def _grow(self, path: Path, data: bytes) -> None:
        step = len(data) // 5 + 1
        for number in range(5):
            piece = data[number * step : (number + 1) * step]
            self.after(number * 0.7, lambda piece=piece: _append(path, piece))
        self.after(5 * 0.7, lambda: self._there(path, data))

    def _there(self, path: Path, data: bytes) -> None:
        self.takes.append(Take(path, content_hash(data), len(data) >= LARGE // 2))

    def _lose(self, take: Take) -> None:
        self.takes.remove(take)
        self.gone.add(take.hash)

    def _folder(self) -> Path:
        root = self.roots[self.chance.choice(sorted(self.roots))]
        folder = root / self.chance.choice(FOLDERS)
        folder.mkdir(exist_ok=True)
        return folder

    def _disk(self, path: Path) -> Path:
        return next(root for root in self.roots.values() if path.is_relative_to(root))

    def _free(self, take: Take) -> bool:
        """Whether nobody waits for these bytes to be sent."""
        return not take.approved or take.sent

    def _some(self, fits: Callable[[Take], bool] = lambda _: True) -> Take | None:
        found = [one for one in self.takes if fits(one)]
        return self.chance.choice(found) if found else None


def _append(path: Path, piece: bytes) -> None:
    with path.open("ab") as stream:
        stream.write(piece)
