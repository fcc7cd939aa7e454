"""Folders full of files, and the quickest programs that look at one."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

IN_EACH = 100
"""Files of a folder."""


def ready(root: Path, count: int) -> Path:
    """So many empty files of old date, as shooting days lie on a disk; made where they are not there yet."""
    done = root.with_name(f"{root.name}.made")
    if done.exists():
        return root
    for number in range(count // IN_EACH):
        folder = root / f"Day {number // 20:03d}" / f"A{number:04d}"
        folder.mkdir(parents=True, exist_ok=True)
        for clip in range(IN_EACH):
            path = os.fspath(folder / f"A{number:04d}C{clip:03d}.mov")
            os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o644))
            os.utime(path, (1_700_000_000, 1_700_000_000 + number))
    done.touch()
    return root


def find(root: Path) -> None:
    """Size and time of every file, by `find`."""
    words = ("find", root, "-type", "f", "-printf", "%p %s %T@\\n")
    subprocess.run(words, stdout=subprocess.DEVNULL, check=True)


def bare_walk(folder: str) -> int:
    """What Python itself takes to list and stat every file; how many there are."""
    count = 0
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                count += bare_walk(entry.path)
            else:
                count += entry.stat(follow_symlinks=False).st_size >= 0
    return count


def known_to_git(root: Path, kept: Path) -> Callable[[], None]:
    """Has git know the files of a tree, beside which it keeps nothing; returns its look whether something changed."""
    git = ("git", f"--git-dir={kept}", f"--work-tree={root}")
    for words in (("init", "-q"), ("add", "."), ("update-index", "-q", "--refresh")):
        subprocess.run((*git, *words), cwd=root, check=True, capture_output=True)

    def status() -> None:
        subprocess.run((*git, "status", "--porcelain"), cwd=root, capture_output=True, check=True)

    return status
