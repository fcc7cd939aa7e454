"""Damaged histories by seed: each is a named state, nothing is added to it, nothing is a traceback."""

import os
import random
from pathlib import Path

import pytest

from app.core.files.mhl_values import CHAIN, FOLDER, State
from app.core.files.mhl_verify import verify
from tests.support.mhl_cases import make, seal


def damaged(data: bytes, chance: random.Random) -> bytes:
    """Bytes with some of them flipped, taken out, doubled or cut off."""
    found = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        at, length = chance.randrange(len(found) + 1), chance.choice((1, 1, 3, 40, 400))
        match chance.randrange(5):
            case 0:
                found[at : at + 1] = bytes([chance.randrange(256)])
            case 1:
                del found[at : at + length]
            case 2:
                found[at:at] = found[at : at + length]
            case 3:
                found[at:at] = chance.choice(
                    (b"<hash>", b"</hashes>", b"&x;", b"]]>", b"\0", b"\xff\xfe", b"../")
                )
            case _:
                del found[at:]
    return bytes(found)


def shaken(root: Path, seeds: range) -> set[State]:
    """Damages the history of a folder by each seed and verifies it; which states came of it."""
    names = sorted(p for p in (root / FOLDER).iterdir())
    whole = {path: path.read_bytes() for path in names}
    states: set[State] = set()
    for seed in seeds:
        chance = random.Random(seed)
        path = chance.choice(names)
        path.write_bytes(damaged(whole[path], chance))
        found = verify(root)
        states |= {problem.state for problem in found.problems}
        if path.read_bytes() != whole[path] and path.name != CHAIN:
            assert found.damage, f"seed {seed}: {path.name} was altered, and nothing was said"
        if found.damage:
            assert found.generation is None, seed
        for one in (root / FOLDER).iterdir():
            if one not in whole:
                one.unlink()
        for one, data in whole.items():
            one.write_bytes(data)
    return states


@pytest.mark.parametrize(
    "seeds", [range(60), pytest.param(range(60, 6000), marks=pytest.mark.long)]
)
def test_no_damage_of_a_history_is_a_traceback(tmp_path: Path, seeds: range) -> None:
    root = make(tmp_path / "day", {"A001/a.mov": b"a", "b.mov": b"b", os.fsdecode(b"\xe9"): b"c"})
    seal(root / "A001")
    seal(root)
    seal(root, "xxh64", "c4")
    states = shaken(root, seeds)
    assert {State.OTHER_MANIFEST, State.BAD_MANIFEST, State.BAD_CHAIN} <= states
