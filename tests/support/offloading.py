"""Small cards of made bytes, and places to copy them to, for tests of offloads."""

import os
import random
from pathlib import Path

import pytest

from app.core.catalog.database import Catalog
from app.core.ingest.offload_plan import Choices
from app.core.ingest.offloads import Offloads
from app.core.model.offloads import CopyState, Offload, OffloadEntry
from app.core.platform import devices
from app.core.platform.devices import DeviceIdentity
from tests.support import media_factory

MIDNIGHT = 1_750_000_000


def make_card(root: Path, seed: int, clips: int = 3, size: int = 30_000) -> Path:
    """A card of Sony's structure: clips, sidecars, thumbnails, an empty folder and a file that nobody knows."""
    noise = random.Random(seed)
    base = root / "PRIVATE" / "M4ROOT"
    for folder in ("CLIP", "SUB", "THMBNL", "GENERAL"):
        (base / folder).mkdir(parents=True, exist_ok=True)
    for number in range(1, clips + 1):
        _put(base / "CLIP" / f"C{number:04d}.MP4", noise.randbytes(size + number))
        _put(base / "CLIP" / f"C{number:04d}M01.XML", noise.randbytes(400))
        _put(base / "THMBNL" / f"C{number:04d}T01.JPG", noise.randbytes(300))
    _put(root / "nobody.knows", noise.randbytes(99))
    return root


def _put(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    os.utime(path, (MIDNIGHT, MIDNIGHT))


def files_of(root: Path) -> dict[str, bytes]:
    """Every file below a folder but hash lists, by path."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and "ascmhl" not in path.parts
    }


def own_devices(monkeypatch: pytest.MonkeyPatch, *roots: Path) -> None:
    """As if each of these folders were a disk of its own: this machine has one."""

    def device_of(path: Path) -> DeviceIdentity:
        for root in roots:
            if path == root or path.is_relative_to(root):
                return DeviceIdentity(root.name, "disk", root.name, serial=root.name, proven=True)
        return DeviceIdentity("system", "disk", "system", proven=True)

    monkeypatch.setattr(devices, "device_of", device_of)


class Station:
    """An offload station: cards, two shuttles, and what is known of them."""

    def __init__(self, catalog: Catalog, folder: Path) -> None:
        self.catalog, self.offloads = catalog, Offloads(catalog)
        self.folder = folder
        self.one, self.two = self.place("one"), self.place("two")

    def place(self, name: str) -> Path:
        """A destination's root."""
        root = self.folder / name
        root.mkdir(parents=True)
        return root

    def begin(self, card: Path, *roots: Path, **choices: object) -> str:
        """Notes an offload to these places, or to both."""
        chosen = Choices(**{"template": "{card}", **choices})  # type: ignore[arg-type]
        planned = self.offloads.plan(card, roots or (self.one, self.two), chosen)
        return self.offloads.begin(planned)

    def offload(self, card: Path, *roots: Path, **choices: object) -> Offload:
        """The whole of it."""
        return self.offloads.run(self.begin(card, *roots, **choices))

    def entries(self, offload: Offload) -> list[OffloadEntry]:
        """Its files."""
        return self.offloads.entries(offload.id)

    def states(self, offload: Offload) -> dict[str, set[CopyState]]:
        """By destination: which states copies have there."""
        return {
            leg.name: {
                one.copies[leg.id][0] for one in self.entries(offload) if leg.id in one.copies
            }
            for leg in offload.legs
        }


def make_playable(root: Path, seed: int, clips: int = 1) -> Path:
    """The same with clips that play, of a length that the play check looks at in three places."""
    make_card(root, seed, clips)
    for number in range(1, clips + 1):
        path = root / f"PRIVATE/M4ROOT/CLIP/C{number:04d}.MP4"
        source = f"color=c=0x{(seed * 37 + number) % 256:02x}4080:s=64x36:r=25:d=3"
        media_factory.ffmpeg("-f", "lavfi", "-i", source, *media_factory.X264, "-metadata", f"title={seed}-{number}", "-y", path)  # fmt: skip
        os.utime(path, (MIDNIGHT, MIDNIGHT))
    return root


def rot(path: Path) -> None:
    """One bit turns over; size and time stay."""
    before = path.stat()
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
