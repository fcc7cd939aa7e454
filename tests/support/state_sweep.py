"""What must hold of the disk that a kill or a power cut of `state_child` left, and of the one after the next run."""

import contextlib
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from app.core.catalog import integrity, renditions, uploads
from app.core.catalog.backups import folder as backups_of
from app.core.catalog.database import FILE_NAME, Catalog
from app.core.catalog.rows import Reader
from app.core.model.errors import RushesError
from app.core.platform import settings as settings_file
from tests.support import state_child
from tests.support.source import ROOT

EVERYTHING = frozenset(
    {
        *state_child.NOTES,
        "rendition",
        "backup",
        "multipart",
        *(f"part {number}" for number in range(1, state_child.PARTS + 1)),
        "sent",
        "object",
        "setting",
    }
)
"""What a run to the end promises."""
MADE_AGAIN = frozenset(said for said in EVERYTHING if said == "rendition" or said[:4] == "part")
"""Of these a power cut may take the row, because it can be had again; never the file of a row that is there."""


@pytest.fixture(scope="session")
def before(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """The data folder as each phase finds it."""
    return stages(tmp_path_factory.mktemp("before"))


def words(home: Path, *more: str) -> list[str]:
    """The words that start the child."""
    return [sys.executable, "-B", "-m", "tests.support.state_child", str(home), *(more or ("all",))]


def stages(place: Path) -> Mapping[str, Path]:
    """The data folder as each phase finds it. A phase of its own keeps one thread from hiding the calls of another."""
    last = place / "nothing"
    last.mkdir()
    found: dict[str, Path] = {}
    for phase in state_child.PHASES:
        found[phase] = last
        last = shutil.copytree(last, place / f"after {phase}")
        subprocess.run(words(last, phase), cwd=ROOT, check=True, capture_output=True)
    return found


def wrong(home: Path, told: set[str]) -> list[str]:
    """What does not hold on the disk that a kill left."""
    if not (home / FILE_NAME).exists() or not (home / FILE_NAME).stat().st_size:
        return [f"promised and not there: {told}"] if told else []
    try:
        with contextlib.closing(Catalog.open(home)) as catalog, catalog.read() as reader:
            found = [f"{what}: {of}" for check in integrity.CHECKS for what, of in check(reader)]
            there = _kept(home, reader, found)
    except RushesError as error:
        return [f"it does not open: {error}"]
    there |= (
        {"backup"} if list(backups_of(home / FILE_NAME).glob("catalog_*_asked.sqlite")) else set()
    )
    if settings_file.load(home).sync.grace_seconds == int(state_child.SETTING[1]):
        there.add("setting")
    final = home / state_child.STORE / state_child.PLACE
    if final.exists() and not all(_is(final / f, state_child.PICTURE) for f in state_child.FILES):
        found.append("a half rendition under its final name")
    sent = home / state_child.BUCKET / state_child.SENT
    if sent.exists() and not _is(sent, state_child.FOOTAGE):
        found.append("a half object under its final name")
    return found + [f"promised and not there: {one}" for one in sorted(told - there)]


def _kept(home: Path, reader: Reader, found: list[str]) -> set[str]:
    """What the catalog says; what it says and is not so goes to `found`."""
    there = set(map(str, reader.column("SELECT text FROM note")))
    for _, path, _, _ in renditions.stored(reader):
        there.add("rendition")
        if not _is(home / state_child.STORE / path, state_child.PICTURE):
            found.append(f"recorded and not there: {path}")
    for upload in uploads.every(reader):
        if upload.key == state_child.SENT:
            there |= {"object"} if upload.state == "verified" else set()
            sent = home / state_child.BUCKET / upload.key
            if upload.state == "verified" and not _is(sent, state_child.FOOTAGE):
                found.append(f"verified and not there: {upload.key}")
            continue
        there |= {"multipart"} if upload.multipart_id else set()
        there |= {f"part {number}" for number, *_ in uploads.parts(reader, upload.id)}
        there |= {"sent"} if upload.state == "sent" else set()
    return there


def _is(path: Path, data: bytes) -> bool:
    return path.is_file() and path.stat().st_size == len(data) and path.read_bytes() == data


def unfinished(home: Path) -> list[str]:
    """What the next run does not make good."""
    done = subprocess.run(words(home), cwd=ROOT, capture_output=True, text=True, check=False)
    found = [done.stderr] if done.returncode else []
    found += wrong(home, set(EVERYTHING))
    with contextlib.closing(Catalog.open(home)) as catalog, catalog.read() as reader:
        if len(reader.column("SELECT text FROM note")) != len(state_child.NOTES):
            found.append("a note is there twice")
    return [f"after the next run: {what}" for what in (*found, *_left_over(home))]


def _left_over(home: Path) -> Sequence[str]:
    return [
        f"left over: {path.relative_to(home)}"
        for place in {
            home,
            (home / state_child.STORE).resolve(),
            (home / state_child.BUCKET).resolve(),
        }
        for path in place.rglob("*")
        if path.suffix in (".tmp", ".part")
        or path.name.startswith(".backup-")
        or (path.parent.name == "incoming" and path.is_file())
    ]
