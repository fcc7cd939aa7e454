"""Repairs: a good copy takes the place of a damaged one, and back; cut off anywhere, the name stands for the one or the other."""

import itertools
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.core.catalog.database import Catalog
from app.core.files import copy_back, mhl_history, mhl_verify
from app.core.files.set_aside import aside_name, is_aside
from app.core.ingest import scrub_repair
from app.core.ingest.scrub_repair import Repaired
from app.core.model.errors import Away, Damage, Passing, Refused
from app.core.model.offloads import CopyState
from app.core.model.scrubs import RepairState
from app.core.platform import entries
from tests.support import catalogs, strace_kill
from tests.support.offloading import Station, files_of, make_card, rot
from tests.support.scrubbing import Scrubbing, child
from tests.support.source import ROOT
from tests.support.strace_kill import OF_COPIES, Point

CLIP = "PRIVATE/M4ROOT/CLIP/C0001.MP4"


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    with catalogs.opened(tmp_path / "home") as opened:
        yield opened


class Damaged:
    """A card on two destinations; a bit of one clip turned over on the second, and a scrub said so."""

    def __init__(self, catalog: Catalog, folder: Path, *more: str) -> None:
        self.catalog, self.folder = catalog, folder
        self.station, self.scrubbing = Station(catalog, folder), Scrubbing(catalog)
        self.scrub = self.scrubbing.scrub
        self.card = make_card(folder / "card", seed=1, clips=2)
        roots = [self.station.one, self.station.two, *(self.station.place(name) for name in more)]
        self.offload = self.station.offload(self.card, *roots)
        self.copies = [root / self.offload.legs[0].folder for root in roots]
        self.good = (self.card / CLIP).read_bytes()
        self.path = self.copies[1] / CLIP
        self.bad = self.rot(self.path)
        self.scrub.run(every=True)

    def rot(self, path: Path) -> bytes:
        """What is there then."""
        rot(path)
        return path.read_bytes()

    def repair(self) -> Repaired:
        """The whole of it."""
        return self.scrub.repair(self.scrub.plan_repair(str(self.path)))

    def beside(self) -> dict[str, bytes]:
        """What repairs left in the folder of the clip, by name."""
        every = self.path.parent.iterdir()
        return {one.name: one.read_bytes() for one in every if is_aside(one.name)}

    def states(self) -> list[RepairState]:
        """Of all repairs."""
        with self.catalog.read() as reader:
            return [one.state for one in scrub_repair.scrubs.repairs(reader)]


@pytest.fixture
def damaged(catalog: Catalog, tmp_path: Path) -> Damaged:
    return Damaged(catalog, tmp_path)


def test_a_preview_names_what_would_be_taken_and_changes_nothing(damaged: Damaged) -> None:
    planned = damaged.scrub.plan_repair(damaged.scrubbing.only().id)
    assert [(one.place, one.proven_ms > 0) for one in planned.sources] == [
        ("one", True),
        (f"the card {damaged.offload.name}", False),
    ]
    assert damaged.path.read_bytes() == damaged.bad
    assert (damaged.beside(), damaged.states()) == ({}, [])


def test_the_good_copy_takes_its_place_and_the_damaged_one_stays_beside(damaged: Damaged) -> None:
    done = damaged.repair()
    assert damaged.path.read_bytes() == damaged.good
    assert damaged.path.stat().st_mtime_ns == (damaged.card / CLIP).stat().st_mtime_ns
    ((name, data),) = damaged.beside().items()
    assert name.startswith("C0001.MP4.damaged-")
    assert data == damaged.bad
    assert done.beside == str(damaged.path.with_name(name))
    assert done.source == f"one: {damaged.copies[0] / CLIP}"
    assert damaged.scrub.damaged() == []
    assert damaged.states() == [RepairState.DONE]
    entries_now = damaged.station.entries(damaged.offload)
    assert {state for one in entries_now for state, _ in one.copies.values()} == {
        CopyState.VERIFIED
    }
    damaged.scrub.run(every=True)
    assert damaged.scrub.damaged() == []


def test_a_new_generation_tells_of_the_repair_and_the_folder_verifies(damaged: Damaged) -> None:
    before = mhl_history.read_history(damaged.copies[1])
    done = damaged.repair()
    history = mhl_history.read_history(damaged.copies[1])
    assert len(history.generations) == len(before.generations) + 1
    assert not history.all_problems
    text = (damaged.copies[1] / done.manifest).read_text()
    assert f"{CLIP} was damaged, and replaced by a good copy" in text
    found = mhl_verify.verify(damaged.copies[1], write=False)
    assert (found.verified, found.failed, found.new) == (len(files_of(damaged.card)), [], [])
    leg = damaged.station.offloads.get(damaged.offload.id).legs[1]
    assert leg.manifest == done.manifest


def test_the_card_copied_again_after_a_repair_goes_to_the_same_folder(damaged: Damaged) -> None:
    damaged.repair()
    roots = (damaged.station.one, damaged.station.two)
    again = damaged.station.offload(damaged.card, *roots, template="")
    assert again.legs[1].folder == damaged.offload.legs[1].folder
    assert damaged.bad in damaged.beside().values()


def test_undo_puts_the_damaged_file_back(damaged: Damaged) -> None:
    done = damaged.repair()
    undone = damaged.scrub.undo(done.id)
    assert damaged.path.read_bytes() == damaged.bad
    ((name, data),) = damaged.beside().items()
    assert name.startswith("C0001.MP4.repaired-")
    assert data == damaged.good
    assert damaged.states() == [RepairState.UNDONE]
    assert damaged.scrubbing.named() == {str(damaged.path)}
    history = mhl_history.read_history(damaged.copies[1])
    assert not history.all_problems
    assert "undone" in (damaged.copies[1] / undone.manifest).read_text()
    assert 'action="failed"' in (damaged.copies[1] / undone.manifest).read_text()
    with pytest.raises(Refused):
        damaged.scrub.undo(done.id)
    damaged.repair()
    assert damaged.path.read_bytes() == damaged.good


def test_nothing_is_put_back_over_what_was_changed_since(damaged: Damaged) -> None:
    done = damaged.repair()
    damaged.path.write_bytes(b"newer")
    with pytest.raises(Refused, match="is not what the repair put there"):
        damaged.scrub.undo(done.id)
    assert damaged.path.read_bytes() == b"newer"
    assert list(damaged.beside().values()) == [damaged.bad]
    assert damaged.states() == [RepairState.DONE]


def test_where_every_copy_is_rotten_it_is_refused_and_nothing_changes(damaged: Damaged) -> None:
    other = damaged.rot(damaged.copies[0] / CLIP)  # since it was read
    damaged.rot(damaged.card / CLIP)
    with pytest.raises(Damage, match="no other copy that is known has the right bytes"):
        damaged.repair()
    assert damaged.path.read_bytes() == damaged.bad
    assert (damaged.copies[0] / CLIP).read_bytes() == other
    assert (damaged.beside(), damaged.states()) == ({}, [RepairState.STOPPED])
    assert damaged.scrubbing.named() == {str(copy / CLIP) for copy in damaged.copies}, (
        "what was found on the way is named as well"
    )


def test_the_card_mends_what_no_copy_can(damaged: Damaged) -> None:
    damaged.rot(damaged.copies[0] / CLIP)
    assert damaged.repair().source == f"the card {damaged.offload.name}: {damaged.card / CLIP}"
    assert damaged.path.read_bytes() == damaged.good


def test_of_two_other_copies_the_one_that_is_right_is_taken(
    catalog: Catalog, tmp_path: Path
) -> None:
    damaged = Damaged(catalog, tmp_path, "three")
    damaged.card.rename(tmp_path / "card out")
    planned = damaged.scrub.plan_repair(str(damaged.path))
    assert {one.place for one in planned.sources} == {"one", "three"}
    first = Path(planned.sources[0].absolute)
    damaged.rot(first)
    done = damaged.scrub.repair(planned)
    assert done.source.endswith(planned.sources[1].absolute)
    assert damaged.path.read_bytes() == damaged.good
    assert damaged.scrubbing.named() == {str(first)}


def test_a_good_copy_that_fails_while_it_is_read_makes_way_for_the_next(
    damaged: Damaged, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, count = copy_back.read_source, itertools.count()

    def failing(*args: object, **kwargs: object) -> object:
        pieces = real(*args, **kwargs)  # type: ignore[arg-type]
        first = next(pieces)
        # The damaged file is read first, then the copy that was right last.
        if next(count) == 1:
            raise Passing("The file cannot be read there", "at byte 1")
        yield first
        yield from pieces

    monkeypatch.setattr(copy_back, "read_source", failing)
    assert damaged.repair().source.startswith("the card ")
    assert damaged.path.read_bytes() == damaged.good


def test_good_copies_that_are_away_are_asked_for_by_name(damaged: Damaged, tmp_path: Path) -> None:
    damaged.station.one.rename(tmp_path / "unplugged")
    damaged.card.rename(tmp_path / "card out")
    with pytest.raises(Away, match="No good copy is there") as raised:
        damaged.repair()
    assert "one" in raised.value.todo
    damaged.station.two.rename(tmp_path / "gone as well")
    with pytest.raises(Away):
        damaged.repair()


def test_what_is_right_by_now_is_not_replaced(damaged: Damaged) -> None:
    planned = damaged.scrub.plan_repair(str(damaged.path))
    damaged.rot(damaged.path)  # the same bit once more
    with pytest.raises(Refused, match="it has the right bytes"):
        damaged.scrub.repair(planned)
    assert (damaged.beside(), damaged.scrub.damaged()) == ({}, [])


def test_a_file_that_is_gone_comes_back_and_goes_again(damaged: Damaged) -> None:
    damaged.path.unlink()
    damaged.scrub.run(every=True)
    done = damaged.repair()
    assert done.beside == ""
    assert damaged.path.read_bytes() == damaged.good
    assert damaged.scrub.damaged() == []
    damaged.scrub.undo(done.id)
    assert not damaged.path.exists()
    assert list(damaged.beside().values()) == [damaged.good]
    assert damaged.scrubbing.named() == {str(damaged.path)}


def test_a_folder_that_is_gone_is_made_again(damaged: Damaged) -> None:
    shutil.rmtree(damaged.path.parent)
    damaged.scrub.run(every=True)
    gone = damaged.scrubbing.named()
    assert {Path(one).parent for one in gone} == {damaged.path.parent}
    for one in sorted(gone):
        damaged.scrub.repair(damaged.scrub.plan_repair(one))
    assert files_of(damaged.copies[1]) == files_of(damaged.card)


def test_a_disk_that_does_not_keep_what_is_written_gets_nothing(
    damaged: Damaged, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = entries.sync_place

    def rotting(place: entries.Place) -> None:
        real(place)
        for path in damaged.path.parent.glob("*.repairing-*"):
            rot(path)

    monkeypatch.setattr(entries, "sync_place", rotting)
    with pytest.raises(Damage, match="does not keep"):
        damaged.repair()
    assert damaged.path.read_bytes() == damaged.bad
    assert damaged.beside() == {}


def test_a_disk_that_is_pulled_midway_is_mended_by_the_same_command(
    damaged: Damaged, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = copy_back.read_source

    def pulled(*args: object, **kwargs: object) -> object:
        yield from real(*args, **kwargs)  # type: ignore[arg-type]
        if damaged.station.two.exists():
            damaged.station.two.rename(tmp_path / "pulled")

    with monkeypatch.context() as patch:
        patch.setattr(copy_back, "read_source", pulled)
        with pytest.raises(Away):
            damaged.repair()
    (tmp_path / "pulled").rename(damaged.station.two)
    assert damaged.path.read_bytes() == damaged.bad
    assert damaged.scrubbing.named() == {str(damaged.path)}
    damaged.repair()
    assert damaged.path.read_bytes() == damaged.good
    assert list(damaged.beside().values()) == [damaged.bad]


class _Dead(BaseException):
    """From here on nothing reaches the disk."""


class _Cut:
    """Ends a process at its n-th call that changes something: that one is not made, nor any after it."""

    def __init__(self, at: int) -> None:
        self.at, self.calls = at, 0

    def around(self, real: Callable[..., object]) -> Callable[..., object]:
        """The same, until it is dead."""

        def call(*args: object, **kwargs: object) -> object:
            self.calls += 1
            if self.calls >= self.at:
                raise _Dead
            return real(*args, **kwargs)

        return call


CHANGING = ("create", "write_all", "sync_handle", "sync_place", "rename_new", "exchange", "remove", "set_time")  # fmt: skip


def _dies(
    monkeypatch: pytest.MonkeyPatch, damaged: Damaged, at: int, act: Callable[[], object]
) -> bool:
    """Whether it was cut at that change; false where it went through before."""
    cut = _Cut(at)
    with monkeypatch.context() as patch:
        for name in CHANGING:
            patch.setattr(entries, name, cut.around(getattr(entries, name)))
        patch.setattr(damaged.catalog, "write", cut.around(damaged.catalog.write))
        for name in ("link", "unlink"):  # where a rename is both
            patch.setattr(os, name, cut.around(getattr(os, name)))
        try:
            act()
        except _Dead:
            return True
    return False


WAYS = [
    "exchange",
    *(pytest.param(way, marks=pytest.mark.long) for way in ("links", "rename")),
]


@pytest.mark.parametrize("way", WAYS)
def test_cut_at_any_step_the_name_stands_for_one_or_the_other_and_a_rerun_mends_it(
    damaged: Damaged, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    exchanges = _only(monkeypatch, way)
    cuts = 0
    # Each round cuts one step later, mends, and undoes: the next begins as the first did.
    while _dies(monkeypatch, damaged, cuts + 1, damaged.repair):
        cuts += 1
        _sound_after_a_cut(damaged, damaged.bad, exchanges=exchanges)
        if damaged.scrubbing.named():
            damaged.repair()
        assert damaged.path.read_bytes() == damaged.good
        assert damaged.bad in damaged.beside().values()
        assert damaged.scrub.damaged() == []
        _undo_last(damaged)
        for path in damaged.path.parent.glob("*.repaired-*"):
            path.unlink()
    assert cuts > 8


def _only(monkeypatch: pytest.MonkeyPatch, way: str) -> bool:
    """The filesystem can only so much; whether names can change places."""
    if way != "exchange":
        monkeypatch.setattr(entries, "exchange", lambda *_: False)
    if way == "links":
        monkeypatch.setattr(entries, "_renamed_by_system", lambda *_: False)
    return way == "exchange"


def _sound_after_a_cut(damaged: Damaged, bad: bytes, *, exchanges: bool) -> None:
    there = damaged.path.read_bytes() if damaged.path.exists() else None
    assert there in ((damaged.good, bad) if exchanges else (damaged.good, bad, None))
    every = [*damaged.beside().values(), there]
    assert bad in every, "the damaged file is never lost"
    if there != damaged.good:
        assert damaged.scrubbing.named() == {str(damaged.path)}, "never silently"


def _undo_last(damaged: Damaged) -> None:
    with damaged.catalog.read() as reader:
        (done,) = scrub_repair.scrubs.repairs(reader, (RepairState.DONE,))
    damaged.scrub.undo(done.id)
    assert damaged.path.read_bytes() == damaged.bad


@pytest.mark.parametrize("at", [1, 2])
def test_a_rename_cut_between_its_two_links_is_finished_by_a_rerun(
    damaged: Damaged, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    _only(monkeypatch, "links")
    with monkeypatch.context() as patch:
        patch.setattr(os, "unlink", _Cut(at).around(os.unlink))
        with pytest.raises(_Dead):
            damaged.repair()
    _sound_after_a_cut(damaged, damaged.bad, exchanges=False)
    damaged.repair()
    assert damaged.path.read_bytes() == damaged.good
    assert list(damaged.beside().values()) == [damaged.bad]
    assert damaged.scrub.damaged() == []


@pytest.mark.parametrize("way", WAYS)
def test_an_undo_cut_at_any_step_is_finished_by_a_rerun(
    damaged: Damaged, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    exchanges = _only(monkeypatch, way)
    for at in itertools.count(1):
        done = damaged.repair()
        dead = _dies(monkeypatch, damaged, at, lambda words=done.id: damaged.scrub.undo(words))
        _sound_after_a_cut_of_undo(damaged, exchanges=exchanges)
        if RepairState.DONE in damaged.states() or RepairState.UNDOING in damaged.states():
            damaged.scrub.undo(done.id)
        assert damaged.path.read_bytes() == damaged.bad
        assert damaged.good in damaged.beside().values()
        for path in damaged.path.parent.glob("*.repaired-*"):
            path.unlink()
        if not dead:
            assert at > 4
            return


def _sound_after_a_cut_of_undo(damaged: Damaged, *, exchanges: bool) -> None:
    there = damaged.path.read_bytes() if damaged.path.exists() else None
    assert there is not None or not exchanges
    every = [*damaged.beside().values(), there]
    assert damaged.bad in every
    assert damaged.good in every


def test_killed_the_name_stands_for_one_or_the_other(tmp_path: Path) -> None:
    _killed(tmp_path, Point("renameat2", 2))


@pytest.mark.long
def test_killed_at_each_call_the_name_stands_for_one_or_the_other(tmp_path: Path) -> None:
    with catalogs.opened(tmp_path / "home") as catalog:
        path = str(Damaged(catalog, tmp_path).path)
    every = strace_kill.points(child(tmp_path / "home", "repair", path), OF_COPIES)
    for number, point in enumerate(every):
        place = tmp_path / str(number)
        place.mkdir()
        _killed(place, point)
    assert len(every) > 20


def _killed(place: Path, point: Point) -> None:
    with catalogs.opened(place / "home") as catalog:
        damaged = Damaged(catalog, place)
    words = child(place / "home", "repair", str(damaged.path))
    said = strace_kill.killed_at(point, words)
    with catalogs.opened(place / "home") as catalog:
        damaged.catalog, damaged.scrubbing = catalog, Scrubbing(catalog)
        damaged.scrub = damaged.scrubbing.scrub
        _sound_after_a_cut(damaged, damaged.bad, exchanges=True)
        open_still = bool(damaged.scrubbing.named())
        assert not (open_still and said), "it said that it was done"
    if open_still:
        subprocess.run(words, cwd=ROOT, check=True, capture_output=True)
    assert damaged.path.read_bytes() == damaged.good
    assert list(damaged.beside().values()) == [damaged.bad]


def test_names_beside_are_new_short_enough_and_known() -> None:
    first = aside_name("C1.MP4", "damaged", "2026-05-14", frozenset())
    assert first == "C1.MP4.damaged-2026-05-14"
    second = aside_name("C1.MP4", "damaged", "2026-05-14", frozenset((first,)))
    assert second == "C1.MP4.damaged-2026-05-14-2"
    long = aside_name("ü" * 127, "repairing", "2026-05-14", frozenset())
    assert len(os.fsencode(long)) <= 255
    assert all(is_aside(name) for name in (first, second, long))
    assert not is_aside("C1.MP4")
    assert not is_aside("C1.damaged-2026.MP4")
