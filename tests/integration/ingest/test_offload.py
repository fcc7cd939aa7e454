"""Offloads: every file of a card on every destination, read back, and nothing told that is not so."""

import datetime
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core.catalog.database import Catalog
from app.core.files import copying, mhl_history, mhl_legacy, mhl_verify
from app.core.ingest import offload_naming
from app.core.ingest.offload_naming import Named, ShootDay
from app.core.ingest.offload_plan import Choices
from app.core.ingest.offload_run import Run
from app.core.model.errors import Away, Cancelled, NoRoom, Refused
from app.core.model.offloads import CopyState, EntryState, LegState, OffloadState, Verify
from app.core.platform import filesystems
from tests.support import catalogs
from tests.support.jobs import run_all
from tests.support.offloading import Station, files_of, make_card, own_devices


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    with catalogs.opened(tmp_path / "home") as opened:
        yield opened


@pytest.fixture
def station(catalog: Catalog, tmp_path: Path) -> Station:
    return Station(catalog, tmp_path)


@pytest.fixture
def card(tmp_path: Path) -> Path:
    return make_card(tmp_path / "card", seed=1)


def test_everything_of_a_card_is_on_every_destination_and_read_back(
    station: Station, card: Path
) -> None:
    before = {path: path.stat().st_mtime_ns for path in card.rglob("*")}
    done = station.offload(card)
    assert done.state is OffloadState.DONE
    assert [leg.state for leg in done.legs] == [LegState.DONE, LegState.DONE]
    for root in (station.one, station.two):
        copy = root / done.legs[0].folder
        assert files_of(copy) == files_of(card)
        assert (copy / "PRIVATE/M4ROOT/SUB").is_dir(), "empty folders are part of a card"
        assert mhl_verify.verify(copy, write=False).verified == len(files_of(card))
    assert station.states(done) == {"one": {CopyState.VERIFIED}, "two": {CopyState.VERIFIED}}
    assert {one.state for one in station.entries(done)} == {EntryState.TWICE}
    assert {path: path.stat().st_mtime_ns for path in card.rglob("*")} == before


def test_the_same_card_again_copies_nothing(station: Station, card: Path) -> None:
    first = station.offload(card)
    copy = station.one / first.legs[0].folder
    inodes = {copy / path: (copy / path).stat().st_ino for path in files_of(copy)}
    again = station.offload(card)
    assert again.state is OffloadState.DONE
    assert again.legs[0].folder == first.legs[0].folder
    assert {p: p.stat().st_ino for p in inodes} == inodes
    assert {said for one in station.entries(again) for _, said in one.copies.values()} == {
        "past the page cache"
    }


def test_other_content_of_the_same_names_goes_to_a_folder_of_its_own(
    station: Station, card: Path, tmp_path: Path
) -> None:
    first = station.offload(card, template="A003")
    other = make_card(tmp_path / "other", seed=2)
    second = station.offload(other, template="A003")
    assert (first.legs[0].folder, second.legs[0].folder) == ("A003", "A003__2")
    assert files_of(station.one / "A003") == files_of(card)
    assert files_of(station.one / "A003__2") == files_of(other)


def test_a_destination_that_goes_is_parked_and_finished_from_the_other_without_the_card(
    station: Station, card: Path, tmp_path: Path
) -> None:
    offload_id = station.begin(card)
    station.two.rename(tmp_path / "unplugged")
    parked = station.offloads.run(offload_id)
    assert [leg.state for leg in parked.legs] == [LegState.DONE, LegState.PARKED]
    assert "not there" in parked.legs[1].problem
    assert not station.two.exists(), "nothing is made where a disk was mounted"
    card.rename(tmp_path / "card taken out")
    (tmp_path / "unplugged").rename(station.two)
    station.offloads.go_on(offload_id)
    done = station.offloads.run(offload_id)
    assert done.state is OffloadState.DONE
    assert files_of(station.two / done.legs[1].folder) == files_of(tmp_path / "card taken out")
    assert station.states(done)["two"] == {CopyState.VERIFIED}


def test_without_the_card_and_without_a_proven_copy_nothing_is_said_to_be_done(
    station: Station, card: Path, tmp_path: Path
) -> None:
    offload_id = station.begin(card)
    card.rename(tmp_path / "card taken out")
    with pytest.raises(Away, match="not in"):
        station.offloads.run(offload_id)
    assert station.offloads.get(offload_id).state is OffloadState.WANTED
    (tmp_path / "card taken out").rename(card)
    assert station.offloads.run(offload_id).state is OffloadState.DONE


def test_a_card_that_was_changed_since_is_not_taken_for_it(station: Station, card: Path) -> None:
    offload_id = station.begin(card)
    (card / "new.MP4").write_bytes(b"one more take")
    with pytest.raises(Refused, match="changed"):
        station.offloads.run(offload_id)
    assert files_of(station.one) == {}


def test_what_was_cut_off_goes_on_and_copies_nothing_twice(
    station: Station, card: Path, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    offload_id = station.begin(card)
    total = sum(len(data) for data in files_of(card).values())
    seen = [0]
    run = Run(
        catalog,
        offload_id,
        cancel=lambda: seen[0] > total // 2,
        told=lambda done, _total: seen.__setitem__(0, done),
    )
    with pytest.raises(Cancelled):
        run.go()
    noted = {one.path for one in station.offloads.entries(offload_id) if one.copies}
    assert noted
    real, read = copying.copy_files, list[str]()

    def counted(source: Path, rels: list[str], *rest: object, **more: object) -> object:
        read.extend(rels)
        return real(source, rels, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(copying, "copy_files", counted)
    done = station.offloads.run(offload_id)
    assert done.state is OffloadState.DONE
    assert noted.isdisjoint(read), "what the journal says is there is not read to be copied again"
    assert len(noted | set(read)) == len(files_of(card))
    assert files_of(station.one / done.legs[0].folder) == files_of(card)


def test_a_copy_that_is_not_what_was_read_is_found_and_the_hash_list_says_failed(
    station: Station, card: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    offload_id = station.begin(card)
    monkeypatch.setattr(Run, "_read_again", lambda *_: None)
    monkeypatch.setattr(Run, "_close", lambda *_: None)
    station.offloads.run(offload_id)
    monkeypatch.undo()
    victim = next(station.two.rglob("C0002.MP4"))
    data = bytearray(victim.read_bytes())
    data[1000] ^= 1
    victim.write_bytes(data)
    found = station.offloads.run(offload_id)
    assert found.state is OffloadState.WANTED
    assert [leg.state for leg in found.legs] == [LegState.DONE, LegState.PARKED]
    wrong = [
        one.path
        for one in station.entries(found)
        if one.copies[found.legs[1].id][0] is CopyState.DIFFERS
    ]
    assert wrong == ["PRIVATE/M4ROOT/CLIP/C0002.MP4"]
    history = mhl_history.read_history(victim.parents[3])
    assert history.known["PRIVATE/M4ROOT/CLIP/C0002.MP4"].failed


def test_a_source_that_gives_other_bytes_the_second_time_is_named(
    station: Station, card: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    offload_id = station.begin(card)
    monkeypatch.setattr(Run, "_read_again", lambda *_: None)
    monkeypatch.setattr(Run, "_close", lambda *_: None)
    station.offloads.run(offload_id)
    monkeypatch.undo()
    clip = card / "PRIVATE/M4ROOT/CLIP/C0001.MP4"
    stat = clip.stat()
    data = bytearray(clip.read_bytes())
    data[7] ^= 4
    clip.write_bytes(data)
    os.utime(clip, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    found = station.offloads.run(offload_id)
    assert found.state is OffloadState.WANTED
    (differs,) = [one for one in station.entries(found) if one.state is EntryState.DIFFERS]
    assert (differs.path, "other bytes" in differs.problem) == (
        "PRIVATE/M4ROOT/CLIP/C0001.MP4",
        True,
    )


def test_hashes_that_came_with_a_card_are_compared_and_their_history_goes_on(
    station: Station, card: Path
) -> None:
    mhl_verify.verify(card, first=True)
    done = station.offload(card)
    assert done.state is OffloadState.DONE
    history = mhl_history.read_history(station.one / done.legs[0].folder)
    assert len(history.generations) == 2
    assert not history.problems
    again = station.offload(card)
    assert (again.state, again.legs[0].folder) == (OffloadState.DONE, done.legs[0].folder)
    assert len(mhl_history.read_history(station.one / done.legs[0].folder).generations) == 3
    clip = card / "PRIVATE/M4ROOT/CLIP/C0003.MP4"
    clip.write_bytes(b"x" * clip.stat().st_size)
    found = station.offload(card, template="again")
    (wrong,) = [one for one in station.entries(found) if one.state is EntryState.DIFFERS]
    assert wrong.path.endswith("C0003.MP4")
    assert "hash list on the card" in wrong.problem
    assert found.state is OffloadState.WANTED


def test_not_verified_is_never_called_verified(station: Station, card: Path) -> None:
    done = station.offload(card, verify=Verify.NOTHING)
    assert (done.state, done.verify.words) == (OffloadState.DONE, "copied, not verified")
    assert station.states(done) == {"one": {CopyState.COPIED}, "two": {CopyState.COPIED}}
    assert {one.state for one in station.entries(done)} == {EntryState.READ}


def test_what_stands_in_the_way_is_told_before_the_first_byte(station: Station, card: Path) -> None:
    with pytest.raises(Refused, match="on the card"):
        station.begin(card, card / "PRIVATE")
    with pytest.raises(Refused, match="twice"):
        station.begin(card, station.one, station.one)
    with pytest.raises(Away):
        station.begin(card, station.folder / "nowhere")


def test_links_are_named_and_never_followed(station: Station, card: Path) -> None:
    (card / "elsewhere").symlink_to("/etc")
    done = station.offload(card)
    assert [path for path, _ in done.left_out] == ["elsewhere"]
    assert not (station.one / done.legs[0].folder / "elsewhere").exists()


def test_a_file_that_may_not_be_put_there_is_named_and_the_leg_parked(
    station: Station, card: Path
) -> None:
    offload_id = station.begin(card, template="A001")
    blocked = station.two / "A001/PRIVATE/M4ROOT/CLIP/C0001.MP4"
    blocked.parent.mkdir(parents=True)
    blocked.write_bytes(b"something else")
    found = station.offloads.run(offload_id)
    assert [leg.state for leg in found.legs] == [LegState.DONE, LegState.PARKED]
    assert blocked.read_bytes() == b"something else"
    assert station.states(found)["two"] == {CopyState.VERIFIED, CopyState.FAILED}
    blocked.unlink()
    station.offloads.go_on(offload_id)
    assert station.offloads.run(offload_id).state is OffloadState.DONE


def test_paused_means_that_nothing_goes_on_by_itself(station: Station, card: Path) -> None:
    offload_id = station.begin(card)
    station.offloads.pause(offload_id)
    recipe = station.offloads.recipes()[0]
    with station.catalog.read() as reader:
        assert recipe.due(reader, 10, ()) == []
    station.offloads.go_on(offload_id)
    with station.catalog.read() as reader:
        assert [one.id for one in recipe.due(reader, 10, ())] == [offload_id]


def test_a_folder_is_named_by_its_template_and_the_night_belongs_to_the_day_before() -> None:
    late = datetime.datetime(2026, 5, 15, 0, 30, tzinfo=datetime.UTC)
    named = Named("Harbour film", "A003", "A", late, 7)
    berlin = ShootDay(4, "Europe/Berlin")
    words = offload_naming.folder_for("{project}/{shootday}/{cam}/{card}", named, berlin)
    assert words == "Harbour film/2026-05-14/A/A003"
    assert offload_naming.folder_for("{date}_{counter:04}", named, berlin) == "2026-05-15_0007"
    nameless = Named("../..", "", "", late, 7)
    assert offload_naming.folder_for("{project}/{reel}/{card}", nameless, berlin) == "_/CARD007"
    with pytest.raises(Refused, match="no element"):
        offload_naming.folder_for("{nonsense}", named)
    with pytest.raises(Refused, match="time zone"):
        offload_naming.folder_for("{shootday}", named, ShootDay(4, "Mars/Crater"))


@pytest.mark.parametrize(
    ("clips", "reel"),
    [
        (["A003C001_260514_R1AB", "A003C002_260514_R1AB"], "A003"),
        (["A003_C001_0514AB", "A003_C002_0514AB"], "A003"),
        (["A003C001", "B001C001"], ""),
        (["C0001", "C0002"], ""),
        ([], ""),
    ],
)
def test_the_reel_is_what_the_clips_share(clips: list[str], reel: str) -> None:
    assert offload_naming.reel_of(clips) == reel


def test_a_leg_that_fails_while_it_is_copied_does_not_stop_the_other(
    station: Station, card: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second disk goes after the first file."""
    real, count = copying.copy_files, [0]

    def going(*args: object, **kwargs: object) -> Iterator[object]:
        for result in real(*args, **kwargs):  # type: ignore[arg-type]
            count[0] += 1
            if count[0] == 1:
                station.two.rename(tmp_path / "pulled")
            yield result

    monkeypatch.setattr(copying, "copy_files", going)
    monkeypatch.setattr("app.core.files.copy_batch._HANDLES", 1)
    found = station.offload(card)
    assert [leg.state for leg in found.legs] == [LegState.DONE, LegState.PARKED]
    assert files_of(station.one / found.legs[0].folder) == files_of(card)


def test_what_comes_back_goes_on_by_itself(
    station: Station, card: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.core.ingest.offloads._AWAY_SECONDS", 0)
    recipes = {one.name: one for one in station.offloads.recipes()}
    offload_id = station.begin(card)
    station.two.rename(tmp_path / "unplugged")
    run_all(station.catalog, recipes["offload"], 5)
    assert station.offloads.get(offload_id).legs[1].away
    run_all(station.catalog, recipes["offload-look"], 1)
    assert run_all(station.catalog, recipes["offload"], 5) == 0, "it is not there"
    (tmp_path / "unplugged").rename(station.two)
    run_all(station.catalog, recipes["offload-look"], 1)
    assert run_all(station.catalog, recipes["offload"], 5) == 1
    assert station.offloads.get(offload_id).state is OffloadState.DONE


def test_offloads_to_one_disk_wait_for_each_other_and_others_do_not(
    station: Station, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    third = station.place("three")
    own_devices(monkeypatch, station.one, station.two, third)
    known: dict[Path, str] = {}
    monkeypatch.setattr("app.core.ingest.offload_plan.source_id", known.__getitem__)
    cards = [make_card(tmp_path / f"card{n}", seed=n + 10) for n in range(3)]
    for number, one in enumerate(cards):
        known[one] = f"uuid {number} ."
    first = station.begin(cards[0], station.one, station.two)
    second = station.begin(cards[1], station.two)
    other = station.begin(cards[2], third)
    with station.catalog.read() as reader:
        due = [one.id for one in station.offloads.recipes()[0].due(reader, 10, ())]
    assert due == [first, other]
    station.offloads.stop(first)
    with station.catalog.read() as reader:
        assert [one.id for one in station.offloads.recipes()[0].due(reader, 10, ())] == [
            second,
            other,
        ]


def test_two_who_ask_for_one_offload_get_one(
    station: Station, card: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The engine has begun it when the command line asks: it waits, and nothing is done twice."""
    offload_id = station.begin(card)
    begun, go = threading.Event(), threading.Event()
    real, runs = Run.go, list[str]()

    def held(run: Run) -> None:
        runs.append(run.offload.state.value)
        begun.set()
        go.wait(30)
        real(run)

    monkeypatch.setattr(Run, "go", held)
    first = threading.Thread(target=station.offloads.run, args=(offload_id,))
    first.start()
    assert begun.wait(30)
    looked = list[bool]()

    def cancel() -> bool:
        looked.append(True)
        go.set()
        return False

    done = station.offloads.run(offload_id, cancel=cancel)
    first.join()
    assert looked
    assert done.state is OffloadState.DONE
    assert runs == ["wanted", "done"]


def test_a_slow_disk_is_copied_from_the_fast_one_once_that_is_proven(
    station: Station, card: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, read = copying.copy_files, list[tuple[str, tuple[str, ...]]]()

    def noted(source: Path, rels: object, legs: list[copying.Leg], **more: object) -> object:
        read.append((source.name, tuple(leg.name for leg in legs)))
        return real(source, rels, legs, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(copying, "copy_files", noted)
    done = station.offload(card, then=(str(station.two),), template="A001")
    assert done.state is OffloadState.DONE
    assert set(read) == {("card", ("one",)), ("A001", ("two",))}
    assert station.states(done)["two"] == {CopyState.VERIFIED}
    assert files_of(station.two / "A001") == files_of(card)


def test_where_the_fast_disk_is_lost_the_slow_one_is_copied_from_the_card(
    station: Station, card: Path, tmp_path: Path
) -> None:
    offload_id = station.begin(card, then=(str(station.two),))
    station.one.rename(tmp_path / "unplugged")
    found = station.offloads.run(offload_id)
    assert [leg.state for leg in found.legs] == [LegState.PARKED, LegState.DONE]
    assert files_of(station.two / found.legs[1].folder) == files_of(card)


def test_a_card_pulled_before_anything_was_read_back_still_gives_what_one_disk_has(
    station: Station, card: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    offload_id = station.begin(card)
    station.two.rename(tmp_path / "unplugged")
    monkeypatch.setattr(Run, "_read_again", lambda *_: None)
    monkeypatch.setattr(Run, "_close", lambda *_: None)
    station.offloads.run(offload_id)
    monkeypatch.undo()
    (tmp_path / "unplugged").rename(station.two)
    card.rename(tmp_path / "card pulled")
    station.offloads.go_on(offload_id)
    with pytest.raises(Away):
        station.offloads.run(offload_id)
    found = station.offloads.get(offload_id)
    assert [leg.state for leg in found.legs] == [LegState.DONE, LegState.DONE]
    assert files_of(station.two / found.legs[1].folder) == files_of(tmp_path / "card pulled")
    assert found.state is OffloadState.WANTED, "it promised to read the card twice"
    with station.catalog.read() as reader:
        assert [one.id for one in station.offloads.recipes()[0].due(reader, 10, ())] == [offload_id]
    (tmp_path / "card pulled").rename(card)
    assert station.offloads.run(offload_id).state is OffloadState.DONE
    assert {one.state for one in station.entries(found)} == {EntryState.TWICE}


def test_legacy_lists_are_written_on_request_and_stand_in_nobodys_way(
    station: Station, card: Path
) -> None:
    done = station.offload(card)
    lists = station.offloads.legacy_lists(done.id)
    assert [path.parent for path in lists] == [station.one / "CARD001", station.two / "CARD001"]
    found = mhl_legacy.read_legacy(lists[0])
    assert {one.path for one in found.files} == set(files_of(card))
    again = station.offload(card)
    assert (again.state, again.legs[0].folder) == (OffloadState.DONE, "CARD001")


def test_equal_files_of_a_card_are_both_copied(station: Station, card: Path) -> None:
    clip = card / "PRIVATE/M4ROOT/CLIP/C0001.MP4"
    (card / "PRIVATE/M4ROOT/CLIP/C0009.MP4").write_bytes(clip.read_bytes())
    done = station.offload(card)
    assert done.state is OffloadState.DONE
    assert files_of(station.one / done.legs[0].folder) == files_of(card)


def test_what_does_not_fit_is_not_begun(station: Station, tmp_path: Path) -> None:
    big = make_card(tmp_path / "big", seed=4)
    with (big / "hollow.mov").open("wb") as hollow:
        hollow.truncate(filesystems.space(tmp_path).free + (1 << 30))
    planned = station.offloads.plan(big, [station.one], Choices("A001"))
    assert "room" in [one.kind for one in planned.problems]
    with pytest.raises(NoRoom, match="needed"):
        station.offloads.begin(planned)
    assert station.offloads.every() == []
    assert list(station.one.iterdir()) == []
