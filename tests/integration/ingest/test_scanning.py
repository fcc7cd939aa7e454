"""The scanner on real folders: what is new, changed, moved, gone and back, and that nobody's words are lost."""

import os
import unicodedata
from pathlib import Path

import pytest

from app.core.model.errors import Passing
from tests.support.volumes import Desk, age, put, wav


def test_new_changed_missing_and_back(desk: Desk, root: Path, tmp_path: Path) -> None:
    put(root, "A/one.wav")
    put(root, "two.wav")
    volume = desk.add(root)
    assert len(desk.clips()) == 2
    put(root, "A/three.wav")
    assert desk.look(volume).new == 1
    first = desk.clip_at("two.wav")
    away = tmp_path / "two.wav"
    (root / "two.wav").rename(away)
    report = desk.look(volume)
    assert (report.missing, report.moved) == (1, 0)
    assert desk.clips()[first].state == "missing"
    away.rename(root / "two.wav")
    report = desk.look(volume)
    assert (desk.clips()[first].state, desk.clip_at("two.wav")) == ("ready", first)
    assert (report.new, report.changed, report.missing) == (0, 0, 0)
    assert desk.look(volume).back == 0


def test_a_file_and_a_folder_that_moved_keep_what_was_said(desk: Desk, root: Path) -> None:
    put(root, "Day 1/a.wav")
    put(root, "Day 1/b.wav")
    volume = desk.add(root)
    notes = {name: desk.say(f"Day 1/{name}.wav") for name in "ab"}
    (root / "Day 1" / "a.wav").rename(root / "a again.wav")
    (root / "Day 1").rename(root / "Day one")
    report = desk.look(volume)
    assert (report.moved, report.missing, report.new) == (2, 0, 0)
    assert desk.noted_at(notes["a"]) == desk.clip_at("a again.wav")
    assert desk.noted_at(notes["b"]) == desk.clip_at("Day one/b.wav")
    assert all(clip.state == "ready" for clip in desk.clips().values())


@pytest.mark.parametrize("same_time", [False, True])
def test_two_files_that_change_names_keep_their_clips(
    desk: Desk, root: Path, same_time: bool
) -> None:
    put(root, "a.wav")
    put(root, "b.wav", at=0 if same_time else 1)
    volume = desk.add(root)
    a, b = desk.say("a.wav"), desk.say("b.wav")
    (root / "a.wav").rename(root / "c")
    (root / "b.wav").rename(root / "a.wav")
    (root / "c").rename(root / "b.wav")
    desk.look(volume)
    assert desk.noted_at(a) == desk.clip_at("b.wav")
    assert desk.noted_at(b) == desk.clip_at("a.wav")
    assert len(desk.clips()) == 2


@pytest.mark.parametrize("hashes", [False, True])
@pytest.mark.parametrize("how", ["written", "exchanged"])
def test_replaced_in_place_is_a_new_clip(desk: Desk, root: Path, how: str, hashes: bool) -> None:
    first = put(root, "a.wav")
    quiet = put(root, "b.wav")
    volume = desk.add(root)
    desk.look(volume, hashes=hashes)
    note, old, untouched = desk.say("a.wav"), desk.clip_at("a.wav"), desk.clip_at("b.wav")
    for path in (first, quiet):
        if how == "exchanged":
            path.unlink()
        path.write_bytes(wav("another take", 2))
        age(path, 5)
    desk.look(volume, hashes=hashes)
    assert desk.noted_at(note) == old
    assert desk.clip_at("a.wav") != old
    assert desk.clips()[old].state == "missing"
    assert desk.clips()[desk.clip_at("a.wav")].state == "ready"
    assert untouched not in desk.clips()


def test_renamed_over_another_the_other_is_missing(desk: Desk, root: Path) -> None:
    put(root, "a.wav")
    put(root, "b.wav", at=1)
    volume = desk.add(root)
    a, b = desk.say("a.wav"), desk.say("b.wav")
    old = desk.noted_at(a)
    (root / "b.wav").replace(root / "a.wav")
    report = desk.look(volume)
    assert (report.moved, report.new) == (1, 0)
    assert desk.noted_at(b) == desk.clip_at("a.wav") != old
    assert desk.noted_at(a) == old
    assert desk.clips()[old].state == "missing"


def test_another_file_where_one_is_missing_is_another_clip(desk: Desk, root: Path) -> None:
    put(root, "a.wav")
    put(root, "b.wav")
    volume = desk.add(root)
    note, old = desk.say("a.wav"), desk.clip_at("a.wav")
    (root / "a.wav").unlink()
    desk.look(volume)
    put(root, "a.wav", "something else", at=9)
    desk.look(volume)
    assert desk.noted_at(note) == old != desk.clip_at("a.wav")


def test_another_time_alone_changes_nothing_for_people(desk: Desk, root: Path) -> None:
    put(root, "a.wav")
    volume = desk.add(root)
    desk.look(volume, hashes=True)
    note = desk.say("a.wav")
    age(root / "a.wav", 3600)
    report = desk.look(volume)
    assert report.changed == 1
    assert desk.noted_at(note) == desk.clip_at("a.wav")
    assert desk.hash_all() == 1, "the bytes are read again to be sure"
    assert desk.noted_at(note) == desk.clip_at("a.wav")


def test_same_samples_and_other_bytes_are_told_apart_by_the_whole_read(
    desk: Desk, root: Path
) -> None:
    path = root / "long.wav"
    whole = wav("long", 500)
    path.write_bytes(whole)
    age(path)
    volume = desk.add(root)
    desk.look(volume, hashes=True)
    note, old = desk.say("long.wav"), desk.clip_at("long.wav")
    at = 100_000
    path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
    age(path, 60)
    desk.look(volume)
    assert desk.clip_at("long.wav") == old
    desk.look(volume, hashes=True)
    assert desk.noted_at(note) == old != desk.clip_at("long.wav")


def test_bytes_that_no_scan_has_seen_yet_are_not_read_for_those_that_were_there(
    desk: Desk, root: Path
) -> None:
    put(root, "a.wav")
    volume = desk.add(root)
    note, old = desk.say("a.wav"), desk.clip_at("a.wav")
    put(root, "a.wav", "another take", at=9)
    with pytest.raises(Passing, match="changed"):
        desk.hash_all()
    desk.look(volume, hashes=True)
    assert desk.noted_at(note) == old != desk.clip_at("a.wav")


def test_a_copy_that_keeps_its_time_is_not_taken_for_the_file(desk: Desk, root: Path) -> None:
    path = put(root, "a.wav")
    volume = desk.add(root)
    note = desk.say("a.wav")
    put(root, "0 copy.wav", "a.wav")
    path.rename(root / "z moved.wav")
    desk.look(volume)
    assert desk.noted_at(note) == desk.clip_at("z moved.wav")


def test_a_new_extension_is_looked_into_again(desk: Desk, root: Path) -> None:
    put(root, "a.wav")
    volume = desk.add(root)
    note = desk.say("a.wav")
    (root / "a.wav").rename(root / "a.mp4")
    assert desk.look(volume).moved == 1
    with desk.catalog.read() as reader:
        assert reader.value("SELECT sort FROM file") == "media_video"
    assert desk.noted_at(note) == desk.clip_at("a.mp4")


def test_names_that_look_alike_are_files_of_their_own(desk: Desk, root: Path) -> None:
    nfc, nfd = unicodedata.normalize("NFC", "Café.wav"), unicodedata.normalize("NFD", "Café.wav")
    names = ["Take.wav", "TAKE.wav", nfc, nfd, os.fsdecode(b"caf\xe9 \xff.wav"), "line\nbreak.wav"]
    for at, name in enumerate(names):
        put(root, name, at=at)
    volume = desk.add(root)
    assert set(desk.places()) == set(names)
    notes = {name: desk.say(name) for name in names}
    folder = root / "in"
    folder.mkdir()
    for name in names:
        (root / name).rename(folder / name)
    assert desk.look(volume).moved == len(names)
    assert {n: desk.noted_at(i) for n, i in notes.items()} == {
        n: desk.clip_at(f"in/{n}") for n in names
    }


def test_a_path_longer_than_the_system_takes(desk: Desk, root: Path) -> None:
    place = os.open(root, os.O_RDONLY)
    parts = ["d" * 200] * 25
    for part in parts:
        os.mkdir(part, dir_fd=place)
        deeper = os.open(part, os.O_RDONLY, dir_fd=place)
        os.close(place)
        place = deeper
    handle = os.open("deep.wav", os.O_WRONLY | os.O_CREAT, dir_fd=place)
    os.write(handle, wav("deep"))
    os.close(handle)
    os.utime("deep.wav", ns=(1, 1), dir_fd=place)
    volume = desk.add(root)
    path = "/".join([*parts, "deep.wav"])
    assert len(path) > 4096
    assert desk.state_of(path) == "present"
    note = desk.say(path)
    os.rename("deep.wav", "deeper.wav", src_dir_fd=place, dst_dir_fd=place)
    os.close(place)
    assert desk.look(volume).moved == 1
    assert desk.noted_at(note) == desk.clip_at(path.replace("deep.wav", "deeper.wav"))


def test_a_folder_of_twenty_thousand_files(desk: Desk, root: Path) -> None:
    folder = root / "many"
    folder.mkdir()
    for n in range(20_000):
        os.mknod(folder / f"{n:05}.dpx")
    for n in range(0, 20_000, 50):
        age(folder / f"{n:05}.dpx")
    volume = desk.volumes.add(root)
    writes: list[object] = []
    desk.catalog.subscribe(writes.append)
    assert desk.scanner.scan(volume.id).new == 20_000
    assert len(writes) <= 20_000 // 2_000 + 2, "files are written in steps, not one by one"
    writes.clear()
    report = desk.scanner.scan(volume.id)
    assert (report.seen, report.new, report.changed, report.missing) == (20_000, 0, 0, 0)
    assert len(writes) == 1
    with desk.catalog.read() as reader:
        assert reader.value("SELECT count(DISTINCT folder) FROM file") == 1


@pytest.mark.parametrize("order", [("A", "B"), ("B", "A")])
def test_a_move_told_of_one_folder_after_the_other(
    desk: Desk, root: Path, order: tuple[str, str]
) -> None:
    put(root, "A/one.wav")
    put(root, "B/two.wav", at=1)
    volume = desk.add(root)
    note = desk.say("A/one.wav")
    (root / "A" / "one.wav").rename(root / "B" / "one.wav")
    for folder in order:
        assert not desk.hint(volume, folder).unclear
    assert desk.noted_at(note) == desk.clip_at("B/one.wav")
    assert set(desk.places()) == {"B/one.wav", "B/two.wav"}


def test_what_one_folder_cannot_tell_is_left_to_a_whole_scan(desk: Desk, root: Path) -> None:
    put(root, "A/one.wav")
    put(root, "B/two.wav", at=1)
    volume = desk.add(root)
    note = desk.say("A/one.wav")
    before = desk.places()
    (root / "A" / "one.wav").rename(root / "B" / "one.wav")
    put(root, "A/one.wav", "another", at=2)
    assert desk.hint(volume, "A").unclear
    assert desk.places() == before
    desk.look(volume)
    assert desk.noted_at(note) == desk.clip_at("B/one.wav")
