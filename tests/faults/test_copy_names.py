"""What a destination cannot hold, told before the first byte: names, twins, room, sizes. What comes all the same is refused, never lost."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core.files.copy_names import by_type
from app.core.files.copying import (
    Leg,
    Planned,
    PlanProblem,
    RootGuard,
    copy_file,
    copy_files,
    plan_space,
)
from app.core.model.errors import Refused
from tests.support.copy_truth import copied, in_memory, left_over, leg, lies, listed, tree
from tests.support.fuse_disk import Disk, Ways

MIB = 1 << 20
CLIP = random.Random(5).randbytes(3 * MIB + 99)
FILES = {"CLIP.MXF": CLIP, **{f"DCIM/C{n}.mov": bytes([n]) * 70_000 for n in range(4)}}


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return tree(tmp_path / "card", FILES)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """A disk whose ways are chosen."""
    with Disk(tmp_path / "behind", tmp_path / "disk") as mounted:
        yield mounted


def kinds(problems: tuple[PlanProblem, ...]) -> dict[str, PlanProblem]:
    return {problem.kind: problem for problem in problems}


def test_two_names_that_are_one_there_are_told_before_the_copy_and_neither_is_lost(
    tmp_path: Path, disk: Disk
) -> None:
    source = tree(
        tmp_path / "twins", {"Clip.mov": b"one", "clip.mov": b"two", "d/x": b"3", "D/y": b"4"}
    )
    one = leg(disk.mount)
    planned = [Planned(rel, 3) for rel in listed(source)]
    assert plan_space([one], planned) == ()
    disk.weather(ways=Ways(folds=True))
    twins = kinds(plan_space([one], planned))["twins"]
    assert set(twins.rels) == {"Clip.mov", "clip.mov", "d", "D"}
    assert twins.count == 4
    for content in (b"two", b"one"):
        (source / "clip.mov").write_bytes(content)
        results = list(copy_files(source, ["Clip.mov", "clip.mov"], [one]))
        assert [len(result.done) for result in results] == [1, 0]
        assert isinstance(results[1].legs[one.id], Refused)
        assert (disk.behind / "Card" / "Clip.mov").read_bytes() == b"one"


@pytest.mark.parametrize("form", ["NFD", "NFC"])
def test_accents_in_one_piece_and_in_two(tmp_path: Path, disk: Disk, form: str) -> None:
    whole, pieces = "caf\u00e9.mov", "cafe\u0301.mov"
    source = tree(tmp_path / "twins", {whole: b"one", pieces: b"two"})
    one = leg(disk.mount)
    planned = [Planned(whole, 3), Planned(pieces, 3)]
    assert plan_space([one], planned) == ()
    disk.weather(ways=Ways(form=form))
    assert set(kinds(plan_space([one], planned))["twins"].rels) == {whole, pieces}
    assert plan_space([one], planned[:1]) == ()
    results = list(copy_files(source, [whole, pieces], [one]))
    assert [len(result.done) for result in results] == [1, 0]
    again = copy_file(source, whole, [one])
    assert again.already == {one.id}


def test_names_that_a_disk_does_not_take_are_told_before_the_copy(
    tmp_path: Path, disk: Disk
) -> None:
    bad = ["CON.mov", "a/aux", "point.", "blank ", "what?.mov", "two\nlines", 'quo"te']
    good = ["CLIP.MXF", "console.mov", ".hidden", "café.mov", "a/b c.mov"]
    source = tree(tmp_path / "names", dict.fromkeys((*bad, *good), b"x"))
    one = leg(disk.mount)
    planned = [Planned(rel, 1) for rel in listed(source)]
    assert plan_space([one], planned) == ()
    disk.weather(ways=Ways(windows=True))
    found = kinds(plan_space([one], planned))
    assert set(found) == {"names"}
    assert set(found["names"].rels) == set(bad)
    results = copied(source, [*bad, *good], [one])
    refused = {rel for rel, result in results.items() if not result.done}
    assert refused == set(bad)
    assert all(isinstance(results[rel].legs[one.id], Refused) for rel in bad)
    assert {result.legs[one.id].title for result in results.values() if not result.done} == {
        "The name cannot be on that disk"
    }


def test_names_are_known_by_the_type_where_nothing_may_be_made() -> None:
    names = ["CON.mov", "point.", "x" * 256, "ä" * 200, "raw\udce9", "good.mov"]
    assert by_type("vfat", 1530, names).refused == {"CON.mov", "point.", "x" * 256, "raw\udce9"}
    assert by_type("ext4", 255, names).refused == {"x" * 256, "ä" * 200}
    assert by_type("exfat", 255, []).key("Clip") == by_type("cifs", 255, []).key("cLIP")
    assert by_type("apfs", 255, []).key("caf\u00e9") == by_type("apfs", 255, []).key("CAFE\u0301")
    assert by_type("xfs", 255, []).key("Clip") != by_type("xfs", 255, []).key("clip")


def test_too_little_room_is_told_with_figures_before_the_first_byte(tmp_path: Path) -> None:
    with in_memory(tmp_path / "small", "size=1m,nr_inodes=20") as place:
        small, large = leg(place), leg(tmp_path / "good")
        planned = [Planned(f"d/{n}", 40_000) for n in range(30)]
        found = plan_space([small, large], planned)
        assert {problem.leg_id for problem in found} == {"small"}
        assert kinds(found)["room"].needed == 30 * 40_960 + 4096
        assert 0 < kinds(found)["room"].there <= MIB
        assert kinds(found)["files"].needed == 31
        assert "1.23" not in kinds(found)["room"].error.message
        assert "0.00 GB are needed" in kinds(found)["room"].error.message
        assert listed(place) == []
        # Two legs on one disk share its room.
        half = [Planned("d/x", 600_000)]
        both = [small, Leg("again", RootGuard.of(place), "Other")]
        assert plan_space([small], half) == ()
        assert {problem.leg_id for problem in plan_space(both, half)} == {"small", "again"}


def test_a_file_that_is_too_large_for_a_disk_is_told_and_never_cut(
    source: Path, tmp_path: Path, disk: Disk
) -> None:
    one, good = leg(disk.mount), leg(tmp_path / "good")
    large = [Planned("a.mov", 5 << 30), Planned("b.mov", 3 << 30), Planned("c.mov", 1)]
    disk.weather(ways=Ways(largest=(1 << 32) - 1))
    found = kinds(plan_space([one], large))["too big"]
    assert (found.rels, found.needed) == (("a.mov",), 5 << 30)
    disk.weather(ways=Ways(largest=2 * MIB))
    results = list(copied(source, FILES, [one, good]).values())
    assert [result.rel for result in results if one.id not in result.done] == ["CLIP.MXF"]
    assert results[0].legs[one.id].title == "The file is too big for that disk"
    assert lies(source, results, one.id, disk.behind) == []
    assert "CLIP.MXF" not in listed(disk.behind / "Card")
    assert all(good.id in result.done for result in results)


@pytest.mark.parametrize("links", [True, False])
def test_a_disk_without_links_and_without_exclusive_renames_takes_copies_too(
    source: Path, disk: Disk, links: bool
) -> None:
    disk.weather(ways=Ways(links=links))
    one = leg(disk.mount)
    results = copied(source, FILES, [one])
    assert all(result.done for result in results.values())
    assert lies(source, results.values(), one.id, disk.behind) == []
    assert left_over(disk.behind) == []
    (disk.behind / "Card" / "CLIP.MXF").write_bytes(b"other")
    assert isinstance(copy_file(source, "CLIP.MXF", [one]).legs[one.id], Refused)
    assert (disk.behind / "Card" / "CLIP.MXF").read_bytes() == b"other"
