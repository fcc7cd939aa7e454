"""Defects to plant: a rule of Rushes taken out of a copy of it, and the tests that then fail.

`tests/faults/planted/*.toml` lists them by family. A defect is a text of one file and what stands there instead, so
that it reaches child processes and workers as well, and is told to be stale as soon as the text is no longer there.

    python -m tests.support.planting            plants each and runs its tests
    python -m tests.support.planting NAME...    these
"""

import functools
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import NamedTuple

from tests.support.source import ROOT

LISTS = ROOT / "tests" / "faults" / "planted"
COPIED = ("app", "tests", "resources", "packaging", "pyproject.toml", "run", "test")
FAILED = 1
"""pytest's exit code where tests ran and some failed; any other says that nothing was shown."""


class Defect(NamedTuple):
    """A rule taken out: in `file`, `old` (there once) becomes `new`; each of the tests (node ids) fails then."""

    name: str
    rows: tuple[int, ...]
    """Of the fault matrix in docs/reliability.md."""
    file: str
    old: str
    new: str
    caught_by: tuple[str, ...]
    long: bool
    """Its tests are of the long lane."""


@functools.cache
def defects() -> tuple[Defect, ...]:
    """All of them, by family and in the order of their lists."""
    return tuple(
        Defect(
            one["name"],
            tuple(one["rows"]),
            one["file"],
            one["old"],
            one["new"],
            tuple(one["caught_by"]),
            one.get("long", False),
        )
        for path in sorted(LISTS.glob("*.toml"))
        for one in tomllib.loads(path.read_text(encoding="utf-8"))["defect"]
    )


def stale(defect: Defect) -> str:
    """Why it cannot be planted any more; empty where it can."""
    path = ROOT / defect.file
    count = path.read_text(encoding="utf-8").count(defect.old) if path.is_file() else 0
    if count != 1:
        return f"its text is {count} times in {defect.file}"
    if defect.old == defect.new:
        return "it changes nothing"
    for node in defect.caught_by:
        name, _, test = node.partition("::")
        source = ROOT / name
        if not source.is_file() or f"def {test.partition('[')[0]}(" not in source.read_text(
            "utf-8"
        ):
            return f"there is no {node}"
    return "" if defect.caught_by else "nothing is said to catch it"


def run(defect: Defect) -> str:
    """Plants it in a copy and runs its tests there; what they missed, empty where each failed."""
    with tempfile.TemporaryDirectory(prefix="planted-") as folder:
        copy = Path(folder)
        for name in COPIED:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy2(source, copy / name)
        (copy / ".venv").symlink_to(ROOT / ".venv")
        path = copy / defect.file
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace(defect.old, defect.new), encoding="utf-8")
        return "".join(
            filter(None, (_missed(copy, node, defect.long) for node in defect.caught_by))
        )


def _missed(copy: Path, node: str, long: bool) -> str:
    chosen = "long or not long" if long else "not long"
    words = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-x",
        "-p",
        "no:cacheprovider",
        "-m",
        chosen,
        node,
    ]
    found = dict(os.environ, PYTHONPATH=str(copy), PYTHONSAFEPATH="1", PYTHONDONTWRITEBYTECODE="1")
    done = subprocess.run(
        words, cwd=copy, env=found, capture_output=True, text=True, check=False, timeout=3600
    )
    if done.returncode == FAILED:
        return ""
    return f"{node} ended with {done.returncode}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}\n"


def main(*names: str) -> int:
    """Plants these, or all; says of each whether it was caught."""
    chosen = [one for one in defects() if not names or one.name in names]
    missed = 0
    for one in chosen:
        said = stale(one) or run(one)
        missed += bool(said)
        sys.stdout.write(f"{'NOT CAUGHT' if said else 'caught':10}  {one.name}\n{said}")
        sys.stdout.flush()
    sys.stdout.write(f"{len(chosen)} planted, {missed} not caught\n")
    return 1 if missed or not chosen else 0


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
