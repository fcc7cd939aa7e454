"""Destinations and sources that err, fill up, go away, damage and lose: what is told as done is there, and the rest is told."""

import contextlib
import errno
import os
import random
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core.files import copy_back
from app.core.files.copying import (
    Leg,
    Planned,
    RootGuard,
    copy_file,
    copy_files,
    make_folders,
    plan_space,
    read_back,
    stops,
)
from app.core.files.hashing import full_hash
from app.core.model.errors import Away, Missing, NoRoom, Passing, Refused, RushesError
from app.core.platform import entries, grounds
from tests.support.copy_truth import copied, in_memory, left_over, leg, lies, listed, tree
from tests.support.fuse_disk import Disk, Ways
from tests.support.fuse_share import Rule
from tests.support.loop_disk import LoopDisk

KIB, MIB = 1 << 10, 1 << 20
CLIP = random.Random(5).randbytes(3 * MIB + 99)
FILES = {"CLIP.MXF": CLIP, **{f"DCIM/C{n}.mov": bytes([n]) * 70_000 for n in range(4)}}


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return tree(tmp_path / "card", FILES)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """A disk that misbehaves as told."""
    with Disk(tmp_path / "behind", tmp_path / "disk") as mounted:
        yield mounted


def holds(source: Path, legs: list[Leg], behind: dict[str, Path]) -> dict[str, list[RushesError]]:
    """Copies everything; checks that no leg lies and nothing is left over; what each leg said."""
    results = list(copied(source, FILES, legs).values())
    for one in legs:
        assert lies(source, results, one.id, behind[one.id]) == []
        assert left_over(behind[one.id]) == []
    return {one.id: [error for result in results if (error := result.legs[one.id])] for one in legs}


# --- room


@pytest.mark.parametrize("options", ["size=2m", "size=64m,nr_inodes=5"])
def test_a_full_disk_stops_its_leg_alone_and_goes_on_with_room(
    source: Path, tmp_path: Path, options: str
) -> None:
    with in_memory(tmp_path / "small", options) as place:
        small, good = leg(place), leg(tmp_path / "good")
        places = {"small": place, "good": good.root}
        said = holds(source, [small, good], places)
        assert said["good"] == []
        assert said["small"]
        assert all(isinstance(error, NoRoom) and stops(error) for error in said["small"])
        assert {error.subject for error in said["small"]} == {"small"}
        title = "The disk takes no more files" if "inodes" in options else "The disk is full"
        assert {error.title for error in said["small"]} == {title}
        words = ["mount", "-o", "remount,size=64m,nr_inodes=100", str(place)]
        subprocess.run(words, check=True)
        assert holds(source, [small, good], places) == {"small": [], "good": []}


@pytest.mark.parametrize(
    ("op", "code", "kind", "words"),
    [
        ("write", errno.EDQUOT, NoRoom, "quota"),
        ("write", errno.ENOSPC, NoRoom, "no room"),
        ("create", errno.ENOSPC, NoRoom, "no room"),
        ("write", errno.EIO, Passing, "failed while"),
        ("fsync", errno.EIO, Passing, "thrown away"),
        ("link", errno.EIO, Passing, "failed while"),
        ("write", errno.EROFS, Missing, "read-only"),
        ("write", errno.EFBIG, NoRoom, "larger than"),
        ("write", errno.ESTALE, Away, "does not answer"),
        ("write", errno.ENODEV, Away, "does not answer"),
        ("create", errno.EACCES, Refused, "no right"),
        ("write", errno.ENOTSUP, Missing, "could not be written"),
    ],
)
def test_what_a_disk_refuses_is_told_by_its_name(
    source: Path, tmp_path: Path, disk: Disk, op: str, code: int, kind: type, words: str
) -> None:
    bad, good = Leg("bad", RootGuard.of(disk.mount), "Card", "Shuttle 2"), leg(tmp_path / "good")
    copied(source, ["DCIM/C0.mov"], [bad])
    disk.weather(Rule(op=op, code=code, after=1))
    said = holds(source, [bad, good], {"bad": disk.behind, "good": good.root})
    assert said["good"] == []
    assert said["bad"]
    assert all(isinstance(error, kind) for error in said["bad"])
    assert all(words in error.message and "Shuttle 2" in error.message for error in said["bad"])
    disk.weather()
    assert holds(source, [bad, good], {"bad": disk.behind, "good": good.root})["bad"] == []


def test_after_a_failed_fsync_the_bytes_are_written_again(source: Path, disk: Disk) -> None:
    """A second fsync of the same file would say nothing: what was lost is lost."""
    one = leg(disk.mount)
    disk.weather(Rule(op="fsync", code=errno.EIO, count=1))
    first = copy_file(source, "CLIP.MXF", [one])
    assert isinstance(first.legs[one.id], Passing)
    assert listed(disk.behind) == []
    assert copy_file(source, "CLIP.MXF", [one]).done
    assert (disk.behind / "Card" / "CLIP.MXF").read_bytes() == CLIP


def test_a_folder_that_cannot_be_made_durable_holds_nothing_that_is_told(
    source: Path, disk: Disk
) -> None:
    one = leg(disk.mount)
    make_folders(one, ["DCIM"])
    disk.weather(Rule(op="fsyncdir", code=errno.EIO))
    result = copy_file(source, "CLIP.MXF", [one])
    assert isinstance(result.legs[one.id], Passing)
    disk.weather()
    assert copy_file(source, "CLIP.MXF", [one]).already == {one.id}


def test_a_disk_that_turns_read_only_halfway_keeps_what_it_has(
    source: Path, tmp_path: Path, disk: Disk
) -> None:
    one, good = leg(disk.mount), leg(tmp_path / "good")

    def turn(done: int, _size: int) -> None:
        if done == MIB:
            disk.weather(ways=Ways(read_only=True))

    make_folders(one, ["DCIM"])
    results = list(copy_files(source, sorted(FILES, reverse=True), [one, good], progress=turn))
    assert lies(source, results, one.id, disk.behind) == []
    assert all(good.id in result.done for result in results)
    lost = [result.legs[one.id] for result in results if result.legs[one.id]]
    assert {error.title for error in lost if error} == {"The destination is read-only"}
    assert all(stops(error) for error in lost if error)
    with pytest.raises(Missing, match="read-only"):
        make_folders(one, ["another"])
    problems = plan_space([one], [Planned("x", 1)])
    assert [problem.kind for problem in problems] == ["leg"]


# --- away


def test_a_disk_that_is_pulled_out_is_told_and_nothing_is_made_in_its_place(
    source: Path, tmp_path: Path, disk: Disk
) -> None:
    one, good = leg(disk.mount), leg(tmp_path / "good")

    def pull(done: int, _size: int) -> None:
        if done == MIB:
            disk.unplug()

    make_folders(one, ["DCIM"])
    results = list(copy_files(source, FILES, [one, good], progress=pull))
    assert all(isinstance(result.legs[one.id], Away) for result in results)
    assert all(good.id in result.done for result in results)
    assert listed(disk.mount) == []
    with pytest.raises(Away):
        make_folders(one, ["DCIM"])
    assert isinstance(copy_file(source, "CLIP.MXF", [one]).legs[one.id], Away)
    assert [problem.kind for problem in plan_space([one], [])] == ["leg"]
    assert list(disk.mount.iterdir()) == []
    disk.plug()
    assert copy_file(source, "CLIP.MXF", [one]).done == {one.id}


def test_a_loop_disk_that_is_yanked_and_put_back_goes_on(source: Path, tmp_path: Path) -> None:
    with LoopDisk(tmp_path / "image", tmp_path / "mount") as disk:
        one = leg(disk.mount)
        lasting = one.guard.lasting
        copied(source, ["DCIM/C0.mov"], [one])
        disk.yank()
        assert isinstance(copy_file(source, "CLIP.MXF", [one]).legs[one.id], Away)
        with pytest.raises(Away):
            RootGuard.of(disk.mount, lasting)
        assert list(disk.mount.iterdir()) == []
        disk.plug()
        RootGuard.of(disk.mount, lasting)
        results = copied(source, FILES, [one])
        assert all(result.done for result in results.values())
        assert lies(source, results.values(), one.id, disk.mount) == []


def test_a_mount_taken_away_lazily_is_noticed_though_writes_go_on(
    source: Path, tmp_path: Path
) -> None:
    """Open files of it still take every write: the file lands on a disk that nobody sees any more."""
    with in_memory(tmp_path / "place", "size=64m") as place:
        one = leg(place)
        make_folders(one)

        def lazily(done: int, _size: int) -> None:
            if done == MIB:
                subprocess.run(["umount", "-l", place], check=True)
                subprocess.run(["mount", "-t", "tmpfs", "tmpfs", place], check=True)

        result = copy_file(source, "CLIP.MXF", [one], progress=lazily)
        assert isinstance(result.legs[one.id], Away)
        assert list(place.iterdir()) == []


@pytest.mark.parametrize("sort", ["tmpfs", "fuse"])
def test_another_disk_at_the_same_place_is_never_written_to(
    source: Path, tmp_path: Path, sort: str
) -> None:
    place = tmp_path / "place"
    with contextlib.ExitStack() as stack:
        if sort == "tmpfs":
            stack.enter_context(in_memory(place, "size=16m"))
        else:
            first = stack.enter_context(Disk(tmp_path / "first", place))
        one = leg(place)
        lasting = one.guard.lasting
        copied(source, ["DCIM/C0.mov"], [one])
        if sort == "tmpfs":
            subprocess.run(["umount", place], check=True)
            subprocess.run(["mount", "-t", "tmpfs", "tmpfs", place], check=True)
        else:
            first.unplug()
            stack.enter_context(Disk(tmp_path / "other", place))
        with pytest.raises(Away, match="Another disk"):
            make_folders(one, ["DCIM"])
        result = copy_file(source, "CLIP.MXF", [one])
        assert isinstance(result.legs[one.id], Away)
        with pytest.raises(Away, match="Another disk"):
            RootGuard.of(place, lasting)
        assert list(place.iterdir()) == []


def test_a_stick_that_got_the_number_of_the_one_before_is_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """FAT tells nothing of itself in `statvfs`, and its root has the same inode on every stick."""
    now = RootGuard.of(tmp_path)
    stick = RootGuard(tmp_path, now.ground, "uuid 1234-abcd", "vfat")
    monkeypatch.setattr(grounds, "lasting_id", lambda _: "uuid 1234-abcd")
    stick.check()
    monkeypatch.setattr(grounds, "lasting_id", lambda _: "uuid 9999-ffff")
    with pytest.raises(Away, match="Another disk"):
        stick.check()
    now.check()


@pytest.mark.parametrize("kind", ["ext4", pytest.param("xfs", marks=pytest.mark.long)])
def test_a_disk_that_got_the_number_and_the_place_of_another_is_told(
    tmp_path: Path, kind: str
) -> None:
    place = tmp_path / "mount"
    with LoopDisk(tmp_path / "one", place, kind) as first:
        one = leg(place)
        make_folders(one, ["DCIM"])
        with LoopDisk(tmp_path / "other", tmp_path / "beside", kind) as other:
            other.unplug()
            first.unplug()
            other.mount = place
            other.plug()
            with pytest.raises(Away, match="Another disk"):
                make_folders(one, ["DCIM"])
            assert isinstance(copy_file(tmp_path, "one", [one]).legs[one.id], Away)
            other.unplug()
        first.plug()
        make_folders(one, ["DCIM"])


def test_a_missing_root_is_not_made(source: Path, tmp_path: Path) -> None:
    one = leg(tmp_path / "a")
    one.root.rmdir()
    with pytest.raises(Away):
        make_folders(one, ["DCIM"])
    assert isinstance(copy_file(source, "CLIP.MXF", [one]).legs[one.id], Away)
    assert not one.root.exists()
    with pytest.raises(Away):
        RootGuard.of(one.root)


@pytest.mark.parametrize("code", [errno.ESTALE, errno.EIO, errno.ENODEV])
def test_a_source_that_errs_is_on_no_leg_and_the_others_are(
    source: Path, tmp_path: Path, disk: Disk, code: int
) -> None:
    tree(disk.behind, FILES)
    one = leg(tmp_path / "a")
    disk.weather(Rule(op="read", path="*CLIP.MXF", code=code, after=9))
    results = copied(disk.mount, FILES, [one])
    assert [rel for rel, result in results.items() if not result.done] == ["CLIP.MXF"]
    problem = results["CLIP.MXF"].problem
    assert isinstance(problem, (Passing, Away))
    if code == errno.EIO:
        assert "at byte 1179648" in problem.message
    assert lies(source, results.values(), one.id, one.root) == []
    assert left_over(one.root) == []
    assert "CLIP.MXF" not in listed(one.root / "Card")
    disk.weather()
    assert copy_file(disk.mount, "CLIP.MXF", [one]).done


# --- bytes


def damaged(source: Path, disk: Disk, ways: Ways, count: int) -> tuple[set[str], set[str]]:
    """(files that the disk damaged, files whose read-back is not what was read)"""
    one = leg(disk.mount)
    rels = [rel for rel in listed(source) if rel.startswith("many")][:count]
    make_folders(one, ["many"])
    disk.weather(ways=ways)
    results = list(copy_files(source, rels, [one], hashes=("xxh64",)))
    disk.weather()
    assert all(result.done for result in results), "it says nothing"
    harmed = set(disk.harmed())
    found: set[str] = set()
    for result in results:
        back = read_back(disk.mount, f"Card/{result.rel}", ["xxh64"])
        assert back.how == copy_back.SERVER
        if back.hashes != result.hashes:
            found.add(result.rel)
    behind = disk.behind / "Card"
    truly = {rel for rel in rels if (behind / rel).read_bytes() != (source / rel).read_bytes()}
    assert bool(harmed) == bool(truly)
    return truly, found


def many(source: Path, count: int, size: int) -> Path:
    chance = random.Random(9)
    return tree(source, {f"many/C{n:04d}.mov": chance.randbytes(size) for n in range(count)})


@pytest.mark.parametrize("ways", [Ways(flip_writes=0.2, seed=3), Ways(lose_writes=0.2, seed=4)])
def test_bytes_that_a_disk_damages_or_loses_are_caught(
    source: Path, disk: Disk, ways: Ways
) -> None:
    truly, found = damaged(many(source, 24, 200_000), disk, ways, 24)
    assert len(truly) > 3
    assert found == truly


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("ways", [Ways(flip_writes=1e-3, seed=3), Ways(lose_writes=1e-3, seed=4)])
def test_rare_damage_is_caught(
    source: Path, disk: Disk, ways: Ways, capsys: pytest.CaptureFixture[str]
) -> None:
    many(source, 500, 3_000_000)
    truly, found = damaged(source, disk, ways, 500)
    with capsys.disabled():
        print(f"\n{ways}: {len(truly)} files damaged, {len(found & truly)} caught")  # noqa: T201 - figures
    assert truly
    assert found == truly


def misread(disk: Disk, target: Path, likely: float, count: int, size: int) -> tuple[int, int]:
    """(files of a source that were read wrongly, of which a second read tells)"""
    many(disk.behind, count, size)
    one = leg(target)
    rels = listed(disk.behind)
    make_folders(one, ["many"])
    disk.weather(ways=Ways(flip_reads=likely, seed=5))
    results = list(copy_files(disk.mount, rels, [one], hashes=("xxh64", "xxh128")))
    disk.weather()
    truly = {
        rel
        for rel in rels
        if (target / "Card" / rel).read_bytes() != (disk.behind / rel).read_bytes()
    }
    second = {
        result.rel
        for result in results
        if read_back(disk.mount, result.rel, ["xxh64", "xxh128"]).hashes != result.hashes
    }
    assert second == truly
    return len(truly), len(second)


def test_a_source_that_is_read_wrongly_is_caught_by_the_second_read(
    tmp_path: Path, disk: Disk
) -> None:
    truly, caught = misread(disk, tmp_path / "a", 0.1, 20, 200_000)
    assert truly == caught > 2


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_rare_wrong_reads_are_caught(
    tmp_path: Path, disk: Disk, capsys: pytest.CaptureFixture[str]
) -> None:
    truly, caught = misread(disk, tmp_path / "a", 1e-3, 500, 3_000_000)
    with capsys.disabled():
        print(f"\n{truly} files read wrongly, {caught} caught")  # noqa: T201 - figures
    assert truly == caught > 0


@pytest.mark.parametrize("direct", [True, False])
def test_a_read_back_sees_the_disk_and_not_what_memory_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, direct: bool
) -> None:
    """The disk is damaged under the filesystem's feet: memory still has the right bytes."""
    if not direct:
        monkeypatch.setattr(entries, "past_cache", lambda *_, **__: False)
    mark = random.Random(11).randbytes(4096)
    source = tree(tmp_path / "card", {"clip.mov": CLIP + mark})
    with LoopDisk(tmp_path / "image", tmp_path / "mount") as disk:
        one = leg(disk.mount)
        result = copy_file(source, "clip.mov", [one], hashes=("xxh64",))
        disk.flush()
        first = read_back(disk.mount, "Card/clip.mov", ["xxh64"])
        assert (first.hashes, first.how) == (result.hashes, copy_back.PAST)
        copy = disk.mount / "Card" / "clip.mov"
        before = copy.read_bytes()
        assert damage(disk.image, mark[:512])
        assert copy.read_bytes() == before, "memory hides the damage"
        with copy.open("rb", buffering=0) as stream:
            full_hash(stream)
        back = read_back(disk.mount, "Card/clip.mov", ["xxh64"])
        assert back.how == copy_back.PAST
        assert back.hashes != result.hashes


def test_a_disk_that_takes_no_reads_past_memory_is_read_all_the_same(
    source: Path, disk: Disk
) -> None:
    one = leg(disk.mount)
    result = copy_file(source, "CLIP.MXF", [one])
    disk.weather(Rule(op="read", code=errno.EINVAL, count=1))
    assert read_back(disk.mount, "Card/CLIP.MXF", ["xxh128"]).hashes == result.hashes
    disk.weather(Rule(op="read", code=errno.EINVAL))
    with pytest.raises(Passing):
        read_back(disk.mount, "Card/CLIP.MXF", ["xxh128"])


def test_nothing_is_written_on_the_source_not_even_when_it_was_read(
    source: Path, tmp_path: Path
) -> None:
    clip, other = source / "CLIP.MXF", source / "DCIM" / "C1.mov"
    for path in (clip, other):  # else the system would not note a read
        os.utime(path, ns=(1, path.stat().st_mtime_ns))
    other.read_bytes()
    if other.stat().st_atime_ns == 1:
        pytest.skip("NOT RUN: this disk notes no reads")
    copy_file(source, "CLIP.MXF", [leg(tmp_path / "a")])
    read_back(source, "CLIP.MXF", ["xxh64"])
    assert clip.stat().st_atime_ns == 1


def damage(image: Path, mark: bytes) -> int:
    """Bytes of a disk that become others; how often the place was found."""
    data = image.read_bytes()
    place, count = data.find(mark), 0
    handle = os.open(image, os.O_WRONLY)
    try:
        while place >= 0:
            os.pwrite(handle, b"rot", place)
            count += 1
            place = data.find(mark, place + 1)
        os.fsync(handle)
    finally:
        os.close(handle)
    return count


def test_what_cannot_be_read_past_memory_is_not_called_so(source: Path, tmp_path: Path) -> None:
    with in_memory(tmp_path / "memory", "size=16m") as place:
        one = leg(place)
        result = copy_file(source, "CLIP.MXF", [one])
        back = read_back(place, "Card/CLIP.MXF", ["xxh128"])
        assert (back.hashes, back.how) == (result.hashes, copy_back.UNSURE)
