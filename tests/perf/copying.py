"""Copies of ours against programs that copy, on one filesystem, the source in memory: so the figures are those of the work, not of a disk."""

import os
import shutil
import subprocess
from pathlib import Path

from app.core.files import digests
from app.core.files.copying import Leg, MapParts, RootGuard, copy_file, copy_files, make_folders
from app.core.files.digests import HashName
from tests.support.measuring import Act, Cost, Versus, cost

MIB = 1 << 20
CLIP = "A001C001.mov"


class Place:
    """A source with one large file and a tree of small ones, and folders to copy to."""

    def __init__(self, folder: Path, size: int, small: int = 0) -> None:
        self.source = folder / "card"
        self.targets = [folder / "one", folder / "two"]
        self.source.mkdir(parents=True)
        if size:
            (self.source / CLIP).write_bytes(os.urandom(size))
        self.small = [f"DCIM/{n // 100:03d}/C{n:05d}.mov" for n in range(small)]
        for rel in self.small:
            (self.source / rel).parent.mkdir(parents=True, exist_ok=True)
            (self.source / rel).write_bytes(os.urandom(64 << 10))
        self.clean()

    def clean(self) -> None:
        """Nothing is copied, and nothing waits to be written."""
        for target in self.targets:
            shutil.rmtree(target, ignore_errors=True)
            for name in ("ours", "peer"):
                (target / name).mkdir(parents=True)
        os.sync()

    def legs(self, count: int) -> list[Leg]:
        """Of ours."""
        return [Leg(t.name, RootGuard.of(t), "ours") for t in self.targets[:count]]

    def ours(self, count: int, *hashes: HashName) -> None:
        """One read, so many copies, durable."""
        result = copy_file(self.source, CLIP, self.legs(count), hashes=hashes)
        assert len(result.done) == count

    def cp(self, count: int) -> None:
        """`cp`, and each copy made durable with its folder."""
        for target in self.targets[:count]:
            copy = target / "peer" / CLIP
            subprocess.run(["cp", self.source / CLIP, copy], check=True)
            subprocess.run(["sync", copy, copy.parent], check=True)

    def rsync(self, *more: str) -> None:
        """`rsync` of the whole file, which makes nothing durable by itself."""
        target = self.targets[0] / "peer"
        subprocess.run(["rsync", "-W", *more, self.source / CLIP, f"{target}/"], check=True)

    def hash_alone(self, name: HashName) -> None:
        """One read, one hash."""
        made, buffer = digests.digest(name), memoryview(bytearray(MIB))
        with (self.source / CLIP).open("rb", buffering=0) as stream:
            while got := stream.readinto(buffer):
                made.update(buffer[:got])
        made.text()

    def small_ours(self, map_parts: MapParts | None) -> None:
        """The tree of small files, durable."""
        (leg,) = self.legs(1)
        make_folders(leg, {rel.rpartition("/")[0] for rel in self.small})
        results = copy_files(
            self.source, self.small, [leg], hashes=("xxh64", "xxh128"), map_parts=map_parts
        )
        assert sum(len(result.done) for result in results) == len(self.small)

    def cp_tree(self, *, durable: bool) -> None:
        """`cp -r` of it."""
        target = self.targets[0] / "peer"
        subprocess.run(["cp", "-r", self.source / "DCIM", target], check=True)
        if durable:
            subprocess.run(["sync", "-f", target], check=True)


def by_turns(place: Place, ours: Act, peer: Act, rounds: int) -> Versus:
    """The two by turns, each where nothing is copied yet and nothing waits to be written; the first pair does not count."""
    pairs = [(_cost(place, ours), _cost(place, peer)) for _ in range(rounds + 1)][1:]
    return Versus(tuple(a for a, _ in pairs), tuple(b for _, b in pairs))


def slow_hash(place: Place, name: HashName, rounds: int) -> tuple[Versus, Versus]:
    """A copy with a slow hash, against the same without and against that hash alone, all by turns."""
    taken = [
        (
            _cost(place, lambda: place.ours(1, "xxh64", name)),
            _cost(place, lambda: place.ours(1, "xxh64")),
            _cost(place, lambda: place.hash_alone(name)),
        )
        for _ in range(rounds + 1)
    ][1:]
    both, copies, alone = zip(*taken, strict=True)
    return Versus(both, copies), Versus(both, alone)


def _cost(place: Place, act: Act) -> Cost:
    place.clean()
    return cost(act)
