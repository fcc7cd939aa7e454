"""Real media hash lists: the reference tool's own scenarios, and legacy lists in every encoding."""

import re
import shutil
from pathlib import Path

import pytest

from app.core.files.mhl_history import read_history
from app.core.files.mhl_legacy import read_legacy
from app.core.files.mhl_verify import verify
from tests.support.footage import FOOTAGE
from tests.support.mhl_cases import reference

MHL = FOOTAGE / "mhl"
pytestmark = [
    pytest.mark.footage,
    pytest.mark.skipif(not MHL.is_dir(), reason="no footage folder beside the checkout"),
]
ROOTS = sorted(path.parent for path in MHL.glob("ascmhl/*/**/ascmhl"))
LEGACY = sorted(MHL.glob("legacy/*.mhl"))


@pytest.mark.parametrize("root", ROOTS, ids=lambda path: "/".join(path.parts[-3:]))
def test_a_reference_scenario_is_read_with_its_verdict_and_continued(
    root: Path, tmp_path: Path
) -> None:
    copy = tmp_path / root.name
    shutil.copytree(root, copy)
    log = next(one for one in root.parents if (one / "log.txt").is_file()) / "log.txt"
    said = dict(
        re.findall(r"hash for +(\S+) +xxh64: ([0-9a-f]{16})$", log.read_text(), re.MULTILINE)
    )
    history = read_history(copy)
    assert not history.all_problems
    held = {path: k.values["xxh64"] for path, k in history.known.items() if not k.folder}
    assert held
    assert {path: text for path, text in said.items() if path in held} == held
    found = verify(copy)
    assert (found.verified, found.damage, found.left, found.new) == (len(held), False, False, [])
    before = history.generations[-1].header.root
    after = read_history(copy).generations[-1].header.root
    assert [(v.text, v.structure) for v in after] == [(v.text, v.structure) for v in before]
    assert reference("verify", copy).returncode == 0
    assert reference("create", copy, "-h", "xxh64").returncode == 0
    assert not read_history(copy).all_problems


def test_the_scenarios_are_there() -> None:
    assert len(ROOTS) >= 3
    assert len(LEGACY) >= 12


@pytest.mark.parametrize("path", LEGACY, ids=lambda path: path.name[:50])
def test_a_legacy_list_is_read_whatever_its_encoding(path: Path, tmp_path: Path) -> None:
    found = read_legacy(path)
    assert found.version == "1.0"
    assert found.files
    assert not found.led_out
    assert {file.size for file in found.files} == {277}
    assert all(len(file.hashes["md5"]) == 32 for file in found.files)
    assert not any("\ufffd" in file.path or "\\" in file.path for file in found.files)
    shutil.copy(path, tmp_path / "list.mhl")
    seen = verify(tmp_path)
    assert (seen.basis, sorted(seen.missing)) == (
        "legacy list",
        sorted(file.path for file in found.files),
    )


def test_lists_of_the_same_files_in_several_encodings_say_the_same() -> None:
    mixed = [path for path in LEGACY if "mixed" in path.name]
    assert len(mixed) == 3
    assert len({tuple((f.path, f.hashes["md5"]) for f in read_legacy(p).files) for p in mixed}) == 1
