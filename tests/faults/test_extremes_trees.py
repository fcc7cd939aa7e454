"""Trees at the ends of what a filesystem takes: each works or is left out with a reason, and the rest of the volume goes on."""

import os
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from app.core.ingest.walking import DEEPEST
from app.core.ingest.watching import Watcher
from tests.support import probe_media, volumes
from tests.support.fuzz_pass import Damage
from tests.support.volumes import put

FILES = 100_000


def _dig(root: Path, name: str, count: int) -> int:
    """So many folders in one another, each of this name; a handle of the last."""
    place = os.open(root, os.O_RDONLY)
    for _ in range(count):
        os.mkdir(name, dir_fd=place)
        deeper = os.open(name, os.O_RDONLY, dir_fd=place)
        os.close(place)
        place = deeper
    return place


def _fill_in(root: Path, name: str, count: int) -> None:
    """Takes them away again, from the inside: no path is long enough to name the last."""
    place = _dig_again(root, name, count)
    for _ in range(count):
        above = os.open("..", os.O_RDONLY, dir_fd=place)
        os.close(place)
        os.rmdir(name, dir_fd=above)
        place = above
    os.close(place)


def _dig_again(root: Path, name: str, count: int) -> int:
    place = os.open(root, os.O_RDONLY)
    for _ in range(count):
        deeper = os.open(name, os.O_RDONLY, dir_fd=place)
        os.close(place)
        place = deeper
    return place


@pytest.mark.parametrize("count", [1_500, pytest.param(10_000, marks=pytest.mark.long)])
def test_folders_in_folders_without_end_are_left_out_by_name(tmp_path: Path, count: int) -> None:
    root = tmp_path / "card"
    put(root, "rest/one.wav")
    put(root, f"{'n' * 251}.wav", at=1)
    os.close(_dig(root, "d", count))
    with volumes.desk(tmp_path / "home") as desk:
        volume = desk.add(root)
        assert set(desk.places()) == {"rest/one.wav", f"{'n' * 251}.wav"}
        (skipped,) = desk.look(volume).skipped
        assert skipped.reason == f"more than {DEEPEST} folders deep"
        assert not desk.scanner.quick(volume.id).unclear
        assert desk.hash_all() == 2
        watcher = Watcher(desk.catalog)
        watcher.keep(desk.volumes.every())
        assert "looking every few minutes" in desk.volumes.get(volume.id).watcher
        watcher.close()
    _fill_in(root, "d", count)


@pytest.mark.long
@pytest.mark.timeout(7200)
def test_a_folder_of_a_hundred_thousand_files(tmp_path: Path) -> None:
    damage = Damage(tmp_path)
    form = probe_media.pcm_format(1, bits=16)
    folder = damage.volume / "day"
    folder.mkdir()
    for number in range(FILES):
        samples = probe_media.chunk(b"data", number.to_bytes(4, "little") * 48)
        (folder / f"{number:06}.wav").write_bytes(probe_media.wave(form, samples))
    damage.desk.ask("volume", "add", damage.volume, "--derive", "touched")
    watched = damage.run(seconds=7000)
    states: Counter[str] = Counter()
    after: tuple[str, ...] = ()
    while True:
        page = damage.desk.ask("clips", "--limit", 10_000, *after)
        states.update(clip["state"] for clip in page["clips"])
        if page["next"] is None:
            break
        after = ("--after", page["next"])
    assert states == {"ready": FILES}
    begun = time.monotonic()
    again = damage.desk.ask("scan")
    assert (again["new"], again["missing"]) == (0, 0)
    seconds = time.monotonic() - begun
    sys.stdout.write(f"\n{FILES} files in one folder: {watched}; again {seconds:.1f} s\n")
