"""Volumes on real folders: which folder is which volume, what is offline and why, what is refused."""

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from app.core.catalog import attempts
from app.core.ingest.recipes import Scans
from app.core.ingest.volumes import KINDS, Volumes, identify
from app.core.ingest.watching import Watcher
from app.core.model.errors import Missing, NoRoom, Passing, Refused, as_json
from app.core.model.media import Derive
from app.core.platform.preferences import Ingest
from app.core.work.patience import Patience
from app.core.work.recipes import Context, Job, Recipe, Subject
from tests.support.volumes import Desk, put


def test_identity_is_read_from_the_system(desk: Desk, root: Path) -> None:
    put(root, "one.wav")
    volume = desk.add(root)
    found = identify(root)
    assert (volume.fs_key, volume.fs_type, volume.subpath) == (
        found.fs_key,
        found.fs_type,
        found.subpath,
    )
    assert found.inode == root.stat().st_ino
    assert list(root.iterdir()) == [root / "one.wav"], "nothing is written to a volume"


def test_an_empty_mount_point_freezes_its_rows(desk: Desk, root: Path, tmp_path: Path) -> None:
    put(root, "A/one.wav")
    put(root, "two.wav")
    volume = desk.add(root)
    note = desk.say("A/one.wav")
    before = desk.places()
    root.rename(tmp_path / "away")
    report = desk.look(volume)
    assert not report.online
    assert "does not answer" in report.reason
    root.mkdir()
    report = desk.look(volume)
    assert "nothing is mounted" in report.reason
    assert desk.places() == before
    assert {clip.state for clip in desk.clips().values()} == {"offline"}
    assert desk.scanner.scan_folder(volume.id, "A", deep=True).online is False
    assert desk.places() == before
    root.rmdir()
    (tmp_path / "away").rename(root)
    assert desk.look(volume).online
    assert {clip.state for clip in desk.clips().values()} == {"ready"}
    assert desk.noted_at(note) == desk.clip_at("A/one.wav")


def test_another_folder_at_the_place_is_not_the_volume(
    desk: Desk, root: Path, tmp_path: Path
) -> None:
    for n in range(30):
        put(root, f"DCIM/100CARD/C{n:04}.wav")
    volume = desk.add(root)
    before = desk.places()
    root.rename(tmp_path / "first card")
    for n in range(50, 60):
        put(root, f"DCIM/100CARD/C{n:04}.wav")
    report = desk.look(volume)
    assert not report.online
    assert "another folder" in report.reason
    assert desk.places() == before
    assert desk.volumes.get(volume.id).watcher == report.reason


def test_the_folder_itself_may_hold_other_files(desk: Desk, root: Path) -> None:
    (root / "rolls").mkdir()
    put(root / "rolls", "monday.wav")
    volume = desk.add(root / "rolls")
    (root / "rolls" / "monday.wav").unlink()
    put(root / "rolls", "tuesday.wav", at=9)
    report = desk.look(volume)
    assert (report.online, report.new, report.missing) == (True, 1, 1)


def test_a_folder_restored_from_elsewhere_is_the_volume(
    desk: Desk, root: Path, tmp_path: Path
) -> None:
    put(root, "A/one.wav")
    volume = desk.add(root)
    note = desk.say("A/one.wav")
    root.rename(tmp_path / "old")
    put(root, "A/one.wav")
    assert desk.look(volume).online
    assert desk.noted_at(note) == desk.clip_at("A/one.wav")


def test_map_takes_the_same_files_elsewhere_and_nothing_else(
    desk: Desk, root: Path, tmp_path: Path
) -> None:
    put(root, "A/one.wav")
    put(root, "two.wav")
    volume = desk.add(root)
    note = desk.say("two.wav")
    other = tmp_path / "other"
    put(other, "else.wav")
    with pytest.raises(Refused, match="another folder"):
        desk.volumes.map(volume.id, other)
    (tmp_path / "empty").mkdir()
    with pytest.raises(Refused, match="empty"):
        desk.volumes.map(volume.id, tmp_path / "empty")
    new = root.rename(tmp_path / "renamed")
    assert not desk.look(volume).online
    mapped = desk.volumes.map(volume.name, new)
    assert mapped.online
    assert mapped.mount == str(new)
    assert {clip.state for clip in desk.clips().values()} == {"ready"}
    assert desk.look(mapped).online
    assert desk.noted_at(note) == desk.clip_at("two.wav")


def test_no_two_volumes_overlap(desk: Desk, root: Path, tmp_path: Path) -> None:
    put(root, "A/one.wav")
    volume = desk.add(root)
    (tmp_path / "link").symlink_to(root)
    for folder in (root, root / "A", tmp_path, tmp_path / "link"):
        with pytest.raises(Refused, match="overlaps"):
            desk.volumes.add(folder)
    other = tmp_path / "beside"
    put(other, "A/one.wav")
    second = desk.add(other)
    with pytest.raises(Refused, match="overlaps"):
        desk.volumes.map(second.id, root)
    desk.volumes.forget(volume.id)
    assert desk.volumes.add(root / "A").online


def test_what_cannot_be_watched_is_refused_with_words(desk: Desk, root: Path) -> None:
    path = put(root, "one.wav")
    for folder in (path, root / "none"):
        with pytest.raises(Refused, match="no folder"):
            desk.volumes.add(folder)
    with pytest.raises(Refused, match="none"):
        desk.volumes.add(root, kind="tape")


def test_forgotten_files_stay_on_disk_and_words_in_the_log(desk: Desk, root: Path) -> None:
    path = put(root, "one.wav")
    volume = desk.add(root)
    note = desk.say("one.wav")
    desk.volumes.forget(volume.name)
    assert desk.volumes.every() == []
    assert path.exists()
    assert desk.notes.get(note).text == "good"
    with pytest.raises(Refused, match="No volume"):
        desk.volumes.get(volume.id)


@pytest.mark.parametrize(
    ("kind", "derive"),
    [("local", Derive.ALL), ("removable", Derive.ALL), ("network", Derive.POSTERS)],
)
def test_how_much_is_derived_follows_the_kind(
    desk: Desk, root: Path, kind: str, derive: Derive
) -> None:
    assert kind in KINDS
    volume = desk.add(root, kind=kind)
    assert (volume.kind, volume.derive) == (kind, derive)
    chosen = desk.volumes.change(volume.id, derive=Derive.TOUCHED, hours="22:00-06:00", read_cap=5)
    assert (chosen.derive, chosen.hours, chosen.read_cap) == (Derive.TOUCHED, "22:00-06:00", 5)


def test_settings_say_how_much_is_derived(desk: Desk, root: Path) -> None:
    settings = Ingest(derive_local="touched", derive_network="all")
    asked = Volumes(desk.catalog, settings)
    for name, kind, derive in (("a", "local", "touched"), ("b", "network", "all")):
        (root / name).mkdir()
        assert asked.add(root / name, kind=kind).derive.value == derive


class _Dead:
    """A folder whose disk does not answer until the test lets it."""

    def __init__(self) -> None:
        self.answers = threading.Event()
        self.asked = 0

    def __call__(self) -> int:
        self.asked += 1
        self.answers.wait()
        return 7


def test_a_dead_disk_holds_nobody() -> None:
    dead, patience = _Dead(), Patience(1)
    try:
        with pytest.raises(Passing, match="does not answer"):
            patience.ask("disk", dead)
        with pytest.raises(Passing, match="does not answer"):
            patience.ask("disk", dead)
        assert dead.asked == 1, "one question hangs, no second one is put"
        assert patience.ask("another", lambda: 3) == 3
    finally:
        dead.answers.set()
    while any(thread.name == "patience" for thread in threading.enumerate()):
        threading.Event().wait(0.01)
    assert patience.ask("disk", dead) == 7


def test_what_a_disk_answers_with_an_error_is_raised() -> None:
    def gone() -> None:
        raise Missing("Gone", "It is gone.", subject="disk")

    with pytest.raises(Missing):
        Patience(5).ask("disk", gone)


def test_scans_are_due_at_the_start_on_return_and_when_asked(
    desk: Desk, root: Path, tmp_path: Path
) -> None:
    put(root, "one.wav")
    volume = desk.add(root)
    scans = Scans(desk.catalog, desk.volumes, desk.scanner, Watcher(desk.catalog), Ingest())

    def due() -> list[str]:
        with desk.catalog.read() as reader:
            return [subject.id for subject in scans.due(reader, 10, ())]

    assert due() == [volume.id]
    _run(desk, scans, volume.id)
    assert due() == []
    scans.want(volume.id)
    assert due() == [volume.id]
    _run(desk, scans, volume.id)
    away = root.rename(tmp_path / "away")
    desk.volumes.look(volume)
    assert due() == []
    away.rename(root)
    desk.volumes.look(volume)
    assert due() == [volume.id]
    assert os.path.lexists(root)


def test_a_scan_that_failed_is_tried_anew_at_the_start_and_when_its_volume_is_back(
    desk: Desk, root: Path, tmp_path: Path
) -> None:
    put(root, "one.wav")
    volume = desk.add(root)
    scans = Scans(desk.catalog, desk.volumes, desk.scanner, Watcher(desk.catalog), Ingest())

    def fail() -> None:
        error = as_json(NoRoom("The disk is full"))
        for _ in range(8):
            desk.catalog.write(
                lambda tx: attempts.failed(tx, "scan", volume.id, error, passing=True)
            )

    def waits() -> bool:
        with desk.catalog.read() as reader:
            return volume.id in attempts.blocked(reader, "scan")

    fail()
    assert waits()
    _run(desk, scans, "volumes", scans.look)
    assert not waits(), "Rushes was started"
    fail()
    _run(desk, scans, "volumes", scans.look)
    assert waits(), "nothing changed"
    away = root.rename(tmp_path / "away")
    _run(desk, scans, "volumes", scans.look)
    assert waits()
    away.rename(root)
    _run(desk, scans, "volumes", scans.look)
    assert not waits(), "it is back"
    with desk.catalog.read() as reader:
        assert [subject.id for subject in scans.due(reader, 10, ())] == [volume.id]


def _run(
    desk: Desk,
    scans: Scans,
    subject_id: str,
    act: Callable[[Context, Subject], object] | None = None,
) -> None:
    subject = Subject(subject_id, "io", "")
    recipe = Recipe("scan", "Scans", scans.due, scans.run)
    job = Job(recipe, subject, threading.Event())
    (act or scans.run)(Context(desk.catalog, job, lambda _: None), subject)


def test_a_read_cap_below_nothing_is_refused(desk: Desk, root: Path) -> None:
    volume = desk.add(root)
    with pytest.raises(Refused, match="below 0"):
        desk.volumes.change(volume.id, read_cap=-5)
    assert desk.volumes.get(volume.id).read_cap == volume.read_cap
