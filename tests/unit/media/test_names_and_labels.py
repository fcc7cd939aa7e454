"""What names say, and labels that count at another rate than the picture."""

from fractions import Fraction

import pytest

from app.core.files.naming_grammar import NameFacts, name_facts, reel_from_folders
from app.core.media.start_labels import from_count, from_label
from app.core.model.media import StartTimecode


@pytest.mark.parametrize(
    ("name", "facts"),
    [
        ("A002C006_141024_R2EC.mov", NameFacts("arri", "A002R2EC", "A", "C006", date="2014-10-24")),
        ("A001C001_260514R1.MXF", NameFacts("sony", "A001", "A", "C001", date="2026-05-14")),
        ("A001C001_260514R1S03.MP4", NameFacts("sony", "A001", "A", "C001", date="2026-05-14")),
        ("A012C001_230515_BY9X.MXF", NameFacts("canon", "A012", "A", "C001", date="2023-05-15")),
        ("A002_C001_0908R4_003.R3D", NameFacts("red", "A002", "A", "C001", span=3, date="--09-08")),
        ("A001_08151512_C001.braw", NameFacts("blackmagic", "A001", "A", "C001", date="--08-15")),
        ("GX011000.MP4", NameFacts("gopro", clip="1000", chapter=1)),
        ("GP021000.MP4", NameFacts("gopro", clip="1000", chapter=3)),
        ("DJI_20260514101500_0001_D.MP4", NameFacts("dji", clip="0001", date="2026-05-14")),
        ("DJI_0007.MOV", NameFacts("dji", clip="0007")),
        ("C0001M01.XML", NameFacts("sony", clip="C0001")),
        ("T002_1.WAV", NameFacts("recorder", take="T002")),
        ("interview.mov", NameFacts()),
        ("A002C006_149924_R2EC.mov", NameFacts("arri", "A002R2EC", "A", "C006")),
    ],
)
def test_makers_name_clips_by_their_own_grammar(name: str, facts: NameFacts) -> None:
    assert name_facts(name) == facts


@pytest.mark.parametrize(
    ("folders", "reel"),
    [
        ("DAY_01/A_CAM/A001R1AB/XDROOT/Clip", "A001R1AB"),
        ("DAY_01/H_CAM/A006_0514AB.RDM/A006_C001_0514AB.RDC", "A006_0514AB"),
        ("DAY_01/H_CAM/A005R1AB", "A005R1AB"),
        ("DAY_01/A_CAM/A001/PRIVATE/M4ROOT/CLIP", "A001"),
        ("DAY_01/A_CAM/XDROOT/Clip", None),
        ("DAY_01/S001/plates", None),
        ("", None),
    ],
)
def test_folders_of_cards_name_the_reel(folders: str, reel: str | None) -> None:
    assert reel_from_folders(folders.split("/")) == reel


@pytest.mark.parametrize(
    ("count", "base", "rate", "drop", "frame", "flag"),
    [
        (109_690, 30, Fraction(30000, 1001), True, 109_690, True),
        (90_000, 25, Fraction(50), False, 180_000, False),
        (90_000, 25, Fraction(100), False, 360_000, False),
        (90_000, 50, Fraction(25), False, 45_000, False),
        (107_892, 30, Fraction(60000, 1001), True, 215_784, True),
        (86_400, 24, Fraction(24000, 1001), False, 86_400, False),
        (25 * 86_400 + 5, 25, Fraction(25), False, 5, False),
        (90_000, 25, Fraction(25), True, 90_000, False),
        # A dropped label at 119.88, which has no drop-frame: the label holds, 120 frames under each second.
        (107_892, 30, Fraction(120000, 1001), True, 432_000, False),
    ],
)
def test_labels_count_for_the_clip(
    count: int, base: int, rate: Fraction, drop: bool, frame: int, flag: bool
) -> None:
    assert from_count(count, base, rate, drop, "tmcd") == StartTimecode(frame, flag, "tmcd")


def test_written_labels_must_exist() -> None:
    rate = Fraction(30000, 1001)
    assert from_label("01:00:00;02", 30, rate, None, "tag") == StartTimecode(107_894, True, "tag")
    assert from_label("01:00:00:02", 30, rate, None, "tag") == StartTimecode(108_002, False, "tag")
    for label in ("01:01:00;00", "24:00:00:00", "00:60:00:00", "00:00:00:30", "soon", "1:2:3"):
        assert from_label(label, 30, rate, None, "tag") is None
    assert from_count(5, 0, rate, False, "tmcd") is None
    assert from_count(5, 30, Fraction(10_000), False, "tmcd") is None
