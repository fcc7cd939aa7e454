"""A folder verified against its history: each way in which it can differ, by its name."""

import os
import shutil
import unicodedata
from pathlib import Path

import pytest

from app.core.files import mhl_places
from app.core.files.mhl_history import read_history
from app.core.files.mhl_legacy import write_legacy
from app.core.files.mhl_values import CHAIN, FOLDER, State
from app.core.files.mhl_verify import Failure, VerifyResult, verify
from app.core.model.errors import Cancelled, Refused
from app.core.platform.filesystems import MountPoint
from tests.support.mhl_cases import CARD, hashes, make, seal


@pytest.fixture
def card(tmp_path: Path) -> Path:
    root = make(tmp_path / "A001")
    seal(root)
    return root


def generations(root: Path) -> list[str]:
    return [one.name[:4] for one in read_history(root).generations]


def actions(found: VerifyResult, path: str) -> list[str]:
    assert found.generation
    text = found.generation.read_text("utf-8")
    part = text.partition(f">{path}</path>")[2].partition("</hash>")[0]
    return [word.partition('"')[0] for word in part.split('action="')[1:]]


def clean(found: VerifyResult) -> bool:
    return not (found.damage or found.left or found.new or found.renamed or found.passed_over)


def test_a_whole_folder_is_verified_and_recorded(card: Path) -> None:
    told: list[tuple[int, int]] = []
    found = verify(card, progress=lambda done, total: told.append((done, total)))
    assert clean(found)
    assert (found.files, found.verified, found.bytes) == (4, 4, sum(map(len, CARD.values())))
    assert told[-1] == (found.bytes, found.bytes)
    assert found.generation
    assert found.generation.name.startswith("0002_A001_")
    assert not read_history(card).all_problems
    assert actions(found, "side car.txt") == ["verified"]


def test_read_only_writes_nothing(card: Path) -> None:
    before = {p: p.stat().st_mtime_ns for p in card.rglob("*")}
    found = verify(card, write=False)
    assert clean(found)
    assert found.generation is None
    assert {p: p.stat().st_mtime_ns for p in card.rglob("*")} == before


def test_an_altered_file_is_named_and_recorded_as_failed(card: Path) -> None:
    path = card / "Clips/A001C001.mov"
    seen = path.stat()
    path.write_bytes(b"onf")
    os.utime(path, ns=(seen.st_atime_ns, seen.st_mtime_ns))  # size and time say nothing
    found = verify(card)
    held = read_history(card).known["Clips/A001C001.mov"].values["xxh64"]
    assert [(f.path, f.name, f.held) for f in found.failed] == [
        ("Clips/A001C001.mov", "xxh64", held)
    ]
    assert found.damage
    assert actions(found, "Clips/A001C001.mov") == ["failed"]
    assert [f.path for f in verify(card).failed] == ["Clips/A001C001.mov"], "it stays so"
    path.write_bytes(b"one")
    found = verify(card)
    assert clean(found)
    assert actions(found, "Clips/A001C001.mov") == ["verified"]


def test_missing_new_and_renamed_are_told_apart(card: Path) -> None:
    (card / "side car.txt").unlink()
    (card / "Clips/A001C002.mov").rename(card / "Clips/B001C002.mov")
    (card / "extra.txt").write_bytes(b"extra")
    (card / "Clips/deep").rename(card / "Clips/deeper")
    found = verify(card)
    assert found.missing == ["side car.txt"]
    assert found.new == ["extra.txt"]
    assert sorted(found.renamed) == [
        ("Clips/A001C002.mov", "Clips/B001C002.mov"),
        ("Clips/deep/", "Clips/deeper/"),
        ("Clips/deep/er/", "Clips/deeper/er/"),
        ("Clips/deep/er/x", "Clips/deeper/er/x"),
    ]
    assert not found.failed
    again = verify(card)
    assert (again.missing, again.new, again.renamed) == (["side car.txt"], [], [])
    (card / "side car.txt").write_bytes(CARD["side car.txt"])
    assert clean(verify(card))


def test_a_missing_file_of_another_hash_is_found_again_under_its_new_name(tmp_path: Path) -> None:
    root = make(tmp_path / "A001")
    seal(root, "md5")
    (root / "side car.txt").rename(root / "moved.txt")
    found = verify(root, formats=["xxh64"])
    assert found.renamed == [("side car.txt", "moved.txt")]
    assert actions(found, "moved.txt") == ["verified", "verified"]


def test_empty_files_are_no_renames(tmp_path: Path) -> None:
    root = make(tmp_path / "A001", {"a": b"", "b": b"b"})
    seal(root)
    (root / "a").unlink()
    (root / "c").write_bytes(b"")
    found = verify(root)
    assert (found.missing, found.new, found.renamed) == (["a"], ["c"], [])


def test_a_name_of_other_composition_is_the_same_file(tmp_path: Path) -> None:
    composed, apart = (unicodedata.normalize(form, "Clé.mov") for form in ("NFC", "NFD"))
    root = make(tmp_path / "A001", {composed: b"one"})
    seal(root)
    (root / composed).rename(root / apart)
    found = verify(root)
    assert found.renamed == [(composed, apart)]
    (root / apart).write_bytes(b"two")
    assert [f.path for f in verify(root).failed] == [apart]


def test_an_empty_folder_that_is_gone_is_missing(card: Path) -> None:
    (card / "empty").mkdir()
    assert verify(card).generation
    (card / "empty").rmdir()
    assert verify(card).missing == ["empty/"]


def test_a_link_in_the_place_of_a_file_is_not_read(card: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_bytes(CARD["side car.txt"])
    (card / "side car.txt").unlink()
    (card / "side car.txt").symlink_to(elsewhere)
    (card / "other").symlink_to(elsewhere)
    os.mkfifo(card / "pipe")
    found = verify(card)
    assert [path for path, _ in found.unreadable] == ["side car.txt"]
    assert sorted(path for path, _ in found.passed_over) == ["other", "pipe"]
    assert found.left
    assert not found.damage


def test_a_folder_without_history_is_refused(tmp_path: Path) -> None:
    root = make(tmp_path / "plain")
    with pytest.raises(Refused, match="no history"):
        verify(root)
    assert not (root / FOLDER).exists()
    seal(tmp_path)
    with pytest.raises(Refused) as caught:
        verify(root)
    assert str(tmp_path) in caught.value.todo


def test_the_first_generation_is_made_when_asked_for(tmp_path: Path) -> None:
    root = make(tmp_path / "plain")
    found = verify(root, first=True, formats=["c4", "md5"])
    assert clean(found)
    assert (found.basis, found.files, found.verified) == ("nothing", 4, 0)
    assert actions(found, "side car.txt") == ["original", "original"]
    assert clean(verify(root, first=True))
    assert generations(root) == ["0001", "0002"]


def test_a_file_is_always_compared_in_a_hash_that_is_known(card: Path) -> None:
    found = verify(card, formats=["md5"])
    assert found.verified == 4
    assert actions(found, "side car.txt") == ["verified", "verified"]
    (card / "side car.txt").write_bytes(b"eerht")
    assert [f.name for f in verify(card, formats=["sha1"]).failed] == ["xxh64"]


@pytest.mark.parametrize("what", ["chain", "manifest"])
def test_nothing_is_added_to_a_damaged_history(card: Path, what: str) -> None:
    path = card / FOLDER / CHAIN if what == "chain" else next((card / FOLDER).glob("0001*"))
    path.write_bytes(path.read_bytes()[:-12])
    before = sorted(p.name for p in (card / FOLDER).iterdir())
    found = verify(card)
    states = [State.BAD_CHAIN] if what == "chain" else [State.BAD_MANIFEST, State.OTHER_MANIFEST]
    assert [p.state for p in found.problems] == states
    assert found.damage
    assert found.generation is None
    assert "damaged" in found.not_recorded
    assert not found.record_failed
    assert sorted(p.name for p in (card / FOLDER).iterdir()) == before
    assert found.verified == 4, "what is left of it still says that the files are whole"


def test_nested_histories_are_verified_with_it(tmp_path: Path) -> None:
    day = make(tmp_path / "day", {"report.pdf": b"r", "A001/a.mov": b"a", "A002/sub/b.mov": b"b"})
    seal(day / "A001")
    seal(day / "A002")
    seal(day)
    assert clean(verify(day))
    (day / "A002/sub/b.mov").write_bytes(b"B")
    (day / "A001/new.txt").write_bytes(b"n")
    found = verify(day)
    assert [f.path for f in found.failed] == ["A002/sub/b.mov"]
    assert found.new == ["A001/new.txt"]
    history = read_history(day)
    assert not history.all_problems
    assert [(one.below, len(one.generations)) for one in history.every()] == [
        ("A001", 4),
        ("A002", 4),
        ("", 3),
    ]
    (day / "A001").rename(day / "B001")
    found = verify(day)
    assert ("A001/", "B001/") in found.renamed
    assert not found.problems
    assert not found.missing
    shutil.rmtree(day / "A002" / FOLDER)
    assert [p.state for p in verify(day).problems] == [State.NO_NESTED]


def test_patterns_of_nested_histories_hold_in_them_alone(tmp_path: Path) -> None:
    day = make(tmp_path / "day", {"A001/a.mov": b"a", "A001/b.tmp": b"b", "c.tmp": b"c"})
    verify(day / "A001", first=True, ignore=["*.tmp"])
    found = verify(day, first=True)
    assert found.files == 2
    (day / "A001/b.tmp").write_bytes(b"changed")
    (day / "c.tmp").write_bytes(b"changed")
    assert [f.path for f in verify(day).failed] == ["c.tmp"]


def test_a_pattern_added_later_holds_out_what_was_recorded(card: Path) -> None:
    (card / "side car.txt").unlink()
    (card / "b.txt").write_bytes(b"b")
    (card / ".DS_Store").write_bytes(b"f")
    found = verify(card, ignore=["*.txt"])
    assert clean(found)
    assert found.left_out == 1
    assert clean(verify(card))


def test_a_call_to_stop_leaves_nothing(card: Path) -> None:
    before = sorted(p.name for p in (card / FOLDER).iterdir())
    asked = 0

    def stop() -> bool:
        nonlocal asked
        asked += 1
        return asked > 20

    with pytest.raises(Cancelled):
        verify(card, cancel=stop)
    assert sorted(p.name for p in (card / FOLDER).iterdir()) == before


def test_a_manifest_that_leads_out_opens_nothing_there(card: Path, tmp_path: Path) -> None:
    (tmp_path / "outside.mov").write_bytes(b"one")
    first = next((card / FOLDER).glob("0001*"))
    first.write_bytes(first.read_bytes().replace(b">side car.txt<", b">../outside.mov<"))
    found = verify(card)
    assert State.LEADS_OUT in [p.state for p in found.problems]
    assert found.verified == 3
    assert found.generation is None


def test_a_legacy_list_is_a_history_to_verify_against(tmp_path: Path) -> None:
    root = make(tmp_path / "A001")
    write_legacy(root, hashes(root, "md5", "xxh64"))
    found = verify(root)
    assert found.basis == "legacy list"
    assert (found.verified, found.new, found.missing) == (4, [], [])
    assert found.generation is None
    assert not found.left
    (root / "side car.txt").write_bytes(b"eerht")
    (root / "Clips/A001C002.mov").unlink()
    found = verify(root, first=True)
    assert [f.path for f in found.failed] == ["side car.txt"]
    assert found.missing == ["Clips/A001C002.mov"]
    assert found.generation is None, "no history is begun over damage"
    make(root)
    found = verify(root, first=True)
    assert actions(found, "side car.txt") == ["original"]
    assert clean(verify(root))


def test_what_only_legacy_lists_hold_is_compared_too(tmp_path: Path) -> None:
    import xxhash

    root = make(tmp_path / "A001", {"Clips/a.mov": b"one", "b.mov": b"two", "c.mov": b"three"})
    turned = bytes.fromhex(xxhash.xxh64_hexdigest(b"two"))[::-1].hex()

    def write(short: int, size: int) -> None:
        (root / "list.mhl").write_text(
            '<hashlist version="1.0">'
            f"<hash><file>Clips\\a.mov</file><size>3</size><xxhash>{short}</xxhash></hash>"
            f"<hash><file>b.mov</file><size>3</size><xxhash64>{turned}</xxhash64></hash>"
            f"<hash><file>c.mov</file><size>{size}</size><null/></hash></hashlist>"
        )

    short = xxhash.xxh32_intdigest(b"one")
    write(short, 5)
    found = verify(root)
    assert (found.verified, found.by_size, found.failed, found.new) == (3, 1, [], [])
    write(short ^ 1, 4)
    assert verify(root).failed == [
        Failure("Clips/a.mov", "xxh32", f"{short ^ 1:08x}", f"{short:08x}"),
        Failure("c.mov", "size", "4", "5"),
    ]


def test_a_broken_legacy_list_is_named(tmp_path: Path) -> None:
    root = make(tmp_path / "A001")
    (root / "list.mhl").write_bytes(b"<hashlist version='1.1'><hash>")
    found = verify(root)
    assert [(p.state, p.subject) for p in found.problems] == [(State.BAD_MANIFEST, "list.mhl")]
    assert found.damage


def test_nothing_is_written_on_a_card_or_inside_its_structure(
    card: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = make(card / "PRIVATE" / "M4ROOT" / "CLIP", {"C0001.MP4": b"m"})
    found = verify(inside, first=True)
    assert found.generation is None
    assert "structure of a card" in found.not_recorded
    assert not found.left, "that is a rule, not a failure"
    assert not (inside / FOLDER).exists()
    avid = make(card.parent / "Avid MediaFiles" / "MXF" / "1", {"a.mxf": b"m"})
    assert "Avid" in verify(avid, first=True).not_recorded
    assert verify(card).generation, "above the structure of a copy is the place for it"
    mount = MountPoint("/dev/sdz1", card, "exfat")
    monkeypatch.setattr(mhl_places.filesystems, "mount_of", lambda _: mount)
    monkeypatch.setattr(mhl_places.filesystems, "is_removable", lambda _: True)
    with pytest.raises(Refused, match="on a card"):
        seal(card)
    assert "on a card" in verify(card).not_recorded
    shutil.rmtree(card / "PRIVATE")
    assert not mhl_places.not_written(card), "a travel drive is no card"


def test_above_nested_histories_none_is_begun_unasked(tmp_path: Path) -> None:
    drive = make(tmp_path / "T7", {"A001/a.mov": b"a", "A002/b.mov": b"b", "loose.txt": b"l"})
    seal(drive / "A001")
    seal(drive / "A002")
    found = verify(drive)
    assert (found.verified, found.new, found.generation) == (2, ["loose.txt"], None)
    assert [one.parent.parent.name for one in found.generations] == ["A001", "A002"]
    assert not (drive / FOLDER).exists()
    found = verify(drive, first=True)
    assert found.generation
    assert len(found.generations) == 3
    assert actions(found, "loose.txt") == ["original"]
    assert [len(one.generations) for one in read_history(drive).every()] == [3, 3, 1]


def test_hundreds_of_nested_histories_hold_no_files_open(tmp_path: Path) -> None:
    import resource

    drive = make(tmp_path / "T7", {f"{n:03}/a": b"a" for n in range(120)})
    for folder in drive.iterdir():
        seal(folder)
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (100, limits[1]))
    try:
        found = verify(drive, first=True)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    assert (found.verified, len(found.generations), found.left) == (120, 121, False)
