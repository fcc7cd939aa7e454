"""What copies say of themselves, against what is on the disk: a copy that is told and is not there is a lie."""

import contextlib
import os
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pytest

from app.core.files.copy_result import CopyResult
from app.core.files.copying import Leg, RootGuard, copy_files, make_folders
from app.core.platform.durable import TEMPORARY_PREFIX


@contextlib.contextmanager
def in_memory(place: Path, options: str) -> Iterator[Path]:
    """A disk in memory of its own."""
    place.mkdir(exist_ok=True)
    words = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(words, capture_output=True, check=False).returncode:
        pytest.skip("NOT RUN: full disks need the right to mount (root)")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", place], check=True)


def tree(root: Path, files: Mapping[str, bytes]) -> Path:
    """A source: files by their paths below the root."""
    for rel, data in files.items():
        path = root / rel
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        os.utime(path, ns=(1_600_000_000_000_000_000, 1_600_000_000_000_000_000))
    return root


def leg(root: Path, folder: str = "Card", name: str = "") -> Leg:
    """A leg to a folder, which is made."""
    root.mkdir(exist_ok=True)
    return Leg(name or root.name, RootGuard.of(root), folder, name or root.name)


def copied(source: Path, rels: Iterable[str], legs: list[Leg]) -> dict[str, CopyResult]:
    """A copy of these files with their folders; what became of each."""
    every = list(rels)
    for one in legs:
        make_folders(one, {rel.rpartition("/")[0] for rel in every} - {""})
    return {result.rel: result for result in copy_files(source, every, legs)}


def lies(
    source: Path, results: Iterable[CopyResult], leg_id: str, behind: Path, folder: str = "Card"
) -> list[str]:
    """What is told as done on a leg and is not there, or is not what the source is."""
    found: list[str] = []
    for result in results:
        copy = behind / folder / result.rel
        if leg_id not in result.done:
            continue
        if not copy.is_file():
            found.append(f"{result.rel} is not there")
        elif copy.read_bytes() != (source / result.rel).read_bytes():
            found.append(f"{result.rel} is another")
    return found


def halves(source: Path, folder: Path) -> list[str]:
    """Files under final names that are not what the source has under that name."""
    return [
        rel
        for rel in listed(folder)
        if not _ours(rel) and (folder / rel).read_bytes() != (source / rel).read_bytes()
    ]


def left_over(folder: Path) -> list[str]:
    """Temporary files and folders of ours."""
    every = (os.path.relpath(path, folder) for path in folder.rglob("*"))
    return sorted(rel for rel in every if _ours(rel))


def listed(folder: Path) -> list[str]:
    """Every file below a folder."""
    return sorted(os.path.relpath(path, folder) for path in folder.rglob("*") if path.is_file())


def _ours(rel: str) -> bool:
    return rel.rpartition("/")[2].startswith(TEMPORARY_PREFIX)
