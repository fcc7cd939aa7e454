"""Histories of ours before the reference tool, and its before us: one chain of custody, whoever adds to it."""

import os
import random
import shutil
from pathlib import Path

import pytest

from app.core.files.mhl_history import read_history
from app.core.files.mhl_ignore import compiled, held_out
from app.core.files.mhl_values import CHAIN, FOLDER, State
from app.core.files.mhl_verify import verify
from tests.support.mhl_cases import in_reference, make, reference, seal

WHOLE, MISSING, DIFFERS, NEW, CHANGED, NO_CHAIN, NO_MANIFEST = 0, 10, 11, 21, 31, 32, 33
"""How the reference tool ends."""

TREE = {
    "Clips/A001C001.mov": b"one",
    "Clips/A001C002.mov": b"two" * 1000,
    "Clips/deep/er/é 日本.txt": b"",
    "side & <car>.txt": b"three",
    "back\\slash": b"four",
}


@pytest.fixture
def card(tmp_path: Path) -> Path:
    root = make(tmp_path / "A001 R2EC", TREE)
    (root / "empty").mkdir()
    return root


def test_ours_is_verified_continued_and_read_again(card: Path) -> None:
    assert verify(card, first=True).generation
    assert reference("diff", card).returncode == WHOLE
    assert reference("verify", card).returncode == WHOLE
    folders = reference("verify", card, "-dh", "-v")
    assert folders.returncode == WHOLE, folders
    assert folders.stdout.count("OK (generation 0001)") == 5, "our hashes of folders are its own"
    assert reference("create", card, "-h", "xxh64", "-h", "c4").returncode == WHOLE
    found = read_history(card)
    assert not found.all_problems
    assert [g.header.tool for g in found.generations] == ["Rushes", "ascmhl"]
    assert found.known["Clips/A001C001.mov"].values.keys() == {"xxh64", "c4"}
    third = verify(card, formats=["c4", "md5", "sha1", "xxh128", "xxh3", "xxh64"])
    assert (third.verified, third.damage, third.left) == (5, False, False)
    assert reference("create", card, "-h", "md5").returncode == WHOLE
    assert reference("verify", card, "-dh", "-v").returncode == WHOLE
    assert not verify(card).damage


@pytest.mark.parametrize("ours", [True, False], ids=["ours", "its own"])
def test_the_same_verdict_on_each_change(card: Path, ours: bool) -> None:
    if ours:
        verify(card, first=True)
    else:
        assert reference("create", card, "-h", "xxh64").returncode == WHOLE
    original = card.with_name("original")
    shutil.copytree(card, original)

    def anew() -> None:
        shutil.rmtree(card)
        shutil.copytree(original, card)

    (card / "Clips/A001C001.mov").write_bytes(b"onf")
    assert reference("verify", card).returncode == DIFFERS
    assert [f.path for f in verify(card, write=False).failed] == ["Clips/A001C001.mov"]
    anew()
    (card / "Clips/A001C001.mov").unlink()
    assert reference("diff", card).returncode == MISSING
    assert verify(card, write=False).missing == ["Clips/A001C001.mov"]
    anew()
    (card / "empty").rmdir()
    assert reference("diff", card).returncode == MISSING
    assert verify(card, write=False).missing == ["empty/"]
    anew()
    (card / "new").write_bytes(b"new")
    assert reference("diff", card).returncode == NEW
    found = verify(card, write=False)
    assert (found.new, found.damage) == (["new"], False)
    anew()
    first = next((card / FOLDER).glob("0001*"))
    first.write_bytes(first.read_bytes().replace(b"in-place", b"transfer"))
    assert reference("diff", card).returncode == CHANGED
    assert [p.state for p in verify(card).problems] == [State.OTHER_MANIFEST]
    first.unlink()
    assert reference("diff", card).returncode == NO_MANIFEST
    assert [p.state for p in verify(card).problems] == [State.NO_MANIFEST]
    (card / FOLDER / CHAIN).unlink()
    assert reference("diff", card).returncode == NO_CHAIN
    assert [p.state for p in verify(card).problems] == [State.NO_CHAIN]


def test_a_failure_recorded_by_one_is_a_failure_to_the_other(card: Path) -> None:
    verify(card, first=True)
    path = card / "side & <car>.txt"
    path.write_bytes(b"eerht")
    assert verify(card).generation
    assert reference("create", card, "-h", "xxh64").returncode == DIFFERS
    assert [f.path for f in verify(card).failed] == [path.name]
    path.write_bytes(b"three")
    assert reference("create", card, "-h", "xxh64").returncode == WHOLE
    assert not verify(card).damage


@pytest.mark.parametrize("ours", [True, False], ids=["ours", "its own"])
def test_renames_recorded_by_one_are_known_to_the_other(card: Path, ours: bool) -> None:
    verify(card, first=True)
    (card / "Clips/A001C002.mov").rename(card / "Clips/B001C002.mov")
    (card / "Clips/deep/er").rename(card / "Clips/deep/here")
    if ours:
        assert len(verify(card).renamed) == 3
    else:
        assert reference("create", card, "-h", "xxh64", "-dr").returncode == WHOLE
    assert reference("diff", card).returncode == WHOLE
    found = verify(card)
    assert (found.missing, found.new, found.renamed) == ([], [], [])
    assert found.verified == 5


def test_nested_histories_of_both(tmp_path: Path) -> None:
    day = make(
        tmp_path / "day", {"r.pdf": b"r", "A/A1/a.mov": b"a", "B/b.mov": b"b", "B/x.tmp": b""}
    )
    verify(day / "A/A1", first=True)
    assert reference("create", day / "B", "-h", "xxh64", "-i", "*.tmp").returncode == WHOLE
    verify(day, first=True)
    assert reference("diff", day).returncode == WHOLE
    assert reference("create", day, "-h", "xxh64").returncode == WHOLE
    found = read_history(day)
    assert not found.all_problems
    assert [(one.below, len(one.generations)) for one in found.every()] == [
        ("A/A1", 3),
        ("B", 3),
        ("", 2),
    ]
    assert not verify(day).new
    (day / "A/A1/a.mov").write_bytes(b"A")
    assert reference("verify", day).returncode == DIFFERS
    assert [f.path for f in verify(day).failed] == ["A/A1/a.mov"]
    shutil.rmtree(day / "B" / FOLDER)
    assert [p.state for p in verify(day).problems] == [State.NO_NESTED]
    assert reference("create", day, "-h", "xxh64").returncode != WHOLE


def test_names_the_reference_cannot_write_stand_in_a_history_it_can_read(tmp_path: Path) -> None:
    root = make(tmp_path / "odd", {os.fsdecode(b"caf\xe9"): b"one", "plain": b"two"})
    assert verify(root, first=True).generation
    (root / os.fsdecode(b"caf\xe9")).unlink()
    assert reference("info", root).returncode == WHOLE
    answer = reference("verify", root)
    assert (answer.returncode, "caf%E9" in answer.stderr + answer.stdout) == (MISSING, True)
    assert verify(root).missing == [os.fsdecode(b"caf\xe9")]


def test_patterns_fit_what_they_fit_there(tmp_path: Path) -> None:
    chance = random.Random(5)
    words = ["a", "b", "*", "?", "**", "a*", "*b", "[a-c]", "[!a]", "*a*b*", ".DS_Store", "\\*"]
    names = ["a", "b", "ab", "abc", "ba", "aab", ".DS_Store", "*", "xaybz"]
    lines = [
        ("/" if chance.random() < 0.3 else "")
        + "/".join(chance.choice(words) for _ in range(chance.randint(1, 4)))
        + ("/" if chance.random() < 0.2 else "")
        for _ in range(400)
    ]
    lines = [line for line in lines if not line.endswith("**/")]  # there it is not as git is
    paths = [
        "/".join(chance.choice(names) for _ in range(chance.randint(1, 4))) for _ in range(150)
    ]
    script = (
        "import sys, pathspec\nlines, paths = (x.split('\\0') for x in open(sys.argv[1]).read().split('\\1'))\n"
        "for line in lines:\n spec = pathspec.PathSpec.from_lines('gitwildmatch', [line])\n"
        " print(''.join('01'[spec.match_file(p)] for p in paths))"
    )
    asked = tmp_path / "asked"
    asked.write_text("\0".join(lines) + "\1" + "\0".join(paths), encoding="utf-8")
    theirs = in_reference(script, asked).split()
    for line, found in zip(lines, theirs, strict=True):
        patterns = compiled([line])
        ours = "".join("01"[held_out(patterns, path, folder=False)] for path in paths)
        assert ours == found, line


def test_a_history_of_ours_alone_is_no_worse_for_a_second_of_ours(card: Path) -> None:
    seal(card)
    seal(card, "md5", "xxh64")
    seal(card, "md5")
    assert reference("verify", card).returncode == WHOLE
    assert reference("create", card, "-h", "md5").returncode == WHOLE
    assert not read_history(card).all_problems
