"""Copies to several legs in one read: what is told to be there is there, and nothing is overwritten."""

import os
import random
import stat
from pathlib import Path

import pytest

from app.core.files import copying, digests
from app.core.files.copying import copy_file, copy_files, make_folders, read_back
from app.core.model.errors import Away, Cancelled, Passing, Refused
from app.core.platform import entries
from app.core.platform.durable import temporary_name
from app.core.platform.pacing import Limiter
from app.core.work.parallel import Parallel
from tests.support.copy_truth import copied, halves, left_over, leg, lies, listed, tree

MIB = 1 << 20
BIG = random.Random(1).randbytes(9 * MIB + 4321)
SMALL = {f"DCIM/{n % 3}/C{n:03d}.mov": bytes([n]) * (n * 700) for n in range(40)}
FILES = {"CLIP.MXF": BIG, "empty.idx": b"", **SMALL}


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return tree(tmp_path / "card", FILES)


@pytest.mark.parametrize("workers", [0, 3])
def test_every_file_is_on_every_leg_with_its_time(
    source: Path, tmp_path: Path, workers: int
) -> None:
    legs = [leg(tmp_path / name) for name in "abc"]
    for one in legs:
        make_folders(one, ["DCIM/0", "DCIM/1", "DCIM/2", "empty folder"])
    results = list(
        copy_files(
            source,
            FILES,
            legs,
            hashes=("xxh64", "md5"),
            map_parts=Parallel(workers) if workers else None,
        )
    )
    assert [result.rel for result in results] == list(FILES)
    for one in legs:
        assert lies(source, results, one.id, one.root) == []
        assert all(result.done == {"a", "b", "c"} for result in results)
        assert (one.root / "Card" / "empty folder").is_dir()
        assert left_over(one.root) == []
        for rel in FILES:
            copy = one.root / "Card" / rel
            assert copy.stat().st_mtime_ns == (source / rel).stat().st_mtime_ns
    for result in results:
        assert result.size == len(FILES[result.rel])
        assert result.hashes["xxh64"] == digests.hash_of("xxh64", FILES[result.rel])
        assert result.hashes["md5"] == digests.hash_of("md5", FILES[result.rel])


def test_every_hash_is_taken_in_the_one_read(source: Path, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    one = leg(tmp_path / "a")
    result = copy_file(
        source,
        "CLIP.MXF",
        [one],
        hashes=digests.NAMES,
        progress=lambda done, size: told.append((done, size)),
    )
    assert dict(result.hashes) == {name: digests.hash_of(name, BIG) for name in digests.NAMES}
    assert told[-1] == (len(BIG), len(BIG))
    assert len(told) == 10  # each MiB was read once
    back = read_back(one.root, "Card/CLIP.MXF", digests.NAMES)
    assert back.hashes == result.hashes
    assert (back.size, back.mtime_ns) == (result.size, result.mtime_ns)


def test_the_same_file_there_counts_and_is_not_written(source: Path, tmp_path: Path) -> None:
    one, other = leg(tmp_path / "a"), leg(tmp_path / "b")
    copied(source, FILES, [one])
    before = {rel: (one.root / "Card" / rel).stat().st_ctime_ns for rel in FILES}
    again = copied(source, FILES, [one, other])
    for rel, result in again.items():
        assert result.already == {"a"}
        assert result.done == {"a", "b"}
        assert (one.root / "Card" / rel).stat().st_ctime_ns == before[rel]
    assert halves(source, other.root / "Card") == []


@pytest.mark.parametrize("content", [b"other", BIG[:-1] + b"\0", b""])
def test_another_file_of_that_name_is_never_overwritten(
    source: Path, tmp_path: Path, content: bytes
) -> None:
    one, other = leg(tmp_path / "a"), leg(tmp_path / "b")
    (one.root / "Card").mkdir()
    (one.root / "Card" / "CLIP.MXF").write_bytes(content)
    result = copy_file(source, "CLIP.MXF", [one, other])
    assert isinstance(result.legs["a"], Refused)
    assert "a already" in str(result.legs["a"])
    assert result.done == {"b"}
    assert (one.root / "Card" / "CLIP.MXF").read_bytes() == content
    assert left_over(tmp_path) == []


@pytest.mark.parametrize("way", ["renameat2", "link", "look"])
def test_a_name_taken_at_the_last_moment_is_not_overwritten(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    one = leg(tmp_path / "a")
    if way != "renameat2":
        monkeypatch.setattr(entries, "_renamed_by_system", lambda *_: False)
    if way == "look":
        monkeypatch.setattr(entries, "_renamed_by_link", lambda *_: False)

    def taken(done: int, _size: int) -> None:
        if done == MIB:
            (one.root / "Card" / "CLIP.MXF").write_bytes(b"somebody's")

    result = copy_file(source, "CLIP.MXF", [one], progress=taken)
    assert isinstance(result.legs["a"], Refused)
    assert (one.root / "Card" / "CLIP.MXF").read_bytes() == b"somebody's"
    assert left_over(tmp_path) == []
    plain = copy_file(source, "empty.idx", [one])
    assert plain.done == {"a"}


def test_what_has_the_name_and_is_no_file_is_refused(source: Path, tmp_path: Path) -> None:
    one = leg(tmp_path / "a")
    make_folders(one, ["CLIP.MXF"])
    (one.root / "Card" / "empty.idx").symlink_to(source / "empty.idx")
    assert isinstance(copy_file(source, "CLIP.MXF", [one]).legs["a"], Refused)
    assert isinstance(copy_file(source, "empty.idx", [one]).legs["a"], Refused)


def test_nothing_is_written_through_a_link(source: Path, tmp_path: Path) -> None:
    one = leg(tmp_path / "a")
    (tmp_path / "elsewhere").mkdir()
    make_folders(one)
    (one.root / "Card" / "DCIM").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Refused):
        make_folders(one, ["DCIM/0"])
    results = copied_without_folders(source, one)
    assert all(result.done == frozenset() for result in results if "DCIM" in result.rel)
    assert listed(tmp_path / "elsewhere") == []


def copied_without_folders(source: Path, one: copying.Leg) -> list[copying.CopyResult]:
    return list(copy_files(source, FILES, [one]))


def test_folders_that_were_not_made_before_are_made(source: Path, tmp_path: Path) -> None:
    one = leg(tmp_path / "a", "2026/Day 1/A001")
    results = copied_without_folders(source, one)
    assert lies(source, results, "a", one.root, "2026/Day 1/A001") == []
    assert all(result.done for result in results)


def test_a_source_that_changes_while_it_is_read_is_published_nowhere(
    source: Path, tmp_path: Path
) -> None:
    legs = [leg(tmp_path / "a"), leg(tmp_path / "b")]
    clip = source / "CLIP.MXF"

    def grow(done: int, _size: int) -> None:
        if done == 3 * MIB:
            with clip.open("ab") as file:
                file.write(b"more")

    def touch(done: int, _size: int) -> None:
        if done == 3 * MIB:
            os.utime(clip)

    def replace(done: int, _size: int) -> None:
        if done == 3 * MIB:
            fresh = clip.with_name("fresh")
            fresh.write_bytes(BIG)
            found = clip.stat()
            os.utime(fresh, ns=(found.st_atime_ns, found.st_mtime_ns))
            fresh.replace(clip)

    for change in (touch, replace, grow):
        with pytest.raises(Passing, match="is changing"):
            copy_file(source, "CLIP.MXF", legs, progress=change)
    assert [rel for one in legs for rel in listed(one.root)] == []
    results = list(copy_files(source, ["CLIP.MXF", "empty.idx"], legs, progress=touch))
    assert isinstance(results[0].problem, Passing)
    assert [len(result.done) for result in results] == [0, 2]


def test_calling_it_off_leaves_nothing(source: Path, tmp_path: Path) -> None:
    one = leg(tmp_path / "a")
    asked = iter(range(100))
    with pytest.raises(Cancelled):
        copy_file(source, "CLIP.MXF", [one], cancel=lambda: next(asked) > 4)
    assert listed(tmp_path / "a") == []
    with pytest.raises(Cancelled):
        list(copy_files(source, FILES, [one], cancel=lambda: next(asked) > 30))
    assert left_over(tmp_path) == []
    assert halves(source, one.root / "Card") == []


def test_a_source_that_is_no_file_is_told_and_the_others_go_on(
    source: Path, tmp_path: Path
) -> None:
    os.mkfifo(source / "pipe")
    (source / "link").symlink_to("empty.idx")
    one = leg(tmp_path / "a")
    rels = ["pipe", "link", "nowhere", "DCIM", "empty.idx"]
    results = {result.rel: result for result in copy_files(source, rels, [one])}
    kinds = {rel: type(result.problem) for rel, result in results.items()}
    assert kinds == {
        "pipe": Refused, "link": Refused, "nowhere": Away, "DCIM": Refused, "empty.idx": type(None),
    }  # fmt: skip
    assert [rel for rel, result in results.items() if result.done] == ["empty.idx"]
    with pytest.raises(Refused):
        copy_file(source, "pipe", [one])
    assert left_over(tmp_path) == []


@pytest.mark.parametrize(
    "name",
    [b"caf\xe9.mov", b"two\nlines.mov", b"x" * 255, "é".encode() * 127, b" .mov ", b"-rf", b"\\"],
)
def test_names_are_kept_byte_by_byte(tmp_path: Path, name: bytes) -> None:
    source = tree(tmp_path / "card", {})
    source.mkdir()
    rel = os.fsdecode(b"d/" + name)
    tree(source, {rel: b"words"})
    one = leg(tmp_path / "a")
    results = copied(source, [rel], [one])
    assert results[rel].done == {"a"}
    assert [os.fsencode(path.name) for path in (one.root / "Card" / "d").iterdir()] == [name]
    assert lies(source, results.values(), "a", one.root) == []


def test_a_path_longer_than_the_system_takes_at_once_is_copied(tmp_path: Path) -> None:
    source = tmp_path / "card"
    source.mkdir()
    here, names = Path.cwd(), ["d" * 250] * 20
    os.chdir(source)
    try:
        for name in names:
            Path(name).mkdir()
            os.chdir(name)
        Path("clip.mov").write_bytes(b"deep")
    finally:
        os.chdir(here)
    rel = "/".join([*names, "clip.mov"])
    assert len(rel) > 4096
    one = leg(tmp_path / "a")
    result = copy_file(source, rel, [one])
    assert result.done == {"a"}
    assert read_back(one.root, f"Card/{rel}", ["xxh128"]).hashes == result.hashes


def test_only_our_own_left_overs_are_swept(tmp_path: Path) -> None:
    one = leg(tmp_path / "a")
    make_folders(one, ["DCIM/0"])
    mine = temporary_name()
    desk = mine.split("-")[1]
    gone, foreign = f".rushes-{desk}-fffffff0-00000000.tmp", ".rushes-00000000-1-00000000.tmp"
    running, half = f".rushes-{desk}-1-00000000.tmp", gone.replace("0.tmp", "1.tmp")
    for folder in (one.root, one.root / "Card", one.root / "Card" / "DCIM" / "0"):
        for name in (mine, gone, foreign, running, "clip.mov.part", ".rushes-notes"):
            (folder / name).write_bytes(b"half")
            # A copy has its source's time before it has its name.
            os.utime(folder / name, ns=(1, 1))
        (folder / gone.replace("0.tmp", "1.tmp")).mkdir()
    make_folders(one, ["DCIM/0"])
    for folder in (one.root, one.root / "Card", one.root / "Card" / "DCIM" / "0"):
        kept = {entry.name for entry in folder.iterdir() if not entry.is_dir()}
        assert kept == {mine, foreign, running, "clip.mov.part", ".rushes-notes"}
        assert not (folder / half).exists()


def test_a_temporary_name_is_never_longer_than_a_name_may_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    create = entries.create
    monkeypatch.setattr(
        entries, "create", lambda place, name: seen.append(name) or create(place, name)
    )
    source = tree(tmp_path / "card", {"n" * 255: b"x"})
    assert copy_file(source, "n" * 255, [leg(tmp_path / "a")]).done
    assert [len(name) < 40 for name in seen] == [True]


def test_the_cap_holds_the_read_back(source: Path, tmp_path: Path) -> None:
    one, cap = leg(tmp_path / "a"), Limiter(1 << 40)
    copy_file(source, "CLIP.MXF", [one], cap=cap)
    assert cap.owe(0) == len(BIG)


def test_a_copy_has_ordinary_permissions(source: Path, tmp_path: Path) -> None:
    (source / "CLIP.MXF").chmod(0o400)
    one = leg(tmp_path / "a")
    copy_file(source, "CLIP.MXF", [one])
    mode = stat.S_IMODE((one.root / "Card" / "CLIP.MXF").stat().st_mode)
    assert mode & 0o600 == 0o600
