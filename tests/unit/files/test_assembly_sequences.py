"""Numbered pictures: when they are frames, when stills, and how gaps are named."""

from fractions import Fraction

import pytest

from app.core.files.assembly import survey
from app.core.files.assembly_plans import ProjectDefaults
from app.core.model.media import ClipKind
from tests.support.seen_files import assemble, only, seen, still, survey_names


def _names(pattern: str, numbers: range | list[int]) -> list[str]:
    return [pattern % number for number in numbers]


def test_a_hole_in_a_plate_is_named_and_counted() -> None:
    present = [n for n in range(86400, 86412) if n != 86405]
    plan = only(survey_names(*_names("VFX/sh010/sh010_plate_v003.%07d.dpx", present)).clips)
    assert (plan.name, plan.kind) == ("sh010_plate_v003", ClipKind.SEQUENCE)
    assert plan.sequence
    assert plan.sequence.pattern == "VFX/sh010/sh010_plate_v003.%07d.dpx"
    assert (plan.sequence.first, plan.sequence.last, plan.sequence.frames) == (86400, 86411, 12)
    assert [gap.text for gap in plan.gaps] == ["86405"]
    assert len(plan.sequence.members) == 11
    assert [part.role.value for part in plan.parts] == ["essence"]
    assert plan.sequence.path(86405) == "VFX/sh010/sh010_plate_v003.0086405.dpx"
    assert [problem.code for problem in plan.problems] == ["missing-frames"]


@pytest.mark.parametrize(
    ("paths", "pattern"),
    [
        (_names("e/t%02d.exr", range(1, 17)), "e/t%02d.exr"),
        (_names("f%d.exr", range(8, 13)), "f%d.exr"),
        (_names("f%02d.exr", range(8, 103)), "f%02d.exr"),
        (_names("r/%04d.png", range(1, 5)), "r/%04d.png"),
        (_names("image_%04d.jpg", range(1, 26)), "image_%04d.jpg"),
        (_names("A001_C001_%06d.dng", range(3)), "A001_C001_%06d.dng"),
        (_names("A001C001_260514_R1AB.%07d.ari", range(5)), "A001C001_260514_R1AB.%07d.ari"),
        (_names("50%%_%03d.dpx", range(3)), "50%%_%03d.dpx"),
        (_names("new\nline.%03d.tif", range(3)), "new\nline.%03d.tif"),
        (_names("bad\udcff.%03d.tga", range(3)), "bad\udcff.%03d.tga"),
    ],
)
def test_runs_of_frames_are_one_clip(paths: list[str], pattern: str) -> None:
    plan = only(survey_names(*paths).clips)
    assert plan.sequence
    assert plan.sequence.pattern == pattern
    assert len(plan.sequence.members) == len(paths)
    assert not plan.gaps


@pytest.mark.parametrize(
    "paths",
    [
        _names("DCIM/100CANON/IMG_%04d.JPG", range(1, 10)),
        _names("holiday/IMG_%04d.JPG", range(1, 10)),
        _names("holiday/DSC%05d.JPG", range(1, 10)),
        _names("holiday/20260514_%06d.jpg", range(101500, 101505)),
        _names("leica/L%07d.DNG", range(1, 6)),
        _names("IMG-20260514-WA%04d.jpg", range(5)),
        _names("scan %03d.tif", range(5)),
        _names("photo%d.png", range(5)),
        _names("sparse_%04d.png", [1, 50, 99]),
        _names("plate_v%03d.dpx", range(1, 5)),
        _names("two.%04d.dpx", range(2)),
        _names("%d.dpx", [20260514101500, 20260514101501, 20260514101502]),
    ],
)
def test_stills_stay_stills(paths: list[str]) -> None:
    plans = survey_names(*paths).clips
    assert len(plans) == len(paths)
    assert {plan.kind for plan in plans} == {ClipKind.STILL}


def test_each_padding_is_a_run_of_its_own() -> None:
    plans = survey_names(*_names("a%03d.dpx", range(3)), *_names("a%05d.dpx", range(3))).clips
    assert [plan.sequence.pattern for plan in plans if plan.sequence] == ["a%03d.dpx", "a%05d.dpx"]


def test_a_wide_hole_parts_two_renders() -> None:
    plans = survey_names(
        *_names("a.%05d.exr", range(1, 5)), *_names("a.%05d.exr", range(9001, 9005))
    ).clips
    assert [(p.sequence.first, p.sequence.last) for p in plans if p.sequence] == [
        (1, 4),
        (9001, 9004),
    ]
    far = survey_names(*_names("b.%d.exr", [1, 2, 999_999_999])).clips
    assert {plan.kind for plan in far} == {ClipKind.STILL}


def test_facts_part_stills_from_frames() -> None:
    paths = _names("wedding_%04d.jpg", range(5))
    render = assemble(seen(path, facts=still()) for path in paths)
    assert only(render).kind is ClipKind.SEQUENCE
    by_camera = assemble(seen(path, facts=still(camera="EOS R5")) for path in paths)
    assert len(by_camera) == 5
    turned = assemble(
        seen(p, facts=still((10, 20) if n else (20, 10))) for n, p in enumerate(paths)
    )
    assert len(turned) == 5


def test_frames_with_other_windows_are_frames_all_the_same() -> None:
    paths = _names("t%02d.exr", range(1, 17))
    plans = assemble(seen(p, facts=still((300 + n, 200))) for n, p in enumerate(paths))
    assert only(plans).sequence


def test_the_rate_comes_from_the_project_where_headers_have_none() -> None:
    files = [seen(path) for path in _names("a.%04d.dpx", range(3))]
    assert only(assemble(files)).sequence.rate is None
    project = ProjectDefaults(rate=Fraction(24000, 1001))
    assert only(assemble(files, project=project)).sequence.rate == Fraction(24000, 1001)


def test_a_cameras_frames_keep_their_sound() -> None:
    plan = only(survey_names(*_names("A001_C001_%06d.dng", range(5)), "A001_C001.wav").clips)
    assert plan.kind is ClipKind.SEQUENCE
    assert [part.role.value for part in plan.parts] == ["essence", "audio"]


def test_empty_frames_are_flagged() -> None:
    made = survey(seen(path, size=0) for path in _names("a.%04d.dpx", range(3)))
    assert [problem.code for problem in only(made.clips).problems] == ["empty-frames"]


def test_a_run_that_is_called_by_nothing_but_numbers_is_called_by_its_folder() -> None:
    assert only(survey_names(*_names("renders/sh020/%04d.exr", range(3))).clips).name == "sh020"
