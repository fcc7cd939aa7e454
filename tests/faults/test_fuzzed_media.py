"""Media that is damaged by seed goes through the whole program: each file works or is flagged with words, and the queue goes on."""

import sys
from pathlib import Path

import pytest

from tests.support import fuzz, fuzz_media
from tests.support.fuzz_pass import Damage, Watched

pytestmark = pytest.mark.timeout(900)
FEW = range(12)
"""Each way of damage once at least."""
MANY = 500
GOOD = ("good.mov", "zz good.wav")


def test_damage_is_the_same_for_a_seed() -> None:
    data = (
        bytes(n * 7 % 256 for n in range(9000))
        + b"\0\0\0\x10moov\0\0\0\x08trak\0\0\0\x20stsz"
        + bytes(60)
    )
    for way in fuzz.WAYS:
        one = [fuzz.damage(data, seed, way) for seed in range(20)]
        assert one == [fuzz.damage(data, seed, way) for seed in range(20)]
        assert data not in one
        assert len(set(one)) > 5
        assert fuzz.damage(b"", 1, way) is not None


def test_damaged_media_works_or_says_what_is_wrong(tmp_path: Path) -> None:
    pass_over(tmp_path, FEW, asked=False)


@pytest.mark.long
@pytest.mark.timeout(7200)
def test_five_hundred_damaged_files(tmp_path: Path) -> None:
    pass_over(tmp_path, range(MANY), asked=True)


def pass_over(folder: Path, seeds: range, *, asked: bool = True) -> Watched:
    """Through scan, probe, posters, proxies; then everything is asked of each clip."""
    damage = Damage(folder)
    made = fuzz_media.originals(folder / "originals")
    files = fuzz_media.fill(damage.volume, made, seeds)
    for name, kind in zip(GOOD, ("prores.mov", "take.wav"), strict=True):
        (damage.volume / name).write_bytes(made[kind].read_bytes())
    before = seen(damage.volume)
    damage.desk.ask("volume", "add", damage.volume, "--derive", "all")
    watched = damage.run()
    found = damage.answers([file.path for file in files])
    good = damage.answers([Path(name) for name in GOOD])
    assert good == {"ready": 2}, "one bad file takes no other along"
    codes = damage.ask_of_each() if asked else {}
    assert damage.broken() == []
    assert seen(damage.volume) == before, "nothing is written to a volume"
    sys.stdout.write(f"\n{len(files)} files: {dict(found)}; {watched}; {dict(codes)}\n")
    return watched


def seen(folder: Path) -> list[tuple[str, int, int]]:
    """Everything in a folder with size and time."""
    found = [(path, path.lstat()) for path in folder.rglob("*")]
    return sorted((str(path), info.st_size, info.st_mtime_ns) for path, info in found)
