"""Folders to be watched, and a desk with a real catalog that watches them: what the tests of ingest stand on.

`Desk.look` scans and puts clips together; what the probe would say of a file is written by hand, so
that a thousand files need no child process. Its quick ids and hashes are real.
"""

import contextlib
import dataclasses
import hashlib
import os
import struct
import time
from collections.abc import Generator, Mapping
from fractions import Fraction
from pathlib import Path

from app.core.catalog import files, library
from app.core.catalog.database import Catalog
from app.core.files import hashing, opening
from app.core.ingest.recipes import Hashing
from app.core.ingest.scanning import Scanner, ScanReport
from app.core.ingest.volumes import Volumes
from app.core.model.entities import Clip, Volume
from app.core.model.errors import RushesError
from app.core.model.media import AudioStream, ClipKind, FileState, MediaFacts
from app.core.platform.preferences import Ingest
from app.core.post.assembling import Assembling
from app.core.review.notes import Notes
from app.core.work.patience import Patience
from app.core.work.read_caps import ReadCaps
from tests.support import catalogs

OLD_NS = 1_600_000_000_000_000_000
"""A time long ago: files of it are quiet."""


def wav(words: str, seconds_over_100: int = 1) -> bytes:
    """A sound file whose samples follow from some words: other words, other bytes."""
    size = 960 * seconds_over_100
    seed = hashlib.sha256(words.encode("utf-8", "surrogateescape")).digest()
    data = (seed * (size // len(seed) + 1))[:size]
    head = struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        b"RIFF",
        36 + size,
        b"WAVE",
        b"fmt ",
        16,
        1,
        1,
        48000,
        96000,
        2,
        16,
        b"data",
        size,
    )
    return head + data


def put(root: Path, path: str | bytes, words: str = "", *, at: int = 0) -> Path:
    """A sound file on a volume, made long ago; `at` seconds tell times apart."""
    full = Path(os.fsdecode(os.fsencode(root) + b"/" + os.fsencode(path)))
    full.parent.mkdir(parents=True, exist_ok=True)
    full.write_bytes(wav(words or os.fsdecode(path)))
    age(full, at)
    return full


def age(path: Path, at: int = 0) -> None:
    """Makes a file quiet."""
    stamp = OLD_NS + at * 1_000_000_000
    os.utime(path, ns=(stamp, stamp))


@dataclasses.dataclass(slots=True)
class Desk:
    """A catalog and what watches folders for it."""

    catalog: Catalog
    volumes: Volumes
    scanner: Scanner
    assembling: Assembling
    notes: Notes

    def add(self, root: Path, kind: str = "") -> Volume:
        """Watches a folder and looks at it."""
        root.mkdir(parents=True, exist_ok=True)
        volume = self.volumes.add(root, kind=kind)
        self.look(volume)
        return self.volumes.get(volume.id)

    def look(self, volume: Volume, *, hashes: bool = False) -> ScanReport:
        """A scan and all that follows from it."""
        report = self.scanner.scan(volume.id)
        self.catch_up(hashes=hashes)
        return report

    def hint(self, volume: Volume, folder: str, *, deep: bool = False) -> ScanReport:
        """A look at one folder and all that follows from it."""
        report = self.scanner.scan_folder(volume.id, folder, deep=deep)
        self.catch_up()
        return report

    def catch_up(self, *, hashes: bool = False) -> None:
        """Facts, clips and, where asked for, checksums of what was seen."""
        for _ in range(2):
            with self.catalog.read() as reader:
                refs = [
                    ref
                    for volume in reader.column("SELECT id FROM volume")
                    for ref in files.due_probe(reader, str(volume), 0, 1, -1)
                ]
            found = [(ref, _facts(ref), _quick_id(ref)) for ref in refs]
            self.catalog.write(
                lambda tx, found=found: [
                    files.set_facts(tx, ref, facts, quick, FileState.PRESENT)
                    for ref, facts, quick in found
                ]
            )
            self.assembling.all_now()
            if hashes:
                self.hash_all()

    def hash_all(self) -> int:
        """Reads whole what is due; returns how many files."""
        from tests.support.jobs import run_all

        return run_all(self.catalog, Hashing(ReadCaps()))

    def clips(self) -> dict[str, Clip]:
        """All clips that are listed, by id."""
        with self.catalog.read() as reader:
            rows = reader.column("SELECT n FROM clip WHERE retired = 0 ORDER BY n")
            return {clip.id: clip for clip in library.page(reader, [int(n) for n in rows])}

    def places(self, volume: str = "") -> Mapping[str, tuple[str, str]]:
        """(clip, state) by path, of every file that is catalogued, or of those of one volume."""
        with self.catalog.read() as reader:
            rows = reader.all(
                "SELECT path, clip_id, state FROM file WHERE ? IN ('', volume_id) ORDER BY path",
                volume,
            )
        return {os.fsdecode(row[0]): (str(row[1]), str(row[2])) for row in rows}

    def clip_at(self, path: str) -> str:
        """The clip of a file."""
        return self.places()[path][0]

    def state_of(self, path: str) -> str:
        """The state of a file."""
        return self.places()[path][1]

    def say(self, path: str, words: str = "good") -> str:
        """A note on the clip of a file; returns the note's id."""
        return self.notes.add(self.clip_at(path), 0, None, words).id

    def noted_at(self, note: str) -> str:
        """The clip that a note is on now."""
        return self.notes.get(note).clip_id


def _facts(ref: files.FileRef) -> MediaFacts:
    return MediaFacts(
        kind=ClipKind.AUDIO,
        container="wav",
        rate=Fraction(48000),
        frames=(ref.size - 44) // 2,
        duration=Fraction(ref.size - 44, 96000),
        audio=(AudioStream(0, "pcm_s16le", 1, 48000, bit_depth=16),),
    )


def _quick_id(ref: files.FileRef) -> str | None:
    try:
        with opening.open_regular(Path(ref.mount), ref.path) as stream:
            return hashing.quick_id(stream, ref.size) if ref.size else None
    except RushesError:
        return None


@contextlib.contextmanager
def desk(home: Path, *, quiet_ms: int = 8_000, seconds: int = 10) -> Generator[Desk]:
    """A desk with a person and a project, closed again."""
    with catalogs.opened(home) as catalog:
        with catalog.read() as reader:
            known = reader.value("SELECT count(*) FROM project")
        if not known:
            catalogs.settle_in(catalog)
        volumes = Volumes(catalog, Ingest(), patience=Patience(seconds))
        scanner = Scanner(catalog, volumes, quiet_ms=lambda: quiet_ms)
        yield Desk(catalog, volumes, scanner, Assembling(catalog), Notes(catalog))


def later(desk: Desk, seconds: int = 10) -> None:
    """The desk's scans take place this much later."""
    desk.scanner._now_ns = lambda: time.time_ns() + seconds * 1_000_000_000
    # Where times are counted in hundredths, what follows has another one.
    time.sleep(0.011)
