"""`rushes scrub`: what it says, to people and to programs, and how it ends."""

from pathlib import Path

import pytest

from tests.support import catalogs
from tests.support.command import NearDesk
from tests.support.offloading import files_of, make_card, rot
from tests.support.scrubbing import Scrubbing

CLIP = "PRIVATE/M4ROOT/CLIP/C0001.MP4"


@pytest.fixture
def desk(tmp_path: Path) -> NearDesk:
    """A card on two destinations."""
    desk = NearDesk(tmp_path / "home")
    make_card(tmp_path / "card", seed=1, clips=1, size=500)
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    ways = [word for name in ("one", "two") for word in ("--to", str(tmp_path / name))]
    desk.ask("offload", tmp_path / "card", *ways, "--name", "A001")
    return desk


def test_found_previewed_repaired_and_undone(desk: NearDesk, tmp_path: Path) -> None:
    whole = desk.run("scrub", "--all")
    count = 2 * len(files_of(tmp_path / "card"))
    assert (whole.code, whole.out.startswith(f"{count} files read, ")) == (0, True)
    assert whole.out.endswith("No damage is known.\n")
    assert desk.run("scrub").out.startswith("0 files read"), "it was read just now"

    path, good = tmp_path / "two/A001" / CLIP, tmp_path / "one/A001" / CLIP
    rot(path)
    told = desk.run("scrub", "--all")
    assert told.code == 5
    assert "it rotted" in told.out
    assert "right last: one, read back at 2" in told.out
    again = desk.run("scrub", "--json")
    assert again.code == 5, "damage is told until it is mended"
    (found,) = again.value["rotten"]
    assert (found["path"], found["place"], found["good"]["path"]) == (str(path), "two", str(good))
    checked = desk.run("check")
    assert checked.code == 5
    assert "PROBLEM a copy of a card is not what was copied: " in checked.out

    before = path.read_bytes()
    shown = desk.run("scrub", "--repair", found["id"])
    assert (shown.code, path.read_bytes()) == (0, before)
    assert "add --yes" in shown.out
    assert str(good) in shown.out
    done = desk.ask("scrub", "--repair", path, "--yes")
    assert path.read_bytes() == good.read_bytes()
    assert Path(done["beside"]).read_bytes() == before
    assert desk.run("check").code == 0
    undone = desk.ask("scrub", "--undo", done["repair"])
    assert path.read_bytes() == before
    assert Path(undone["beside"]).read_bytes() == good.read_bytes()
    assert desk.run("scrub").code == 5


def test_the_background_finds_it_in_its_hours(desk: NearDesk, tmp_path: Path) -> None:
    desk.ask("settings", "ingest.scrub_hours", "")
    desk.ask("settings", "ingest.scrub_nights", "1")
    path = tmp_path / "one/A001" / CLIP
    rot(path)
    desk.run("run", "--until-idle")
    assert desk.run("check").code == 0, "it was proven just now"
    with catalogs.opened(tmp_path / "home") as catalog:
        Scrubbing(catalog).age()
    desk.run("run", "--until-idle")
    told = desk.run("check")
    assert told.code == 5
    assert str(path) in told.out


def test_what_could_not_be_reached_is_named(desk: NearDesk, tmp_path: Path) -> None:
    (tmp_path / "two").rename(tmp_path / "out")
    told = desk.run("scrub", "--all")
    assert told.code == 1
    assert f"not read: {tmp_path / 'two/A001'}: " in told.out
    assert desk.run("scrub").code == 0


def test_what_a_person_took_away_is_told_until_they_say_so(desk: NearDesk, tmp_path: Path) -> None:
    (tmp_path / "two/A001" / CLIP).unlink()
    assert desk.run("scrub", "--all").code == 5
    desk.ask("scrub", "--forget", tmp_path / "two/A001" / CLIP)
    assert desk.run("scrub", "--all").code == 0
    assert desk.run("check").code == 0


def test_refusals(desk: NearDesk) -> None:
    desk.refuse("scrub", "--repair", "nothing", code=3)
    desk.refuse("scrub", "--undo", "nothing", code=3)
    desk.refuse("scrub", "--forget", "nothing", code=3)
    desk.refuse("scrub", "--yes", code=2)
    desk.refuse("scrub", "--repair", "a", "--undo", "b", code=2)
