"""The cards of the made shooting day: each is recognised with its clips whole, and each part that is taken away is the one that is missed."""

import csv
import dataclasses
import shutil
import subprocess
from pathlib import Path

import pytest

from app.core.ingest.card_reading import read_card
from tests.support.footage import FOOTAGE

pytestmark = [
    pytest.mark.footage,
    pytest.mark.timeout(900),
    pytest.mark.skipif(not FOOTAGE.is_dir(), reason="no footage beside the checkout"),
]
_X, _P, _G = "A001R1AB/XDROOT", "P2CARD01/CONTENTS", "GOPRO/DCIM/100GOPRO"
_J = "DJI/DCIM/100MEDIA/DJI_20260514101500_0001_D"
_R = "A006_0514AB.RDM/A006_C001_0514AB.RDC/A006_C001_0514AB"
_S = "26Y05M14"


@dataclasses.dataclass(frozen=True)
class Truth:
    """What a folder of the day is."""

    card: str
    maker: str
    clips: dict[str, set[str]]
    silent: frozenset[str] = frozenset()
    """Parts that may go without anything on the card telling: a lone file, or the last of a row that no list and no sidecar names."""
    hinted: frozenset[str] = frozenset()
    """Parts that a camera may be set not to write: their absence is told, and is no fault."""


DAY = {
    "A_CAM": Truth(
        "sony-xdroot",
        "Sony",
        {
            (n := f"A001C00{k}_260514R1"): {
                f"{_X}/Clip/{n}.MXF",
                f"{_X}/Clip/{n}M01.XML",
                f"{_X}/Sub/{n}S03.MP4",
                f"{_X}/Thmbnl/{n}T01.JPG",
            }
            for k in (1, 2, 3)
        },
    ),
    "B_CAM": Truth(
        "sony-xdroot",
        "Sony",
        {"A001C001_260514R1": {f"{_X}/Clip/A001C001_260514R1.MXF"}},
        silent=frozenset({f"{_X}/Clip/A001C001_260514R1.MXF"}),
    ),
    "C_CAM": Truth(
        "panasonic-p2",
        "Panasonic",
        {
            "0001AB": {
                f"{_P}/VIDEO/0001AB.MXF",
                f"{_P}/AUDIO/0001AB00.MXF",
                f"{_P}/AUDIO/0001AB01.MXF",
                f"{_P}/CLIP/0001AB.XML",
            }
        },
    ),
    "D_CAM": Truth(
        "dcim",
        "Canon",
        {
            f"0X0A000{k}": {f"CANON/DCIM/100EOSR5/0X0A000{k}.{e}"}
            for k, e in ((1, "MP4"), (2, "MP4"), (3, "CRM"))
        },
        silent=frozenset({"CANON/DCIM/100EOSR5/0X0A0001.MP4", "CANON/DCIM/100EOSR5/0X0A0003.CRM"}),
        hinted=frozenset({"CANON/DCIM/100EOSR5/0X0A0002.MP4"}),
    ),
    "E_CAM": Truth(
        "gopro",
        "GoPro",
        {
            "GX010042": {
                f"{_G}/{name}0{k}0042.{e}"
                for k in (1, 2, 3)
                for name, e in (("GX", "MP4"), ("GX", "THM"), ("GL", "LRV"))
            }
        },
    ),
    "F_CAM": Truth(
        "dji",
        "DJI",
        {"DJI_20260514101500_0001_D": {f"{_J}.MP4", f"{_J}.SRT", f"{_J}.LRF"}},
        hinted=frozenset({f"{_J}.SRT"}),
    ),
    "G_CAM": Truth(
        "dcim",
        "Apple",
        {
            "IMG_0001": {"DCIM/100APPLE/IMG_0001.MOV", "DCIM/100APPLE/IMG_0001.AAE"},
            "IMG_0002": {"DCIM/100APPLE/IMG_0002.MP4"},
        },
        silent=frozenset({f"DCIM/100APPLE/IMG_000{n}" for n in ("1.MOV", "1.AAE", "2.MP4")}),
    ),
    "H_CAM": Truth(
        "red",
        "RED",
        {
            **{
                f"A005C00{k}_260514_R1AB": {f"A005R1AB/A005C00{k}_260514_R1AB.mov"}
                for k in range(1, 6)
            },
            "A006_C001_0514AB": {f"{_R}_001.R3D", f"{_R}_002.R3D"},
        },
        silent=frozenset(
            {f"{_R}_002.R3D", *(f"A005R1AB/A005C00{k}_260514_R1AB.mov" for k in (1, 5))}
        ),
        hinted=frozenset(f"A005R1AB/A005C00{k}_260514_R1AB.mov" for k in (2, 3, 4)),
    ),
    "SOUND": Truth(
        "sound-devices",
        "Sound Devices",
        {"T001": {f"{_S}/T001.WAV"}, "T002": {f"{_S}/T002_1.WAV", f"{_S}/T002_2.WAV"}},
        silent=frozenset({f"{_S}/T002_2.WAV"}),
    ),
}


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shooting day."""
    out = tmp_path_factory.mktemp("day")
    subprocess.run(["bash", FOOTAGE / "make_footage.sh", out], check=True, capture_output=True)
    return out


@pytest.mark.parametrize("card", DAY)
def test_it_is_recognised_with_its_clips_whole(card: str, day: Path) -> None:
    truth = DAY[card]
    contents = read_card(_folder(day, card))
    assert contents.type is not None
    assert (contents.type.id, contents.maker) == (truth.card, truth.maker)
    assert {clip.name: {part.rel for part in clip.parts} for clip in contents.clips} == truth.clips
    assert contents.complete
    assert not contents.orphans
    on_disk = {str(path.relative_to(contents.root)) for path in contents.root.rglob("*")}
    assert {entry.rel for entry in contents.entries} == on_disk


@pytest.mark.parametrize("card", DAY)
def test_each_part_that_is_taken_away_is_missed_exactly(
    card: str, day: Path, tmp_path: Path
) -> None:
    truth = DAY[card]
    copy = tmp_path / "card"
    shutil.copytree(_folder(day, card), copy)
    before = set(read_card(copy).hints)
    for rel in sorted(path for paths in truth.clips.values() for path in paths):
        (copy / rel).rename(tmp_path / "aside")
        contents = read_card(copy)
        missed = [part.where for _, part in contents.all_missing()]
        hints = set(contents.hints) - before
        (tmp_path / "aside").rename(copy / rel)
        assert missed == ([] if rel in truth.silent | truth.hinted else [rel]), rel
        assert bool(hints) is (rel in truth.hinted), (rel, hints)


def test_the_truth_of_the_day_is_whole(day: Path) -> None:
    """Whatever the day says is a clip of a card is a clip here."""
    with (day / "TRUTH.csv").open(encoding="utf-8", newline="") as lines:
        told = {line["path"].partition("/")[2] for line in csv.DictReader(lines)}
    listed = {
        f"{card}/{rel}"
        for card, truth in DAY.items()
        for paths in truth.clips.values()
        for rel in paths
    }
    assert {path for path in told if path.partition("/")[0] in DAY} <= listed


def _folder(day: Path, card: str) -> Path:
    return next(day.glob("DAY_*")) / card
