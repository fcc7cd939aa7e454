"""Ingest: a folder is pointed at, everything in it is found, read whole, and kept through a move."""

import shutil
from pathlib import Path

import pytest
import xxhash

from tests.e2e.conftest import DROPS, REEL, SILENT, SOUND, SPEAKS, clip_at
from tests.support.command import Desk

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def volume(footage: Path, tmp_path: Path) -> Path:
    """A volume of the story's own, for it is moved about."""
    return shutil.copytree(footage, tmp_path / "NAS Média")


def test_a_folder_becomes_clips_with_their_facts_at_once(empty: Desk, volume: Path) -> None:
    (volume / ".DS_Store").write_bytes(b"x")
    added = empty.ask("volume", "add", volume, "--derive", "posters")
    assert (added["volume"]["clips"], added["volume"]["derive"]) == (4, "posters")
    assert [s["path"] for s in added["skipped"]] == [".DS_Store"]
    ran = empty.ask("run", "--until-idle")
    assert (ran["clips"], ran["failed"]) == (4, [])
    facts = {
        path: tuple(clip_at(empty, path)[name] for name in ("start", "rate", "reel", "state"))
        for path in (SPEAKS, SILENT, DROPS, SOUND)
    }
    assert facts == {
        SPEAKS: ("09:41:07:12", "25/1", REEL, "ready"),
        SILENT: ("10:00:00:00", "25/1", REEL, "ready"),
        DROPS: ("10:00:00;00", "30000/1001", None, "ready"),
        SOUND: ("10:00:00:00", "48000/1", None, "ready"),
    }
    kinds = {r["kind"] for c in empty.clips() for r in c["renditions"] if r["state"] == "ready"}
    assert "poster" in kinds
    assert "proxy" not in kinds, "nobody asked for more than posters"


def test_every_file_is_read_whole_and_recorded_by_its_hash(empty: Desk, volume: Path) -> None:
    shutil.copy(volume / SILENT, volume / "copy of it.mov")
    empty.ask("volume", "add", volume, "--derive", "all")
    empty.ask("run", "--until-idle")
    for clip in empty.clips():
        for file in clip["files"]:
            whole = xxhash.xxh3_128((volume / file["path"]).read_bytes()).hexdigest()
            assert file["hash"] == f"xxh3-128:{whole}"
    twice = clip_at(empty, SILENT)
    assert len(twice["files"]) == 2, "equal bytes are one clip in two places"
    assert empty.ask("check", "--read")["problems"] == []


def test_a_copy_of_another_name_is_found_by_it(empty: Desk, footage: Path, tmp_path: Path) -> None:
    nas = tmp_path / "NAS"
    for folder, name in (("A001", "A001C001_interview.MP4"), ("DESK", "copy of interview.MP4")):
        (nas / folder).mkdir(parents=True)
        shutil.copy(footage / DROPS, nas / folder / name)
    empty.ask("volume", "add", nas, "--derive", "all")
    empty.ask("run", "--until-idle")
    (clip,) = empty.clips()
    assert len(clip["files"]) == 2
    for name in ("A001C001_interview", "copy of interview"):
        assert empty.ask("show", name)["id"] == clip["id"]
    for words in ("A001C001", "copy interview"):
        assert clip["id"] in {hit["clip"] for hit in empty.ask("search", words)["hits"]}, words


def test_a_moved_folder_keeps_its_clips_and_their_notes(empty: Desk, volume: Path) -> None:
    empty.ask("volume", "add", volume, "--derive", "posters")
    empty.ask("run", "--until-idle")
    before = clip_at(empty, SPEAKS)
    empty.ask("note", "add", before["id"], "--at", "09:41:07:20", "stay with her")

    (volume / "A_CAM").rename(volume / "Day 1, camera A")
    scanned = empty.ask("scan")
    assert (scanned["moved"], scanned["new"], scanned["missing"]) == (2, 0, 0)
    after = clip_at(empty, SPEAKS.removeprefix("A_CAM"))
    assert (after["id"], after["state"]) == (before["id"], "ready")
    notes = empty.ask("note", "list", after["id"])["notes"]
    assert [(n["text"], n["start"]) for n in notes] == [("stay with her", "09:41:07:20")]


def test_a_volume_that_is_away_is_offline_and_comes_back(empty: Desk, volume: Path) -> None:
    empty.ask("volume", "add", volume, "--derive", "posters")
    empty.ask("run", "--until-idle")
    away = volume.rename(volume.with_name("unplugged"))
    volume.mkdir()
    assert empty.ask("scan", code=1)["offline"]
    assert {c["state"] for c in empty.clips()} == {"offline"}
    assert [v["online"] for v in empty.ask("volume", "list")["volumes"]] == [False]
    empty.ask("volume", "map", "NAS Média", away)
    assert {c["state"] for c in empty.clips()} == {"ready"}
