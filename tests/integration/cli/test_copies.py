"""Copies on the command line: how many clips of a volume are copies is said once it is known, and each folder lists them."""

import os
import shutil
from pathlib import Path

from tests.support.command import Desk, NearDesk
from tests.support.media_factory import LONG_GOP, MediaFactory


def test_copies_are_counted_told_and_listed_in_their_folders(tmp_path: Path) -> None:
    media = MediaFactory(tmp_path / "NAS")
    for number, name in enumerate(("one", "two", "three")):
        media.video(f"{name}.mov", *LONG_GOP, frames=5, first=10 * number)
    (media.folder / "DESK").mkdir()
    for name, copy in (("one", "copy of one"), ("one", "again"), ("two", "two")):
        shutil.copy(media.folder / f"{name}.mov", media.folder / "DESK" / f"{copy}.mov")
    backup = shutil.copytree(media.folder / "DESK", tmp_path / "Backup")
    (backup / "again.mov").unlink()
    for path in (*media.folder.rglob("*.mov"), *backup.rglob("*.mov")):
        os.utime(path, (1_700_000_000, 1_700_000_000))
    desk = NearDesk(tmp_path / "home")
    for amount in ("percent", "gb"):
        desk.ask("settings", f"derivatives.reserve_{amount}", "0")
    added = desk.ask("volume", "add", media.folder, "--derive", "all")
    assert (added["volume"]["clips"], added["volume"]["copies"]) == (6, 0), "not read whole yet"
    desk.ask("volume", "add", backup, "--derive", "all")
    ran = desk.ask("run", "--until-idle")
    assert (ran["clips"], ran["copies"]) == (3, 5)
    known = {v["name"]: (v["clips"], v["copies"]) for v in desk.ask("volume", "list")["volumes"]}
    assert known == {"NAS": (3, 3), "Backup": (2, 2)}
    lines = desk.run("volume", "list").out
    assert "6 clips, 3 of them copies" in lines
    assert "2 clips, 2 of them copies" in lines
    assert desk.ask("scan", "NAS")["copies"] == 3
    assert "NAS: 6 clips, 3 of them copies" in desk.run("scan").out
    assert "3 clips and 5 copies of them" in desk.run("run", "--until-idle").out

    assert _listed(desk, "folder:DESK") == {"one", "two"}
    assert _listed(desk, "volume:Backup") == {"one", "two"}
    assert _listed(desk, "folder:DESK", "name:aga*") == {"one"}
    (one,) = desk.ask("clips", "name:one*")["clips"]
    # By its row: which of equal files came first is the scan's.
    assert sum(not f["copy"] for f in one["files"]) == 1
    assert len(one["files"]) == 4


def _listed(desk: Desk, *query: str) -> set[str]:
    """Clips by the picture they begin with, as their first file at the volume's root is called."""
    found: set[str] = set()
    for clip in desk.ask("clips", *query)["clips"]:
        found |= {
            Path(f["path"]).stem
            for f in clip["files"]
            if f["volume"] == "NAS" and "/" not in f["path"]
        }
    return found
