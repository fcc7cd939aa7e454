"""Folders with media hash lists for tests, and the reference tool that is asked what it makes of them."""

import subprocess
import sys
from pathlib import Path

from app.core.files.digests import HashName, hash_of
from app.core.files.mhl_history import write_generation
from app.core.files.mhl_values import FOLDER, MhlHash

CARD = {
    "Clips/A001C001.mov": b"one",
    "Clips/A001C002.mov": b"two",
    "Clips/deep/er/x": b"x",
    "side car.txt": b"three",
}
ORACLE = Path(sys.prefix).parent / ".cache" / "oracle" / "bin" / "python"
_CALL = "import sys; from ascmhl import commands; getattr(commands, sys.argv[1])(sys.argv[2:])"


def make(root: Path, files: dict[str, bytes] = CARD) -> Path:
    """A folder with these files."""
    for name, data in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return root


def hashes(root: Path, *names: HashName) -> list[MhlHash]:
    """What is in a folder, hashed; xxh64 where no name is given."""
    found: list[MhlHash] = []
    for path in sorted(root.rglob("*")):
        if path.is_file() and FOLDER not in path.parts:
            data = path.read_bytes()
            taken: dict[HashName, str] = {n: hash_of(n, data) for n in names or ("xxh64",)}
            rel = str(path.relative_to(root))
            found.append(MhlHash(rel, len(data), path.stat().st_mtime_ns, taken))
    return found


def seal(root: Path, *names: HashName) -> Path:
    """One more generation of what is there."""
    return write_generation(root, hashes=hashes(root, *names), process="in-place")


def reference(command: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """A command of the reference tool (`create`, `diff`, `verify`, `info` …), in its own environment.

    Called below its command line, which asks the network for newer versions of itself.
    """
    assert ORACLE.is_file(), "./test sets the reference tool up; run it once"
    return subprocess.run(
        [ORACLE, "-c", _CALL, command, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def in_reference(script: str, *arguments: object) -> str:
    """What a script says that runs in the reference tool's environment."""
    words = [ORACLE, "-c", script, *map(str, arguments)]
    done = subprocess.run(words, capture_output=True, text=True, check=True, timeout=120)
    return done.stdout
