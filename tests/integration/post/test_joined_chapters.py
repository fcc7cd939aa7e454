"""Chapters of one recording that are copied one by one: a note stays at the picture it was written on."""

import os
from itertools import accumulate
from pathlib import Path

import pytest

from tests.integration.media.deriving import numbers
from tests.support.command import Desk, NearDesk
from tests.support.media_factory import LONG_GOP, MediaFactory

CHAPTERS = {"GX010042.MP4": 25, "GX020042.MP4": 15, "GX030042.MP4": 20}
"""Frames of each; pictures are numbered through."""


@pytest.fixture(scope="module")
def card(tmp_path_factory: pytest.TempPathFactory) -> Path:
    media = MediaFactory(tmp_path_factory.mktemp("card"))
    first = 0
    for name, frames in CHAPTERS.items():
        label = ("-timecode", f"10:00:{first // 25:02}:{first % 25:02}")
        media.video(name, *LONG_GOP, *label, frames=frames, first=first)
        first += frames
    for path in media.folder.iterdir():
        os.utime(path, (1_700_000_000, 1_700_000_000))
    return media.folder


def _picture(desk: Desk, clip: str, frame: int) -> int:
    out = desk.home / "frame.png"
    desk.ask("frame", clip, "--at", f"@{frame}", "-o", out)
    (shown,) = numbers(out)
    out.unlink()
    return shown


@pytest.mark.parametrize("order", ["312", "213"])
def test_a_note_stays_at_its_picture(card: Path, tmp_path: Path, order: str) -> None:
    desk, folder = NearDesk(tmp_path / "home"), tmp_path / "card"
    folder.mkdir()
    starts = dict(zip(CHAPTERS, accumulate(CHAPTERS.values(), initial=0), strict=False))
    written: dict[str, int] = {}
    desk.ask("volume", "add", folder, "--derive", "posters")
    for name in (f"GX0{number}0042.MP4" for number in order):
        os.link(card / name, folder / name)
        desk.ask("run", "--until-idle")
        (clip,) = desk.clips()
        here = sorted(one.name for one in folder.iterdir())
        at = sum(CHAPTERS[one] for one in here if one < name) + 3
        assert clip["frames"] == sum(CHAPTERS[one] for one in here)
        desk.ask("note", "add", clip["id"], "--at", f"@{at}", name)
        written[name] = starts[name] + 3
        for note in desk.ask("note", "list", clip["id"])["notes"]:
            assert _picture(desk, clip["id"], note["start_frame"]) == written[note["text"]]
    assert len(desk.ask("note", "list", clip["id"])["notes"]) == 3
    assert desk.ask("check")["problems"] == []
