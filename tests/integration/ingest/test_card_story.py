"""Three cards, two shuttles, and everything that happens to them: the verdict is right at every step."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core.catalog.database import Catalog
from app.core.files import copy_back
from app.core.ingest.verdict import Light, Policy
from app.core.model.errors import Away, Refused
from app.core.model.offloads import CopyState, LegState, OffloadState, Verify
from app.core.platform import filesystems
from tests.support import catalogs
from tests.support.offloading import Station, make_playable, own_devices, rot


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    with catalogs.opened(tmp_path / "home") as opened:
        yield opened


@pytest.fixture
def station(catalog: Catalog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Station:
    made = Station(catalog, tmp_path)
    own_devices(monkeypatch, made.one, made.two)
    return made


def test_three_cards_two_shuttles_and_all_that_happens(station: Station, tmp_path: Path) -> None:
    first, second = (make_playable(tmp_path / f"card{n}", seed=n) for n in (1, 2))
    third = make_playable(tmp_path / "card3", seed=3)
    say = station.offloads.verdict

    assert say(first).light is Light.NOT_SAFE, "nothing of it is anywhere"

    # The first: to both shuttles.
    one = station.offload(first)
    good = say(first)
    assert (good.light, good.open) == (Light.SAFE, ())
    assert good.safe_files == good.files == 4

    # The second has clips of the same names: a folder of its own; the second shuttle dies in it.
    offload_id = station.begin(second)
    station.two.rename(tmp_path / "unplugged")
    parked = station.offloads.run(offload_id)
    assert [leg.state for leg in parked.legs] == [LegState.DONE, LegState.PARKED]
    assert parked.legs[0].folder != one.legs[0].folder
    half = say(second)
    assert half.light is Light.NOT_SAFE
    assert any("not on 2 devices" in why for why in half.open)
    stale = say(first)
    assert stale.light is Light.NOT_SAFE, "its second copy is not read back now"
    assert any("two" in why and "not read back now" in why for why in stale.open)

    # It is finished from the first shuttle, the card being out of the reader; in again, it is read.
    second.rename(tmp_path / "card2 pulled")
    (tmp_path / "unplugged").rename(station.two)
    station.offloads.go_on(offload_id)
    assert station.offloads.run(offload_id).state is OffloadState.DONE
    with pytest.raises((Away, Refused)):
        say(second)
    (tmp_path / "card2 pulled").rename(second)
    assert say(second).light is Light.SAFE

    # The third is pulled half-way and put back.
    offload_id = station.begin(third)
    third.rename(tmp_path / "card3 pulled")
    with pytest.raises(Away):
        station.offloads.run(offload_id)
    (tmp_path / "card3 pulled").rename(third)
    assert say(third).light is Light.NOT_SAFE
    assert station.offloads.run(offload_id).state is OffloadState.DONE
    assert say(third).light is Light.SAFE

    # Formatted and used again: what is on it now is nowhere else.
    shutil.rmtree(third)
    make_playable(third, seed=33)
    assert say(third).light is Light.NOT_SAFE
    known, verdicts = station.offloads.known_of(third)
    assert known
    assert [safe for _, _, _, safe, _, _ in verdicts][:2] == [False, True], "history stays history"
    assert station.offload(third).state is OffloadState.DONE
    assert say(third).light is Light.SAFE
    assert say(first).light is Light.SAFE

    # A bit rots on a shuttle, later: what was safe is not any more.
    rot(next((station.two / one.legs[1].folder).rglob("C0001.MP4")))
    rotten = say(first)
    assert rotten.light is Light.NOT_SAFE
    assert rotten.safe_files == rotten.files - 1
    assert any("C0001.MP4" in why for why in rotten.open)


def test_copies_on_one_device_are_one_copy(
    catalog: Catalog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    station = Station(catalog, tmp_path / "disk")
    own_devices(monkeypatch, tmp_path / "disk")
    card = make_playable(tmp_path / "card", seed=1)
    station.offload(card)
    found = station.offloads.verdict(card)
    assert found.light is Light.NOT_SAFE
    assert any("one device" in why for why in found.open)


def test_three_are_asked_for_where_the_project_says_so(station: Station, tmp_path: Path) -> None:
    card = make_playable(tmp_path / "card", seed=1)
    station.offload(card)
    assert station.offloads.verdict(card).light is Light.SAFE
    assert station.offloads.verdict(card, Policy(copies=3)).light is Light.NOT_SAFE
    assert station.offloads.verdict(card, Policy(off_site=True)).light is Light.NOT_SAFE


def test_copied_exactly_but_it_does_not_play(station: Station, tmp_path: Path) -> None:
    card = make_playable(tmp_path / "card", seed=1)
    clip = card / "PRIVATE/M4ROOT/CLIP/C0001.MP4"
    clip.write_bytes(clip.read_bytes()[:500])
    station.offload(card)
    found = station.offloads.verdict(card)
    assert found.light is Light.LOOK
    assert any(why.startswith("C0001 does not play") for why in found.open)


def test_a_part_that_is_missing_is_looked_at_before_formatting(
    station: Station, tmp_path: Path
) -> None:
    card = make_playable(tmp_path / "card", seed=1)
    (card / "PRIVATE/M4ROOT/CLIP/C0001M01.XML").unlink()
    station.offload(card)
    found = station.offloads.verdict(card)
    assert found.light is Light.LOOK
    assert any("C0001M01.XML" in why for why in found.open)


def test_what_was_left_out_is_not_safe(station: Station, tmp_path: Path) -> None:
    card = make_playable(tmp_path / "card", seed=1)
    (card / "elsewhere").symlink_to(tmp_path)
    station.offload(card)
    found = station.offloads.verdict(card)
    assert found.light is Light.NOT_SAFE
    assert any("elsewhere" in why for why in found.open)


def test_a_copy_that_was_never_read_back_counts_once_it_is(
    station: Station, tmp_path: Path
) -> None:
    card = make_playable(tmp_path / "card", seed=1)
    station.offload(card, verify=Verify.NOTHING)
    assert station.offloads.verdict(card).light is Light.SAFE, "the verdict reads everything itself"


def test_without_its_hash_list_a_copy_does_not_count(station: Station, tmp_path: Path) -> None:
    card = make_playable(tmp_path / "card", seed=1)
    done = station.offload(card)
    manifest = station.two / done.legs[1].folder / done.legs[1].manifest
    manifest.unlink()
    found = station.offloads.verdict(card)
    assert found.light is Light.NOT_SAFE
    assert any("two" in why and "hash list" in why for why in found.open)


def test_a_new_take_on_a_card_that_was_safe_makes_it_unsafe(
    station: Station, tmp_path: Path
) -> None:
    card = make_playable(tmp_path / "card", seed=1)
    station.offload(card)
    assert station.offloads.verdict(card).light is Light.SAFE
    (card / "PRIVATE/M4ROOT/CLIP/C0002.MP4").write_bytes(b"one more")
    found = station.offloads.verdict(card)
    assert found.light is Light.NOT_SAFE
    assert any("C0002.MP4" in why for why in found.open)


def test_what_was_perhaps_read_from_memory_proves_nothing(
    station: Station, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = make_playable(tmp_path / "card", seed=1)
    station.offload(card)
    kind = filesystems.mount_of(tmp_path).fs_type
    monkeypatch.setattr(copy_back, "_IN_MEMORY", frozenset((kind,)))
    found = station.offloads.verdict(card)
    assert (found.light, found.safe_files) == (Light.NOT_SAFE, 0)
    assert any("from memory" in why for why in found.open)
    again = station.offload(make_playable(tmp_path / "other", seed=2))
    assert station.states(again)["one"] == {CopyState.COPIED}, "never called verified"
