"""Clips of camera cards, from names alone: one table row a card."""

import pytest

from app.core.files.assembly import survey
from app.core.files.assembly_plans import SpanLink
from app.core.model.media import ClipKind
from tests.support.card_cases import CASES
from tests.support.seen_files import grouped, only, outline, seen, survey_names


@pytest.mark.parametrize("case", CASES)
def test_what_belongs_together_is_one_clip(case: str) -> None:
    paths, name, roles = CASES[case]
    made = survey_names(*paths)
    plan = only(made.clips)
    assert not made.leftovers
    assert set(plan.keys) == set(paths)
    assert plan.name == name
    assert [role for _, role, _ in outline(plan)] == roles
    assert not plan.problems
    assert plan.reasons


def test_parts_are_numbered_in_time_and_tracks_side_by_side() -> None:
    gopro = only(survey_names(*CASES["gopro, three chapters"][0]).clips)
    places = {name: part for name, _, part in outline(gopro)}
    assert places["GX030042.MP4"] == places["GL030042.LRV"] == 2
    assert places["GX020042.THM"] == 1
    p2 = only(survey_names(*CASES["panasonic p2"][0]).clips)
    assert [(p.part_index, p.channel) for p in p2.parts[:3]] == [(0, None), (0, 1), (0, 2)]
    lenses = only(survey_names(*CASES["insta360, two lenses"][0]).clips)
    assert [(p.part_index, p.channel) for p in lenses.parts[:2]] == [(0, 1), (0, 2)]


@pytest.mark.parametrize(
    ("paths", "gaps"),
    [
        (["GX010042.MP4", "GX030042.MP4"], [("chapter", 2, 2)]),
        (["GX030042.MP4"], [("chapter", 1, 2)]),
        (["GP010042.MP4"], [("chapter", 0, 0)]),
        (["A.RDC/A006_C001_0514AB_001.R3D", "A.RDC/A006_C001_0514AB_004.R3D"], [("part", 2, 3)]),
        (["GX010042.MP4", "GX020042.MP4"], []),
    ],
)
def test_missing_parts_are_named(paths: list[str], gaps: list[tuple[str, int, int]]) -> None:
    plan = only(survey_names(*paths).clips)
    assert [(gap.unit, gap.first, gap.last) for gap in plan.gaps] == gaps
    assert [problem.code for problem in plan.problems] == ["missing-part"] * len(gaps)
    assert not any(problem.fatal for problem in plan.problems)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("A_CAM/A001/XDROOT/Clip/A001C001.MXF", "B_CAM/A001/XDROOT/Clip/A001C001.MXF"),
        ("100GOPRO/GX010042.MP4", "101GOPRO/GX020042.MP4"),
        ("GX010042.MP4", "GH020042.MP4"),
        ("P2A/CONTENTS/VIDEO/0001AB.MXF", "P2B/CONTENTS/AUDIO/0001AB00.MXF"),
        ("day/clip.MP4", "day/CLIP.mp4"),
        ("day/caf\u00e9.mp4", "day/cafe\u0301.mp4"),
        ("day/dup_a.mp4", "day/dup_b.mp4"),
        ("day/clip.mov", "day/clip.mxf"),
        ("day/take.mov", "day/take.wav"),
        ("CanonRaw.cr2", "CanonRaw.cr3"),
        ("x/QuickTime.heic", "x/QuickTime.mov"),
        ("GX010042.MP4", "GX010042.360"),
    ],
)
def test_alike_names_stay_two_clips(one: str, other: str) -> None:
    assert grouped(survey_names(one, other)) == {frozenset({one}), frozenset({other})}


def test_a_cards_own_lists_are_no_clips() -> None:
    made = survey_names(
        "A/XDROOT/Clip/A001C001.MXF",
        "A/XDROOT/MEDIAPRO.XML",
        "A/XDROOT/CUEUP.XML",
        "P/LASTCLIP.TXT",
        "G/MISC/version.txt",
        "C/CONTENTS/CLIPS001/INDEX.MIF",
        "V/BDMV/PLAYLIST/00000.MPL",
        "R/digital_magazine.bin",
    )
    assert [plan.name for plan in made.clips] == ["A001C001"]
    assert len(made.leftovers) == 7
    assert all(left.reason for left in made.leftovers)


@pytest.mark.parametrize(
    ("path", "kind", "code"),
    [
        ("A/XDROOT/Clip/A001C001M01.XML", ClipKind.DOCUMENT, "orphan-sidecar"),
        ("A/XDROOT/Thmbnl/A001C001T01.JPG", ClipKind.DOCUMENT, "orphan-sidecar"),
        ("A/XDROOT/Sub/A001C001S03.MP4", ClipKind.VIDEO, "proxy-without-original"),
        ("DCIM/100GOPRO/GL010042.LRV", ClipKind.VIDEO, "proxy-without-original"),
        ("DCIM/100APPLE/IMG_0001.AAE", ClipKind.DOCUMENT, "orphan-sidecar"),
        ("lost.xmp", ClipKind.DOCUMENT, "orphan-sidecar"),
    ],
)
def test_what_lost_its_clip_says_so(path: str, kind: ClipKind, code: str) -> None:
    plan = only(survey_names(path).clips)
    assert plan.kind is kind
    assert [problem.code for problem in plan.problems] == [code]


@pytest.mark.parametrize(
    "path", ["captions.srt", "grade.cube", "reel.ale", "cut.edl", "notes.txt", "cut.otio"]
)
def test_documents_stand_alone(path: str) -> None:
    plan = only(survey_names(path).clips)
    assert plan.kind is ClipKind.DOCUMENT
    assert not plan.problems


@pytest.mark.parametrize(
    ("sidecar", "clip"),
    [
        ("clip.xmp", "clip.mov"),
        ("clip.mov.xmp", "clip.mov"),
        ("clip.en.srt", "clip.mov"),
        ("clip.en-US.forced.vtt", "clip.mov"),
        ("clip.cube", "clip.mov"),
        ("clip.cdl", "clip.mov"),
        ("clip.ale", "clip.mov"),
        ("CLIP.XMP", "clip.mov"),
        ("sh010.cube", "sh010.0001.dpx"),
    ],
)
def test_sidecars_find_their_clip_by_name(sidecar: str, clip: str) -> None:
    frames = ["sh010.0002.dpx", "sh010.0003.dpx"] if clip.endswith("dpx") else []
    plan = only(survey_names(sidecar, clip, *frames).clips)
    assert plan.lead == clip
    assert plan.parts[-1].key == sidecar


def test_a_sidecar_of_one_of_two_twins_goes_to_the_one_of_its_exact_name() -> None:
    made = survey_names("clip.MP4", "CLIP.mp4", "CLIP.xmp", "cLiP.srt")
    assert frozenset({"CLIP.mp4", "CLIP.xmp"}) in grouped(made)
    assert frozenset({"cLiP.srt"}) in grouped(made)


def test_a_sidecar_belongs_to_the_picture_rather_than_to_its_sound() -> None:
    made = survey_names("clip.wav", "clip.mov", "clip.xmp")
    assert grouped(made) == {frozenset({"clip.wav"}), frozenset({"clip.mov", "clip.xmp"})}


def test_a_copied_chapter_does_not_merge_with_its_twin() -> None:
    made = survey_names(
        "BPAV/CLPR/a/788_0001_01.MP4",
        "BPAV/CLPR/b/788_0001_01.MP4",
        "BPAV/CLPR/a/788_0001_01M01.XML",
    )
    assert {len(group) for group in grouped(made)} == {1, 2}


def test_p2_spans_follow_the_cards_own_description() -> None:
    files = [
        seen(f"P2/CONTENTS/{folder}/{name}{tail}")
        for name in ("0001AA", "0002BB", "0003CC")
        for folder, tail in (("VIDEO", ".MXF"), ("AUDIO", "00.MXF"), ("CLIP", ".XML"))
    ]
    links = {
        "P2/CONTENTS/CLIP/0001AA.XML": SpanLink("a", None, "b"),
        "P2/CONTENTS/CLIP/0002BB.XML": SpanLink("b", "a", None),
        "P2/CONTENTS/CLIP/0003CC.XML": SpanLink("c", None, "elsewhere"),
    }
    spanned, alone = survey(files, links=links.get).clips
    assert outline(spanned)[:4] == [
        ("0001AA.MXF", "essence", 0),
        ("0001AA00.MXF", "audio", 0),
        ("0002BB.MXF", "span", 1),
        ("0002BB00.MXF", "audio", 1),
    ]
    assert [problem.code for problem in alone.problems] == ["span-elsewhere"]


def test_links_in_a_circle_join_nothing() -> None:
    files = [seen(f"P2/CONTENTS/{f}/{n}") for n in ("0001AA", "0002BB") for f in ("VIDEO", "CLIP")]
    files = [seen(file.path + (".MXF" if "VIDEO" in file.path else ".XML")) for file in files]
    links = {
        "P2/CONTENTS/CLIP/0001AA.XML": SpanLink("a", "b", "b"),
        "P2/CONTENTS/CLIP/0002BB.XML": SpanLink("b", "a", "a"),
    }
    assert len(survey(files, links=links.get).clips) == 2


def test_reel_camera_scene_and_take_are_hinted() -> None:
    sony = only(survey_names("A_CAM/A001R1AB/XDROOT/Clip/A001C001_260514R1.MXF").clips)
    red = only(survey_names(CASES["red"][0][0]).clips)
    slate = only(survey_names("Scene 12A Take 03.mov").clips)
    assert (sony.reel, sony.camera, sony.card) == ("A001R1AB", "A", "sony-xdroot")
    assert (red.reel, red.card) == ("A006_0514AB", "red")
    assert (slate.scene, slate.take) == ("12A", "3")
