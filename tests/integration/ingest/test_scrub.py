"""Scrubs: what rotted is named with the copy that was right last, and nothing else is; a share a night, in its hours."""

import datetime
import itertools
import os
import random
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core.catalog.database import Catalog
from app.core.checking import Checker
from app.core.files import copy_back, mhl_history
from app.core.ingest import scrub_nights
from app.core.ingest.scrub import Scrub
from app.core.ingest.verdict import Light
from app.core.model.errors import Cancelled
from app.core.model.offloads import CopyState
from app.core.platform.preferences import Derivatives, Ingest
from app.core.post.store import ProxyStore
from app.core.work.courtesy import Courtesy
from tests.support import catalogs
from tests.support.jobs import run_all
from tests.support.offloading import Station, files_of, make_card, make_playable, own_devices, rot
from tests.support.scrubbing import NIGHT, Scrubbing

CLIP = "PRIVATE/M4ROOT/CLIP/C0001.MP4"


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


@pytest.fixture
def scrubbing(catalog: Catalog) -> Scrubbing:
    return Scrubbing(catalog)


def test_whole_copies_are_read_and_nothing_is_said_of_them(
    station: Station, card: Path, scrubbing: Scrubbing
) -> None:
    done = station.offload(card)
    before = {path: path.stat() for path in station.one.rglob("*")}
    report = scrubbing.scrub.run(every=True)
    assert report.files == 2 * len(files_of(card))
    assert (report.away, report.left, scrubbing.named()) == ([], [], set())
    assert station.states(done) == {"one": {CopyState.VERIFIED}, "two": {CopyState.VERIFIED}}
    after = {path: path.stat() for path in station.one.rglob("*")}
    assert [(one.st_mtime_ns, one.st_ino) for one in after.values()] == [
        (one.st_mtime_ns, one.st_ino) for one in before.values()
    ]


def test_one_bit_is_found_and_named_with_the_copy_that_was_right_last(
    station: Station, card: Path, scrubbing: Scrubbing
) -> None:
    folder = station.offload(card).legs[0].folder
    rot(station.two / folder / CLIP)
    lists = sorted(path.name for path in station.two.rglob("ascmhl/*"))
    scrubbing.scrub.run(every=True)
    (found,) = scrubbing.scrub.damaged()
    assert found.copy.absolute == str(station.two / folder / CLIP)
    assert "it rotted" in found.copy.said
    assert "last right at" in found.copy.said
    assert found.good
    assert (found.good.place, found.good.absolute) == ("one", str(station.one / folder / CLIP))
    assert found.good.proven_ms > 0
    assert sorted(path.name for path in station.two.rglob("ascmhl/*")) == lists, "no silent change"
    first = (found.copy.at_ms, found.copy.said)
    scrubbing.scrub.run(every=True)
    assert (scrubbing.only().at_ms, scrubbing.only().said) == first, "when it was found stays"


def test_check_names_it_and_says_what_to_do(
    station: Station, card: Path, scrubbing: Scrubbing, tmp_path: Path
) -> None:
    folder = station.offload(card).legs[0].folder
    checker = Checker(
        station.catalog, ProxyStore(station.catalog, tmp_path / "home", Derivatives())
    )
    assert checker.check().problems == ()
    rot(station.one / folder / CLIP)
    scrubbing.scrub.run(every=True)
    ((what, subject),) = checker.check().problems
    assert what.startswith("a copy of a card is not what was copied")
    assert subject == str(station.one / folder / CLIP)


def test_both_copies_rotten_are_both_named_and_none_is_called_good(
    station: Station, card: Path, scrubbing: Scrubbing
) -> None:
    folder = station.offload(card).legs[0].folder
    for root in (station.one, station.two):
        rot(root / folder / CLIP)
    scrubbing.scrub.run(every=True)
    assert [one.good for one in scrubbing.scrub.damaged()] == [None, None]


def test_a_rotten_card_says_nothing_of_its_copies(
    station: Station, card: Path, scrubbing: Scrubbing
) -> None:
    station.offload(card)
    rot(card / CLIP)
    scrubbing.scrub.run(every=True)
    assert scrubbing.named() == set()


def test_what_was_written_to_and_what_is_gone_is_told_apart_from_rot(
    station: Station, card: Path, scrubbing: Scrubbing
) -> None:
    copy = station.one / station.offload(card).legs[0].folder
    (copy / CLIP).write_bytes(b"x" * (copy / CLIP).stat().st_size)
    (copy / "nobody.knows").write_bytes(b"short")
    thumb = copy / "PRIVATE/M4ROOT/THMBNL/C0002T01.JPG"
    thumb.unlink()
    scrubbing.scrub.run(every=True)
    said = {Path(one.copy.absolute): one.copy.said for one in scrubbing.scrub.damaged()}
    assert "written to at" in said[copy / CLIP]
    assert "5 bytes, and had 99" in said[copy / "nobody.knows"]
    assert "not there any more" in said[thumb]
    assert len(said) == 3


def test_put_right_by_hand_it_is_named_no_more(
    station: Station, card: Path, scrubbing: Scrubbing
) -> None:
    folder = station.offload(card).legs[0].folder
    rot(station.two / folder / CLIP)
    scrubbing.scrub.run(every=True)
    shutil.copy2(station.one / folder / CLIP, station.two / folder / CLIP)
    scrubbing.scrub.run(every=True)
    assert scrubbing.named() == set()


def test_a_verdict_that_counted_on_it_is_withdrawn_once(
    station: Station, tmp_path: Path, scrubbing: Scrubbing, monkeypatch: pytest.MonkeyPatch
) -> None:
    roots = (station.one, station.two, station.place("three"))
    own_devices(monkeypatch, *roots)
    mine, other = (make_playable(tmp_path / f"card{n}", seed=n) for n in (1, 2))
    folder = station.offload(mine, *roots).legs[0].folder
    station.offload(other)
    for card in (mine, other):
        station.offloads.verdict(card)
    rot(station.two / folder / CLIP)
    scrubbing.scrub.run(every=True)
    scrubbing.scrub.run(every=True)

    def words(card: Path) -> list[tuple[bool, str]]:
        return [(safe, said) for _, _, _, safe, said, _ in station.offloads.known_of(card)[1]]

    assert [safe for safe, _ in words(mine)] == [False, True]
    assert words(mine)[0][1] == f"withdrawn: {CLIP} on two is not what was copied"
    assert [safe for safe, _ in words(other)] == [True]
    time.sleep(0.002)  # a verdict of a later moment
    assert station.offloads.verdict(mine).light is Light.SAFE, "two copies are right"
    scrubbing.scrub.run(every=True)
    assert [safe for safe, _ in words(mine)] == [True, False, True], "it counted on those"


def test_a_disk_that_is_away_is_named_as_away_and_not_as_damaged(
    station: Station, card: Path, scrubbing: Scrubbing, tmp_path: Path
) -> None:
    folder = station.offload(card).legs[0].folder
    station.two.rename(tmp_path / "unplugged")
    report = scrubbing.scrub.run(every=True)
    assert report.files == len(files_of(card))
    assert [path for path, _ in report.away] == [str(station.two / folder)]
    (tmp_path / "unplugged").rename(station.two)
    shutil.rmtree(station.one / folder)  # cleared by a person
    report = scrubbing.scrub.run(every=True)
    assert [path for path, _ in report.away] == [str(station.one / folder)]
    assert scrubbing.named() == set()


def test_a_disk_that_goes_while_it_is_read_is_not_damaged(
    station: Station,
    card: Path,
    scrubbing: Scrubbing,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    station.offload(card)
    real, count = copy_back.read_back, itertools.count(1)

    def reading(root: Path, *args: object, **kwargs: object) -> object:
        if next(count) == 3:
            root.rename(tmp_path / "pulled")
        return real(root, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(copy_back, "read_back", reading)
    report = scrubbing.scrub.run(every=True)
    assert len(report.away) == 1
    assert report.files == 2 + len(files_of(card))
    assert scrubbing.named() == set()


def test_hash_lists_that_came_with_a_card_go_on_and_are_no_damage(
    station: Station, card: Path, scrubbing: Scrubbing
) -> None:
    done = station.offload(card)
    copy = station.one / done.legs[0].folder
    again = station.place("archive")
    second = station.offloads.run(station.begin(copy, again, template="archive"))
    history = mhl_history.read_history(again / second.legs[0].folder)
    assert len(history.generations) >= 2, "its list went on there"
    scrubbing.scrub.run(every=True)
    assert scrubbing.named() == set()


def test_cut_off_it_goes_on_where_it_was(
    station: Station, card: Path, scrubbing: Scrubbing
) -> None:
    station.offload(card)
    scrubbing.age()
    calls = itertools.count()
    with pytest.raises(Cancelled):
        scrubbing.scrub.run(every=True, cancel=lambda: next(calls) > 9)
    with station.catalog.read() as reader:
        done = reader.value("SELECT count(*) FROM offload_copy WHERE tried_ms IS NOT NULL")
    assert 0 < done < 2 * len(files_of(card))
    scrubbing.chosen = Ingest(scrub_nights=1, scrub_hours="")
    assert scrubbing.scrub.run().files == 2 * len(files_of(card)) - done


def test_every_copy_is_read_once_in_so_many_nights(
    station: Station, tmp_path: Path, scrubbing: Scrubbing
) -> None:
    sizes = random.Random(3)
    for number in range(3):
        size = sizes.randrange(100, 90_000)
        station.offload(make_card(tmp_path / f"card{number}", seed=number, clips=2, size=size))
    nights = 7
    scrubbing.chosen = Ingest(scrub_nights=nights, scrub_hours="22:00-06:00")
    read: list[int] = []
    for _ in range(nights):
        scrubbing.age(24 * 3_600_000)
        scrubbing.now = datetime.datetime.now().astimezone()
        scrubbing.chosen = Ingest(scrub_nights=nights, scrub_hours=_before(scrubbing.now))
        read.append(scrubbing.scrub.run().files)
        assert scrubbing.scrub.run().files == 0, "the share of this night is read"
    with station.catalog.read() as reader:
        missed = reader.value("SELECT count(*) FROM offload_copy WHERE tried_ms IS NULL")
        copies = reader.value("SELECT count(*) FROM offload_copy")
    assert missed == 0
    assert max(read) < copies // 2, "not all in one night"


def _before(now: datetime.datetime) -> str:
    """Hours that began an hour ago."""
    begin = now - datetime.timedelta(hours=1)
    return f"{begin:%H:%M}-{now + datetime.timedelta(hours=2):%H:%M}"


def test_those_that_were_proven_longest_ago_come_first(
    station: Station, tmp_path: Path, scrubbing: Scrubbing
) -> None:
    old, new = (make_card(tmp_path / name, seed=n) for n, name in enumerate(("old", "new")))
    first = station.offload(old, station.one)
    scrubbing.age(3 * 24 * 3_600_000)
    second = station.offload(new, station.one)
    scrubbing.age()
    scrubbing.chosen = Ingest(scrub_nights=2, scrub_hours="")
    scrubbing.scrub.run()
    with station.catalog.read() as reader:
        rows = reader.all(
            "SELECT l.offload_id AS id, count(c.tried_ms) AS read FROM offload_copy c JOIN offload_leg l ON l.id = c.leg_id GROUP BY l.offload_id"
        )
    read = {row["id"]: row["read"] for row in rows}
    assert read[first.id] == len(files_of(old))
    assert read[second.id] <= 1


@pytest.mark.parametrize(
    ("total", "nights", "wanted"), [(0, 30, 0), (1, 30, 1), (30, 30, 1), (31, 30, 2), (7, 1, 7)]
)
def test_a_share_is_rounded_up(total: int, nights: int, wanted: int) -> None:
    assert scrub_nights.share(total, nights) == wanted


@pytest.mark.parametrize(
    ("hour", "hours", "is_open", "began"),
    [
        (23, "22:00-06:00", True, (14, 22)),
        (3, "22:00-06:00", True, (13, 22)),
        (12, "22:00-06:00", False, (13, 22)),
        (3, "01:00-05:00", True, (14, 1)),
        (0, "01:00-05:00", False, (13, 1)),
        (12, "", True, (14, 0)),
    ],
)
def test_a_night_begins_with_its_hours(
    hour: int, hours: str, is_open: bool, began: tuple[int, int]
) -> None:
    now = datetime.datetime(2027, 5, 14, hour, 30).astimezone()
    assert scrub_nights.is_open(now, hours) is is_open
    at = datetime.datetime(2027, 5, began[0], began[1]).astimezone()
    assert scrub_nights.began_ms(now, hours) == int(at.timestamp()) * 1000


def test_in_the_background_it_keeps_its_hours_and_can_be_off(
    station: Station, card: Path, scrubbing: Scrubbing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.core.ingest.scrub._AGAIN_NS", 0)
    (recipe,) = scrubbing.scrub.recipes()
    assert recipe.polite, "it gives way to whoever works"
    assert run_all(station.catalog, recipe, 1) == 0, "nothing was copied yet"
    folder = station.offload(card).legs[0].folder
    assert run_all(station.catalog, recipe, 1) == 0, "it was proven just now"
    scrubbing.age()
    rot(station.one / folder / CLIP)
    scrubbing.now = NIGHT.replace(hour=12)
    assert run_all(station.catalog, recipe, 1) == 0
    scrubbing.now = NIGHT
    scrubbing.chosen = Ingest(scrub_nights=0)
    assert run_all(station.catalog, recipe, 1) == 0
    scrubbing.chosen = Ingest(scrub_nights=1)
    assert run_all(station.catalog, recipe, 1) == 1
    assert scrubbing.named() == {str(station.one / folder / CLIP)}


def test_it_stops_once_somebody_plays_and_goes_on_later(
    station: Station, card: Path, scrubbing: Scrubbing, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("_AGAIN_NS", "_ASK_NS"):
        monkeypatch.setattr(f"app.core.ingest.scrub.{name}", -1)
    courtesy = Courtesy()
    scrub = Scrub(
        station.catalog,
        lambda: Ingest(scrub_nights=1, scrub_hours=""),
        courtesy,
        now=lambda: NIGHT,
    )
    (recipe,) = scrub.recipes()
    station.offload(card)
    scrubbing.age()
    real, count = copy_back.read_back, itertools.count(1)

    def reading(*args: object, **kwargs: object) -> object:
        if next(count) == 4:
            courtesy.set_playing(True)
        return real(*args, **kwargs)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(copy_back, "read_back", reading)
        run_all(station.catalog, recipe, 1)

    def tried() -> int:
        with station.catalog.read() as reader:
            return int(reader.value("SELECT count(tried_ms) FROM offload_copy"))

    assert tried() == 3, "the file in hand is left as well"
    assert scrub.damaged() == []
    courtesy.set_playing(False)
    assert run_all(station.catalog, recipe, 1) == 1
    assert tried() == 2 * len(files_of(card))


def test_two_offloads_of_one_folder_have_one_file(
    station: Station, card: Path, scrubbing: Scrubbing
) -> None:
    folder = station.offload(card, station.one).legs[0].folder
    station.offload(card, station.one)
    rot(station.one / folder / CLIP)
    report = scrubbing.scrub.run(every=True)
    assert report.files == len(files_of(card))
    assert scrubbing.only().absolute == str(station.one / folder / CLIP)
    with station.catalog.read() as reader:
        assert reader.value("SELECT count(*) FROM offload_copy WHERE state = 'differs'") == 2


def test_exactly_what_is_rotten_is_named(
    station: Station, tmp_path: Path, scrubbing: Scrubbing
) -> None:
    chance = random.Random(11)
    cards = [make_card(tmp_path / f"card{n}", seed=n, clips=4, size=500) for n in range(3)]
    folders = {station.offload(card).legs[0].folder: card for card in cards}
    every = [
        root / folder / rel
        for root in (station.one, station.two)
        for folder, card in folders.items()
        for rel in files_of(card)
    ]
    for _ in range(3):
        wanted = set(chance.sample(every, chance.randrange(len(every) // 2)))
        for path in wanted:
            rot(path)
        scrubbing.scrub.run(every=True)
        assert scrubbing.named() == {str(path) for path in wanted}
        for path in wanted:
            rot(path)  # the same bit once more
    scrubbing.scrub.run(every=True)
    assert scrubbing.named() == set()


def test_what_may_not_be_read_is_left_and_named(
    station: Station, card: Path, scrubbing: Scrubbing
) -> None:
    copy = station.one / station.offload(card).legs[0].folder
    (copy / CLIP).rename(copy / "elsewhere")
    (copy / CLIP).symlink_to(copy / "elsewhere")
    report = scrubbing.scrub.run(every=True)
    assert [path for path, _ in report.left] == [str(copy / CLIP)]
    assert scrubbing.named() == set()
    assert os.path.lexists(copy / CLIP)
