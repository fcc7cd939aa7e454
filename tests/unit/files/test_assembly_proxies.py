"""Foreign proxies find their original; facts may refuse what names suggest, and prove what they do not."""

import pytest

from app.core.model.media import ClipKind, MediaFacts
from tests.support.seen_files import (
    assemble,
    grouped,
    only,
    outline,
    picture,
    seen,
    still,
    survey_names,
)


@pytest.mark.parametrize(
    ("original", "proxy"),
    [
        ("day/A001C001.mxf", "day/Proxy/A001C001.mov"),
        ("day/A001C001.mxf", "day/proxy/a001c001.MP4"),
        ("day/A001C001.mxf", "day/Proxies/A001C001_Proxy.mov"),
        ("day/A001C001.mxf", "day/_Proxy/A001C001.mov"),
        ("day/A001C001.mxf", "day/A001C001_Proxy.mov"),
        ("day/A001C001.mxf", "day/A001C001_proxy.mp4"),
        ("day/A001C001.mxf", "day/A001C001-proxy_720p.mp4"),
        ("A/XDROOT/Clip/A001C001_260514R1.MXF", "A/XDROOT/Clip/Proxy/A001C001_260514R1.mov"),
        ("A001C001.mxf", "Proxy/A001C001.mov"),
    ],
)
def test_place_or_suffix_makes_a_proxy(original: str, proxy: str) -> None:
    plan = only(survey_names(original, proxy).clips)
    assert plan.lead == original
    assert [role for _, role, _ in outline(plan)] == ["essence", "foreign-proxy"]
    assert not plan.problems


def test_a_sequence_has_proxies_too() -> None:
    frames = [f"sh010.{n:04d}.dpx" for n in range(5)]
    plan = only(survey_names(*frames, "Proxy/sh010.mov").clips)
    assert plan.kind is ClipKind.SEQUENCE
    assert plan.parts[-1].role.value == "foreign-proxy"


def test_a_proxy_without_original_is_a_clip_that_says_what_to_look_for() -> None:
    plan = only(survey_names("day/Proxies/A001C001_Proxy.mov").clips)
    assert plan.proxy_base == "A001C001"
    assert [problem.code for problem in plan.problems] == ["proxy-without-original"]
    title = only(survey_names("films/The Hudsucker Proxy.mov").clips)
    assert not title.problems


@pytest.mark.parametrize(
    ("original", "proxy", "kept"),
    [
        (picture(start=90000), picture(start=90000, size=(1280, 720)), True),
        (picture(start=90000), picture(start=90001, size=(1280, 720)), False),
        (picture(start=90000), picture(size=(1280, 720)), True),
        (picture(frames=250), picture(frames=251), True),
        (picture(frames=250), picture(frames=300), False),
        (picture(reel="A001R1AB"), picture(reel="A002R1AB"), False),
        (picture(), None, True),
        (None, picture(), True),
    ],
)
def test_facts_may_refuse_a_proxy(
    original: MediaFacts | None, proxy: MediaFacts | None, kept: bool
) -> None:
    plans = assemble(
        [seen("A001C001.mxf", facts=original), seen("Proxy/A001C001.mov", facts=proxy)]
    )
    assert (len(plans) == 1) is kept
    if not kept:
        refused = next(plan for plan in plans if plan.lead.startswith("Proxy/"))
        assert [problem.code for problem in refused.problems] == ["proxy-mismatch"]


def test_a_transcode_beside_its_original_needs_proof() -> None:
    big = picture(start=90000, codec="prores", size=(1920, 1080))
    small = picture(start=90000, codec="h264", size=(960, 540))

    def count(first: MediaFacts | None, second: MediaFacts | None) -> int:
        return len(assemble([seen("A.mov", 9000, first), seen("A.mxf", 100, second)]))

    assert count(big, small) == 1
    assert count(small, big) == 1
    assert count(None, None) == 2
    assert count(big, big) == 2
    assert count(picture(start=0, codec="prores"), picture(start=0)) == 2
    plan = only(assemble([seen("A.mov", 9000, small), seen("A.mxf", 100, big), seen("A.mov.xmp")]))
    assert outline(plan) == [
        ("A.mxf", "essence", 0),
        ("A.mov", "foreign-proxy", 0),
        ("A.mov.xmp", "sidecar", 0),
    ]


@pytest.mark.parametrize(
    ("film", "live"),
    [
        (picture(frames=70), True),
        (picture(frames=5000), False),
        (picture(start=5, frames=70), False),
    ],
)
def test_a_live_picture_is_short(film: MediaFacts, live: bool) -> None:
    for ending in ("HEIC", "JPG"):
        files = [seen(f"IMG_0001.{ending}", facts=still()), seen("IMG_0001.MOV", facts=film)]
        assert (len(assemble(files)) == 1) is live
    assert len(survey_names("IMG_0001.JPG", "IMG_0001.MOV").clips) == 2


def test_pictures_in_a_proxy_folder_are_pictures() -> None:
    made = survey_names("a.mov", "Proxy/a.jpg", "Proxy/a.srt")
    assert grouped(made) == {frozenset({"a.mov"}), frozenset({"Proxy/a.jpg", "Proxy/a.srt"})}
