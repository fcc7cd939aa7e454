"""`rushes card`: what it says, to people and to programs, and how it ends."""

from pathlib import Path

import pytest

from tests.integration.cli.conftest import ESCAPE
from tests.support.card_trees import CARDS, put
from tests.support.command import NearDesk


@pytest.fixture
def desk(tmp_path: Path) -> NearDesk:
    """A command line with an empty data folder."""
    return NearDesk(tmp_path / "home")


def test_a_whole_card(desk: NearDesk, tmp_path: Path) -> None:
    card = CARDS["Sony XDROOT"].make(tmp_path / "card")
    told = desk.run("card", card)
    assert told.code == 0
    assert told.out.splitlines()[:3] == [
        "Sony XDCAM and XAVC (XDROOT)",
        f"3 clips, 14 files, {sum(p.stat().st_size for p in card.rglob('*') if p.is_file()):,} bytes in 8 folders",
        "✓ nothing is missing",
    ]
    answer = desk.ask("card", card)
    assert {
        key: answer[key]
        for key in ("card", "maker", "title", "also", "files", "folders", "missing")
    } == {
        "card": "sony-xdroot",
        "maker": "Sony",
        "title": "Sony XDCAM and XAVC (XDROOT)",
        "also": [],
        "files": 14,
        "folders": 8,
        "missing": [],
    }
    assert answer["source"] == str(card)
    assert answer["digest"].startswith("fs1:")
    assert answer["clips"][0] == {
        "name": "A001C001_260514R1",
        "kind": "video",
        "card": "sony-xdroot",
        "size": sum(
            (card / path).stat().st_size for path in CARDS["Sony XDROOT"].clips["A001C001_260514R1"]
        ),
        "essence": ["XDROOT/Clip/A001C001_260514R1.MXF"],
        "spans": [],
        "sidecars": ["XDROOT/Clip/A001C001_260514R1M01.XML"],
        "proxies": ["XDROOT/Sub/A001C001_260514R1S03.MP4"],
        "thumbnails": ["XDROOT/Thmbnl/A001C001_260514R1T01.JPG"],
        "missing": [],
    }
    assert set(answer) >= {
        "source", "card", "maker", "title", "also", "digest", "size", "files", "folders", "clips",
        "own", "orphans", "others", "odd", "missing", "hints", "unreadable",
    }  # fmt: skip


def test_what_is_missing_is_named_and_work_is_left(desk: NearDesk, tmp_path: Path) -> None:
    card = CARDS["GoPro"].make(tmp_path / "card")
    (card / "DCIM/100GOPRO/GX020042.MP4").unlink()
    told = desk.run("card", card)
    assert told.code == 1
    assert (
        "  ✕ GX010042: span DCIM/100GOPRO/GX020042.MP4  (Chapter 2 of this recording is not here.)"
        in told.out.splitlines()
    )
    assert "nothing is missing" not in told.out
    reply = desk.run("--json", "card", card)
    assert reply.code == 1
    assert [(one["clip"], one["what"], one["where"]) for one in reply.value["missing"]] == [
        ("GX010042", "span", "DCIM/100GOPRO/GX020042.MP4")
    ]


def test_an_unknown_folder_is_told_and_a_file_is_refused(desk: NearDesk, tmp_path: Path) -> None:
    put(tmp_path / "card", "clip.mov")
    (tmp_path / "card" / "link").symlink_to("clip.mov")
    told = desk.run("card", tmp_path / "card")
    assert told.code == 0
    assert "No known card structure" in told.out
    assert desk.ask("card", tmp_path / "card")["card"] is None
    assert desk.ask("card", tmp_path / "card")["odd"] == [{"path": "link", "kind": "link"}]
    for nothing in (tmp_path / "card" / "clip.mov", tmp_path / "nowhere"):
        assert desk.refuse("card", nothing)["title"] == "Not a folder"


def test_no_name_on_a_card_moves_the_terminal(desk: NearDesk, tmp_path: Path) -> None:
    name = ESCAPE
    put(tmp_path / "card", f"{name}.MP4", b"")
    put(tmp_path / "card", f"XDROOT/Thmbnl/{name}T01.JPG")
    (tmp_path / "card" / f"{name}link").symlink_to("x")
    told = desk.run("card", tmp_path / "card")
    assert "\x1b" not in told.out
    assert told.out.count("\\u001b[31m") == 3


def test_a_path_is_meant_from_where_the_person_stands(desk: NearDesk) -> None:
    CARDS["DJI"].make(desk.cwd / "card")
    assert desk.ask("card", "card")["card"] == "dji"
